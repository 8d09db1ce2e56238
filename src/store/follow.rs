//! What a move of one row makes of others that go by it.

use sea_orm::{ColumnTrait, IdenStatic, Iterable, ModelTrait, QueryFilter, Value, sea_query::Expr};
use uuid::Uuid;

use super::{
    change_log::Op,
    tracked::{Stamp, Tracked, put, stamp_sight},
    tx::{Tx, update_row},
};
use crate::problem::Problem;

/// So many rows are written by one statement: engines limit its parameters.
const TOGETHER: usize = 500;

/// Rows of which the same columns become the same values.
struct Alike<C> {
    values: Vec<(C, Value)>,
    ids: Vec<Uuid>,
}

impl Tx<'_> {
    /// Lets rows catch up with the one that they go by, after that has moved: `catch_up` writes what [`Tracked::FOLLOWS`] names, and who may see
    /// the row follows from it. Each row that differs leaves a change of its own, from which on others see it or see it no more; its revision
    /// and its times stay, since nothing that is shown of it changed. It needs no grant: the move had one, and nothing else can be written here.
    pub async fn follow<E: Tracked>(&mut self, rows: Vec<E::Model>, catch_up: impl Fn(&mut E::Model)) -> Result<(), Problem> {
        let mut groups: Vec<Alike<E::Column>> = Vec::new();
        for before in rows {
            let mut after = before.clone();
            catch_up(&mut after);
            stamp_sight::<E>(&mut after)?;
            let values = caught_up::<E>(&before, &after)?;
            if values.is_empty() {
                continue;
            }
            let stamp = Stamp::of::<E>(&after)?;
            self.log::<E>(&after, &stamp, Op::Audience, None)?;
            match groups.iter_mut().find(|group| alike(&group.values, &values)) {
                Some(group) => group.ids.push(stamp.id),
                None => groups.push(Alike { values, ids: vec![stamp.id] }),
            }
        }
        for group in groups {
            self.write_alike::<E>(&group).await?;
        }
        Ok(())
    }

    /// Writes what follows for a row from a write to another one, such as to one that stands below it: its revision rises, so that whoever saw it
    /// before that looks again before writing to it. Nothing of it can be changed here but what [`Tracked::SETTLED`] names, and so it needs no
    /// grant: what was written had one.
    pub async fn raise<E: Tracked>(&mut self, before: E::Model, mut after: E::Model) -> Result<E::Model, Problem> {
        for column in E::Column::iter().filter(|column| before.get(*column) != after.get(*column)) {
            if !E::SETTLED.iter().any(|settled| settled.as_str() == column.as_str()) {
                return Err(Problem::internal(format!("{}.{} does not follow from a write to another row", E::KIND, column.as_str())));
            }
        }
        let stamp = Stamp::of::<E>(&before)?;
        stamp_sight::<E>(&mut after)?;
        put::<E>(&mut after, "revision", stamp.revision + 1)?;
        put::<E>(&mut after, "updated_at", self.now())?;
        update_row::<E>(&self.db, &stamp, &before, &after).await?;
        self.log::<E>(&after, &Stamp::of::<E>(&after)?, Op::Update, None)?;
        Ok(after)
    }

    #[expect(clippy::disallowed_methods, reason = "the store writes")]
    async fn write_alike<E: Tracked>(&self, group: &Alike<E::Column>) -> Result<(), Problem> {
        for ids in group.ids.chunks(TOGETHER) {
            let update = group
                .values
                .iter()
                .fold(E::update_many(), |update, (column, value)| update.col_expr(*column, column.save_as(Expr::val(value.clone()))));
            let done = update.filter(E::column("id")?.is_in(ids.iter().copied())).exec(&self.db).await?;
            if usize::try_from(done.rows_affected).map_err(Problem::internal)? != ids.len() {
                return Err(Problem::internal("a row went away behind the writer lock"));
            }
        }
        Ok(())
    }
}

/// What differs, if nothing but what may follow does.
fn caught_up<E: Tracked>(before: &E::Model, after: &E::Model) -> Result<Vec<(E::Column, Value)>, Problem> {
    let mut values = Vec::new();
    for column in E::Column::iter().filter(|column| before.get(*column) != after.get(*column)) {
        let name = column.as_str();
        let follows = E::FOLLOWS.iter().any(|known| known.as_str() == name);
        if !follows && !matches!(name, "audience" | "owner_id") {
            return Err(Problem::internal(format!("{}.{name} does not follow from another row", E::KIND)));
        }
        values.push((column, after.get(column)));
    }
    Ok(values)
}

fn alike<C: IdenStatic>(one: &[(C, Value)], other: &[(C, Value)]) -> bool {
    let named = |(column, value): &(C, Value)| (column.as_str(), value.clone());
    one.iter().map(named).eq(other.iter().map(named))
}
