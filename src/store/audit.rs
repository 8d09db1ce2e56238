//! Holding the whole record against its change log, at one moment.

use std::collections::{BTreeMap, HashMap};

use aws_lc_rs::digest;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select,
};
use serde_json::to_value;
use uuid::Uuid;

use super::{
    Engine,
    canonical::canonical,
    change_log::{Op, change},
    search::{external_id, search_text},
    tracked::{ExternalId, Stamp, Tracked},
    verify::{self, Verified, Walk},
};
use crate::{kind::Kind, problem::Problem, text::fold};

/// How many rows are held in memory at once.
const CHUNK: u64 = 500;

/// The record as it was at one moment.
pub struct Audit {
    db: DatabaseTransaction,
}

/// The number of the last change of every row that is still there.
#[derive(Debug, Default)]
pub struct LastChanges(HashMap<String, HashMap<u128, i64>>);

impl LastChanges {
    pub fn saw(&mut self, row: &change::Model) {
        if !self.0.contains_key(&row.kind) {
            self.0.insert(row.kind.clone(), HashMap::new());
        }
        let (Some(rows), id) = (self.0.get_mut(&row.kind), compact(&row.resource_id)) else { return };
        match row.op {
            Op::Delete => rows.remove(&id),
            // What these write is not the row.
            Op::Credential | Op::Contact => None,
            Op::Create | Op::Update | Op::Archive | Op::Restore | Op::Transition | Op::Audience | Op::Erase => rows.insert(id, row.seq),
        };
    }
}

/// A public id in 16 bytes.
fn compact(id: &str) -> u128 {
    if let Ok(id) = id.parse::<Uuid>() {
        return id.as_u128();
    }
    let hash = digest::digest(&digest::SHA256, id.as_bytes());
    hash.as_ref().iter().take(16).fold(0, |number, byte| (number << 8) | u128::from(*byte))
}

impl Audit {
    #[expect(clippy::disallowed_methods, reason = "an audit takes the time it takes")]
    pub(super) async fn new(db: DatabaseTransaction, engine: Engine) -> Result<Self, Problem> {
        if engine == Engine::Postgres {
            db.execute_unprepared("SET LOCAL statement_timeout = 0").await?;
        }
        Ok(Self { db })
    }

    /// Walks the chain of changes.
    pub async fn chain(&self, walk: Walk) -> Result<(Verified, LastChanges), Problem> {
        verify::verify(&self.db, walk).await
    }

    pub async fn all<E: EntityTrait>(&self, query: Select<E>) -> Result<Vec<E::Model>, Problem> {
        Ok(query.all(&self.db).await?)
    }

    /// Holds every row of one kind against its last change, and against what is derived from it.
    #[expect(clippy::disallowed_methods, reason = "an audit sees every row")]
    pub async fn rows<E: Tracked>(&self, last: &mut LastChanges, faults: &mut Vec<String>) -> Result<(), Problem> {
        let id = E::column("id")?;
        let (mut after, mut rows_in_all, mut ids_in_all) = (Uuid::nil(), 0, 0);
        loop {
            let rows = E::find().filter(id.gt(after)).order_by_asc(id).limit(CHUNK).all(&self.db).await?;
            let Some(final_row) = rows.last() else { break };
            after = Stamp::of::<E>(final_row)?.id;
            let derived = self.derived::<E>(&rows).await?;
            let logged = self.logged::<E>(&rows, last).await?;
            for row in &rows {
                let stamp = Stamp::of::<E>(row)?;
                rows_in_all += 1;
                ids_in_all += stamp.external_ids.0.len();
                faults.extend(check_row::<E>(row, &logged)?);
                faults.extend(derived.check::<E>(row, &stamp)?);
            }
        }
        self.count::<search_text::Entity>(search_text::Column::Kind, E::KIND, rows_in_all, "search_text", faults).await?;
        self.count::<external_id::Entity>(external_id::Column::Kind, E::KIND, ids_in_all, "external_id", faults).await
    }

    /// The last changes of these rows, by public id; each is crossed off.
    #[expect(clippy::disallowed_methods, reason = "an audit sees every change")]
    async fn logged<E: Tracked>(&self, rows: &[E::Model], last: &mut LastChanges) -> Result<HashMap<String, change::Model>, Problem> {
        let mut seqs = Vec::with_capacity(rows.len());
        let mut known = last.0.get_mut(E::KIND.name());
        for row in rows {
            let id = compact(&E::public_id(row)?);
            seqs.extend(known.as_mut().and_then(|known| known.remove(&id)));
        }
        let changes = change::Entity::find().filter(change::Column::Seq.is_in(seqs)).all(&self.db).await?;
        Ok(changes.into_iter().map(|change| (change.resource_id.clone(), change)).collect())
    }

