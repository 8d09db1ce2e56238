//! Hearing of what other processes write to the same PostgreSQL, so that not every request has to ask where the record stands.
//!
//! Each commit that moves the head tells it (NOTIFY). That alone would not do: who hears nothing may be deaf. So the connection that listens also asks
//! for the head again and again, and what was heard is trusted for [`LEASE`] after it began to ask: no longer than that is an answer older than a
//! write that another process acknowledged. What may take access away is acknowledged only when that time is over.

use std::{
    sync::{Arc, Weak},
    time::{Duration, Instant},
};

use sea_orm::{
    ConnectionTrait, DatabaseBackend, DatabaseConnection, DatabaseTransaction, DbErr, Statement,
    sqlx::{
        self, PgPool,
        postgres::{PgConnectOptions, PgListener, PgPoolOptions},
    },
};
use tokio::time::{sleep, timeout, timeout_at};
use tracing::{debug, warn};

use super::{
    change_log::Head,
    pulse::{Heard, Pulse},
};

/// For so long after it began to ask, a process trusts what it heard.
const LEASE: Duration = Duration::from_millis(250);
/// How often it asks.
const BEAT: Duration = Duration::from_millis(100);
/// How long it leaves a database alone to which it cannot listen.
const PAUSE: Duration = Duration::from_secs(1);

const CHANNEL: &str = "gcm_change";
/// Whoever listens holds this lock together with all others who do: so a process sees whether there are any, whatever role they signed in as.
const LISTENERS: (i32, i32) = (0x67_63_6d, 1);

/// Starts to listen, until nobody holds `heard` any more.
pub(super) fn start(readers: &DatabaseConnection, heard: &Arc<Heard>) {
    let options = readers.get_postgres_connection_pool().connect_options().as_ref().clone().application_name("gcm-api listen");
    tokio::spawn(listen(options, Arc::downgrade(heard)));
}

async fn listen(options: PgConnectOptions, heard: Weak<Heard>) {
    while heard.strong_count() > 0 {
        // A pool for each connection: one that was lost in silence takes its place in the pool with it, for as long as it is waited for.
        let pool = PgPoolOptions::new().max_connections(1).max_lifetime(None).idle_timeout(None).connect_lazy_with(options.clone());
        let ended = hear(&pool, &heard).await;
        let Some(heard) = heard.upgrade() else { return };
        heard.distrust();
        match ended {
            Ok(()) => debug!("the connection that listens was lost; until there is another, the database is asked for each request"),
            Err(error) => warn!(%error, "other processes cannot be heard; the database is asked for each request"),
        }
        drop(heard);
        sleep(PAUSE).await;
    }
}

/// Listens on one connection until it is lost.
async fn hear(pool: &PgPool, heard: &Weak<Heard>) -> Result<(), sqlx::Error> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.eager_reconnect(false);
    let (among, one) = LISTENERS;
    let shared = sqlx::query_scalar("SELECT pg_backend_pid() FROM (SELECT pg_advisory_lock_shared($1, $2)) AS listeners");
    let process: i32 = shared.bind(among).bind(one).fetch_one(&mut listener).await?;
    listener.listen(CHANNEL).await?;
    if let Some(heard) = heard.upgrade() {
        heard.begin_anew();
    }
    while let Some(heard) = heard.upgrade() {
        let began = Instant::now();
        let asked = sqlx::query_as("SELECT seq, access_seq FROM change_head WHERE id = 1").fetch_one(&mut listener);
        let (seq, access_seq) = timeout(LEASE, asked).await.map_err(|_elapsed| sqlx::Error::PoolTimedOut)??;
        heard.raise(Pulse { seq, access_seq, epoch: 0 });
        heard.trust(began + LEASE, process);
        while let Ok(told) = timeout_at((began + BEAT).into(), listener.try_recv()).await {
            let Some(told) = told? else { return Ok(()) };
            read(told.payload()).into_iter().for_each(|pulse| heard.raise(pulse));
            if began.elapsed() >= BEAT {
                break;
            }
        }
    }
    Ok(())
}

fn read(payload: &str) -> Option<Pulse> {
    let (seq, access_seq) = payload.split_once(' ')?;
    Some(Pulse { seq: seq.parse().ok()?, access_seq: access_seq.parse().ok()?, epoch: 0 })
}

/// Writes where the log ends now, and tells those who listen when it is committed.
#[expect(clippy::disallowed_methods, reason = "the table is the store's own")]
pub(super) async fn write_head(db: &DatabaseTransaction, head: Head) -> Result<(), DbErr> {
    let told = format!("{} {}", head.seq, head.access_seq);
    let sql = "UPDATE change_head SET seq = $1, hash = $2, access_seq = $3 WHERE id = $4 RETURNING pg_notify($5, $6)";
    let values = [head.seq.into(), head.hash.into(), head.access_seq.into(), head.id.into(), CHANNEL.into(), told.into()];
    db.execute_raw(Statement::from_sql_and_values(DatabaseBackend::Postgres, sql, values)).await?;
    Ok(())
}

/// Waits, after a commit, until no other process trusts what it heard before.
pub(super) async fn settle(db: &DatabaseConnection, own: i32) {
    let committed = Instant::now();
    if others(db, own).await.unwrap_or(true) {
        sleep(LEASE.saturating_sub(committed.elapsed())).await;
    }
}

/// Whether another process listens.
#[expect(clippy::disallowed_methods, reason = "asks the server about its connections")]
async fn others(db: &DatabaseConnection, own: i32) -> Result<bool, DbErr> {
    let sql = "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND classid = $1::int::oid AND objid = $2::int::oid AND objsubid = 2 \
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND pid <> $3 LIMIT 1";
    let values = [LISTENERS.0.into(), LISTENERS.1.into(), own.into()];
    Ok(db.query_one_raw(Statement::from_sql_and_values(DatabaseBackend::Postgres, sql, values)).await?.is_some())
}
