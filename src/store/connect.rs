//! Opening a database of either engine, and saying in words why one cannot be opened.

use std::{path::Path, sync::Arc, time::Duration};

use migration::{Migrator, MigratorTrait as _};
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseBackend, DatabaseConnection, DbErr, Statement, TransactionTrait,
    sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous},
};

use tokio::sync::Semaphore;

use super::{Store, change_log, pulse::Heard, writer::Queue};
use crate::{clock::Clock, metrics::Metrics, problem::Problem};

/// Which database this is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

/// How a database is opened.
#[derive(Clone, Debug)]
pub struct Options {
    /// `sqlite:<path>` or `postgres://…`.
    pub url: String,
    /// Connections for reading.
    pub readers: u32,
    /// Carry out the migrations that are missing.
    pub migrate: bool,
}

/// Why a database cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("the database cannot be reached: {0}")]
    Away(String),
    #[error("the database was made by a newer gcm-api (it has the migration {0}): use that version, or restore a backup")]
    Newer(String),
    #[error("this is not a database of gcm-api: it holds other tables ({0}). Point DATABASE_URL at an empty database")]
    NotOurs(String),
    #[error("the database lacks {0} migration(s): run `gcm-api migrate`")]
    Behind(usize),
    #[error(
        "the locale of this PostgreSQL database makes no trigrams of Lao, so search would not use its index. \
         Create the database with LC_CTYPE 'C.UTF-8' or another UTF-8 locale"
    )]
    NoLaoTrigrams,
    #[error("the migration failed: {0}")]
    Migration(String),
    #[error("{0}")]
    Database(#[from] Problem),
}

impl From<DbErr> for OpenError {
    fn from(error: DbErr) -> Self {
        match Problem::from(error) {
            problem if problem.status() == 503 => Self::Away(problem.cause().unwrap_or_default().to_owned()),
            problem => Self::Database(problem),
        }
    }
}

impl Store {
    /// Connects, checks that the database is ours and of this version, and migrates it when asked to.
    pub async fn open(options: &Options, clock: Clock) -> Result<Self, OpenError> {
        let engine = if options.url.starts_with("sqlite:") { Engine::Sqlite } else { Engine::Postgres };
        let writer = connect(engine, options, true).await?;
        check(&writer, engine, options.migrate).await?;
        let readers = connect(engine, options, false).await?;
        // On PostgreSQL writers wait for the change log's lock with a connection in their hands: whoever does not want that lock has others.
        let aside = if engine == Engine::Postgres { connect(engine, options, true).await? } else { writer.clone() };
        let metrics = Arc::new(Metrics::new().map_err(Problem::internal)?);
        let heard = Heard::new(engine, &change_log::head(&readers).await?);
        let queue = Queue::start(writer.clone(), engine, Arc::clone(&heard));
        Ok(Self { readers, writer, queue, heard, aside, engine, clock, exports: Arc::new(Semaphore::new(2)), metrics })
    }
}

/// Every session: one clock, and word within a minute when the other end is gone.
const SESSION: [(&str, &str); 4] =
    [("TimeZone", "UTC"), ("tcp_keepalives_idle", "20"), ("tcp_keepalives_interval", "10"), ("tcp_keepalives_count", "3")];
/// A writer that stands still gives the lock back: nobody waits for a process that hangs.
const WRITER: [(&str, &str); 4] = [
    ("default_transaction_isolation", "read committed"),
    ("lock_timeout", "5000"),
    ("statement_timeout", "10000"),
    ("idle_in_transaction_session_timeout", "10000"),
];
/// Readers read.
const READER: [(&str, &str); 2] = [("statement_timeout", "10000"), ("default_transaction_read_only", "on")];

async fn connect(engine: Engine, options: &Options, writes: bool) -> Result<DatabaseConnection, OpenError> {
    let mut connect = ConnectOptions::new(&options.url);
    connect.acquire_timeout(Duration::from_secs(5)).connect_timeout(Duration::from_secs(5)).sqlx_logging(false).test_before_acquire(false);
    match engine {
        Engine::Sqlite => {
            let create = writes && options.migrate;
            connect.max_connections(if writes { 1 } else { options.readers }).map_sqlx_sqlite_opts(move |sqlite| {
                sqlite
                    .create_if_missing(create)
                    .journal_mode(SqliteJournalMode::Wal)
                    .synchronous(SqliteSynchronous::Full)
                    .foreign_keys(true)
                    .busy_timeout(Duration::from_secs(5))
                    // What is deleted or replaced is overwritten: nothing that was erased waits in a free page.
                    .pragma("secure_delete", "on")
                    .pragma("query_only", if writes { "off" } else { "on" })
            });
        }
        Engine::Postgres => {
            connect.max_connections(if writes { 4 } else { options.readers }).map_sqlx_postgres_opts(move |postgres| {
                let postgres = postgres.application_name("gcm-api").options(SESSION);
                if writes { postgres.options(WRITER) } else { postgres.options(READER) }
            });
        }
    }
    Ok(Database::connect(connect).await?)
}

