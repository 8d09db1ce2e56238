//! Opening a database of either engine, and saying in words why one cannot be opened.

use std::{
    path::{Path, PathBuf},
    str::FromStr,
    sync::Arc,
    time::Duration,
};

use sea_orm::{
    ConnectOptions, Database, DatabaseConnection, DbErr,
    sqlx::{
        self, Connection as _, Sqlite, SqliteConnection,
        pool::PoolOptions,
        sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
    },
};
use tokio::sync::Semaphore;

use super::{Store, change_log, given_up::GivenUp, lock::FileLock, overrun::Overruns, pulse::Heard, schema, writer::Queue};
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
    /// Connections for reading what is answered at once.
    pub readers: u32,
    pub access: Access,
}

/// What a database is opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Only reading, also beside a process that writes.
    Read,
    /// Writing: on SQLite, nobody else does.
    Write,
    /// As [`Access::Write`], after the migrations that are missing were carried out.
    Migrate,
}

/// Why a database cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("the database cannot be reached: {0}")]
    Away(String),
    #[error(
        "another gcm-api process uses the database file {}: stop the server or use the API (several servers on one record need PostgreSQL)",
        .0.display()
    )]
    InUse(PathBuf),
    #[error(
        "the database was changed by a newer gcm-api, which took away what this one needs (migration {0}): use that version, or restore a backup"
    )]
    Newer(String),
    #[error("this is not a database of gcm-api: it holds other tables ({0}). Point DATABASE_URL at an empty database")]
    NotOurs(String),
    #[error("{} is not whole: {told}", .file.display())]
    Damaged { file: PathBuf, told: String },
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
        let lock = lock(engine, options)?;
        let writes = if options.access == Access::Read { Work::Read } else { Work::Write };
        if engine == Engine::Postgres && options.access == Access::Migrate {
            let patient = connect(engine, options, Work::Migrate, &GivenUp::default()).await?;
            let done = schema::check(&patient, engine, options.access).await;
            patient.close().await?;
            done?;
        }
        let given_up = GivenUp::default();
        let writer = connect(engine, options, writes, &given_up).await?;
        if engine == Engine::Sqlite || options.access != Access::Migrate {
            schema::check(&writer, engine, options.access).await?;
        }
        let readers = connect(engine, options, Work::Read, &given_up).await?;
        let snapshots = connect(engine, options, Work::Snapshot, &given_up).await?;
        // On PostgreSQL writers wait for the change log's lock with a connection in their hands: whoever does not want that lock has others.
        let aside = if engine == Engine::Postgres { connect(engine, options, writes, &given_up).await? } else { writer.clone() };
        let metrics = Arc::new(Metrics::new().map_err(Problem::internal)?);
        let head = change_log::head(&readers).await?;
        let heard = lock.as_ref().map_or_else(|| Heard::new(engine, &head), |lock| lock.heard(&head));
        let queue = Queue::start(writer.clone(), engine, Arc::clone(&heard));
        Ok(Self {
            readers,
            given_up,
            snapshots,
            writer,
            queue,
            heard,
            aside,
            engine,
            clock,
            exports: Arc::new(Semaphore::new(2)),
            metrics,
            _lock: lock,
        })
    }
}

/// The lock on an SQLite file that is to be written. Where there is no file and none is to be made, there is nothing to lock.
fn lock(engine: Engine, options: &Options) -> Result<Option<Arc<FileLock>>, OpenError> {
    if engine == Engine::Postgres || options.access == Access::Read {
        return Ok(None);
    }
    let file = sqlite_file(&options.url)?;
    match options.access == Access::Migrate || file.exists() {
        true => FileLock::take(&file).map(Some),
        false => Ok(None),
    }
}

/// The file of an SQLite address.
pub fn sqlite_file(url: &str) -> Result<PathBuf, OpenError> {
    let options = SqliteConnectOptions::from_str(url).map_err(|error| OpenError::Away(error.to_string()))?;
    Ok(options.get_filename().to_owned())
}

/// What connections are for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Work {
    Read,
    /// Reads of many statements at one moment, which take as long as they take.
    Snapshot,
    Write,
    Migrate,
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
/// An index over a million rows takes as long as it takes; a table that others use is waited for, but not for ever, since all who come later wait, too.
const MIGRATOR: [(&str, &str); 1] = [("lock_timeout", "60000")];
/// A server that was restarted cut every connection. One that has done nothing for this long is asked whether it still stands, so that nobody's
/// request finds out; under load none is that idle, and nobody pays for it.
const IDLE: Duration = Duration::from_secs(1);
/// After so long without an answer a connection that comes back is given up: longer than a statement may take.
const LONGEST_PING: Duration = Duration::from_secs(12);
/// Readers read, and no longer than `overrun` lets those of SQLite.
const READER: [(&str, &str); 2] = [("statement_timeout", "2000"), ("default_transaction_read_only", "on")];
/// A page of an export, which nobody waits for.
const SNAPSHOT: [(&str, &str); 2] = [("statement_timeout", "10000"), ("default_transaction_read_only", "on")];
/// Two exports, an audit, and one to spare.
const SNAPSHOTS: u32 = 4;

