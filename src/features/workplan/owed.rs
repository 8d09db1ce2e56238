//! Which progress reports are owed.

use chrono::NaiveDate;

use crate::{
    entity::{
        activity,
        progress_report::{self, ReportState},
        workplan::{self, WorkplanState},
    },
    text::Days,
};

/// Whether these have a day in common.
pub fn overlap((start, end): Days, (from, to): Days) -> bool {
    start <= to && from <= end
}

/// The periods of an activity that have ended and on which nobody has submitted a report, in their order. `approved_on`: the day on which the first
/// version of the plan that holds the activity was approved; without one it is no part of the plan yet, and nothing is owed. `reports`: those on this
/// activity, of whichever organization. Who owes them is the lead.
pub fn owed(
    plan: &workplan::Model,
    approved_on: Option<NaiveDate>,
    activity: &activity::Model,
    reports: &[progress_report::Model],
    today: NaiveDate,
) -> Vec<Days> {
    let carried_out = plan.state == WorkplanState::Active && plan.archived_at.is_none();
    let goes_on = activity.archived_at.is_none() && !activity.implementation.is_over();
    let Some(approved_on) = approved_on.filter(|_| carried_out && goes_on) else { return Vec::new() };
    let told = |day: NaiveDate| reports.iter().any(|report| counts(report) && overlap(report.period(), (day, day)));
    plan.reporting_interval
        .over(activity.days())
        .take_while(|(_, end)| *end < today)
        .filter(|period| overlap(*period, plan.days()))
        // What ended before anybody had decided on it is nobody's debt, and how it stood at the end of a period is told once.
        .filter(|(_, end)| *end >= approved_on && !told(*end))
        .collect()
}

