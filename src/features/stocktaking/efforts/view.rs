//! An effort as it is answered.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    clock::Timestamp,
    entity::{
        effort::{EffortState, Entity, Implementation, Model, Passage, Title},
        objective::ObjectiveNumber,
    },
    http::{listing::Refers, reply::View},
    kind::Kind,
    store::{ExternalId, Provenance},
    text::{Money, Term, WebAddress},
};

/// Something that an organization does, did or plans for one or more objectives of the Compact: a law, a programme, a service. All of them together are the
/// country's stock-taking.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct EffortView {
    /// Identifies the effort for ever.
    pub id: Uuid,
    /// Counts the changes; the same as in the ETag.
    #[schema(minimum = 1)]
    pub revision: i64,
    /// When it was entered.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// When it was archived; `null` while it is in use.
    pub archived_at: Option<Timestamp>,
    /// Where the row came from.
    pub provenance: Provenance,
    /// The ids that other systems know it by; written at `external-ids`.
    pub external_ids: Vec<ExternalId>,
    /// The organization whose effort it is.
    pub organization_id: Uuid,
    /// Organizations that carry it out together with it.
    pub partner_ids: Vec<Uuid>,
    /// What it is called, by language.
    pub title: Title,
    /// What it consists of, by language.
    pub description: Option<Passage>,
    /// What sort of effort it is, one of `GET /v1/vocabularies/effort_kinds`.
    #[schema(examples("programme"))]
    pub kind: Term,
    /// The objectives that it serves, at least one.
    #[schema(value_type = Vec<ObjectiveNumber>)]
    pub objective_numbers: Vec<i16>,
    /// The lettered actions of these objectives that it serves, where that is known.
    #[schema(examples("6.c"))]
    pub action_codes: Vec<String>,
    /// Targets of the Sustainable Development Goals that it serves.
    #[schema(examples("8.8"))]
    pub sdg_target_codes: Vec<String>,
    /// How far it is.
    pub implementation: Implementation,
    /// The first day; `null` when that is not known.
    #[schema(examples("2024-01-01"))]
    pub starts_on: Option<NaiveDate>,
    /// The last day; `null` when that is not known or there is none.
    #[schema(examples("2026-12-31"))]
    pub ends_on: Option<NaiveDate>,
    /// The provinces in which it takes place, by code; none where it is for the whole country or that is not known.
    #[schema(examples("LA-SV"))]
    pub provinces: Vec<String>,
    /// What makes it difficult, by language.
    pub challenges: Option<Passage>,
    /// What would help it, by language.
    pub support_needed: Option<Passage>,
    /// What it costs over all its time; `null` when that is not known.
    pub budget: Option<Money>,
    /// Organizations that pay for it.
    pub funder_ids: Vec<Uuid>,
    /// Where more can be read about it.
    pub links: Vec<WebAddress>,
    /// Where it stands in the stock-taking; moved at `transitions`.
    pub state: EffortState,
}

impl From<Model> for EffortView {
    fn from(row: Model) -> Self {
        let budget = row.budget();
        let Model {
            id,
            revision,
            audience: _,
            owner_id: _,
            created_at,
            updated_at,
            archived_at,
            provenance,
            external_ids,
            organization_id,
            partner_ids,
            title,
            sort_title: _,
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
            budget_minor: _,
            budget_currency: _,
            funder_ids,
            links,
            state,
        } = row;
        Self {
            id,
            revision,
            created_at,
            updated_at,
            archived_at,
            provenance,
            external_ids: external_ids.0,
            organization_id,
            partner_ids: partner_ids.0,
            title,
            description,
            kind,
            objective_numbers: objective_numbers.0,
            action_codes: action_codes.0,
            sdg_target_codes: sdg_target_codes.0,
            implementation,
            starts_on,
            ends_on,
            provinces: provinces.0,
            challenges,
            support_needed,
            budget,
            funder_ids: funder_ids.0,
            links: links.0,
            state,
        }
    }
}

impl View for EffortView {
    type Entity = Entity;
    const PATH: &'static str = "/v1/efforts";

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn revision(&self) -> i64 {
        self.revision
    }
}

impl Refers for EffortView {
    fn refers(&self) -> Vec<(Kind, Uuid)> {
        let others = self.partner_ids.iter().chain(&self.funder_ids).copied();
        std::iter::once(self.organization_id).chain(others).map(|id| (Kind::Organization, id)).collect()
    }

    fn refers_by_number(&self) -> Vec<(Kind, i16)> {
        self.objective_numbers.iter().map(|number| (Kind::Objective, *number)).collect()
    }
}
