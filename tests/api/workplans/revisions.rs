//! A revision stands beside the plan until it is approved, and then is the plan, in one step.

use serde_json::{Value, json};

use super::{PROPOSALS, Planned, planned};
use crate::{
    harness::{
        Reply, both,
        plan::{ACTIVITIES, REVISIONS, WORKPLANS, act, activity},
    },
    rows::{assert_whole, at, change, create, etag, faults, id, set, with},
};

const DAYS: [&str; 2] = ["2026-01-01", "2028-12-31"];

/// The revision is put to all, who are for it, and approved.
async fn approved(planned: &Planned, revision: &Value) -> Reply {
    let now = planned.coordinator.get(at(REVISIONS, revision)).expect(200).await.json();
    change(&planned.coordinator, REVISIONS, &now, json!({"approval_act": act()})).await;
    let sent = planned.moved(REVISIONS, revision, json!({"to": "in_review"})).await;
    assert_eq!(sent.status, 200, "{sent}");
    for member in 0..planned.asked.members.len() {
        assert_eq!(planned.says(member, "workplan_revision", revision, "endorsed").await.status, 201);
    }
    planned.moved(REVISIONS, revision, json!({"to": "approved"})).await
}

#[actix_web::test]
async fn a_revision_becomes_the_plan_in_one_step() {
    both(async |bench| {
        let planned = planned(&bench, 2, DAYS).await;
        let milestones = format!("{}/milestones", at(ACTIVITIES, &planned.activities[0]));
        let kept = create(&planned.coordinator, &milestones, json!({"title": {"en": "Kept"}, "due_on": "2027-06-30"})).await;
        let gone = create(&planned.coordinator, &milestones, json!({"title": {"en": "Gone"}, "due_on": "2027-09-30"})).await;
        let lines = format!("{}/budget-lines", at(ACTIVITIES, &planned.activities[0]));
        let required = |amount: &str| json!({"kind": "required", "amount": {"amount": amount, "currency": "USD"}});
        let line = create(&planned.coordinator, &lines, required("100.00")).await;
        planned.active().await;
        assert_eq!(planned.coordinator.post(format!("{}/revise", at(WORKPLANS, &planned.plan)), json!({})).expect(201).await.json()["version"], 2);
        let refused = planned.coordinator.post(format!("{}/revise", at(WORKPLANS, &planned.plan)), json!({})).expect(409).await;
        assert_eq!(refused.code(), "revision_open");
        let open = planned.coordinator.get(format!("{REVISIONS}?workplan_id={}&state=draft", id(&planned.plan))).expect(200).await.json();
        let revision = open["data"][0].clone();
        assert_eq!(refused.json()["params"]["id"], revision["id"]);
        assert_eq!(planned.to(json!({"to": "closed"})).await.code(), "revision_open");

        // What is in force stands until then, and what is proposed stands beside it.
        let changes = json!({
            "activity_id": id(&planned.activities[0]), "plan": {"code": "1.2", "title": {"en": "Run"}, "ends_on": "2029-06-30"},
            "milestones": [{"id": kept["id"], "title": {"en": "Kept"}, "due_on": "2027-07-31"}, {"id": null, "title": {"en": "New"}, "due_on": "2028-01-31"}],
            "budget_lines": [{"id": line["id"], "amount": {"amount": "250.50", "currency": "USD"}, "funder_id": null, "note": null}],
        });
        let refused = planned.coordinator.post(PROPOSALS, &changes).expect(422).await;
        assert_eq!(faults(&refused), set([("#/plan/outside_period_reason", "outside_plan_unexplained")]));
        let revision = change(&planned.coordinator, REVISIONS, &revision, json!({"ends_on": "2029-06-30"})).await;
        assert_eq!(planned.coordinator.post(PROPOSALS, &changes).expect(409).await.code(), "code_taken");
        // The other one gives its code up first; then they have changed places.
        let other = json!({"activity_id": id(&planned.activities[1]), "plan": {"code": "1.9"}});
        let other = create(&planned.coordinator, PROPOSALS, other).await;
        let proposal = create(&planned.coordinator, PROPOSALS, changes.clone()).await;
        change(&planned.coordinator, PROPOSALS, &other, json!({"plan": {"code": "1.1"}})).await;
        assert_eq!(planned.coordinator.post(PROPOSALS, &changes).expect(409).await.code(), "proposal_made");
        let more = with(activity(&planned.plan, &planned.asked.members[0]), json!({"code": "2.1"}));
        let added = create(&planned.coordinator, ACTIVITIES, more).await;
        let before = planned.activity(0).await;
        assert_eq!((&before["title"]["en"], &before["code"], &before["revision"]), (&json!("Walk"), &json!("1.1"), &before["revision"]));
        let listed = planned.coordinator.get(format!("{PROPOSALS}?workplan_revision_id={}", id(&revision))).expect(200).await.json();
        assert_eq!(listed["data"].as_array().unwrap().len(), 2);

        let done = approved(&planned, &revision).await;
        assert_eq!((done.status, &done.json()["state"]), (200, &json!("approved")), "{done}");
        let plan = planned.now().await;
        assert_eq!((&plan["version"], &plan["ends_on"], &plan["state"]), (&json!(2), &json!("2029-06-30"), &json!("active")));
        let after = planned.activity(0).await;
        assert_eq!((&after["title"]["en"], &after["code"], &after["added_in_version"]), (&json!("Run"), &json!("1.2"), &json!(1)));
        assert_eq!((&planned.activity(1).await["code"], id(&after)), (&json!("1.1"), id(&before)));
        let added = planned.coordinator.get(at(ACTIVITIES, &added)).expect(200).await.json();
        assert_eq!(added["added_in_version"], 2);
        let listed = planned.coordinator.get(format!("{milestones}?archived=include&sort=due_on")).expect(200).await.json();
        let told: Vec<_> = listed["data"].as_array().unwrap().iter().map(|row| (row["title"]["en"].as_str().unwrap(), row["archived_at"].is_null())).collect();
        assert_eq!(told, [("Kept", true), ("Gone", false), ("New", true)]);
        assert_eq!(listed["data"][1]["id"], gone["id"]);
        let money = planned.coordinator.get(at(&lines, &line)).expect(200).await.json();
        assert_eq!(money["amount"]["amount"], "250.50");
        // What was decided stands.
        let now = planned.coordinator.get(at(PROPOSALS, &proposal)).expect(200).await.json();
        let refused = planned.coordinator.patch(at(PROPOSALS, &now), etag(&now), json!({"removes": true})).expect(409).await;
        assert_eq!(refused.code(), "revision_not_open");
        assert_eq!(planned.coordinator.delete(at(PROPOSALS, &now), etag(&now)).expect(409).await.code(), "revision_not_open");
        assert_eq!(planned.coordinator.post(PROPOSALS, &changes).expect(409).await.code(), "revision_not_open");
        let revision = done.json();
        assert_eq!(planned.coordinator.patch(at(REVISIONS, &revision), etag(&revision), json!({"ends_on": "2030-01-01"})).expect(409).await.code(), "revision_not_open");
        // One approval is one change of everything: all of it has the same request id.
        let request = |path: String| async move { path };
        let id_of = async |path: String| {
            let history = planned.coordinator.get(request(format!("{path}/history")).await).expect(200).await.json();
            history["data"][0]["request_id"].clone()
        };
        let of_plan = id_of(at(WORKPLANS, &planned.plan)).await;
        for path in [at(ACTIVITIES, &after), at(&lines, &line), at(REVISIONS, &revision)] {
            assert_eq!(id_of(path.clone()).await, of_plan, "{path}");
        }
        assert_whole(&bench).await;
    })
    .await;
}

