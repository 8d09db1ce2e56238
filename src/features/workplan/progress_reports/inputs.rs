//! What is sent to enter or change a progress report.

use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    entity::{
        activity::{ActivityImplementation, Rating},
        effort::Passage,
        progress_report::{Entity, Model},
    },
    features::writing::{Changes, set, set_text},
    http::extract::sent,
    problem::{Fault, FaultCode},
    text::{LocalizedPatch, Money},
};

/// A new progress report; it begins as a draft.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct NewProgressReport {
    /// The activity that it is about; it stays the same for ever.
    pub activity_id: Uuid,
    /// The organization that reports: your own. A ministry reports where it leads or co-leads, a member of the UN Network where it implements. It
    /// stays the same for ever.
    pub organization_id: Uuid,
    /// The first day of the period: a whole `month`, `quarter`, `half_year` or `year` of the calendar, as `reporting_interval` of the plan says, that
    /// has a day in common with the plan and with the activity.
    #[schema(examples("2027-01-01"))]
    pub period_start: NaiveDate,
    /// The last day of the same period.
    #[schema(examples("2027-03-31"))]
    pub period_end: NaiveDate,
    /// How much of the whole activity is done at the end of the period, in percent.
    #[schema(minimum = 0, maximum = 100, examples(40))]
    pub progress_percent: i16,
    /// Whether the activity will reach its end in time, as you see it.
    pub rating: Rating,
    /// How far the activity is at the end of the period.
    pub implementation: ActivityImplementation,
    /// What was done, by language.
    pub achievements: Option<Passage>,
    /// What made it difficult, by language.
    pub challenges: Option<Passage>,
    /// What comes next, by language.
    pub next_steps: Option<Passage>,
    /// What was spent in the period.
    pub spent: Option<Money>,
}

/// Changes to a progress report: absent stays, `null` clears, a value sets; texts are merged by language, the amount is replaced whole.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
pub struct ProgressReportPatch {
    /// An upsert sends it with the rest; it stays as it was.
    #[serde(default)]
    #[schema(ignore)]
    pub activity_id: Option<Uuid>,
    /// An upsert sends it with the rest; it stays as it was.
    #[serde(default)]
    #[schema(ignore)]
    pub organization_id: Option<Uuid>,
    /// The first day of the period: a whole `month`, `quarter`, `half_year` or `year` of the calendar, as `reporting_interval` of the plan says, that
    /// has a day in common with the plan and with the activity.
    #[schema(value_type = NaiveDate, required = false, examples("2027-01-01"))]
    pub period_start: Option<NaiveDate>,
    /// The last day of the same period.
    #[schema(value_type = NaiveDate, required = false, examples("2027-03-31"))]
    pub period_end: Option<NaiveDate>,
    /// How much of the whole activity is done at the end of the period, in percent.
    #[schema(value_type = i16, required = false, minimum = 0, maximum = 100, examples(40))]
    pub progress_percent: Option<i16>,
    /// Whether the activity will reach its end in time, as you see it.
    #[schema(value_type = Rating, required = false)]
    pub rating: Option<Rating>,
    /// How far the activity is at the end of the period.
    #[schema(value_type = ActivityImplementation, required = false)]
    pub implementation: Option<ActivityImplementation>,
    /// What was done, by language.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<LocalizedPatch<4000>>)]
    pub achievements: Option<Option<LocalizedPatch<4000>>>,
    /// What made it difficult, by language.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<LocalizedPatch<4000>>)]
    pub challenges: Option<Option<LocalizedPatch<4000>>>,
    /// What comes next, by language.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<LocalizedPatch<4000>>)]
    pub next_steps: Option<Option<LocalizedPatch<4000>>>,
    /// What was spent in the period.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<Money>)]
    pub spent: Option<Option<Money>>,
}

impl From<NewProgressReport> for Model {
    fn from(new: NewProgressReport) -> Self {
        let NewProgressReport {
            activity_id,
            organization_id,
            period_start,
            period_end,
            progress_percent,
            rating,
            implementation,
            achievements,
            challenges,
            next_steps,
            spent,
        } = new;
        let mut row = Self {
            activity_id,
            organization_id,
            period_start,
            period_end,
            progress_percent,
            rating,
            implementation,
            achievements,
            challenges,
            next_steps,
            ..Self::default()
        };
        row.put_spent(spent);
        row.dated()
    }
}

impl Changes<Entity> for ProgressReportPatch {
    fn apply(self, before: &Model) -> (Model, Vec<Fault>) {
        let mut faults = Vec::new();
        let mut row = before.clone();
        for (pointer, sent, kept) in
            [("/activity_id", self.activity_id, row.activity_id), ("/organization_id", self.organization_id, row.organization_id)]
        {
            if sent.is_some_and(|id| id != kept) {
                faults.push(Fault::at(pointer, FaultCode::ReadOnly));
            }
        }
        set(&mut row.period_start, self.period_start);
        set(&mut row.period_end, self.period_end);
        set(&mut row.progress_percent, self.progress_percent);
        set(&mut row.rating, self.rating);
        set(&mut row.implementation, self.implementation);
        set_text(&mut row.achievements, self.achievements, "/achievements", &mut faults);
        set_text(&mut row.challenges, self.challenges, "/challenges", &mut faults);
        set_text(&mut row.next_steps, self.next_steps, "/next_steps", &mut faults);
        if let Some(spent) = self.spent {
            row.put_spent(spent);
        }
        (row.dated(), faults)
    }
}
