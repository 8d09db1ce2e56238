//! By hand on PostgreSQL.

use std::{str::FromStr as _, time::Duration};

use gcm_api::store::Options;
use sea_orm::sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions, Postgres};

use super::statements::Pools;
use crate::Outcome;

pub async fn open(options: &Options) -> Outcome<Pools<Postgres>> {
    let to = PgConnectOptions::from_str(&options.url)?;
    Ok(Pools {
        readers: pool(to.clone(), options.readers).await?,
        writer: pool(to, 4).await?,
        begin: "BEGIN",
        lock: "SELECT id, seq, hash, access_seq FROM change_head WHERE id = 1 FOR UPDATE",
        head: "UPDATE change_head SET seq = $1, hash = $2, access_seq = $3 WHERE id = 1 \
               RETURNING pg_notify('gcm_change', $1::text || ' ' || $3::text)",
    })
}

async fn pool(options: PgConnectOptions, connections: u32) -> Outcome<PgPool> {
    let pool = PgPoolOptions::new().max_connections(connections).acquire_timeout(Duration::from_secs(5)).test_before_acquire(false);
    Ok(pool.connect_with(options).await?)
}
