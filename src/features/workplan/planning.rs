//! What holds for everything that is planned: the plan that it belongs to decides whether it can be changed, and rows below an activity go by it.

use uuid::Uuid;

use crate::{
    entity::{activity, budget_line, milestone, progress_report, workplan},
    problem::{Code, Problem},
    store::Tx,
};

/// The plan of an activity; 409 when it is out of use.
pub async fn plan_of(tx: &Tx<'_>, workplan: Uuid) -> Result<workplan::Model, Problem> {
    let plan = tx.first(workplan::Entity::by_id(workplan)).await?.ok_or_else(|| Problem::internal("an activity without a plan"))?;
    if plan.archived_at.is_some() { Err(Problem::new(Code::Archived)) } else { Ok(plan) }
}

/// 409 when what is planned stands as it was approved: an open revision of the plan proposes changes to it.
pub fn not_frozen(plan: &workplan::Model, fields: &str) -> Result<(), Problem> {
    if plan.state.is_frozen() {
        return Err(Problem::new(Code::NotEditableInState).with("state", plan.state.name()).with("fields", fields));
    }
    Ok(())
}

/// Lets a plan know that something that is planned in it has changed: organizations that were asked about it are asked anew.
pub async fn replanned(tx: &mut Tx<'_>, plan: workplan::Model) -> Result<(), Problem> {
    let after = plan.clone().replanned();
    if after != plan {
        tx.raise::<workplan::Entity>(plan, after).await?;
    }
    Ok(())
}

/// Lets what stands below these activities be seen by whoever sees them, and go by their parties. To be called whenever an activity gets other parties
/// or becomes part of an approved plan, with the activities as they are now.
pub async fn follow(tx: &mut Tx<'_>, activities: &[activity::Model]) -> Result<(), Problem> {
    let ids = || activities.iter().map(|row| row.id);
    let above = |id: Uuid| activities.iter().find(|row| row.id == id);
    let milestones = tx.all(milestone::Entity::of(ids())).await?;
    tx.follow::<milestone::Entity>(milestones, |row| {
        if let Some(activity) = above(row.activity_id) {
            (row.audience, row.parties) = (activity.audience, activity.parties.clone());
        }
    })
    .await?;
    let lines = tx.all(budget_line::Entity::of(ids())).await?;
    tx.follow::<budget_line::Entity>(lines, |row| {
        if let Some(activity) = above(row.activity_id) {
            row.audience = activity.audience;
        }
    })
    .await?;
    let reports = tx.all(progress_report::Entity::of(ids())).await?;
    tx.follow::<progress_report::Entity>(reports, |row| {
        if let Some(activity) = above(row.activity_id) {
            row.parties = activity.parties.clone();
        }
    })
    .await
}
