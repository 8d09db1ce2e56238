//! The only code that writes rows. Every way in asks for a [`Grant`] and leaves a change behind.

use sea_orm::{
    ActiveModelTrait, ColumnTrait, DatabaseTransaction, EntityTrait, IdenStatic, IntoActiveModel, Iterable, ModelTrait, PaginatorTrait,
    QueryFilter, Select, SelectModel,
    sea_query::{Expr, IntoCondition},
};
use serde_json::to_value;
use uuid::Uuid;

use super::{
    Engine, Intent,
    change_log::{Draft, Op, Tail},
    fresh_id, idempotency,
    idempotency::Keepable,
    search,
    tracked::{ExternalId, Stamp, Tracked, put, stamp_sight},
    visible,
};
use crate::{
    auth::{Action, Actor, Grant, Subject},
    clock::Timestamp,
    problem::{Code, Fault, FaultCode, Problem},
    text::Items,
};

/// The revision that the caller saw, from `If-Match`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    /// No `If-Match` was sent.
    Nothing,
    /// `*`: whichever it is.
    Any,
    Revisions(Vec<i64>),
}

impl Seen {
    /// For writes that may do without `If-Match`.
    #[must_use]
    pub fn or_any(&self) -> Self {
        if *self == Self::Nothing { Self::Any } else { self.clone() }
    }

    /// 428 when no `If-Match` was sent.
    pub fn given(&self) -> Result<(), Problem> {
        if *self == Self::Nothing { Err(Problem::new(Code::PreconditionRequired)) } else { Ok(()) }
    }

    /// 412 when what was seen is not this revision.
    pub fn covers(&self, revision: i64) -> Result<(), Problem> {
        match self {
            Self::Revisions(seen) if !seen.contains(&revision) => Err(Problem::stale(revision)),
            _ => Ok(()),
        }
    }
}

/// The owned rows of a tracked row in a table for filtering; the row itself holds the same list.
pub trait OwnedRows: EntityTrait {}

/// One write transaction.
pub struct Tx<'a> {
    pub(super) db: DatabaseTransaction,
    pub(super) intent: &'a Intent,
    pub(super) now: Timestamp,
    pub(super) engine: Engine,
    pub(super) drafts: Vec<Draft>,
    /// Whether something was written that may change who is let in.
    pub(super) access: bool,
}

impl<'a> Tx<'a> {
    pub(super) fn new(db: DatabaseTransaction, intent: &'a Intent, now: Timestamp, engine: Engine) -> Self {
        Self { db, intent, now, engine, drafts: Vec::new(), access: false }
    }

    pub(super) fn into_inner(self) -> DatabaseTransaction {
        self.db
    }

    pub(super) async fn finish(&mut self, tail: &mut Tail, reply: &impl Keepable) -> Result<(), Problem> {
        tail.append(self.intent, self.now, std::mem::take(&mut self.drafts), self.access)?;
        idempotency::keep(&self.db, self.intent, self.now, reply).await
    }

