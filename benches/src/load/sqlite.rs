//! Filling an SQLite file: many rows a statement, many statements a transaction, indexes last.

use std::{fmt::Write as _, str::FromStr as _};

use gcm_api::text::Stored as _;
use sea_orm::sqlx::{
    AssertSqlSafe, Connection as _, Row as _, SqliteConnection,
    query::Query,
    raw_sql,
    sqlite::{Sqlite, SqliteArguments, SqliteConnectOptions, SqliteSynchronous},
};

use super::{Entry, Organization, chain};
use crate::Outcome;

pub struct Target {
    db: SqliteConnection,
    indexes: Vec<String>,
    rows: usize,
}

/// How many rows one transaction holds.
const TRANSACTION: usize = 100_000;

impl Target {
    pub async fn open(url: &str) -> Outcome<Self> {
        // A load that is cut off is thrown away: nothing waits for the disk before the end.
        let options = SqliteConnectOptions::from_str(url)?
            .synchronous(SqliteSynchronous::Off)
            .foreign_keys(false)
            .pragma("cache_size", "-1000000")
            .pragma("wal_autocheckpoint", "100000");
        let mut db = SqliteConnection::connect_with(&options).await?;
        let sql = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN ('organization', 'change')";
        let mut indexes = Vec::new();
        for row in sea_orm::sqlx::query(sql).fetch_all(&mut db).await? {
            indexes.push(row.try_get(1)?);
            run(&mut db, format!("DROP INDEX {}", row.try_get::<String, _>(0)?)).await?;
        }
        run(&mut db, "BEGIN".to_owned()).await?;
        Ok(Self { db, indexes, rows: 0 })
    }

    async fn wrote(&mut self, rows: usize) -> Outcome {
        self.rows += rows;
        if self.rows >= TRANSACTION {
            self.rows = 0;
            run(&mut self.db, "COMMIT; BEGIN".to_owned()).await?;
        }
        Ok(())
    }
}

async fn run(db: &mut SqliteConnection, sql: String) -> Outcome {
    raw_sql(AssertSqlSafe(sql)).execute(db).await?;
    Ok(())
}

/// Puts the texts of this kind, which were written past the service, into the index that stands beside their table.
pub async fn index_texts(url: &str, kind: &str) -> Outcome<u64> {
    let options = SqliteConnectOptions::from_str(url)?.synchronous(SqliteSynchronous::Off).pragma("cache_size", "-500000");
    let mut db = SqliteConnection::connect_with(&options).await?;
    let sql = "INSERT INTO search_index (rowid, folded) SELECT doc, folded FROM search_text WHERE kind = ? ORDER BY doc";
    let count = sea_orm::sqlx::query(sql).bind(kind).execute(&mut db).await?.rows_affected();
    run(&mut db, "PRAGMA wal_checkpoint(TRUNCATE)".to_owned()).await?;
    db.close().await?;
    Ok(count)
}

/// `INSERT INTO <into> VALUES (?,…),…`
fn insert(into: &str, columns: usize, rows: usize) -> String {
    let row = format!("({})", vec!["?"; columns].join(","));
    let mut sql = format!("INSERT INTO {into} VALUES ");
    for at in 0..rows {
        let _never_fails = write!(sql, "{}{row}", if at > 0 { "," } else { "" });
    }
    sql
}

type Statement<'q> = Query<'q, Sqlite, SqliteArguments>;

fn bind_organization<'q>(query: Statement<'q>, organization: &Organization) -> Statement<'q> {
    let row = organization.row.clone();
    query
        .bind(row.id)
        .bind(row.revision)
        .bind(row.audience.name())
        .bind(row.owner_id)
        .bind(row.created_at.0)
        .bind(row.updated_at.0)
        .bind(row.archived_at.map(|at| at.0))
        .bind(super::postgres::provenance(row.provenance))
        .bind(row.external_ids.to_stored())
        .bind(row.kind.to_stored())
        .bind(row.code.to_stored())
        .bind(row.acronym.map(|acronym| acronym.to_stored()))
        .bind(row.name.to_stored())
        .bind(row.sort_name)
        .bind(row.mandate.map(|mandate| mandate.to_stored()))
        .bind(row.parent_id)
        .bind(row.country.map(|country| country.to_stored()))
        .bind(row.website.map(|website| website.to_stored()))
        .bind(row.valid_from)
        .bind(row.valid_to)
}

impl super::Target for Target {
    async fn changes(&mut self, batch: Vec<Entry>) -> Outcome {
        let count = batch.len();
        if count > 0 {
            let sql = insert("change", 19, count);
            let query = batch.into_iter().fold(sea_orm::sqlx::query(AssertSqlSafe(sql)), |query, entry| entry.bind_to(query));
            query.execute(&mut self.db).await?;
        }
        self.wrote(count).await
    }

    async fn organizations(&mut self, batch: Vec<Organization>) -> Outcome {
        let count = batch.len();
        let rows = batch.iter().fold(sea_orm::sqlx::query(AssertSqlSafe(insert("organization", 20, count))), bind_organization);
        rows.execute(&mut self.db).await?;
        let sql = insert("search_text (doc, kind, row_id, folded)", 4, count);
        let texts = batch.iter().fold(sea_orm::sqlx::query(AssertSqlSafe(sql)), |query, organization| {
            query.bind(organization.doc).bind(chain::KIND).bind(organization.row.id).bind(organization.folded.clone())
        });
        texts.execute(&mut self.db).await?;
        let sql = insert("search_index (rowid, folded)", 2, count);
        let index = batch.iter().fold(sea_orm::sqlx::query(AssertSqlSafe(sql)), |query, organization| {
            query.bind(organization.doc).bind(organization.folded.clone())
        });
        index.execute(&mut self.db).await?;
        let known: Vec<_> =
            batch.iter().flat_map(|organization| organization.row.external_ids.0.iter().map(|id| (organization.row.id, id))).collect();
        if !known.is_empty() {
            let sql = insert("external_id (kind, system, external_id, row_id)", 4, known.len());
            let ids = known.into_iter().fold(sea_orm::sqlx::query(AssertSqlSafe(sql)), |query, (row, id)| {
                query.bind(chain::KIND).bind(id.system.clone()).bind(id.id.clone()).bind(row)
            });
            ids.execute(&mut self.db).await?;
        }
        self.wrote(count).await
    }

    async fn finish(mut self, seq: i64, hash: &str) -> Outcome {
        sea_orm::sqlx::query("UPDATE change_head SET seq = ?, hash = ?").bind(seq).bind(hash).execute(&mut self.db).await?;
        run(&mut self.db, "COMMIT".to_owned()).await?;
        for index in std::mem::take(&mut self.indexes) {
            run(&mut self.db, index).await?;
        }
        run(&mut self.db, "PRAGMA wal_checkpoint(TRUNCATE)".to_owned()).await?;
        Ok(self.db.close().await?)
    }
}
