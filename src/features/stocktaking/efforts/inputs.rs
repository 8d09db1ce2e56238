//! What is sent to enter or change an effort.

use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    entity::{
        effort::{Entity, Implementation, Model, Passage, ProvinceCode, Title},
        objective::{ActionCode, ObjectiveNumber, SdgTargetCode},
    },
    features::writing::{Changes, set, set_text},
    http::extract::sent,
    problem::Fault,
    text::{Items, LocalizedPatch, Money, Term, WebAddress},
};

/// A new effort; it begins as a draft.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct NewEffort {
    /// The organization whose effort it is: your own, unless you coordinate.
    pub organization_id: Uuid,
    /// Organizations that carry it out together with it, each once.
    #[schema(max_items = 50)]
    pub partner_ids: Option<Vec<Uuid>>,
    /// What it is called, by language.
    pub title: Title,
    /// What it consists of, by language.
    pub description: Option<Passage>,
    /// What sort of effort it is, one of `GET /v1/vocabularies/effort_kinds`.
    #[schema(examples("programme"))]
    pub kind: Term,
    /// The objectives that it serves, at least one, each once; answered in rising order.
    #[schema(value_type = Vec<ObjectiveNumber>, min_items = 1, max_items = 23)]
    pub objective_numbers: Vec<i16>,
    /// The lettered actions of these objectives that it serves, each once.
    #[schema(value_type = Option<Vec<ActionCode>>, max_items = 200)]
    pub action_codes: Option<Vec<String>>,
    /// Targets of the Sustainable Development Goals that it serves, each once, of those at `GET /v1/sdg-goals`.
    #[schema(value_type = Option<Vec<SdgTargetCode>>, max_items = 50)]
    pub sdg_target_codes: Option<Vec<String>>,
    /// How far it is.
    pub implementation: Implementation,
    /// The first day.
    #[schema(examples("2024-01-01"))]
    pub starts_on: Option<NaiveDate>,
    /// The last day, not before `starts_on`.
    #[schema(examples("2026-12-31"))]
    pub ends_on: Option<NaiveDate>,
    /// The provinces in which it takes place, each once, of those at `GET /v1/vocabularies/provinces`.
    #[schema(value_type = Option<Vec<ProvinceCode>>, max_items = 100)]
    pub provinces: Option<Vec<String>>,
    /// What makes it difficult, by language.
    pub challenges: Option<Passage>,
    /// What would help it, by language.
    pub support_needed: Option<Passage>,
    /// What it costs over all its time.
    pub budget: Option<Money>,
    /// Organizations that pay for it, each once.
    #[schema(max_items = 50)]
    pub funder_ids: Option<Vec<Uuid>>,
    /// Where more can be read about it, each once.
    #[schema(max_items = 20)]
    pub links: Option<Vec<WebAddress>>,
}

