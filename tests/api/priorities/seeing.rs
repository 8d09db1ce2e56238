//! A priority is everybody's once it is agreed, and theirs who take part before.

use serde_json::{Value, json};

use super::{ENDORSEMENTS, PRIORITIES, asked};
use crate::{
    harness::{Client, Who, both},
    rows::{at, create, etag, finds, id},
};

#[actix_web::test]
async fn what_is_proposed_is_for_those_who_take_part() {
    both(async |bench| {
        let asked = asked(&bench, 1).await;
        let outside = [bench.sign_in(Who::Reader).await, bench.sign_in(Who::Administrator).await];
        let inside = [bench.sign_in(Who::NetworkMember("iom")).await, bench.sign_in(Who::FocalPoint("moh")).await];
        let word = asked.says(0, "objected").await;
        let seen = async |of: &[Client], collection: &str, row: &Value, text: &str| {
            let mut all = Vec::new();
            for client in of {
                all.push(finds(client, collection, row, text).await);
            }
            all
        };
        for (collection, row, text) in [(PRIORITIES, &asked.priority, "Fees"), (ENDORSEMENTS, &word, "Not")] {
            assert_eq!(seen(&outside, collection, row, text).await, [false, false], "{collection}");
            assert_eq!(seen(&inside, collection, row, text).await, [true, true], "{collection}");
        }
        for client in &outside {
            for door in ["/transitions", "/origin"] {
                client.get(format!("{}{door}", at(PRIORITIES, &asked.priority))).expect(404).await;
            }
            client.get(format!("/v1/me/permissions?kind=priority&id={}", id(&asked.priority))).expect(404).await;
        }
        // Agreed, it is everybody's; the words on it stay with those who take part.
        assert_eq!(asked.to(json!({"to": "agreed", "reason": "Outvoted"})).await.status, 200);
        assert_eq!(seen(&outside, PRIORITIES, &asked.priority, "Fees").await, [true, true]);
        assert_eq!(seen(&outside, ENDORSEMENTS, &word, "Not").await, [false, false]);
        // How it was before is not told with it.
        let history = outside[0].get(format!("{}/history", at(PRIORITIES, &asked.priority))).expect(200).await.json();
        let withheld: Vec<_> = history["data"].as_array().unwrap().iter().map(|entry| entry["withheld"].as_bool().unwrap()).collect();
        assert_eq!(withheld, [false, true]);
        let moves = outside[0].get(format!("{}/transitions", at(PRIORITIES, &asked.priority))).expect(200).await.json();
        assert_eq!((&moves["data"][0]["from"], &moves["data"][0]["to"]), (&Value::Null, &json!("agreed")));
        // Proposed anew, it is out of their sight again.
        assert_eq!(asked.change(json!({"objective_number": 11})).await.status, 200);
        assert_eq!(seen(&outside, PRIORITIES, &asked.priority, "Fees").await, [false, false]);
    })
    .await;
}

/// The id that another system has for it is taken, and nobody who does not see the row hears more than that.
#[actix_web::test]
async fn a_taken_external_id_tells_nothing() {
    both(async |bench| {
        use gcm_api::auth::{Role, Scope};

        let asked = asked(&bench, 1).await;
        let path = |what: &str| format!("{PRIORITIES}/by-external-id/mims/{what}");
        asked.coordinator.put(format!("{}/external-ids/mims", at(PRIORITIES, &asked.priority)), json!({"id": "P-7"})).expect(200).await;
        let machine =
            |role, organization| Who::Machine { role, organization, scopes: &[Scope::Read, Scope::Write], external_systems: &["mims"] };
        let reads = bench.sign_in(machine(Role::Reader, None)).await;
        assert_eq!(reads.get(path("P-7")).expect(404).await.code(), reads.get(path("P-8")).expect(404).await.code());
        let body = json!({"prioritization_id": id(&asked.round), "objective_number": 3, "rank": 1});
        let (taken, free) = (reads.put(path("P-7"), &body).expect(403).await, reads.put(path("P-8"), &body).expect(403).await);
        assert_eq!((taken.code().as_str(), free.code().as_str()), ("forbidden", "forbidden"));
        assert_eq!(
            (taken.json()["detail"].clone(), taken.json()["params"].clone()),
            (free.json()["detail"].clone(), free.json()["params"].clone())
        );
    })
    .await;
}

#[actix_web::test]
async fn an_archived_priority_asks_nobody() {
    both(async |bench| {
        let asked = asked(&bench, 1).await;
        let now = asked.now().await;
        asked.coordinator.post_if(format!("{}/archive", at(PRIORITIES, &now)), etag(&now)).expect(200).await;
        let refused = asked.people[0].post(ENDORSEMENTS, asked.word(0, "endorsed").await).expect(422).await;
        assert_eq!(refused.faults(), [("#/subject_id".to_owned(), "reference_archived".to_owned())]);
        let now = asked.now().await;
        asked.coordinator.post_if(format!("{}/restore", at(PRIORITIES, &now)), etag(&now)).expect(200).await;
        create(&asked.people[0], ENDORSEMENTS, asked.word(0, "endorsed").await).await;
    })
    .await;
}
