//! What is sent to enter or change a round.

use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    entity::{
        objective::ObjectiveNumber,
        prioritization::{Cluster, Criterion, Entity, Model, Rationale, Selected, Title},
    },
    features::{
        prioritization::numbers::Weight,
        writing::{Changes, set},
    },
    http::extract::sent,
    problem::Fault,
    text::{Items, LocalizedPatch, LocalizedText, Term},
};

/// A criterion by which every nomination is to be scored.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct NewCriterion {
    /// The criterion, one of `GET /v1/vocabularies/prioritization_criteria`.
    #[schema(examples("urgency"))]
    pub code: Term,
    /// How it is put to the electorate, by language; left out or `null`: as the vocabulary has it.
    pub title: Option<LocalizedText<200>>,
    /// How much it counts beside the others: above 0, with at most six decimals. The weights may have any sum.
    pub weight: Weight,
    /// Follows from the weights and is not read; it may be sent back as it was shown.
    pub weight_share: Option<f64>,
}

impl From<NewCriterion> for Criterion {
    fn from(new: NewCriterion) -> Self {
        let NewCriterion { code, title, weight, weight_share: _ } = new;
        Self { code, title, weight: weight.0 }
    }
}

/// An objective that is chosen.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct NewSelected {
    /// Number of the objective.
    #[schema(value_type = ObjectiveNumber)]
    pub objective_number: i16,
    /// Its place among the chosen ones, counted from 1; no two share one.
    #[schema(minimum = 1, maximum = 23, examples(1))]
    pub rank: i16,
    /// Why it is chosen, by language.
    pub rationale: Option<Rationale>,
    /// The thematic area of the country that it belongs to, by language.
    pub cluster: Option<Cluster>,
    /// The institution that would lead the work on it.
    pub lead_id: Option<Uuid>,
    /// The institutions that would support it; each once, and not the lead.
    #[schema(max_items = 50)]
    pub supporting_ids: Option<Vec<Uuid>>,
}

impl From<NewSelected> for Selected {
    fn from(new: NewSelected) -> Self {
        let NewSelected { objective_number, rank, rationale, cluster, lead_id, supporting_ids } = new;
        Self { objective_number, rank, rationale, cluster, lead_id, supporting_ids: supporting_ids.unwrap_or_default() }
    }
}

/// A new round of prioritization.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct NewPrioritization {
    /// The name of the round, by language.
    pub title: Title,
    /// The review cycle that it prepares.
    pub cycle_id: Option<Uuid>,
    /// The consultation in which it is held or prepared.
    pub consultation_id: Option<Uuid>,
    /// The day on which it is announced to open; the state alone opens it.
    #[schema(examples("2026-09-01"))]
    pub opens_on: Option<NaiveDate>,
    /// The last day on which nominations are taken, not before `opens_on`.
    #[schema(examples("2026-09-30"))]
    pub closes_on: Option<NaiveDate>,
    /// The institutions that are asked, each once; no UN entity. Frozen once the round is open.
    #[schema(max_items = 100)]
    pub electorate_ids: Option<Vec<Uuid>>,
    /// What nominations are scored by, each code once. Frozen once the round is open.
    #[schema(max_items = 20)]
    pub criteria: Option<Vec<NewCriterion>>,
}

/// Changes to a round of prioritization: absent stays, `null` clears, a value sets; lists are replaced whole, texts merged by language.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
pub struct PrioritizationPatch {
    /// The name of the round, by language.
    #[schema(value_type = LocalizedPatch<300>, required = false)]
    pub title: Option<LocalizedPatch<300>>,
    /// The review cycle that it prepares.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<Uuid>)]
    pub cycle_id: Option<Option<Uuid>>,
    /// The consultation in which it is held or prepared.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<Uuid>)]
    pub consultation_id: Option<Option<Uuid>>,
    /// The day on which it is announced to open; the state alone opens it.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<NaiveDate>, examples("2026-09-01"))]
    pub opens_on: Option<Option<NaiveDate>>,
    /// The last day on which nominations are taken, not before `opens_on`; it can be moved while the round is open.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<NaiveDate>, examples("2026-09-30"))]
    pub closes_on: Option<Option<NaiveDate>>,
    /// The institutions that are asked, each once; no UN entity. Frozen once the round is open.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<Vec<Uuid>>, max_items = 100)]
    pub electorate_ids: Option<Option<Vec<Uuid>>>,
    /// What nominations are scored by, each code once. Frozen once the round is open.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<Vec<NewCriterion>>, max_items = 20)]
    pub criteria: Option<Option<Vec<NewCriterion>>>,
    /// The objectives that are chosen, each once; written while the round is closed.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<Vec<NewSelected>>, max_items = 23)]
    pub selection: Option<Option<Vec<NewSelected>>>,
}

impl From<NewPrioritization> for Model {
    fn from(new: NewPrioritization) -> Self {
        let NewPrioritization { title, cycle_id, consultation_id, opens_on, closes_on, electorate_ids, criteria } = new;
        Self {
            title,
            cycle_id,
            consultation_id,
            opens_on,
            closes_on,
            electorate_ids: Items(electorate_ids.unwrap_or_default()),
            criteria: judged_by(criteria),
            ..Self::default()
        }
    }
}

impl Changes<Entity> for PrioritizationPatch {
    fn apply(self, row: &Model) -> (Model, Vec<Fault>) {
        let Self { title, cycle_id, consultation_id, opens_on, closes_on, electorate_ids, criteria, selection } = self;
        let mut faults = Vec::new();
        let mut row = row.clone();
        set(&mut row.cycle_id, cycle_id);
        set(&mut row.consultation_id, consultation_id);
        set(&mut row.opens_on, opens_on);
        set(&mut row.closes_on, closes_on);
        set(&mut row.electorate_ids.0, electorate_ids.map(Option::unwrap_or_default));
        set(&mut row.criteria, criteria.map(judged_by));
        set(&mut row.selection, selection.map(|sent| Items(sent.unwrap_or_default().into_iter().map(Selected::from).collect())));
        if let Some(patch) = title {
            row.title = patch.onto(Some(&row.title), "/title", &mut faults).unwrap_or(row.title);
        }
        (row, faults)
    }
}

fn judged_by(sent: Option<Vec<NewCriterion>>) -> Items<Criterion> {
    Items(sent.unwrap_or_default().into_iter().map(Criterion::from).collect())
}
