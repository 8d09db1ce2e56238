//! What must hold of a nomination.

use std::collections::HashSet;

use sea_orm::ColumnTrait;

use crate::{
    auth::{Actor, ActorKind},
    entity::{
        nomination::{Entity, Model},
        objective,
        prioritization::{self, RoundState},
    },
    features::{
        prioritization::voters::{voter_of, voters},
        references,
        writing::Written,
    },
    http::context::Here,
    problem::{Code, Fault, FaultCode, Problem},
    store::Tx,
};

impl Written for Entity {
    /// What an institution changed is its own word, whoever wrote it down for it.
    async fn settle(tx: &Tx<'_>, before: Option<&Model>, row: &mut Model) -> Result<Vec<Fault>, Problem> {
        row.taken_over |= before.is_some_and(|before| before != row) && tx.actor().speaks_for(Some(row.organization_id));
        Ok(Vec::new())
    }

    async fn rules(tx: &Tx<'_>, here: &Here, before: Option<&Model>, row: &Model, mut faults: Vec<Fault>) -> Result<(), Problem> {
        faults.extend(on_behalf(tx.actor(), before, row)?);
        let round = round(tx, row).await?;
        match &round {
            None => faults.push(Fault::at("/prioritization_id", FaultCode::ReferenceUnknown)),
            Some(round) => {
                if before.is_none() {
                    faults.extend(voice(tx, here, round, row).await?);
                }
                faults.extend(scores(round, row));
            }
        }
        faults.extend(actions(tx, row).await?);
        let Some(round) = round.filter(|_| faults.is_empty()) else { return Err(Problem::invalid(faults)) };
        takes(here, &round)?;
        let given = tx.all(Self::given(row.prioritization_id, row.organization_id, row.objective_number)).await?;
        match given.into_iter().find(|other| other.id != row.id) {
            Some(other) => Err(Problem::new(Code::NominationGiven)
                .with("organization_id", other.organization_id.to_string())
                .with("objective_number", other.objective_number)
                .with("id", other.id.to_string())),
            None => Ok(()),
        }
    }
}

/// The round, if the caller may see it.
async fn round(tx: &Tx<'_>, row: &Model) -> Result<Option<prioritization::Model>, Problem> {
    tx.find::<prioritization::Entity>(prioritization::Column::Id.eq(row.prioritization_id)).await
}

/// Whether nominations of this round can be written at all, whatever is to be done to them.
pub async fn still_taken(tx: &Tx<'_>, here: &Here, row: &Model) -> Result<(), Problem> {
    let round = round(tx, row).await?.ok_or_else(|| Problem::internal("a nomination is seen and its round is not"))?;
    takes(here, &round)
}

fn takes(here: &Here, round: &prioritization::Model) -> Result<(), Problem> {
    if round.archived_at.is_some() {
        return Err(Problem::new(Code::Archived));
    }
    if round.state != RoundState::Open {
        return Err(Problem::new(Code::RoundNotOpen).with("state", round.state.name()));
    }
    match round.closes_on.filter(|last| *last < here.today()) {
        Some(last) => Err(Problem::new(Code::RoundPastClosingDate).with("closes_on", last.to_string())),
        None => Ok(()),
    }
}

/// A note stands beside every nomination that somebody else entered, and beside no other.
fn on_behalf(actor: &Actor, before: Option<&Model>, row: &Model) -> Result<Option<Fault>, Problem> {
    let pointer = "/on_behalf_note";
    let own = actor.kind == ActorKind::System || actor.speaks_for(Some(row.organization_id));
    match (before, &row.on_behalf_note) {
        (None, Some(_)) if own && actor.kind != ActorKind::System => {
            Err(Problem::new(Code::FieldNotWritable).with("rule", "own_nominations").fault(Fault::at(pointer, FaultCode::NotWritable)))
        }
        (None, None) if !own => Ok(Some(Fault::at(pointer, FaultCode::Required))),
        _ => Ok(None),
    }
}

/// Who nominates has a voice today.
async fn voice(tx: &Tx<'_>, here: &Here, round: &prioritization::Model, row: &Model) -> Result<Option<Fault>, Problem> {
    if let Some(fault) = references::organization(tx, here, row.organization_id, "/organization_id").await? {
        return Ok(Some(fault));
    }
    let voters = voters(tx, &round.electorate_ids.0, round.id, here.today()).await?;
    let heard = voter_of(&voters, row.organization_id) == Some(row.organization_id);
    Ok((!heard).then(|| Fault::at("/organization_id", FaultCode::NotAVoter)))
}

/// Every criterion is scored, and nothing else.
fn scores(round: &prioritization::Model, row: &Model) -> Vec<Fault> {
    let place = |code: &str| format!("/scores/{code}");
    let scored = |code: &str| row.scores.0.iter().any(|score| score.criterion.as_str() == code);
    let asked = |code: &str| round.criteria.0.iter().any(|criterion| criterion.code.as_str() == code);
    let missing = round.criteria.0.iter().map(|criterion| criterion.code.as_str()).filter(|code| !scored(code));
    let strange = row.scores.0.iter().map(|score| score.criterion.as_str()).filter(|code| !asked(code));
    let missing = missing.map(|code| Fault::at(place(code), FaultCode::Required));
    missing.chain(strange.map(|code| Fault::at(place(code), FaultCode::UnknownField))).collect()
}

/// Actions of this objective, each once.
async fn actions(tx: &Tx<'_>, row: &Model) -> Result<Vec<Fault>, Problem> {
    if row.action_codes.0.is_empty() {
        return Ok(Vec::new());
    }
    let objective = tx.first(objective::Entity::by_number(row.objective_number)).await?;
    let allowed: Vec<_> = objective.map(|row| row.actions.0).unwrap_or_default().into_iter().map(|action| action.code).collect();
    let mut met = HashSet::new();
    let mut faults = Vec::new();
    for (at, code) in row.action_codes.0.iter().enumerate() {
        let pointer = format!("/action_codes/{at}");
        if !allowed.contains(code) {
            faults.push(Fault::at(pointer, FaultCode::UnknownValue).with("allowed", allowed.clone()));
        } else if !met.insert(code) {
            faults.push(Fault::at(pointer, FaultCode::NotUnique));
        }
    }
    Ok(faults)
}
