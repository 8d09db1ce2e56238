//! What must hold of what is planned.

use serde_json::{Value, json};

use super::{DAYS, Planned, planned};
use crate::{
    harness::{
        Who, both,
        plan::{ACTIVITIES, WORKPLANS, drafted},
        round::agreed,
    },
    rows::{ORGANIZATIONS, archive, assert_whole, at, change, create, etag, faults, id, organization, set},
};

#[actix_web::test]
async fn exactly_one_leads() {
    both(async |bench| {
        let it = planned(&bench).await;
        let moh = bench.organization("moh").await;
        let party = |row: &Value, role: &str| json!({"organization_id": row["id"], "role": role});
        for (parties, expected) in [
            (json!([party(&it.lead, "lead"), party(&moh, "lead")]), set([("#/parties/1", "second_lead")])),
            (json!([party(&it.lead, "co_lead"), party(&moh, "funding")]), set([("#/parties", "lead_missing")])),
            (
                json!([party(&it.lead, "lead"), party(&it.lead, "lead")]),
                set([("#/parties/1", "second_lead"), ("#/parties/1", "not_unique")]),
            ),
            (json!([party(&it.lead, "lead"), party(&moh, "funding"), party(&moh, "funding")]), set([("#/parties/2", "not_unique")])),
            (json!([]), set([("#/parties", "too_few")])),
        ] {
            let refused = it.coordinator.post(ACTIVITIES, it.another("2", json!({"parties": parties}))).expect(422).await;
            assert_eq!(faults(&refused), expected, "{parties}");
            let refused =
                it.coordinator.patch(at(ACTIVITIES, &it.activity), etag(&it.activity), json!({"parties": parties})).expect(422).await;
            assert_eq!(faults(&refused), expected, "{parties}");
        }
        let second = it
            .coordinator
            .post(ACTIVITIES, it.another("2", json!({"parties": [party(&it.lead, "lead"), party(&moh, "lead")]})))
            .expect(422)
            .await;
        assert_eq!(second.json()["errors"][0]["params"]["organization_id"], moh["id"]);
        // One may do several things.
        let several = json!([party(&it.lead, "lead"), party(&it.lead, "funding"), party(&moh, "implementing")]);
        change(&it.coordinator, ACTIVITIES, &it.activity, json!({"parties": several})).await;
        assert_whole(&bench).await;
    })
    .await;
}

#[actix_web::test]
async fn who_takes_part_is_there_and_what_is_served_is_known() {
    both(async |bench| {
        let it = planned(&bench).await;
        let ended = create(&it.coordinator, ORGANIZATIONS, organization("ended")).await;
        let ended = change(&it.coordinator, ORGANIZATIONS, &ended, json!({"valid_to": "2026-01-01"})).await;
        let lead = json!({"organization_id": it.lead["id"], "role": "lead"});
        let parties = json!([lead, {"organization_id": ended["id"], "role": "funding"}, {"organization_id": uuid::Uuid::now_v7(), "role": "funding"}]);
        let priority = agreed(&bench).await;
        let wrong = json!({
            "parties": parties, "objective_numbers": [6, 6], "action_codes": ["18.a", "6.z"], "sdg_target_codes": ["99.9"], "provinces": ["LA-ZZ"],
            "priority_id": priority["id"],
        });
        let refused = it.coordinator.post(ACTIVITIES, it.another("2", wrong)).expect(422).await;
        let expected = set([
            ("#/parties/1/organization_id", "reference_archived"), ("#/parties/2/organization_id", "reference_unknown"),
            ("#/objective_numbers", "not_unique"), ("#/action_codes/0", "reference_unknown"), ("#/action_codes/1", "objective_not_named"),
            ("#/sdg_target_codes/0", "unknown_value"), ("#/provinces/0", "unknown_value"), ("#/priority_id", "not_a_priority_of_the_plan"),
        ]);
        assert_eq!(faults(&refused), expected);
        assert_eq!(faults(&it.coordinator.post(ACTIVITIES, it.another("2", json!({"objective_numbers": []}))).expect(422).await), set([("#/objective_numbers", "too_few")]));
        for (plan, code) in [(json!(uuid::Uuid::now_v7()), "reference_unknown"), (archived(&it).await["id"].clone(), "reference_archived")] {
            let refused = it.coordinator.post(ACTIVITIES, it.another("2", json!({"workplan_id": plan}))).expect(422).await;
            assert_eq!(faults(&refused), set([("#/workplan_id", code)]));
        }
        change(&it.coordinator, WORKPLANS, &it.plan_now().await, json!({"priority_ids": [priority["id"]]})).await;
        let taken = create(&it.coordinator, ACTIVITIES, it.another("2", json!({"priority_id": priority["id"]}))).await;
        let page = it.coordinator.get(format!("{ACTIVITIES}?priority_id={}&include=priorities,workplans,organizations,objectives", id(&priority))).expect(200).await.json();
        assert_eq!((&page["data"][0]["id"], &page["included"]["priorities"][0]["id"]), (&taken["id"], &priority["id"]));
        assert_eq!((&page["included"]["workplans"][0]["id"], &page["included"]["organizations"][0]["id"]), (&it.plan["id"], &it.lead["id"]));
    })
    .await;
}

