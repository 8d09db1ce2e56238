//! Recomputing the chain of changes: one side reads, another checks.

use std::collections::BTreeMap;

use futures_util::TryStreamExt;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseBackend, DatabaseTransaction, DbErr, EntityTrait, Iterable, QueryFilter, QueryOrder, QueryResult,
    QuerySelect, QueryTrait, StreamTrait,
};
use tokio::sync::mpsc::{Sender, channel};

use super::{
    LastChanges,
    change_log::{Head, Op, body_digest, chained, change, head},
    packed::Pack,
};
use crate::problem::Problem;

/// How many changes go from the one that reads to the one that checks at a time.
const CHUNK: usize = 2_000;

/// How far a verification goes, and who hears of its progress.
pub struct Walk {
    /// Recompute the digest of every body, too, and remember the last change of every row.
    pub bodies: bool,
    /// Hash that the chain must have at this number, from a head kept outside.
    pub anchor: Option<(i64, String)>,
    /// Called with the number of every change, in order.
    pub progress: Box<dyn FnMut(i64) + Send>,
}

/// The chain, as far as it was found whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verified {
    pub rows: i64,
    pub hash: String,
    pub faults: Vec<String>,
}

/// Recomputes the chain from the first change to the head and names what does not fit.
pub(super) async fn verify(db: &DatabaseTransaction, walk: Walk) -> Result<(Verified, LastChanges), Problem> {
    let head = head(db).await?;
    let mut from = Some(i64::MIN);
    let mut checker = Checker::new(walk, &head);
    if !checker.walk.bodies && ConnectionTrait::get_database_backend(db) == DatabaseBackend::Sqlite {
        (checker, from) = by_packs(db, checker).await?;
    }
    if let Some(from) = from {
        checker = by_columns(db, checker, from).await?;
    }
    Ok(checker.finish(&head))
}

/// Checks changes by packs, up to the first pack that does not say for certain what is in it: where that begins comes back.
async fn by_packs(db: &DatabaseTransaction, mut checker: Checker) -> Result<(Checker, Option<i64>), Problem> {
    let (packs, mut waiting) = channel::<Pack>(4);
    let checking = tokio::task::spawn_blocking(move || {
        while let Some(pack) = waiting.blocking_recv() {
            let Some(rows) = pack.open() else { return (checker, Some(pack.first)) };
            rows.iter().for_each(|row| checker.check(row));
        }
        (checker, None)
    });
    let read = read_packs(db, &packs).await;
    drop(packs);
    let checked = checking.await.map_err(Problem::internal)?;
    read.map(|()| checked)
}

async fn read_packs(db: &DatabaseTransaction, packs: &Sender<Pack>) -> Result<(), Problem> {
    let mut next = Some(i64::MIN);
    while let Some(first) = next {
        let Some(pack) = Pack::read(db, first).await? else { break };
        next = pack.next();
        // Nobody waits any more when a pack was not clear.
        if packs.send(pack).await.is_err() {
            break;
        }
    }
    Ok(())
}

/// Checks the changes from this number on, read column by column.
async fn by_columns(db: &DatabaseTransaction, mut checker: Checker, from: i64) -> Result<Checker, Problem> {
    let bodies = checker.walk.bodies;
    let (chunks, mut waiting) = channel::<Vec<change::Model>>(2);
    let checking = tokio::task::spawn_blocking(move || {
        while let Some(chunk) = waiting.blocking_recv() {
            chunk.iter().for_each(|row| checker.check(row));
        }
        checker
    });
    let read = read(db, bodies, from, &chunks).await;
    drop(chunks);
    let checked = checking.await.map_err(Problem::internal)?;
    read.map(|()| checked)
}

/// Reads changes in order, in chunks. Bodies are most of the log: they are left where they are when nobody looks at them.
#[expect(clippy::disallowed_methods, reason = "a verification sees every change")]
async fn read(db: &DatabaseTransaction, bodies: bool, from: i64, chunks: &Sender<Vec<change::Model>>) -> Result<(), Problem> {
    use change::Column;

    let wanted = Column::iter().filter(|column| bodies || !matches!(column, Column::Body | Column::Reason | Column::Salt));
    let query = change::Entity::find().select_only().columns(wanted).filter(Column::Seq.gte(from)).order_by_asc(Column::Seq).into_query();
    let mut rows = db.stream(&query).await?;
    let mut chunk = Vec::with_capacity(CHUNK);
    while let Some(row) = rows.try_next().await? {
        chunk.push(model(&row, bodies).map_err(|error| unreadable(&row, &error))?);
        if chunk.len() == CHUNK && chunks.send(std::mem::replace(&mut chunk, Vec::with_capacity(CHUNK))).await.is_err() {
            return Ok(());
        }
    }
    // Nobody listens any more when checking ended early; it says why.
    let _heard = chunks.send(chunk).await;
    Ok(())
}