    pub fn actor(&self) -> &'a Actor {
        &self.intent.actor
    }

    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// To be asked before the change log is read: changes of those who are committed together are not in it yet.
    pub(super) fn reads_log(&self) -> Result<(), Problem> {
        if self.intent.alone { Ok(()) } else { Err(Problem::internal("a write that reads the change log may join others")) }
    }

    pub fn may(&self, action: Action, subject: &Subject) -> Result<Grant, Problem> {
        Grant::of(self.actor(), action, subject)
    }

    /// The row to be changed and the right to do so. In this order: 428 without `If-Match`, 404 when not seen, 403 when not allowed, 412 when stale.
    pub async fn open<E: Tracked>(&self, which: impl IntoCondition, seen: &Seen, action: Action) -> Result<(E::Model, Grant), Problem> {
        seen.given()?;
        let row = self.find::<E>(which).await?.ok_or_else(Problem::not_found)?;
        let grant = self.may(action, &E::subject(&row))?;
        seen.covers(Stamp::of::<E>(&row)?.revision)?;
        Ok((row, grant))
    }

    /// The row that this condition names, if the caller may see it.
    pub async fn find<E: Tracked>(&self, which: impl IntoCondition) -> Result<Option<E::Model>, Problem> {
        Ok(visible::<E>(self.actor())?.filter(which).one(&self.db).await?)
    }

    pub async fn first<E: EntityTrait>(&self, query: Select<E>) -> Result<Option<E::Model>, Problem> {
        Ok(query.one(&self.db).await?)
    }

    pub async fn all<E: EntityTrait>(&self, query: Select<E>) -> Result<Vec<E::Model>, Problem> {
        Ok(query.all(&self.db).await?)
    }

    pub async fn count<E: EntityTrait<Model: Send + Sync>>(&self, query: Select<E>) -> Result<u64, Problem>
    where
        Select<E>: for<'db> PaginatorTrait<'db, DatabaseTransaction, Selector = SelectModel<E::Model>>,
    {
        Ok(query.count(&self.db).await?)
    }

    /// Writes a new row; id, revision, times, audience and owner are stamped here.
    pub async fn insert<E: Tracked>(&mut self, grant: &Grant, row: E::Model) -> Result<E::Model, Problem> {
        self.enter::<E>(grant, row, Vec::new()).await
    }

    pub(super) async fn enter<E: Tracked>(&mut self, grant: &Grant, mut row: E::Model, ids: Vec<ExternalId>) -> Result<E::Model, Problem> {
        require(grant, Action::Create, &E::subject(&row))?;
        let id = fresh_id(self.now);
        put::<E>(&mut row, "id", id)?;
        put::<E>(&mut row, "revision", 1i64)?;
        put::<E>(&mut row, "created_at", self.now)?;
        put::<E>(&mut row, "updated_at", self.now)?;
        put::<E>(&mut row, "archived_at", Option::<Timestamp>::None)?;
        put::<E>(&mut row, "provenance", self.intent.provenance)?;
        put::<E>(&mut row, "external_ids", Items(ids.clone()))?;
        stamp_sight::<E>(&mut row)?;
        // Asked again now that the row says whose it is.
        self.may(Action::Create, &E::subject(&row))?;
        insert_row::<E>(&self.db, row.clone()).await?;
        search::write_external_ids(&self.db, E::KIND, id, &ids).await?;
        self.changed::<E>(&row, Op::Create, None).await?;
        Ok(row)
    }

    /// Writes what differs. Nothing differs: no revision, no change row. A field outside the grant: 403; an archived row: 409. What the
    /// store stamps, archives or names by external id stays as it was.
    pub async fn update<E: Tracked>(&mut self, grant: &Grant, before: E::Model, after: E::Model) -> Result<E::Model, Problem> {
        require(grant, Action::Update, &E::subject(&before))?;
        self.write_fields::<E>(grant, before, after, None).await
    }

    /// As [`Tx::update`], for a duty that goes from an institution that ends to its heir.
    pub async fn reassign<E: Tracked>(
        &mut self,
        grant: &Grant,
        before: E::Model,
        after: E::Model,
        reason: String,
    ) -> Result<E::Model, Problem> {
        require(grant, Action::Reassign, &E::subject(&before))?;
        self.write_fields::<E>(grant, before, after, Some(reason)).await
    }

    /// As [`Tx::update`], for a change that says why it is made.
    pub async fn update_because<E: Tracked>(
        &mut self,
        grant: &Grant,
        before: E::Model,
        after: E::Model,
        reason: String,
    ) -> Result<E::Model, Problem> {
        require(grant, Action::Update, &E::subject(&before))?;
        self.write_fields::<E>(grant, before, after, Some(reason)).await
    }

    async fn write_fields<E: Tracked>(
        &mut self,
        grant: &Grant,
        before: E::Model,
        mut after: E::Model,
        reason: Option<String>,
    ) -> Result<E::Model, Problem> {
        for name in ["archived_at", "external_ids"] {
            put::<E>(&mut after, name, before.get(E::column(name)?))?;
        }
        let outside: Vec<_> = differing::<E>(&before, &after)
            .filter(|column| !reaches(grant, column) && !is_settled::<E>(column))
            .map(not_writable)
            .collect();
        if !outside.is_empty() {
            return Err(outside.into_iter().fold(Problem::new(Code::FieldNotWritable).with("rule", grant.rule()), Problem::fault));
        }
        if E::owner(&before) != E::owner(&after) {
            // Nobody gives a row away to an institution that they do not speak for.
            self.may(grant.action(), &E::subject(&after))?;
        }
        self.keep::<E>(before, after, Op::Update, reason).await
    }

    pub async fn archive<E: Tracked>(&mut self, grant: &Grant, before: E::Model) -> Result<E::Model, Problem> {
        require(grant, Action::Archive, &E::subject(&before))?;
        let mut after = before.clone();
        put::<E>(&mut after, "archived_at", Some(self.now))?;
        self.keep::<E>(before, after, Op::Archive, None).await
    }

    pub async fn restore<E: Tracked>(&mut self, grant: &Grant, before: E::Model) -> Result<E::Model, Problem> {
        require(grant, Action::Restore, &E::subject(&before))?;
        if Stamp::of::<E>(&before)?.archived_at.is_none() {
            return Err(Problem::new(Code::NotArchived));
        }
        let mut after = before.clone();
        put::<E>(&mut after, "archived_at", Option::<Timestamp>::None)?;
        self.keep::<E>(before, after, Op::Restore, None).await
    }

    /// Writes what a move of the state machine made of the row.
    pub async fn transition<E: Tracked>(
        &mut self,
        grant: &Grant,
        before: E::Model,
        after: E::Model,
        reason: Option<String>,
    ) -> Result<E::Model, Problem> {
        require(grant, Action::Transition, &E::subject(&before))?;
        if !grant.leads_to(E::state(&after)) {
            return Err(Problem::internal("a grant for another move was used"));
        }
        self.keep::<E>(before, after, Op::Transition, reason).await
    }

    pub(super) async fn keep<E: Tracked>(
        &mut self,
        before: E::Model,
        mut after: E::Model,
        op: Op,
        reason: Option<String>,
    ) -> Result<E::Model, Problem> {
        let stamp = Stamp::of::<E>(&before)?;
        if stamp.archived_at.is_some() && op != Op::Restore {
            return Err(Problem::new(Code::Archived));
        }
        for name in ["id", "created_at", "provenance"] {
            put::<E>(&mut after, name, before.get(E::column(name)?))?;
        }
        stamp_sight::<E>(&mut after)?;
        if differing::<E>(&before, &after).next().is_none() {
            return Ok(before);
        }
        put::<E>(&mut after, "revision", stamp.revision + 1)?;
        put::<E>(&mut after, "updated_at", self.now)?;
        update_row::<E>(&self.db, &stamp, &before, &after).await?;
        let text = E::search_text(&after);
        if text != E::search_text(&before) {
            search::write(&self.db, self.engine, E::KIND, stamp.id, &text).await?;
        }
        self.log::<E>(&after, &Stamp::of::<E>(&after)?, op, reason)?;
        Ok(after)
    }

    pub(super) async fn changed<E: Tracked>(&mut self, row: &E::Model, op: Op, reason: Option<String>) -> Result<(), Problem> {
        let stamp = Stamp::of::<E>(row)?;
        search::write(&self.db, self.engine, E::KIND, stamp.id, &E::search_text(row)).await?;
        self.log::<E>(row, &stamp, op, reason)
    }

    pub(super) fn log<E: Tracked>(&mut self, row: &E::Model, stamp: &Stamp, op: Op, reason: Option<String>) -> Result<(), Problem> {
        self.drafts.push(Draft {
            kind: E::KIND,
            resource_id: E::public_id(row)?,
            revision: stamp.revision,
            op,
            audience: stamp.audience,
            owner_id: stamp.owner_id,
            body: to_value(row).map_err(Problem::internal)?,
            reason,
        });
        Ok(())
    }

    /// Adds an owned row that stands for ever.
    #[expect(clippy::disallowed_methods, reason = "the store writes")]
    pub async fn add_owned<C: OwnedRows>(&mut self, row: C::ActiveModel) -> Result<(), Problem> {
        C::insert(row).exec_without_returning(&self.db).await?;
        Ok(())
    }

    /// Replaces the owned rows that stand in a table of their own for filtering.
    #[expect(clippy::disallowed_methods, reason = "the store writes")]
    pub async fn replace_owned<C: OwnedRows>(&mut self, parent: C::Column, id: Uuid, rows: Vec<C::ActiveModel>) -> Result<(), Problem> {
        C::delete_many().filter(parent.eq(id)).exec(&self.db).await?;
        if !rows.is_empty() {
            C::insert_many(rows).exec_without_returning(&self.db).await?;
        }
        Ok(())
    }
}

