//! What is sent to open or change a revision of a workplan.

use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    entity::{
        effort::Passage,
        priority::Act,
        workplan_revision::{Entity, Model},
    },
    features::writing::{Changes, set, set_text},
    http::extract::sent,
    problem::Fault,
    text::{Interval, LocalizedPatch},
};

/// A revision of a workplan that is to be opened; what it would change is written afterwards.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[schema(as = NewWorkplanRevision)]
pub struct NewRevision {
    /// Why the plan is revised, by language.
    pub note: Option<Passage>,
}

/// Changes to a revision of a workplan: absent stays, `null` clears, a value sets; texts are merged by language, `priority_ids` and `approval_act` are
/// replaced whole.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
pub struct WorkplanRevisionPatch {
    /// Why the plan is revised, by language.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<LocalizedPatch<4000>>)]
    pub note: Option<Option<LocalizedPatch<4000>>>,
    /// What the plan is to be called, by language.
    #[schema(value_type = LocalizedPatch<300>, required = false)]
    pub title: Option<LocalizedPatch<300>>,
    /// The first day that the plan is to have.
    #[schema(value_type = NaiveDate, required = false, examples("2026-01-01"))]
    pub starts_on: Option<NaiveDate>,
    /// The last day that the plan is to have, not before `starts_on`.
    #[schema(value_type = NaiveDate, required = false, examples("2029-06-30"))]
    pub ends_on: Option<NaiveDate>,
    /// How often its activities are to be reported on.
    #[schema(value_type = Interval, required = false)]
    pub reporting_interval: Option<Interval>,
    /// The priorities that the plan is to carry out, each once; none that was withdrawn. `null` empties the list.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<Vec<Uuid>>, max_items = 50)]
    pub priority_ids: Option<Option<Vec<Uuid>>>,
    /// The act by which the new version was approved.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<Act>)]
    pub approval_act: Option<Option<Act>>,
}

impl Changes<Entity> for WorkplanRevisionPatch {
    fn apply(self, before: &Model) -> (Model, Vec<Fault>) {
        let Self { note, title, starts_on, ends_on, reporting_interval, priority_ids, approval_act } = self;
        let mut faults = Vec::new();
        let mut row = before.clone();
        set_text(&mut row.note, note, "/note", &mut faults);
        if let Some(patch) = title {
            row.title = patch.onto(Some(&row.title), "/title", &mut faults).unwrap_or(row.title);
        }
        set(&mut row.starts_on, starts_on);
        set(&mut row.ends_on, ends_on);
        set(&mut row.reporting_interval, reporting_interval);
        set(&mut row.priority_ids.0, priority_ids.map(Option::unwrap_or_default));
        if let Some(act) = approval_act {
            row.set_approval_act(act);
        }
        (row, faults)
    }
}
