//! How to carry out every operation of the contract: what must be there first, who may do it, and what is sent.
//!
//! A new resource is taught in [`Collection`], once; an operation that nobody taught fails the tests that walk them all.

mod collection;

use std::sync::atomic::{AtomicU32, Ordering};

use gcm_api::auth::Role;
use serde_json::{Value, json};

use super::{Bench, Call, Client, PASSWORD, Who, plan, promise::Operation};

use collection::closed_round;
pub use collection::{Collection, Row};

/// The other system that rows get ids of.
pub const SYSTEM: &str = "walk-system";

/// A number that was not used before in this run.
pub fn fresh() -> u32 {
    static COUNT: AtomicU32 = AtomicU32::new(1);
    COUNT.fetch_add(1, Ordering::Relaxed)
}

/// Addresses of what is no row: the address, a name in it that there is, and one that there is not.
const NAMED: &[(&str, &str, &str)] = &[
    ("/problems/{code}", "stale_revision", "no_such_problem"),
    ("/v1/cluster-schemes/{code}", "imrf_round_tables", "no_such_scheme"),
    ("/v1/guiding-principles/{letter}", "h", "k"),
    ("/v1/sdg-goals/{number}", "10", "99"),
    ("/v1/vocabularies/{name}", "organization_kinds", "no_such_vocabulary"),
];

/// An address of the operation that leads to something, and one that leads to nothing; `None` for rows.
pub fn named_addresses(operation: &Operation) -> Option<[String; 2]> {
    let (path, known, unknown) = NAMED.iter().find(|(path, _, _)| *path == operation.path)?;
    let (before, after) = (path.split('{').next()?, path.split('}').nth(1)?);
    Some([known, unknown].map(|name| format!("{before}{name}{after}")))
}

/// Everything needed to carry out an operation.
#[derive(Clone)]
pub struct Recipe {
    pub operation: &'static Operation,
    pub who: Who,
    pub path: String,
    pub etag: Option<String>,
    pub body: Option<Value>,
}

impl Recipe {
    /// The call, as this client makes it.
    pub fn call(&self, client: &Client) -> Call {
        self.call_at(client, &self.path)
    }

    /// The call to another address.
    pub fn call_at(&self, client: &Client, path: &str) -> Call {
        let mut call = client.request(&self.operation.method, path);
        if let Some(etag) = &self.etag {
            call = call.header("if-match", etag);
        }
        match &self.body {
            Some(Value::String(form)) => call.body(form.clone(), "application/x-www-form-urlencoded"),
            Some(body) => call.json(body),
            None => call,
        }
    }

    pub fn needs_etag(&self) -> bool {
        parameter(self.operation, "If-Match").is_some_and(|parameter| parameter["required"] == true)
    }
}

/// The documented parameter of this name.
pub fn parameter(operation: &Operation, name: &str) -> Option<&'static Value> {
    let operation: &'static Operation = super::promise::operation(&operation.id);
    operation.spec["parameters"].as_array()?.iter().find(|parameter| parameter["name"] == name)
}

