//! Where what is planned, what is proposed and what has gone meet.

use serde_json::{Value, json};

use super::{PROPOSALS, Planned, planned};
use crate::{
    harness::{
        both,
        plan::{ACTIVITIES, REVISIONS, WORKPLANS, act},
        round::of_the_walkers,
    },
    priorities::PRIORITIES,
    rows::{archive, assert_whole, at, change, create, etag, faults, id, merge, ministry, set, step},
};

const DAYS: [&str; 2] = ["2026-01-01", "2028-12-31"];

/// The revision is decided on, whatever those say who decide.
async fn decided(it: &Planned, revision: &Value) {
    let now = it.coordinator.get(at(REVISIONS, revision)).expect(200).await.json();
    change(&it.coordinator, REVISIONS, &now, json!({"approval_act": act()})).await;
    for (to, reason) in [("in_review", None), ("approved", Some("Decided"))] {
        let moved = it.moved(REVISIONS, revision, json!({"to": to, "reason": reason})).await;
        assert_eq!(moved.status, 200, "{moved}");
    }
}

#[actix_web::test]
async fn nobody_reports_on_what_a_revision_would_add() {
    both(async |bench| {
        let it = planned(&bench, 1, DAYS).await;
        it.active().await;
        it.revised().await;
        let [lead] = it.asked.members.as_slice() else { panic!("one decides") };
        let added = create(&it.coordinator, ACTIVITIES, crate::harness::plan::activity(&it.plan, lead)).await;
        let body = |activity: &Value| {
            json!({
                "activity_id": id(activity), "organization_id": id(lead), "period_start": "2026-10-01", "period_end": "2026-12-31",
                "progress_percent": 20, "rating": "on_track", "implementation": "in_progress",
            })
        };
        let refused = it.asked.people[0].post("/v1/progress-reports", body(&added)).expect(409).await;
        assert_eq!(refused.code(), "not_editable_in_state");
        create(&it.asked.people[0], "/v1/progress-reports", body(&it.activities[0])).await;
    })
    .await;
}

#[actix_web::test]
async fn an_heir_keeps_its_parts_where_the_predecessor_has_none() {
    both(async |bench| {
        let it = planned(&bench, 2, DAYS).await;
        it.active().await;
        it.revised().await;
        let heir = create(&it.coordinator, "/v1/ministries", ministry("heir")).await;
        let party = |row: &Value, role: &str| json!({"organization_id": row["id"], "role": role});
        let parties = json!([party(&it.asked.members[0], "lead"), party(&heir, "co_lead"), party(&heir, "implementing")]);
        let proposal = json!({"activity_id": id(&it.activities[1]), "plan": {"parties": parties}});
        let proposal = create(&it.coordinator, PROPOSALS, proposal).await;
        merge(&bench, &it.asked.members[1], &heir).await;
        let now = it.coordinator.get(at(PROPOSALS, &proposal)).expect(200).await.json();
        assert_eq!(now["plan"]["parties"], parties);
        assert_eq!(it.activity(1).await["parties"], json!([party(&heir, "lead")]));
        assert_whole(&bench).await;
    })
    .await;
}

#[actix_web::test]
async fn what_carries_a_priority_out_keeps_it_in_the_plan() {
    both(async |bench| {
        let it = planned(&bench, 1, DAYS).await;
        let serving = change(&it.coordinator, ACTIVITIES, &it.activities[0], json!({"priority_id": id(&it.asked.priority)})).await;
        change(&it.coordinator, WORKPLANS, &it.now().await, json!({"priority_ids": []})).await;
        let refused = it.to(json!({"to": "in_review"})).await;
        assert_eq!((refused.status, faults(&refused)), (409, set([("#/activities/priority_id", "not_a_priority_of_the_plan")])));
        assert_eq!(refused.json()["errors"][0]["params"]["activity_codes"], json!(["1.1"]));
        change(&it.coordinator, ACTIVITIES, &serving, json!({"priority_id": null})).await;
        assert_eq!(it.to(json!({"to": "in_review"})).await.status, 200);
    })
    .await;
}

