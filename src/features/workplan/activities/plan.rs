//! What must hold of what is planned of an activity, whether it stands in its row or in a proposal of a revision.

use std::collections::HashMap;

use uuid::Uuid;

use super::waiting;
use crate::{
    entity::activity::{ActivityParty, ActivityRole, Entity, Plan},
    features::{
        framework::{sdg_goals, vocabularies},
        references,
        workplan::planning::Open,
        writing::twice,
    },
    http::context::Here,
    problem::{Code, Fault, FaultCode, Problem},
    store::Tx,
    text::Days,
};

/// What the activities of a plan are held against: the plan itself, or its next version.
#[derive(Clone, Debug)]
pub struct Frame {
    pub workplan: Uuid,
    /// The revision whose proposals count.
    pub revision: Option<Uuid>,
    pub days: Days,
    pub priority_ids: Vec<Uuid>,
}

impl From<&Open> for Frame {
    fn from(open: &Open) -> Self {
        match open {
            Open::Plan(plan) => Self { workplan: plan.id, revision: None, days: plan.days(), priority_ids: plan.priority_ids.0.clone() },
            Open::Revision(next) => {
                Self { workplan: next.workplan_id, revision: Some(next.id), days: next.days(), priority_ids: next.priority_ids.0.clone() }
            }
        }
    }
}

/// What is wrong with the plan of an activity; `id` is its own, once it has one. What stood there `before` and points at what is out of use by now stands.
pub async fn rules_of_plan(
    tx: &Tx<'_>,
    here: &Here,
    frame: &Frame,
    before: Option<&Plan>,
    plan: &Plan,
    id: Option<Uuid>,
) -> Result<Vec<Fault>, Problem> {
    let mut faults = doubles(plan);
    faults.extend(sdg_goals::unknown_targets(here, &plan.sdg_target_codes, "/sdg_target_codes")?);
    faults.extend(vocabularies::unknown_provinces(here, &plan.provinces, "/provinces")?);
    faults.extend(references::actions(tx, &plan.objective_numbers, &plan.action_codes).await?);
    faults.extend(parties(tx, here, before, plan).await?);
    faults.extend(days(frame.days, plan));
    let carried_on = before.is_some_and(|before| before.priority_id == plan.priority_id);
    if let Some(priority) = plan.priority_id.filter(|id| !carried_on && !frame.priority_ids.contains(id)) {
        let allowed: Vec<_> = frame.priority_ids.iter().map(Uuid::to_string).collect();
        faults.push(Fault::at("/priority_id", FaultCode::NotAPriorityOfThePlan).with("id", priority.to_string()).with("allowed", allowed));
    }
    faults.extend(waiting::faults(tx, frame, before, plan, id).await?);
    Ok(faults)
}

/// 409 when another activity of the plan has this code, possibly an archived one.
pub async fn code_is_free(tx: &Tx<'_>, workplan: Uuid, plan: &Plan, id: Option<Uuid>) -> Result<(), Problem> {
    match tx.first(Entity::with_code(workplan, &plan.code)).await? {
        Some(other) if Some(other.id) != id => Err(Problem::new(Code::CodeTaken).with("field", "code").with("value", plan.code.as_str())),
        _ => Ok(()),
    }
}

/// What stands twice in a list.
fn doubles(plan: &Plan) -> Vec<Fault> {
    let checked = [
        ("/objective_numbers", twice(plan.objective_numbers.iter())),
        ("/action_codes", twice(plan.action_codes.iter())),
        ("/sdg_target_codes", twice(plan.sdg_target_codes.iter())),
        ("/provinces", twice(plan.provinces.iter())),
        ("/depends_on", twice(plan.depends_on.iter())),
    ];
    checked.into_iter().filter(|(_, twice)| *twice).map(|(pointer, _)| Fault::at(pointer, FaultCode::NotUnique)).collect()
}

/// One leads, nobody stands twice in the same role, and whoever is newly named is in use and valid. An activity whose lead ended without an heir waits
/// for one until its parties are written again.
async fn parties(tx: &Tx<'_>, here: &Here, before: Option<&Plan>, plan: &Plan) -> Result<Vec<Fault>, Problem> {
    let known = before.map(|before| before.parties.as_slice()).unwrap_or_default();
    if before.is_some() && known == plan.parties {
        return Ok(Vec::new());
    }
    let mut faults = roles(&plan.parties);
    let mut asked: HashMap<Uuid, Option<Fault>> = HashMap::new();
    for (at, party) in plan.parties.iter().enumerate() {
        let named = party.organization_id;
        if known.iter().any(|party| party.organization_id == named) || asked.contains_key(&named) {
            continue;
        }
        let fault = references::organization(tx, here, named, &format!("/parties/{at}/organization_id")).await?;
        asked.insert(named, fault.clone());
        faults.extend(fault);
    }
    Ok(faults)
}

fn roles(parties: &[ActivityParty]) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut leads = parties.iter().enumerate().filter(|(_, party)| party.role == ActivityRole::Lead);
    if leads.next().is_none() {
        faults.push(Fault::at("/parties", FaultCode::LeadMissing));
    }
    faults.extend(leads.map(|(at, party)| {
        Fault::at(format!("/parties/{at}"), FaultCode::SecondLead).with("organization_id", party.organization_id.to_string())
    }));
    let mut met = std::collections::HashSet::new();
    let again = parties.iter().enumerate().filter(|(_, party)| !met.insert(*party));
    faults.extend(again.map(|(at, _)| Fault::at(format!("/parties/{at}"), FaultCode::NotUnique)));
    faults
}

/// It ends once or comes until a day, not before it begins; beyond the days of the plan it says why.
fn days((first, last): Days, plan: &Plan) -> Vec<Fault> {
    let mut faults = Vec::new();
    let end = match (plan.ends_on, plan.recurrence) {
        (Some(end), None) => Some(("/ends_on", end)),
        (None, Some(recurrence)) => Some(("/recurrence/until", recurrence.until)),
        (Some(_), Some(_)) => {
            faults.push(Fault::at("/recurrence", FaultCode::EndsTwice));
            None
        }
        (None, None) => {
            faults.push(Fault::at("/ends_on", FaultCode::Required));
            None
        }
    };
    if let Some((pointer, _)) = end.filter(|(_, end)| *end < plan.starts_on) {
        faults.push(Fault::at(pointer, FaultCode::EndsBeforeStart).with("start", plan.starts_on.to_string()));
    }
    if plan.outside_period_reason.is_none() && plan.is_outside((first, last)) {
        let fault = Fault::at("/outside_period_reason", FaultCode::OutsidePlanUnexplained);
        faults.push(fault.with("start", first.to_string()).with("end", last.to_string()));
    }
    faults
}
