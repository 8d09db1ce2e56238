//! Carrying a whole record from one database into another, empty one: table by table, in one transaction, compared row by row in the end.

use std::{fmt::Write as _, pin::pin};

use aws_lc_rs::digest;
use futures_util::TryStreamExt as _;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, IdenStatic, IntoActiveModel, Iterable, ModelTrait,
    PaginatorTrait, PrimaryKeyToColumn, QueryFilter, QueryOrder, Select, SelectModel, Value,
};

use super::{Engine, Store, change_log, idempotency, search};
use crate::problem::Problem;

/// Rows in memory and in one statement.
const CHUNK: usize = 500;
/// A long table tells how far it is after so many rows.
const TOLD: u64 = 50_000;

/// Why a record was not carried over.
#[derive(Debug, thiserror::Error)]
pub enum TransferError {
    #[error(
        "the database of DATABASE_URL is not empty: the table {0} has rows. Make an empty one; a service that was started on it has made keys"
    )]
    NotEmpty(String),
    #[error("the table {table} did not arrive as it was ({from} rows here, {to} there): nothing was kept")]
    Differs { table: String, from: u64, to: u64 },
    #[error("{0}")]
    Problem(#[from] Problem),
}

impl From<sea_orm::DbErr> for TransferError {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Problem(error.into())
    }
}

/// How one table is carried over.
pub struct Plan<E: EntityTrait> {
    /// What tells the rows apart on both sides.
    key: Vec<E::Column>,
    /// Numbered by each database for itself.
    own_number: Option<E::Column>,
    /// Points at another row of the same table, which may come later.
    parent: Option<E::Column>,
}

impl<E: EntityTrait> Plan<E> {
    pub fn plain() -> Self {
        let key = E::PrimaryKey::iter().map(PrimaryKeyToColumn::into_column).collect();
        Self { key, own_number: None, parent: None }
    }

    /// Rows point at each other by this column.
    pub fn with_parent(parent: E::Column) -> Self {
        Self { parent: Some(parent), ..Self::plain() }
    }

    fn ordered(&self) -> Select<E> {
        self.key.iter().fold(E::find_all(), |select, column| select.order_by_asc(*column))
    }
}

/// The two sides, each at one moment.
pub struct Transfer<'a> {
    from: DatabaseTransaction,
    to: DatabaseTransaction,
    tables: Vec<String>,
    told: &'a mut dyn FnMut(&str, u64),
}

impl<'a> Transfer<'a> {
    /// Takes the writer's place at both ends. `told` hears how many rows of a table have arrived.
    #[expect(clippy::disallowed_methods, reason = "a transfer takes longer than a write may")]
    pub async fn begin(from: &Store, to: &Store, told: &'a mut dyn FnMut(&str, u64)) -> Result<Self, TransferError> {
        let (from, to) = (from.snapshot().await?, to.begin_aside().await?);
        to.execute_unprepared("SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0").await?;
        let head = change_log::lock_head(&to).await?;
        if head.seq != 0 {
            return Err(TransferError::NotEmpty("change".to_owned()));
        }
        Ok(Self { from, to, tables: Vec::new(), told })
    }

    /// The tables of the store itself. They come last: a table that others point at must be there first, and nothing points at these.
    pub async fn tables_of_the_store(&mut self) -> Result<(), TransferError> {
        use idempotency::record;
        use search::{external_id, search_text};

        self.table(Plan::<external_id::Entity>::plain()).await?;
        self.table(Plan::<record::Entity>::plain()).await?;
        let search_text = Plan::<search_text::Entity> {
            key: vec![search_text::Column::Kind, search_text::Column::RowId],
            own_number: Some(search_text::Column::Doc),
            parent: None,
        };
        self.table(search_text).await?;
        self.table(Plan::<change_log::change::Entity>::plain()).await?;
        let head = change_log::head(&self.from).await?;
        change_log::Tail::after(head).write(&self.to, Engine::Postgres).await?;
        self.compared(&Plan::<change_log::head::Entity>::plain()).await
    }