#[actix_web::test]
async fn a_revision_in_review_is_asked_about_anew_when_it_changes() {
    both(async |bench| {
        let planned = planned(&bench, 1, DAYS).await;
        planned.active().await;
        let revision = planned.revised().await;
        assert_eq!(planned.moved(REVISIONS, &revision, json!({"to": "in_review"})).await.status, 200);
        assert_eq!(planned.says(0, "workplan_revision", &revision, "endorsed").await.status, 201);
        let now = async || planned.coordinator.get(at(REVISIONS, &revision)).expect(200).await.json();
        let standing = async || {
            let now = now().await;
            (now["state"].as_str().unwrap().to_owned(), now["substance"].as_i64().unwrap())
        };
        // The note is no part of the question.
        change(&planned.coordinator, REVISIONS, &now().await, json!({"note": {"en": "Why, in other words"}})).await;
        assert_eq!(standing().await, ("in_review".to_owned(), 1));
        let proposal = create(&planned.coordinator, PROPOSALS, json!({"activity_id": id(&planned.activities[0]), "removes": true})).await;
        assert_eq!(standing().await, ("draft".to_owned(), 2));
        assert_eq!(planned.moved(REVISIONS, &revision, json!({"to": "in_review"})).await.status, 200);
        let more = with(activity(&planned.plan, &planned.asked.members[0]), json!({"code": "2.1"}));
        create(&planned.coordinator, ACTIVITIES, more).await;
        assert_eq!(standing().await, ("draft".to_owned(), 3));
        assert_eq!(planned.moved(REVISIONS, &revision, json!({"to": "in_review"})).await.status, 200);
        planned.coordinator.delete(at(PROPOSALS, &proposal), etag(&proposal)).expect(204).await;
        assert_eq!(standing().await, ("draft".to_owned(), 4));
        planned.coordinator.get(at(PROPOSALS, &proposal)).expect(404).await;
        assert_whole(&bench).await;
    })
    .await;
}

