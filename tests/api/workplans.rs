//! The plan: drafted, put to those who decide, approved, carried out, revised, closed.

mod corners;
mod moves;
mod revisions;
mod seeing;
mod story;
mod versions;

use std::time::Duration;

use serde_json::{Value, json};

use crate::{
    harness::{
        Bench, Client, Reply, Who,
        plan::{ACTIVITIES, REVISIONS, WORKPLANS, act, activity},
    },
    priorities::{Asked, ENDORSEMENTS, PRIORITIES, asked},
    rows::{at, change, create, etag, id, with},
};

pub const PROPOSALS: &str = "/v1/activity-proposals";

/// A plan that carries a priority out, the institutions that decide about it, and what it consists of.
pub struct Planned {
    pub bench: Bench,
    pub coordinator: Client,
    /// Those who decided on the priority, with somebody who speaks for each.
    pub asked: Asked,
    pub plan: Value,
    /// Led by the first of those who decide, and by the second.
    pub activities: Vec<Value>,
}

/// A draft over these days with two activities.
pub async fn planned(bench: &Bench, many: usize, [first, last]: [&str; 2]) -> Planned {
    let asked = asked(bench, many).await;
    let coordinator = bench.sign_in(Who::Coordinator).await;
    // A plan is approved for what the country has agreed on.
    let agreed = json!({"to": "agreed", "reason": "Agreed upon at the workshop"});
    let tag = etag(&coordinator.get(at(PRIORITIES, &asked.priority)).expect(200).await.json());
    coordinator.post(format!("{}/transitions", at(PRIORITIES, &asked.priority)), agreed).header("If-Match", tag).expect(200).await;
    let new = json!({
        "title": {"en": "Plan"}, "starts_on": first, "ends_on": last, "reporting_interval": "quarter", "priority_ids": [id(&asked.priority)],
    });
    let plan = create(&coordinator, WORKPLANS, new).await;
    let mut activities = Vec::new();
    for (at, code) in ["1.1", "1.2"].into_iter().enumerate() {
        let lead = &asked.members[at % many];
        activities.push(create(&coordinator, ACTIVITIES, with(activity(&plan, lead), json!({"code": code}))).await);
    }
    Planned { bench: bench.clone(), coordinator, asked, plan, activities }
}

impl Planned {
    pub async fn now(&self) -> Value {
        self.coordinator.get(at(WORKPLANS, &self.plan)).expect(200).await.json()
    }

    pub async fn activity(&self, n: usize) -> Value {
        self.coordinator.get(at(ACTIVITIES, &self.activities[n])).expect(200).await.json()
    }

    /// A move of this row by the lead ministry, as it is now.
    pub async fn moved(&self, collection: &str, row: &Value, body: Value) -> Reply {
        let now = self.coordinator.get(at(collection, row)).expect(200).await.json();
        self.coordinator.post(format!("{}/transitions", at(collection, row)), body).header("If-Match", etag(&now)).send().await
    }

    pub async fn to(&self, body: Value) -> Reply {
        self.moved(WORKPLANS, &self.plan, body).await
    }

    /// The word of a member on this row as it reads now.
    pub async fn says(&self, member: usize, kind: &str, row: &Value, decision: &str) -> Reply {
        self.bench.clock().advance(Duration::from_secs(1));
        let collection = if kind == "workplan" { WORKPLANS } else { REVISIONS };
        let now = self.coordinator.get(at(collection, row)).expect(200).await.json();
        let word = json!({
            "subject_kind": kind, "subject_id": now["id"], "substance": now["substance"], "decision": decision,
            "organization_id": id(&self.asked.members[member]), "comment": {"en": "Said"},
        });
        self.asked.people[member].post(ENDORSEMENTS, word).send().await
    }

    /// Everybody is for it, the act is there, and it is approved.
    pub async fn approved(&self) -> Value {
        change(&self.coordinator, WORKPLANS, &self.now().await, json!({"approval_act": act()})).await;
        assert_eq!(self.to(json!({"to": "in_review"})).await.status, 200);
        for member in 0..self.asked.members.len() {
            assert_eq!(self.says(member, "workplan", &self.plan, "endorsed").await.status, 201);
        }
        let approved = self.to(json!({"to": "approved"})).await;
        assert_eq!(approved.status, 200, "{approved}");
        approved.json()
    }

    pub async fn active(&self) -> Value {
        self.approved().await;
        let active = self.to(json!({"to": "active"})).await;
        assert_eq!(active.status, 200, "{active}");
        active.json()
    }

    pub async fn revised(&self) -> Value {
        create(&self.coordinator, &format!("{}/revise", at(WORKPLANS, &self.plan)), json!({"note": {"en": "Half time"}})).await
    }

    /// The bytes of a version.
    pub async fn version(&self, version: u32) -> Reply {
        self.coordinator.get(format!("{}/versions/{version}", at(WORKPLANS, &self.plan))).expect(200).await
    }
}