/// Names the lock under which one process migrates while others wait.
const MIGRATION_LOCK: &str = "SELECT pg_advisory_xact_lock(7416273)";

/// Checks, and migrates when asked to: on PostgreSQL under a lock, since several processes may start at once.
#[expect(clippy::disallowed_methods, reason = "holds a lock while the migrations run on another connection")]
async fn check(db: &DatabaseConnection, engine: Engine, migrate: bool) -> Result<(), OpenError> {
    if engine == Engine::Sqlite || !migrate {
        return check_alone(db, engine, migrate).await;
    }
    let turn = db.begin().await?;
    turn.execute_unprepared(
        "SET LOCAL lock_timeout = '120s'; SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0",
    )
    .await?;
    turn.execute_unprepared(MIGRATION_LOCK).await?;
    let done = check_alone(db, engine, migrate).await;
    turn.rollback().await?;
    done
}

async fn check_alone(db: &DatabaseConnection, engine: Engine, migrate: bool) -> Result<(), OpenError> {
    let tables = tables(db, engine).await?;
    let ours = tables.iter().any(|table| table == "change_head");
    if !ours && !tables.is_empty() {
        return Err(OpenError::NotOurs(tables.into_iter().take(5).collect::<Vec<_>>().join(", ")));
    }
    if ours && let Some(newer) = unknown_migration(db).await? {
        return Err(OpenError::Newer(newer));
    }
    if engine == Engine::Postgres {
        check_lao_trigrams(db).await?;
    }
    let pending = if ours { Migrator::get_pending_migrations(db).await?.len() } else { Migrator::migrations().len() };
    match pending {
        0 => Ok(()),
        _ if migrate => Migrator::up(db, None).await.map_err(|error| OpenError::Migration(error.to_string())),
        pending => Err(OpenError::Behind(pending)),
    }
}

#[expect(clippy::disallowed_methods, reason = "asks the engine for its tables")]
async fn tables(db: &DatabaseConnection, engine: Engine) -> Result<Vec<String>, OpenError> {
    let sql = match engine {
        Engine::Sqlite => {
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> 'seaql_migrations' ORDER BY name"
        }
        Engine::Postgres => {
            "SELECT c.relname::text AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
             WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p') AND c.relname <> 'seaql_migrations'
               AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e') ORDER BY 1"
        }
    };
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await?;
    Ok(rows.iter().map(|row| row.try_get("", "name")).collect::<Result<_, _>>()?)
}

#[expect(clippy::disallowed_methods, reason = "reads the migration table, which has no entity")]
async fn unknown_migration(db: &DatabaseConnection) -> Result<Option<String>, OpenError> {
    let known: Vec<_> = Migrator::migrations().iter().map(|migration| migration.name().to_owned()).collect();
    let sql = "SELECT version AS name FROM seaql_migrations ORDER BY version";
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await?;
    let applied = rows.iter().map(|row| row.try_get::<String>("", "name")).collect::<Result<Vec<_>, _>>()?;
    Ok(applied.into_iter().find(|name| !known.contains(name)))
}

#[expect(clippy::disallowed_methods, reason = "asks the extension itself")]
async fn check_lao_trigrams(db: &DatabaseConnection) -> Result<(), OpenError> {
    db.execute_unprepared("CREATE EXTENSION IF NOT EXISTS pg_trgm").await?;
    let sql = "SELECT cardinality(show_trgm('ແຮງງານ')) AS trigrams";
    let row = db.query_one_raw(Statement::from_string(DatabaseBackend::Postgres, sql)).await?;
    match row.map(|row| row.try_get::<i32>("", "trigrams")).transpose()? {
        Some(trigrams) if trigrams > 0 => Ok(()),
        _ => Err(OpenError::NoLaoTrigrams),
    }
}

/// The URL of an SQLite file.
pub fn sqlite_url(path: &Path) -> String {
    format!("sqlite:{}", path.display())
}
