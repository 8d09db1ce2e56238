//! The restructuring of 2025 as acts: planned, then made effective, with every duty of an institution that ended handed on or openly left.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Deserialize;
use tracing::warn;
use uuid::Uuid;

use super::{entered, institutions};
use crate::{
    auth::{Action, Subject},
    entity::succession::{Entity, Model, MovedFunction, Note, Reassignment},
    features::{institutions::duties, transitions, writing},
    http::context::Here,
    kind::Kind,
    problem::Problem,
    store::{Intent, Origin, Provenance, Store, Tx},
    text::{Items, LocalizedText, Term},
};

const SUCCESSIONS: &str = include_str!("successions.json");

#[derive(Deserialize)]
struct SeedSuccession {
    kind: Term,
    predecessors: Vec<String>,
    successors: Vec<String>,
    decided_on: NaiveDate,
    effective_on: NaiveDate,
    functions: Vec<SeedFunction>,
    note: Note,
}

#[derive(Deserialize)]
struct SeedFunction {
    text: LocalizedText<1000>,
    from: String,
    to: Option<String>,
}

/// Carries out the acts that are not in the record yet; returns how many.
pub async fn successions(store: &Store, here: &Here) -> Result<usize, Problem> {
    let intent = Intent { provenance: Provenance::PublicSource, ..Intent::system(Origin::Seed) };
    let acts: Vec<SeedSuccession> = serde_json::from_str(SUCCESSIONS).map_err(Problem::internal)?;
    let mut new = 0;
    store
        .write(&intent, async |tx| {
            let (ids, entered) = (institutions(tx).await?, entered(tx).await?);
            let known = tx.all(Entity::all()).await?;
            for act in acts {
                let Some(planned) = planned(act, &ids, &entered) else { continue };
                let same = |row: &Model| row.kind == planned.kind && row.predecessor_ids == planned.predecessor_ids;
                if known.iter().any(same) {
                    continue;
                }
                // The record may know better by now: an institution that was archived or has another last day is left as it is.
                let savepoint = tx.savepoint().await?;
                let done = carry_out(tx, here, planned).await;
                match tx.settle(savepoint, done).await {
                    Ok(()) => new += 1,
                    Err(problem) if problem.status() < 500 => {
                        warn!("an act of the seed does not fit the record and is left out: {problem}")
                    }
                    Err(problem) => return Err(problem),
                }
            }
            Ok(())
        })
        .await?;
    Ok(new)
}

/// The act as a row; none when the record lacks one of the institutions, or somebody else entered one that would end.
fn planned(act: SeedSuccession, ids: &BTreeMap<String, Uuid>, entered: &BTreeMap<String, Uuid>) -> Option<Model> {
    let SeedSuccession { kind, predecessors, successors, decided_on, effective_on, functions, note } = act;
    type Ids = BTreeMap<String, Uuid>;
    let all = |codes: Vec<String>, among: &Ids| codes.iter().map(|code| among.get(code).copied()).collect::<Option<Vec<_>>>();
    let function = |function: SeedFunction| {
        let SeedFunction { text, from, to } = function;
        Some(MovedFunction { text, from_id: *ids.get(&from)?, to_id: to.and_then(|to| ids.get(&to).copied()) })
    };
    Some(Model {
        kind,
        predecessor_ids: Items(all(predecessors, entered)?),
        successor_ids: Items(all(successors, ids)?),
        decided_on: Some(decided_on),
        effective_on: Some(effective_on),
        functions: Items(functions.into_iter().map(function).collect::<Option<Vec<_>>>()?),
        note: Some(note),
        ..Model::default()
    })
}

async fn carry_out(tx: &mut Tx<'_>, here: &Here, planned: Model) -> Result<(), Problem> {
    let grant = tx.may(Action::Create, &Subject::new(Kind::Succession))?;
    let row = writing::enter::<Entity>(tx, here, &grant, planned).await?;
    let mut after = row.clone();
    for id in &row.predecessor_ids.0 {
        let heir = duties::suggested_heir(tx, *id).await?;
        for duty in duties::find(tx, *id, here.today()).await? {
            let heir = match heir {
                Some(heir) if duties::obstacle(tx, &duty, heir, here.today()).await?.is_none() => Some(heir),
                _ => None,
            };
            after.reassignments.0.push(reassignment(&duty, heir)?);
        }
    }
    let after = after.counted();
    let grant = tx.may(Action::Update, &Subject { state: Some(row.state.name()), ..Subject::new(Kind::Succession) })?;
    let row = tx.update::<Entity>(&grant, row, after).await?;
    transitions::step::<Entity>(tx, here, row, "effective", None).await.map(drop)
}

fn reassignment(duty: &duties::Duty, to_id: Option<Uuid>) -> Result<Reassignment, Problem> {
    let term = |word: &str| word.parse::<Term>().map_err(Problem::internal);
    Ok(Reassignment { kind: term(duty.kind.name())?, id: duty.id.clone(), field: term(duty.kind.field())?, to_id })
}
