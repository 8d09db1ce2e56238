//! What must hold of a revision of a workplan, and what its moves need.

use crate::{
    entity::workplan_revision::{Entity, Model, RevisionState},
    features::{
        prioritization::endorsements::count::{Asked, weighed},
        transitions::{Machine, Move},
        workplan::{
            planning,
            workplans::rules::{ends_before_start, priorities, undecided},
        },
        writing::Written,
    },
    http::context::Here,
    problem::{Code, Fault, FaultCode, Problem},
    store::Tx,
    text::Text,
};

impl Written for Entity {
    async fn settle(_tx: &Tx<'_>, before: Option<&Model>, row: &mut Model) -> Result<Vec<Fault>, Problem> {
        if before.is_some_and(|before| row.outline().asks_otherwise(&before.outline())) {
            *row = row.clone().replanned();
        }
        Ok(Vec::new())
    }

    async fn rules(tx: &Tx<'_>, _here: &Here, before: Option<&Model>, row: &Model, mut faults: Vec<Fault>) -> Result<(), Problem> {
        faults.extend(ends_before_start(row.days()));
        // What the plan in force has may stay, whatever became of it.
        let known = before.map_or(row, |before| before);
        faults.extend(priorities(tx, &known.priority_ids.0, &row.priority_ids.0).await?);
        if !faults.is_empty() {
            return Err(Problem::invalid(faults));
        }
        match before {
            Some(before) if !before.state.is_open() && before != row => Err(not_open(before.state)),
            _ => Ok(()),
        }
    }
}

/// 409 once it is approved or withdrawn.
pub fn not_open(state: RevisionState) -> Problem {
    Problem::new(Code::RevisionNotOpen).with("state", state.name())
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
        Move { from: &["draft", "in_review", "returned"], to: "withdrawn", reason_required: true, effect: |_, _| {} },
    ];

    fn put_state(row: &mut Model, state: &str) -> Result<(), Problem> {
        row.state = match state {
            "draft" => RevisionState::Draft,
            "in_review" => RevisionState::InReview,
            "returned" => RevisionState::Returned,
            "approved" => RevisionState::Approved,
            "withdrawn" => RevisionState::Withdrawn,
            other => return Err(Problem::internal(format!("revisions of workplans have no state {other}"))),
        };
        Ok(())
    }

    async fn missing(tx: &Tx<'_>, _here: &Here, row: &Model, to: &str) -> Result<Vec<Fault>, Problem> {
        let mut faults = Vec::new();
        if matches!(to, "in_review" | "approved") {
            faults.extend(planning::incomplete(tx, row.workplan_id, &row.outline(), Some(row.id)).await?);
        }
        if to == "approved" {
            let plan = planning::plan_of(tx, row.workplan_id).await?;
            faults.extend(undecided(tx, &plan.priority_ids.0, &row.priority_ids.0).await?);
            faults.extend(row.approval_act().is_none().then(|| Fault::at("/approval_act", FaultCode::FieldMissingForMove)));
        }
        Ok(faults)
    }

    /// Voices that are missing or against it stand in the way, unless a reason says why it is approved all the same.
    async fn weigh(tx: &Tx<'_>, here: &Here, after: &mut Model, reason: Option<&Text<1000>>) -> Result<Vec<Fault>, Problem> {
        if after.state != RevisionState::Approved {
            return Ok(Vec::new());
        }
        weighed(tx, &Asked::Revision(after.clone()), here.today(), reason, &mut after.agreed_against).await
    }

    async fn enact(tx: &mut Tx<'_>, here: &Here, _before: &Model, after: &mut Model) -> Result<(), Problem> {
        match after.state {
            RevisionState::Approved => super::applied::become_the_plan(tx, here, after).await,
            RevisionState::Withdrawn => super::applied::drop_additions(tx, after).await,
            _ => Ok(()),
        }
    }
}
