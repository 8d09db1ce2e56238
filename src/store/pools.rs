//! How the connections to the database stand.

use std::time::Duration;

use sea_orm::DatabaseConnection;

use super::{Engine, Store};

/// Who asks how things are does not wait for a database that is away.
const PATIENCE: Duration = Duration::from_secs(1);

impl Store {
    /// Brings the gauges of the database up to date.
    pub async fn look(&self) {
        let head = tokio::time::timeout(PATIENCE, self.head()).await;
        self.metrics.database_up.set(i64::from(matches!(head, Ok(Ok(_)))));
        if let Ok(Ok(head)) = head {
            self.metrics.change_head.set(head);
        }
        self.look_at("readers", &self.readers);
        self.look_at("snapshots", &self.snapshots);
        self.look_at("writer", &self.writer);
        // On SQLite it is the writer.
        if self.engine == Engine::Postgres {
            self.look_at("aside", &self.aside);
        }
    }

    fn look_at(&self, name: &'static str, db: &DatabaseConnection) {
        let (open, idle, most) = match self.engine {
            Engine::Sqlite => {
                let pool = db.get_sqlite_connection_pool();
                (pool.size(), pool.num_idle(), pool.options().get_max_connections())
            }
            Engine::Postgres => {
                let pool = db.get_postgres_connection_pool();
                (pool.size(), pool.num_idle(), pool.options().get_max_connections())
            }
        };
        self.metrics.pool(name, open, idle, most);
    }
}
