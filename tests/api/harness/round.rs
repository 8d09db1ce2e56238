//! Rounds of prioritization, as far as a test needs them that is about something else.

use serde_json::{Value, json};

use super::{
    Bench, Client, Who,
    walk::{SYSTEM, fresh},
};

const ROUNDS: &str = "/v1/prioritizations";
const PRIORITIES: &str = "/v1/priorities";

pub fn at(collection: &str, row: &Value) -> String {
    format!("{collection}/{}", row["id"].as_str().expect("a row has an id"))
}

/// A round as it is after this move.
async fn to(bench: &Bench, round: &Value, state: &str) -> Value {
    let coordinator = bench.sign_in(Who::Coordinator).await;
    let etag = coordinator.get(at(ROUNDS, round)).expect(200).await.etag();
    let path = format!("{}/transitions", at(ROUNDS, round));
    coordinator.post(path, json!({"to": state})).header("if-match", etag).expect(200).await.json()
}

/// The body of a new round that asks these organizations, by their ids.
pub fn body(electorate: &[&Value]) -> Value {
    let criterion = |code: &str, weight: f64| json!({"code": code, "title": null, "weight": weight});
    json!({
        "title": {"en": format!("Walked {}", fresh())}, "electorate_ids": electorate,
        "criteria": [criterion("urgency", 2.0), criterion("feasibility", 1.0)],
    })
}

/// The body of a nomination in the round of this id that the lead ministry enters for this organization, by its id.
pub fn on_paper(round: &Value, organization: &Value) -> Value {
    json!({
        "prioritization_id": round, "organization_id": organization, "objective_number": 6, "scores": {"urgency": 5, "feasibility": 3},
        "rationale": {"en": "Walked"}, "action_codes": [], "on_behalf_note": "Walked in with it",
    })
}

async fn draft_for(bench: &Bench, electorate: &[&Value]) -> Value {
    bench.sign_in(Who::Coordinator).await.post(ROUNDS, body(electorate)).expect(201).await.json()
}

/// A draft in which these institutions decide.
pub async fn drafted(bench: &Bench, electorate: &[&Value]) -> Value {
    draft_for(bench, &ids(electorate)).await
}

/// A round that takes nominations of these institutions, by their ids.
pub async fn open_for(bench: &Bench, electorate: &[&Value]) -> Value {
    to(bench, &draft_for(bench, electorate).await, "open").await
}

/// A round that takes nominations.
pub async fn open(bench: &Bench, electorate: &[&Value]) -> Value {
    open_for(bench, &ids(electorate)).await
}

fn ids<'v>(rows: &[&'v Value]) -> Vec<&'v Value> {
    rows.iter().map(|row| &row["id"]).collect()
}

/// A round that takes none any more.
pub async fn closed(bench: &Bench, round: &Value) -> Value {
    to(bench, round, "closed").await
}

/// An open round that came to this selection, and so proposed its priorities.
pub async fn decided(bench: &Bench, round: &Value, selection: Value) -> Value {
    let closed = closed(bench, round).await;
    let etag = format!("\"{}\"", closed["revision"]);
    bench.sign_in(Who::Coordinator).await.patch(at(ROUNDS, round), etag, json!({"selection": selection})).expect(200).await;
    to(bench, round, "finalized").await
}

/// A round in which nobody nominated anything, and that came to this selection all the same.
pub async fn finalized(bench: &Bench, electorate: &[&Value], selection: Value) -> Value {
    decided(bench, &open(bench, electorate).await, selection).await
}

/// What was made once for all who ask for it under this name.
pub async fn once(bench: &Bench, collection: &str, name: &str, make: impl AsyncFnOnce(&Client) -> Value) -> Value {
    let coordinator = bench.sign_in(Who::Coordinator).await;
    let known = coordinator.get(format!("{collection}/by-external-id/{SYSTEM}/{name}")).send().await;
    if known.status == 200 {
        return known.json();
    }
    let made = make(&coordinator).await;
    coordinator.put(format!("{}/external-ids/{SYSTEM}", at(collection, &made)), json!({"id": name})).expect(200).await.json()
}

/// A finalized round in which those decided who carry operations out.
pub async fn of_the_walkers(bench: &Bench) -> Value {
    once(bench, ROUNDS, "walk-electorate", async |_coordinator| {
        let (lead, one, other) = (bench.organization("mofa").await, bench.organization("molsw").await, bench.organization("moh").await);
        finalized(bench, &[&lead, &one, &other], json!([{"objective_number": 6, "rank": 1}])).await
    })
    .await
}

/// A priority that everybody sees.
pub async fn agreed(bench: &Bench) -> Value {
    let round = of_the_walkers(bench).await;
    once(bench, PRIORITIES, "walk-agreed", async |coordinator| {
        let new = json!({"prioritization_id": round["id"], "objective_number": 2, "rank": 2});
        let made = coordinator.post(PRIORITIES, new).expect(201).await.json();
        let body = json!({"to": "agreed", "reason": "Walked over"});
        coordinator.post(format!("{}/transitions", at(PRIORITIES, &made)), body).header("if-match", "\"1\"").expect(200).await.json()
    })
    .await
}

/// The body of a nomination with these scores, as the institution itself gives it.
pub fn nomination(round: &Value, organization: &Value, objective: i64, [urgency, feasibility]: [i64; 2]) -> Value {
    json!({
        "prioritization_id": round["id"], "organization_id": organization["id"], "objective_number": objective,
        "scores": {"urgency": urgency, "feasibility": feasibility},
    })
}
