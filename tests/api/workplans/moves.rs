//! From the draft to the end, and who must have been asked.

use serde_json::{Value, json};

use super::planned;
use crate::{
    harness::{
        Who, both,
        plan::{ACTIVITIES, WORKPLANS, act, activity, body},
    },
    priorities::ENDORSEMENTS,
    rows::{assert_whole, at, change, create, etag, faults, id, set, with},
};

const DAYS: [&str; 2] = ["2026-01-01", "2028-12-31"];

#[actix_web::test]
async fn a_plan_is_put_to_those_who_decide_and_approved() {
    both(async |bench| {
        let planned = planned(&bench, 3, DAYS).await;
        assert_eq!(
            (&planned.plan["state"], &planned.plan["version"], &planned.plan["substance"]),
            (&json!("draft"), &Value::Null, &json!(1))
        );
        let refused = planned.to(json!({"to": "approved"})).await;
        assert_eq!((refused.status, refused.code().as_str()), (409, "transition_not_allowed"));
        // Nobody gives a word on a draft.
        let early = planned.says(0, "workplan", &planned.plan, "endorsed").await;
        assert_eq!((early.status, early.code().as_str()), (409, "question_closed"));
        assert_eq!(planned.to(json!({"to": "in_review"})).await.status, 200);
        let refused = planned.to(json!({"to": "approved"})).await;
        assert_eq!((refused.status, refused.code().as_str()), (409, "transition_incomplete"));
        assert_eq!(faults(&refused), set([("#/approval_act", "field_missing_for_move"), ("#/reason", "word_missing")]));

        // The act is no part of the question.
        let acted = change(&planned.coordinator, WORKPLANS, &planned.now().await, json!({"approval_act": act()})).await;
        assert_eq!((&acted["state"], &acted["substance"]), (&json!("in_review"), &json!(1)));
        assert_eq!(planned.says(0, "workplan", &planned.plan, "endorsed").await.status, 201);
        assert_eq!(planned.says(1, "workplan", &planned.plan, "objected").await.status, 201);
        let twice = planned.says(1, "workplan", &planned.plan, "endorsed").await;
        assert_eq!((twice.status, twice.code().as_str()), (409, "word_given"));
        let refused = planned.to(json!({"to": "approved"})).await;
        assert_eq!(faults(&refused), set([("#/reason", "word_missing"), ("#/reason", "objection_stands")]));
        // Who decided nothing is not asked.
        let mut stranger = json!({"subject_kind": "workplan", "subject_id": planned.plan["id"], "substance": 1, "decision": "endorsed"});
        stranger["organization_id"] = bench.organization("moh").await["id"].clone();
        let refused = bench.sign_in(Who::FocalPoint("moh")).await.post(ENDORSEMENTS, stranger).expect(403).await;
        assert_eq!(refused.json()["params"]["rule"], "voters_endorse");

        let approved = planned.to(json!({"to": "approved", "reason": "The Prime Minister decided"})).await;
        let approved = approved.json();
        assert_eq!(approved["agreed_against"], "The Prime Minister decided");
        assert_eq!((&approved["state"], &approved["version"]), (&json!("approved"), &json!(1)));
        for n in 0..2 {
            assert_eq!(planned.activity(n).await["added_in_version"], 1);
        }
        assert_whole(&bench).await;
    })
    .await;
}

#[actix_web::test]
async fn a_translation_is_the_same_question() {
    both(async |bench| {
        let planned = planned(&bench, 1, DAYS).await;
        let lao = json!({"title": {"lo": "ໃນພາສາລາວ"}});
        assert_eq!(planned.to(json!({"to": "in_review"})).await.status, 200);
        change(&planned.coordinator, WORKPLANS, &planned.now().await, lao.clone()).await;
        change(&planned.coordinator, ACTIVITIES, &planned.activity(0).await, lao.clone()).await;
        let now = planned.now().await;
        assert_eq!((&now["state"], &now["substance"], &now["title"]["lo"]), (&json!("in_review"), &json!(1), &lao["title"]["lo"]));
        // Another text in a language that was there already is another question.
        change(&planned.coordinator, WORKPLANS, &now, json!({"title": {"lo": "ຢ່າງອື່ນ"}})).await;
        assert_eq!(planned.now().await["substance"], 2);
        assert_whole(&bench).await;
    })
    .await;
}

