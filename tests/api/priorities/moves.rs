//! From the proposal to the act that adopts it.

use serde_json::{Value, json};

use super::{ENDORSEMENTS, PRIORITIES, act, asked};
use crate::{
    harness::{Reply, Who, both},
    rows::{assert_whole, at, change, etag, faults, id, set},
};

/// The institutions that a refused move names under this code.
fn named(refused: &Reply, code: &str) -> Vec<Value> {
    let errors = refused.json()["errors"].as_array().unwrap().clone();
    let fault = errors.into_iter().find(|error| error["code"] == code).unwrap_or_default();
    fault["params"]["organization_ids"].as_array().cloned().unwrap_or_default()
}

#[actix_web::test]
async fn an_objection_is_answered_and_the_priority_agreed() {
    both(async |bench| {
        let asked = asked(&bench, 3).await;
        let ids: Vec<_> = asked.members.iter().map(|member| member["id"].clone()).collect();
        assert_eq!(
            (&asked.priority["state"], &asked.priority["substance"], &asked.priority["revision"]),
            (&json!("proposed"), &json!(1), &json!(1))
        );
        let refused = asked.to(json!({"to": "agreed"})).await;
        assert_eq!((refused.status, refused.code().as_str()), (409, "transition_incomplete"));
        assert_eq!(faults(&refused), set([("#/reason", "word_missing")]));
        assert_eq!(named(&refused, "word_missing"), ids);

        asked.says(0, "endorsed").await;
        let unsaid = crate::rows::with(asked.word(1, "objected").await, json!({"comment": null}));
        let refused = asked.people[1].post(ENDORSEMENTS, unsaid).expect(422).await;
        assert_eq!(faults(&refused), set([("#/comment", "required")]));
        let objection = asked.says(1, "objected").await;
        let refused = asked.to(json!({"to": "agreed"})).await;
        assert_eq!(faults(&refused), set([("#/reason", "word_missing"), ("#/reason", "objection_stands")]));
        assert_eq!((named(&refused, "word_missing"), named(&refused, "objection_stands")), (vec![ids[2].clone()], vec![ids[1].clone()]));
        // Abstaining is answering; the objection is all that is left.
        asked.says(2, "abstained").await;
        assert_eq!(faults(&asked.to(json!({"to": "agreed"})).await), set([("#/reason", "objection_stands")]));

        let answered = json!({"decision": "endorsed", "comment": {"en": "With the wording of the second meeting"}});
        change(&asked.people[1], ENDORSEMENTS, &objection, answered).await;
        // The lead ministry makes the move, and nobody else.
        let now = asked.now().await;
        let path = format!("{}/transitions", at(PRIORITIES, &now));
        asked.people[0].post(&path, json!({"to": "agreed"})).header("If-Match", etag(&now)).expect(403).await;
        let agreed = asked.to(json!({"to": "agreed"})).await;
        assert_eq!((agreed.status, &agreed.json()["state"], &agreed.json()["agreed_against"]), (200, &json!("agreed"), &Value::Null));
        // What was said stays as it was said.
        let seen = asked.people[1].get(at(ENDORSEMENTS, &objection)).expect(200).await.json();
        let refused = asked.people[1].patch(at(ENDORSEMENTS, &seen), etag(&seen), json!({"decision": "abstained"})).expect(409).await;
        assert_eq!((refused.code().as_str(), &refused.json()["params"]["state"]), ("question_closed", &json!("agreed")));
        assert_whole(&bench).await;
    })
    .await;
}

#[actix_web::test]
async fn against_a_voice_it_is_agreed_with_a_reason_only() {
    both(async |bench| {
        let asked = asked(&bench, 2).await;
        asked.says(0, "endorsed").await;
        asked.says(1, "objected").await;
        let tried = asked.to(json!({"to": "agreed"})).await;
        assert_eq!((tried.status, asked.now().await["state"].clone()), (409, json!("proposed")));
        let agreed = asked.to(json!({"to": "agreed", "reason": "The committee outvoted it on 12 November"})).await;
        assert_eq!((agreed.status, &agreed.json()["agreed_against"]), (200, &json!("The committee outvoted it on 12 November")));
        let moves = asked.coordinator.get(format!("{}/transitions", at(PRIORITIES, &asked.priority))).expect(200).await.json();
        assert_eq!((&moves["data"][0]["from"], &moves["data"][0]["to"]), (&json!("proposed"), &json!("agreed")));
        assert_eq!(moves["data"][0]["reason"], "The committee outvoted it on 12 November");
        let next: Vec<_> = moves["next"].as_array().unwrap().iter().map(|step| (&step["to"], &step["reason_required"])).collect();
        assert_eq!(next, [(&json!("adopted"), &json!(false)), (&json!("withdrawn"), &json!(true))]);
    })
    .await;
}

/// A reason that nobody needed is in the log, and nothing was agreed against anybody.
#[actix_web::test]
async fn a_reason_for_what_all_agreed_to_is_no_decision_against_anybody() {
    both(async |bench| {
        let asked = asked(&bench, 1).await;
        asked.all_endorse().await;
        let agreed = asked.to(json!({"to": "agreed", "reason": "In the meeting of today"})).await;
        assert_eq!((agreed.status, &agreed.json()["agreed_against"]), (200, &Value::Null));
    })
    .await;
}

