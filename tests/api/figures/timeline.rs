//! What begins, is due and is late in each quarter.

use std::collections::BTreeSet;

use chrono::{Datelike as _, NaiveDate};
use serde_json::{Value, json};

use super::{Raw, behind, counted, questions, sheet, stock, total, untouched_by_drafts};
use crate::harness::{Bench, Client, Who, both};

const TIMELINE: &str = "/v1/insights/timeline";

fn quarter(day: NaiveDate) -> (i32, u32) {
    (day.year(), day.month0() / 3)
}

fn day(value: &Value) -> NaiveDate {
    value.as_str().unwrap().parse().unwrap()
}

/// How many milestones of these activities are due in the quarter, and how many are late.
fn milestones(rows: &[&Raw], within: (i32, u32), today: NaiveDate) -> (usize, usize) {
    let due: Vec<_> = rows.iter().flat_map(|raw| raw.milestones.iter().map(move |milestone| (*raw, milestone))).collect();
    let due: Vec<_> = due.into_iter().filter(|(_, milestone)| quarter(day(&milestone["due_on"])) == within).collect();
    let late = |(raw, milestone): &&(&Raw, &Value)| day(&milestone["due_on"]) < today && milestone["done_on"].is_null() && !raw.is_over();
    (due.len(), due.iter().filter(late).count())
}

pub(super) async fn all_agree(bench: &Bench, (client, plan, approved, query): &(Client, Value, bool, String)) {
    let (today, rows) = (bench.parts.here.today(), counted(client, plan, *approved).await);
    let found = client.get(format!("{TIMELINE}?{query}")).expect(200).await.json();
    let mut seen = BTreeSet::new();
    for cell in found["data"].as_array().unwrap() {
        let what = format!("{} {query}\n{cell}", client.name());
        let within = quarter(day(&cell["starts_on"]));
        assert_eq!(quarter(day(&cell["ends_on"])), within, "{what}");
        assert!(seen.insert(within), "{what}");
        let many = |is: &dyn Fn(&Raw) -> bool| rows.iter().filter(|raw| is(raw)).count();
        assert_eq!(cell["starting"], many(&|raw| quarter(raw.starts_on()) == within), "{what}");
        assert_eq!(cell["due"], many(&|raw| quarter(raw.last_day()) == within), "{what}");
        assert_eq!(cell["late"], many(&|raw| quarter(raw.last_day()) == within && raw.is_overdue(today)), "{what}");
        for name in ["starting", "due", "late"] {
            assert_eq!(total(client, &cell[format!("{name}_href")]).await, cell[name].as_i64().unwrap(), "{what} {name}");
        }
        let (due, late) = milestones(&rows.iter().collect::<Vec<_>>(), within, today);
        assert_eq!((&cell["milestones_due"], &cell["milestones_late"]), (&json!(due), &json!(late)), "{what}");
        let listed = behind(client, &cell["milestones_due_href"], &rows).await;
        assert_eq!(milestones(&listed, within, today).0, due, "{what}");
        assert!(listed.iter().all(|raw| milestones(&[*raw], within, today).0 > 0), "{what}");
        let listed = behind(client, &cell["milestones_late_href"], &rows).await;
        assert_eq!(milestones(&listed, within, today).1, late, "{what}");
        assert!(listed.iter().all(|raw| milestones(&[*raw], within, today).1 > 0), "{what}");
    }
    let (first, last) = (day(&plan["starts_on"]), day(&plan["ends_on"]));
    let whole = (first.year()..=last.year()).flat_map(|year| (0..4).map(move |quarter| (year, quarter)));
    let named = rows.iter().flat_map(|raw| [quarter(raw.starts_on()), quarter(raw.last_day())]);
    assert_eq!(seen, whole.chain(named).collect(), "every quarter of the plan, and no day is left out");
}

#[actix_web::test]
async fn each_quarter_counts_what_its_lists_hold_for_whoever_asks() {
    both(async |bench| {
        let (plan, other) = stock(&bench).await;
        for question in questions(&bench, &plan, &other).await {
            Box::pin(all_agree(&bench, &question)).await;
        }
    })
    .await;
}

#[actix_web::test]
async fn quarters_are_whole_also_where_a_day_within_is_asked_for() {
    both(async |bench| {
        stock(&bench).await;
        let reader = bench.sign_in(Who::Reader).await;
        let asked =
            async |query: &str| reader.get(format!("{TIMELINE}?{query}")).expect(200).await.json()["data"].as_array().unwrap().clone();
        let all = asked("").await;
        assert_eq!(asked("from=2026-05-05&to=2026-11-11").await, all[1..4]);
        assert_eq!(asked("from=2027-12-31").await, all[7..]);
        assert_eq!(asked("to=2025-12-31").await, Vec::<Value>::new());
        let numbers =
            |cell: &Value| ["starting", "due", "late", "milestones_due", "milestones_late"].map(|name| cell[name].as_i64().unwrap());
        // A.1, A.2 and A.4 begin in the first; in the fourth two are due and one of them late, and of three milestones the one of yesterday.
        assert_eq!((numbers(&all[0]), numbers(&all[3])), ([3, 0, 0, 1, 0], [0, 2, 1, 3, 1]));
        let reversed = reader.get(format!("{TIMELINE}?from=2027-01-01&to=2026-12-31")).expect(400).await;
        assert_eq!(reversed.faults(), [("to".to_owned(), "period_reversed".to_owned())]);
        assert_eq!(sheet(&reader, &format!("{TIMELINE}?format=csv")).await, ("starts_on".to_owned(), 8));
    })
    .await;
}

#[actix_web::test]
async fn drafts_change_no_quarter_and_progress_does() {
    both(async |bench| {
        let nothing = bench.sign_in(Who::Reader).await.get(TIMELINE).expect(200).await.json();
        assert_eq!(nothing, json!({"workplan_ids": [], "data": []}));
        untouched_by_drafts(&bench, TIMELINE).await;
    })
    .await;
}
