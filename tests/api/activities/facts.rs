//! What follows from the day, from other activities and from money.

use serde_json::{Value, json};

use super::planned;
use crate::{
    harness::{
        Client, Who, both,
        plan::{ACTIVITIES, active},
    },
    rows::{assert_whole, at, create, etag, id},
};

async fn tracked(coordinator: &Client, activity: &Value, implementation: &str) {
    let now = coordinator.get(at(ACTIVITIES, activity)).expect(200).await;
    let body = json!({"implementation": implementation, "reason": "Seen"});
    coordinator.patch(format!("{}/tracking", at(ACTIVITIES, activity)), now.etag(), body).expect(200).await;
}

async fn codes(client: &Client, query: &str) -> Vec<String> {
    let page = client.get(format!("{ACTIVITIES}?{query}")).expect(200).await.json();
    page["data"].as_array().unwrap().iter().map(|row| row["code"].as_str().unwrap().to_owned()).collect()
}

#[actix_web::test]
async fn lists_say_what_is_overdue_blocked_and_unpaid() {
    both(async |bench| {
        let it = planned(&bench).await;
        let iom = bench.organization("iom").await;
        let funds = json!([{"organization_id": it.lead["id"], "role": "lead"}, {"organization_id": iom["id"], "role": "funding"}]);
        let late = json!({"ends_on": "2026-06-30", "depends_on": [id(&it.activity)], "parties": funds, "objective_numbers": [18]});
        let late = create(&it.coordinator, ACTIVITIES, it.another("2", late)).await;
        let waits = create(&it.coordinator, ACTIVITIES, it.another("3", json!({"depends_on": [id(&it.activity), id(&late)]}))).await;
        active(&bench, &it.plan).await;
        let reader = bench.sign_in(Who::Reader).await;
        let facts = async |row: &Value| {
            let page = reader.get(format!("{ACTIVITIES}?include=computed&id={}", id(row))).expect(200).await.json();
            let facts = &page["included"]["computed"][id(row)];
            (facts["overdue"].clone(), facts["blocked_by"].clone(), facts["funding_gap"].clone())
        };
        assert_eq!(facts(&late).await, (json!(true), json!([id(&it.activity)]), json!([])));
        assert_eq!(facts(&it.activity).await, (json!(false), json!([]), json!([])));
        assert_eq!(
            (codes(&reader, "overdue=true").await, codes(&reader, "blocked=true").await),
            (vec!["2".to_owned()], vec!["2".into(), "3".into()])
        );
        assert_eq!(codes(&reader, "overdue=false").await, ["1", "3"]);
        tracked(&it.coordinator, &it.activity, "completed").await;
        assert_eq!(facts(&waits).await.1, json!([id(&late)]));
        assert_eq!(codes(&reader, "blocked=true").await, ["3"]);
        // What was given up is never done: whoever waits for it still does.
        tracked(&it.coordinator, &late, "cancelled").await;
        assert_eq!((facts(&late).await.0, facts(&waits).await.1), (json!(false), json!([id(&late)])));
        tracked(&it.coordinator, &waits, "completed").await;
        assert_eq!((facts(&waits).await.1, codes(&reader, "blocked=true").await), (json!([]), vec![]));

        for (query, expected) in [
            (format!("organization_id={}", id(&iom)), vec!["2"]),
            (format!("organization_id={}&party_role=lead", id(&iom)), vec![]),
            ("party_role=funding".to_owned(), vec!["2"]),
            (format!("lead_id={}", id(&it.lead)), vec!["1", "2", "3"]),
            ("implementation=completed".to_owned(), vec!["1", "3"]),
            ("objective_number=18".to_owned(), vec!["2"]),
            ("in_version=false".to_owned(), vec![]),
            ("added_in_version=1&code=1,3".to_owned(), vec!["1", "3"]),
            ("rating=not_rated&ends_on_to=2026-12-31".to_owned(), vec!["2"]),
            (format!("workplan_id={}&sort=-code", id(&it.plan)), vec!["3", "2", "1"]),
        ] {
            assert_eq!(codes(&reader, &query).await, expected, "{query}");
        }
        assert_whole(&bench).await;
    })
    .await;
}

#[actix_web::test]
async fn a_gap_is_exact_in_each_currency() {
    both(async |bench| {
        let it = planned(&bench).await;
        let lines = format!("{}/budget-lines", at(ACTIVITIES, &it.activity));
        let add = async |kind: &str, amount: &str, currency: &str| {
            create(&it.coordinator, &lines, json!({"kind": kind, "amount": {"amount": amount, "currency": currency}})).await
        };
        add("required", "1000000000000", "LAK").await;
        add("required", "0.02", "USD").await;
        let paid = add("committed", "0.01", "USD").await;
        add("committed", "999999999999.99", "LAK").await;
        add("committed", "5", "EUR").await;
        add("disbursed", "7", "USD").await;
        let gap = async || {
            let page = it.coordinator.get(format!("{ACTIVITIES}?include=computed&has_funding_gap=true")).expect(200).await.json();
            page["included"]["computed"][id(&it.activity)]["funding_gap"].clone()
        };
        let cent = |currency: &str| json!({"amount": "0.01", "currency": currency});
        assert_eq!(gap().await, json!([cent("LAK"), cent("USD")]));
        let more = add("committed", "0.01", "LAK").await;
        assert_eq!(gap().await, json!([cent("USD")]));
        it.coordinator.patch(at(&lines, &paid), etag(&paid), json!({"amount": {"amount": "0.02", "currency": "USD"}})).expect(200).await;
        let without = it.coordinator.get(format!("{ACTIVITIES}?has_funding_gap=false")).expect(200).await.json();
        assert_eq!(without["data"][0]["id"], it.activity["id"]);
        it.coordinator.post_if(format!("{}/archive", at(&lines, &more)), etag(&more)).expect(200).await;
        assert_eq!(gap().await, json!([cent("LAK")]));
    })
    .await;
}
