//! A milestone as it is answered.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    clock::Timestamp,
    entity::{
        effort::Title,
        milestone::{Entity, Model},
    },
    http::{listing::Refers, reply::View},
    kind::Kind,
    store::{ExternalId, Provenance},
};

/// Something that an activity is to reach by a day.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct MilestoneView {
    /// Identifies the milestone for ever.
    pub id: Uuid,
    /// Counts the changes of this milestone; the same as in the ETag.
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
    /// The activity that it belongs to.
    pub activity_id: Uuid,
    /// What is to be reached, by language.
    pub title: Title,
    /// The day by which it is to be reached.
    #[schema(examples("2027-06-30"))]
    pub due_on: NaiveDate,
    /// The day on which it was reached; `null` until then.
    #[schema(examples("2027-05-12"))]
    pub done_on: Option<NaiveDate>,
}

impl From<Model> for MilestoneView {
    fn from(row: Model) -> Self {
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
            title,
            due_on,
            done_on,
            parties: _,
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
            title,
            due_on,
            done_on,
        }
    }
}

impl View for MilestoneView {
    type Entity = Entity;
    const PATH: &'static str = "milestones";

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn revision(&self) -> i64 {
        self.revision
    }

    fn location(&self) -> String {
        format!("{}/{}/{}/{}", Kind::Milestone.path(), self.activity_id, Self::PATH, self.id)
    }
}

impl Refers for MilestoneView {}
