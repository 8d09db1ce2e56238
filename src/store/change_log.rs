//! The change log: one ordered, hash-chained table that is history, audit trail and sync feed at once.
//!
//! `body_digest = SHA-256(canonical JSON array of salt, body as text, reason)`; `hash = SHA-256(previous hash || LF || canonical JSON array
//! of all columns from seq to owner_id, then body_digest)`. Digests are lower-case hex.
//! Emptying body, reason and salt (erasure) therefore leaves the chain whole.

use std::collections::BTreeMap;

use aws_lc_rs::{digest, rand::SecureRandom as _};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect,
    sea_query::{Expr, IntoCondition},
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Intent, canonical::canonical};
use crate::{auth::Audience, clock::Timestamp, kind::Kind, problem::Problem};

pub mod change {
    use sea_orm::entity::prelude::*;

    use super::Op;
    use crate::{
        auth::{ActorKind, Audience, Role},
        clock::Timestamp,
    };

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "change")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub seq: i64,
        pub at: Timestamp,
        pub actor_id: Option<Uuid>,
        pub actor_kind: ActorKind,
        pub actor_role: Option<Role>,
        pub actor_org: Option<Uuid>,
        pub origin: String,
        pub request_id: Option<String>,
        pub kind: String,
        pub resource_id: String,
        pub revision: i64,
        pub op: Op,
        pub audience: Audience,
        pub owner_id: Option<Uuid>,
        pub body: Option<String>,
        pub reason: Option<String>,
        pub salt: Option<String>,
        pub body_digest: String,
        pub hash: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod head {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "change_head")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i16,
        pub seq: i64,
        pub hash: String,
        pub access_seq: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub use head::Model as Head;

/// What was done to a row.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema, sea_orm::EnumIter, sea_orm::DeriveActiveEnum,
)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum Op {
    Create,
    Update,
    Archive,
    Restore,
    Transition,
    Delete,
    Audience,
    /// A password, a secret or a link for setting one was given or taken away; the row itself is unchanged.
    Credential,
    /// How to reach the person was written; the row itself is unchanged, and the contact is not in the log.
    Contact,
    Erase,
}

impl Op {
    const fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Archive => "archive",
            Self::Restore => "restore",
            Self::Transition => "transition",
            Self::Delete => "delete",
            Self::Audience => "audience",
            Self::Credential => "credential",
            Self::Contact => "contact",
            Self::Erase => "erase",
        }
    }
}

/// A change that has no number yet.
#[derive(Debug)]
pub(super) struct Draft {
    pub kind: Kind,
    pub resource_id: String,
    pub revision: i64,
    pub op: Op,
    pub audience: Audience,
    pub owner_id: Option<Uuid>,
    pub body: Value,
    pub reason: Option<String>,
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        text.extend([byte >> 4, byte & 15].map(|half| char::from_digit(u32::from(half), 16).unwrap_or_default()));
        text
    })
}

fn sha256(parts: &[&[u8]]) -> String {
    let mut context = digest::Context::new(&digest::SHA256);
    parts.iter().for_each(|part| context.update(part));
    hex(context.finish().as_ref())
}

fn body_digest(salt: &str, body: &str, reason: Option<&str>) -> Result<String, Problem> {
    Ok(sha256(&[canonical(&json!([salt, body, reason]))?.as_bytes()]))
}

fn chained(previous: &str, row: &change::Model) -> Result<String, Problem> {
    let id = |id: Option<Uuid>| id.map(|id| id.to_string());
    let columns = json!([
        row.seq,
        row.at,
        id(row.actor_id),
        row.actor_kind.name(),
        row.actor_role.map(|role| role.name()),
        id(row.actor_org),
        row.origin,
        row.request_id,
        row.kind,
        row.resource_id,
        row.revision,
        row.op.name(),
        row.audience.name(),
        id(row.owner_id),
        row.body_digest,
    ]);
    Ok(sha256(&[previous.as_bytes(), b"\n", canonical(&columns)?.as_bytes()]))
}

/// Takes the one writer lock: a row lock on PostgreSQL; on SQLite the transaction itself is the lock.
#[expect(clippy::disallowed_methods, reason = "the table is this file's own")]
pub(super) async fn lock_head(db: &DatabaseTransaction) -> Result<Head, Problem> {
    let head = head::Entity::find_by_id(1i16).lock_exclusive().one(db).await?;
    head.ok_or_else(|| Problem::internal("the change log has no head"))
}

#[expect(clippy::disallowed_methods, reason = "the table is this file's own")]
pub(super) async fn head(db: &impl ConnectionTrait) -> Result<Head, Problem> {
    head::Entity::find_by_id(1i16).one(db).await?.ok_or_else(|| Problem::internal("the change log has no head"))
}