/// Changes to an effort: absent stays, `null` clears, a value sets; texts are merged by language, lists and amounts replaced whole.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
pub struct EffortPatch {
    /// The organization whose effort it is.
    #[schema(value_type = Uuid, required = false)]
    pub organization_id: Option<Uuid>,
    /// Organizations that carry it out together with it, each once; `null` empties the list.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<Vec<Uuid>>, max_items = 50)]
    pub partner_ids: Option<Option<Vec<Uuid>>>,
    /// What it is called, by language.
    #[schema(value_type = LocalizedPatch<300>, required = false)]
    pub title: Option<LocalizedPatch<300>>,
    /// What it consists of, by language.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<LocalizedPatch<4000>>)]
    pub description: Option<Option<LocalizedPatch<4000>>>,
    /// What sort of effort it is, one of `GET /v1/vocabularies/effort_kinds`.
    #[schema(value_type = Term, required = false, examples("programme"))]
    pub kind: Option<Term>,
    /// The objectives that it serves, at least one, each once; answered in rising order. `null` changes nothing.
    #[schema(value_type = Option<Vec<ObjectiveNumber>>, min_items = 1, max_items = 23)]
    pub objective_numbers: Option<Vec<i16>>,
    /// The lettered actions of these objectives that it serves, each once; `null` empties the list.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<Vec<ActionCode>>, max_items = 200)]
    pub action_codes: Option<Option<Vec<String>>>,
    /// Targets of the Sustainable Development Goals that it serves, each once, of those at `GET /v1/sdg-goals`; `null` empties the list.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<Vec<SdgTargetCode>>, max_items = 50)]
    pub sdg_target_codes: Option<Option<Vec<String>>>,
    /// How far it is.
    #[schema(value_type = Implementation, required = false)]
    pub implementation: Option<Implementation>,
    /// The first day.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<NaiveDate>, examples("2024-01-01"))]
    pub starts_on: Option<Option<NaiveDate>>,
    /// The last day, not before `starts_on`.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<NaiveDate>, examples("2026-12-31"))]
    pub ends_on: Option<Option<NaiveDate>>,
    /// The provinces in which it takes place, each once, of those at `GET /v1/vocabularies/provinces`; `null` empties the list.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<Vec<ProvinceCode>>, max_items = 100)]
    pub provinces: Option<Option<Vec<String>>>,
    /// What makes it difficult, by language.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<LocalizedPatch<4000>>)]
    pub challenges: Option<Option<LocalizedPatch<4000>>>,
    /// What would help it, by language.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<LocalizedPatch<4000>>)]
    pub support_needed: Option<Option<LocalizedPatch<4000>>>,
    /// What it costs over all its time.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<Money>)]
    pub budget: Option<Option<Money>>,
    /// Organizations that pay for it, each once; `null` empties the list.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<Vec<Uuid>>, max_items = 50)]
    pub funder_ids: Option<Option<Vec<Uuid>>>,
    /// Where more can be read about it, each once; `null` empties the list.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<Vec<WebAddress>>, max_items = 20)]
    pub links: Option<Option<Vec<WebAddress>>>,
}

impl From<NewEffort> for Model {
    fn from(new: NewEffort) -> Self {
        let NewEffort {
            organization_id,
            partner_ids,
            title,
            description,
            kind,
            objective_numbers,
            action_codes,
            sdg_target_codes,
            implementation,
            starts_on,
            ends_on,
            provinces,
            challenges,
            support_needed,
            budget,
            funder_ids,
            links,
        } = new;
        let mut row = Self {
            organization_id,
            partner_ids: Items(partner_ids.unwrap_or_default()),
            title,
            description,
            kind,
            objective_numbers: Items(objective_numbers),
            action_codes: Items(action_codes.unwrap_or_default()),
            sdg_target_codes: Items(sdg_target_codes.unwrap_or_default()),
            implementation,
            starts_on,
            ends_on,
            provinces: Items(provinces.unwrap_or_default()),
            challenges,
            support_needed,
            funder_ids: Items(funder_ids.unwrap_or_default()),
            links: Items(links.unwrap_or_default()),
            ..Self::default()
        };
        row.put_budget(budget);
        row.sorted()
    }
}

impl Changes<Entity> for EffortPatch {
    fn apply(self, row: &Model) -> (Model, Vec<Fault>) {
        let mut faults = Vec::new();
        let mut row = row.clone();
        set(&mut row.organization_id, self.organization_id);
        set(&mut row.partner_ids.0, self.partner_ids.map(Option::unwrap_or_default));
        set(&mut row.kind, self.kind);
        set(&mut row.objective_numbers.0, self.objective_numbers);
        set(&mut row.action_codes.0, self.action_codes.map(Option::unwrap_or_default));
        set(&mut row.sdg_target_codes.0, self.sdg_target_codes.map(Option::unwrap_or_default));
        set(&mut row.implementation, self.implementation);
        set(&mut row.starts_on, self.starts_on);
        set(&mut row.ends_on, self.ends_on);
        set(&mut row.provinces.0, self.provinces.map(Option::unwrap_or_default));
        set(&mut row.funder_ids.0, self.funder_ids.map(Option::unwrap_or_default));
        set(&mut row.links.0, self.links.map(Option::unwrap_or_default));
        if let Some(budget) = self.budget {
            row.put_budget(budget);
        }
        if let Some(patch) = self.title {
            row.title = patch.onto(Some(&row.title), "/title", &mut faults).unwrap_or(row.title);
        }
        set_text(&mut row.description, self.description, "/description", &mut faults);
        set_text(&mut row.challenges, self.challenges, "/challenges", &mut faults);
        set_text(&mut row.support_needed, self.support_needed, "/support_needed", &mut faults);
        (row.sorted(), faults)
    }
}
