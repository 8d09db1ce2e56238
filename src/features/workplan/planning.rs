//! What holds for everything that is planned: the plan that it belongs to decides whether it can be changed, and rows below an activity go by it.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use crate::{
    entity::{
        activity, budget_line, milestone, progress_report,
        workplan::{self, Outline, WorkplanState},
        workplan_revision,
    },
    features::workplan::versions::content::{self, Image},
    problem::{Code, Fault, FaultCode, Problem},
    store::{Reads, Tx},
};

/// The plan of an activity; 409 when it is out of use.
pub async fn plan_of(tx: &Tx<'_>, workplan: Uuid) -> Result<workplan::Model, Problem> {
    let plan = tx.first(workplan::Entity::by_id(workplan)).await?.ok_or_else(|| Problem::internal("an activity without a plan"))?;
    if plan.archived_at.is_some() { Err(Problem::new(Code::Archived)) } else { Ok(plan) }
}

/// 409 unless a version of the plan is in force, or will be as soon as the plan is active.
pub fn must_be_approved(plan: &workplan::Model) -> Result<(), Problem> {
    must_be(plan, &[WorkplanState::Approved, WorkplanState::Active])
}

/// 409 unless the plan is being carried out.
pub fn must_be_active(plan: &workplan::Model) -> Result<(), Problem> {
    must_be(plan, &[WorkplanState::Active])
}

fn must_be(plan: &workplan::Model, states: &[WorkplanState]) -> Result<(), Problem> {
    if states.contains(&plan.state) {
        return Ok(());
    }
    let allowed: Vec<_> = states.iter().map(|state| state.name()).collect();
    Err(Problem::new(Code::PlanNotActive).with("state", plan.state.name()).with("allowed", allowed))
}

/// 409 unless the activity is in an approved version of its plan: what a revision would add is not carried out yet.
pub fn must_be_in_force(row: &activity::Model) -> Result<(), Problem> {
    match row.added_in_version {
        Some(_) => Ok(()),
        None => {
            let problem = Problem::new(Code::NotEditableInState).with("state", "a draft of the next version of the plan");
            Err(problem.with("fields", "what is planned"))
        }
    }
}

/// The plan of an activity that is in no approved version, where it can still be changed: in a plan that is not approved, or in the open revision of
/// one that is. 409 otherwise.
pub async fn open_to_changes(tx: &Tx<'_>, workplan: Uuid) -> Result<Open, Problem> {
    let plan = plan_of(tx, workplan).await?;
    if !plan.state.is_frozen() {
        return Ok(Open::Plan(plan));
    }
    match tx.first(workplan_revision::Entity::open_of(plan.id)).await? {
        Some(revision) => Ok(Open::Revision(revision)),
        None => Err(frozen(
            plan.state,
            "what is committed and disbursed, and when milestones are reached; a revision of the plan changes the rest",
        )),
    }
}

/// What is planned stands as it was approved; of a plan that is over everything does, whatever could be changed before.
pub fn frozen(state: WorkplanState, fields: &str) -> Problem {
    let fields = if state == WorkplanState::Closed { "nothing; the plan is over" } else { fields };
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

/// What keeps a plan like this, or its revision, from being put to those who decide: it has no activities, or some that have no lead, lie outside of its
/// days without a reason, carry out a priority that is none of its own, have the same code, or wait for something that is not in it or for each other.
pub async fn incomplete(rows: &impl Reads, workplan: Uuid, outline: &Outline, revision: Option<Uuid>) -> Result<Vec<Fault>, Problem> {
    let images = content::images(rows, workplan, revision).await?;
    let (days, own) = ((outline.starts_on, outline.ends_on), &outline.priority_ids.0);
    if images.is_empty() {
        return Ok(vec![Fault::at("/activities", FaultCode::FieldMissingForMove)]);
    }
    let there: HashSet<Uuid> = images.iter().map(|image| image.id).collect();
    let gone = content::gone(rows, workplan, &images).await?;
    let mut codes: HashMap<&str, usize> = HashMap::new();
    for code in images.iter().map(|image| &image.plan.code).chain(&gone) {
        *codes.entry(code.as_str()).or_default() += 1;
    }
    let strangers = lacking(&images, |image| image.plan.priority_id.is_some_and(|id| !own.contains(&id)));
    let strangers = of_activities("/activities/priority_id", FaultCode::NotAPriorityOfThePlan, strangers);
    let allowed: Vec<_> = own.iter().map(Uuid::to_string).collect();
    let faults = [
        of_activities("/activities/parties", FaultCode::FieldMissingForMove, lacking(&images, |image| !image.plan.has_lead())),
        of_activities(
            "/activities/outside_period_reason",
            FaultCode::FieldMissingForMove,
            lacking(&images, |image| image.plan.is_outside(days) && image.plan.outside_period_reason.is_none()),
        ),
        strangers.map(|fault| fault.with("allowed", allowed)),
        of_activities(
            "/activities/code",
            FaultCode::NotUnique,
            lacking(&images, |image| codes.get(image.plan.code.as_str()).is_some_and(|many| *many > 1)),
        ),
        of_activities(
            "/activities/depends_on",
            FaultCode::ReferenceArchived,
            lacking(&images, |image| image.plan.depends_on.iter().any(|id| !there.contains(id))),
        ),
        of_activities("/activities/depends_on", FaultCode::DependencyCycle, in_rings(&images)),
    ];
    Ok(faults.into_iter().flatten().collect())
}

/// What is wrong at this place with the activities of these codes, if there are any.
fn of_activities(pointer: &str, code: FaultCode, codes: Vec<String>) -> Option<Fault> {
    (!codes.is_empty()).then(|| Fault::at(pointer, code).with("codes", codes.join(", ")).with("activity_codes", codes))
}

/// The codes of the activities of which this holds.
fn lacking(images: &[Image], holds: impl Fn(&Image) -> bool) -> Vec<String> {
    images.iter().filter(|image| holds(image)).map(|image| image.plan.code.as_str().to_owned()).collect()
}

/// The codes of the activities that wait for each other, or for some that do: whatever can be done one after another is taken away until only they
/// are left.
fn in_rings(images: &[Image]) -> Vec<String> {
    let mut waits: HashMap<Uuid, usize> = images.iter().map(|image| (image.id, 0)).collect();
    let there: HashSet<Uuid> = waits.keys().copied().collect();
    let mut awaited_by: HashMap<Uuid, Vec<Uuid>> = HashMap::new();
    for image in images {
        for on in image.plan.depends_on.iter().filter(|on| there.contains(on)) {
            *waits.entry(image.id).or_default() += 1;
            awaited_by.entry(*on).or_default().push(image.id);
        }
    }
    let mut free: Vec<Uuid> = waits.iter().filter(|(_, many)| **many == 0).map(|(id, _)| *id).collect();
    while let Some(done) = free.pop() {
        waits.remove(&done);
        for id in awaited_by.remove(&done).unwrap_or_default() {
            if let Some(many) = waits.get_mut(&id) {
                *many -= 1;
                if *many == 0 {
                    free.push(id);
                }
            }
        }
    }
    lacking(images, |image| waits.contains_key(&image.id))
}
