//! Activities of a workplan: what is planned, who may change it, and how far it is.

mod facts;
mod heirs;
mod rules;
mod together;

use gcm_api::auth::{Role, Scope};
use serde_json::{Value, json};

use crate::{
    harness::{
        Bench, Client, Who, both,
        plan::{ACTIVITIES, WORKPLANS, active, activity, approved, drafted, revised, to, with_activity},
    },
    rows::{archive, assert_whole, at, change, create, etag, faults, id, set, with},
};

/// A plan for the years around today.
pub const DAYS: [&str; 2] = ["2026-01-01", "2028-12-31"];

/// A plan with one activity that `molsw` leads.
pub struct Planned {
    pub coordinator: Client,
    pub plan: Value,
    pub lead: Value,
    pub activity: Value,
}

pub async fn planned(bench: &Bench) -> Planned {
    let plan = drafted(bench, DAYS).await;
    let lead = bench.organization("molsw").await;
    let activity = with_activity(bench, with(activity(&plan, &lead), json!({"code": "1"}))).await;
    Planned { coordinator: bench.sign_in(Who::Coordinator).await, plan, lead, activity }
}

impl Planned {
    /// The activity as it is now.
    pub async fn now(&self) -> Value {
        self.coordinator.get(at(ACTIVITIES, &self.activity)).expect(200).await.json()
    }

    /// The plan as it is now.
    pub async fn plan_now(&self) -> Value {
        self.coordinator.get(at(WORKPLANS, &self.plan)).expect(200).await.json()
    }

    /// The body of another activity of the plan.
    pub fn another(&self, code: &str, more: Value) -> Value {
        with(with(activity(&self.plan, &self.lead), json!({"code": code})), more)
    }
}

#[actix_web::test]
async fn what_is_sent_is_answered() {
    both(async |bench| {
        let Planned { coordinator, plan, lead, activity: first } = planned(&bench).await;
        let funder = bench.organization("iom").await;
        let new = json!({
            "workplan_id": plan["id"], "code": "1.2", "title": {"en": "Train officers", "lo": "ຝຶກອົບຮົມ"}, "description": {"en": "In each district"},
            "objective_numbers": [18, 6], "action_codes": ["18.a", "6.c"], "sdg_target_codes": ["10.7", "8.8"],
            "parties": [{"organization_id": funder["id"], "role": "funding"}, {"organization_id": lead["id"], "role": "lead"}],
            "starts_on": "2026-03-01", "recurrence": {"every": "half_year", "until": "2027-12-31"}, "depends_on": [first["id"]],
            "provinces": ["LA-VT", "LA-SV"],
        });
        let made = create(&coordinator, ACTIVITIES, new.clone()).await;
        for field in ["workplan_id", "code", "title", "description", "parties", "starts_on", "recurrence", "depends_on"] {
            assert_eq!(made[field], new[field], "{field}");
        }
        assert_eq!((&made["objective_numbers"], &made["action_codes"]), (&json!([6, 18]), &json!(["6.c", "18.a"])));
        assert_eq!((&made["sdg_target_codes"], &made["provinces"]), (&json!(["8.8", "10.7"]), &json!(["LA-SV", "LA-VT"])));
        let tracked = ["implementation", "progress_percent", "rating", "tracking_reason", "tracking_report_id", "added_in_version"];
        assert_eq!(tracked.map(|field| &made[field]), [&json!("planned"), &json!(0), &json!("not_rated"), &Value::Null, &Value::Null, &Value::Null]);
        // Sent back whole it changes nothing.
        assert_eq!(change(&coordinator, ACTIVITIES, &made, made.clone()).await, made);
        let patched = change(&coordinator, ACTIVITIES, &made, json!({"recurrence": null, "ends_on": "2026-12-31", "title": {"en": "Train"}})).await;
        assert_eq!((&patched["recurrence"], &patched["ends_on"]), (&Value::Null, &json!("2026-12-31")));
        assert_eq!(patched["title"], json!({"en": "Train", "lo": "ຝຶກອົບຮົມ"}));
        let path = format!("{ACTIVITIES}/by-external-id/mims/A-1");
        let upserted = coordinator.put(&path, with(new.clone(), json!({"code": "1.3"}))).expect(201).await.json();
        let again = coordinator.put(&path, with(new.clone(), json!({"code": "1.3"}))).expect(200).await;
        assert_eq!((again.json(), again.header("x-changed")), (upserted, Some("false")));
        let elsewhere = coordinator.put(&path, with(new, json!({"code": "1.3", "workplan_id": drafted(&bench, DAYS).await["id"]}))).expect(422).await;
        assert_eq!(faults(&elsewhere), set([("#/workplan_id", "read_only_field")]));
        assert_whole(&bench).await;
    })
    .await;
}

