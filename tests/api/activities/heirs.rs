//! Parts in activities of an institution that ends.

use gcm_api::auth::Role;
use serde_json::{Value, json};

use super::planned;
use crate::{
    harness::{
        Who, both,
        plan::{ACTIVITIES, WORKPLANS, active, to},
    },
    rows::{MINISTRIES, ORGANIZATIONS, assert_whole, at, change, create, id, ministry, step},
};

async fn told(client: &crate::harness::Client, of: &Value) -> Vec<String> {
    let duties = client.get(format!("{}/duties", at(ORGANIZATIONS, of))).expect(200).await.json();
    let parts = duties["data"].as_array().unwrap().iter().filter(|duty| duty["kind"] == "activity_party");
    parts.map(|duty| duty["id"].as_str().unwrap().to_owned()).collect()
}

#[actix_web::test]
async fn a_part_goes_to_the_heir_and_asks_nobody_anew() {
    both(async |bench| {
        let it = planned(&bench).await;
        let [ending, heir] = [create(&it.coordinator, MINISTRIES, ministry("ending")).await, create(&it.coordinator, MINISTRIES, ministry("heir")).await];
        let party = |row: &Value, role: &str| json!({"organization_id": row["id"], "role": role});
        let parties = json!([party(&heir, "supporting"), party(&ending, "lead")]);
        let row = change(&it.coordinator, ACTIVITIES, &it.activity, json!({"parties": parties})).await;
        let milestones = format!("{}/milestones", at(ACTIVITIES, &row));
        let milestone = create(&it.coordinator, &milestones, json!({"title": {"en": "Half"}, "due_on": "2026-06-30"})).await;
        let reader = bench.sign_in(Who::Reader).await;
        assert_eq!((told(&it.coordinator, &ending).await, told(&reader, &ending).await), (vec![id(&row).to_owned()], vec![]), "drafts are not everybody's");
        let asked = to(&bench, WORKPLANS, &it.plan, "in_review").await;
        let word = json!({"kind": "activity_party", "id": id(&row), "field": "parties", "to_id": id(&heir)});
        let merger = json!({
            "kind": "merge", "predecessor_ids": [id(&ending)], "successor_ids": [id(&heir)], "effective_on": "2026-06-01", "reassignments": [word],
        });
        let planned = create(&it.coordinator, "/v1/successions", merger).await;
        step(&it.coordinator, "/v1/successions", &planned, "effective").await;
        let now = it.now().await;
        assert_eq!(now["parties"], json!([party(&heir, "lead")]), "of two parts the stronger stays");
        let plan = it.plan_now().await;
        assert_eq!((&plan["substance"], &plan["state"]), (&asked["substance"], &json!("in_review")));
        // Whoever leads now says when a milestone is reached.
        let focal = bench.person("heir.focal", Role::FocalPoint, Some("heir")).await;
        let path = at(&milestones, &milestone);
        focal.patch(&path, focal.get(&path).expect(200).await.etag(), json!({"done_on": "2026-05-01"})).expect(200).await;
        assert_whole(&bench).await;
    })
    .await;
}

#[actix_web::test]
async fn without_an_heir_the_lead_ministry_is_asked_for_one() {
    both(async |bench| {
        let it = planned(&bench).await;
        let ending = create(&it.coordinator, MINISTRIES, ministry("ending")).await;
        let party = |row: &Value, role: &str| json!({"organization_id": row["id"], "role": role});
        let led =
            change(&it.coordinator, ACTIVITIES, &it.activity, json!({"parties": [party(&ending, "lead"), party(&it.lead, "co_lead")]}))
                .await;
        let helped = it.another("2", json!({"parties": [party(&it.lead, "lead"), party(&ending, "supporting")]}));
        let helped = create(&it.coordinator, ACTIVITIES, helped).await;
        active(&bench, &it.plan).await;
        let reader = bench.sign_in(Who::Reader).await;
        let mut parts = vec![id(&led).to_owned(), id(&helped).to_owned()];
        parts.sort_unstable();
        assert_eq!(told(&reader, &ending).await, parts);
        let word = |row: &Value| json!({"kind": "activity_party", "id": id(row), "field": "parties", "to_id": null});
        let end = json!({
            "kind": "dissolve", "predecessor_ids": [id(&ending)], "successor_ids": [], "effective_on": "2026-06-01",
            "reassignments": [word(&led), word(&helped)],
        });
        let planned = create(&it.coordinator, "/v1/successions", end).await;
        step(&it.coordinator, "/v1/successions", &planned, "effective").await;
        assert_eq!(it.now().await["parties"], json!([party(&it.lead, "co_lead")]));
        let tasks = async || {
            let tasks = it.coordinator.get("/v1/me/tasks").expect(200).await.json();
            let open = tasks["data"].as_array().unwrap().iter().filter(|task| task["task"] == "duty_unassigned");
            open.map(|task| task["subject"]["href"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(tasks().await, [at(ACTIVITIES, &led)], "the other one goes on");
        to(&bench, WORKPLANS, &it.plan, "closed").await;
        assert!(tasks().await.is_empty());
        assert_whole(&bench).await;
    })
    .await;
}
