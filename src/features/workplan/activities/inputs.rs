//! What is sent to enter or change an activity.

use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    entity::{
        activity::{ActivityCode, ActivityImplementation, ActivityParty, Entity, Model, PeriodReason, Plan, Rating, Recurrence},
        effort::{Passage, ProvinceCode, Title},
        objective::{ActionCode, ObjectiveNumber, SdgTargetCode},
    },
    features::writing::{Changes, set, set_text},
    http::extract::sent,
    problem::{Fault, FaultCode},
    text::{LocalizedPatch, Text},
};

/// A new activity of a workplan that is not approved, or of the open revision of one that is.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct NewActivity {
    /// The workplan that it belongs to, for ever.
    pub workplan_id: Uuid,
    /// Its short name in the plan, such as a number; no other activity of the plan may have it, archived ones included.
    #[schema(value_type = ActivityCode, examples("3.2"))]
    pub code: ActivityCode,
    /// What it is called, by language.
    pub title: Title,
    /// What it consists of, by language.
    pub description: Option<Passage>,
    /// The priority that it carries out, one of the plan's.
    pub priority_id: Option<Uuid>,
    /// The objectives that it serves, at least one, each once; answered in rising order.
    #[schema(value_type = Vec<ObjectiveNumber>, min_items = 1, max_items = 23)]
    pub objective_numbers: Vec<i16>,
    /// The lettered actions of these objectives that it serves, each once.
    #[schema(value_type = Option<Vec<ActionCode>>, max_items = 200)]
    pub action_codes: Option<Vec<String>>,
    /// Targets of the Sustainable Development Goals that it serves, each once, of those at `GET /v1/sdg-goals`.
    #[schema(value_type = Option<Vec<SdgTargetCode>>, max_items = 50)]
    pub sdg_target_codes: Option<Vec<String>>,
    /// The organizations that take part, in use and valid today. Exactly one has the role `lead`; none stands twice in the same role.
    #[schema(min_items = 1, max_items = 100)]
    pub parties: Vec<ActivityParty>,
    /// The first day.
    #[schema(examples("2027-01-15"))]
    pub starts_on: NaiveDate,
    /// The last day of what takes place once, not before `starts_on`; send either this or `recurrence`.
    #[schema(examples("2028-06-30"))]
    pub ends_on: Option<NaiveDate>,
    /// How often it comes and until when, for what comes again and again; send either this or `ends_on`.
    pub recurrence: Option<Recurrence>,
    /// Why it reaches beyond the days of the plan, by language; needed where it does.
    pub outside_period_reason: Option<PeriodReason>,
    /// The activities of the same plan that must be completed before it can go on, each once; answered in rising order. They must not wait for each
    /// other in a ring.
    #[schema(max_items = 50)]
    pub depends_on: Option<Vec<Uuid>>,
    /// The provinces in which it takes place, each once, of those at `GET /v1/vocabularies/provinces`.
    #[schema(value_type = Option<Vec<ProvinceCode>>, max_items = 100)]
    pub provinces: Option<Vec<String>>,
}

/// Changes to what is planned of an activity: absent stays, `null` clears, a value sets; texts are merged by language, lists and `recurrence` are replaced
/// whole.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
pub struct ActivityPatch {
    /// An upsert sends it with the rest; it stays as it was.
    #[serde(default)]
    #[schema(ignore)]
    pub workplan_id: Option<Uuid>,
    /// Its short name in the plan, such as a number; no other activity of the plan may have it, archived ones included.
    #[schema(value_type = ActivityCode, required = false, examples("3.2"))]
    pub code: Option<ActivityCode>,
    /// What it is called, by language.
    #[schema(value_type = LocalizedPatch<300>, required = false)]
    pub title: Option<LocalizedPatch<300>>,
    /// What it consists of, by language; those who lead the activity may write it, too.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<LocalizedPatch<4000>>)]
    pub description: Option<Option<LocalizedPatch<4000>>>,
    /// The priority that it carries out, one of the plan's.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<Uuid>)]
    pub priority_id: Option<Option<Uuid>>,
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
    /// The organizations that take part; new ones must be in use and valid today. Exactly one has the role `lead`; none stands twice in the same role.
    /// `null` changes nothing.
    #[schema(value_type = Option<Vec<ActivityParty>>, min_items = 1, max_items = 100)]
    pub parties: Option<Vec<ActivityParty>>,
    /// The first day.
    #[schema(value_type = NaiveDate, required = false, examples("2027-01-15"))]
    pub starts_on: Option<NaiveDate>,
    /// The last day of what takes place once, not before `starts_on`; `null` together with a `recurrence`.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<NaiveDate>, examples("2028-06-30"))]
    pub ends_on: Option<Option<NaiveDate>>,
    /// How often it comes and until when; `null` together with an `ends_on`.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<Recurrence>)]
    pub recurrence: Option<Option<Recurrence>>,
    /// Why it reaches beyond the days of the plan, by language; needed where it does.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<LocalizedPatch<1000>>)]
    pub outside_period_reason: Option<Option<LocalizedPatch<1000>>>,
    /// The activities of the same plan that must be completed before it can go on, each once; answered in rising order. They must not wait for each
    /// other in a ring. `null` empties the list.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<Vec<Uuid>>, max_items = 50)]
    pub depends_on: Option<Option<Vec<Uuid>>>,
    /// The provinces in which it takes place, each once, of those at `GET /v1/vocabularies/provinces`; `null` empties the list.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<Vec<ProvinceCode>>, max_items = 100)]
    pub provinces: Option<Option<Vec<String>>>,
}