#[actix_web::test]
async fn drafts_are_the_countrys_and_what_is_approved_everybodys() {
    both(async |bench| {
        let Planned { coordinator, plan, activity, .. } = planned(&bench).await;
        let path = at(ACTIVITIES, &activity);
        let (reader, focal) = (bench.sign_in(Who::Reader).await, bench.sign_in(Who::FocalPoint("moh")).await);
        create(&coordinator, &format!("{path}/milestones"), json!({"title": {"en": "Half"}, "due_on": "2026-06-30"})).await;
        let line = json!({"kind": "required", "amount": {"amount": "5", "currency": "USD"}});
        create(&coordinator, &format!("{path}/budget-lines"), line).await;
        for below in ["", "/milestones", "/budget-lines", "/history"] {
            reader.get(format!("{path}{below}")).expect(404).await;
            focal.get(format!("{path}{below}")).expect(200).await;
        }
        approved(&bench, &plan).await;
        for below in ["/milestones", "/budget-lines"] {
            let seen = reader.get(format!("{path}{below}")).expect(200).await.json();
            assert_eq!(seen["data"].as_array().unwrap().len(), 1, "{below}");
        }
        let seen = reader.get(&path).expect(200).await.json();
        assert_eq!(seen["added_in_version"], 1);
        // What it was as a draft stays with those who saw it.
        let history = reader.get(format!("{path}/history")).expect(200).await.json();
        let told: Vec<_> = history["data"].as_array().unwrap().iter().map(|entry| entry["withheld"] == false).collect();
        assert_eq!(told, [true, false, false, false]);
        assert_whole(&bench).await;
    })
    .await;
}

#[actix_web::test]
async fn what_is_approved_is_frozen_until_a_revision() {
    both(async |bench| {
        let it = planned(&bench).await;
        let second = create(&it.coordinator, ACTIVITIES, it.another("2", json!({}))).await;
        active(&bench, &it.plan).await;
        let now = it.now().await;
        let path = at(ACTIVITIES, &now);
        for patch in [
            json!({"code": "9"}),
            json!({"title": {"lo": "ໃໝ່"}}),
            json!({"description": {"en": "New"}}),
            json!({"objective_numbers": [7]}),
            json!({"action_codes": ["6.c"]}),
            json!({"sdg_target_codes": ["10.7"]}),
            json!({"starts_on": "2026-02-01"}),
            json!({"ends_on": "2027-12-31"}),
            json!({"outside_period_reason": {"en": "Long"}}),
            json!({"depends_on": [second["id"]]}),
            json!({"provinces": ["LA-SV"]}),
            json!({"parties": [{"organization_id": it.lead["id"], "role": "lead"}, {"organization_id": it.lead["id"], "role": "funding"}]}),
        ] {
            let refused = it.coordinator.patch(&path, etag(&now), &patch).expect(409).await;
            assert_eq!(refused.code(), "not_editable_in_state", "{patch}");
            assert_eq!(refused.json()["params"]["state"], "active");
        }
        let lead = bench.sign_in(Who::FocalPoint("molsw")).await;
        assert_eq!(lead.patch(&path, etag(&now), json!({"description": {"en": "Mine"}})).expect(409).await.code(), "not_editable_in_state");
        assert_eq!(it.coordinator.post_if(format!("{path}/archive"), etag(&now)).expect(409).await.code(), "not_editable_in_state");
        let fresh = it.another("3", json!({"depends_on": [now["id"]]}));
        assert_eq!(it.coordinator.post(ACTIVITIES, &fresh).expect(409).await.code(), "not_editable_in_state");

        revised(&bench, &it.plan).await;
        // What is approved stays as it is; what comes into the next version is a draft.
        assert_eq!(it.coordinator.patch(&path, etag(&now), json!({"code": "9"})).expect(409).await.code(), "not_editable_in_state");
        let added = create(&it.coordinator, ACTIVITIES, fresh).await;
        bench.sign_in(Who::Reader).await.get(at(ACTIVITIES, &added)).expect(404).await;
        let added = change(&it.coordinator, ACTIVITIES, &added, json!({"code": "3.1"})).await;
        let tracked = it.coordinator.patch(format!("{}/tracking", at(ACTIVITIES, &added)), etag(&added), json!({"reason": "Begun"}));
        assert_eq!(tracked.expect(409).await.code(), "not_editable_in_state");
        let gone = archive(&it.coordinator, ACTIVITIES, &added).await;
        it.coordinator.post_if(format!("{}/restore", at(ACTIVITIES, &added)), etag(&gone)).expect(200).await;
        assert_eq!(it.now().await["revision"], now["revision"]);
        assert_whole(&bench).await;
    })
    .await;
}