/// Moves the head of an empty log to where the log of another database stands.
#[expect(clippy::disallowed_methods, reason = "the table is this file's own")]
pub(super) async fn put_head(db: &DatabaseTransaction, head: Head) -> Result<(), Problem> {
    head::Entity::update(head.into_active_model().reset_all()).exec(db).await?;
    Ok(())
}

/// Numbers the drafts, chains their hashes and writes them.
#[expect(clippy::disallowed_methods, reason = "the table is this file's own")]
pub(super) async fn append(
    db: &DatabaseTransaction,
    mut head: Head,
    intent: &Intent,
    at: Timestamp,
    drafts: Vec<Draft>,
    access: bool,
) -> Result<(), Problem> {
    if drafts.is_empty() && !access {
        return Ok(());
    }
    let mut rows = Vec::with_capacity(drafts.len());
    let mut decides_access = access;
    for draft in drafts {
        decides_access |= draft.kind.decides_access();
        let row = number(&mut head, intent, at, draft)?;
        rows.push(row.into_active_model());
    }
    // Engines limit the parameters of one statement; 19 columns x 500 rows stay below both limits.
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        change::Entity::insert_many(rows.by_ref().take(500)).exec_without_returning(db).await?;
    }
    if decides_access {
        // It moves each time, also when the log does not: a session that ended leaves no change behind.
        head.access_seq = head.seq.max(head.access_seq + 1);
    }
    head::Entity::update(head.into_active_model().reset_all()).exec(db).await?;
    Ok(())
}

fn number(head: &mut Head, intent: &Intent, at: Timestamp, draft: Draft) -> Result<change::Model, Problem> {
    let body = canonical(&draft.body)?;
    let salt = salt()?;
    head.seq += 1;
    let mut row = change::Model {
        seq: head.seq,
        at,
        actor_id: intent.actor.account_id,
        actor_kind: intent.actor.kind,
        actor_role: intent.actor.account_id.map(|_account| intent.actor.role),
        actor_org: intent.actor.organization_id,
        origin: intent.origin.name().to_owned(),
        request_id: intent.request_id.clone(),
        kind: draft.kind.name().to_owned(),
        resource_id: draft.resource_id,
        revision: draft.revision,
        op: draft.op,
        audience: draft.audience,
        owner_id: draft.owner_id,
        body_digest: body_digest(&salt, &body, draft.reason.as_deref())?,
        body: Some(body),
        reason: draft.reason,
        salt: Some(salt),
        hash: String::new(),
    };
    row.hash = chained(&head.hash, &row)?;
    head.hash.clone_from(&row.hash);
    Ok(row)
}

fn salt() -> Result<String, Problem> {
    let mut bytes = [0; 16];
    aws_lc_rs::rand::SystemRandom::new().fill(&mut bytes).map_err(|_unspecified| Problem::internal("the machine gives no random bytes"))?;
    Ok(hex(&bytes))
}

/// Which entries of one row's history.
#[derive(Debug)]
pub struct HistoryAsk<'a> {
    pub kind: Kind,
    pub resource_id: &'a str,
    /// Only entries before this number.
    pub before: Option<i64>,
    pub limit: u64,
}

/// The changes of one row, the newest first.
#[expect(clippy::disallowed_methods, reason = "the table is this file's own")]
pub(super) async fn history(db: &impl ConnectionTrait, ask: &HistoryAsk<'_>) -> Result<Vec<change::Model>, Problem> {
    let mut query =
        change::Entity::find().filter(change::Column::Kind.eq(ask.kind.name())).filter(change::Column::ResourceId.eq(ask.resource_id));
    if let Some(before) = ask.before {
        query = query.filter(change::Column::Seq.lt(before));
    }
    Ok(query.order_by_desc(change::Column::Seq).limit(ask.limit).all(db).await?)
}

/// Whether the newest change of a row is an erasure.
pub(super) async fn ends_with_erasure(db: &DatabaseTransaction, kind: Kind, resource_id: &str) -> Result<bool, Problem> {
    let ask = HistoryAsk { kind, resource_id, before: None, limit: 1 };
    Ok(history(db, &ask).await?.first().is_some_and(|newest| newest.op == Op::Erase))
}

/// What changes of one kind held that are not erased, in order.
#[expect(clippy::disallowed_methods, reason = "the table is this file's own")]
pub(super) async fn bodies(db: &DatabaseTransaction, kind: Kind, which: impl IntoCondition) -> Result<Vec<String>, Problem> {
    let of_kind = change::Entity::find().filter(change::Column::Kind.eq(kind.name())).filter(which.into_condition());
    let bodies: Vec<Option<String>> =
        of_kind.order_by_asc(change::Column::Seq).select_only().column(change::Column::Body).into_tuple().all(db).await?;
    Ok(bodies.into_iter().flatten().collect())
}

