//! A progress report as it is answered.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    clock::Timestamp,
    entity::{
        activity::{ActivityImplementation, Rating},
        effort::Passage,
        progress_report::{Entity, Model, ReportState},
    },
    http::{listing::Refers, reply::View},
    kind::Kind,
    store::{ExternalId, Provenance},
    text::Money,
};

/// What happened in an activity of the workplan over one period, as one of the organizations that carry it out tells it. Once the lead ministry
/// accepts it, the progress that the activity shows comes from it, unless a report on a later period was accepted before.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ProgressReportView {
    /// Identifies the report for ever.
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
    /// The activity that it is about.
    pub activity_id: Uuid,
    /// The organization that reports.
    pub organization_id: Uuid,
    /// The first day of the period.
    #[schema(examples("2027-01-01"))]
    pub period_start: NaiveDate,
    /// The last day of the period.
    #[schema(examples("2027-03-31"))]
    pub period_end: NaiveDate,
    /// The last day on which it is in time: 15 days after the period.
    #[schema(examples("2027-04-15"))]
    pub due_on: NaiveDate,
    /// How much of the whole activity is done at the end of the period, in percent.
    #[schema(minimum = 0, maximum = 100, examples(40))]
    pub progress_percent: i16,
    /// Whether the activity will reach its end in time, as the organization sees it.
    pub rating: Rating,
    /// How far the activity is at the end of the period.
    pub implementation: ActivityImplementation,
    /// What was done, by language.
    pub achievements: Option<Passage>,
    /// What made it difficult, by language.
    pub challenges: Option<Passage>,
    /// What comes next, by language.
    pub next_steps: Option<Passage>,
    /// What was spent in the period; `null` when that is not known.
    pub spent: Option<Money>,
    /// When it was last submitted; `null` until it was.
    pub submitted_at: Option<Timestamp>,
    /// Where the report stands; moved at `transitions`.
    pub state: ReportState,
}

impl From<Model> for ProgressReportView {
    fn from(row: Model) -> Self {
        let spent = row.spent();
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
            activity_id,
            organization_id,
            period_start,
            period_end,
            due_on,
            progress_percent,
            rating,
            implementation,
            achievements,
            challenges,
            next_steps,
            spent_minor: _,
            spent_currency: _,
            submitted_at,
            submitted_on: _,
            parties: _,
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
            activity_id,
            organization_id,
            period_start,
            period_end,
            due_on,
            progress_percent,
            rating,
            implementation,
            achievements,
            challenges,
            next_steps,
            spent,
            submitted_at,
            state,
        }
    }
}

impl View for ProgressReportView {
    type Entity = Entity;
    const PATH: &'static str = "/v1/progress-reports";

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn revision(&self) -> i64 {
        self.revision
    }
}

impl Refers for ProgressReportView {
    fn refers(&self) -> Vec<(Kind, Uuid)> {
        vec![(Kind::Organization, self.organization_id), (Kind::Activity, self.activity_id)]
    }
}
