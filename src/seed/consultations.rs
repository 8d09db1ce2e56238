//! The workshops of the first country and the reviews in its region, with what they left to be done.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use serde::Deserialize;
use uuid::Uuid;

use super::{SYSTEM, fitting, institutions};
use crate::{
    auth::{Action, Subject},
    entity::{
        consultation::{self, AgendaItem, Chair, Place, Programme, Title},
        outcome::{self, OutcomeText},
        review_cycle,
    },
    features::writing::{self, Written},
    http::context::Here,
    kind::Kind,
    problem::Problem,
    store::{ExternalId, Tx},
    text::{DatePrecision, Items, Term, Text},
};

const CONSULTATIONS: &str = include_str!("consultations.json");

#[derive(Deserialize)]
struct SeedConsultation {
    slug: String,
    kind: Term,
    title: Title,
    series_number: Option<i16>,
    mode: Option<Term>,
    status: Term,
    starts_on: NaiveDate,
    ends_on: NaiveDate,
    date_precision: DatePrecision,
    place: Option<Place>,
    /// Codes of organizations.
    #[serde(default)]
    convenors: Vec<String>,
    #[serde(default)]
    chairs: Vec<SeedChair>,
    participant_total: Option<i64>,
    #[serde(default)]
    participant_total_at_least: bool,
    /// Codes of organizations.
    #[serde(default)]
    funders: Vec<String>,
    programme: Option<Programme>,
    #[serde(default)]
    sdg_goal_numbers: Vec<i16>,
    #[serde(default)]
    agenda: Vec<AgendaItem>,
    /// Code of a review cycle.
    cycle: Option<String>,
    #[serde(default)]
    outcomes: Vec<SeedOutcome>,
}

#[derive(Deserialize)]
struct SeedChair {
    organization: String,
    position: Text<200>,
}

#[derive(Deserialize)]
struct SeedOutcome {
    kind: Term,
    text: OutcomeText,
    responsible: Option<String>,
}

/// How many rows were new.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Entered {
    pub consultations: usize,
    pub outcomes: usize,
}

/// What the codes of the seed stand for.
struct Codes {
    organizations: BTreeMap<String, Uuid>,
    cycles: BTreeMap<String, Uuid>,
}

/// Enters the consultations that are missing, each with its outcomes; of a consultation that is there already the outcomes are the country's to keep.
pub(super) async fn consultations(tx: &mut Tx<'_>, here: &Here) -> Result<Entered, Problem> {
    let rows: Vec<SeedConsultation> = serde_json::from_str(CONSULTATIONS).map_err(Problem::internal)?;
    let cycles = tx.all(review_cycle::Entity::all()).await?;
    let cycles = cycles.into_iter().map(|row| (row.code.to_string(), row.id)).collect();
    let codes = Codes { organizations: institutions(tx).await?, cycles };
    let titles: BTreeSet<_> = tx.all(consultation::Entity::all()).await?.into_iter().map(|row| row.sort_title).collect();
    let mut new = Entered::default();
    for mut row in rows {
        let (slug, outcomes) = (std::mem::take(&mut row.slug), std::mem::take(&mut row.outcomes));
        let row = codes.consultation(row);
        if tx.external_row(Kind::Consultation, SYSTEM, &slug).await?.is_some() || titles.contains(&row.sort_title) {
            continue;
        }
        let savepoint = tx.savepoint().await?;
        let done = enter_all(tx, here, row, slug, outcomes.into_iter().map(|left| codes.outcome(left))).await;
        if let Some(outcomes) = fitting(tx, savepoint, done, "a consultation of the seed").await? {
            new = Entered { consultations: new.consultations + 1, outcomes: new.outcomes + outcomes };
        }
    }
    Ok(new)
}

/// Enters a consultation and what it left, and says how much that was.
async fn enter_all(
    tx: &mut Tx<'_>,
    here: &Here,
    row: consultation::Model,
    slug: String,
    outcomes: impl Iterator<Item = outcome::Model>,
) -> Result<usize, Problem> {
    let consultation_id = enter(tx, here, row, slug).await?.id;
    let mut new = 0;
    for left in outcomes {
        let grant = tx.may(Action::Create, &Subject::new(Kind::Outcome))?;
        writing::enter::<outcome::Entity>(tx, here, &grant, outcome::Model { consultation_id, ..left }).await?;
        new += 1;
    }
    Ok(new)
}

async fn enter(tx: &mut Tx<'_>, here: &Here, row: consultation::Model, slug: String) -> Result<consultation::Model, Problem> {
    consultation::Entity::rules(tx, here, None, &row, Vec::new()).await?;
    let grant = tx.may(Action::Create, &Subject::new(Kind::Consultation))?;
    let known_as = ExternalId { system: SYSTEM.to_owned(), id: slug };
    let row = tx.insert_known_as::<consultation::Entity>(&grant, row, known_as).await?;
    consultation::Entity::link(tx, &row).await?;
    Ok(row)
}

impl Codes {
    fn organization(&self, code: &str) -> Option<Uuid> {
        self.organizations.get(code).copied()
    }

    /// The row without what the record does not know (any more).
    fn consultation(&self, new: SeedConsultation) -> consultation::Model {
        let all = |codes: &[String]| Items(codes.iter().filter_map(|code| self.organization(code)).collect());
        let chair = |chair: SeedChair| {
            let organization_id = self.organization(&chair.organization)?;
            Some(Chair { organization_id, position: Some(chair.position), name: None })
        };
        consultation::Model {
            kind: new.kind,
            title: new.title,
            series_number: new.series_number,
            mode: new.mode,
            status: new.status,
            starts_on: new.starts_on,
            ends_on: new.ends_on,
            date_precision: new.date_precision,
            place: new.place,
            convenor_ids: all(&new.convenors),
            chairs: Items(new.chairs.into_iter().filter_map(chair).collect()),
            participant_total: new.participant_total,
            participant_total_at_least: new.participant_total_at_least,
            funder_ids: all(&new.funders),
            programme: new.programme,
            sdg_goal_numbers: Items(new.sdg_goal_numbers),
            agenda: Items(new.agenda),
            cycle_id: new.cycle.and_then(|code| self.cycles.get(&code).copied()),
            ..consultation::Model::default()
        }
        .sorted()
    }

    fn outcome(&self, new: SeedOutcome) -> outcome::Model {
        let responsible_id = new.responsible.and_then(|code| self.organization(&code));
        outcome::Model { kind: new.kind, text: new.text, responsible_id, ..outcome::Model::default() }
    }
}
