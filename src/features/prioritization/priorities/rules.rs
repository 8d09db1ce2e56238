//! What must hold of a priority, and what its moves need.

use std::slice::from_ref;

use sea_orm::{ActiveValue::Set, ColumnTrait};

use crate::{
    auth::Action,
    entity::{
        prioritization::{self, RoundState, Selected},
        priority::{Entity, Model, PriorityState},
        priority_supporter, review_cycle,
    },
    features::{
        discussion,
        prioritization::endorsements::count::{Asked, weighed},
        references,
        transitions::{Machine, Move},
        writing::Written,
    },
    http::context::Here,
    problem::{Code, Fault, FaultCode, Problem},
    store::{Tracked, Tx},
    text::{Items, Text},
};

impl Written for Entity {
    async fn settle(tx: &Tx<'_>, before: Option<&Model>, row: &mut Model) -> Result<Vec<Fault>, Problem> {
        if before.is_none_or(|before| before.substance != row.substance) {
            row.asked_at = Some(tx.now());
        }
        Ok(Vec::new())
    }

    async fn rules(tx: &Tx<'_>, here: &Here, before: Option<&Model>, row: &Model, mut faults: Vec<Fault>) -> Result<(), Problem> {
        if let Some(before) = before.filter(|before| before.state == PriorityState::Withdrawn) {
            given_up(before, row)?;
        }
        match before {
            None => faults.extend(round(tx, row).await?),
            Some(_) if row.state == PriorityState::Adopted && row.adoption_act().is_none() => {
                faults.push(Fault::at("/adoption_act", FaultCode::Required));
            }
            Some(_) => {}
        }
        faults.extend(references(tx, here, before, row).await?);
        if faults.is_empty() { Ok(()) } else { Err(Problem::invalid(faults)) }
    }

    async fn link(tx: &mut Tx<'_>, row: &Model) -> Result<(), Problem> {
        let supporter = |id: &_| priority_supporter::ActiveModel { priority_id: Set(row.id), organization_id: Set(*id) };
        let supporters = row.supporting_ids.0.iter().map(supporter).collect();
        tx.replace_owned::<priority_supporter::Entity>(priority_supporter::Column::PriorityId, row.id, supporters).await?;
        // One that was proposed anew is seen by others than before.
        discussion::follow::<Self>(tx, from_ref(row)).await
    }
}

/// Of what was given up nothing changes but that it can be read in more languages.
fn given_up(before: &Model, row: &Model) -> Result<(), Problem> {
    let (rationale, cluster) = (before.rationale.clone(), before.cluster.clone());
    let only_told_again = !row.asks_otherwise(before) && Model { rationale, cluster, ..row.clone() } == *before;
    if only_told_again {
        return Ok(());
    }
    let problem = Problem::new(Code::NotEditableInState).with("state", before.state.name());
    Err(problem.with("fields", "missing translations of rationale, cluster"))
}

/// What is wrong with the round that a new priority names: whoever decided there is asked again.
async fn round(tx: &Tx<'_>, row: &Model) -> Result<Option<Fault>, Problem> {
    let pointer = "/prioritization_id";
    let found = tx.find::<prioritization::Entity>(prioritization::Column::Id.eq(row.prioritization_id)).await?;
    let code = match found {
        None => FaultCode::ReferenceUnknown,
        Some(round) if round.archived_at.is_some() => FaultCode::ReferenceArchived,
        Some(round) if round.state != RoundState::Finalized => FaultCode::RoundNotFinalized,
        Some(_) => return Ok(None),
    };
    Ok(Some(Fault::at(pointer, code)))
}

/// What is wrong with what it points at; what it pointed at before stands.
async fn references(tx: &Tx<'_>, here: &Here, before: Option<&Model>, row: &Model) -> Result<Vec<Fault>, Problem> {
    let mut faults = Vec::new();
    if let Some(cycle) = row.cycle_id.filter(|cycle| before.is_none_or(|before| before.cycle_id != Some(*cycle))) {
        faults.extend(references::row::<review_cycle::Entity>(tx, cycle, "/cycle_id").await?);
    }
    if let Some(lead) = row.lead_id.filter(|lead| before.is_none_or(|before| before.lead_id != Some(*lead))) {
        faults.extend(references::organization(tx, here, lead, "/lead_id").await?);
    }
    let supporters = before.map(|before| before.supporting_ids.0.as_slice()).unwrap_or_default();
    faults.extend(references::organizations(tx, here, supporters, &row.supporting_ids.0, "/supporting_ids").await?);
    let lead_again = row.supporting_ids.0.iter().position(|id| row.lead_id == Some(*id));
    faults.extend(lead_again.map(|at| Fault::at(format!("/supporting_ids/{at}"), FaultCode::NotUnique)));
    Ok(faults)
}

/// Proposes what a round selected, when it is finalized; what it points at was checked there.
pub async fn propose(tx: &mut Tx<'_>, round: &prioritization::Model) -> Result<(), Problem> {
    for chosen in &round.selection.0 {
        let row = Model { asked_at: Some(tx.now()), ..selected(round, chosen.clone()).proposed() };
        let grant = tx.may(Action::Create, &Entity::subject(&row))?;
        let row = tx.insert::<Entity>(&grant, row).await?;
        Entity::link(tx, &row).await?;
    }
    Ok(())
}

fn selected(round: &prioritization::Model, chosen: Selected) -> Model {
    let Selected { objective_number, rank, rationale, cluster, lead_id, supporting_ids } = chosen;
    Model {
        cycle_id: round.cycle_id,
        prioritization_id: round.id,
        objective_number,
        rank,
        rationale,
        cluster,
        lead_id,
        supporting_ids: Items(supporting_ids),
        ..Model::default()
    }
}

impl Machine for Entity {
    const MOVES: &'static [Move<Self>] = &[
        Move { from: &["proposed"], to: "agreed", reason_required: false, effect: |_, _| {} },
        Move { from: &["agreed"], to: "adopted", reason_required: false, effect: |_, _| {} },
        Move { from: &["proposed", "agreed", "adopted"], to: "withdrawn", reason_required: true, effect: |_, _| {} },
    ];

    fn put_state(row: &mut Model, state: &str) -> Result<(), Problem> {
        row.state = match state {
            "proposed" => PriorityState::Proposed,
            "agreed" => PriorityState::Agreed,
            "adopted" => PriorityState::Adopted,
            "withdrawn" => PriorityState::Withdrawn,
            other => return Err(Problem::internal(format!("priorities have no state {other}"))),
        };
        Ok(())
    }

    async fn missing(_tx: &Tx<'_>, _here: &Here, row: &Model, to: &str) -> Result<Vec<Fault>, Problem> {
        let lacks_act = to == PriorityState::Adopted.name() && row.adoption_act().is_none();
        Ok(lacks_act.then(|| Fault::at("/adoption_act", FaultCode::FieldMissingForMove)).into_iter().collect())
    }

    /// Voices that are missing or against it stand in the way, unless a reason says why it is agreed all the same.
    async fn weigh(tx: &Tx<'_>, here: &Here, after: &mut Model, reason: Option<&Text<1000>>) -> Result<Vec<Fault>, Problem> {
        if after.state != PriorityState::Agreed {
            return Ok(Vec::new());
        }
        weighed(tx, &Asked::Priority(after.clone()), here.today(), reason, &mut after.agreed_against).await
    }

    async fn enact(tx: &mut Tx<'_>, _here: &Here, _before: &Model, after: &mut Model) -> Result<(), Problem> {
        discussion::follow::<Self>(tx, from_ref(after)).await
    }
}
