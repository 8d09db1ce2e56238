//! What is sent to enter or change a review cycle.

use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    entity::review_cycle::{DateStatus, Entity, Model, Title},
    features::writing::{Changes, set},
    http::extract::sent,
    problem::Fault,
    text::{Code, DatePrecision, LocalizedPatch, Term},
};

/// A new review cycle.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct NewReviewCycle {
    /// Short, stable name for addresses and spreadsheets; nobody else may have it.
    pub code: Code,
    /// The name of the review, by language.
    pub title: Title,
    /// What sort of review it is, one of the vocabulary `review_cycle_kinds`: `regional_review`, `imrf`, `national`.
    pub kind: Term,
    /// The first day of the period that the review looks at. With `date_precision` `month` or `year` the first day of a month or year.
    #[schema(examples("2026-01-01"))]
    pub starts_on: NaiveDate,
    /// The last day of that period, which is the last day of the review event itself; not before `starts_on`. With `date_precision` `month` or
    /// `year` the last day of a month or year.
    #[schema(examples("2028-06-30"))]
    pub ends_on: NaiveDate,
    /// How exactly the two dates are known: to the day, or only to the month or year.
    pub date_precision: DatePrecision,
    /// Whether the dates are settled: `confirmed` by whoever sets them, or `tentative`.
    pub date_status: DateStatus,
    /// The day by which the country's review is due; not after `ends_on`.
    #[schema(examples("2028-05-31"))]
    pub submission_due_on: Option<NaiveDate>,
}

/// Changes to a review cycle: absent stays, `null` clears, a value sets; texts are merged by language.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
pub struct ReviewCyclePatch {
    /// Short, stable name for addresses and spreadsheets; nobody else may have it.
    #[schema(value_type = Code, required = false)]
    pub code: Option<Code>,
    /// The name of the review, by language.
    #[schema(value_type = LocalizedPatch<300>, required = false)]
    pub title: Option<LocalizedPatch<300>>,
    /// What sort of review it is, one of the vocabulary `review_cycle_kinds`: `regional_review`, `imrf`, `national`.
    #[schema(value_type = Term, required = false)]
    pub kind: Option<Term>,
    /// The first day of the period that the review looks at. With `date_precision` `month` or `year` the first day of a month or year.
    #[schema(value_type = NaiveDate, required = false, examples("2026-01-01"))]
    pub starts_on: Option<NaiveDate>,
    /// The last day of that period, which is the last day of the review event itself; not before `starts_on`. With `date_precision` `month` or
    /// `year` the last day of a month or year.
    #[schema(value_type = NaiveDate, required = false, examples("2028-06-30"))]
    pub ends_on: Option<NaiveDate>,
    /// How exactly the two dates are known: to the day, or only to the month or year.
    #[schema(value_type = DatePrecision, required = false)]
    pub date_precision: Option<DatePrecision>,
    /// Whether the dates are settled: `confirmed` by whoever sets them, or `tentative`.
    #[schema(value_type = DateStatus, required = false)]
    pub date_status: Option<DateStatus>,
    /// The day by which the country's review is due, not after `ends_on`; `null` when that is not known.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<NaiveDate>, examples("2028-05-31"))]
    pub submission_due_on: Option<Option<NaiveDate>>,
}

impl From<NewReviewCycle> for Model {
    fn from(new: NewReviewCycle) -> Self {
        let NewReviewCycle { code, title, kind, starts_on, ends_on, date_precision, date_status, submission_due_on } = new;
        Self { code, title, kind, starts_on, ends_on, date_precision, date_status, submission_due_on, ..Self::default() }
    }
}

impl Changes<Entity> for ReviewCyclePatch {
    fn apply(self, row: &Model) -> (Model, Vec<Fault>) {
        let Self { code, title, kind, starts_on, ends_on, date_precision, date_status, submission_due_on } = self;
        let mut faults = Vec::new();
        let mut row = row.clone();
        set(&mut row.code, code);
        set(&mut row.kind, kind);
        set(&mut row.starts_on, starts_on);
        set(&mut row.ends_on, ends_on);
        set(&mut row.date_precision, date_precision);
        set(&mut row.date_status, date_status);
        set(&mut row.submission_due_on, submission_due_on);
        if let Some(patch) = title {
            row.title = patch.onto(Some(&row.title), "/title", &mut faults).unwrap_or(row.title);
        }
        (row, faults)
    }
}