#[actix_web::test]
async fn a_change_in_review_is_another_question() {
    both(async |bench| {
        let planned = planned(&bench, 2, DAYS).await;
        assert_eq!(planned.to(json!({"to": "in_review"})).await.status, 200);
        assert_eq!(planned.says(0, "workplan", &planned.plan, "endorsed").await.status, 201);
        // What an activity is about is part of the plan.
        change(&planned.coordinator, ACTIVITIES, &planned.activity(0).await, json!({"ends_on": "2027-12-31"})).await;
        let now = planned.now().await;
        assert_eq!((&now["state"], &now["substance"]), (&json!("draft"), &json!(2)));
        // It rises once, until they are asked again.
        change(&planned.coordinator, ACTIVITIES, &planned.activity(0).await, json!({"ends_on": "2027-11-30"})).await;
        change(&planned.coordinator, WORKPLANS, &now, json!({"title": {"en": "Another plan"}})).await;
        assert_eq!(planned.now().await["substance"], 2);
        assert_eq!(planned.to(json!({"to": "in_review"})).await.status, 200);
        let refused = planned.to(json!({"to": "approved"})).await;
        let missing = refused.json()["errors"].as_array().unwrap().iter().find(|error| error["code"] == "word_missing").unwrap().clone();
        assert_eq!(missing["params"]["organization_ids"].as_array().unwrap().len(), 2, "the word given before was on another text");
        // Returned without a change it is the same question; a change then makes it another one.
        assert_eq!(planned.says(0, "workplan", &planned.plan, "endorsed").await.status, 201);
        assert_eq!(planned.to(json!({"to": "returned"})).await.status, 422);
        assert_eq!(planned.to(json!({"to": "returned", "reason": "The budget is missing"})).await.status, 200);
        assert_eq!(planned.to(json!({"to": "in_review"})).await.json()["substance"], 2);
        assert_eq!(planned.to(json!({"to": "returned", "reason": "Still missing"})).await.status, 200);
        let changed = change(&planned.coordinator, WORKPLANS, &planned.now().await, json!({"reporting_interval": "month"})).await;
        assert_eq!((&changed["state"], &changed["substance"]), (&json!("returned"), &json!(3)));
        // The move that a change made stands among the moves.
        let moves = planned.coordinator.get(format!("{}/transitions", at(WORKPLANS, &planned.plan))).expect(200).await.json();
        let made: Vec<_> = moves["data"].as_array().unwrap().iter().map(|made| made["to"].as_str().unwrap()).rev().collect();
        assert_eq!(made, ["in_review", "draft", "in_review", "returned", "in_review", "returned"]);
        assert_whole(&bench).await;
    })
    .await;
}

#[actix_web::test]
async fn what_is_not_ready_is_put_to_nobody() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let plan = create(&coordinator, WORKPLANS, body(DAYS)).await;
        let move_to = async |to: &str| {
            let now = coordinator.get(at(WORKPLANS, &plan)).expect(200).await.json();
            let body = json!({"to": to, "reason": "So it is"});
            coordinator.post(format!("{}/transitions", at(WORKPLANS, &plan)), body).header("If-Match", etag(&now)).send().await
        };
        assert_eq!(faults(&move_to("in_review").await), set([("#/activities", "field_missing_for_move")]));
        let lead = bench.organization("molsw").await;
        create(&coordinator, ACTIVITIES, activity(&plan, &lead)).await;
        // The plan becomes shorter than its activity.
        let now = coordinator.get(at(WORKPLANS, &plan)).expect(200).await.json();
        change(&coordinator, WORKPLANS, &now, json!({"ends_on": "2027-12-31"})).await;
        let refused = move_to("in_review").await;
        assert_eq!(faults(&refused), set([("#/activities/outside_period_reason", "field_missing_for_move")]));
        assert_eq!(refused.json()["errors"][0]["params"]["activity_codes"].as_array().unwrap().len(), 1);
        let now = coordinator.get(at(WORKPLANS, &plan)).expect(200).await.json();
        change(&coordinator, WORKPLANS, &now, json!({"ends_on": "2028-12-31", "approval_act": act()})).await;
        assert_eq!(move_to("in_review").await.status, 200);
        // Of no priorities nobody has decided: it takes a reason.
        assert_eq!(move_to("approved").await.json()["agreed_against"], "So it is");

        let faulty = json!({"title": {"en": "Turned round"}, "starts_on": "2028-01-01", "ends_on": "2026-01-01", "reporting_interval": "year",
            "priority_ids": ["01920000-0000-7000-8000-000000000001"]});
        let refused = coordinator.post(WORKPLANS, faulty).expect(422).await;
        assert_eq!(faults(&refused), set([("#/ends_on", "ends_before_start"), ("#/priority_ids/0", "reference_unknown")]));
    })
    .await;
}