#[actix_web::test]
async fn a_translation_in_a_revision_is_the_same_question() {
    both(async |bench| {
        let planned = planned(&bench, 1, DAYS).await;
        planned.active().await;
        let revision = planned.revised().await;
        let proposed = json!({"activity_id": id(&planned.activities[0]), "plan": {"description": {"en": "What it is about"}}});
        let proposal = create(&planned.coordinator, PROPOSALS, proposed).await;
        let now = async |path: String| planned.coordinator.get(path).expect(200).await.json();
        let standing = async || {
            let now = now(at(REVISIONS, &revision)).await;
            (now["state"].as_str().unwrap().to_owned(), now["substance"].as_i64().unwrap())
        };
        assert_eq!(planned.moved(REVISIONS, &revision, json!({"to": "in_review"})).await.status, 200);
        let asked = standing().await;
        assert_eq!(asked.0, "in_review");
        let lao = json!({"lo": "ໃນພາສາລາວ"});
        let proposal = change(&planned.coordinator, PROPOSALS, &proposal, json!({"plan": {"description": lao}})).await;
        assert_eq!(proposal["plan"]["description"]["lo"], lao["lo"]);
        change(&planned.coordinator, REVISIONS, &now(at(REVISIONS, &revision)).await, json!({"title": lao})).await;
        assert_eq!(standing().await, asked);
        // Another text in a language that was there is another question.
        change(&planned.coordinator, PROPOSALS, &proposal, json!({"plan": {"description": {"lo": "ຢ່າງອື່ນ"}}})).await;
        assert_eq!(standing().await, ("draft".to_owned(), asked.1 + 1));
        assert_whole(&bench).await;
    })
    .await;
}

