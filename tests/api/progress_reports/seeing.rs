//! Drafts and returned reports through every door: they are there for their organization and the lead ministry, and for nobody else in any way.

use serde_json::{Value, json};

use super::{REPORTS, reported};
use crate::{
    harness::{Client, Who, both},
    rows::{assert_whole, at, id},
};

/// DOMAIN 4, by hand: how many of `everybody`, from the top, see a report in this state.
const SEEN_BY: [(&str, usize); 5] = [("draft", 2), ("returned", 2), ("submitted", 5), ("superseded", 7), ("accepted", 7)];

const EVERYBODY: [Who; 7] = [
    Who::Coordinator,
    Who::FocalPoint("molsw"),
    // Leads it together with them.
    Who::FocalPoint("moh"),
    Who::FocalPoint("mof"),
    Who::NetworkMember("iom"),
    Who::Reader,
    Who::Administrator,
];

/// Every way to a report, and whether it was there.
async fn doors(client: &Client, row: &Value, state: &str) -> Vec<(String, bool)> {
    let path = at(REPORTS, row);
    let mut found = Vec::new();
    for path in [path.clone(), format!("{path}/history"), format!("{path}/transitions"), format!("{REPORTS}/by-external-id/grid/{state}")] {
        let reply = client.get(&path).send().await;
        assert!(matches!(reply.status, 200 | 404), "{path}: {reply}");
        found.push((path, reply.status == 200));
    }
    let listed = client.get(format!("{REPORTS}?id={}&with_total=true", id(row))).expect(200).await.json();
    found.push(("the list".to_owned(), listed["data"].as_array().unwrap().len() == 1));
    found.push(("its total".to_owned(), listed["page"]["total"] == 1));
    let searched = client.get(format!("{REPORTS}?q=grid-{state}&with_total=true")).expect(200).await.json();
    found.push(("the search".to_owned(), searched["page"]["total"] == 1));
    found
}

#[actix_web::test]
async fn every_door_shows_the_same_to_each_caller() {
    both(async |bench| {
        let reported = reported(&bench).await;
        let mut rows = Vec::new();
        for (state, seen_by) in SEEN_BY {
            let members = json!({"achievements": {"en": format!("grid-{state}")}});
            // Superseded by one that tells something else.
            let row = if state == "superseded" {
                let row = reported.accepted(&bench, members).await;
                reported.accepted(&bench, json!({})).await;
                row
            } else {
                reported.in_state(&bench, state, members).await
            };
            let named =
                reported.coordinator.put(format!("{}/external-ids/grid", at(REPORTS, &row)), json!({"id": state})).expect(200).await;
            rows.push((state, seen_by, named.json()));
        }
        for (place, who) in EVERYBODY.into_iter().enumerate() {
            let client = bench.sign_in(who).await;
            for (state, seen_by, row) in &rows {
                for (door, seen) in Box::pin(doors(&client, row, state)).await {
                    assert_eq!(seen, place < *seen_by, "{who:?}: {door} of one that is {state}");
                }
            }
        }
        assert_whole(&bench).await;
    })
    .await;
}

#[actix_web::test]
async fn what_was_a_draft_stays_with_those_who_saw_it_then() {
    both(async |bench| {
        let reported = reported(&bench).await;
        let row = reported.accepted(&bench, json!({})).await;
        for (who, withheld) in [(Who::Coordinator, 0), (Who::FocalPoint("molsw"), 0), (Who::FocalPoint("mof"), 1), (Who::Reader, 2)] {
            let history = bench.sign_in(who).await.get(format!("{}/history", at(REPORTS, &row))).expect(200).await.json();
            let hidden = history["data"].as_array().unwrap().iter().filter(|change| change["withheld"] == true).count();
            assert_eq!((history["data"].as_array().unwrap().len(), hidden), (3, withheld), "{who:?}");
        }
        // Who takes part in the activity stands there, and not here.
        assert!(row.get("parties").is_none());
        let included = reported.lead.get(format!("{REPORTS}?include=organizations")).expect(200).await.json();
        assert_eq!(included["included"]["organizations"][0]["code"], "molsw");
    })
    .await;
}