async fn connect(engine: Engine, options: &Options, work: Work, given_up: &GivenUp) -> Result<DatabaseConnection, OpenError> {
    let writes = matches!(work, Work::Write | Work::Migrate);
    let readers = if work == Work::Read { options.readers } else { SNAPSHOTS };
    let mut connect = ConnectOptions::new(&options.url);
    // Most processes never take a snapshot.
    connect.connect_lazy(work == Work::Snapshot);
    connect.acquire_timeout(Duration::from_secs(5)).connect_timeout(Duration::from_secs(5)).sqlx_logging(false).test_before_acquire(false);
    match engine {
        Engine::Sqlite => {
            connect.map_sqlx_sqlite_pool_opts(move |pool| {
                if work == Work::Read { watched(pool) } else { pool.after_release(|sqlite, _| Box::pin(at_rest(sqlite))) }
            });
            let create = writes && options.access == Access::Migrate;
            connect.max_connections(if writes { 1 } else { readers }).map_sqlx_sqlite_opts(move |sqlite| {
                sqlite
                    .create_if_missing(create)
                    .journal_mode(SqliteJournalMode::Wal)
                    .synchronous(SqliteSynchronous::Full)
                    .foreign_keys(true)
                    .busy_timeout(Duration::from_secs(5))
                    // A long read goes from thread to thread in pieces of this many rows.
                    .row_buffer_size(if work == Work::Snapshot { 1_000 } else { 50 })
                    // What is deleted or replaced is overwritten: nothing that was erased waits in a free page.
                    .pragma("secure_delete", "on")
                    .pragma("query_only", if writes { "off" } else { "on" })
            });
        }
        Engine::Postgres => {
            connect.test_before_acquire_if_idle_for(IDLE);
            let given_up = given_up.clone();
            connect.map_sqlx_postgres_pool_opts(move |pool| {
                let given_up = given_up.clone();
                pool.after_release(move |postgres, _| {
                    let asked = writes || given_up.lately();
                    Box::pin(async move {
                        if asked {
                            // The pool asks, too, and would wait for ever for a connection that was lost in silence.
                            tokio::time::timeout(LONGEST_PING, postgres.ping()).await.map_err(|_elapsed| sqlx::Error::PoolTimedOut)??;
                        }
                        Ok(!postgres.is_in_transaction())
                    })
                })
            });
            connect.max_connections(if writes { 4 } else { readers }).map_sqlx_postgres_opts(move |postgres| {
                let postgres = postgres.application_name("gcm-api").options(SESSION);
                match work {
                    Work::Read => postgres.options(READER),
                    Work::Snapshot => postgres.options(SNAPSHOT),
                    Work::Write => postgres.options(WRITER),
                    Work::Migrate => postgres.options(MIGRATOR),
                }
            });
        }
    }
    Ok(Database::connect(connect).await?)
}

/// Readers hold no transaction, so that nothing is to be looked at when they come back but for how long they read.
fn watched(pool: PoolOptions<Sqlite>) -> PoolOptions<Sqlite> {
    let overruns = Overruns::default();
    let (anew, again) = (overruns.clone(), overruns.clone());
    pool.after_connect(move |sqlite, _| {
        let overruns = anew.clone();
        Box::pin(async move { overruns.watch(sqlite).await })
    })
    .after_release(move |sqlite, _| {
        let overruns = overruns.clone();
        Box::pin(async move { overruns.over(sqlite).await.map(|()| true) })
    })
    // A statement that was given up may have gone on after that, and was asked about only then.
    .before_acquire(move |sqlite, _| {
        let overruns = again.clone();
        Box::pin(async move { overruns.over(sqlite).await.map(|()| true) })
    })
}

/// Whether a connection that comes back may be given to others. After some errors (no space, no memory) SQLite takes a transaction back by itself, and
/// the driver goes on counting it: what began next would be a savepoint of nothing, and its commit kept nothing.
async fn at_rest(sqlite: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
    // A rollback that is still waiting is carried out before this.
    sqlite.ping().await?;
    Ok(!sqlite.is_in_transaction())
}

/// The URL of an SQLite file.
pub fn sqlite_url(path: &Path) -> String {
    format!("sqlite:{}", path.display())
}
