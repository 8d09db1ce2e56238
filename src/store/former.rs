//! What rows were once, as the change log has it.

use sea_orm::{ColumnTrait, Condition, sea_query::IntoCondition};
use uuid::Uuid;

use super::{
    Origin,
    change_log::{self, Op, change},
    tracked::Tracked,
    tx::Tx,
};
use crate::problem::Problem;

impl Tx<'_> {
    /// What rows of this kind were at some time, as far as they named this id then.
    pub async fn formerly_naming<E: Tracked>(&self, id: Uuid) -> Result<Vec<E::Model>, Problem> {
        self.formerly::<E>(change::Column::Body.contains(id.to_string())).await
    }

    /// Rows of this kind as they were entered from this origin, whatever became of them.
    pub async fn as_entered_from<E: Tracked>(&self, origin: Origin) -> Result<Vec<E::Model>, Problem> {
        self.formerly::<E>(Condition::all().add(change::Column::Op.eq(Op::Create)).add(change::Column::Origin.eq(origin.name()))).await
    }

    /// A row as it was at each of its revisions, the first one first; those that were emptied are left out.
    pub async fn revisions_of<E: Tracked>(&self, row: &E::Model) -> Result<Vec<E::Model>, Problem> {
        self.formerly::<E>(change::Column::ResourceId.eq(E::public_id(row)?)).await
    }

    async fn formerly<E: Tracked>(&self, which: impl IntoCondition) -> Result<Vec<E::Model>, Problem> {
        self.reads_log()?;
        let bodies = change_log::bodies(&self.db, E::KIND, which).await?;
        bodies.iter().map(|body| serde_json::from_str(body).map_err(Problem::internal)).collect()
    }
}
