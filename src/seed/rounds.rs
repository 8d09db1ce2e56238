//! Rounds of prioritization for trying out: one in each state, all of them invented, and one of them finalized, so that priorities come of it.

use std::collections::{BTreeMap, BTreeSet};

use chrono::Days;
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder};
use serde::Deserialize;
use uuid::Uuid;

use super::{
    fitting, institutions,
    priorities::{self, Course},
};
use crate::{
    auth::{Action, Subject},
    entity::{
        nomination, organization,
        prioritization::{Cluster, Column, Entity, Model, Rationale, RoundState, Title},
        priority, review_cycle,
    },
    features::{
        prioritization::{
            nominations::inputs::NewNomination,
            rounds::inputs::{NewCriterion, NewPrioritization, NewSelected, PrioritizationPatch},
        },
        transitions, writing,
    },
    http::context::Here,
    kind::Kind,
    problem::Problem,
    store::{Intent, Origin, Provenance, Store, Tracked, Tx},
    text::Text,
};

const ROUNDS: &str = include_str!("demo_rounds.json");

#[derive(Deserialize)]
struct SeedRound {
    state: RoundState,
    /// Why it was cancelled.
    reason: Option<Text<1000>>,
    title: Title,
    cycle_code: Option<String>,
    /// Counted from the day on which the demo is entered, so that the open round is open in whatever year that is.
    opens_in_days: Option<u64>,
    closes_in_days: Option<u64>,
    electorate_codes: Vec<String>,
    criteria: Vec<NewCriterion>,
    #[serde(default)]
    nominations: Vec<SeedNomination>,
    #[serde(default)]
    selection: Vec<SeedSelected>,
}

#[derive(Deserialize)]
struct SeedNomination {
    organization_code: String,
    objective_number: i16,
    /// In the order of the criteria.
    scores: Vec<i16>,
    rationale: Option<Rationale>,
    #[serde(default)]
    action_codes: Vec<String>,
    on_behalf_note: Option<Text<1000>>,
}

#[derive(Deserialize)]
struct SeedSelected {
    objective_number: i16,
    rank: i16,
    rationale: Option<Rationale>,
    cluster: Option<Cluster>,
    lead_code: Option<String>,
    #[serde(default)]
    supporting_codes: Vec<String>,
    /// What becomes of the priority, where the round is finalized.
    course: Option<Course>,
}

/// Enters them once: an instance that has any, whatever became of it, is left as it is.
pub async fn demo(store: &Store, here: &Here) -> Result<(), Problem> {
    let rows: Vec<SeedRound> = serde_json::from_str(ROUNDS).map_err(Problem::internal)?;
    let intent = Intent { provenance: Provenance::Illustrative, ..Intent::system(Origin::Seed) };
    store
        .write(&intent, async |tx| {
            let invented = Entity::all().filter(Column::Provenance.eq(Provenance::Illustrative));
            if tx.first(invented).await?.is_some() {
                return Ok(());
            }
            let known = Known::read(tx, here).await?;
            for new in &rows {
                let savepoint = tx.savepoint().await?;
                let done = round(tx, here, &known, new).await;
                fitting(tx, savepoint, done, "a round of the demo").await?;
            }
            Ok(())
        })
        .await?;
    Ok(())
}

async fn round(tx: &mut Tx<'_>, here: &Here, known: &Known, new: &SeedRound) -> Result<(), Problem> {
    let grant = tx.may(Action::Create, &Subject::new(Kind::Prioritization))?;
    let mut row = writing::enter::<Entity>(tx, here, &grant, known.draft(here, new).into()).await?;
    let way: &[RoundState] = match new.state {
        RoundState::Draft => &[],
        RoundState::Open => &[RoundState::Open],
        RoundState::Closed => &[RoundState::Open, RoundState::Closed],
        RoundState::Finalized => &[RoundState::Open, RoundState::Closed, RoundState::Finalized],
        RoundState::Cancelled => &[RoundState::Open, RoundState::Cancelled],
    };
    for to in way {
        let reason = new.reason.as_ref().filter(|_| *to == RoundState::Cancelled);
        row = transitions::step::<Entity>(tx, here, row, to.name(), reason).await?;
        match to {
            RoundState::Open => nominate(tx, here, known, new, row.id).await?,
            RoundState::Closed => row = choose(tx, here, known, new, row).await?,
            RoundState::Finalized => decide(tx, here, known, new, row.id).await?,
            RoundState::Draft | RoundState::Cancelled => {}
        }
    }
    Ok(())
}

