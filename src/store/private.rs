//! Tables outside the change log: what is written to them inside a tracked write, and by whose leave.

use sea_orm::{
    ActiveModelTrait, ActiveValue, ColumnTrait, Condition, EntityTrait, IdenStatic, Iterable, PrimaryKeyToColumn, QueryFilter,
    sea_query::{IntoCondition, OnConflict},
};
use uuid::Uuid;

use super::{
    change_log::Op,
    tracked::{Stamp, Tracked},
    tx::{Tx, require},
};
use crate::{
    auth::{Action, ActorKind, Grant},
    problem::Problem,
};

/// A table outside the change log: secrets, keys and the like. No shared operation reads one.
pub trait Private: EntityTrait {
    /// The column that names the account to which a row belongs; `None`: the rows belong to the instance.
    const HOLDER: Option<Self::Column> = None;
}

/// Leave to write the private rows of one account, and of no other: every statement is narrowed to them.
#[derive(Clone, Copy, Debug)]
pub struct Holder(Uuid);

impl Holder {
    pub(super) fn account(self) -> Uuid {
        self.0
    }

    fn column<P: Private>() -> Result<P::Column, Problem> {
        P::HOLDER.ok_or_else(|| Problem::internal(format!("{} belongs to no account", P::default().table_name())))
    }

    fn narrow<P: Private>(self, which: impl IntoCondition) -> Result<Condition, Problem> {
        Ok(which.into_condition().add(Self::column::<P>()?.eq(self.0)))
    }
}

impl Tx<'_> {
    /// The private rows of this account: for the account itself, for the system, and for whoever holds a grant that is about it.
    pub fn private_of(&self, account: Uuid, grant: Option<&Grant>) -> Result<Holder, Problem> {
        let actor = self.actor();
        let own = actor.account_id == Some(account);
        if own || actor.kind == ActorKind::System || grant.is_some_and(|grant| grant.concerns(account)) {
            return Ok(Holder(account));
        }
        Err(Problem::internal("private rows of an account were to be written without a grant for it"))
    }

    /// Writes a new row of a private table.
    #[expect(clippy::disallowed_methods, reason = "the store writes")]
    pub async fn insert_private<P: Private>(&mut self, holder: Holder, row: P::ActiveModel) -> Result<(), Problem>
    where
        P::ActiveModel: ActiveModelTrait<Entity = P> + Send,
    {
        match row.get(Holder::column::<P>()?) {
            ActiveValue::Set(id) | ActiveValue::Unchanged(id) if id == holder.0.into() => {}
            _ => return Err(Problem::internal("a private row of another account was to be written")),
        }
        self.access = true;
        P::insert(row).exec_without_returning(&self.db).await?;
        Ok(())
    }

    /// One conditional UPDATE of the holder's rows; says how many it met.
    #[expect(clippy::disallowed_methods, reason = "the store writes")]
    pub async fn update_private<P: Private>(
        &mut self,
        holder: Holder,
        values: P::ActiveModel,
        which: impl IntoCondition,
    ) -> Result<u64, Problem>
    where
        P::ActiveModel: ActiveModelTrait<Entity = P> + Send,
    {
        let done = P::update_many().set(values).filter(holder.narrow::<P>(which)?).exec(&self.db).await?;
        self.access |= done.rows_affected > 0;
        Ok(done.rows_affected)
    }

    /// One conditional DELETE of the holder's rows; says how many it met.
    #[expect(clippy::disallowed_methods, reason = "the store writes")]
    pub async fn delete_private<P: Private>(&mut self, holder: Holder, which: impl IntoCondition) -> Result<u64, Problem> {
        let done = P::delete_many().filter(holder.narrow::<P>(which)?).exec(&self.db).await?;
        self.access |= done.rows_affected > 0;
        Ok(done.rows_affected)
    }

    /// Writes a secret or a contact of a tracked row into its private table. What it is, is not in the change log; that it was set is.
    pub async fn put_secret<E: Tracked, P: Private>(&mut self, grant: &Grant, of: &E::Model, secret: P::ActiveModel) -> Result<(), Problem>
    where
        P::ActiveModel: ActiveModelTrait<Entity = P> + Send,
    {
        let op = match grant.action() {
            Action::SetContact => Op::Contact,
            Action::SetPassword => Op::Credential,
            _ => {
                require(grant, Action::Update, &E::subject(of))?;
                Op::Credential
            }
        };
        require(grant, grant.action(), &E::subject(of))?;
        self.access |= op == Op::Credential;
        self.write_private::<P>(secret).await?;
        self.log::<E>(of, &Stamp::of::<E>(of)?, op, None)
    }

    /// Notes that a secret of the row, or a link for setting one, was given or taken away; what it is, is not in the change log.
    pub fn note_credential<E: Tracked>(&mut self, grant: &Grant, of: &E::Model) -> Result<(), Problem> {
        if !matches!(grant.action(), Action::Update | Action::GivePasswordLink) {
            return Err(Problem::internal("a grant for something else was used to note a secret"));
        }
        require(grant, grant.action(), &E::subject(of))?;
        self.access = true;
        self.log::<E>(of, &Stamp::of::<E>(of)?, Op::Credential, None)
    }

    /// Writes a row of a private table that belongs to no tracked row.
    pub async fn put_private<P: Private>(&mut self, row: P::ActiveModel) -> Result<(), Problem>
    where
        P::ActiveModel: ActiveModelTrait<Entity = P> + Send,
    {
        if self.actor().kind != ActorKind::System {
            return Err(Problem::internal("only the system itself writes private tables"));
        }
        self.access = true;
        self.write_private::<P>(row).await
    }

    #[expect(clippy::disallowed_methods, reason = "the store writes")]
    async fn write_private<P: Private>(&mut self, row: P::ActiveModel) -> Result<(), Problem>
    where
        P::ActiveModel: ActiveModelTrait<Entity = P> + Send,
    {
        let keys: Vec<_> = P::PrimaryKey::iter().map(PrimaryKeyToColumn::into_column).collect();
        let others: Vec<_> = P::Column::iter().filter(|column| !keys.iter().any(|key| key.as_str() == column.as_str())).collect();
        let conflict = OnConflict::columns(keys).update_columns(others).to_owned();
        P::insert(row).on_conflict(conflict).exec_without_returning(&self.db).await?;
        Ok(())
    }
}
