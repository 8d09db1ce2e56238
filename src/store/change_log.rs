//! The change log: one ordered, hash-chained table that is history, audit trail and sync feed at once.
//!
//! `body_digest = SHA-256(canonical JSON array of salt, body as text, reason)`; `hash = SHA-256(previous hash || LF || canonical JSON array
//! of all columns from seq to owner_id, then body_digest)`. Digests are lower-case hex.
//! Emptying body, reason and salt (erasure) therefore leaves the chain whole.

use std::collections::HashMap;

use aws_lc_rs::{digest, rand::SecureRandom as _};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect,
    sea_query::{Expr, IntoCondition},
};
use serde_json::Value;
use uuid::Uuid;

use super::{
    Engine, Intent,
    canonical::{Array, canonical},
    listen,
};
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
    let digit = |half: u8| char::from(if half < 10 { b'0' + half } else { b'a' + half - 10 });
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        text.push(digit(byte >> 4));
        text.push(digit(byte & 15));
    }
    text
}

fn sha256(parts: &[&[u8]]) -> String {
    let mut context = digest::Context::new(&digest::SHA256);
    parts.iter().for_each(|part| context.update(part));
    hex(context.finish().as_ref())
}

pub(super) fn body_digest(salt: &str, body: &str, reason: Option<&str>) -> String {
    let parts = Array::default().text(Some(salt)).text(Some(body)).text(reason);
    sha256(&[parts.end().as_bytes()])
}

pub(super) fn chained(previous: &str, row: &change::Model) -> String {
    let columns = Array::default()
        .number(row.seq)
        .plain(Some(row.at))
        .plain(row.actor_id)
        .text(Some(row.actor_kind.name()))
        .text(row.actor_role.map(|role| role.name()))
        .plain(row.actor_org)
        .text(Some(&row.origin))
        .text(row.request_id.as_deref())
        .text(Some(&row.kind))
        .text(Some(&row.resource_id))
        .number(row.revision)
        .text(Some(row.op.name()))
        .text(Some(row.audience.name()))
        .plain(row.owner_id)
        .text(Some(&row.body_digest));
    sha256(&[previous.as_bytes(), b"\n", columns.end().as_bytes()])
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

/// The end of the log as one transaction makes it: changes that have their numbers, and are written right before the commit, together with those of
/// all who are committed together.
#[derive(Debug)]
pub(super) struct Tail {
    pub head: Head,
    rows: Vec<change::Model>,
}

impl Tail {
    pub(super) fn after(head: Head) -> Self {
        Self { head, rows: Vec::new() }
    }

    /// Goes on with what was made of it behind its head.
    pub(super) fn join(&mut self, next: Self) {
        self.head = next.head;
        self.rows.extend(next.rows);
    }

    /// Numbers the drafts and chains their hashes.
    pub(super) fn append(&mut self, intent: &Intent, at: Timestamp, drafts: Vec<Draft>, access: bool) -> Result<(), Problem> {
        let mut decides_access = access;
        for draft in drafts {
            decides_access |= draft.kind.decides_access();
            self.rows.push(number(&mut self.head, intent, at, draft)?);
        }
        if decides_access {
            // It moves each time, also when the log does not: a session that ended leaves no change behind.
            self.head.access_seq = self.head.seq.max(self.head.access_seq + 1);
        }
        Ok(())
    }

    /// Writes the changes, and where the log ends now.
    #[expect(clippy::disallowed_methods, reason = "the tables are this file's own")]
    pub(super) async fn write(self, db: &DatabaseTransaction, engine: Engine) -> Result<(), Problem> {
        let Self { head, rows } = self;
        // Engines limit the parameters of one statement; 19 columns x 500 rows stay below both limits.
        let mut rows = rows.into_iter().map(IntoActiveModel::into_active_model).peekable();
        while rows.peek().is_some() {
            change::Entity::insert_many(rows.by_ref().take(500)).exec_without_returning(db).await?;
        }
        match engine {
            Engine::Sqlite => head::Entity::update(head.into_active_model().reset_all()).exec_without_returning(db).await.map(drop)?,
            Engine::Postgres => listen::write_head(db, head).await?,
        }
        Ok(())
    }
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
        body_digest: body_digest(&salt, &body, draft.reason.as_deref()),
        body: Some(body),
        reason: draft.reason,
        salt: Some(salt),
        hash: String::new(),
    };
    row.hash = chained(&head.hash, &row);
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

/// A move that was made of a row.
#[derive(Clone, Debug)]
pub struct Moved {
    pub at: Timestamp,
    pub reason: Option<String>,
    /// Who saw the row as it was then.
    pub audience: Audience,
    pub owner_id: Option<Uuid>,
}

/// The newest move of each of these rows of one kind; rows that never moved are left out.
#[expect(clippy::disallowed_methods, reason = "the table is this file's own")]
pub(super) async fn newest_moves(db: &impl ConnectionTrait, kind: Kind, ids: &[String]) -> Result<HashMap<String, Moved>, Problem> {
    use change::Column;

    let mut newest = HashMap::new();
    if ids.is_empty() {
        return Ok(newest);
    }
    let query = change::Entity::find()
        .filter(Column::Kind.eq(kind.name()))
        .filter(Column::ResourceId.is_in(ids))
        .filter(Column::Op.eq(Op::Transition))
        .order_by_desc(Column::Seq)
        .select_only()
        .columns([Column::ResourceId, Column::At, Column::Reason, Column::Audience, Column::OwnerId]);
    type Found = (String, Timestamp, Option<String>, Audience, Option<Uuid>);
    for (id, at, reason, audience, owner_id) in query.into_tuple::<Found>().all(db).await? {
        newest.entry(id).or_insert(Moved { at, reason, audience, owner_id });
    }
    Ok(newest)
}

/// The oldest change of one row.
#[expect(clippy::disallowed_methods, reason = "the table is this file's own")]
pub(super) async fn first(db: &impl ConnectionTrait, kind: Kind, resource_id: &str) -> Result<Option<change::Model>, Problem> {
    let of_it = change::Entity::find().filter(change::Column::Kind.eq(kind.name())).filter(change::Column::ResourceId.eq(resource_id));
    Ok(of_it.order_by_asc(change::Column::Seq).one(db).await?)
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
