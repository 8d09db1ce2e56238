//! Recomputing the chain of changes: one side reads, another checks.

use std::{collections::BTreeMap, ops::RangeInclusive};

use futures_util::{TryStreamExt, future::try_join};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseBackend, DatabaseTransaction, DbErr, EntityTrait, Iterable, QueryFilter, QueryOrder, QueryResult,
    QuerySelect, QueryTrait, StreamTrait,
};
use tokio::sync::mpsc::{Receiver, Sender, channel};

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
    let bodies = walk.bodies;
    let (chunks, waiting) = channel(2);
    let checking = tokio::task::spawn_blocking(move || Checker::new(walk).run(waiting, &head));
    let read = if bodies || ConnectionTrait::get_database_backend(db) != DatabaseBackend::Sqlite {
        read(db, bodies, None, &chunks).await
    } else {
        read_packed(db, &chunks).await
    };
    drop(chunks);
    let found = checking.await.map_err(Problem::internal)?;
    read.map(|()| found)
}

/// Reads all changes in order, by packs: the next is read while one is opened.
async fn read_packed(db: &DatabaseTransaction, chunks: &Sender<Vec<change::Model>>) -> Result<(), Problem> {
    let mut ahead = Pack::read(db, Some(i64::MIN)).await?;
    while let Some(pack) = ahead {
        let rows;
        (ahead, rows) = try_join(Pack::read(db, pack.next()), async { Ok(pack.open()) }).await?;
        match rows {
            Some(rows) => {
                if chunks.send(rows).await.is_err() {
                    return Ok(());
                }
            }
            // What the pack cannot say for certain, the columns say.
            None => read(db, false, Some(pack.first..=pack.last), chunks).await?,
        }
    }
    Ok(())
}

/// Reads changes in order, in chunks. Bodies are most of the log: they are left where they are when nobody looks at them.
#[expect(clippy::disallowed_methods, reason = "a verification sees every change")]
async fn read(
    db: &DatabaseTransaction,
    bodies: bool,
    among: Option<RangeInclusive<i64>>,
    chunks: &Sender<Vec<change::Model>>,
) -> Result<(), Problem> {
    use change::Column;

    let wanted = Column::iter().filter(|column| bodies || !matches!(column, Column::Body | Column::Reason | Column::Salt));
    let query = change::Entity::find().select_only().columns(wanted).order_by_asc(Column::Seq);
    let query = query.apply_if(among, |query, among| query.filter(Column::Seq.between(*among.start(), *among.end()))).into_query();
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
    fn new(walk: Walk) -> Self {
        Self { walk, found: Verified::default(), last: LastChanges::default(), emptied: BTreeMap::new() }
    }

    fn run(mut self, mut waiting: Receiver<Vec<change::Model>>, head: &Head) -> (Verified, LastChanges) {
        if let Some((seq, _)) = self.walk.anchor.as_ref().filter(|(seq, _)| *seq > head.seq) {
            self.found.faults.push(format!("the anchor is at change {seq}, but the log ends at {}: changes were taken away", head.seq));
        }
        while let Some(chunk) = waiting.blocking_recv() {
            chunk.iter().for_each(|row| self.check(row));
        }
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