/// How far an activity is, as the lead ministry says with a reason; absent stays.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
pub struct ActivityTrackingPatch {
    /// How far it is.
    #[schema(value_type = ActivityImplementation, required = false)]
    pub implementation: Option<ActivityImplementation>,
    /// How much of it is done, in percent.
    #[schema(value_type = i16, required = false, minimum = 0, maximum = 100, examples(40))]
    pub progress_percent: Option<i16>,
    /// Whether it will reach its end in time.
    #[schema(value_type = Rating, required = false)]
    pub rating: Option<Rating>,
    /// Why the lead ministry writes this instead of accepting a report; everybody reads it as `tracking_reason`. Without one: 422 `required`.
    #[schema(value_type = Text<1000>, required = false)]
    pub reason: Option<Text<1000>>,
}

impl NewActivity {
    fn plan(self) -> (Uuid, Plan) {
        let plan = Plan {
            code: self.code,
            title: self.title,
            description: self.description,
            priority_id: self.priority_id,
            objective_numbers: self.objective_numbers,
            action_codes: self.action_codes.unwrap_or_default(),
            sdg_target_codes: self.sdg_target_codes.unwrap_or_default(),
            parties: self.parties,
            starts_on: self.starts_on,
            ends_on: self.ends_on,
            recurrence: self.recurrence,
            outside_period_reason: self.outside_period_reason,
            depends_on: self.depends_on.unwrap_or_default(),
            provinces: self.provinces.unwrap_or_default(),
        };
        (self.workplan_id, plan)
    }
}

impl From<NewActivity> for Model {
    fn from(new: NewActivity) -> Self {
        let (workplan_id, plan) = new.plan();
        Self { workplan_id, ..Self::default() }.planned(plan)
    }
}

impl ActivityPatch {
    /// What is planned with these changes, and what is wrong with them already.
    pub fn onto(self, before: &Plan) -> (Plan, Vec<Fault>) {
        let mut faults = Vec::new();
        let mut plan = before.clone();
        set(&mut plan.code, self.code);
        if let Some(patch) = self.title {
            plan.title = patch.onto(Some(&plan.title), "/title", &mut faults).unwrap_or(plan.title);
        }
        set_text(&mut plan.description, self.description, "/description", &mut faults);
        set(&mut plan.priority_id, self.priority_id);
        set(&mut plan.objective_numbers, self.objective_numbers);
        set(&mut plan.action_codes, self.action_codes.map(Option::unwrap_or_default));
        set(&mut plan.sdg_target_codes, self.sdg_target_codes.map(Option::unwrap_or_default));
        set(&mut plan.parties, self.parties);
        set(&mut plan.starts_on, self.starts_on);
        set(&mut plan.ends_on, self.ends_on);
        set(&mut plan.recurrence, self.recurrence);
        set_text(&mut plan.outside_period_reason, self.outside_period_reason, "/outside_period_reason", &mut faults);
        set(&mut plan.depends_on, self.depends_on.map(Option::unwrap_or_default));
        set(&mut plan.provinces, self.provinces.map(Option::unwrap_or_default));
        (plan.sorted(), faults)
    }
}

impl Changes<Entity> for ActivityPatch {
    fn apply(self, row: &Model) -> (Model, Vec<Fault>) {
        let moved = self.workplan_id.is_some_and(|id| id != row.workplan_id);
        let (plan, mut faults) = self.onto(&row.plan());
        faults.extend(moved.then(|| Fault::at("/workplan_id", FaultCode::ReadOnly)));
        (row.clone().planned(plan), faults)
    }
}

impl Changes<Entity> for ActivityTrackingPatch {
    fn apply(self, row: &Model) -> (Model, Vec<Fault>) {
        let Self { implementation, progress_percent, rating, reason } = self;
        let mut row = row.clone();
        set(&mut row.implementation, implementation);
        set(&mut row.progress_percent, progress_percent);
        set(&mut row.rating, rating);
        row.tracking_reason = reason;
        row.tracking_report_id = None;
        (row, Vec::new())
    }
}
