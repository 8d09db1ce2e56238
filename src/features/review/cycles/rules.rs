//! What must hold of a review cycle, whichever way it is written.

use chrono::{Datelike, Months, NaiveDate};

use crate::{
    entity::review_cycle::{DatePrecision, Entity, Model},
    features::{framework::vocabularies, writing::Written},
    http::context::Here,
    problem::{Code, Fault, FaultCode, Problem},
    store::Tx,
};

impl Written for Entity {
    async fn rules(tx: &Tx<'_>, _here: &Here, before: Option<&Model>, row: &Model, mut faults: Vec<Fault>) -> Result<(), Problem> {
        faults.extend(vocabularies::check("review_cycle_kinds", &row.kind, "/kind"));
        faults.extend(dates(row));
        if !faults.is_empty() {
            return Err(Problem::invalid(faults));
        }
        if before.is_some_and(|before| before.code == row.code) {
            return Ok(());
        }
        match tx.first(Self::by_code(&row.code)).await? {
            Some(other) if other.id != row.id => Err(Problem::new(Code::CodeTaken).with("field", "code").with("value", row.code.as_str())),
            _ => Ok(()),
        }
    }
}

fn dates(row: &Model) -> Vec<Fault> {
    let mut faults = Vec::new();
    let (starts_on, ends_on) = whole(row.date_precision, row.starts_on, row.ends_on);
    for (pointer, day, expected) in [("/starts_on", row.starts_on, starts_on), ("/ends_on", row.ends_on, ends_on)] {
        if day != expected {
            let fault = Fault::at(pointer, FaultCode::PeriodNotWhole).with("expected", expected.to_string());
            faults.push(fault.with("precision", row.date_precision.name()));
        }
    }
    if row.ends_on < row.starts_on {
        faults.push(Fault::at("/ends_on", FaultCode::EndsBeforeStart).with("start", row.starts_on.to_string()));
    }
    if row.submission_due_on.is_some_and(|due| due > row.ends_on) {
        faults.push(Fault::at("/submission_due_on", FaultCode::TooLate).with("end", row.ends_on.to_string()));
    }
    faults
}

/// The first and the last day of the months or years in which a period begins and ends.
fn whole(precision: DatePrecision, starts_on: NaiveDate, ends_on: NaiveDate) -> (NaiveDate, NaiveDate) {
    let (first, last) = match precision {
        DatePrecision::Day => (None, None),
        DatePrecision::Month => {
            let next = ends_on.with_day(1).and_then(|first| first.checked_add_months(Months::new(1)));
            (starts_on.with_day(1), next.and_then(|next| next.pred_opt()))
        }
        DatePrecision::Year => (NaiveDate::from_ymd_opt(starts_on.year(), 1, 1), NaiveDate::from_ymd_opt(ends_on.year(), 12, 31)),
    };
    (first.unwrap_or(starts_on), last.unwrap_or(ends_on))
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
            assert_eq!(whole(precision, day("2026-07-01"), day(ends_on)).1, day(last), "{precision:?} {ends_on}");
        }
        assert_eq!(whole(DatePrecision::Month, day("2026-07-31"), day("2026-07-31")).0, day("2026-07-01"));
        assert_eq!(whole(DatePrecision::Year, day("2026-07-31"), day("2026-07-31")).0, day("2026-01-01"));
    }
}