#[actix_web::test]
async fn it_is_adopted_by_an_act() {
    both(async |bench| {
        let asked = asked(&bench, 1).await;
        asked.all_endorse().await;
        let early = asked.to(json!({"to": "adopted"})).await;
        assert_eq!((early.status, early.code().as_str()), (409, "transition_not_allowed"));
        assert_eq!(asked.to(json!({"to": "agreed"})).await.status, 200);
        let refused = asked.to(json!({"to": "adopted"})).await;
        assert_eq!((refused.status, refused.code().as_str()), (409, "transition_incomplete"));
        assert_eq!(faults(&refused), set([("#/adoption_act", "field_missing_for_move")]));
        let half = asked.change(json!({"adoption_act": {"number": "No. 1/PM"}})).await;
        assert_eq!(
            (half.status, faults(&half)),
            (422, set([("#/adoption_act/date", "required"), ("#/adoption_act/authority", "required")]))
        );
        assert_eq!(asked.change(json!({"adoption_act": act()})).await.json()["adoption_act"], act());
        let adopted = asked.to(json!({"to": "adopted"})).await;
        assert_eq!((adopted.status, &adopted.json()["state"], &adopted.json()["adoption_act"]), (200, &json!("adopted"), &act()));
        // The act stays with what it adopted, and what is no other question is still written.
        assert_eq!(faults(&asked.change(json!({"adoption_act": null})).await), set([("#/adoption_act", "required")]));
        let ranked = asked.change(json!({"rank": 4})).await.json();
        assert_eq!((&ranked["rank"], &ranked["state"], &ranked["substance"]), (&json!(4), &json!("adopted"), &json!(1)));
        let listed = |from: &str, to: &str| format!("{PRIORITIES}?adopted_on_from={from}&adopted_on_to={to}");
        let reader = bench.sign_in(Who::Reader).await;
        assert_eq!(reader.get(listed("2026-11-20", "2026-11-20")).expect(200).await.json()["data"], json!([ranked]));
        assert_eq!(reader.get(listed("2026-11-21", "2026-11-30")).expect(200).await.json()["data"], json!([]));
    })
    .await;
}

#[actix_web::test]
async fn what_is_given_up_stays_given_up() {
    both(async |bench| {
        let asked = asked(&bench, 1).await;
        let refused = asked.to(json!({"to": "withdrawn"})).await;
        assert_eq!((refused.status, faults(&refused)), (422, set([("#/reason", "required")])));
        let given_up = asked.to(json!({"to": "withdrawn", "reason": "Merged with another"})).await;
        assert_eq!((given_up.status, &given_up.json()["state"]), (200, &json!("withdrawn")));
        for patch in
            [json!({"rank": 2}), json!({"rationale": {"en": "Otherwise"}}), json!({"rationale": null}), json!({"cluster": {"en": "New"}})]
        {
            let refused = asked.change(patch.clone()).await;
            assert_eq!((refused.status, refused.code().as_str()), (409, "not_editable_in_state"), "{patch}");
        }
        let told = asked.change(json!({"rationale": {"lo": "ຄ່າທຳນຽມສູງ"}})).await;
        assert_eq!((told.status, &told.json()["state"], &told.json()["substance"]), (200, &json!("withdrawn"), &json!(1)));
        let refused = asked.people[0].post(ENDORSEMENTS, asked.word(0, "endorsed").await).expect(409).await;
        assert_eq!(refused.code(), "question_closed");
        let back = asked.to(json!({"to": "proposed"})).await;
        assert_eq!((back.status, back.code().as_str(), &back.json()["params"]["possible"]), (409, "transition_not_allowed", &json!([])));
    })
    .await;
}

#[actix_web::test]
async fn many_are_given_up_at_once() {
    both(async |bench| {
        let asked = asked(&bench, 1).await;
        let twin = json!({"prioritization_id": id(&asked.round), "objective_number": 7, "rank": 2});
        let twin = crate::rows::create(&asked.coordinator, PRIORITIES, twin).await;
        let items = json!([{"id": id(&asked.priority), "revision": 1}, {"id": id(&twin), "revision": 1}]);
        let body = json!({"to": "withdrawn", "reason": "A new round", "items": items});
        let moved = asked.coordinator.post(format!("{PRIORITIES}/transitions"), body).expect(200).await.json();
        let outcomes: Vec<_> = moved["data"].as_array().unwrap().iter().map(|one| &one["outcome"]).collect();
        assert_eq!(outcomes, [&json!("moved"), &json!("moved")]);
        let listed = asked.people[0].get(format!("{PRIORITIES}?state=withdrawn&sort=-objective_number")).expect(200).await.json();
        assert_eq!(listed["data"].as_array().unwrap().iter().map(id).collect::<Vec<_>>(), [id(&twin), id(&asked.priority)]);
    })
    .await;
}
