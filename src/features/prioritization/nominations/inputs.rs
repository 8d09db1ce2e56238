//! What is sent to give or change a nomination.

use std::collections::BTreeMap;

use serde::Deserialize;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{KnownFormat, ObjectBuilder, RefOr, Schema, SchemaFormat, Type, schema::AdditionalProperties},
};
use uuid::Uuid;

use crate::{
    entity::{
        nomination::{Entity, Model, Score},
        objective::{ActionCode, ObjectiveNumber},
        prioritization::{Rationale, RoundState},
    },
    features::writing::{Changes, set},
    http::extract::sent,
    problem::Fault,
    text::{Items, LocalizedPatch, Term, Text},
};

/// What the contract says of scores: a whole number from 1 to 5 for each criterion.
pub struct ScoresSchema;

impl PartialSchema for ScoresSchema {
    fn schema() -> RefOr<Schema> {
        let score = ObjectBuilder::new().schema_type(Type::Integer).format(Some(SchemaFormat::KnownFormat(KnownFormat::Int32)));
        let score = RefOr::T(score.minimum(Some(1)).maximum(Some(5)).into());
        let code = match Term::schema() {
            RefOr::T(code) => Some(code),
            RefOr::Ref(_) => None,
        };
        ObjectBuilder::new()
            .schema_type(Type::Object)
            .additional_properties(Some(AdditionalProperties::RefOr(score)))
            .property_names(code)
            .description(Some("A whole number from 1 (least) to 5 (most) for each criterion of the round, by its code."))
            .examples([serde_json::json!({"urgency": 5, "feasibility": 3})])
            .into()
    }
}

impl ToSchema for ScoresSchema {
    fn name() -> std::borrow::Cow<'static, str> {
        "Scores".into()
    }
}

/// Scores by the code of the criterion, as they are shown.
pub fn by_criterion(scores: &[Score]) -> BTreeMap<String, i16> {
    scores.iter().map(|score| (score.criterion.as_str().to_owned(), score.score)).collect()
}

/// A new nomination.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct NewNomination {
    /// The round; it must be open.
    pub prioritization_id: Uuid,
    /// The institution that nominates: your own; the lead ministry may name another, with `on_behalf_note`.
    pub organization_id: Uuid,
    /// Number of the objective.
    #[schema(value_type = ObjectiveNumber)]
    pub objective_number: i16,
    /// A whole number from 1 (least) to 5 (most) for every criterion of the round, by its code.
    #[schema(value_type = ScoresSchema)]
    pub scores: BTreeMap<Term, i16>,
    /// Why it should come first, by language.
    pub rationale: Option<Rationale>,
    /// The actions of the objective that matter most, by code, each once.
    #[schema(value_type = Option<Vec<ActionCode>>, max_items = 26)]
    pub action_codes: Option<Vec<String>>,
    /// How the lead ministry came by a nomination that it enters for another institution; for that, and only for that.
    pub on_behalf_note: Option<Text<1000>>,
}

/// Changes to a nomination: absent stays, `null` clears, a value sets; scores and lists are replaced whole, texts merged by language.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
pub struct NominationPatch {
    /// A whole number from 1 (least) to 5 (most) for every criterion of the round, by its code.
    #[schema(value_type = ScoresSchema, required = false)]
    pub scores: Option<BTreeMap<Term, i16>>,
    /// Why it should come first, by language.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<LocalizedPatch<4000>>)]
    pub rationale: Option<Option<LocalizedPatch<4000>>>,
    /// The actions of the objective that matter most, by code, each once; `null` empties the list.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<Vec<ActionCode>>, max_items = 26)]
    pub action_codes: Option<Option<Vec<String>>>,
    /// How the lead ministry came by a nomination that it entered for another institution. `null` changes nothing.
    pub on_behalf_note: Option<Text<1000>>,
}

impl From<NewNomination> for Model {
    fn from(new: NewNomination) -> Self {
        let NewNomination { prioritization_id, organization_id, objective_number, scores, rationale, action_codes, on_behalf_note } = new;
        Self {
            prioritization_id,
            organization_id,
            objective_number,
            scores: listed(scores),
            rationale,
            action_codes: Items(action_codes.unwrap_or_default()),
            on_behalf_note,
            // The rules let no other in.
            round_state: RoundState::Open,
            ..Self::default()
        }
    }
}

impl Changes<Entity> for NominationPatch {
    fn apply(self, row: &Model) -> (Model, Vec<Fault>) {
        let Self { scores, rationale, action_codes, on_behalf_note } = self;
        let mut faults = Vec::new();
        let mut row = row.clone();
        set(&mut row.scores, scores.map(listed));
        set(&mut row.action_codes.0, action_codes.map(Option::unwrap_or_default));
        set(&mut row.on_behalf_note, on_behalf_note.map(Some));
        if let Some(patch) = rationale {
            row.rationale = patch.and_then(|patch| patch.onto(row.rationale.as_ref(), "/rationale", &mut faults));
        }
        (row, faults)
    }
}

fn listed(scores: BTreeMap<Term, i16>) -> Items<Score> {
    Items(scores.into_iter().map(|(criterion, score)| Score { criterion, score }).collect())
}
