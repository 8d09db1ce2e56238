//! Answers kept for a day, so that a write can be sent again.

use aws_lc_rs::digest;
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, DatabaseTransaction, EntityTrait, QueryFilter,
    sea_query::{Expr, OnConflict},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Intent;
use crate::{
    auth::secret_key::{Purpose, Sealer},
    clock::Timestamp,
    problem::{Code, Problem},
};

/// How long an answer is kept.
const HOURS: i64 = 24;
/// Stands for the fingerprint of a request whose kept answer was erased: no digest of what was sent is left either.
const ERASED: &str = "erased";

/// A key of the caller's choice, and what it was first used for.
#[derive(Clone, Debug)]
pub struct Repeat {
    pub key: String,
    pub fingerprint: String,
    /// What it was with former keys of the instance.
    former: Vec<String>,
}

impl Repeat {
    /// The fingerprint covers the method, the path, the query and the body. It is kept for a day and made with the key of the instance: a plain one
    /// would let whoever reads the database try out what was in the body.
    pub fn new(sealer: &Sealer, key: String, address: [&str; 3], body: &[u8]) -> Result<Self, Problem> {
        let mut context = digest::Context::new(&digest::SHA256);
        for part in address.map(str::as_bytes).into_iter().chain([body]) {
            context.update(&part.len().to_be_bytes());
            context.update(part);
        }
        let digest = context.finish();
        let fingerprint = sealer.name(Purpose::Fingerprint, digest.as_ref()).map_err(Problem::internal)?;
        let former = sealer.former_names(Purpose::Fingerprint, digest.as_ref()).map_err(Problem::internal)?;
        Ok(Self { key, fingerprint, former })
    }

    fn is(&self, kept: &str) -> bool {
        self.fingerprint == kept || self.former.iter().any(|former| former == kept)
    }
}

/// An answer as it goes out and as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Option<String>,
}

/// A reply that can be kept; what must not be (secrets that are shown once) it leaves out of [`Keepable::kept`].
pub trait Keepable {
    fn kept(&self) -> Result<Kept, Problem>;

    /// The answer as it goes out the first time.
    fn shown(&self) -> Result<Kept, Problem> {
        self.kept()
    }
}

impl Keepable for () {
    fn kept(&self) -> Result<Kept, Problem> {
        Ok(Kept { status: 204, headers: Vec::new(), body: None })
    }
}

/// What became of a write.
#[derive(Debug)]
pub enum Answer<R> {
    Fresh {
        reply: R,
        dry_run: bool,
    },
    /// The request had been carried out before; this was the answer.
    Replayed(Kept),
}

pub mod record {
    use sea_orm::entity::prelude::*;

    use crate::clock::Timestamp;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "idempotency")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub account_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub key: String,
        pub fingerprint: String,
        pub status: i16,
        pub headers: String,
        pub body: Option<String>,
        pub created_at: Timestamp,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// The answer that this request was given before.
#[expect(clippy::disallowed_methods, reason = "the table is this file's own")]
pub(super) async fn recall(db: &DatabaseTransaction, intent: &Intent, now: Timestamp) -> Result<Option<Kept>, Problem> {
    let (Some(repeat), Some(account)) = (&intent.repeat, intent.actor.account_id) else { return Ok(None) };
    let found = record::Entity::find_by_id((account, repeat.key.clone())).one(db).await?;
    match found.filter(|found| found.created_at > now.minus_hours(HOURS)) {
        None => Ok(None),
        Some(found) if found.fingerprint == ERASED => Err(Problem::new(Code::AnswerErased)),
        Some(found) if !repeat.is(&found.fingerprint) => Err(Problem::new(Code::IdempotencyKeyReused)),
        Some(found) => Ok(Some(Kept {
            status: u16::try_from(found.status).map_err(Problem::internal)?,
            headers: serde_json::from_str(&found.headers).map_err(Problem::internal)?,
            body: found.body,
        })),
    }
}

/// Keeps the answer in the transaction of the write, and lets go of those that are a day old.
#[expect(clippy::disallowed_methods, reason = "the table is this file's own")]
pub(super) async fn keep(db: &DatabaseTransaction, intent: &Intent, now: Timestamp, reply: &impl Keepable) -> Result<(), Problem> {
    let (Some(repeat), Some(account)) = (&intent.repeat, intent.actor.account_id) else { return Ok(()) };
    record::Entity::delete_many().filter(record::Column::CreatedAt.lte(now.minus_hours(HOURS))).exec(db).await?;
    let kept = reply.kept()?;
    let row = record::ActiveModel {
        account_id: Set(account),
        key: Set(repeat.key.clone()),
        fingerprint: Set(repeat.fingerprint.clone()),
        status: Set(i16::try_from(kept.status).map_err(Problem::internal)?),
        headers: Set(serde_json::to_string(&kept.headers).map_err(Problem::internal)?),
        body: Set(kept.body),
        created_at: Set(now),
    };
    let conflict = OnConflict::columns([record::Column::AccountId, record::Column::Key]).do_nothing().to_owned();
    record::Entity::insert(row).on_conflict(conflict).exec_without_returning(db).await?;
    Ok(())
}

/// Lets go of kept answers that name this row; their keys stay taken, so that nothing is carried out twice.
#[expect(clippy::disallowed_methods, reason = "the table is this file's own")]
pub(super) async fn forget(db: &DatabaseTransaction, resource_id: &str) -> Result<(), Problem> {
    let nothing = Expr::val(Option::<String>::None);
    let naming = Condition::any().add(record::Column::Body.contains(resource_id)).add(record::Column::Headers.contains(resource_id));
    record::Entity::update_many()
        .col_expr(record::Column::Body, nothing)
        .col_expr(record::Column::Headers, Expr::val("[]"))
        .col_expr(record::Column::Fingerprint, Expr::val(ERASED))
        .filter(naming)
        .exec(db)
        .await?;
    Ok(())
}

/// Lets go of every answer that was kept for this account, which sends nothing again.
#[expect(clippy::disallowed_methods, reason = "the table is this file's own")]
pub(super) async fn forget_caller(db: &DatabaseTransaction, account: Uuid) -> Result<(), Problem> {
    record::Entity::delete_many().filter(record::Column::AccountId.eq(account)).exec(db).await?;
    Ok(())
}
