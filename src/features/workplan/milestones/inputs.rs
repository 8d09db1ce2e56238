//! What is sent to enter or change a milestone.

use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    entity::{
        effort::Title,
        milestone::{Entity, Model},
    },
    features::writing::{Changes, set},
    http::extract::sent,
    problem::Fault,
    text::LocalizedPatch,
};

/// A new milestone of an activity.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct NewMilestone {
    /// What is to be reached, by language.
    pub title: Title,
    /// The day by which it is to be reached.
    #[schema(examples("2027-06-30"))]
    pub due_on: NaiveDate,
    /// The day on which it was reached, not after today.
    #[schema(examples("2027-05-12"))]
    pub done_on: Option<NaiveDate>,
}

impl NewMilestone {
    /// The row that it makes below this activity.
    pub fn of(self, activity_id: Uuid) -> Model {
        let Self { title, due_on, done_on } = self;
        Model { activity_id, title, due_on, done_on, ..Model::default() }
    }
}

/// Changes to a milestone: absent stays, `null` clears, a value sets; the title is merged by language.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
pub struct MilestonePatch {
    /// What is to be reached, by language.
    #[schema(value_type = LocalizedPatch<300>, required = false)]
    pub title: Option<LocalizedPatch<300>>,
    /// The day by which it is to be reached.
    #[schema(value_type = NaiveDate, required = false, examples("2027-06-30"))]
    pub due_on: Option<NaiveDate>,
    /// The day on which it was reached, not after today; `null` takes that back. Those who lead the activity write it, too.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<NaiveDate>, examples("2027-05-12"))]
    pub done_on: Option<Option<NaiveDate>>,
}

impl Changes<Entity> for MilestonePatch {
    fn apply(self, row: &Model) -> (Model, Vec<Fault>) {
        let Self { title, due_on, done_on } = self;
        let mut faults = Vec::new();
        let mut row = row.clone();
        if let Some(patch) = title {
            row.title = patch.onto(Some(&row.title), "/title", &mut faults).unwrap_or(row.title);
        }
        set(&mut row.due_on, due_on);
        set(&mut row.done_on, done_on);
        (row, faults)
    }
}