    #[expect(clippy::disallowed_methods, reason = "an audit sees every row")]
    async fn derived<E: Tracked>(&self, rows: &[E::Model]) -> Result<Derived, Problem> {
        let ids = rows.iter().map(|row| Stamp::of::<E>(row).map(|stamp| stamp.id)).collect::<Result<Vec<_>, _>>()?;
        let texts = search_text::Entity::find()
            .filter(search_text::Column::Kind.eq(E::KIND.name()))
            .filter(search_text::Column::RowId.is_in(ids.iter().copied()));
        let names =
            external_id::Entity::find().filter(external_id::Column::Kind.eq(E::KIND.name())).filter(external_id::Column::RowId.is_in(ids));
        let mut derived = Derived::default();
        derived.texts.extend(texts.all(&self.db).await?.into_iter().map(|row| (row.row_id, row.folded)));
        for row in names.all(&self.db).await? {
            derived.external_ids.entry(row.row_id).or_default().push(ExternalId { system: row.system, id: row.external_id });
        }
        Ok(derived)
    }

    #[expect(clippy::disallowed_methods, reason = "an audit sees every row")]
    async fn count<E>(&self, column: E::Column, kind: Kind, expected: usize, table: &str, faults: &mut Vec<String>) -> Result<(), Problem>
    where
        E: EntityTrait<Model: Sync>,
    {
        let count = E::find().filter(column.eq(kind.name())).count(&self.db).await?;
        if usize::try_from(count).map_err(Problem::internal)? > expected {
            faults.push(format!("{table}: holds {count} rows of {kind}, but {expected} belong there"));
        }
        Ok(())
    }

    /// Names the rows that the log knows and the tables do not hold.
    #[expect(clippy::disallowed_methods, reason = "an audit sees every change")]
    pub async fn gone(&self, last: LastChanges) -> Result<Vec<String>, Problem> {
        let mut faults = Vec::new();
        for seq in last.0.into_values().flat_map(HashMap::into_values) {
            if let Some(change) = change::Entity::find_by_id(seq).one(&self.db).await? {
                faults.push(format!("{} {}: the row is gone, but no deletion is in the log", change.kind, change.resource_id));
            }
        }
        Ok(faults)
    }
}

/// What stands beside tracked rows and is made from them.
#[derive(Default)]
struct Derived {
    texts: HashMap<Uuid, String>,
    external_ids: BTreeMap<Uuid, Vec<ExternalId>>,
}

impl Derived {
    fn check<E: Tracked>(&self, row: &E::Model, stamp: &Stamp) -> Result<Vec<String>, Problem> {
        let name = format!("{} {}", E::KIND, E::public_id(row)?);
        let mut faults = Vec::new();
        if self.texts.get(&stamp.id) != Some(&fold(&E::search_text(row))) {
            faults.push(format!("{name}: what search finds it by differs from the row"));
        }
        let mut known = self.external_ids.get(&stamp.id).cloned().unwrap_or_default();
        known.sort();
        if known != stamp.external_ids.0 {
            faults.push(format!("{name}: the lookup of its external ids differs from the row"));
        }
        Ok(faults)
    }
}

/// Old bodies are read as today's rows: a column that came later has its default in both.
fn check_row<E: Tracked>(row: &E::Model, logged: &HashMap<String, change::Model>) -> Result<Option<String>, Problem> {
    let id = E::public_id(row)?;
    let name = format!("{} {id}", E::KIND);
    let Some(change) = logged.get(&id) else { return Ok(Some(format!("{name}: the row is there, but no change made it"))) };
    let Some(body) = &change.body else { return Ok(None) };
    let now = canonical(&to_value(row).map_err(Problem::internal)?)?;
    let then = match serde_json::from_str::<E::Model>(body) {
        Ok(row) => canonical(&to_value(&row).map_err(Problem::internal)?)?,
        Err(error) => return Ok(Some(format!("{name}: its last change (number {}) cannot be read: {error}", change.seq))),
    };
    Ok((now != then).then(|| format!("{name}: the row differs from its last change (number {})", change.seq)))
}
