//! An activity as it is answered.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::facts;
use crate::{
    auth::Actor,
    clock::Timestamp,
    entity::{
        activity::{ActivityCode, ActivityImplementation, ActivityParty, Entity, Model, PeriodReason, Rating, Recurrence},
        effort::{Passage, Title},
        objective::ObjectiveNumber,
    },
    http::{
        listing::{Computed, Refers},
        reply::View,
    },
    kind::Kind,
    problem::Problem,
    store::{ExternalId, Provenance, Store},
    text::Text,
};

/// Something that the country does to carry out its priorities, as the workplan has it, and how far it is. It keeps its id for all time, through every
/// version of the plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ActivityView {
    /// Identifies the activity for ever.
    pub id: Uuid,
    /// Counts the changes, those of its milestones and budget lines among them; the same as in the ETag.
    #[schema(minimum = 1)]
    pub revision: i64,
    /// When it was entered.
    pub created_at: Timestamp,
    /// When it, one of its milestones or one of its budget lines was last changed.
    pub updated_at: Timestamp,
    /// When it was archived; `null` while it is in use.
    pub archived_at: Option<Timestamp>,
    /// Where the row came from.
    pub provenance: Provenance,
    /// The ids that other systems know it by; written at `external-ids`.
    pub external_ids: Vec<ExternalId>,
    /// The workplan that it belongs to.
    pub workplan_id: Uuid,
    /// Its short name in the plan, such as a number; no other activity of the plan has it.
    #[schema(value_type = ActivityCode, examples("3.2"))]
    pub code: ActivityCode,
    /// What it is called, by language.
    pub title: Title,
    /// What it consists of, by language.
    pub description: Option<Passage>,
    /// The priority of the plan that it carries out; `null` when it serves none of them in particular.
    pub priority_id: Option<Uuid>,
    /// The objectives of the Compact that it serves, at least one.
    #[schema(value_type = Vec<ObjectiveNumber>)]
    pub objective_numbers: Vec<i16>,
    /// The lettered actions of these objectives that it serves, where that is known.
    #[schema(examples("6.c"))]
    pub action_codes: Vec<String>,
    /// Targets of the Sustainable Development Goals that it serves.
    #[schema(examples("8.8"))]
    pub sdg_target_codes: Vec<String>,
    /// The organizations that take part, each with what it does there. One leads; none does only after an institution ended without an heir.
    pub parties: Vec<ActivityParty>,
    /// The first day.
    #[schema(examples("2027-01-15"))]
    pub starts_on: NaiveDate,
    /// The last day; `null` when it comes again and again.
    #[schema(examples("2028-06-30"))]
    pub ends_on: Option<NaiveDate>,
    /// How often it comes and until when; `null` when it takes place once.
    pub recurrence: Option<Recurrence>,
    /// Why it reaches beyond the days of the plan, by language; given wherever it does.
    pub outside_period_reason: Option<PeriodReason>,
    /// The activities of the same plan that must be completed before it can go on.
    pub depends_on: Vec<Uuid>,
    /// The provinces in which it takes place, by code; none where it is for the whole country or that is not known.
    #[schema(examples("LA-SV"))]
    pub provinces: Vec<String>,
    /// How far it is, as the last accepted report or the lead ministry says; written at `tracking`.
    pub implementation: ActivityImplementation,
    /// How much of it is done, in percent; written at `tracking`.
    #[schema(minimum = 0, maximum = 100)]
    pub progress_percent: i16,
    /// Whether it will reach its end in time; written at `tracking`.
    pub rating: Rating,
    /// Why `implementation`, `progress_percent` and `rating` are as they are, when the lead ministry wrote them; `null` when they come from a report or
    /// nobody wrote them yet.
    pub tracking_reason: Option<Text<1000>>,
    /// The accepted progress report that `implementation`, `progress_percent` and `rating` come from; `null` when they do not come from one.
    pub tracking_report_id: Option<Uuid>,
    /// The first approved version of the plan that it is in; `null` while it is a draft. From then on what is planned of it changes by a revision of the
    /// plan only.
    #[schema(minimum = 1)]
    pub added_in_version: Option<i64>,
}

impl From<Model> for ActivityView {
    fn from(row: Model) -> Self {
        let recurrence = row.recurrence();
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
            workplan_id,
            code,
            title,
            description,
            priority_id,
            objective_numbers,
            action_codes,
            sdg_target_codes,
            parties,
            starts_on,
            ends_on,
            recurrence_every: _,
            recurrence_until: _,
            sort_ends_on: _,
            outside_period_reason,
            depends_on,
            provinces,
            implementation,
            progress_percent,
            rating,
            tracking_reason,
            tracking_report_id,
            added_in_version,
        } = row;
        Self {
            id,
            revision,
            created_at,
            updated_at,
            archived_at,
            provenance,
            external_ids: external_ids.0,
            workplan_id,
            code,
            title,
            description,
            priority_id,
            objective_numbers: objective_numbers.0,
            action_codes: action_codes.0,
            sdg_target_codes: sdg_target_codes.0,
            parties: parties.0,
            starts_on,
            ends_on,
            recurrence,
            outside_period_reason,
            depends_on: depends_on.0,
            provinces: provinces.0,
            implementation,
            progress_percent,
            rating,
            tracking_reason,
            tracking_report_id,
            added_in_version,
        }
    }
}

impl View for ActivityView {
    type Entity = Entity;
    const PATH: &'static str = "/v1/activities";

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn revision(&self) -> i64 {
        self.revision
    }
}

impl Refers for ActivityView {
    fn refers(&self) -> Vec<(Kind, Uuid)> {
        let organizations = self.parties.iter().map(|party| (Kind::Organization, party.organization_id));
        let priority = self.priority_id.map(|id| (Kind::Priority, id));
        let awaited = self.depends_on.iter().map(|id| (Kind::Activity, *id));
        organizations.chain(priority).chain(awaited).chain([(Kind::Workplan, self.workplan_id)]).collect()
    }

    fn refers_by_number(&self) -> Vec<(Kind, i16)> {
        self.objective_numbers.iter().map(|number| (Kind::Objective, *number)).collect()
    }

    async fn computed_of(rows: &[Self], store: &Store, actor: &Actor, today: NaiveDate) -> Result<BTreeMap<String, Computed>, Problem> {
        facts::of(rows, store, actor, today).await
    }
}
