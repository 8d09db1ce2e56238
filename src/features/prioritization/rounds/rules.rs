//! What must hold of a round, and what its moves do.

use std::collections::HashSet;

use sea_orm::ActiveValue::Set;
use uuid::Uuid;

use crate::{
    entity::{
        consultation, nomination, organization,
        prioritization::{Entity, Model, RoundState, Selected},
        prioritization_elector, review_cycle,
    },
    features::{
        discussion,
        framework::vocabularies,
        prioritization::{
            priorities, results,
            voters::{voter_of, voters},
        },
        references,
        transitions::{Machine, Move},
        writing::Written,
    },
    http::context::Here,
    problem::{Code, Fault, FaultCode, Problem},
    store::Tx,
    text::Items,
};

impl Written for Entity {
    async fn rules(tx: &Tx<'_>, here: &Here, before: Option<&Model>, row: &Model, mut faults: Vec<Fault>) -> Result<(), Problem> {
        if let (Some(opens), Some(closes)) = (row.opens_on, row.closes_on)
            && closes < opens
        {
            faults.push(Fault::at("/closes_on", FaultCode::EndsBeforeStart).with("start", opens.to_string()));
        }
        let known = before.map(|before| before.electorate_ids.0.as_slice()).unwrap_or_default();
        faults.extend(electorate(tx, here, known, &row.electorate_ids.0).await?);
        if before.is_none_or(|before| before.criteria != row.criteria) {
            faults.extend(criteria(row));
        }
        if let Some(cycle) = row.cycle_id.filter(|id| before.and_then(|before| before.cycle_id) != Some(*id)) {
            faults.extend(references::row::<review_cycle::Entity>(tx, cycle, "/cycle_id").await?);
        }
        if let Some(held) = row.consultation_id.filter(|id| before.and_then(|before| before.consultation_id) != Some(*id)) {
            faults.extend(references::row::<consultation::Entity>(tx, held, "/consultation_id").await?);
        }
        let chosen = before.map(|before| before.selection.0.as_slice()).unwrap_or_default();
        if chosen != row.selection.0 {
            faults.extend(selection(tx, here, chosen, &row.selection.0).await?);
        }
        match before.and_then(|before| frozen(before, row)) {
            _ if !faults.is_empty() => Err(Problem::invalid(faults)),
            Some(problem) => Err(problem),
            None => Ok(()),
        }
    }

    async fn link(tx: &mut Tx<'_>, row: &Model) -> Result<(), Problem> {
        use prioritization_elector::{ActiveModel, Column};

        let elector = |id: &Uuid| ActiveModel { prioritization_id: Set(row.id), organization_id: Set(*id) };
        let electors = row.electorate_ids.0.iter().map(elector).collect();
        tx.replace_owned::<prioritization_elector::Entity>(Column::PrioritizationId, row.id, electors).await
    }
}

/// The fields that can be changed in each state.
const fn editable(state: RoundState) -> &'static [&'static str] {
    match state {
        RoundState::Draft => &["title", "cycle_id", "consultation_id", "opens_on", "closes_on", "electorate_ids", "criteria"],
        RoundState::Open => &["title", "cycle_id", "consultation_id", "closes_on"],
        RoundState::Closed => &["title", "cycle_id", "consultation_id", "selection"],
        RoundState::Finalized | RoundState::Cancelled => &["title"],
    }
}

fn frozen(before: &Model, row: &Model) -> Option<Problem> {
    let changed = [
        ("title", before.title != row.title),
        ("cycle_id", before.cycle_id != row.cycle_id),
        ("consultation_id", before.consultation_id != row.consultation_id),
        ("opens_on", before.opens_on != row.opens_on),
        ("closes_on", before.closes_on != row.closes_on),
        ("electorate_ids", before.electorate_ids != row.electorate_ids),
        ("criteria", before.criteria != row.criteria),
        ("selection", before.selection != row.selection),
    ];
    let fields = editable(before.state);
    let refused = changed.iter().any(|(name, differs)| *differs && !fields.contains(name));
    refused.then(|| not_editable(before.state))
}

fn not_editable(state: RoundState) -> Problem {
    Problem::new(Code::NotEditableInState).with("state", state.name()).with("fields", editable(state).join(", "))
}

/// What is under way or history stays in use.
pub async fn out_of_the_way(_tx: &Tx<'_>, row: &Model) -> Result<(), Problem> {
    match row.state {
        RoundState::Draft | RoundState::Cancelled => Ok(()),
        RoundState::Open | RoundState::Closed | RoundState::Finalized => Err(not_editable(row.state)),
    }
}

/// What is wrong with the electorate: institutions that may not be pointed at, one twice, and UN entities.
async fn electorate(tx: &Tx<'_>, here: &Here, known: &[Uuid], ids: &[Uuid]) -> Result<Vec<Fault>, Problem> {
    let mut faults = references::organizations(tx, here, known, ids, "/electorate_ids").await?;
    let rows = tx.all(organization::Entity::by_ids(ids.iter().copied())).await?;
    let of_un: HashSet<Uuid> = rows.into_iter().filter(|row| row.kind.as_str() == "un_entity").map(|row| row.id).collect();
    let entries = ids.iter().enumerate().filter(|(_, id)| of_un.contains(id) && !known.contains(id));
    faults.extend(entries.map(|(at, _)| Fault::at(format!("/electorate_ids/{at}"), FaultCode::UnEntity)));
    Ok(faults)
}

