//! Priorities that are entered and changed otherwise than by a round.

use serde_json::{Value, json};

use super::{PRIORITIES, asked};
use crate::{
    harness::{both, round::drafted},
    rows::{at, create, etag, faults, id, set, with},
};

#[actix_web::test]
async fn one_that_came_about_otherwise_names_a_finalized_round() {
    both(async |bench| {
        let asked = asked(&bench, 2).await;
        let new = json!({"objective_number": 9, "rank": 2});
        let sent = |round: &str| with(new.clone(), json!({"prioritization_id": round}));
        let draft = drafted(&bench, &[&asked.members[0]]).await;
        for (round, code) in [(id(&draft), "round_not_finalized"), (id(&asked.members[0]), "reference_unknown")] {
            let refused = asked.coordinator.post(PRIORITIES, sent(round)).expect(422).await;
            assert_eq!(faults(&refused), set([("#/prioritization_id", code)]));
        }
        assert_eq!(faults(&asked.coordinator.post(PRIORITIES, &new).expect(422).await), set([("#/prioritization_id", "required")]));
        let made = create(&asked.coordinator, PRIORITIES, sent(id(&asked.round))).await;
        assert_eq!((&made["state"], &made["substance"], &made["supporting_ids"]), (&json!("proposed"), &json!(1), &json!([])));
        // Whoever is asked is asked for ever.
        let refused =
            asked.coordinator.patch(at(PRIORITIES, &made), etag(&made), json!({"prioritization_id": id(&draft)})).expect(422).await;
        assert_eq!(faults(&refused), set([("#/prioritization_id", "read_only_field")]));
        for person in &asked.people {
            person.post(PRIORITIES, sent(id(&asked.round))).expect(403).await;
            person.patch(at(PRIORITIES, &made), etag(&made), json!({"rank": 3})).expect(403).await;
        }
    })
    .await;
}

#[actix_web::test]
async fn what_it_points_at_must_be_there() {
    both(async |bench| {
        let asked = asked(&bench, 1).await;
        let (supporter, over) = (asked.other("there").await, asked.other("over").await);
        asked.coordinator.patch(at("/v1/organizations", &over), etag(&over), json!({"valid_to": "2026-01-01"})).expect(200).await;
        let wrong = json!({
            "cycle_id": id(&supporter), "lead_id": id(&over),
            "supporting_ids": [id(&supporter), id(&asked.round), id(&supporter), id(&over)],
        });
        let refused = asked.change(wrong).await;
        assert_eq!(
            faults(&refused),
            set([
                ("#/cycle_id", "reference_unknown"),
                ("#/lead_id", "reference_archived"),
                ("#/supporting_ids/1", "reference_unknown"),
                ("#/supporting_ids/2", "not_unique"),
                ("#/supporting_ids/3", "reference_archived"),
                ("#/supporting_ids/3", "not_unique"),
            ])
        );
        // What it pointed at before stands when it ends meanwhile.
        let named = asked.change(json!({"supporting_ids": [id(&supporter)]})).await.json();
        asked.coordinator.patch(at("/v1/organizations", &supporter), etag(&supporter), json!({"valid_to": "2026-01-01"})).expect(200).await;
        assert_eq!(asked.change(json!({"rank": 9})).await.json()["supporting_ids"], named["supporting_ids"]);
        let listed = asked
            .coordinator
            .get(format!("{PRIORITIES}?supporting_id={}&include=organizations,objectives", id(&supporter)))
            .expect(200)
            .await
            .json();
        assert_eq!(listed["data"][0]["id"], named["id"]);
        let included: Vec<&Value> = listed["included"]["organizations"].as_array().unwrap().iter().map(|row| &row["id"]).collect();
        assert_eq!((included.len(), &listed["included"]["objectives"][0]["number"]), (2, &json!(6)));
    })
    .await;
}

/// A system that sends the same again changes nothing; another round in the same row is refused, not lost.
#[actix_web::test]
async fn an_upsert_names_the_same_round() {
    both(async |bench| {
        let asked = asked(&bench, 1).await;
        let path = format!("{PRIORITIES}/by-external-id/mims/P-1");
        let body = json!({"prioritization_id": id(&asked.round), "objective_number": 9, "rank": 2, "rationale": {"en": "By letter"}});
        asked.coordinator.put(&path, &body).expect(201).await;
        let again = asked.coordinator.put(&path, &body).expect(200).await;
        assert_eq!(again.header("x-changed"), Some("false"));
        let changed = asked.coordinator.put(&path, with(body.clone(), json!({"lead_id": id(&asked.members[0])}))).expect(200).await.json();
        assert_eq!((&changed["substance"], &changed["revision"]), (&json!(2), &json!(2)));
        let draft = drafted(&bench, &[&asked.members[0]]).await;
        let refused = asked.coordinator.put(&path, with(body, json!({"prioritization_id": id(&draft)}))).expect(422).await;
        assert_eq!(faults(&refused), set([("#/prioritization_id", "read_only_field")]));
    })
    .await;
}
