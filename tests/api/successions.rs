//! Institutions that change: planned, refused while a duty is unsaid, made effective in one piece.

mod corners;
mod lead;
mod restructuring;
mod rules;
mod story;

use serde_json::{Value, json};

use crate::{
    harness::{Bench, Client},
    rows::{ORGANIZATIONS, at, create, etag, id, organization},
};

const SUCCESSIONS: &str = "/v1/successions";

/// Two institutions: one that ends, one that goes on.
async fn pair(coordinator: &Client, name: &str) -> (Value, Value) {
    let ending = create(coordinator, ORGANIZATIONS, organization(&format!("{name}-old"))).await;
    let heir = create(coordinator, ORGANIZATIONS, organization(&format!("{name}-new"))).await;
    (ending, heir)
}

fn merge(ending: &[&Value], heir: &Value) -> Value {
    let ids: Vec<_> = ending.iter().map(|row| id(row)).collect();
    json!({"kind": "merge", "predecessor_ids": ids, "successor_ids": [id(heir)], "effective_on": "2026-06-01"})
}

/// What the institution has on its hands, as this client is told.
async fn duties(client: &Client, organization: &Value) -> Vec<Value> {
    let told = client.get(format!("{}/duties", at(ORGANIZATIONS, organization))).expect(200).await.json();
    told["data"].as_array().unwrap().clone()
}

/// A word on each of these duties: it goes to this institution, or it is left.
fn words(duties: &[Value], heir: Option<&Value>) -> Value {
    let word = |duty: &Value| json!({"kind": duty["kind"], "id": duty["id"], "field": duty["field"], "to_id": heir.map(id)});
    duties.iter().map(word).collect()
}

/// The succession again, made effective.
async fn effective(coordinator: &Client, planned: &Value) -> Value {
    let path = format!("{}/transitions", at(SUCCESSIONS, planned));
    coordinator.post(path, json!({"to": "effective"})).header("If-Match", etag(planned)).expect(200).await.json()
}

/// Every place of the live tables in which this id stands, except in the change log and in what is past by nature.
async fn pointing_at(bench: &Bench, organization: &Value) -> Vec<String> {
    let columns = [
        ("objective", "national_lead_id"),
        ("account", "organization_id"),
        ("service_account", "organization_id"),
        ("organization", "parent_id"),
        ("focal_point", "organization_id"),
        ("un_network_member", "organization_id"),
        ("coordination_body_member", "organization_id"),
        ("coordination_body_chair", "organization_id"),
        ("outcome", "responsible_id"),
    ];
    let mut found = Vec::new();
    for (table, column) in columns {
        let rows = bench.rows(&format!("SELECT * FROM {table}")).await;
        found.extend(rows.iter().filter(|row| row[column] == organization["id"]).map(|_| format!("{table}.{column}")));
    }
    found
}