#[actix_web::test]
async fn those_who_lead_describe_it_and_nothing_else() {
    both(async |bench| {
        let it = planned(&bench).await;
        let co_lead = json!({"organization_id": bench.organization("moh").await["id"], "role": "co_lead"});
        let helps = json!({"organization_id": bench.organization("mof").await["id"], "role": "supporting"});
        let lead = json!({"organization_id": it.lead["id"], "role": "lead"});
        let mut now = change(&it.coordinator, ACTIVITIES, &it.activity, json!({"parties": [lead, co_lead, helps]})).await;
        let path = at(ACTIVITIES, &now);
        for who in [Who::FocalPoint("molsw"), Who::FocalPoint("moh")] {
            let client = bench.sign_in(who).await;
            let refused = client.patch(&path, etag(&now), json!({"code": "7", "description": {"en": "Ours"}})).expect(403).await;
            assert_eq!(faults(&refused), set([("#/code", "not_writable")]), "{who:?}");
            let tracking = client.patch(format!("{path}/tracking"), etag(&now), json!({"rating": "on_track", "reason": "Because"}));
            assert_eq!(tracking.expect(403).await.code(), "forbidden");
            client.post_if(format!("{path}/archive"), etag(&now)).expect(403).await;
            now = client.patch(&path, etag(&now), json!({"description": {"en": format!("{who:?}")}})).expect(200).await.json();
        }
        for who in [Who::FocalPoint("mof"), Who::FocalPoint("mofa"), Who::NetworkMember("iom"), Who::Administrator, Who::Reader] {
            let status = if matches!(who, Who::Administrator | Who::Reader) { 404 } else { 403 };
            let client = bench.sign_in(who).await;
            client.patch(&path, etag(&now), json!({"description": {"en": "Mine"}})).expect(status).await;
            client.patch(format!("{path}/tracking"), etag(&now), json!({"rating": "on_track", "reason": "Because"})).expect(status).await;
            client.post(ACTIVITIES, it.another("8", json!({}))).expect(403).await;
        }
        let machine = Who::Machine { role: Role::FocalPoint, organization: Some("molsw"), scopes: &[Scope::Read], external_systems: &[] };
        let refused = bench.sign_in(machine).await.patch(&path, etag(&now), json!({"description": {"en": "Mine"}})).expect(403).await;
        assert_eq!(refused.code(), "insufficient_scope");
    })
    .await;
}