async fn nominate(tx: &mut Tx<'_>, here: &Here, known: &Known, new: &SeedRound, round: Uuid) -> Result<(), Problem> {
    for given in &new.nominations {
        let Some(organization_id) = known.institution(&given.organization_code) else { continue };
        let codes = new.criteria.iter().map(|criterion| criterion.code.clone());
        let row = NewNomination {
            prioritization_id: round,
            organization_id,
            objective_number: given.objective_number,
            scores: codes.zip(given.scores.iter().copied()).collect(),
            rationale: given.rationale.clone(),
            action_codes: Some(given.action_codes.clone()),
            on_behalf_note: given.on_behalf_note.clone(),
        };
        let grant = tx.may(Action::Create, &Subject::new(Kind::Nomination))?;
        writing::enter::<nomination::Entity>(tx, here, &grant, row.into()).await?;
    }
    Ok(())
}

async fn choose(tx: &mut Tx<'_>, here: &Here, known: &Known, new: &SeedRound, row: Model) -> Result<Model, Problem> {
    let selection = new.selection.iter().map(|chosen| known.selected(chosen)).collect();
    let patch = PrioritizationPatch { selection: Some(Some(selection)), ..PrioritizationPatch::default() };
    let grant = tx.may(Action::Update, &Entity::subject(&row))?;
    writing::change::<Entity>(tx, here, &grant, row, patch).await
}

/// Lets each priority that finalizing proposed take its course.
async fn decide(tx: &mut Tx<'_>, here: &Here, known: &Known, new: &SeedRound, round: Uuid) -> Result<(), Problem> {
    let voices: Vec<_> = new.electorate_codes.iter().filter_map(|code| Some((code.as_str(), known.institution(code)?))).collect();
    let proposed = priority::Entity::all().filter(priority::Column::PrioritizationId.eq(round)).order_by_asc(priority::Column::Rank);
    for row in tx.all(proposed).await? {
        let chosen = new.selection.iter().find(|chosen| chosen.objective_number == row.objective_number);
        if let Some(course) = chosen.and_then(|chosen| chosen.course.as_ref()) {
            priorities::run(tx, here, &voices, row, course).await?;
        }
    }
    Ok(())
}

/// What the codes of the seed stand for, as far as it can be pointed at: a ministry may have ended since, and the others decide without it.
struct Known {
    institutions: BTreeMap<String, Uuid>,
    cycles: BTreeMap<String, Uuid>,
}

impl Known {
    async fn read(tx: &Tx<'_>, here: &Here) -> Result<Self, Problem> {
        let in_use = organization::Entity::all().filter(organization::in_use_on(here.today()));
        let in_use: BTreeSet<_> = tx.all(in_use).await?.into_iter().map(|row| row.id).collect();
        let mut institutions = institutions(tx).await?;
        institutions.retain(|_, id| in_use.contains(id));
        let cycles = tx.all(review_cycle::Entity::all()).await?.into_iter().filter(|row| row.archived_at.is_none());
        Ok(Self { institutions, cycles: cycles.map(|row| (row.code.to_string(), row.id)).collect() })
    }

    fn institution(&self, code: &str) -> Option<Uuid> {
        self.institutions.get(code).copied()
    }

    fn institutions(&self, codes: &[String]) -> Vec<Uuid> {
        codes.iter().filter_map(|code| self.institution(code)).collect()
    }

    fn draft(&self, here: &Here, new: &SeedRound) -> NewPrioritization {
        let day = |ahead: Option<u64>| ahead.and_then(|days| here.today().checked_add_days(Days::new(days)));
        NewPrioritization {
            title: new.title.clone(),
            cycle_id: new.cycle_code.as_ref().and_then(|code| self.cycles.get(code).copied()),
            // The workshops of the seed are facts: that a round was held in one of them would be told as one.
            consultation_id: None,
            opens_on: day(new.opens_in_days),
            closes_on: day(new.closes_in_days),
            electorate_ids: Some(self.institutions(&new.electorate_codes)),
            criteria: Some(new.criteria.clone()),
        }
    }

    fn selected(&self, chosen: &SeedSelected) -> NewSelected {
        NewSelected {
            objective_number: chosen.objective_number,
            rank: chosen.rank,
            rationale: chosen.rationale.clone(),
            cluster: chosen.cluster.clone(),
            lead_id: chosen.lead_code.as_ref().and_then(|code| self.institution(code)),
            supporting_ids: Some(self.institutions(&chosen.supporting_codes)),
        }
    }
}