/// Members that are not there, and for which nobody would answer: with the move they would be frozen in.
async fn silent(tx: &Tx<'_>, here: &Here, row: &Model) -> Result<Vec<Fault>, Problem> {
    let voters = voters(tx, &row.electorate_ids.0, row.id, here.today()).await?;
    let rows = tx.all(organization::Entity::by_ids(row.electorate_ids.0.iter().copied())).await?;
    let members = row.electorate_ids.0.iter().enumerate().filter(|(_, id)| voter_of(&voters, **id).is_none());
    let fault = |(at, id): (usize, &Uuid)| {
        let pointer = format!("/electorate_ids/{at}");
        let begins = rows.iter().find(|row| row.id == *id).and_then(|row| row.valid_from).filter(|from| here.today() < *from);
        match begins {
            Some(day) => Fault::at(pointer, FaultCode::ReferenceBeginsLater).with("day", day.to_string()),
            None => Fault::at(pointer, FaultCode::ReferenceArchived),
        }
    };
    Ok(members.map(fault).collect())
}

/// Known ones, each once.
fn criteria(row: &Model) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut met = HashSet::new();
    for (at, criterion) in row.criteria.0.iter().enumerate() {
        let pointer = format!("/criteria/{at}/code");
        match vocabularies::check("prioritization_criteria", &criterion.code, &pointer) {
            None if !met.insert(criterion.code.as_str()) => faults.push(Fault::at(pointer, FaultCode::NotUnique)),
            wrong => faults.extend(wrong),
        }
    }
    faults
}

/// What is wrong with what was chosen; institutions that were named before stand.
async fn selection(tx: &Tx<'_>, here: &Here, before: &[Selected], chosen: &[Selected]) -> Result<Vec<Fault>, Problem> {
    let mut faults = Vec::new();
    let named: Vec<Uuid> = before.iter().flat_map(|chosen| chosen.lead_id.iter().chain(&chosen.supporting_ids)).copied().collect();
    for (at, one) in chosen.iter().enumerate() {
        let place = |field: &str| format!("/selection/{at}/{field}");
        let earlier = || chosen.iter().take(at);
        if earlier().any(|other| other.objective_number == one.objective_number) {
            faults.push(Fault::at(place("objective_number"), FaultCode::NotUnique));
        }
        if earlier().any(|other| other.rank == one.rank) {
            faults.push(Fault::at(place("rank"), FaultCode::NotUnique));
        }
        faults.extend(parties(tx, here, &named, one, &place("")).await?);
    }
    Ok(faults)
}

/// The lead and those that support it.
async fn parties(tx: &Tx<'_>, here: &Here, known: &[Uuid], one: &Selected, place: &str) -> Result<Vec<Fault>, Problem> {
    let mut faults = Vec::new();
    if let Some(lead) = one.lead_id.filter(|lead| !known.contains(lead)) {
        faults.extend(references::organization(tx, here, lead, &format!("{place}lead_id")).await?);
    }
    faults.extend(references::organizations(tx, here, known, &one.supporting_ids, &format!("{place}supporting_ids")).await?);
    let lead_again = one.supporting_ids.iter().position(|id| one.lead_id == Some(*id));
    faults.extend(lead_again.map(|at| Fault::at(format!("{place}supporting_ids/{at}"), FaultCode::NotUnique)));
    Ok(faults)
}

impl Machine for Entity {
    const MOVES: &'static [Move<Self>] = &[
        Move { from: &["draft"], to: "open", reason_required: false, effect: |row, _| row.opened = true },
        Move { from: &["open"], to: "closed", reason_required: false, effect: |_, _| {} },
        Move { from: &["closed"], to: "open", reason_required: true, effect: |_, _| {} },
        Move { from: &["closed"], to: "finalized", reason_required: false, effect: |_, _| {} },
        Move { from: &["draft", "open", "closed"], to: "cancelled", reason_required: true, effect: |_, _| {} },
    ];

    fn put_state(row: &mut Model, state: &str) -> Result<(), Problem> {
        let known = RoundState::ALL.iter().find(|known| known.name() == state);
        row.state = *known.ok_or_else(|| Problem::internal(format!("rounds have no state {state}")))?;
        Ok(())
    }

    /// Somebody to ask and something to ask them; something that was chosen, by institutions that there are.
    async fn missing(tx: &Tx<'_>, here: &Here, row: &Model, to: &str) -> Result<Vec<Fault>, Problem> {
        let unset = |empty: bool, pointer: &str| empty.then(|| Fault::at(pointer, FaultCode::FieldMissingForMove));
        let mut faults = Vec::new();
        if to == "open" {
            faults.extend(unset(row.electorate_ids.0.is_empty(), "/electorate_ids"));
            faults.extend(unset(row.criteria.0.is_empty(), "/criteria"));
            if row.state == RoundState::Draft {
                faults.extend(silent(tx, here, row).await?);
            }
        }
        if to == "finalized" {
            faults.extend(unset(row.selection.0.is_empty(), "/selection"));
            faults.extend(selection(tx, here, &[], &row.selection.0).await?);
        }
        Ok(faults)
    }

    /// Nominations are seen by the state of their round; finalizing freezes the ranking.
    async fn enact(tx: &mut Tx<'_>, here: &Here, _before: &Model, after: &mut Model) -> Result<(), Problem> {
        let given = tx.all(nomination::Entity::of_round(after.id)).await?;
        if after.state == RoundState::Finalized {
            let (ranking, missing) = results::computed(tx, here, after, &given).await?;
            after.ranking = Items(ranking);
            after.missing_organization_ids = Items(missing);
        }
        let state = after.state;
        tx.follow::<nomination::Entity>(given.clone(), |row| row.round_state = state).await?;
        let now: Vec<_> = given.into_iter().map(|row| nomination::Model { round_state: state, ..row }).collect();
        discussion::follow::<nomination::Entity>(tx, &now).await?;
        if state == RoundState::Finalized { priorities::rules::propose(tx, after).await } else { Ok(()) }
    }
}