#[actix_web::test]
async fn what_a_revision_would_break_is_refused_in_words() {
    both(async |bench| {
        let planned = planned(&bench, 1, DAYS).await;
        let [first, second] = [id(&planned.activities[0]), id(&planned.activities[1])];
        change(&planned.coordinator, ACTIVITIES, &planned.activities[1], json!({"depends_on": [first]})).await;
        planned.active().await;
        assert_eq!(planned.coordinator.post(PROPOSALS, json!({"activity_id": first})).expect(409).await.code(), "revision_not_open");
        let revision = planned.revised().await;
        let nowhere = json!({"activity_id": "01920000-0000-7000-8000-000000000001"});
        assert_eq!(faults(&planned.coordinator.post(PROPOSALS, nowhere).expect(422).await), set([("#/activity_id", "reference_unknown")]));
        let more = with(activity(&planned.plan, &planned.asked.members[0]), json!({"code": "2.1"}));
        let added = create(&planned.coordinator, ACTIVITIES, more).await;
        let refused = planned.coordinator.post(PROPOSALS, json!({"activity_id": id(&added)})).expect(422).await;
        assert_eq!(faults(&refused), set([("#/activity_id", "not_in_the_plan")]));
        let faulty = json!({
            "activity_id": first,
            "plan": {"depends_on": [second], "parties": [{"organization_id": planned.asked.members[0]["id"], "role": "co_lead"}]},
            "milestones": [{"id": second, "title": {"en": "Of none"}, "due_on": "2027-01-01"}],
            "budget_lines": [{"id": null, "amount": {"amount": "1.00", "currency": "USD"}, "funder_id": second, "note": null}],
        });
        let refused = planned.coordinator.post(PROPOSALS, faulty).expect(422).await;
        let expected = set([
            ("#/plan/depends_on", "dependency_cycle"),
            ("#/plan/parties", "lead_missing"),
            ("#/milestones/0/id", "not_of_the_activity"),
            ("#/budget_lines/0/funder_id", "reference_unknown"),
        ]);
        assert_eq!(faults(&refused), expected, "{refused}");
        let huge = json!({"id": null, "amount": {"amount": "90000000000000.00", "currency": "LAK"}, "funder_id": null, "note": null});
        let most: Vec<_> = std::iter::repeat_n(huge, 100).collect();
        create(&planned.coordinator, PROPOSALS, json!({"activity_id": second, "budget_lines": most})).await;
        let unknown = json!({"activity_id": first, "budget_lines": [{"id": null, "amount": {"amount": "1.00", "currency": "XXX"}, "funder_id": null, "note": null}]});
        planned.coordinator.post(PROPOSALS, unknown).expect(422).await;

        // What waits for one that would go: it is told when the revision is put to those who decide.
        create(&planned.coordinator, PROPOSALS, json!({"activity_id": first, "removes": true})).await;
        let refused = planned.moved(REVISIONS, &revision, json!({"to": "in_review"})).await;
        assert_eq!((refused.status, faults(&refused)), (409, set([("#/activities/depends_on", "reference_archived")])));
        assert_eq!(refused.json()["errors"][0]["params"]["activity_codes"], json!(["1.2"]));
        assert_eq!(planned.moved(REVISIONS, &revision, json!({"to": "withdrawn"})).await.status, 422);
        assert_eq!(planned.moved(REVISIONS, &revision, json!({"to": "withdrawn", "reason": "Not now"})).await.status, 200);
        // The way is free for another one.
        planned.revised().await;
    })
    .await;
}

/// A merger in mid-revision is no change of plan: what is proposed follows it.
#[actix_web::test]
async fn a_merger_goes_through_what_is_proposed() {
    both(async |bench| {
        let planned = planned(&bench, 2, DAYS).await;
        planned.active().await;
        let revision = planned.revised().await;
        let changes = json!({"activity_id": id(&planned.activities[1]), "plan": {"title": {"en": "Run"}}});
        let proposal = create(&planned.coordinator, PROPOSALS, changes).await;
        assert_eq!(planned.moved(REVISIONS, &revision, json!({"to": "in_review"})).await.status, 200);
        let heir = create(&planned.coordinator, "/v1/ministries", crate::rows::ministry("heir")).await;
        crate::rows::merge(&bench, &planned.asked.members[1], &heir).await;
        let now = planned.coordinator.get(at(REVISIONS, &revision)).expect(200).await.json();
        assert_eq!((&now["state"], &now["substance"]), (&json!("in_review"), &json!(1)));
        let proposal = planned.coordinator.get(at(PROPOSALS, &proposal)).expect(200).await.json();
        assert_eq!(proposal["plan"]["parties"], json!([{"organization_id": heir["id"], "role": "lead"}]));
        change(&planned.coordinator, REVISIONS, &now, json!({"approval_act": act()})).await;
        let done = planned.moved(REVISIONS, &revision, json!({"to": "approved", "reason": "Decided"})).await;
        assert_eq!(done.status, 200, "{done}");
        let after = planned.activity(1).await;
        assert_eq!((&after["title"]["en"], &after["parties"][0]["organization_id"]), (&json!("Run"), &heir["id"]));
        assert_whole(&bench).await;
    })
    .await;
}
