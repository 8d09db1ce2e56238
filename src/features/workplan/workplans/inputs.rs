//! What is sent to enter or change a workplan.

use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    entity::{
        effort::Title,
        priority::Act,
        workplan::{Entity, Model},
    },
    features::writing::{Changes, set},
    http::extract::sent,
    problem::Fault,
    text::{Interval, Items, LocalizedPatch},
};

/// A new workplan; it begins as a draft.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct NewWorkplan {
    /// What it is called, by language.
    pub title: Title,
    /// The first day.
    #[schema(examples("2026-01-01"))]
    pub starts_on: NaiveDate,
    /// The last day, not before `starts_on`.
    #[schema(examples("2028-12-31"))]
    pub ends_on: NaiveDate,
    /// How often its activities are reported on.
    pub reporting_interval: Interval,
    /// The priorities that it carries out, each once; none that was withdrawn.
    #[schema(max_items = 50)]
    pub priority_ids: Option<Vec<Uuid>>,
    /// The act by which it was approved, where there is one already.
    pub approval_act: Option<Act>,
}

/// Changes to a workplan: absent stays, `null` clears, a value sets; the title is merged by language, `priority_ids` and `approval_act` are replaced
/// whole.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
pub struct WorkplanPatch {
    /// What it is called, by language.
    #[schema(value_type = LocalizedPatch<300>, required = false)]
    pub title: Option<LocalizedPatch<300>>,
    /// The first day.
    #[schema(value_type = NaiveDate, required = false, examples("2026-01-01"))]
    pub starts_on: Option<NaiveDate>,
    /// The last day, not before `starts_on`.
    #[schema(value_type = NaiveDate, required = false, examples("2028-12-31"))]
    pub ends_on: Option<NaiveDate>,
    /// How often its activities are reported on.
    #[schema(value_type = Interval, required = false)]
    pub reporting_interval: Option<Interval>,
    /// The priorities that it carries out, each once; none that was withdrawn. `null` empties the list.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<Vec<Uuid>>, max_items = 50)]
    pub priority_ids: Option<Option<Vec<Uuid>>>,
    /// The act by which it was approved.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<Act>)]
    pub approval_act: Option<Option<Act>>,
}

impl From<NewWorkplan> for Model {
    fn from(new: NewWorkplan) -> Self {
        let NewWorkplan { title, starts_on, ends_on, reporting_interval, priority_ids, approval_act } = new;
        let priority_ids = Items(priority_ids.unwrap_or_default());
        let mut row = Self { title, starts_on, ends_on, reporting_interval, priority_ids, substance: 1, ..Self::default() };
        row.set_approval_act(approval_act);
        row
    }
}

impl Changes<Entity> for WorkplanPatch {
    fn apply(self, before: &Model) -> (Model, Vec<Fault>) {
        let Self { title, starts_on, ends_on, reporting_interval, priority_ids, approval_act } = self;
        let mut faults = Vec::new();
        let mut row = before.clone();
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
