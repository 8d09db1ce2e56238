//! Filling a PostgreSQL database: COPY, indexes last, then VACUUM ANALYZE as autovacuum would.

use std::fmt::{Display, Write as _};

use gcm_api::{store::Provenance, text::Stored as _};
use sea_orm::sqlx::{AssertSqlSafe, Connection as _, PgConnection, Row as _, raw_sql};

use super::{Entry, Organization, chain};
use crate::Outcome;

pub struct Target {
    db: PgConnection,
    indexes: Vec<String>,
}

/// Lines of COPY's text format.
#[derive(Default)]
struct Lines(String);

impl Lines {
    fn add(&mut self, value: impl Display) -> &mut Self {
        let from = self.0.len();
        let _never_fails = write!(self.0, "{value}");
        if self.0.get(from..).is_some_and(|text| text.contains(['\\', '\t', '\n', '\r'])) {
            let text = self.0.split_off(from);
            for c in text.chars() {
                match c {
                    '\\' => self.0.push_str("\\\\"),
                    '\t' => self.0.push_str("\\t"),
                    '\n' => self.0.push_str("\\n"),
                    '\r' => self.0.push_str("\\r"),
                    c => self.0.push(c),
                }
            }
        }
        self.0.push('\t');
        self
    }

    fn maybe(&mut self, value: Option<impl Display>) -> &mut Self {
        match value {
            Some(value) => self.add(value),
            None => {
                self.0.push_str("\\N\t");
                self
            }
        }
    }

    fn end(&mut self) {
        self.0.pop();
        self.0.push('\n');
    }
}

pub fn provenance(provenance: Provenance) -> &'static str {
    match provenance {
        Provenance::Entered => "entered",
        Provenance::PublicSource => "public_source",
        Provenance::Illustrative => "illustrative",
    }
}

fn change(lines: &mut Lines, entry: &Entry) {
    lines
        .add(entry.seq)
        .add(entry.at)
        .maybe(entry.actor_id)
        .add(chain::ACTOR_KIND)
        .maybe(entry.actor_role)
        .maybe(entry.actor_org)
        .add(chain::ORIGIN)
        .add(&entry.request_id)
        .add(chain::KIND)
        .add(&entry.resource_id)
        .add(entry.revision)
        .add(entry.op)
        .add(chain::AUDIENCE)
        .maybe(entry.owner_id)
        .add(&entry.body)
        .maybe(Option::<&str>::None)
        .add(&entry.salt)
        .add(&entry.body_digest)
        .add(&entry.hash)
        .end();
}

fn organization(lines: &mut Lines, organization: &Organization) {
    let row = &organization.row;
    lines
        .add(row.id)
        .add(row.revision)
        .add(row.audience.name())
        .maybe(row.owner_id)
        .add(row.created_at)
        .add(row.updated_at)
        .maybe(row.archived_at)
        .add(provenance(row.provenance))
        .add(row.external_ids.to_stored())
        .add(&row.kind)
        .add(&row.code)
        .maybe(row.acronym.as_ref())
        .add(row.name.to_stored())
        .add(&row.sort_name)
        .maybe(row.mandate.as_ref().map(|mandate| mandate.to_stored()))
        .maybe(row.parent_id)
        .maybe(row.country.as_ref())
        .maybe(row.website.as_ref())
        .maybe(row.valid_from)
        .maybe(row.valid_to)
        .end();
}

impl Target {
    pub async fn open(url: &str) -> Outcome<Self> {
        let mut db = PgConnection::connect(url).await?;
        let sql = "SELECT indexname::text, indexdef FROM pg_indexes WHERE schemaname = current_schema()
                   AND tablename IN ('organization', 'change', 'search_text') AND NOT EXISTS (SELECT FROM pg_constraint WHERE conname = indexname)";
        let mut indexes = Vec::new();
        for row in sea_orm::sqlx::query(sql).fetch_all(&mut db).await? {
            indexes.push(row.try_get(1)?);
            run(&mut db, format!("DROP INDEX {}", row.try_get::<String, _>(0)?)).await?;
        }
        run(&mut db, "SET synchronous_commit = off; SET maintenance_work_mem = '1GB'".to_owned()).await?;
        Ok(Self { db, indexes })
    }

    async fn copy(&mut self, into: &str, lines: Lines) -> Outcome {
        let mut copy = self.db.copy_in_raw(&format!("COPY {into} FROM STDIN")).await?;
        copy.send(lines.0.into_bytes()).await?;
        copy.finish().await?;
        Ok(())
    }
}

async fn run(db: &mut PgConnection, sql: String) -> Outcome {
    raw_sql(AssertSqlSafe(sql)).execute(db).await?;
    Ok(())
}

impl super::Target for Target {
    async fn changes(&mut self, batch: Vec<Entry>) -> Outcome {
        let mut lines = Lines::default();
        batch.iter().for_each(|entry| change(&mut lines, entry));
        self.copy("change", lines).await
    }

    async fn organizations(&mut self, batch: Vec<Organization>) -> Outcome {
        let (mut rows, mut texts, mut ids) = (Lines::default(), Lines::default(), Lines::default());
        for of in &batch {
            organization(&mut rows, of);
            texts.add(chain::KIND).add(of.row.id).add(&of.folded).end();
            for id in &of.row.external_ids.0 {
                ids.add(chain::KIND).add(&id.system).add(&id.id).add(of.row.id).end();
            }
        }
        self.copy("organization", rows).await?;
        self.copy("search_text (kind, row_id, folded)", texts).await?;
        self.copy("external_id (kind, system, external_id, row_id)", ids).await
    }

    async fn finish(mut self, seq: i64, hash: &str) -> Outcome {
        sea_orm::sqlx::query("UPDATE change_head SET seq = $1, hash = $2").bind(seq).bind(hash).execute(&mut self.db).await?;
        for index in std::mem::take(&mut self.indexes) {
            run(&mut self.db, index).await?;
        }
        run(&mut self.db, "VACUUM (ANALYZE)".to_owned()).await?;
        run(&mut self.db, "CHECKPOINT".to_owned()).await?;
        Ok(self.db.close().await?)
    }
}