/// A plan that is out of use.
async fn archived(it: &Planned) -> Value {
    let new = json!({"title": {"en": "Gone"}, "starts_on": "2026-01-01", "ends_on": "2026-12-31", "reporting_interval": "year"});
    let plan = create(&it.coordinator, WORKPLANS, new).await;
    archive(&it.coordinator, WORKPLANS, &plan).await
}

#[actix_web::test]
async fn days_end_once_and_beyond_the_plan_with_a_reason() {
    both(async |bench| {
        let it = planned(&bench).await;
        let recurrence = |until: &str| json!({"every": "quarter", "until": until});
        for (days, expected) in [
            (json!({"ends_on": null}), set([("#/ends_on", "required")])),
            (json!({"recurrence": recurrence("2027-01-01")}), set([("#/recurrence", "ends_twice")])),
            (json!({"ends_on": "2026-05-31", "starts_on": "2026-06-01"}), set([("#/ends_on", "ends_before_start")])),
            (
                json!({"ends_on": null, "starts_on": "2026-06-01", "recurrence": recurrence("2026-05-31")}),
                set([("#/recurrence/until", "ends_before_start")]),
            ),
            (json!({"starts_on": "2025-12-31"}), set([("#/outside_period_reason", "outside_plan_unexplained")])),
            (json!({"ends_on": "2029-01-01"}), set([("#/outside_period_reason", "outside_plan_unexplained")])),
            (
                json!({"ends_on": null, "recurrence": recurrence("2029-01-01")}),
                set([("#/outside_period_reason", "outside_plan_unexplained")]),
            ),
        ] {
            let refused = it.coordinator.patch(at(ACTIVITIES, &it.activity), etag(&it.activity), &days).expect(422).await;
            assert_eq!(faults(&refused), expected, "{days}");
        }
        let explained =
            json!({"starts_on": "2025-12-01", "ends_on": "2029-06-30", "outside_period_reason": {"en": "The project is older"}});
        let outside = change(&it.coordinator, ACTIVITIES, &it.activity, explained).await;
        let refused =
            it.coordinator.patch(at(ACTIVITIES, &outside), etag(&outside), json!({"outside_period_reason": null})).expect(422).await;
        assert_eq!(faults(&refused), set([("#/outside_period_reason", "outside_plan_unexplained")]));
        let inside =
            json!({"starts_on": "2026-01-01", "ends_on": null, "recurrence": recurrence("2028-12-31"), "outside_period_reason": null});
        let inside = change(&it.coordinator, ACTIVITIES, &outside, inside).await;
        assert_eq!((&inside["ends_on"], &inside["recurrence"]["every"]), (&Value::Null, &json!("quarter")));
        let listed = it.coordinator.get(format!("{ACTIVITIES}?ends_on_from=2028-12-31&ends_on_to=2028-12-31")).expect(200).await.json();
        assert_eq!(listed["data"][0]["id"], inside["id"]);
    })
    .await;
}