/// Empties the bodies, reasons and salts of one row's changes; their digests stay, and so does the chain.
#[expect(clippy::disallowed_methods, reason = "the table is this file's own")]
pub(super) async fn empty(db: &DatabaseTransaction, kind: Kind, resource_id: &str) -> Result<(), Problem> {
    let nothing = || Expr::val(Option::<String>::None);
    change::Entity::update_many()
        .col_expr(change::Column::Body, nothing())
        .col_expr(change::Column::Reason, nothing())
        .col_expr(change::Column::Salt, nothing())
        .filter(change::Column::Kind.eq(kind.name()))
        .filter(change::Column::ResourceId.eq(resource_id))
        .exec(db)
        .await?;
    Ok(())
}

/// How far a verification goes, and who hears of its progress.
pub struct Walk<'a> {
    /// Recompute the digest of every body, too.
    bodies: bool,
    /// Hash that the chain must have at this number, from a head kept outside.
    anchor: Option<(i64, String)>,
    /// Called with every change in order: for showing progress, and for holding tables against the last change of each row.
    each: &'a mut dyn FnMut(&change::Model),
    /// Changes whose body is gone and for which no erasure was met yet.
    emptied: BTreeMap<(String, String), i64>,
}

impl<'a> Walk<'a> {
    pub fn new(bodies: bool, anchor: Option<(i64, String)>, each: &'a mut dyn FnMut(&change::Model)) -> Self {
        Self { bodies, anchor, each, emptied: BTreeMap::new() }
    }
}

/// The chain, as far as it was found whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    pub rows: i64,
    pub hash: String,
    pub faults: Vec<String>,
}

/// Recomputes the chain from the first change to the head and names what does not fit.
#[expect(clippy::disallowed_methods, reason = "the table is this file's own")]
pub(super) async fn verify(db: &impl ConnectionTrait, mut walk: Walk<'_>) -> Result<Verified, Problem> {
    const CHUNK: u64 = 5_000;
    let head = head(db).await?;
    let mut found = Verified { rows: 0, hash: String::new(), faults: Vec::new() };
    if let Some((seq, _)) = walk.anchor.as_ref().filter(|(seq, _)| *seq > head.seq) {
        found.faults.push(format!("the anchor is at change {seq}, but the log ends at {}: changes were taken away", head.seq));
    }
    let mut at = i64::MIN;
    loop {
        let rows = change::Entity::find().filter(change::Column::Seq.gt(at)).order_by_asc(change::Column::Seq).limit(CHUNK).all(db).await?;
        let Some(last) = rows.last() else { break };
        at = last.seq;
        for row in &rows {
            check_row(row, &mut found, &mut walk)?;
        }
    }
    for ((kind, id), seq) in &walk.emptied {
        found.faults.push(format!("change {seq} ({kind} {id}): its body was emptied, but no erasure is in the log"));
    }
    if (head.seq, &head.hash) != (found.rows, &found.hash) && found.faults.is_empty() {
        found.faults.push(format!(
            "the head names change {} with hash {}, but the log ends at {} with {}",
            head.seq, head.hash, found.rows, found.hash
        ));
    }
    Ok(found)
}

fn check_row(row: &change::Model, found: &mut Verified, walk: &mut Walk<'_>) -> Result<(), Problem> {
    let name = format!("change {} ({} {} revision {})", row.seq, row.kind, row.resource_id, row.revision);
    if row.seq < 1 {
        found.faults.push(format!("{name}: has no place in the log"));
        return Ok(());
    }
    if row.seq != found.rows + 1 {
        found.faults.push(format!("{name}: follows {}, so changes are missing between them", found.rows));
    }
    if chained(&found.hash, row)? != row.hash {
        found.faults.push(format!("{name}: was altered, or one before it was"));
    }
    // Before its own body is looked at: an erasure empties what came before it, never itself.
    if row.op == Op::Erase {
        walk.emptied.remove(&(row.kind.clone(), row.resource_id.clone()));
    }
    if walk.bodies {
        match (&row.body, &row.salt, &row.reason) {
            (Some(body), Some(salt), reason) if body_digest(salt, body, reason.as_deref())? == row.body_digest => {}
            (None, None, None) => {
                walk.emptied.entry((row.kind.clone(), row.resource_id.clone())).or_insert(row.seq);
            }
            _ => found.faults.push(format!("{name}: its body, reason or salt was altered")),
        }
    }
    if let Some((_, hash)) = walk.anchor.as_ref().filter(|(seq, hash)| *seq == row.seq && *hash != row.hash) {
        found.faults.push(format!("{name}: the anchor has hash {hash}, the log {}", row.hash));
    }
    (walk.each)(row);
    found.rows = row.seq;
    // The stored hash goes on, so that one altered row is named once and not with all that follow it.
    found.hash.clone_from(&row.hash);
    Ok(())
}
