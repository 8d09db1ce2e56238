//! What holds for everything that is planned: the plan that it belongs to decides whether it can be changed, and rows below an activity go by it.

use std::collections::HashMap;

use uuid::Uuid;

use crate::{
    entity::{
        activity::{self, Plan},
        budget_line, milestone, progress_report,
        workplan::{self, WorkplanState},
        workplan_revision,
    },
    features::workplan::versions::content,
    problem::{Code, Fault, FaultCode, Problem},
    store::{Reads, Tx},
    text::Days,
};

/// The plan of an activity; 409 when it is out of use.
pub async fn plan_of(tx: &Tx<'_>, workplan: Uuid) -> Result<workplan::Model, Problem> {
    let plan = tx.first(workplan::Entity::by_id(workplan)).await?.ok_or_else(|| Problem::internal("an activity without a plan"))?;
    if plan.archived_at.is_some() { Err(Problem::new(Code::Archived)) } else { Ok(plan) }
}

/// The plan of an activity that is in no approved version, where it can still be changed: in a plan that is not approved, or in the open revision of
/// the active one. 409 otherwise.
pub async fn open_to_changes(tx: &Tx<'_>, workplan: Uuid) -> Result<Open, Problem> {
    let plan = plan_of(tx, workplan).await?;
    if !plan.state.is_frozen() {
        return Ok(Open::Plan(plan));
    }
    let revision = match plan.state {
        WorkplanState::Active => tx.first(workplan_revision::Entity::open_of(plan.id)).await?,
        _ => None,
    };
    match revision {
        Some(revision) => Ok(Open::Revision(revision)),
        None => Err(frozen(
            plan.state,
            "what is committed and disbursed, and when milestones are reached; a revision of the plan changes the rest",
        )),
    }
}

/// What is planned stands as it was approved.
pub fn frozen(state: WorkplanState, fields: &str) -> Problem {
    Problem::new(Code::NotEditableInState).with("state", state.name()).with("fields", fields)
}

/// What a change of something planned belongs to.
#[derive(Clone, Debug)]
pub enum Open {
    Plan(workplan::Model),
    Revision(workplan_revision::Model),
}

impl Open {
    /// Lets it know that something planned in it has changed: organizations that were asked about it are asked anew.
    pub async fn replanned(self, tx: &mut Tx<'_>) -> Result<(), Problem> {
        match self {
            Self::Plan(plan) => {
                let after = plan.clone().replanned();
                if after != plan {
                    tx.raise::<workplan::Entity>(plan, after).await?;
                }
            }
            Self::Revision(revision) => {
                let after = revision.clone().replanned();
                if after != revision {
                    tx.raise::<workplan_revision::Entity>(revision, after).await?;
                }
            }
        }
        Ok(())
    }
}

/// Lets what stands below these activities be seen by whoever sees them, and go by their parties. To be called whenever an activity gets other parties
/// or becomes part of an approved plan, with the activities as they are now.
pub async fn follow(tx: &mut Tx<'_>, activities: &[activity::Model]) -> Result<(), Problem> {
    let by_id: HashMap<Uuid, &activity::Model> = activities.iter().map(|row| (row.id, row)).collect();
    let ids = || by_id.keys().copied();
    let milestones = tx.all(milestone::Entity::of(ids())).await?;
    tx.follow::<milestone::Entity>(milestones, |row| {
        if let Some(activity) = by_id.get(&row.activity_id) {
            (row.audience, row.parties) = (activity.audience, activity.parties.clone());
        }
    })
    .await?;
    let lines = tx.all(budget_line::Entity::of(ids())).await?;
    tx.follow::<budget_line::Entity>(lines, |row| {
        if let Some(activity) = by_id.get(&row.activity_id) {
            row.audience = activity.audience;
        }
    })
    .await?;
    let reports = tx.all(progress_report::Entity::of(ids())).await?;
    tx.follow::<progress_report::Entity>(reports, |row| {
        if let Some(activity) = by_id.get(&row.activity_id) {
            row.parties = activity.parties.clone();
        }
    })
    .await
}

/// What keeps a plan with these days, or its revision, from being put to those who decide: it has no activities, or some that have no lead or lie
/// outside of its days without a reason.
pub async fn incomplete(rows: &impl Reads, workplan: Uuid, days: Days, revision: Option<Uuid>) -> Result<Vec<Fault>, Problem> {
    let images = content::images(rows, workplan, revision).await?;
    if images.is_empty() {
        return Ok(vec![Fault::at("/activities", FaultCode::FieldMissingForMove)]);
    }
    let fault = |pointer: &str, code: FaultCode, lacking: fn(&Plan, Days) -> bool| {
        let lacking = images.iter().filter(|image| lacking(&image.plan, days)).map(|image| image.id.to_string());
        let lacking: Vec<_> = lacking.collect();
        (!lacking.is_empty()).then(|| Fault::at(pointer, code).with("activity_ids", lacking))
    };
    let leaderless = fault("/activities/parties", FaultCode::FieldMissingForMove, |plan, _days| !plan.has_lead());
    let outside = fault("/activities/outside_period_reason", FaultCode::FieldMissingForMove, |plan, days| {
        plan.is_outside(days) && plan.outside_period_reason.is_none()
    });
    Ok(leaderless.into_iter().chain(outside).collect())
}
