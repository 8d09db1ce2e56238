//! What stands below an activity: it is seen as the activity is, it is frozen with it, and a write of it raises the activity's revision.

use sea_orm::ColumnTrait;
use uuid::Uuid;

use super::{activities::rules::changeable, planning};
use crate::{
    entity::{
        activity::{Column, Entity, Model},
        workplan::WorkplanState,
    },
    problem::{Code, Problem},
    store::Tx,
};

/// The activity at this address; 404 to whoever does not see it.
pub async fn seen(tx: &Tx<'_>, id: Uuid) -> Result<Model, Problem> {
    tx.find::<Entity>(Column::Id.eq(id)).await?.ok_or_else(Problem::not_found)
}

/// The activity that a row stands below.
pub async fn above(tx: &Tx<'_>, id: Uuid) -> Result<Model, Problem> {
    tx.first(Entity::by_id(id)).await?.ok_or_else(|| Problem::internal("a row below an activity that is not there"))
}

/// 409 when the activity is archived; when what is `planned` below it is frozen; or when its plan is over.
pub async fn open(tx: &Tx<'_>, activity: Uuid, planned: bool) -> Result<(), Problem> {
    let activity = above(tx, activity).await?;
    if activity.archived_at.is_some() {
        return Err(Problem::new(Code::Archived));
    }
    if planned {
        return changeable(tx, &activity).await.map(drop);
    }
    match planning::plan_of(tx, activity.workplan_id).await?.state {
        WorkplanState::Closed => Err(planning::frozen(WorkplanState::Closed, "nothing")),
        _ => Ok(()),
    }
}

/// Raises the revision of the activity, so that whoever saw it before looks again; when something `planned` changed, organizations that were asked
/// about the plan are asked anew.
pub async fn changed(tx: &mut Tx<'_>, activity: Uuid, planned: bool) -> Result<(), Problem> {
    let row = above(tx, activity).await?;
    let workplan = row.workplan_id;
    tx.raise::<Entity>(row.clone(), row).await?;
    if planned {
        planning::open_to_changes(tx, workplan).await?.replanned(tx).await?;
    }
    Ok(())
}
