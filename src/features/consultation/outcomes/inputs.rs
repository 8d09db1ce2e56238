//! What is sent to enter or change an outcome.

use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    entity::{
        objective::ObjectiveNumber,
        outcome::{Entity, Model, OutcomeText},
    },
    features::writing::{Changes, set},
    http::extract::sent,
    problem::Fault,
    text::{Items, LocalizedPatch, Term},
};

/// A new outcome of a consultation.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct NewOutcome {
    /// The consultation that left it.
    pub consultation_id: Uuid,
    /// What sort of outcome it is, one of `GET /v1/vocabularies/outcome_kinds`: `decision`, `recommendation`, `action_point`.
    #[schema(examples("action_point"))]
    pub kind: Term,
    /// What was decided, recommended, or is to be done, by language.
    pub text: OutcomeText,
    /// The objectives that it is about, each once; answered in rising order.
    #[schema(value_type = Option<Vec<ObjectiveNumber>>, max_items = 23)]
    pub objective_numbers: Option<Vec<i16>>,
    /// The organization that sees to it: one that is in use and valid today.
    pub responsible_id: Option<Uuid>,
    /// The day by which it is to be done.
    #[schema(examples("2024-12-31"))]
    pub due_on: Option<NaiveDate>,
}

/// Changes to an outcome: absent stays, `null` clears, a value sets; texts are merged by language, `objective_numbers` is replaced whole.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
pub struct OutcomePatch {
    /// The consultation that left it.
    #[schema(value_type = Uuid, required = false)]
    pub consultation_id: Option<Uuid>,
    /// What sort of outcome it is, one of `GET /v1/vocabularies/outcome_kinds`: `decision`, `recommendation`, `action_point`.
    #[schema(value_type = Term, required = false, examples("action_point"))]
    pub kind: Option<Term>,
    /// What was decided, recommended, or is to be done, by language. It can be changed in every state.
    #[schema(value_type = LocalizedPatch<2000>, required = false)]
    pub text: Option<LocalizedPatch<2000>>,
    /// The objectives that it is about, each once; answered in rising order. `null` empties the list.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<Vec<ObjectiveNumber>>, max_items = 23)]
    pub objective_numbers: Option<Option<Vec<i16>>>,
    /// The organization that sees to it, a new one in use and valid today; `null` when nobody does.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<Uuid>)]
    pub responsible_id: Option<Option<Uuid>>,
    /// The day by which it is to be done; `null` when none was set.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<NaiveDate>, examples("2024-12-31"))]
    pub due_on: Option<Option<NaiveDate>>,
}

impl From<NewOutcome> for Model {
    fn from(new: NewOutcome) -> Self {
        let NewOutcome { consultation_id, kind, text, objective_numbers, responsible_id, due_on } = new;
        let objective_numbers = Items(objective_numbers.unwrap_or_default());
        Self { consultation_id, kind, text, objective_numbers, responsible_id, due_on, ..Self::default() }.sorted()
    }
}

impl Changes<Entity> for OutcomePatch {
    fn apply(self, row: &Model) -> (Model, Vec<Fault>) {
        let Self { consultation_id, kind, text, objective_numbers, responsible_id, due_on } = self;
        let mut faults = Vec::new();
        let mut row = row.clone();
        set(&mut row.consultation_id, consultation_id);
        set(&mut row.kind, kind);
        set(&mut row.objective_numbers.0, objective_numbers.map(Option::unwrap_or_default));
        set(&mut row.responsible_id, responsible_id);
        set(&mut row.due_on, due_on);
        if let Some(patch) = text {
            row.text = patch.onto(Some(&row.text), "/text", &mut faults).unwrap_or(row.text);
        }
        (row.sorted(), faults)
    }
}