/// Makes what the operation needs, and says how to call it so that it is carried out.
pub async fn recipe(bench: &Bench, operation: &'static Operation) -> Recipe {
    let plain = |who: Who, path: String| Recipe { operation, who, path, etag: None, body: None };
    let Some(collection) = Collection::of(operation) else { return alone(bench, operation).await };
    let base = collection.path();
    let tail = collection.tail(operation);
    let (reader, editor) = (collection.reader(), collection.editor());
    let row = || collection.row(bench);
    match (operation.method.as_str(), tail.as_str()) {
        ("GET", "") => {
            let base = collection.base(bench).await;
            // Two rows at least, so that there is a second page.
            for _ in 0..if collection.begins_small() { 2 } else { 0 } {
                collection.made_at(bench, &base).await;
            }
            plain(reader, base)
        }
        ("POST", "") => Recipe { body: Some(collection.new_row(bench).await), ..plain(editor, collection.base(bench).await) },
        ("POST", "/{id}/password-link") => plain(editor, format!("{base}/{}/password-link", invited(bench, "moh").await)),
        ("POST", "/{id}/secrets") => {
            let body = json!({"expires_at": "2099-01-01T00:00:00.000000Z"});
            Recipe { body: Some(body), ..plain(editor, format!("{}/secrets", row().await.path)) }
        }
        ("DELETE", "/{id}/secrets/{prefix}") => {
            let path = row().await.path;
            let client = bench.sign_in(editor).await;
            let made = client.post(format!("{path}/secrets"), json!({})).expect(201).await.json();
            let prefix = made["prefix"].as_str().expect("it has one").to_owned();
            let etag = client.get(&path).expect(200).await.etag();
            Recipe { etag: Some(etag), ..plain(editor, format!("{path}/secrets/{prefix}")) }
        }
        ("GET", "/{id}" | "/{id}/history" | "/{id}/transitions" | "/{id}/duties" | "/{id}/origin") => {
            plain(reader, tail.replace("/{id}", &row().await.path))
        }
        ("POST", "/{id}/revise") => {
            Recipe { body: Some(json!({})), ..plain(editor, format!("{base}/{}/revise", id(&plan::apart(bench).await))) }
        }
        ("GET", "/{id}/versions") => plain(reader, format!("{base}/{}/versions", id(&plan::apart(bench).await))),
        ("GET", "/{id}/versions/{version}") => plain(reader, format!("{base}/{}/versions/1", id(&plan::apart(bench).await))),
        ("GET", "/{id}/diff") => {
            let revised = plan::revised(bench, &plan::apart(bench).await).await;
            plain(reader, format!("{base}/{}/diff", revised["workplan_id"].as_str().expect("an id")))
        }
        ("GET", "/{id}/results") => plain(reader, format!("{}/results", Box::pin(closed_round(bench)).await.path)),
        ("DELETE", "/{id}") => {
            let Row { path, etag, .. } = row().await;
            Recipe { etag: Some(etag), ..plain(editor, path) }
        }
        ("PATCH", "/{id}") => {
            let Row { path, etag, .. } = row().await;
            Recipe { etag: Some(etag), body: Some(collection.change()), ..plain(editor, path) }
        }
        ("PATCH", "/{id}/tracking") => {
            // Of an activity that is carried out.
            let running = plan::activity_of(bench, &plan::apart(bench).await["id"]).await;
            let body = json!({"implementation": "in_progress", "progress_percent": 40, "rating": "on_track", "reason": "Walked by"});
            let etag = format!("\"{}\"", running["revision"]);
            Recipe { etag: Some(etag), body: Some(body), ..plain(editor, format!("{base}/{}/tracking", id(&running))) }
        }
        ("GET", "/{id}/contact") => plain(editor, format!("{}/contact", row().await.path)),
        ("PATCH", "/{id}/contact") => {
            let body = json!({"email": format!("walk-{}@example.org", fresh()), "phone": "+856 21 000 000"});
            Recipe { etag: Some("\"0\"".to_owned()), body: Some(body), ..plain(editor, format!("{}/contact", row().await.path)) }
        }
        ("POST", "/{id}/archive") => {
            let Row { path, etag, .. } = row().await;
            Recipe { etag: Some(etag), ..plain(editor, format!("{path}/archive")) }
        }
        ("POST", "/{id}/restore") => {
            let Row { path, etag, .. } = row().await;
            let archived = bench.sign_in(editor).await.post_if(format!("{path}/archive"), etag).expect(200).await;
            Recipe { etag: Some(archived.etag()), ..plain(editor, format!("{path}/restore")) }
        }
        ("POST", "/{id}/transitions") => {
            let Row { path, etag, .. } = row().await;
            Recipe { etag: Some(etag), body: Some(collection.transition()), ..plain(editor, format!("{path}/transitions")) }
        }
        ("POST", "/transitions") => {
            let mut body = collection.transition();
            let item =
                |row: Row| json!({"id": row.key, "revision": row.etag.trim_matches('"').parse::<i64>().expect("an ETag is a revision")});
            body["items"] = json!([item(row().await), item(row().await)]);
            Recipe { body: Some(body), ..plain(editor, format!("{base}/transitions")) }
        }
        ("PUT", "/{id}/external-ids/{system}") => {
            let path = format!("{}/external-ids/{SYSTEM}", row().await.path);
            Recipe { body: Some(json!({"id": format!("walk {}", fresh())})), ..plain(editor, path) }
        }
        ("DELETE", "/{id}/external-ids/{system}") => {
            let (row, named, _id) = named(bench, collection).await;
            Recipe { etag: Some(named), ..plain(editor, format!("{}/external-ids/{SYSTEM}", row.path)) }
        }
        ("GET", "/by-external-id/{system}/{id}") => {
            let (_row, _etag, id) = named(bench, collection).await;
            plain(reader, format!("{base}/by-external-id/{SYSTEM}/{id}"))
        }
        ("PUT", "/by-external-id/{system}/{id}") => Recipe {
            body: Some(collection.new_row(bench).await),
            ..plain(editor, format!("{base}/by-external-id/{SYSTEM}/walk-{}", fresh()))
        },
        (method, tail) => panic!("teach tests/api/harness/walk.rs to carry out {}: {method} …{tail}", operation.id),
    }
}