#[actix_web::test]
async fn what_is_approved_stands() {
    both(async |bench| {
        let planned = planned(&bench, 1, DAYS).await;
        planned.approved().await;
        let now = planned.now().await;
        for patch in [
            json!({"title": {"en": "Other"}}),
            json!({"ends_on": "2027-12-31"}),
            json!({"approval_act": null}),
            json!({"priority_ids": []}),
        ] {
            let refused = planned.coordinator.patch(at(WORKPLANS, &now), etag(&now), &patch).expect(409).await;
            assert_eq!(refused.code(), "not_editable_in_state", "{patch}");
        }
        // What one read can be sent back.
        change(&planned.coordinator, WORKPLANS, &now, json!({"title": now["title"], "ends_on": now["ends_on"]})).await;
        let activity = planned.activity(0).await;
        let refused =
            planned.coordinator.patch(at(ACTIVITIES, &activity), etag(&activity), json!({"title": {"en": "Other"}})).expect(409).await;
        assert_eq!(refused.code(), "not_editable_in_state");
        let more = with(crate::harness::plan::activity(&planned.plan, &planned.asked.members[0]), json!({"code": "9.9"}));
        assert_eq!(planned.coordinator.post(ACTIVITIES, more).expect(409).await.code(), "not_editable_in_state");
        assert_eq!(
            planned.coordinator.post_if(format!("{}/archive", at(WORKPLANS, &now)), etag(&now)).expect(409).await.code(),
            "not_editable_in_state"
        );
        assert_eq!(planned.now().await["revision"], now["revision"]);
    })
    .await;
}

/// One plan at a time, day by day; two that follow each other may stand side by side.
#[actix_web::test]
async fn one_plan_is_active_on_a_day() {
    both(async |bench| {
        let first = planned(&bench, 1, DAYS).await;
        first.active().await;
        let coordinator = &first.coordinator;
        let later = async |days: [&str; 2]| {
            let plan = create(coordinator, WORKPLANS, body(days)).await;
            create(coordinator, ACTIVITIES, activity(&plan, &first.asked.members[0])).await;
            crate::harness::plan::approved(&bench, &plan).await
        };
        let overlapping = later(["2028-12-31", "2030-12-31"]).await;
        let refused = first.moved(WORKPLANS, &overlapping, json!({"to": "active"})).await;
        assert_eq!((refused.status, refused.code().as_str(), &refused.json()["params"]["id"]), (409, "workplan_active", &first.plan["id"]));
        let following = later(["2029-01-01", "2030-12-31"]).await;
        assert_eq!(first.moved(WORKPLANS, &following, json!({"to": "active"})).await.status, 200);
        // Once the first is closed, the days are free again.
        assert_eq!(first.to(json!({"to": "closed"})).await.status, 200);
        let refused = first.moved(WORKPLANS, &overlapping, json!({"to": "active"})).await;
        assert_eq!(refused.json()["params"]["id"], following["id"]);
        assert_eq!(first.moved(WORKPLANS, &following, json!({"to": "closed"})).await.status, 200);
        assert_eq!(first.moved(WORKPLANS, &overlapping, json!({"to": "active"})).await.status, 200);
        assert_eq!(id(&first.now().await), id(&first.plan));
    })
    .await;
}

/// Nothing comes to life below what is out of use.
#[actix_web::test]
async fn an_archived_plan_takes_nothing() {
    both(async |bench| {
        let planned = planned(&bench, 1, DAYS).await;
        let archived = crate::rows::archive(&planned.coordinator, WORKPLANS, &planned.plan).await;
        let more = activity(&planned.plan, &planned.asked.members[0]);
        let refused = planned.coordinator.post(ACTIVITIES, more).expect(422).await;
        assert_eq!(faults(&refused), set([("#/workplan_id", "reference_archived")]));
        let activity = planned.activity(0).await;
        let refused =
            planned.coordinator.patch(at(ACTIVITIES, &activity), etag(&activity), json!({"title": {"en": "Other"}})).expect(409).await;
        assert_eq!(refused.code(), "archived");
        planned.coordinator.post_if(format!("{}/restore", at(WORKPLANS, &archived)), etag(&archived)).expect(200).await;
        change(&planned.coordinator, ACTIVITIES, &activity, json!({"title": {"en": "Other"}})).await;
    })
    .await;
}