#[actix_web::test]
async fn a_plan_is_approved_for_priorities_that_are_agreed() {
    both(async |bench| {
        let it = planned(&bench, 1, DAYS).await;
        let body = json!({"prioritization_id": of_the_walkers(&bench).await["id"], "objective_number": 9, "rank": 9});
        let merely_proposed = create(&it.coordinator, PRIORITIES, body).await;
        let both = json!({"priority_ids": [it.asked.priority["id"], merely_proposed["id"]]});
        change(&it.coordinator, WORKPLANS, &it.now().await, both.clone()).await;
        change(&it.coordinator, WORKPLANS, &it.now().await, json!({"approval_act": act()})).await;
        assert_eq!(it.to(json!({"to": "in_review"})).await.status, 200);
        let refused = it.to(json!({"to": "approved", "reason": "All the same"})).await;
        assert_eq!((refused.status, faults(&refused)), (409, set([("#/priority_ids", "priority_not_agreed")])));
        assert_eq!(refused.json()["errors"][0]["params"]["priority_ids"], json!([merely_proposed["id"]]));
        change(&it.coordinator, WORKPLANS, &it.now().await, json!({"priority_ids": [it.asked.priority["id"]]})).await;
        it.active().await;

        // The same of a revision; what was in the plan may have been withdrawn since, and is told to nobody then.
        let revision = it.revised().await;
        change(&it.coordinator, REVISIONS, &revision, both).await;
        step(&it.coordinator, PRIORITIES, &it.asked.priority, "withdrawn").await;
        let now = it.coordinator.get(at(REVISIONS, &revision)).expect(200).await.json();
        change(&it.coordinator, REVISIONS, &now, json!({"approval_act": act()})).await;
        assert_eq!(it.moved(REVISIONS, &revision, json!({"to": "in_review"})).await.status, 200);
        let refused = it.moved(REVISIONS, &revision, json!({"to": "approved", "reason": "All the same"})).await;
        assert_eq!((refused.status, faults(&refused)), (409, set([("#/priority_ids", "priority_not_agreed")])));
        let now = it.coordinator.get(at(REVISIONS, &revision)).expect(200).await.json();
        change(&it.coordinator, REVISIONS, &now, json!({"priority_ids": [it.asked.priority["id"]]})).await;
        decided(&it, &revision).await;
        let versions = [it.version(1).await.json(), it.version(2).await.json()];
        assert_eq!(versions.map(|version| version["priorities"].as_array().unwrap().len()), [1, 0]);
        assert_whole(&bench).await;
    })
    .await;
}

#[actix_web::test]
async fn the_code_of_what_leaves_the_plan_stays_taken() {
    both(async |bench| {
        let it = planned(&bench, 1, DAYS).await;
        it.active().await;
        let revision = it.revised().await;
        let [first, second] = [id(&it.activities[0]), id(&it.activities[1])];
        let leaves = create(&it.coordinator, PROPOSALS, json!({"activity_id": first, "removes": true})).await;
        let takes = json!({"activity_id": second, "plan": {"code": "1.1"}});
        assert_eq!(it.coordinator.post(PROPOSALS, &takes).expect(409).await.code(), "code_taken");
        // It is free while the first would have another one, and taken again when that leaves after all.
        let renamed = change(&it.coordinator, PROPOSALS, &leaves, json!({"removes": false, "plan": {"code": "1.9"}})).await;
        create(&it.coordinator, PROPOSALS, takes).await;
        change(&it.coordinator, PROPOSALS, &renamed, json!({"removes": true})).await;
        let refused = it.moved(REVISIONS, &revision, json!({"to": "in_review"})).await;
        assert_eq!((refused.status, faults(&refused)), (409, set([("#/activities/code", "not_unique")])));
    })
    .await;
}

#[actix_web::test]
async fn a_plan_does_not_come_back_with_those_who_have_ended() {
    both(async |bench| {
        let it = planned(&bench, 2, DAYS).await;
        let archived = archive(&it.coordinator, WORKPLANS, &it.plan).await;
        let heir = create(&it.coordinator, "/v1/ministries", ministry("heir")).await;
        merge(&bench, &it.asked.members[1], &heir).await;
        let refused = it.coordinator.post_if(format!("{}/restore", at(WORKPLANS, &archived)), etag(&archived)).expect(409).await;
        assert_eq!(
            (refused.code().as_str(), &refused.json()["params"]["organization_id"]),
            ("institution_ended", &it.asked.members[1]["id"])
        );
        assert_whole(&bench).await;
    })
    .await;
}

#[actix_web::test]
async fn whoever_saw_an_activity_looks_again_when_a_revision_changed_what_is_below_it() {
    both(async |bench| {
        let it = planned(&bench, 1, DAYS).await;
        it.active().await;
        let revision = it.revised().await;
        let proposal = json!({
            "activity_id": id(&it.activities[0]), "milestones": [{"id": null, "title": {"en": "Half way"}, "due_on": "2027-06-30"}],
        });
        create(&it.coordinator, PROPOSALS, proposal).await;
        let before = it.activity(0).await;
        decided(&it, &revision).await;
        let after = it.activity(0).await;
        assert!(after["revision"].as_i64() > before["revision"].as_i64(), "{before}\n{after}");
        let milestones = it.coordinator.get(format!("{}/milestones", at(ACTIVITIES, &after))).expect(200).await.json();
        assert_eq!(milestones["data"].as_array().unwrap().len(), 1);
        assert_whole(&bench).await;
    })
    .await;
}
