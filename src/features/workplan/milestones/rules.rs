//! What must hold of a milestone, and what follows from it for its activity.

use crate::{
    entity::milestone::{Entity, Model},
    features::{workplan::below, writing::Written},
    http::context::Here,
    problem::{Fault, FaultCode, Problem},
    store::Tx,
};

impl Written for Entity {
    async fn settle(tx: &Tx<'_>, _before: Option<&Model>, row: &mut Model) -> Result<Vec<Fault>, Problem> {
        let activity = below::above(tx, row.activity_id).await?;
        (row.audience, row.parties) = (activity.audience, activity.parties);
        Ok(Vec::new())
    }

    async fn rules(tx: &Tx<'_>, here: &Here, before: Option<&Model>, row: &Model, mut faults: Vec<Fault>) -> Result<(), Problem> {
        let today = here.today();
        if row.done_on.is_some_and(|day| day > today) && before.is_none_or(|before| before.done_on != row.done_on) {
            faults.push(Fault::at("/done_on", FaultCode::TooLate).with("end", today.to_string()));
        }
        if !faults.is_empty() {
            return Err(Problem::invalid(faults));
        }
        if before == Some(row) {
            return Ok(());
        }
        below::open(tx, row.activity_id, before.is_none_or(|before| is_planned_otherwise(before, row))).await
    }

    async fn tell(tx: &mut Tx<'_>, before: Option<&Model>, row: &Model) -> Result<(), Problem> {
        if before.is_some_and(|before| before.revision == row.revision) {
            return Ok(());
        }
        let asked_otherwise = before.is_none_or(|before| !row.title.only_adds_to(&before.title) || before.due_on != row.due_on);
        below::changed(tx, row.activity_id, asked_otherwise).await
    }
}

fn is_planned_otherwise(before: &Model, row: &Model) -> bool {
    before.title != row.title || before.due_on != row.due_on
}

/// 409 when it is part of an approved plan.
pub async fn may_go(tx: &Tx<'_>, row: &Model) -> Result<(), Problem> {
    below::open(tx, row.activity_id, true).await
}

/// 409 when it would come into an approved plan.
pub async fn may_return(tx: &Tx<'_>, row: &Model) -> Result<(), Problem> {
    below::open(tx, row.activity_id, true).await
}

/// Lets the activity and its plan know.
pub async fn came_or_went(tx: &mut Tx<'_>, row: &Model) -> Result<(), Problem> {
    below::changed(tx, row.activity_id, true).await
}
