//! What must hold of a workplan, and what its moves need.

use std::slice::from_ref;

use sea_orm::{ActiveValue::Set, ColumnTrait as _};
use uuid::Uuid;

use crate::{
    entity::{
        activity,
        priority::{self, PriorityState},
        progress_report,
        workplan::{self, Entity, Model, WorkplanState},
        workplan_priority, workplan_revision,
    },
    features::{
        discussion,
        prioritization::endorsements::count::{Asked, weighed},
        references,
        transitions::{Machine, Move},
        workplan::{planning, versions},
        writing::Written,
    },
    http::context::Here,
    problem::{Code, Fault, FaultCode, Problem},
    store::Tx,
    text::{Days, Text},
};

/// What can be changed once a plan is approved, in words.
const NOTHING: &str = "nothing; revise opens the draft of its next version";

impl Written for Entity {
    async fn settle(_tx: &Tx<'_>, before: Option<&Model>, row: &mut Model) -> Result<Vec<Fault>, Problem> {
        if before.is_some_and(|before| row.outline().asks_otherwise(&before.outline())) {
            *row = row.clone().replanned();
        }
        Ok(Vec::new())
    }

    async fn rules(tx: &Tx<'_>, _here: &Here, before: Option<&Model>, row: &Model, mut faults: Vec<Fault>) -> Result<(), Problem> {
        faults.extend(ends_before_start(row.days()));
        faults.extend(priorities(tx, before.map_or(&[], |before| &before.priority_ids.0), &row.priority_ids.0).await?);
        if !faults.is_empty() {
            return Err(Problem::invalid(faults));
        }
        match before {
            Some(before) if before.state.is_frozen() && before != row => Err(planning::frozen(before.state, NOTHING)),
            _ => Ok(()),
        }
    }

    async fn link(tx: &mut Tx<'_>, row: &Model) -> Result<(), Problem> {
        let priority = |id: &Uuid| workplan_priority::ActiveModel { workplan_id: Set(row.id), priority_id: Set(*id) };
        let priorities = row.priority_ids.0.iter().map(priority).collect();
        tx.replace_owned::<workplan_priority::Entity>(workplan_priority::Column::WorkplanId, row.id, priorities).await
    }
}

pub fn ends_before_start((first, last): Days) -> Option<Fault> {
    (last < first).then(|| Fault::at("/ends_on", FaultCode::EndsBeforeStart).with("start", first.to_string()))
}

/// What is wrong with the priorities of a plan: one that stands twice, and a new one that is unknown to the caller, archived or withdrawn.
pub async fn priorities(tx: &Tx<'_>, before: &[Uuid], ids: &[Uuid]) -> Result<Vec<Fault>, Problem> {
    let mut faults = Vec::new();
    for (at, id) in ids.iter().enumerate() {
        let fault = |code| Fault::at(format!("/priority_ids/{at}"), code);
        if ids.iter().take(at).any(|earlier| earlier == id) {
            faults.push(fault(FaultCode::NotUnique));
        } else if !before.contains(id) {
            match tx.find::<priority::Entity>(priority::Column::Id.eq(*id)).await? {
                None => faults.push(fault(FaultCode::ReferenceUnknown)),
                Some(row) if row.archived_at.is_some() || row.state == PriorityState::Withdrawn => {
                    faults.push(fault(FaultCode::ReferenceArchived));
                }
                Some(_) => {}
            }
        }
    }
    Ok(faults)
}

/// What keeps a plan with these priorities from being approved: beside those that it had `before`, some that the country has not agreed on. Everybody
/// reads an approved plan, and what is merely proposed is not for everybody.
pub async fn undecided(tx: &Tx<'_>, before: &[Uuid], ids: &[Uuid]) -> Result<Option<Fault>, Problem> {
    let new = ids.iter().copied().filter(|id| !before.contains(id));
    let agreed = |row: &priority::Model| row.archived_at.is_none() && matches!(row.state, PriorityState::Agreed | PriorityState::Adopted);
    let mut open = tx.all(priority::Entity::by_ids(new)).await?;
    open.retain(|row| !agreed(row));
    let open: Vec<_> = open.into_iter().map(|row| row.id.to_string()).collect();
    Ok((!open.is_empty()).then(|| Fault::at("/priority_ids", FaultCode::PriorityNotAgreed).with("priority_ids", open)))
}

/// Reports on this plan that wait for the lead ministry.
async fn undecided_reports(tx: &Tx<'_>, plan: Uuid) -> Result<Option<Fault>, Problem> {
    let waiting = tx.count(progress_report::Entity::undecided_of(plan)).await?;
    Ok((waiting > 0).then(|| Fault::at("/progress_reports", FaultCode::ReportsUndecided).with("count", waiting)))
}

