//! Workplans, as far as a test needs them that is about something else.

use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::{Value, json};

use super::{
    Bench, Who,
    round::{agreed, at, once},
    walk::fresh,
};

pub const WORKPLANS: &str = "/v1/workplans";
pub const REVISIONS: &str = "/v1/workplan-revisions";
pub const ACTIVITIES: &str = "/v1/activities";

/// A row as it is after this move of the lead ministry; where a reason may be given, there is one.
pub async fn to(bench: &Bench, collection: &str, row: &Value, state: &str) -> Value {
    let coordinator = bench.sign_in(Who::Coordinator).await;
    let etag = coordinator.get(at(collection, row)).expect(200).await.etag();
    let body = json!({"to": state, "reason": "Walked over"});
    coordinator.post(format!("{}/transitions", at(collection, row)), body).header("if-match", etag).expect(200).await.json()
}

/// The body of a new plan over these days, of no priorities.
pub fn body([first, last]: [&str; 2]) -> Value {
    json!({"title": {"en": format!("Walked {}", fresh())}, "starts_on": first, "ends_on": last, "reporting_interval": "quarter"})
}

pub fn act() -> Value {
    json!({"number": "No. 1/PM", "date": "2025-12-31", "authority": {"en": "Prime Minister"}})
}

/// The body of a new activity of this plan, led by this organization for as long as the plan lasts.
pub fn activity(plan: &Value, lead: &Value) -> Value {
    json!({
        "workplan_id": plan["id"], "code": format!("W.{}", fresh()), "title": {"en": "Walk"}, "objective_numbers": [6],
        "parties": [{"organization_id": lead["id"], "role": "lead"}], "starts_on": plan["starts_on"], "ends_on": plan["ends_on"],
    })
}

/// A draft over these days.
pub async fn drafted(bench: &Bench, days: [&str; 2]) -> Value {
    bench.sign_in(Who::Coordinator).await.post(WORKPLANS, body(days)).expect(201).await.json()
}

/// A new activity of a plan, as the lead ministry enters it.
pub async fn with_activity(bench: &Bench, body: Value) -> Value {
    bench.sign_in(Who::Coordinator).await.post(ACTIVITIES, body).expect(201).await.json()
}

/// The plan as it is once it was approved; it needs an activity.
pub async fn approved(bench: &Bench, plan: &Value) -> Value {
    let coordinator = bench.sign_in(Who::Coordinator).await;
    let etag = coordinator.get(at(WORKPLANS, plan)).expect(200).await.etag();
    coordinator.patch(at(WORKPLANS, plan), etag, json!({"approval_act": act()})).expect(200).await;
    to(bench, WORKPLANS, plan, "in_review").await;
    to(bench, WORKPLANS, plan, "approved").await
}

/// The plan as it is once it is carried out; it needs an activity, and no other plan may be active on its days.
pub async fn active(bench: &Bench, plan: &Value) -> Value {
    approved(bench, plan).await;
    to(bench, WORKPLANS, plan, "active").await
}

/// An open revision of an active plan.
pub async fn revised(bench: &Bench, plan: &Value) -> Value {
    bench.sign_in(Who::Coordinator).await.post(format!("{}/revise", at(WORKPLANS, plan)), json!({})).expect(201).await.json()
}

/// An activity on which those who carry operations out report: the lead ministry leads it together with two others, and IOM implements it.
pub async fn reported_by_the_walkers(bench: &Bench) -> Value {
    once(bench, ACTIVITIES, "walk-reported", async |_coordinator| {
        let plan = drafted(bench, ["2024-01-01", "2025-10-31"]).await;
        let mut parties = Vec::new();
        for (code, role) in [("mofa", "lead"), ("molsw", "co_lead"), ("moh", "co_lead"), ("iom", "implementing")] {
            parties.push(json!({"organization_id": bench.organization(code).await["id"], "role": role}));
        }
        let mut body = activity(&plan, &bench.organization("mofa").await);
        body["parties"] = json!(parties);
        let activity = with_activity(bench, body).await;
        active(bench, &plan).await;
        activity
    })
    .await
}

/// A draft that those who carry operations out enter activities into; it carries out a priority that everybody sees.
pub async fn drafted_by_the_walkers(bench: &Bench) -> Value {
    once(bench, WORKPLANS, "walk-draft", async |coordinator| {
        let priority = agreed(bench).await;
        let mut new = body(["2029-01-01", "2031-12-31"]);
        new["priority_ids"] = json!([priority["id"]]);
        coordinator.post(WORKPLANS, new).expect(201).await.json()
    })
    .await
}

/// A year in which no other plan of this run lies. It has four digits, also when all tests run in one process.
fn far_ahead() -> u32 {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    3000 + COUNT.fetch_add(1, Ordering::Relaxed) % 6900
}

/// An active plan of its own year, in which nobody else acts.
pub async fn apart(bench: &Bench) -> Value {
    let year = far_ahead();
    let plan = drafted(bench, [&format!("{year}-01-01"), &format!("{year}-12-31")]).await;
    let lead = bench.organization("molsw").await;
    with_activity(bench, activity(&plan, &lead)).await;
    active(bench, &plan).await
}

/// The first activity of the plan with this id.
pub async fn activity_of(bench: &Bench, plan: &Value) -> Value {
    let path = format!("{ACTIVITIES}?workplan_id={}", plan.as_str().expect("an id"));
    bench.sign_in(Who::Coordinator).await.get(path).expect(200).await.json()["data"][0].clone()
}

/// An activity that this organization leads, of an active plan of its own year.
pub async fn running(bench: &Bench, lead: &Value) -> Value {
    let year = far_ahead();
    let plan = drafted(bench, [&format!("{year}-01-01"), &format!("{year}-12-31")]).await;
    let activity = with_activity(bench, activity(&plan, lead)).await;
    active(bench, &plan).await;
    activity
}