pub(super) fn require(grant: &Grant, action: Action, subject: &Subject) -> Result<(), Problem> {
    if grant.covers(action, subject) {
        Ok(())
    } else {
        Err(Problem::internal(format!("a grant for something else was used to {action} a row of {}", subject.kind)))
    }
}

const STAMPED: &[&str] = &["id", "revision", "audience", "owner_id", "created_at", "updated_at", "provenance"];

/// The field that a column belongs to: some are computed from another one, and an amount of money takes two.
fn field(column: &impl IdenStatic) -> &str {
    let name = column.as_str();
    let name = name.strip_prefix("sort_").unwrap_or(name);
    name.strip_suffix("_minor").or_else(|| name.strip_suffix("_currency")).unwrap_or(name)
}

fn is_settled<E: Tracked>(column: &E::Column) -> bool {
    E::SETTLED.iter().any(|settled| settled.as_str() == column.as_str())
}

fn reaches(grant: &Grant, column: &impl IdenStatic) -> bool {
    grant.reaches(field(column))
}

fn not_writable(column: impl IdenStatic) -> Fault {
    Fault::at(format!("/{}", field(&column)), FaultCode::NotWritable)
}

pub(super) fn differing<'r, E: Tracked>(before: &'r E::Model, after: &'r E::Model) -> impl Iterator<Item = E::Column> + 'r {
    E::Column::iter().filter(|column| {
        let name = column.as_str();
        let stamped = STAMPED.contains(&name) && !matches!(name, "audience" | "owner_id");
        !stamped && before.get(*column) != after.get(*column)
    })
}

#[expect(clippy::disallowed_methods, reason = "the store writes")]
async fn insert_row<E: Tracked>(db: &DatabaseTransaction, row: E::Model) -> Result<(), Problem> {
    E::insert(row.into_active_model().reset_all()).exec_without_returning(db).await?;
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "the store writes")]
pub(super) async fn update_row<E: Tracked>(
    db: &DatabaseTransaction,
    stamp: &Stamp,
    before: &E::Model,
    after: &E::Model,
) -> Result<(), Problem> {
    let mut update = E::update_many();
    for column in E::Column::iter().filter(|column| before.get(*column) != after.get(*column)) {
        update = update.col_expr(column, column.save_as(Expr::val(after.get(column))));
    }
    let done = update.filter(E::column("id")?.eq(stamp.id)).filter(E::column("revision")?.eq(stamp.revision)).exec(db).await?;
    if done.rows_affected == 1 { Ok(()) } else { Err(Problem::internal("a row changed behind the writer lock")) }
}
