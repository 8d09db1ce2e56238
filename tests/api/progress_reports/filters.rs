//! What each filter of the list keeps.

use std::time::Duration;

use serde_json::{Value, json};

use super::{REPORTS, Reported, moved, quarter, report, reported};
use crate::{
    harness::{Bench, Client, Who, both},
    rows::{archive, create, id, with},
};

/// The percentages that a query finds, in their order: each report here has its own.
async fn found(client: &Client, query: &str) -> Vec<i64> {
    let page = client.get(format!("{REPORTS}?limit=200&{query}")).expect(200).await.json();
    page["data"].as_array().unwrap().iter().map(|row| row["progress_percent"].as_i64().unwrap()).collect()
}

async fn five(bench: &Bench, reported: &Reported) {
    let enter = async |percent: i64, members: Value| {
        bench.clock().advance(Duration::from_secs(1));
        reported.draft(bench, with(json!({"progress_percent": percent}), members)).await
    };
    enter(50, with(quarter("2027-04-01", "2027-06-30"), json!({"rating": "off_track"}))).await;
    let sent = enter(10, json!({"rating": "at_risk", "implementation": "planned"})).await;
    moved(&reported.lead, &sent, "submitted").await;
    enter(30, with(quarter("2027-01-01", "2027-03-31"), json!({"implementation": "suspended"}))).await;
    let gone = enter(99, json!({})).await;
    archive(&reported.coordinator, REPORTS, &gone).await;
    let iom = bench.sign_in(Who::NetworkMember("iom")).await;
    bench.clock().advance(Duration::from_secs(1));
    create(&iom, REPORTS, with(report(&reported.activity, &bench.organization("iom").await), json!({"progress_percent": 5}))).await;
}

#[actix_web::test]
async fn each_filter_keeps_what_it_names() {
    both(async |bench| {
        let reported = reported(&bench).await;
        five(&bench, &reported).await;
        let (molsw, iom) = (bench.organization("molsw").await, bench.organization("iom").await);
        let unknown = "01920000-0000-7000-8000-000000000001";
        for (query, expected) in [
            (String::new(), vec![10, 5, 30, 50]),
            ("sort=-due_on".to_owned(), vec![50, 30, 5, 10]),
            ("sort=created_at".to_owned(), vec![50, 10, 30, 5]),
            ("sort=-updated_at".to_owned(), vec![5, 30, 10, 50]),
            (format!("activity_id={}", id(&reported.activity)), vec![10, 5, 30, 50]),
            (format!("activity_id={unknown}"), vec![]),
            (format!("workplan_id={},{unknown}", id(&reported.plan)), vec![10, 5, 30, 50]),
            (format!("workplan_id={unknown}"), vec![]),
            (format!("organization_id={}", id(&iom)), vec![5]),
            (format!("organization_id={},{}", id(&iom), id(&molsw)), vec![10, 5, 30, 50]),
            (format!("organization_id={}&archived=only", id(&molsw)), vec![99]),
            ("state=submitted".to_owned(), vec![10]),
            ("state=draft".to_owned(), vec![5, 30, 50]),
            ("rating=at_risk,off_track".to_owned(), vec![10, 50]),
            ("implementation=suspended".to_owned(), vec![30]),
            ("provenance=entered".to_owned(), vec![10, 5, 30, 50]),
            ("provenance=illustrative".to_owned(), vec![]),
            ("period_start_from=2027-01-01".to_owned(), vec![30, 50]),
            ("period_start_to=2027-01-01".to_owned(), vec![10, 5, 30]),
            ("period_end_from=2027-03-31".to_owned(), vec![30, 50]),
            ("period_end_to=2027-03-30".to_owned(), vec![10, 5]),
            ("due_on_from=2027-04-15&due_on_to=2027-04-15".to_owned(), vec![30]),
        ] {
            assert_eq!(found(&reported.coordinator, &query).await, expected, "{query}");
        }
        let refused = reported.coordinator.get(format!("{REPORTS}?sort=period_end")).expect(400).await;
        assert_eq!(refused.code(), "invalid_query");
    })
    .await;
}

const DAY: u64 = 24 * 60 * 60;

#[actix_web::test]
async fn late_is_what_came_after_its_day_or_has_not_come_yet() {
    both(async |bench| {
        let mut reported = reported(&bench).await;
        reported.draft(&bench, json!({"progress_percent": 1})).await;
        let kept = reported.draft(&bench, json!({"progress_percent": 2})).await;
        let sent = reported.submitted(&bench, json!({"progress_percent": 3})).await;
        let late = async |reported: &Reported, expected: [Vec<i64>; 2]| {
            let mut found = [found(&reported.coordinator, "late=true").await, found(&reported.coordinator, "late=false").await];
            found.iter_mut().for_each(|numbers| numbers.sort_unstable());
            assert_eq!(found, expected);
        };
        late(&reported, [vec![], vec![1, 2, 3]]).await;
        // It is four in the afternoon of 23 November there: on 15 January, the last day, nothing is late; eight hours later it is.
        let advance = async |reported: &mut Reported, seconds: u64| {
            bench.clock().advance(Duration::from_secs(seconds));
            reported.lead = bench.again(&reported.lead).await;
            reported.coordinator = bench.again(&reported.coordinator).await;
        };
        advance(&mut reported, 53 * DAY).await;
        late(&reported, [vec![], vec![1, 2, 3]]).await;
        advance(&mut reported, 8 * 60 * 60).await;
        late(&reported, [vec![1, 2], vec![3]]).await;
        // Submitted it stays late, and so does one that came in time and went back until it comes again.
        moved(&reported.lead, &kept, "submitted").await;
        let back = moved(&reported.coordinator, &sent, "returned").await;
        late(&reported, [vec![1, 2, 3], vec![]]).await;
        moved(&reported.lead, &back, "submitted").await;
        late(&reported, [vec![1, 2, 3], vec![]]).await;
    })
    .await;
}