fn id(row: &Value) -> &str {
    row["id"].as_str().expect("a row has an id")
}

/// The body that invites a focal point of this organization.
async fn invitation(bench: &Bench, organization: &str) -> Value {
    let organization_id = bench.organization(organization).await["id"].clone();
    let username = format!("walk-invited-{}", fresh());
    json!({"username": username, "display_name": "Walked", "role": "focal_point", "organization_id": organization_id, "locale": "lo"})
}

/// The id of the account of a focal point of this organization whose invitation is open.
pub async fn invited(bench: &Bench, organization: &str) -> String {
    let administrator = bench.sign_in(Who::Administrator).await;
    let made = administrator.post("/v1/accounts", invitation(bench, organization).await).expect(201).await.json();
    made["id"].as_str().expect("a row has an id").to_owned()
}

/// A row with an id of another system: its ETag then, and that id.
async fn named(bench: &Bench, collection: Collection) -> (Row, String, String) {
    let row = collection.row(bench).await;
    let id = format!("walk-{}", fresh());
    let editor = bench.sign_in(collection.editor()).await;
    let path = format!("{}/external-ids/{SYSTEM}", row.path);
    let named = editor.put(path, json!({"id": id})).expect(200).await.etag();
    (row, named, id)
}

/// The operations that belong to no collection.
async fn alone(bench: &Bench, operation: &'static Operation) -> Recipe {
    let plain = Recipe { operation, who: Who::Reader, path: operation.path.clone(), etag: None, body: None };
    if let Some([path, _]) = named_addresses(operation) {
        return Recipe { path, ..plain };
    }
    match operation.id.as_str() {
        "requestToken" => {
            let name = bench.sign_in(Who::Reader).await.name().to_owned();
            Recipe { body: Some(format!("grant_type=password&username={name}&password={PASSWORD}").into()), ..plain }
        }
        "revokeToken" => {
            let reader = bench.sign_in(Who::Reader).await;
            Recipe { body: Some(format!("token={}&token_type_hint=access_token", reader.token()).into()), ..plain }
        }
        "redeemPasswordLink" => {
            let token = bench.invited(&format!("walk-{}", fresh()), Role::Reader, None).await.1;
            Recipe { body: Some(json!({"token": token, "new_password": "walked-Bamboo-ferry-19"})), ..plain }
        }
        // Others sign in with it at the same time.
        "setMyPassword" => Recipe { body: Some(json!({"current_password": PASSWORD, "new_password": PASSWORD})), ..plain },
        "endMySessions" => plain,
        "endMySession" => {
            let session = bench.session(bench.sign_in(Who::Reader).await.account_id()).await;
            Recipe { path: format!("/v1/me/sessions/{session}"), ..plain }
        }
        "listAccountNames" => Recipe { who: Who::Administrator, ..plain },
        _ if operation.method == "GET" && !operation.path.contains('{') => plain,
        other => panic!("teach tests/api/harness/walk.rs to carry out {other}"),
    }
}
