//! Days of which sometimes only the month or the year is known.

use chrono::{Datelike, Months, NaiveDate};
use sea_orm::{DeriveActiveEnum, EnumIter};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How exactly a date is known: to the day, or only its month or year; then it stands for the whole of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema, EnumIter, DeriveActiveEnum)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum DatePrecision {
    #[default]
    Day,
    Month,
    Year,
}

impl DatePrecision {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Month => "month",
            Self::Year => "year",
        }
    }

    /// The first and the last day of the months or years in which a period begins and ends.
    pub fn whole(self, starts_on: NaiveDate, ends_on: NaiveDate) -> (NaiveDate, NaiveDate) {
        let (first, last) = match self {
            Self::Day => (None, None),
            Self::Month => {
                let next = ends_on.with_day(1).and_then(|first| first.checked_add_months(Months::new(1)));
                (starts_on.with_day(1), next.and_then(|next| next.pred_opt()))
            }
            Self::Year => (NaiveDate::from_ymd_opt(starts_on.year(), 1, 1), NaiveDate::from_ymd_opt(ends_on.year(), 12, 31)),
        };
        (first.unwrap_or(starts_on), last.unwrap_or(ends_on))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap_or_default()
    }

    #[test]
    fn months_and_years_are_whole() {
        for (precision, ends_on, last) in [
            (DatePrecision::Day, "2028-02-10", "2028-02-10"),
            (DatePrecision::Month, "2028-02-10", "2028-02-29"),
            (DatePrecision::Month, "2027-02-28", "2027-02-28"),
            (DatePrecision::Month, "2027-12-01", "2027-12-31"),
            (DatePrecision::Year, "2027-02-28", "2027-12-31"),
        ] {
            assert_eq!(precision.whole(day("2026-07-01"), day(ends_on)).1, day(last), "{precision:?} {ends_on}");
        }
        assert_eq!(DatePrecision::Month.whole(day("2026-07-31"), day("2026-07-31")).0, day("2026-07-01"));
        assert_eq!(DatePrecision::Year.whole(day("2026-07-31"), day("2026-07-31")).0, day("2026-01-01"));
    }
}