/// Whether somebody has told it: what is being written or mended has not been told.
fn counts(report: &progress_report::Model) -> bool {
    report.archived_at.is_none() && matches!(report.state, ReportState::Submitted | ReportState::Accepted | ReportState::Superseded)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{clock::Timestamp, entity::activity::ActivityImplementation, text::Interval};

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap_or_default()
    }

    fn plan(interval: Interval) -> workplan::Model {
        let (starts_on, ends_on) = (day("2027-01-01"), day("2028-12-31"));
        workplan::Model { starts_on, ends_on, reporting_interval: interval, state: WorkplanState::Active, ..workplan::Model::default() }
    }

    fn activity(starts_on: &str, ends_on: &str) -> activity::Model {
        activity::Model { starts_on: day(starts_on), sort_ends_on: day(ends_on), ..activity::Model::default() }
    }

    fn report(state: ReportState, start: &str, end: &str) -> progress_report::Model {
        progress_report::Model { state, period_start: day(start), period_end: day(end), ..progress_report::Model::default() }
    }

    /// The ends of the periods that are owed on this day.
    fn ends(
        plan: &workplan::Model,
        approved_on: &str,
        activity: &activity::Model,
        reports: &[progress_report::Model],
        today: &str,
    ) -> Vec<String> {
        owed(plan, Some(day(approved_on)), activity, reports, day(today)).into_iter().map(|(_, end)| end.to_string()).collect()
    }

    #[test]
    fn a_period_is_owed_once_it_has_ended() {
        let (plan, activity) = (plan(Interval::Quarter), activity("2027-02-10", "2027-09-15"));
        let on = |today: &str| ends(&plan, "2026-12-01", &activity, &[], today);
        assert_eq!(on("2027-03-31"), [""; 0]);
        assert_eq!(on("2027-04-01"), ["2027-03-31"]);
        // To the period in which its last day lies, and not beyond.
        assert_eq!(on("2029-01-01"), ["2027-03-31", "2027-06-30", "2027-09-30"]);
    }

    #[test]
    fn months_end_as_the_calendar_says_and_the_plan_limits_them() {
        let plan = workplan::Model { starts_on: day("2028-01-15"), ends_on: day("2028-02-10"), ..plan(Interval::Month) };
        let activity = activity("2027-11-01", "2028-12-31");
        assert_eq!(ends(&plan, "2027-01-01", &activity, &[], "2028-02-29"), ["2028-01-31"]);
        assert_eq!(ends(&plan, "2027-01-01", &activity, &[], "2028-12-31"), ["2028-01-31", "2028-02-29"]);
    }

    #[test]
    fn what_ended_before_it_was_approved_is_not_owed() {
        let (plan, activity) = (plan(Interval::Quarter), activity("2027-01-01", "2028-12-31"));
        assert_eq!(ends(&plan, "2027-06-30", &activity, &[], "2027-10-01"), ["2027-06-30", "2027-09-30"]);
        assert_eq!(ends(&plan, "2027-07-01", &activity, &[], "2027-10-01"), ["2027-09-30"]);
        assert!(owed(&plan, None, &activity, &[], day("2027-10-01")).is_empty());
    }

    #[test]
    fn only_what_was_submitted_and_is_in_use_counts() {
        let (plan, activity) = (plan(Interval::Quarter), activity("2027-01-01", "2027-03-31"));
        for (state, owed) in [
            (ReportState::Draft, true),
            (ReportState::Returned, true),
            (ReportState::Submitted, false),
            (ReportState::Accepted, false),
            (ReportState::Superseded, false),
        ] {
            let told = report(state, "2027-01-01", "2027-03-31");
            assert_eq!(
                ends(&plan, "2027-01-01", &activity, std::slice::from_ref(&told), "2027-05-01").len(),
                usize::from(owed),
                "{state:?}"
            );
            let gone = progress_report::Model { archived_at: Timestamp::from_micros(0), ..told };
            assert_eq!(ends(&plan, "2027-01-01", &activity, &[gone], "2027-05-01").len(), 1, "{state:?}");
        }
        let earlier = report(ReportState::Accepted, "2026-10-01", "2026-12-31");
        assert_eq!(ends(&plan, "2027-01-01", &activity, &[earlier], "2027-05-01").len(), 1);
    }

    /// A revision of the plan may ask for reports more or less often than before.
    #[test]
    fn a_report_tells_how_it_stood_at_the_end_of_a_period_of_whatever_length() {
        let (quarters, months, activity) = (plan(Interval::Quarter), plan(Interval::Month), activity("2027-01-01", "2027-03-31"));
        let march = report(ReportState::Accepted, "2027-03-01", "2027-03-31");
        let february = report(ReportState::Accepted, "2027-02-01", "2027-02-28");
        let quarter = report(ReportState::Accepted, "2027-01-01", "2027-03-31");
        assert_eq!(ends(&quarters, "2027-01-01", &activity, &[march], "2027-05-01"), [""; 0]);
        assert_eq!(ends(&quarters, "2027-01-01", &activity, &[february], "2027-05-01"), ["2027-03-31"]);
        assert_eq!(ends(&months, "2027-01-01", &activity, &[quarter], "2027-05-01"), [""; 0]);
    }

    #[test]
    fn nothing_is_owed_on_what_is_not_carried_out() {
        let (running, activity) = (plan(Interval::Quarter), activity("2027-01-01", "2027-03-31"));
        let archived_at = Timestamp::from_micros(0);
        for state in
            [WorkplanState::Draft, WorkplanState::InReview, WorkplanState::Returned, WorkplanState::Approved, WorkplanState::Closed]
        {
            let plan = workplan::Model { state, ..running.clone() };
            assert_eq!(ends(&plan, "2027-01-01", &activity, &[], "2027-05-01"), [""; 0], "{state:?}");
        }
        let away = workplan::Model { archived_at, ..running.clone() };
        assert_eq!(ends(&away, "2027-01-01", &activity, &[], "2027-05-01"), [""; 0]);
        let away = activity::Model { archived_at, ..activity.clone() };
        assert_eq!(ends(&running, "2027-01-01", &away, &[], "2027-05-01"), [""; 0]);
        for (implementation, owed) in ActivityImplementation::ALL.into_iter().zip([1, 1, 0, 1, 0]) {
            let activity = activity::Model { implementation, ..activity.clone() };
            assert_eq!(ends(&running, "2027-01-01", &activity, &[], "2027-05-01").len(), owed, "{implementation:?}");
        }
    }
}
