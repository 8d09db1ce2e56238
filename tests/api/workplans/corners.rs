//! Where what is planned, what is proposed and what has gone meet.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{PROPOSALS, Planned, planned};
use crate::{
    harness::{
        Reply, Who, both,
        plan::{self, ACTIVITIES, REVISIONS, WORKPLANS, act},
        round::of_the_walkers,
    },
    priorities::PRIORITIES,
    progress_reports::REPORTS,
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
        let added = create(&it.coordinator, ACTIVITIES, plan::activity(&it.plan, lead)).await;
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

#[actix_web::test]
async fn an_approved_plan_is_corrected_before_it_begins() {
    both(async |bench| {
        let it = planned(&bench, 1, DAYS).await;
        // The plan before it is still carried out, on the same days.
        let former = create(&it.coordinator, WORKPLANS, plan::body(DAYS)).await;
        plan::with_activity(&bench, plan::activity(&former, &it.asked.members[0])).await;
        let former = plan::active(&bench, &former).await;
        let revise = format!("{}/revise", at(WORKPLANS, &it.plan));
        let refused = it.coordinator.post(revise.clone(), json!({})).expect(409).await;
        let told = json!({"state": "draft", "allowed": ["approved", "active"]});
        assert_eq!((refused.code().as_str(), &refused.json()["params"]), ("plan_not_active", &told));
        it.approved().await;

        let refused = it.asked.people[0].post(revise.clone(), json!({})).expect(403).await;
        assert_eq!(refused.json()["params"]["rule"], "coordinator_workplans", "{refused}");
        let revision = it.revised().await;
        let [first, second] = [id(&it.activities[0]), id(&it.activities[1])];
        create(&it.coordinator, PROPOSALS, json!({"activity_id": first, "plan": {"title": {"en": "Mended"}}})).await;
        create(&it.coordinator, PROPOSALS, json!({"activity_id": second, "removes": true})).await;
        let added = create(&it.coordinator, ACTIVITIES, plan::activity(&it.plan, &it.asked.members[0])).await;
        assert_eq!(it.activity(0).await["title"], it.activities[0]["title"]);
        // The plan is everybody's since its approval; what would change in it is not.
        let reader = bench.sign_in(Who::Reader).await;
        reader.get(at(WORKPLANS, &it.plan)).expect(200).await;
        for (collection, row) in [(REVISIONS, &revision), (ACTIVITIES, &added)] {
            reader.get(at(collection, row)).expect(404).await;
            assert_eq!(reader.get(format!("{collection}?id={}", id(row))).expect(200).await.json()["data"], json!([]));
        }
        decided(&it, &revision).await;
        let plan = it.now().await;
        assert_eq!((&plan["state"], &plan["version"]), (&json!("approved"), &json!(2)));
        assert_eq!(it.activity(0).await["title"], json!({"en": "Mended"}));
        let version = it.version(2).await.json();
        let ids: BTreeSet<&str> = version["activities"].as_array().unwrap().iter().map(id).collect();
        assert_eq!(ids, BTreeSet::from([first, id(&added)]));

        // What is corrected while the plan waits is in force from its first day; until the former is over, it cannot begin.
        let refused = it.to(json!({"to": "active"})).await;
        assert_eq!((refused.status, refused.code().as_str()), (409, "workplan_active"));
        assert_eq!(it.moved(WORKPLANS, &former, json!({"to": "closed"})).await.status, 200);
        let open = it.revised().await;
        assert_eq!(it.to(json!({"to": "active"})).await.json()["version"], 2);
        decided(&it, &open).await;
        assert_eq!((&it.now().await["state"], &it.now().await["version"]), (&json!("active"), &json!(3)));
        assert_eq!(it.to(json!({"to": "closed"})).await.status, 200);

        // Of what is over nothing changes, and no refusal promises that a revision could.
        assert_eq!(it.coordinator.post(revise, json!({})).expect(409).await.code(), "plan_not_active");
        let proposed = it.coordinator.post(PROPOSALS, json!({"activity_id": first})).expect(409).await;
        assert_eq!(proposed.code(), "plan_not_active");
        let (plan, activity) = (it.now().await, it.activity(0).await);
        let other = json!({"title": {"en": "Another"}});
        let one_more = plan::activity(&it.plan, &it.asked.members[0]);
        for refused in [
            it.coordinator.patch(at(WORKPLANS, &plan), etag(&plan), other.clone()).expect(409).await,
            it.coordinator.patch(at(ACTIVITIES, &activity), etag(&activity), other).expect(409).await,
            it.coordinator.post(ACTIVITIES, one_more).expect(409).await,
        ] {
            assert_eq!(refused.json()["params"]["fields"], "nothing; the plan is over", "{refused}");
        }
        assert_whole(&bench).await;
    })
    .await;
}

#[actix_web::test]
async fn a_plan_ends_over_reports_that_wait_for_a_reason_alone() {
    both(async |bench| {
        let it = planned(&bench, 1, DAYS).await;
        it.active().await;
        let lead = &it.asked.people[0];
        let report = |start: &str, end: &str| {
            json!({
                "activity_id": id(&it.activities[0]), "organization_id": id(&it.asked.members[0]), "period_start": start, "period_end": end,
                "progress_percent": 20, "rating": "on_track", "implementation": "in_progress",
            })
        };
        let quarters =
            [("2026-01-01", "2026-03-31"), ("2026-04-01", "2026-06-30"), ("2026-07-01", "2026-09-30"), ("2026-10-01", "2026-12-31")];
        let mut reports = Vec::new();
        for (start, end) in quarters {
            reports.push(create(lead, REPORTS, report(start, end)).await);
        }
        for row in &reports[..3] {
            step(lead, REPORTS, row, "submitted").await;
        }
        let waiting = |refused: &Reply| (refused.status, faults(refused), refused.json()["errors"][0]["params"]["count"].clone());
        let undecided = || set([("#/progress_reports", "reports_undecided")]);
        assert_eq!(waiting(&it.to(json!({"to": "closed"})).await), (409, undecided(), json!(3)));
        // How many wait is told to whoever may close the plan alone.
        let closing = format!("{}/transitions", at(WORKPLANS, &it.plan));
        let refused = lead.post(closing, json!({"to": "closed"})).header("If-Match", etag(&it.now().await)).expect(403).await;
        assert_eq!((refused.code().as_str(), refused.faults().len()), ("forbidden", 0), "{refused}");
        // Neither what was decided on nor what was taken out of use waits for anybody; a draft is its ministry's own.
        let now = async |n: usize| it.coordinator.get(at(REPORTS, &reports[n])).expect(200).await.json();
        archive(&it.coordinator, REPORTS, &now(0).await).await;
        step(&it.coordinator, REPORTS, &now(1).await, "accepted").await;
        assert_eq!(waiting(&it.to(json!({"to": "closed"})).await), (409, undecided(), json!(1)));
        assert_eq!(it.to(json!({"to": "closed", "reason": "Told in the review instead"})).await.json()["state"], "closed");
        assert_eq!(now(2).await["state"], "submitted");
        let gone = now(0).await;
        let restore = format!("{}/restore", at(REPORTS, &gone));
        assert_eq!(it.coordinator.post_if(restore, etag(&gone)).expect(409).await.code(), "plan_not_active");
        assert_whole(&bench).await;
    })
    .await;
}