/// 409 when a plan is more than a draft: it is under way, or history.
pub fn may_go(row: &Model) -> Result<(), Problem> {
    match row.state {
        WorkplanState::Draft | WorkplanState::Returned => Ok(()),
        state => Err(planning::frozen(state, "its state; only drafts and returned workplans are archived")),
    }
}

/// 409 when an institution that takes part in one of its activities has ended: nobody took its parts over while the plan was out of use.
pub async fn may_return(tx: &Tx<'_>, here: &Here, row: &Model) -> Result<(), Problem> {
    let activities = tx.all(activity::Entity::of_plan(row.id)).await?;
    let living = activities.iter().filter(|activity| activity.archived_at.is_none());
    references::go_on(tx, here, living.flat_map(|activity| activity.parties.0.iter().map(|party| party.organization_id))).await
}

impl Machine for Entity {
    const MOVES: &'static [Move<Self>] = &[
        Move {
            from: &["draft", "returned"],
            to: "in_review",
            reason_required: false,
            effect: |row, now| row.asked_at = row.asked_at.or(Some(now)),
        },
        Move { from: &["in_review"], to: "returned", reason_required: true, effect: |_, _| {} },
        Move { from: &["in_review"], to: "approved", reason_required: false, effect: |_, _| {} },
        Move { from: &["approved"], to: "active", reason_required: false, effect: |_, _| {} },
        Move { from: &["active"], to: "closed", reason_required: false, effect: |_, _| {} },
    ];

    fn put_state(row: &mut Model, state: &str) -> Result<(), Problem> {
        row.state = match state {
            "draft" => WorkplanState::Draft,
            "in_review" => WorkplanState::InReview,
            "returned" => WorkplanState::Returned,
            "approved" => WorkplanState::Approved,
            "active" => WorkplanState::Active,
            "closed" => WorkplanState::Closed,
            other => return Err(Problem::internal(format!("workplans have no state {other}"))),
        };
        Ok(())
    }

    async fn missing(tx: &Tx<'_>, _here: &Here, row: &Model, to: &str) -> Result<Vec<Fault>, Problem> {
        let mut faults = Vec::new();
        if matches!(to, "in_review" | "approved") {
            faults.extend(planning::incomplete(tx, row.id, &row.outline(), None).await?);
        }
        if to == "approved" {
            faults.extend(undecided(tx, &[], &row.priority_ids.0).await?);
            faults.extend(row.approval_act().is_none().then(|| Fault::at("/approval_act", FaultCode::FieldMissingForMove)));
        }
        Ok(faults)
    }

    /// Unless a reason says why all the same: voices that are missing or against it stand in the way of the approval, and reports that nobody has
    /// decided on in the way of the end, after which nobody can.
    async fn weigh(tx: &Tx<'_>, here: &Here, after: &mut Model, reason: Option<&Text<1000>>) -> Result<Vec<Fault>, Problem> {
        match after.state {
            WorkplanState::Approved => weighed(tx, &Asked::Workplan(after.clone()), here.today(), reason, &mut after.agreed_against).await,
            WorkplanState::Closed if reason.is_none() => Ok(undecided_reports(tx, after.id).await?.into_iter().collect()),
            _ => Ok(Vec::new()),
        }
    }

    async fn enact(tx: &mut Tx<'_>, here: &Here, _before: &Model, after: &mut Model) -> Result<(), Problem> {
        match after.state {
            WorkplanState::Approved => versions::approve(tx, here, after, 1).await?,
            WorkplanState::Active => alone(tx, after).await?,
            WorkplanState::Closed => without_revision(tx, after).await?,
            _ => {}
        }
        discussion::follow::<Self>(tx, from_ref(after)).await
    }
}

/// 409 while another plan is active on one of these days.
pub async fn alone(tx: &Tx<'_>, plan: &Model) -> Result<(), Problem> {
    let others = tx.all(workplan::Entity::active()).await?;
    match others.iter().find(|other| other.id != plan.id && other.starts_on <= plan.ends_on && plan.starts_on <= other.ends_on) {
        Some(other) => Err(Problem::new(Code::WorkplanActive).with("id", other.id.to_string())),
        None => Ok(()),
    }
}

/// 409 while a revision of the plan is open.
pub async fn without_revision(tx: &Tx<'_>, plan: &Model) -> Result<(), Problem> {
    match tx.first(workplan_revision::Entity::open_of(plan.id)).await? {
        Some(open) => Err(Problem::new(Code::RevisionOpen).with("id", open.id.to_string())),
        None => Ok(()),
    }
}
