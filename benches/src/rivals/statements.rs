//! The statements, sent alike on both engines. SQLite takes `$1` as it takes the `?` that the service sends it.

use chrono::{DateTime, NaiveDate, Utc};
use gcm_api::clock::Timestamp;
use sea_orm::sqlx::{AssertSqlSafe, ColumnIndex, Database, Decode, Encode, Executor, IntoArguments, Pool, Row as _, Type, query};
use uuid::Uuid;

use super::{
    database::Write,
    rows::{LIMIT, Localized, Organization},
};
use crate::{Outcome, load::chain::Entry};

const COLUMNS: &str = "id, revision, audience, owner_id, created_at, updated_at, archived_at, provenance, external_ids, kind, code, acronym, \
                       name, sort_name, mandate, parent_id, country, website, valid_from, valid_to";

pub struct Pools<E: Database> {
    pub readers: Pool<E>,
    pub writer: Pool<E>,
    /// How a write begins, and how it reads the head of the log and locks it.
    pub begin: &'static str,
    pub lock: &'static str,
    /// How it writes where the log ends now, and on PostgreSQL tells others.
    pub head: &'static str,
}

impl<E> Pools<E>
where
    E: Database<Arguments: IntoArguments<E>>,
    for<'c> &'c mut E::Connection: Executor<'c, Database = E>,
    usize: ColumnIndex<E::Row>,
    for<'v> i64: Encode<'v, E> + Decode<'v, E> + Type<E>,
    for<'v> Uuid: Encode<'v, E> + Decode<'v, E> + Type<E>,
    for<'v> DateTime<Utc>: Encode<'v, E> + Decode<'v, E> + Type<E>,
    for<'v> NaiveDate: Decode<'v, E> + Type<E>,
    for<'v> String: Encode<'v, E> + Decode<'v, E> + Type<E>,
    for<'v> &'v str: Encode<'v, E> + Decode<'v, E> + Type<E>,
    for<'v> Option<Uuid>: Encode<'v, E>,
    for<'v> Option<&'v str>: Encode<'v, E>,
{
    pub async fn list(&self, kind: Option<&str>) -> Outcome<(i64, Vec<Organization>)> {
        let head = query("SELECT id, seq, hash, access_seq FROM change_head WHERE id = 1").fetch_one(&self.readers).await?.try_get(1)?;
        let of_kind = if kind.is_some() { " AND kind IN ($2)" } else { "" };
        let sql = format!(
            "SELECT {COLUMNS} FROM organization WHERE audience IN ($1){of_kind} AND archived_at IS NULL ORDER BY sort_name, id LIMIT {}",
            LIMIT + 1
        );
        let everyone = query(AssertSqlSafe(sql)).bind("everyone");
        let asked = if let Some(kind) = kind { everyone.bind(kind) } else { everyone };
        let rows = asked.fetch_all(&self.readers).await?.iter().map(Self::organization).collect::<Outcome<_>>()?;
        Ok((head, rows))
    }

    pub async fn read(&self, id: Uuid) -> Outcome<Option<Organization>> {
        let sql = format!("SELECT {COLUMNS} FROM organization WHERE audience IN ($1) AND id = $2 LIMIT 1");
        let row = query(AssertSqlSafe(sql)).bind("everyone").bind(id).fetch_optional(&self.readers).await?;
        row.as_ref().map(Self::organization).transpose()
    }

    /// One transaction with the lock first, as the service does it.
    pub async fn write(&self, write: Write) -> Outcome<Option<Organization>> {
        let mut db = self.writer.begin_with(self.begin).await?;
        let head = query(self.lock).fetch_one(&mut *db).await?;
        let (seq, hash): (i64, String) = (head.try_get(1)?, head.try_get(2)?);
        let sql = format!("SELECT {COLUMNS} FROM organization WHERE audience IN ($1, $2, $3) AND id = $4 LIMIT 1");
        let seen = query(AssertSqlSafe(sql)).bind("everyone").bind("country").bind("organization").bind(write.id);
        let Some(row) = seen.fetch_optional(&mut *db).await? else { return Ok(None) };
        let mut row = Self::organization(&row)?;
        Self::change_row(&mut db, &mut row, &write).await?;
        let entry = write.entry(&row, seq, &hash)?;
        self.enter(&mut db, entry, head.try_get(3)?).await?;
        db.commit().await?;
        Ok(Some(row))
    }

    async fn change_row(db: &mut E::Connection, row: &mut Organization, write: &Write) -> Outcome {
        query("UPDATE organization SET revision = $1, updated_at = $2, website = $3 WHERE id = $4 AND revision = $5")
            .bind(row.revision + 1)
            .bind(write.now.0)
            .bind(write.website.as_str())
            .bind(row.id)
            .bind(row.revision)
            .execute(db)
            .await?;
        row.revision += 1;
        row.updated_at = write.now;
        row.website = Some(write.website.clone());
        Ok(())
    }

    async fn enter(&self, db: &mut E::Connection, entry: Entry, access_seq: i64) -> Outcome {
        let (seq, hash) = (entry.seq, entry.hash.clone());
        let change = query(
            "INSERT INTO change (seq, at, actor_id, actor_kind, actor_role, actor_org, origin, request_id, kind, resource_id, revision, op, \
             audience, owner_id, body, reason, salt, body_digest, hash) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)",
        );
        entry.bind_to(change).execute(&mut *db).await?;
        query(self.head).bind(seq).bind(hash).bind(access_seq).execute(db).await?;
        Ok(())
    }

    /// Reads all columns of a row.
    fn organization(row: &E::Row) -> Outcome<Organization> {
        let localized = |text: &str| serde_json::from_str::<Localized>(text);
        Ok(Organization {
            id: row.try_get(0)?,
            revision: row.try_get(1)?,
            audience: row.try_get(2)?,
            owner_id: row.try_get(3)?,
            created_at: Timestamp(row.try_get(4)?),
            updated_at: Timestamp(row.try_get(5)?),
            archived_at: row.try_get::<Option<DateTime<Utc>>, _>(6)?.map(Timestamp),
            provenance: row.try_get(7)?,
            external_ids: serde_json::from_str(row.try_get(8)?)?,
            kind: row.try_get(9)?,
            code: row.try_get(10)?,
            acronym: row.try_get(11)?,
            name: localized(row.try_get(12)?)?,
            sort_name: row.try_get(13)?,
            mandate: row.try_get::<Option<&str>, _>(14)?.map(localized).transpose()?,
            parent_id: row.try_get(15)?,
            country: row.try_get(16)?,
            website: row.try_get(17)?,
            valid_from: row.try_get(18)?,
            valid_to: row.try_get(19)?,
        })
    }
}
