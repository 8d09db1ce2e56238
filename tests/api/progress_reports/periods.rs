//! Which periods are reported on, and when a report is due.

use serde_json::{Value, json};

use super::{REPORTS, Reported, activity, carried_out, close, header, report, reported, reported_in};
use crate::{
    harness::{Bench, both},
    rows::{change, faults, set, with},
};

/// What comes of a report on these days: its `due_on`, or the faults.
async fn tried(bench: &Bench, reported: &Reported, start: &str, end: &str) -> Result<String, Vec<(String, String)>> {
    let days = json!({"period_start": start, "period_end": end});
    let body = with(report(&reported.activity, &bench.organization("molsw").await), days);
    let reply = reported.lead.post(format!("{REPORTS}?dry_run=true"), body).send().await;
    match reply.status {
        201 => Ok(reply.json()["due_on"].as_str().unwrap().to_owned()),
        422 => Err(faults(&reply).into_iter().collect()),
        other => panic!("{other}: {reply}"),
    }
}

/// Interval, days, and the day on which it is due.
const WHOLE: [(&str, &str, &str, &str); 8] = [
    ("month", "2026-10-01", "2026-10-31", "2026-11-15"),
    ("month", "2027-02-01", "2027-02-28", "2027-03-15"),
    // A leap year.
    ("month", "2028-02-01", "2028-02-29", "2028-03-15"),
    ("quarter", "2026-10-01", "2026-12-31", "2027-01-15"),
    ("quarter", "2028-01-01", "2028-03-31", "2028-04-15"),
    ("half_year", "2026-07-01", "2026-12-31", "2027-01-15"),
    // The plan and the activity begin in the course of it.
    ("year", "2026-01-01", "2026-12-31", "2027-01-15"),
    ("year", "2028-01-01", "2028-12-31", "2029-01-15"),
];

#[actix_web::test]
async fn a_period_is_a_whole_one_of_the_plan_and_due_fifteen_days_after_it() {
    both(async |bench| {
        for interval in ["month", "quarter", "half_year", "year"] {
            let reported = reported_in(&bench, with(header(), json!({"reporting_interval": interval}))).await;
            for (_, start, end, due) in WHOLE.iter().filter(|(of, ..)| *of == interval) {
                assert_eq!(tried(&bench, &reported, start, end).await, Ok((*due).to_owned()), "{interval} {start}");
            }
            // Those of the other intervals are none of this one.
            for (of, start, end, _) in WHOLE.iter().filter(|(of, ..)| *of != interval) {
                let refused = tried(&bench, &reported, start, end).await.unwrap_err();
                assert!(refused.iter().any(|(_, code)| code == "period_not_whole"), "{of} {start} in {interval}: {refused:?}");
            }
            close(&bench, &reported.plan).await;
        }
    })
    .await;
}

#[actix_web::test]
async fn what_is_wrong_with_a_period_is_said_with_the_days_that_are_meant() {
    both(async |bench| {
        let reported = reported(&bench).await;
        for (start, end, expected) in [
            ("2026-10-02", "2026-12-31", vec![("#/period_start", "period_not_whole")]),
            ("2026-10-01", "2026-12-30", vec![("#/period_end", "period_not_whole")]),
            ("2026-11-01", "2026-11-30", vec![("#/period_end", "period_not_whole"), ("#/period_start", "period_not_whole")]),
            ("2026-12-31", "2026-10-01", vec![("#/period_end", "period_not_whole"), ("#/period_start", "period_not_whole")]),
            // Before the plan, after the activity, after both.
            ("2026-07-01", "2026-09-30", vec![("#/period_start", "outside_period")]),
            ("2028-07-01", "2028-09-30", vec![("#/period_start", "outside_period")]),
            ("2029-01-01", "2029-03-31", vec![("#/period_start", "outside_period")]),
            ("2029-01-01", "2029-03-30", vec![("#/period_end", "period_not_whole"), ("#/period_start", "outside_period")]),
        ] {
            let expected: Vec<_> = expected.into_iter().map(|(at, code)| (at.to_owned(), code.to_owned())).collect();
            assert_eq!(tried(&bench, &reported, start, end).await, Err(expected), "{start} to {end}");
        }
        assert!(tried(&bench, &reported, "2028-04-01", "2028-06-30").await.is_ok(), "the last day of the activity lies in it");
        let days = json!({"period_start": "2026-10-05", "period_end": "2026-12-31"});
        let body = with(report(&reported.activity, &bench.organization("molsw").await), days);
        let told = reported.lead.post(REPORTS, body).expect(422).await.json();
        assert_eq!(told["errors"][0]["params"], json!({"expected": "2026-10-01", "precision": "quarter"}));

        // Another period has another day.
        let draft = reported.draft(&bench, json!({})).await;
        let later = change(&reported.lead, REPORTS, &draft, json!({"period_start": "2027-01-01", "period_end": "2027-03-31"})).await;
        assert_eq!((&draft["due_on"], &later["due_on"]), (&json!("2027-01-15"), &json!("2027-04-15")));
        let half = reported.lead.patch(crate::rows::at(REPORTS, &later), crate::rows::etag(&later), json!({"period_end": "2027-06-30"}));
        assert_eq!(faults(&half.expect(422).await), set([("#/period_end", "period_not_whole")]));
        // It follows, and is nobody's to send.
        let sent = reported.lead.patch(crate::rows::at(REPORTS, &later), crate::rows::etag(&later), json!({"due_on": "2030-01-01"}));
        let refused = sent.send().await;
        assert!(matches!(refused.status, 403 | 422), "{refused}");
    })
    .await;
}

#[actix_web::test]
async fn an_activity_beyond_its_plan_is_reported_on_where_both_are() {
    both(async |bench| {
        let body = with(
            activity(&bench).await,
            json!({"starts_on": "2026-01-01", "ends_on": "2030-12-31", "outside_period_reason": {"en": "It goes on"}}),
        );
        let (plan, activities) = carried_out(&bench, header(), &[body]).await;
        let reported = Reported { activity: activities[0].clone(), ..reported_from(&bench, plan.clone()).await };
        assert!(tried(&bench, &reported, "2028-10-01", "2028-12-31").await.is_ok());
        for (start, end) in [("2026-07-01", "2026-09-30"), ("2029-01-01", "2029-03-31")] {
            let refused = tried(&bench, &reported, start, end).await.unwrap_err();
            assert_eq!(refused, [("#/period_start".to_owned(), "outside_period".to_owned())]);
        }
    })
    .await;
}

async fn reported_from(bench: &Bench, plan: Value) -> Reported {
    use crate::harness::Who;

    let (coordinator, lead) = (bench.sign_in(Who::Coordinator).await, bench.sign_in(Who::FocalPoint("molsw")).await);
    Reported { coordinator, lead, plan, activity: Value::Null }
}