#[actix_web::test]
async fn a_code_is_of_one_activity_of_a_plan() {
    both(async |bench| {
        let it = planned(&bench).await;
        let taken = it.coordinator.post(ACTIVITIES, it.another("1", json!({}))).expect(409).await;
        assert_eq!((taken.code().as_str(), &taken.json()["params"]["value"]), ("code_taken", &json!("1")));
        let second = create(&it.coordinator, ACTIVITIES, it.another("2", json!({}))).await;
        assert_eq!(
            it.coordinator.patch(at(ACTIVITIES, &second), etag(&second), json!({"code": "1"})).expect(409).await.code(),
            "code_taken"
        );
        let gone = archive(&it.coordinator, ACTIVITIES, &second).await;
        assert_eq!(it.coordinator.post(ACTIVITIES, it.another("2", json!({}))).expect(409).await.code(), "code_taken");
        it.coordinator.post_if(format!("{}/restore", at(ACTIVITIES, &second)), etag(&gone)).expect(200).await;
        let elsewhere = drafted(&bench, DAYS).await;
        create(&it.coordinator, ACTIVITIES, it.another("1", json!({"workplan_id": elsewhere["id"]}))).await;
    })
    .await;
}

#[actix_web::test]
async fn activities_never_wait_for_each_other_in_a_ring() {
    both(async |bench| {
        let it = planned(&bench).await;
        let first = it.activity.clone();
        let second = create(&it.coordinator, ACTIVITIES, it.another("2", json!({"depends_on": [id(&first)]}))).await;
        let third = create(&it.coordinator, ACTIVITIES, it.another("3", json!({"depends_on": [id(&second)]}))).await;
        let path = at(ACTIVITIES, &first);
        let ring = it.coordinator.patch(&path, etag(&first), json!({"depends_on": [id(&third)]})).expect(422).await;
        assert_eq!(faults(&ring), set([("#/depends_on", "dependency_cycle")]));
        assert_eq!(ring.json()["errors"][0]["params"]["codes"], "1 → 3 → 2 → 1");
        let own = it.coordinator.patch(&path, etag(&first), json!({"depends_on": [id(&first)]})).expect(422).await;
        assert_eq!(faults(&own), set([("#/depends_on/0", "dependency_cycle")]));
        let other = drafted(&bench, DAYS).await;
        let stranger = create(&it.coordinator, ACTIVITIES, it.another("9", json!({"workplan_id": other["id"]}))).await;
        let gone = create(&it.coordinator, ACTIVITIES, it.another("4", json!({}))).await;
        archive(&it.coordinator, ACTIVITIES, &gone).await;
        let unknown = uuid::Uuid::nil().to_string();
        let mut sent = [(id(&stranger), "of_another_plan"), (id(&gone), "reference_archived"), (unknown.as_str(), "reference_unknown")];
        // Answered in rising order, and so are the faults.
        sent.sort_unstable();
        let refused = it.coordinator.patch(&path, etag(&first), json!({"depends_on": sent.map(|(id, _)| id)})).expect(422).await;
        let places = ["#/depends_on/0", "#/depends_on/1", "#/depends_on/2"];
        assert_eq!(faults(&refused), set([0, 1, 2].map(|at| (places[at], sent[at].1))));

        // What others wait for stays; what waits is taken out first.
        let kept = it.coordinator.post_if(format!("{}/archive", at(ACTIVITIES, &second)), etag(&second)).expect(409).await;
        assert_eq!(kept.code(), "has_dependants");
        let third_gone = archive(&it.coordinator, ACTIVITIES, &third).await;
        let second_gone = archive(&it.coordinator, ACTIVITIES, &second).await;
        let early = it.coordinator.post_if(format!("{}/restore", at(ACTIVITIES, &third)), etag(&third_gone)).expect(409).await;
        assert_eq!((early.code().as_str(), &early.json()["params"]["code"]), ("awaited_archived", &json!("2")));
        it.coordinator.post_if(format!("{}/restore", at(ACTIVITIES, &second)), etag(&second_gone)).expect(200).await;
        it.coordinator.post_if(format!("{}/restore", at(ACTIVITIES, &third)), etag(&third_gone)).expect(200).await;
        let listed = it.coordinator.get(format!("{ACTIVITIES}?depends_on_id={}", id(&second))).expect(200).await.json();
        assert_eq!(listed["data"][0]["id"], third["id"]);
        bench.sign_in(Who::Coordinator).await.get(&path).expect(200).await;
        assert_whole(&bench).await;
    })
    .await;
}