#[actix_web::test]
async fn how_far_it_is_takes_a_reason_and_an_active_plan() {
    both(async |bench| {
        let it = planned(&bench).await;
        let path = at(ACTIVITIES, &it.activity);
        let says = json!({"implementation": "in_progress", "progress_percent": 40, "rating": "at_risk", "reason": "Floods"});
        for field in ["implementation", "progress_percent", "rating"] {
            let refused = it.coordinator.patch(&path, etag(&it.activity), json!({field: says[field]})).expect(422).await;
            assert_eq!(faults(&refused), set([(format!("#/{field}").as_str(), "read_only_field")]));
        }
        let early = it.coordinator.patch(format!("{path}/tracking"), etag(&it.activity), &says).expect(409).await;
        assert_eq!((early.code().as_str(), &early.json()["params"]["state"]), ("plan_not_active", &json!("draft")));
        active(&bench, &it.plan).await;
        let now = it.now().await;
        let tracking = format!("{path}/tracking");
        assert_eq!(
            faults(&it.coordinator.patch(&tracking, etag(&now), json!({"rating": "on_track"})).expect(422).await),
            set([("#/reason", "required")])
        );
        let beyond = it.coordinator.patch(&tracking, etag(&now), json!({"progress_percent": 101, "reason": "More"})).expect(422).await;
        assert_eq!(faults(&beyond), set([("#/progress_percent", "out_of_range")]));
        it.coordinator.patch(&tracking, "\"1\"", &says).expect(412).await;
        let tracked = it.coordinator.patch(&tracking, etag(&now), &says).expect(200).await.json();
        assert_eq!((&tracked["tracking_reason"], &tracked["progress_percent"]), (&json!("Floods"), &json!(40)));
        let history = bench.sign_in(Who::Reader).await.get(format!("{path}/history")).expect(200).await.json();
        assert_eq!(history["data"][0]["reason"], "Floods");
        to(&bench, WORKPLANS, &it.plan, "closed").await;
        let late = it.coordinator.patch(&tracking, etag(&tracked), json!({"rating": "on_track", "reason": "After"})).expect(409).await;
        assert_eq!(late.code(), "plan_not_active");
        assert_whole(&bench).await;
    })
    .await;
}

#[actix_web::test]
async fn a_change_of_plan_asks_anew_and_a_translation_does_not() {
    both(async |bench| {
        let it = planned(&bench).await;
        let milestones = format!("{}/milestones", at(ACTIVITIES, &it.activity));
        let milestone = create(&it.coordinator, &milestones, json!({"title": {"en": "Half"}, "due_on": "2026-06-30"})).await;
        let asked = to(&bench, WORKPLANS, &it.plan, "in_review").await;
        assert_eq!((&asked["substance"], &asked["state"]), (&json!(1), &json!("in_review")));
        let now = it.now().await;
        change(&it.coordinator, ACTIVITIES, &now, json!({"title": {"lo": "ຍ່າງ"}})).await;
        change(&it.coordinator, &milestones, &milestone, json!({"title": {"lo": "ເຄິ່ງ"}, "done_on": "2026-05-01"})).await;
        let still = it.plan_now().await;
        assert_eq!((&still["substance"], &still["state"], &still["revision"]), (&json!(1), &json!("in_review"), &asked["revision"]));
        let line = json!({"kind": "committed", "amount": {"amount": "5", "currency": "USD"}});
        create(&it.coordinator, &format!("{}/budget-lines", at(ACTIVITIES, &it.activity)), line).await;
        assert_eq!(it.plan_now().await["state"], "in_review", "what is committed is no part of the plan");
        // Once for the whole question, however much changes.
        change(&it.coordinator, ACTIVITIES, &it.now().await, json!({"provinces": ["LA-SV"]})).await;
        create(&it.coordinator, &milestones, json!({"title": {"en": "Whole"}, "due_on": "2026-12-31"})).await;
        let anew = it.plan_now().await;
        assert_eq!((&anew["substance"], &anew["state"]), (&json!(2), &json!("draft")));
        for collection in ["milestones", "budget-lines"] {
            to(&bench, WORKPLANS, &it.plan, "in_review").await;
            let base = format!("{}/{collection}", at(ACTIVITIES, &it.activity));
            let new = if collection == "milestones" {
                json!({"title": {"en": "End"}, "due_on": "2026-12-31"})
            } else {
                json!({"kind": "required", "amount": {"amount": "5", "currency": "USD"}})
            };
            let made = create(&it.coordinator, &base, new).await;
            assert_eq!(it.plan_now().await["state"], "draft", "{collection}");
            to(&bench, WORKPLANS, &it.plan, "in_review").await;
            archive(&it.coordinator, &base, &made).await;
            assert_eq!(it.plan_now().await["state"], "draft", "{collection}");
        }
        assert_eq!(id(&it.now().await), id(&it.activity));
        assert_whole(&bench).await;
    })
    .await;
}
