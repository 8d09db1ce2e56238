//! A database of a test's own, without a table, on either engine.

use std::{collections::BTreeMap, io::Write as _};

use gcm_api::{
    clock::Clock,
    store::{Access, Engine, OpenError, Options, Store, sqlite_url},
};
use sea_orm::{ConnectionTrait as _, Database, DatabaseConnection, Statement};
use tempfile::TempDir;

use crate::postgres;

/// A database without a table.
pub struct Empty {
    pub engine: Engine,
    url: String,
    name: Option<String>,
    _folder: TempDir,
}

impl Empty {
    pub async fn new(engine: Engine, how: &str) -> Self {
        let folder = TempDir::new().unwrap();
        let (url, name) = match engine {
            Engine::Sqlite => (sqlite_url(&folder.path().join("empty.sqlite")), None),
            Engine::Postgres => {
                let server = postgres::server().unwrap();
                let name = server.fresh_name();
                server.create(&name, how).await;
                (server.url(&name), Some(name))
            }
        };
        Self { engine, url, name, _folder: folder }
    }

    pub async fn open(&self, migrate: bool) -> Result<Store, OpenError> {
        Store::open(
            &Options { url: self.url.clone(), readers: 2, access: if migrate { Access::Migrate } else { Access::Write } },
            Clock::system(),
        )
        .await
    }

    pub async fn migrated(&self) {
        self.open(true).await.unwrap().close().await.unwrap();
    }

    async fn connect(&self) -> DatabaseConnection {
        let url = if self.engine == Engine::Sqlite { format!("{}?mode=rwc", self.url) } else { self.url.clone() };
        Database::connect(url).await.unwrap()
    }

    #[expect(clippy::disallowed_methods, reason = "tests tamper with the schema")]
    pub async fn sql(&self, statement: &str) {
        let db = self.connect().await;
        db.execute_unprepared(statement).await.unwrap();
        db.close().await.unwrap();
    }

    /// Notes a migration that this program does not know.
    pub async fn applied(&self, name: &str) {
        self.sql(&format!("INSERT INTO seaql_migrations (version, applied_at) VALUES ('{name}', 0)")).await;
    }

    /// The texts of a query with these columns.
    #[expect(clippy::disallowed_methods, reason = "tests look at the schema")]
    pub async fn texts<const N: usize>(&self, query: &str) -> Vec<[String; N]> {
        let db = self.connect().await;
        let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), query)).await.unwrap();
        db.close().await.unwrap();
        rows.iter().map(|row| std::array::from_fn(|at| row.try_get_by_index::<Option<String>>(at).unwrap().unwrap_or_default())).collect()
    }

    /// Every table with its columns, and whether each may be null.
    pub async fn columns(&self) -> BTreeMap<String, BTreeMap<String, bool>> {
        let query = match self.engine {
            Engine::Sqlite => {
                "SELECT t.name, c.name, CASE WHEN c.\"notnull\" = 1 OR c.pk > 0 THEN 'NO' ELSE 'YES' END FROM sqlite_master t, pragma_table_info(t.name) c WHERE t.type = 'table'"
            }
            Engine::Postgres => {
                "SELECT table_name::text, column_name::text, is_nullable::text FROM information_schema.columns WHERE table_schema = current_schema()"
            }
        };
        let mut tables = BTreeMap::<String, BTreeMap<String, bool>>::new();
        for [table, column, nullable] in self.texts(query).await {
            tables.entry(table).or_default().insert(column, nullable == "YES");
        }
        tables
    }

    /// Everything that a migration could change.
    pub async fn schema(&self) -> Vec<[String; 2]> {
        let query = match self.engine {
            Engine::Sqlite => "SELECT name, sql FROM sqlite_master UNION ALL SELECT version, CAST(applied_at AS TEXT) FROM seaql_migrations ORDER BY 1, 2",
            Engine::Postgres => {
                "SELECT table_name || '.' || column_name, data_type || coalesce(collation_name, '') || is_nullable || coalesce(column_default, '')
                 FROM information_schema.columns WHERE table_schema = current_schema()
                 UNION ALL SELECT indexname::text, indexdef FROM pg_indexes WHERE schemaname = current_schema()
                 UNION ALL SELECT conname::text, pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = current_schema()::regnamespace
                 UNION ALL SELECT version, applied_at::text FROM seaql_migrations ORDER BY 1, 2"
            }
        };
        self.texts(query).await
    }

    pub async fn gone(self) {
        if let Some(name) = &self.name {
            postgres::server().unwrap().drop(name).await;
        }
    }
}

pub const PLAIN: &str = "TEMPLATE template0";

pub async fn both(test: impl AsyncFn(&Empty)) {
    for engine in engines().await {
        let empty = Empty::new(engine, PLAIN).await;
        Box::pin(test(&empty)).await;
        empty.gone().await;
    }
}

pub async fn engines() -> Vec<Engine> {
    match postgres::server() {
        Ok(server) => {
            server.clear_stale().await;
            vec![Engine::Sqlite, Engine::Postgres]
        }
        Err(why) => {
            assert!(!postgres::required(), "GCM_REQUIRE_POSTGRES=1, but {why}");
            let _unheard =
                writeln!(std::io::stderr(), "\nNOT COVERED: no migration was tried on PostgreSQL, the engine of production: {why}.\n");
            vec![Engine::Sqlite]
        }
    }
}
