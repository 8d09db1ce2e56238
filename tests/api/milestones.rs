//! Milestones of an activity.

use serde_json::{Value, json};

use crate::{
    activities::planned,
    harness::{
        Who, both,
        plan::{ACTIVITIES, WORKPLANS, active, to},
    },
    rows::{archive, assert_whole, at, change, create, etag, faults, id, set},
};

#[actix_web::test]
async fn those_who_lead_say_when_it_was_reached() {
    both(async |bench| {
        let it = planned(&bench).await;
        let milestones = format!("{}/milestones", at(ACTIVITIES, &it.activity));
        let row = create(&it.coordinator, &milestones, json!({"title": {"en": "Half"}, "due_on": "2026-06-30"})).await;
        assert_eq!((&row["activity_id"], &row["done_on"]), (&it.activity["id"], &Value::Null));
        assert_eq!(it.now().await["revision"], 2, "it raises its activity");
        let lead = bench.sign_in(Who::FocalPoint("molsw")).await;
        let path = at(&milestones, &row);
        let refused = lead
            .patch(&path, etag(&row), json!({"title": {"en": "Less"}, "due_on": "2027-01-01", "done_on": "2026-05-01"}))
            .expect(403)
            .await;
        assert_eq!(faults(&refused), set([("#/title", "not_writable"), ("#/due_on", "not_writable")]));
        let early = lead.patch(&path, etag(&row), json!({"done_on": "2099-01-01"})).expect(422).await;
        assert_eq!(faults(&early), set([("#/done_on", "too_late")]));
        let reached = lead.patch(&path, etag(&row), json!({"done_on": "2026-05-01"})).expect(200).await.json();
        assert_eq!((&reached["done_on"], &it.now().await["revision"]), (&json!("2026-05-01"), &json!(3)));
        // What is as it was raises nothing.
        lead.patch(&path, etag(&reached), json!({"done_on": "2026-05-01"})).expect(200).await;
        assert_eq!(it.now().await["revision"], 3);
        for who in [Who::FocalPoint("moh"), Who::NetworkMember("iom"), Who::Reader] {
            let status = if who == Who::Reader { 404 } else { 403 };
            let client = bench.sign_in(who).await;
            client.patch(&path, etag(&reached), json!({"done_on": null})).expect(status).await;
            client.post(&milestones, json!({"title": {"en": "Mine"}, "due_on": "2026-06-30"})).expect(status).await;
        }
        let elsewhere = format!("{ACTIVITIES}/{}/milestones/{}", uuid::Uuid::now_v7(), id(&row));
        it.coordinator.get(elsewhere).expect(404).await;
        assert_whole(&bench).await;
    })
    .await;
}

#[actix_web::test]
async fn of_an_approved_plan_only_the_day_on_which_it_was_reached_changes() {
    both(async |bench| {
        let it = planned(&bench).await;
        let milestones = format!("{}/milestones", at(ACTIVITIES, &it.activity));
        let row = create(&it.coordinator, &milestones, json!({"title": {"en": "Half"}, "due_on": "2026-06-30"})).await;
        let spare = create(&it.coordinator, &milestones, json!({"title": {"en": "Spare"}, "due_on": "2026-03-31"})).await;
        let gone = archive(&it.coordinator, &milestones, &spare).await;
        active(&bench, &it.plan).await;
        let path = at(&milestones, &row);
        let now = it.coordinator.get(&path).expect(200).await.json();
        for patch in
            [json!({"title": {"lo": "ເຄິ່ງ"}}), json!({"due_on": "2026-07-01"}), json!({"due_on": "2026-07-01", "done_on": "2026-05-01"})]
        {
            assert_eq!(it.coordinator.patch(&path, etag(&now), patch).expect(409).await.code(), "not_editable_in_state");
        }
        for reply in [
            it.coordinator.post_if(format!("{path}/archive"), etag(&now)).expect(409).await,
            it.coordinator.post_if(format!("{}/restore", at(&milestones, &spare)), etag(&gone)).expect(409).await,
            it.coordinator.post(&milestones, json!({"title": {"en": "New"}, "due_on": "2026-06-30"})).expect(409).await,
        ] {
            assert_eq!(reply.code(), "not_editable_in_state");
        }
        let reached = change(&it.coordinator, &milestones, &now, json!({"done_on": "2026-05-01"})).await;
        let listed = it.coordinator.get(format!("{milestones}?done=true&due_on_to=2026-06-30")).expect(200).await.json();
        assert_eq!(listed["data"], json!([reached]));
        to(&bench, WORKPLANS, &it.plan, "closed").await;
        let late = it.coordinator.patch(&path, etag(&reached), json!({"done_on": null})).expect(409).await;
        assert_eq!(late.code(), "not_editable_in_state");
        assert_whole(&bench).await;
    })
    .await;
}

#[actix_web::test]
async fn below_an_archived_activity_nothing_is_written() {
    both(async |bench| {
        let it = planned(&bench).await;
        let milestones = format!("{}/milestones", at(ACTIVITIES, &it.activity));
        let row = create(&it.coordinator, &milestones, json!({"title": {"en": "Half"}, "due_on": "2026-06-30"})).await;
        archive(&it.coordinator, ACTIVITIES, &it.now().await).await;
        let new = json!({"title": {"en": "New"}, "due_on": "2026-06-30"});
        assert_eq!(it.coordinator.post(&milestones, new).expect(409).await.code(), "archived");
        assert_eq!(
            it.coordinator.patch(at(&milestones, &row), etag(&row), json!({"done_on": "2026-05-01"})).expect(409).await.code(),
            "archived"
        );
        let line = json!({"kind": "committed", "amount": {"amount": "5", "currency": "USD"}});
        let lines = format!("{}/budget-lines", at(ACTIVITIES, &it.activity));
        assert_eq!(it.coordinator.post(lines, line).expect(409).await.code(), "archived");
        assert_whole(&bench).await;
    })
    .await;
}
