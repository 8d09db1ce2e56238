//! Months, quarters, half-years and years of the calendar.

use chrono::{Datelike, Months, NaiveDate};
use sea_orm::{DeriveActiveEnum, EnumIter};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A period of the calendar: a `month`, a `quarter` (from January, April, July, October), a `half_year` (from January, July) or a `year`.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema, EnumIter, DeriveActiveEnum,
)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum Interval {
    Month,
    #[default]
    Quarter,
    HalfYear,
    Year,
}

/// The first and the last day of a period.
pub type Days = (NaiveDate, NaiveDate);

impl Interval {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Month => "month",
            Self::Quarter => "quarter",
            Self::HalfYear => "half_year",
            Self::Year => "year",
        }
    }

    const fn months(self) -> u32 {
        match self {
            Self::Month => 1,
            Self::Quarter => 3,
            Self::HalfYear => 6,
            Self::Year => 12,
        }
    }

    /// The whole period that this day lies in; `None` at the end of time.
    pub fn around(self, day: NaiveDate) -> Option<Days> {
        let month = day.month0() / self.months() * self.months() + 1;
        let first = NaiveDate::from_ymd_opt(day.year(), month, 1)?;
        Some((first, first.checked_add_months(Months::new(self.months()))?.pred_opt()?))
    }

    /// The whole periods that have a day in common with these days, in their order.
    pub fn over(self, (first, last): Days) -> impl Iterator<Item = Days> {
        let next = move |(_, end): &Days| self.around(end.succ_opt()?);
        std::iter::successors(self.around(first), next).take_while(move |(start, _)| *start <= last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap_or_default()
    }

    #[test]
    fn periods_are_whole_and_follow_each_other() {
        for (interval, around, first, last) in [
            (Interval::Month, "2028-02-10", "2028-02-01", "2028-02-29"),
            (Interval::Month, "2027-12-31", "2027-12-01", "2027-12-31"),
            (Interval::Quarter, "2027-03-31", "2027-01-01", "2027-03-31"),
            (Interval::Quarter, "2027-04-01", "2027-04-01", "2027-06-30"),
            (Interval::HalfYear, "2027-12-31", "2027-07-01", "2027-12-31"),
            (Interval::Year, "2027-05-05", "2027-01-01", "2027-12-31"),
        ] {
            assert_eq!(interval.around(day(around)), Some((day(first), day(last))), "{interval:?} {around}");
        }
        let over: Vec<_> = Interval::Quarter.over((day("2026-02-15"), day("2026-10-01"))).map(|(first, _)| first.to_string()).collect();
        assert_eq!(over, ["2026-01-01", "2026-04-01", "2026-07-01", "2026-10-01"]);
        assert_eq!(
            Interval::Year.over((day("2026-02-15"), day("2026-02-14"))).count(),
            1,
            "a period that is turned round has its first day"
        );
        assert_eq!(Interval::Month.over((NaiveDate::MAX, NaiveDate::MAX)).count(), 0);
    }
}
