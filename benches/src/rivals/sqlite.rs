//! By hand on SQLite.

use std::{path::Path, str::FromStr as _, time::Duration};

use gcm_api::store::Options;
use sea_orm::sqlx::sqlite::{Sqlite, SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};

use super::statements::Pools;
use crate::Outcome;

/// Writes into the file of these options; reads from it, or from another one.
pub async fn open(options: &Options, read_from: Option<&Path>) -> Outcome<Pools<Sqlite>> {
    let own = SqliteConnectOptions::from_str(&options.url)?;
    let readers = match read_from {
        Some(file) => SqliteConnectOptions::new().filename(file),
        None => own.clone(),
    };
    Ok(Pools {
        readers: pool(readers, options.readers, "on").await?,
        writer: pool(own, 1, "off").await?,
        begin: "BEGIN IMMEDIATE",
        lock: "SELECT id, seq, hash, access_seq FROM change_head WHERE id = 1",
        head: "UPDATE change_head SET seq = $1, hash = $2, access_seq = $3 WHERE id = 1",
    })
}

async fn pool(options: SqliteConnectOptions, connections: u32, query_only: &'static str) -> Outcome<SqlitePool> {
    let options = options
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(5))
        .pragma("secure_delete", "on")
        .pragma("query_only", query_only);
    let pool = SqlitePoolOptions::new().max_connections(connections).acquire_timeout(Duration::from_secs(5)).test_before_acquire(false);
    Ok(pool.connect_with(options).await?)
}
