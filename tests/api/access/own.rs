//! The rows that stand in for those of the caller's own organization.

use serde_json::{Value, json};

use super::{home, who};
use crate::{
    harness::{
        Bench, Who, plan,
        round::{on_paper, open_for},
        walk::{Collection, Row, SYSTEM, fresh, invited},
    },
    rows::with,
};

/// A row of the caller's own organization.
pub async fn own(bench: &Bench, by_external_id: bool, collection: Collection, role: &str) -> Row {
    if matches!(collection.0, "endorsements" | "comments") {
        return made_by(bench, by_external_id, collection, who(role), home(role)).await;
    }
    if collection.0.starts_with("activities") {
        return taking_part(bench, by_external_id, collection, role).await;
    }
    let base = collection.base(bench).await;
    let key = match collection.0 {
        "coordination-bodies/{id}/members" => {
            let member = json!({"organization_id": bench.organization(home(role)).await["id"], "role": "member"});
            let made = bench.sign_in(Who::Coordinator).await.post(&base, member).expect(201).await.json();
            made["id"].as_str().unwrap().to_owned()
        }
        "accounts" => invited(bench, home(role)).await,
        "service-accounts" => {
            let mut new = collection.new_row(bench).await;
            new["organization_id"] = bench.organization(home(role)).await["id"].clone();
            let made = bench.sign_in(Who::Administrator).await.post(collection.path(), new).expect(201).await.json();
            made["id"].as_str().unwrap().to_owned()
        }
        "efforts" | "focal-points" | "nominations" | "outcomes" | "un-network-members" | "progress-reports" => {
            own_of(bench, by_external_id, collection, role).await
        }
        _ => bench.organization(home(role)).await["id"].as_str().unwrap().to_owned(),
    };
    let path = format!("{base}/{key}");
    let etag = bench.sign_in(collection.editor()).await.get(&path).expect(200).await.etag();
    Row { key: if by_external_id { format!("own-{role}") } else { key }, path, etag }
}

/// An activity that the caller's organization leads, or what stands below one and is paid by it.
async fn taking_part(bench: &Bench, by_external_id: bool, collection: Collection, role: &str) -> Row {
    let organization = bench.organization(home(role)).await;
    let coordinator = bench.sign_in(Who::Coordinator).await;
    let body = plan::activity(&plan::drafted_by_the_walkers(bench).await, &organization);
    let activity = plan::with_activity(bench, body).await;
    let path = format!("{}/{}", plan::ACTIVITIES, activity["id"].as_str().unwrap());
    let Some((_, below)) = collection.0.split_once("}/") else {
        if by_external_id {
            let known_as = format!("led-{}", fresh());
            let named = coordinator.put(format!("{path}/external-ids/{SYSTEM}"), json!({"id": known_as})).expect(200).await;
            return Row { key: known_as, path, etag: named.etag() };
        }
        return Row::of(bench, plan::ACTIVITIES, &activity).await;
    };
    let mut new = collection.new_row(bench).await;
    if below == "budget-lines" {
        new["funder_id"] = organization["id"].clone();
    }
    let base = format!("{path}/{below}");
    let made = coordinator.post(&base, new).expect(201).await.json();
    Row::of(bench, &base, &made).await
}

/// A row that names the caller's organization, with an id of another system where it is found by that.
async fn own_of(bench: &Bench, by_external_id: bool, collection: Collection, role: &str) -> String {
    let coordinator = bench.sign_in(Who::Coordinator).await;
    let organization = bench.organization(home(role)).await["id"].clone();
    let field = if collection.0 == "outcomes" { "responsible_id" } else { "organization_id" };
    let listed = coordinator.get(format!("{}?{field}={}", collection.path(), organization.as_str().unwrap())).expect(200).await;
    let row = match listed.json()["data"].get(0) {
        Some(row) => row.clone(),
        None => {
            let (giver, body) = match collection.0 {
                "nominations" => (bench.sign_in(who(role)).await, own_nomination(bench, &organization).await),
                "progress-reports" => (bench.sign_in(who(role)).await, with(collection.new_row(bench).await, json!({field: organization}))),
                _ => (bench.sign_in(Who::Coordinator).await, with(collection.new_row(bench).await, json!({field: organization}))),
            };
            giver.post(collection.path(), body).expect(201).await.json()
        }
    };
    let key = row["id"].as_str().unwrap().to_owned();
    if by_external_id {
        let path = format!("{}/{key}/external-ids/{SYSTEM}", collection.path());
        coordinator.put(path, json!({"id": format!("own-{role}")})).expect(200).await;
    }
    key
}

/// A fresh row that somebody made who speaks for this institution, with an id of another system where it is found by that.
pub async fn made_by(bench: &Bench, by_external_id: bool, collection: Collection, giver: Who, organization: &str) -> Row {
    let mut body = collection.new_row(bench).await;
    if body.get("organization_id").is_some() {
        body["organization_id"] = bench.organization(organization).await["id"].clone();
    }
    let made = bench.sign_in(giver).await.post(collection.path(), body).expect(201).await;
    let key = made.json()["id"].as_str().unwrap().to_owned();
    let path = format!("{}/{key}", collection.path());
    if !by_external_id {
        return Row { key, path, etag: made.etag() };
    }
    let known_as = format!("made-{}", fresh());
    let named =
        bench.sign_in(Who::Coordinator).await.put(format!("{path}/external-ids/{SYSTEM}"), json!({"id": known_as})).expect(200).await;
    Row { key: known_as, path, etag: named.etag() }
}

/// What an institution nominates itself, in a round of its own.
pub async fn own_nomination(bench: &Bench, organization: &Value) -> Value {
    with(on_paper(&open_for(bench, &[organization]).await["id"], organization), json!({"on_behalf_note": null}))
}
