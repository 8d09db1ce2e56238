//! Words that the tests of behaviour share: bodies to send, addresses, and what stands in the change log.

use std::collections::BTreeSet;

use gcm_api::{
    features::operations::verify::verify,
    store::{Store, Verified, change_log::change},
};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _};
use serde_json::{Value, json};

use crate::harness::{Bench, Client, Reply, Who};

pub const ORGANIZATIONS: &str = "/v1/organizations";
/// How many organizations the seed enters.
pub const SEEDED: usize = 53;
pub const MINISTRIES: &str = "/v1/ministries";

/// The least that a new organization needs.
pub fn organization(code: &str) -> Value {
    json!({"kind": "other", "code": code, "name": {"en": format!("Organization {code}")}})
}

/// The least that a new ministry needs.
pub fn ministry(code: &str) -> Value {
    json!({"code": code, "name": {"en": format!("Ministry {code}")}})
}

/// The same object with other members.
pub fn with(mut body: Value, members: Value) -> Value {
    let Value::Object(members) = members else { panic!("{members} is no object") };
    body.as_object_mut().unwrap().extend(members);
    body
}

pub fn id(row: &Value) -> &str {
    row["id"].as_str().unwrap()
}

pub fn at(collection: &str, row: &Value) -> String {
    format!("{collection}/{}", id(row))
}

/// The ETag of a row at its revision.
pub fn etag(row: &Value) -> String {
    format!("\"{}\"", row["revision"])
}

/// Makes a row and reads it from the answer.
pub async fn create(client: &Client, collection: &str, body: Value) -> Value {
    client.post(collection, body).expect(201).await.json()
}

/// Changes a row as it was seen.
pub async fn change(client: &Client, collection: &str, row: &Value, patch: Value) -> Value {
    client.patch(at(collection, row), etag(row), patch).expect(200).await.json()
}

/// A row as it is after this move, which has a reason in any case.
pub async fn step(client: &Client, collection: &str, row: &Value, to: &str) -> Value {
    let now = client.get(at(collection, row)).expect(200).await;
    let body = json!({"to": to, "reason": "Tried"});
    client.post(format!("{}/transitions", at(collection, row)), body).header("If-Match", now.etag()).expect(200).await.json()
}

/// An institution merges into another, which takes over whatever it has to do.
pub async fn merge(bench: &Bench, ending: &Value, heir: &Value) -> Value {
    merge_as([&bench.sign_in(Who::Coordinator).await, &bench.sign_in(Who::Administrator).await], ending, heir).await
}

/// As [`merge`], by this coordinator, with what this administrator sees.
pub async fn merge_as(who: [&Client; 2], ending: &Value, heir: &Value) -> Value {
    merge_on(who, ending, heir, "2026-06-01").await
}

/// As [`merge_as`], in effect from this day on.
pub async fn merge_on([coordinator, administrator]: [&Client; 2], ending: &Value, heir: &Value, day: &str) -> Value {
    // Accounts are duties that only administrators see.
    let duties = administrator.get(format!("{}/duties", at(ORGANIZATIONS, ending))).expect(200).await.json();
    let word = |duty: &Value| json!({"kind": duty["kind"], "id": duty["id"], "field": duty["field"], "to_id": id(heir)});
    let words: Vec<_> = duties["data"].as_array().unwrap().iter().map(word).collect();
    let merger = json!({
        "kind": "merge", "predecessor_ids": [id(ending)], "successor_ids": [id(heir)], "effective_on": day, "reassignments": words,
    });
    let planned = create(coordinator, "/v1/successions", merger).await;
    step(coordinator, "/v1/successions", &planned, "effective").await
}

/// Archives a row as it was seen.
pub async fn archive(client: &Client, collection: &str, row: &Value) -> Value {
    client.post_if(format!("{}/archive", at(collection, row)), etag(row)).expect(200).await.json()
}

/// Whether this client finds the row behind every door, or behind none.
pub async fn finds(client: &Client, collection: &str, row: &Value, word: &str) -> bool {
    let mut found = Vec::new();
    for filter in [format!("id={}", id(row)), format!("q={word}"), "archived=include&sort=-updated_at".to_owned()] {
        let listed = client.get(format!("{collection}?with_total=true&{filter}")).expect(200).await.json();
        let there = listed["data"].as_array().unwrap().iter().any(|other| other["id"] == row["id"]);
        assert_eq!(listed["page"]["total"], listed["data"].as_array().unwrap().len(), "{filter}: a total tells no more than the rows");
        found.push(there);
    }
    for door in ["", "/history"] {
        found.push(client.get(format!("{}{door}", at(collection, row))).send().await.status == 200);
    }
    assert!(found.iter().all(|there| there == &found[0]), "{}: {found:?}", client.name());
    found[0]
}

/// The values of one property of a page's rows.
pub fn column<'v>(page: &'v Value, property: &str) -> Vec<&'v str> {
    page["data"].as_array().unwrap().iter().map(|row| row[property].as_str().unwrap()).collect()
}

/// The faults of a problem as a set, for comparing with literals.
pub fn faults(reply: &Reply) -> BTreeSet<(String, String)> {
    reply.faults().into_iter().collect()
}

pub fn set<const N: usize>(pairs: [(&str, &str); N]) -> BTreeSet<(String, String)> {
    pairs.into_iter().map(|(one, other)| (one.to_owned(), other.to_owned())).collect()
}

/// The whole change log behind this number, in order.
#[expect(clippy::disallowed_methods, reason = "the tests look at the log itself")]
pub async fn log_after(store: &Store, seq: i64) -> Vec<change::Model> {
    let query = change::Entity::find().filter(change::Column::Seq.gt(seq)).order_by_asc(change::Column::Seq);
    store.all(query).await.unwrap()
}

/// The number under which a row reached this revision.
pub async fn number_of(store: &Store, row: &Value, revision: i64) -> i64 {
    let log = log_after(store, 0).await;
    log.iter().find(|change| change.resource_id == id(row) && change.revision == revision).unwrap().seq
}

/// What an auditor would find.
pub async fn audited(bench: &Bench) -> Verified {
    verify(&bench.parts.store, true, None, |_seq| {}).await.unwrap()
}

/// Fails unless the chain is whole and every table is as the log says.
pub async fn assert_whole(bench: &Bench) {
    assert_eq!(audited(bench).await.faults, Vec::<String>::new());
}
