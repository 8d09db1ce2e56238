//! What must hold of an outcome, and how it moves.

use sea_orm::ActiveValue::Set;

use crate::{
    entity::{
        consultation,
        outcome::{Entity, Model, OutcomeState},
        outcome_objective,
    },
    features::{
        framework::vocabularies,
        references,
        transitions::{Machine, Move},
        writing::{Written, twice},
    },
    http::context::Here,
    problem::{Code, Fault, FaultCode, Problem},
    store::Tx,
};

impl Written for Entity {
    async fn rules(tx: &Tx<'_>, here: &Here, before: Option<&Model>, row: &Model, mut faults: Vec<Fault>) -> Result<(), Problem> {
        faults.extend(vocabularies::check("outcome_kinds", &row.kind, "/kind"));
        if twice(row.objective_numbers.0.iter()) {
            faults.push(Fault::at("/objective_numbers", FaultCode::NotUnique));
        }
        if before.is_none_or(|before| before.consultation_id != row.consultation_id) {
            faults.extend(references::row::<consultation::Entity>(tx, row.consultation_id, "/consultation_id").await?);
        }
        if let Some(responsible) = row.responsible_id.filter(|_| before.and_then(|before| before.responsible_id) != row.responsible_id) {
            faults.extend(references::organization(tx, here, responsible, "/responsible_id").await?);
        }
        if !faults.is_empty() {
            return Err(Problem::invalid(faults));
        }
        // Who was responsible, and for what, is settled once it is done: it is what the verification is about.
        match before.filter(|before| before.state != OutcomeState::Open) {
            Some(before) if (Model { text: before.text.clone(), ..row.clone() }) != *before => {
                Err(Problem::new(Code::NotEditableInState).with("state", before.state.name()).with("fields", "text"))
            }
            _ => Ok(()),
        }
    }

    async fn link(tx: &mut Tx<'_>, row: &Model) -> Result<(), Problem> {
        use outcome_objective::{ActiveModel as Objective, Column as Objectives};

        let objectives = row.objective_numbers.0.iter().map(|number| Objective { outcome_id: Set(row.id), number: Set(*number) });
        tx.replace_owned::<outcome_objective::Entity>(Objectives::OutcomeId, row.id, objectives.collect()).await
    }
}

/// An outcome comes back into use below a consultation that is in use; an open one only to an institution that goes on.
pub async fn may_return(tx: &Tx<'_>, here: &Here, row: &Model) -> Result<(), Problem> {
    let consultation = tx.first(consultation::Entity::by_id(row.consultation_id)).await?;
    if consultation.is_none_or(|row| row.archived_at.is_some()) {
        return Err(Problem::new(Code::Archived));
    }
    references::go_on(tx, here, row.responsible_id.filter(|_| row.state == OutcomeState::Open)).await
}

impl Machine for Entity {
    const MOVES: &'static [Move<Self>] = &[
        Move { from: &["open"], to: "done", reason_required: false, effect: |_, _| {} },
        Move { from: &["done"], to: "verified", reason_required: false, effect: |_, _| {} },
        Move { from: &["open", "done"], to: "dropped", reason_required: true, effect: |_, _| {} },
    ];

    fn put_state(row: &mut Model, state: &str) -> Result<(), Problem> {
        row.state = match state {
            "open" => OutcomeState::Open,
            "done" => OutcomeState::Done,
            "verified" => OutcomeState::Verified,
            "dropped" => OutcomeState::Dropped,
            other => return Err(Problem::internal(format!("outcomes have no state {other}"))),
        };
        Ok(())
    }
}
