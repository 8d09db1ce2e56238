//! A voice goes on when its institution does not, with what it has said already.

use super::*;
use crate::rows::step;

/// Splits an institution in two; whatever it has to do goes to the first of them.
async fn split(asked: &Asked, ending: &Value, parts: [&Value; 2]) -> Value {
    let word = |(kind, duty): (String, String)| json!({"kind": kind, "id": duty, "field": "electorate_ids", "to_id": id(parts[0])});
    let voices = duties(&asked.coordinator, ending).await.into_iter().filter(|(kind, _)| kind == "endorsement" || kind == "nomination");
    let told = asked.coordinator.get(format!("{}/duties", at(ORGANIZATIONS, ending))).expect(200).await.json();
    let others = told["data"].as_array().unwrap().iter().filter(|duty| duty["field"] != "electorate_ids");
    let others =
        others.map(|duty| with(json!({"to_id": id(parts[0])}), json!({"kind": duty["kind"], "id": duty["id"], "field": duty["field"]})));
    let words: Vec<_> = voices.map(word).chain(others).collect();
    let plan = json!({
        "kind": "split", "predecessor_ids": [id(ending)], "successor_ids": [id(parts[0]), id(parts[1])], "effective_on": "2026-11-01",
        "reassignments": words,
    });
    let planned = create(&asked.coordinator, SUCCESSIONS, plan).await;
    step(&asked.coordinator, SUCCESSIONS, &planned, "effective").await
}

#[actix_web::test]
async fn an_objection_outlives_the_split_of_who_objected() {
    both(async |bench| {
        let asked = asked(&bench, 2).await;
        asked.says(0, "objected").await;
        asked.says(1, "endorsed").await;
        let (one, other) = (asked.other("one").await, asked.other("other").await);
        // The record of the act is everybody's, and tells of no priority that is only proposed.
        let act = split(&asked, &asked.members[0], [&one, &other]).await;
        let told = bench.sign_in(Who::Reader).await.get(at(SUCCESSIONS, &act)).expect(200).await;
        assert!(told.text().contains(id(&asked.round)) && !told.text().contains(id(&asked.priority)), "{told}");
        let refused = asked.to(json!({"to": "agreed"})).await;
        let fault = &refused.json()["errors"][0];
        assert_eq!(
            (refused.status, &fault["code"], &fault["params"]["organization_ids"]),
            (409, &json!("objection_stands"), &json!([id(&one)]))
        );
        // Another question is asked of the heir, too, whenever it comes up.
        assert_eq!(asked.to(json!({"to": "agreed", "reason": "Outvoted"})).await.status, 200);
        assert_eq!(asked.change(json!({"lead_id": id(&one)})).await.status, 200);
        let refused = asked.to(json!({"to": "agreed"})).await;
        assert_eq!(refused.json()["errors"][0]["params"]["organization_ids"], json!([id(&one), id(&asked.members[1])]));
        assert_whole(&bench).await;
    })
    .await;
}

/// The act named who takes its voice in the round over while that was under way; the priorities that came of it later ask the same heir.
#[actix_web::test]
async fn who_took_over_in_the_round_is_asked_about_its_priorities() {
    use crate::harness::round::{decided, open};

    both(async |bench| {
        let mut asked = asked(&bench, 2).await;
        let (one, other) = (asked.other("one").await, asked.other("other").await);
        let round = open(&bench, &asked.members.iter().collect::<Vec<_>>()).await;
        split(&asked, &asked.members[0], [&one, &other]).await;
        let round = decided(&bench, &round, json!([{"objective_number": 9, "rank": 1}])).await;
        let listed = asked.coordinator.get(format!("{PRIORITIES}?prioritization_id={}", id(&round))).expect(200).await.json();
        asked.priority = listed["data"][0].clone();
        let refused = asked.to(json!({"to": "agreed"})).await;
        assert_eq!(refused.json()["errors"][0]["params"]["organization_ids"], json!([id(&one), id(&asked.members[1])]));
    })
    .await;
}

/// What others write beside a word makes it no newer.
#[actix_web::test]
async fn the_newest_of_two_words_is_the_one_that_was_given_last() {
    both(async |bench| {
        let asked = asked(&bench, 2).await;
        let heir = asked.other("heir").await;
        let first = asked.says(0, "endorsed").await;
        asked.says(1, "objected").await;
        merged(&asked, 0, &heir, Some(&heir)).await;
        merged(&asked, 1, &heir, Some(&heir)).await;
        for _before_and_after in 0..2 {
            assert_eq!(asked.to(json!({"to": "agreed"})).await.json()["errors"][0]["code"], "objection_stands");
            bench.clock().advance(std::time::Duration::from_secs(1));
            let path = format!("{}/external-ids/mims", at(ENDORSEMENTS, &first));
            asked.coordinator.put(path, json!({"id": "E-1"})).expect(200).await;
        }
    })
    .await;
}

#[actix_web::test]
async fn where_nobody_is_left_to_agree_it_takes_a_reason() {
    both(async |bench| {
        let asked = asked(&bench, 1).await;
        asked.says(0, "endorsed").await;
        merged(&asked, 0, &asked.other("heir").await, None).await;
        let refused = asked.to(json!({"to": "agreed"})).await;
        assert_eq!((refused.status, faults(&refused)), (409, set([("#/reason", "word_missing")])));
        let agreed = asked.to(json!({"to": "agreed", "reason": "Decided by the cabinet"})).await.json();
        assert_eq!(agreed["agreed_against"], "Decided by the cabinet");
    })
    .await;
}

/// What is out of use may come back, and with it the question: the voice goes on all the time.
#[actix_web::test]
async fn a_voice_goes_on_also_while_no_priority_stands() {
    both(async |bench| {
        let asked = asked(&bench, 2).await;
        asked.says(0, "objected").await;
        asked.says(1, "endorsed").await;
        let now = asked.now().await;
        asked.coordinator.post_if(format!("{}/archive", at(PRIORITIES, &now)), etag(&now)).expect(200).await;
        let (one, other) = (asked.other("one").await, asked.other("other").await);
        split(&asked, &asked.members[0], [&one, &other]).await;
        let now = asked.now().await;
        asked.coordinator.post_if(format!("{}/restore", at(PRIORITIES, &now)), etag(&now)).expect(200).await;
        let fault = asked.to(json!({"to": "agreed"})).await.json()["errors"][0].clone();
        assert_eq!((&fault["code"], &fault["params"]["organization_ids"]), (&json!("objection_stands"), &json!([id(&one)])));
    })
    .await;
}
