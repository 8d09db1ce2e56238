//! Which activities the figures of a workplan are about: those of the plan that is asked for, or of the one that is being carried out.

use sea_orm::{ColumnTrait, QueryFilter, Select};
use uuid::Uuid;

use crate::{
    auth::Actor,
    entity::{
        activity,
        workplan::{self, WorkplanState},
    },
    problem::{Fault, FaultCode, Problem},
    store::{Store, visible},
    text::Days,
};

/// The plans, and whether what was added to them since their approval is left out.
pub struct Plans {
    pub ids: Vec<Uuid>,
    /// The first and the last day of each.
    pub days: Vec<Days>,
    approved: bool,
}

impl Plans {
    /// The plan with this id, or those that are being carried out.
    pub async fn of(store: &Store, actor: &Actor, asked: Option<Uuid>) -> Result<Self, Problem> {
        use workplan::{Column, Entity};

        let seen = visible::<Entity>(actor)?;
        let mut plans = match asked {
            Some(id) => store.all(seen.filter(Column::Id.eq(id))).await?,
            None => store.all(seen.filter(Column::State.eq(WorkplanState::Active)).filter(Column::ArchivedAt.is_null())).await?,
        };
        // A figure about a plan that there is not would look as if nothing were planned.
        if asked.is_some() && plans.is_empty() {
            return Err(Problem::bad_query(vec![Fault::parameter("workplan_id", FaultCode::ReferenceUnknown)]));
        }
        plans.sort_by_key(|plan| (plan.starts_on, plan.id));
        let approved = plans.iter().all(|plan| plan.version.is_some());
        Ok(Self { ids: plans.iter().map(|plan| plan.id).collect(), days: plans.iter().map(workplan::Model::days).collect(), approved })
    }

    /// Those that the caller may see and that are in use. Of a plan that was approved only those in an approved version: what a revision would add is
    /// no figure yet.
    pub fn activities(&self, actor: &Actor) -> Result<Select<activity::Entity>, Problem> {
        use activity::{Column, Entity};

        let seen =
            visible::<Entity>(actor)?.filter(Column::ArchivedAt.is_null()).filter(Column::WorkplanId.is_in(self.ids.iter().copied()));
        Ok(if self.approved { seen.filter(Column::AddedInVersion.is_not_null()) } else { seen })
    }

    /// The list that holds just these, or those of one of the plans.
    pub fn href(&self, only: Option<Uuid>) -> String {
        let ids = only.map_or_else(|| self.ids.clone(), |id| vec![id]);
        let plans: Vec<_> = ids.iter().map(|id| format!("workplan_id={id}")).collect();
        format!("/v1/activities?{}{}", plans.join("&"), if self.approved { "&in_version=true" } else { "" })
    }
}
