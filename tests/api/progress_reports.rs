//! How the activities of a plan go, as those tell it who carry them out: from the first draft until the activity stands by it.

mod acceptance;
mod filters;
mod periods;
mod rights;
mod seeing;
mod standing;

use serde_json::{Value, json};

use crate::{
    harness::{
        Bench, Client, Who,
        plan::{self, ACTIVITIES, REVISIONS, WORKPLANS},
    },
    rows::{at, create, etag, id, with},
};

pub const REPORTS: &str = "/v1/progress-reports";

/// An activity of an active plan: the labour ministry leads it together with the health ministry, IOM implements it, public security supports it.
pub struct Reported {
    pub coordinator: Client,
    pub lead: Client,
    pub plan: Value,
    pub activity: Value,
}

/// A plan from October 2026 to the end of 2028 that is reported on by quarters.
pub fn header() -> Value {
    plan::body(["2026-10-01", "2028-12-31"])
}

/// An organization that takes part, by its row.
pub fn party(organization: &Value, role: &str) -> Value {
    json!({"organization_id": organization["id"], "role": role})
}

/// A plan that was approved today and is active, with these activities.
pub async fn carried_out(bench: &Bench, header: Value, bodies: &[Value]) -> (Value, Vec<Value>) {
    let plan = create(&bench.sign_in(Who::Coordinator).await, WORKPLANS, header).await;
    let mut activities = Vec::new();
    for body in bodies {
        let body = with(plan::activity(&plan, &bench.organization("molsw").await), body.clone());
        activities.push(plan::with_activity(bench, body).await);
    }
    (plan::active(bench, &plan).await, activities)
}

/// The plan is over.
pub async fn close(bench: &Bench, plan: &Value) {
    plan::to(bench, WORKPLANS, plan, "closed").await;
}

/// An activity as it is now.
pub async fn now(bench: &Bench, activity: &Value) -> Value {
    bench.sign_in(Who::Coordinator).await.get(at(ACTIVITIES, activity)).expect(200).await.json()
}

/// The activity leaves the plan, by a revision of that.
pub async fn remove(bench: &Bench, plan: &Value, activity: &Value) {
    revise(bench, plan, json!({}), json!({"activity_id": id(activity), "removes": true})).await;
}

/// A revision is approved that changes the plan and one of its activities.
pub async fn revise(bench: &Bench, plan: &Value, header: Value, proposal: Value) {
    let coordinator = bench.sign_in(Who::Coordinator).await;
    let revision = plan::revised(bench, plan).await;
    let header = with(header, json!({"approval_act": plan::act()}));
    coordinator.patch(at(REVISIONS, &revision), etag(&revision), header).expect(200).await;
    create(&coordinator, "/v1/activity-proposals", proposal).await;
    plan::to(bench, REVISIONS, &revision, "in_review").await;
    plan::to(bench, REVISIONS, &revision, "approved").await;
}

pub async fn reported(bench: &Bench) -> Reported {
    reported_in(bench, header()).await
}

/// As [`reported`], in a plan with these days and this interval.
pub async fn reported_in(bench: &Bench, header: Value) -> Reported {
    let body = activity(bench).await;
    // What else is planned lets the one leave the plan.
    let other = json!({"parties": [party(&bench.organization("mof").await, "lead")], "starts_on": "2028-12-01"});
    let (plan, activities) = carried_out(bench, header, &[body, other]).await;
    let [activity, _other] = activities.try_into().expect("two were named");
    Reported { coordinator: bench.sign_in(Who::Coordinator).await, lead: bench.sign_in(Who::FocalPoint("molsw")).await, plan, activity }
}

pub async fn activity(bench: &Bench) -> Value {
    let mut parties = Vec::new();
    for (code, role) in [("molsw", "lead"), ("moh", "co_lead"), ("iom", "implementing"), ("mps", "supporting"), ("ilo", "funding")] {
        parties.push(party(&bench.organization(code).await, role));
    }
    json!({"parties": parties, "starts_on": "2026-10-10", "ends_on": "2028-06-30"})
}

/// The least that a report of this organization on the last quarter of 2026 needs.
pub fn report(activity: &Value, organization: &Value) -> Value {
    json!({
        "activity_id": id(activity), "organization_id": id(organization), "period_start": "2026-10-01", "period_end": "2026-12-31",
        "progress_percent": 20, "rating": "on_track", "implementation": "in_progress",
    })
}

impl Reported {
    /// A draft of the lead with these members.
    pub async fn draft(&self, bench: &Bench, members: Value) -> Value {
        create(&self.lead, REPORTS, with(report(&self.activity, &bench.organization("molsw").await), members)).await
    }

    pub async fn submitted(&self, bench: &Bench, members: Value) -> Value {
        let draft = self.draft(bench, members).await;
        moved(&self.lead, &draft, "submitted").await
    }

    pub async fn accepted(&self, bench: &Bench, members: Value) -> Value {
        let submitted = self.submitted(bench, members).await;
        moved(&self.coordinator, &submitted, "accepted").await
    }

    /// A report of the lead in this state.
    pub async fn in_state(&self, bench: &Bench, state: &str, members: Value) -> Value {
        match state {
            "draft" => self.draft(bench, members).await,
            "submitted" => self.submitted(bench, members).await,
            "accepted" => self.accepted(bench, members).await,
            "returned" => {
                let submitted = self.submitted(bench, members).await;
                moved(&self.coordinator, &submitted, "returned").await
            }
            "superseded" => {
                let row = self.accepted(bench, members.clone()).await;
                self.accepted(bench, members).await;
                self.coordinator.get(at(REPORTS, &row)).expect(200).await.json()
            }
            other => panic!("there is no way to {other}"),
        }
    }
}

/// A move with a reason, of the row as it was seen.
pub async fn moved(client: &Client, row: &Value, to: &str) -> Value {
    let path = format!("{}/transitions", at(REPORTS, row));
    client.post(path, reasoned(to)).header("If-Match", etag(row)).expect(200).await.json()
}

pub fn reasoned(to: &str) -> Value {
    json!({"to": to, "reason": "Where are the figures?"})
}

/// A quarter by its first and last day.
pub fn quarter(start: &str, end: &str) -> Value {
    json!({"period_start": start, "period_end": end})
}