fn unreadable(row: &QueryResult, error: &DbErr) -> Problem {
    match row.try_get_by_index::<i64>(0) {
        Ok(seq) => Problem::internal(format!("change {seq} cannot be read: {error}")),
        Err(error) => Problem::internal(format!("a change has no number: {error}")),
    }
}

/// The columns in the order of the entity, by their place: looking each up by its name takes longer than reading it.
fn model(row: &QueryResult, bodies: bool) -> Result<change::Model, DbErr> {
    let rest = if bodies { 17 } else { 14 };
    Ok(change::Model {
        seq: row.try_get_by_index(0)?,
        at: row.try_get_by_index(1)?,
        actor_id: row.try_get_by_index(2)?,
        actor_kind: row.try_get_by_index(3)?,
        actor_role: row.try_get_by_index(4)?,
        actor_org: row.try_get_by_index(5)?,
        origin: row.try_get_by_index(6)?,
        request_id: row.try_get_by_index(7)?,
        kind: row.try_get_by_index(8)?,
        resource_id: row.try_get_by_index(9)?,
        revision: row.try_get_by_index(10)?,
        op: row.try_get_by_index(11)?,
        audience: row.try_get_by_index(12)?,
        owner_id: row.try_get_by_index(13)?,
        body: if bodies { row.try_get_by_index(14)? } else { None },
        reason: if bodies { row.try_get_by_index(15)? } else { None },
        salt: if bodies { row.try_get_by_index(16)? } else { None },
        body_digest: row.try_get_by_index(rest)?,
        hash: row.try_get_by_index(rest + 1)?,
    })
}

/// What was found out so far.
struct Checker {
    walk: Walk,
    found: Verified,
    last: LastChanges,
    /// Changes whose body is gone and for which no erasure was met yet.
    emptied: BTreeMap<(String, String), i64>,
}

impl Checker {
    fn new(walk: Walk, head: &Head) -> Self {
        let mut found = Verified::default();
        if let Some((seq, _)) = walk.anchor.as_ref().filter(|(seq, _)| *seq > head.seq) {
            found.faults.push(format!("the anchor is at change {seq}, but the log ends at {}: changes were taken away", head.seq));
        }
        Self { walk, found, last: LastChanges::default(), emptied: BTreeMap::new() }
    }

    fn finish(self, head: &Head) -> (Verified, LastChanges) {
        let Self { mut found, last, emptied, .. } = self;
        for ((kind, id), seq) in &emptied {
            found.faults.push(format!("change {seq} ({kind} {id}): its body was emptied, but no erasure is in the log"));
        }
        if (head.seq, &head.hash) != (found.rows, &found.hash) && found.faults.is_empty() {
            let text = format!(
                "the head names change {} with hash {}, but the log ends at {} with {}",
                head.seq, head.hash, found.rows, found.hash
            );
            found.faults.push(text);
        }
        (found, last)
    }

    fn check(&mut self, row: &change::Model) {
        if row.seq < 1 {
            return self.fault(row, "has no place in the log");
        }
        if row.seq != self.found.rows + 1 {
            self.fault(row, &format!("follows {}, so changes are missing between them", self.found.rows));
        }
        if chained(&self.found.hash, row) != row.hash {
            self.fault(row, "was altered, or one before it was");
        }
        // Before its own body is looked at: an erasure empties what came before it, never itself.
        if row.op == Op::Erase {
            self.emptied.remove(&(row.kind.clone(), row.resource_id.clone()));
        }
        if self.walk.bodies {
            self.check_body(row);
            self.last.saw(row);
        }
        if let Some((_, hash)) = self.walk.anchor.as_ref().filter(|(seq, hash)| *seq == row.seq && *hash != row.hash) {
            self.fault(row, &format!("the anchor has hash {hash}, the log {}", row.hash));
        }
        (self.walk.progress)(row.seq);
        self.found.rows = row.seq;
        // The stored hash goes on, so that one altered row is named once and not with all that follow it.
        self.found.hash.clone_from(&row.hash);
    }

    fn check_body(&mut self, row: &change::Model) {
        match (&row.body, &row.salt, &row.reason) {
            (Some(body), Some(salt), reason) if body_digest(salt, body, reason.as_deref()) == row.body_digest => {}
            (None, None, None) => {
                self.emptied.entry((row.kind.clone(), row.resource_id.clone())).or_insert(row.seq);
            }
            _ => self.fault(row, "its body, reason or salt was altered"),
        }
    }

    fn fault(&mut self, row: &change::Model, what: &str) {
        self.found.faults.push(format!("change {} ({} {} revision {}): {what}", row.seq, row.kind, row.resource_id, row.revision));
    }
}
