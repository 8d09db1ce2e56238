//! By hand on PostgreSQL.

use std::{str::FromStr as _, time::Duration};

use gcm_api::store::Options;
use sea_orm::sqlx::{
    AssertSqlSafe, Row as _,
    postgres::{PgConnectOptions, PgPool, PgPoolOptions},
    query,
};
use uuid::Uuid;

use super::{
    database::{COLUMNS, Write},
    rows::{LIMIT, Organization, organization},
};
use crate::{Outcome, load::chain};

pub struct Pools {
    readers: PgPool,
    writer: PgPool,
}

impl Pools {
    pub async fn open(options: &Options) -> Outcome<Self> {
        let to = PgConnectOptions::from_str(&options.url)?;
        Ok(Self { readers: pool(to.clone(), options.readers).await?, writer: pool(to, 4).await? })
    }

    pub async fn list(&self, kind: Option<&str>) -> Outcome<(i64, Vec<Organization>)> {
        let head = query("SELECT id, seq, hash, access_seq FROM change_head WHERE id = 1").fetch_one(&self.readers).await?.try_get(1)?;
        let rows = match kind {
            None => {
                let sql = format!(
                    "SELECT {COLUMNS} FROM organization WHERE audience IN ($1) AND archived_at IS NULL ORDER BY sort_name, id LIMIT {}",
                    LIMIT + 1
                );
                query(AssertSqlSafe(sql)).bind("everyone").fetch_all(&self.readers).await?
            }
            Some(kind) => {
                let sql = format!(
                    "SELECT {COLUMNS} FROM organization WHERE audience IN ($1) AND kind IN ($2) AND archived_at IS NULL \
                     ORDER BY sort_name, id LIMIT {}",
                    LIMIT + 1
                );
                query(AssertSqlSafe(sql)).bind("everyone").bind(kind).fetch_all(&self.readers).await?
            }
        };
        let rows = rows.iter().map(|row| Ok(organization!(row))).collect::<Outcome<_>>()?;
        Ok((head, rows))
    }

    pub async fn read(&self, id: Uuid) -> Outcome<Option<Organization>> {
        let sql = format!("SELECT {COLUMNS} FROM organization WHERE audience IN ($1) AND id = $2 LIMIT 1");
        let row = query(AssertSqlSafe(sql)).bind("everyone").bind(id).fetch_optional(&self.readers).await?;
        row.map(|row| Ok(organization!(&row))).transpose()
    }

    /// One transaction with the lock first, as the service does it.
    pub async fn write(&self, write: Write) -> Outcome<Option<Organization>> {
        let mut db = self.writer.begin().await?;
        let head = query("SELECT id, seq, hash, access_seq FROM change_head WHERE id = 1 FOR UPDATE").fetch_one(&mut *db).await?;
        let (seq, hash): (i64, String) = (head.try_get(1)?, head.try_get(2)?);
        let sql = format!("SELECT {COLUMNS} FROM organization WHERE audience IN ($1, $2, $3) AND id = $4 LIMIT 1");
        let seen = query(AssertSqlSafe(sql)).bind("everyone").bind("country").bind("organization").bind(write.id);
        let Some(row) = seen.fetch_optional(&mut *db).await? else { return Ok(None) };
        let mut row = organization!(&row);
        let sql = format!("SELECT {COLUMNS} FROM organization WHERE code = $1 LIMIT 1");
        query(AssertSqlSafe(sql)).bind(&row.code).fetch_optional(&mut *db).await?;
        query("UPDATE organization SET revision = $1, updated_at = $2, website = $3 WHERE id = $4 AND revision = $5")
            .bind(row.revision + 1)
            .bind(write.now.0)
            .bind(&write.website)
            .bind(row.id)
            .bind(row.revision)
            .execute(&mut *db)
            .await?;
        row.revision += 1;
        row.updated_at = write.now;
        row.website = Some(write.website.clone());
        query("SELECT doc, kind, row_id, folded FROM search_text WHERE kind = $1 AND row_id = $2 LIMIT 1")
            .bind(chain::KIND)
            .bind(row.id)
            .fetch_optional(&mut *db)
            .await?;
        let entry = write.entry(&row, seq, &hash)?;
        query(
            "INSERT INTO change (seq, at, actor_id, actor_kind, actor_role, actor_org, origin, request_id, kind, resource_id, revision, op, \
             audience, owner_id, body, reason, salt, body_digest, hash) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)",
        )
        .bind(entry.seq)
        .bind(entry.at.0)
        .bind(entry.actor_id)
        .bind(chain::ACTOR_KIND)
        .bind(entry.actor_role)
        .bind(entry.actor_org)
        .bind(chain::ORIGIN)
        .bind(&entry.request_id)
        .bind(chain::KIND)
        .bind(&entry.resource_id)
        .bind(entry.revision)
        .bind(entry.op)
        .bind(chain::AUDIENCE)
        .bind(entry.owner_id)
        .bind(&entry.body)
        .bind(Option::<String>::None)
        .bind(&entry.salt)
        .bind(&entry.body_digest)
        .bind(&entry.hash)
        .execute(&mut *db)
        .await?;
        query("UPDATE change_head SET seq = $1, hash = $2, access_seq = $3 WHERE id = 1")
            .bind(entry.seq)
            .bind(&entry.hash)
            .bind(head.try_get::<i64, _>(3)?)
            .execute(&mut *db)
            .await?;
        db.commit().await?;
        Ok(Some(row))
    }
}

async fn pool(options: PgConnectOptions, connections: u32) -> Outcome<PgPool> {
    let pool = PgPoolOptions::new().max_connections(connections).acquire_timeout(Duration::from_secs(5)).test_before_acquire(false);
    Ok(pool.connect_with(options).await?)
}