    /// Carries the rows of a table over, a chunk at a time.
    #[expect(clippy::disallowed_methods, reason = "the store writes")]
    pub async fn table<E>(&mut self, plan: Plan<E>) -> Result<(), TransferError>
    where
        E: EntityTrait<Model: IntoActiveModel<E::ActiveModel> + Send + Sync>,
        E::ActiveModel: ActiveModelTrait<Entity = E> + Send,
        Select<E>: for<'db> PaginatorTrait<'db, DatabaseTransaction, Selector = SelectModel<E::Model>>,
    {
        let name = E::default().table_name().to_owned();
        if E::find_all().count(&self.to).await? > 0 {
            return Err(TransferError::NotEmpty(name));
        }
        let (mut carried, mut chunk) = (0, Vec::with_capacity(CHUNK));
        {
            let mut rows = pin!(plan.ordered().stream(&self.from).await?);
            loop {
                let row = rows.try_next().await?;
                let ended = row.is_none();
                chunk.extend(row.map(|row| plan.prepared(row)));
                if chunk.len() == CHUNK || (ended && !chunk.is_empty()) {
                    carried += E::insert_many(std::mem::take(&mut chunk)).exec_without_returning(&self.to).await?;
                    if carried % TOLD == 0 {
                        (self.told)(&name, carried);
                    }
                }
                if ended {
                    break;
                }
            }
        }
        if let Some(parent) = plan.parent {
            self.parents(&plan, parent).await?;
        }
        (self.told)(&name, carried);
        self.compared(&plan).await
    }

    #[expect(clippy::disallowed_methods, reason = "the store writes")]
    async fn parents<E>(&self, plan: &Plan<E>, parent: E::Column) -> Result<(), TransferError>
    where
        E: EntityTrait<Model: Send + Sync>,
    {
        let mut rows = pin!(plan.ordered().filter(parent.is_not_null()).stream(&self.from).await?);
        while let Some(row) = rows.try_next().await? {
            let this = plan.key.iter().fold(sea_orm::Condition::all(), |all, column| all.add(column.eq(row.get(*column))));
            E::update_many().col_expr(parent, sea_orm::sea_query::Expr::value(row.get(parent))).filter(this).exec(&self.to).await?;
        }
        Ok(())
    }

    /// Reads the table again on both sides.
    async fn compared<E: EntityTrait<Model: Send + Sync>>(&mut self, plan: &Plan<E>) -> Result<(), TransferError> {
        let (from, to) = (plan.summed(&self.from).await?, plan.summed(&self.to).await?);
        let table = E::default().table_name().to_owned();
        if from != to {
            return Err(TransferError::Differs { table, from: from.0, to: to.0 });
        }
        self.tables.push(table);
        Ok(())
    }

    /// Keeps what was carried over; tells of which tables.
    pub async fn keep(self) -> Result<Vec<String>, TransferError> {
        self.from.rollback().await?;
        self.to.commit().await?;
        Ok(self.tables)
    }
}

impl<E: EntityTrait> Plan<E> {
    fn prepared(&self, row: E::Model) -> E::ActiveModel
    where
        E::Model: IntoActiveModel<E::ActiveModel>,
        E::ActiveModel: ActiveModelTrait<Entity = E>,
    {
        let mut row = row.into_active_model().reset_all();
        if let Some(column) = self.own_number {
            row.not_set(column);
        }
        if let Some(column) = self.parent {
            row.not_set(column);
        }
        row
    }

    /// How many rows there are, and one digest over all that stands in them.
    async fn summed(&self, db: &DatabaseTransaction) -> Result<(u64, Vec<u8>), TransferError>
    where
        E::Model: Send + Sync,
    {
        let (mut count, mut context) = (0, digest::Context::new(&digest::SHA256));
        let mut rows = pin!(self.ordered().stream(db).await?);
        let mut text = String::new();
        while let Some(row) = rows.try_next().await? {
            text.clear();
            for column in E::Column::iter().filter(|column| self.own_number.is_none_or(|own| own.as_str() != column.as_str())) {
                let value: Value = row.get(column);
                writeln!(text, "{value:?}").map_err(Problem::internal)?;
            }
            context.update(text.as_bytes());
            count += 1;
        }
        Ok((count, context.finish().as_ref().to_vec()))
    }
}

/// Every row, whoever may see it.
trait Everything: EntityTrait {
    #[expect(clippy::disallowed_methods, reason = "a transfer carries every row")]
    fn find_all() -> Select<Self> {
        Self::find()
    }
}

impl<E: EntityTrait> Everything for E {}
