//! What was chosen: proposed, endorsed, agreed, adopted, or given up.

mod moves;
mod origin;
mod seeing;
mod substance;
mod written;

use std::time::Duration;

use gcm_api::auth::Role;
use serde_json::{Value, json};

use crate::{
    harness::{Bench, Client, Reply, TestClock, Who, round::finalized},
    rows::{ORGANIZATIONS, at, create, etag, id, ministry, with},
};

pub const PRIORITIES: &str = "/v1/priorities";
pub const ENDORSEMENTS: &str = "/v1/endorsements";

/// Institutions that decided in a round, with somebody who speaks for each, and a priority that they are asked about.
pub struct Asked {
    pub coordinator: Client,
    pub members: Vec<Value>,
    pub people: Vec<Client>,
    pub round: Value,
    pub priority: Value,
    clock: TestClock,
}

/// So many institutions, and objective 6 that their round selected; the first of them leads the work.
pub async fn asked(bench: &Bench, many: usize) -> Asked {
    let coordinator = bench.sign_in(Who::Coordinator).await;
    let (mut members, mut people) = (Vec::new(), Vec::new());
    for n in 0..many {
        let code = format!("asked-{n}");
        members.push(create(&coordinator, "/v1/ministries", ministry(&code)).await);
        people.push(bench.person(&format!("{code}.focal"), Role::FocalPoint, Some(&code)).await);
    }
    let selected = json!({"objective_number": 6, "rank": 1, "rationale": {"en": "Fees are high"}, "lead_id": id(&members[0])});
    let round = finalized(bench, &members.iter().collect::<Vec<_>>(), json!([selected])).await;
    let listed = coordinator.get(format!("{PRIORITIES}?prioritization_id={}", id(&round))).expect(200).await.json();
    let [priority] = listed["data"].as_array().unwrap().as_slice() else { panic!("{listed}: one was selected") };
    Asked { coordinator, members, people, priority: priority.clone(), round, clock: bench.clock().clone() }
}

impl Asked {
    /// The priority as it is now.
    pub async fn now(&self) -> Value {
        self.coordinator.get(at(PRIORITIES, &self.priority)).expect(200).await.json()
    }

    /// The body by which a member gives its word on the substance of now.
    pub async fn word(&self, member: usize, decision: &str) -> Value {
        let now = self.now().await;
        let about = json!({"subject_kind": "priority", "subject_id": now["id"], "substance": now["substance"]});
        let word = with(about, json!({"organization_id": id(&self.members[member]), "decision": decision}));
        if decision == "objected" { with(word, json!({"comment": {"en": "Not by us"}})) } else { word }
    }

    /// A member gives its word, after those who gave theirs before.
    pub async fn says(&self, member: usize, decision: &str) -> Value {
        self.clock.advance(Duration::from_secs(1));
        create(&self.people[member], ENDORSEMENTS, self.word(member, decision).await).await
    }

    /// Every member is for it.
    pub async fn all_endorse(&self) {
        for member in 0..self.members.len() {
            self.says(member, "endorsed").await;
        }
    }

    /// A move by the lead ministry, of the row as it is now.
    pub async fn to(&self, body: Value) -> Reply {
        let now = self.now().await;
        self.coordinator.post(format!("{}/transitions", at(PRIORITIES, &now)), body).header("If-Match", etag(&now)).send().await
    }

    /// A change by the lead ministry, of the row as it is now.
    pub async fn change(&self, patch: Value) -> Reply {
        let now = self.now().await;
        self.coordinator.patch(at(PRIORITIES, &now), etag(&now), patch).send().await
    }

    /// Agreed by all, and adopted.
    pub async fn adopted(&self) -> Value {
        self.all_endorse().await;
        assert_eq!(self.to(json!({"to": "agreed"})).await.status, 200);
        assert_eq!(self.change(json!({"adoption_act": act()})).await.status, 200);
        let adopted = self.to(json!({"to": "adopted"})).await;
        assert_eq!(adopted.status, 200, "{adopted}");
        adopted.json()
    }

    /// Another institution, which decided nothing.
    pub async fn other(&self, code: &str) -> Value {
        create(&self.coordinator, ORGANIZATIONS, crate::rows::organization(code)).await
    }
}

/// An act of adoption.
pub fn act() -> Value {
    json!({"number": "No. 1/PM", "date": "2026-11-20", "authority": {"en": "Prime Minister"}})
}
