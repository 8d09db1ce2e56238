//! Every operation, carried out and refused in each of the ways that its place in the contract owes.

mod owed;

use std::collections::BTreeSet;

use gcm_api::{
    auth::{Role, Scope},
    problem::Code,
};
use serde_json::json;

use self::owed::{ELSEWHERE, NEVER, archives, owed, takes_query};
use crate::harness::{
    Bench, Client, Reply, Who, both, both_with,
    promise::{self, Operation, operations},
    walk::{Collection, Recipe, SYSTEM, fresh, named_addresses, parameter, recipe},
};

#[actix_web::test]
async fn every_operation_is_carried_out_and_refused_as_it_owes() {
    Box::pin(both_with(|settings| settings.rates.network_per_minute = 1, ask_too_often)).await;
    both(async |bench| {
        for operation in operations() {
            Box::pin(drive(&bench, operation)).await;
        }
        let seen = promise::seen();
        let met = |id: &str, status: u16, code: Option<&str>| {
            seen.keys()
                .any(|(operation, was, with)| operation == id && *was == status && code.is_none_or(|code| with.as_deref() == Some(code)))
        };
        let mut missing = Vec::new();
        for operation in operations() {
            let explicit = operation.spec["responses"].as_object().unwrap().keys().filter_map(|status| status.parse::<u16>().ok());
            missing.extend(explicit.filter(|status| !met(&operation.id, *status, None)).map(|status| format!("{} {status}", operation.id)));
            for code in owed(operation) {
                let row = code.row();
                if !met(&operation.id, row.status, Some(row.slug)) {
                    missing.push(format!("{} {} {}", operation.id, row.status, row.slug));
                }
            }
        }
        assert!(missing.is_empty(), "never seen:\n  {}", missing.join("\n  "));
    })
    .await;
}

#[test]
fn every_kind_of_problem_is_owed_by_an_operation_or_provoked_elsewhere() {
    let listed = ELSEWHERE.iter().chain(NEVER).map(|(code, _)| *code);
    let known: Vec<Code> = operations().iter().flat_map(owed).chain(listed).collect();
    let nobody: Vec<_> = Code::ALL.iter().filter(|code| !known.contains(code)).map(|code| code.row().slug).collect();
    assert!(nobody.is_empty(), "no test provokes {nobody:?}: add it to `owed`, or to ELSEWHERE with the test that does");
    for (code, file) in ELSEWHERE {
        let test = std::fs::read_to_string(format!("tests/api/{file}")).unwrap();
        assert!(test.contains(code.row().slug), "tests/api/{file} does not speak of {}", code.row().slug);
    }
}

/// Most operations are limited alike; some say it in a shape of their own.
async fn ask_too_often(bench: Bench) {
    let limited = operations().iter().filter(|operation| operation.spec["responses"].get("429").is_some());
    for (index, operation) in limited.enumerate() {
        let ask = || bench.nobody().request(&operation.method, &operation.path).from(&format!("203.0.113.{index}")).send();
        ask().await;
        let reply = ask().await;
        assert_eq!((reply.status, reply.code().as_str()), (429, Code::TooManyRequests.row().slug), "{}\n{reply}", operation.id);
    }
}

async fn drive(bench: &Bench, operation: &'static Operation) {
    let first = recipe(bench, operation).await;
    let client = bench.sign_in(first.who).await;
    refuse_strangers(bench, &first).await;
    refuse_addresses(&client, &first).await;
    if operation.method == "GET" {
        read(&client, &first).await;
    } else {
        refuse_headers(bench, &client, &first).await;
        refuse_bodies(bench, &client, &first).await;
        write(bench, &client, first).await;
    }
}

fn expect(reply: &Reply, code: Code, what: &str, recipe: &Recipe) {
    let row = code.row();
    let found = (reply.status, reply.header("content-type") == Some("application/problem+json"));
    assert!(
        found == (row.status, true) && reply.code() == row.slug,
        "{}: {what} should be {} {}\n{reply}",
        recipe.operation.id,
        row.status,
        row.slug
    );
}

/// Without a token, without the scope, without the right.
async fn refuse_strangers(bench: &Bench, recipe: &Recipe) {
    let operation = recipe.operation;
    if operation.is_public() {
        let reply = recipe.call(&bench.nobody()).send().await;
        assert!(reply.status < 300, "{} needs no token\n{reply}", operation.id);
        return;
    }
    let owed = owed(operation);
    expect(&recipe.call(&bench.nobody()).send().await, Code::Unauthenticated, "a call without a token", recipe);
    if owed.contains(&Code::InsufficientScope) {
        let (role, organization) = match recipe.who {
            Who::Coordinator => (Role::Coordinator, Some("mofa")),
            Who::Administrator => (Role::Administrator, None),
            _ => (Role::Reader, None),
        };
        let scopes: &[Scope] = if operation.method == "GET" { &[Scope::Review] } else { &[Scope::Read] };
        let machine = bench.sign_in(Who::Machine { role, organization, scopes, external_systems: &[SYSTEM] }).await;
        expect(&recipe.call(&machine).send().await, Code::InsufficientScope, "a machine without the scope", recipe);
    }
    if owed.contains(&Code::Forbidden) {
        expect(&recipe.call(&bench.sign_in(Who::Reader).await).send().await, Code::Forbidden, "a write by a reader", recipe);
    }
}

/// Rows that are not there, addresses that cannot be read, parameters that nobody knows.
async fn refuse_addresses(client: &Client, recipe: &Recipe) {
    let operation = recipe.operation;
    let mut addresses = Vec::new();
    if let Some(collection) = Collection::of(operation) {
        let keys = collection.unknown_keys();
        let [unknown, unreadable] = keys.map(|key| {
            filled(&operation.path, |name| match name {
                "{system}" => name.to_owned(),
                "{prefix}" => "nothing1".to_owned(),
                _ => key.clone(),
            })
        });
        // An upsert makes what is not there: only a system that cannot be one is no address.
        addresses = match operation.path.contains("{system}") {
            true if operation.method == "PUT" && operation.path.contains("by-external-id") => vec![unknown.replace("{system}", "UPPER")],
            true => vec![unknown.replace("{system}", SYSTEM), unknown.replace("{system}", "x")],
            false => vec![unknown, unreadable],
        };
        addresses.extend(collection.parent().and_then(|_| unknown_below(collection, recipe)));
    } else if let Some([_, unknown]) = named_addresses(operation) {
        addresses.push(unknown);
    } else if operation.path.contains('{') {
        addresses.push(operation.path.replace("{id}", &uuid::Uuid::now_v7().to_string()));
    }
    for address in addresses.iter().filter(|_| operation.path.contains('{')) {
        expect(&recipe.call_at(client, address).send().await, Code::NotFound, address, recipe);
    }
    if takes_query(operation) {
        let address = format!("{}?nonsense=1", recipe.path);
        let reply = recipe.call_at(client, &address).send().await;
        expect(&reply, Code::InvalidQuery, &address, recipe);
        assert_eq!(reply.faults(), [("nonsense".to_owned(), "unknown_parameter".to_owned())]);
    }
}

/// A path with its parameters filled in.
fn filled(path: &str, value: impl Fn(&str) -> String) -> String {
    path.split('/').map(|part| if part.starts_with('{') { value(part) } else { part.to_owned() }).collect::<Vec<_>>().join("/")
}

/// The address of a row that is not there, below one that is; none where the operation is about the whole list.
fn unknown_below(collection: Collection, recipe: &Recipe) -> Option<String> {
    let mut parts: Vec<_> = recipe.path.split('/').map(str::to_owned).collect();
    *parts.get_mut(collection.path().split('/').count())? = uuid::Uuid::now_v7().to_string();
    Some(parts.join("/"))
}

async fn read(client: &Client, recipe: &Recipe) {
    let (operation, path) = (recipe.operation, &recipe.path);
    let reply = recipe.call(client).expect(200).await;
    let head = client.head(path).expect(200).await;
    assert_eq!(head.header("etag"), reply.header("etag"), "{}: HEAD is GET without the body", operation.id);
    if operation.spec["responses"].get("304").is_some() {
        client.get(path).header("if-none-match", reply.etag()).expect(304).await;
        client.get(path).header("if-none-match", "\"never\"").expect(200).await;
    }
    if parameter(operation, "cursor").is_some() {
        let odd = format!("{path}?cursor=odd");
        expect(&client.get(&odd).send().await, Code::CursorInvalid, &odd, recipe);
    }
    if parameter(operation, "sort").is_some() {
        Box::pin(read_list(client, recipe)).await;
    }
}

async fn read_list(client: &Client, recipe: &Recipe) {
    let (operation, path) = (recipe.operation, &recipe.path);
    let page = client.get(format!("{path}?limit=1&with_total=true")).expect(200).await.json();
    let cursor = page["page"]["next_cursor"].as_str().unwrap_or_else(|| panic!("{} has more than one row in the walk", operation.id));
    client.get(format!("{path}?limit=1&cursor={cursor}")).expect(200).await;
    for sort in parameter(operation, "sort").unwrap()["schema"]["enum"].as_array().unwrap() {
        let sort = sort.as_str().unwrap();
        let sorted = client.get(format!("{path}?limit=1&sort={sort}")).expect(200).await.json();
        let cursor = sorted["page"]["next_cursor"].as_str().unwrap();
        client.get(format!("{path}?limit=1&sort={sort}&cursor={cursor}")).expect(200).await;
        let filter = if parameter(operation, "q").is_some() { "q=other" } else { "archived=include" };
        let other = format!("{path}?limit=1&sort={sort}&{filter}&cursor={cursor}");
        expect(&client.get(&other).send().await, Code::CursorMismatch, &other, recipe);
    }
    let sheet = client.get(format!("{path}?format=csv")).expect(200).await;
    let lines = csv::Reader::from_reader(sheet.body.as_ref()).into_records().map(Result::unwrap).count();
    assert_eq!(Some(lines as u64), page["page"]["total"].as_u64(), "{}: the CSV holds the whole list", operation.id);
    if let Some(include) = parameter(operation, "include") {
        for name in include["schema"]["items"]["enum"].as_array().unwrap() {
            client.get(format!("{path}?include={}", name.as_str().unwrap())).expect(200).await;
        }
    }
}

/// No ETag, a stale one, one that is none; keys for sending again that cannot be taken.
async fn refuse_headers(bench: &Bench, client: &Client, recipe: &Recipe) {
    let operation = recipe.operation;
    let call = || recipe.call(client).without("if-match");
    if recipe.needs_etag() {
        expect(&call().send().await, Code::PreconditionRequired, "a call without If-Match", recipe);
    }
    if parameter(operation, "If-Match").is_some() {
        expect(&call().header("if-match", "7").send().await, Code::InvalidHeader, "an If-Match without quotes", recipe);
    }
    if parameter(operation, "If-Match").is_some() {
        // An upsert of what is not there yet has no revision to be stale.
        let code = if operation.id.starts_with("upsert") { Code::NothingToMatch } else { Code::StaleRevision };
        expect(&call().header("if-match", "\"999999\"").send().await, code, "an If-Match of another revision", recipe);
    }
    if parameter(operation, "Idempotency-Key").is_some() {
        let long = "k".repeat(256);
        expect(
            &recipe.call(client).header("idempotency-key", long).send().await,
            Code::InvalidHeader,
            "an Idempotency-Key that is too long",
            recipe,
        );
    }
    if operation.path.ends_with("/restore") {
        let row = Collection::of(operation).unwrap().row_again(bench, client, recipe).await;
        expect(&row, Code::NotArchived, "restoring what is in use", recipe);
    }
}

impl Collection {
    /// Restores a fresh row that never was archived.
    async fn row_again(self, bench: &Bench, client: &Client, recipe: &Recipe) -> Reply {
        let row = self.row(bench).await;
        let path = format!("{}/restore", row.path);
        recipe.call_at(client, &path).without("if-match").header("if-match", row.etag).send().await
    }
}

async fn refuse_bodies(bench: &Bench, client: &Client, recipe: &Recipe) {
    if recipe.operation.body_schema().is_none() {
        let form = |body: &'static str| client.request("POST", &recipe.path).body(body, "application/x-www-form-urlencoded");
        if matches!(recipe.operation.id.as_str(), "requestToken" | "revokeToken") {
            form("grant_type=password").expect(400).await;
        }
        if recipe.operation.id == "requestToken" {
            form("grant_type=client_credentials&client_id=nobody&client_secret=nothing").expect(401).await;
        }
        return;
    }
    let with = |body: String, content_type: &str| recipe.call(client).body(body, content_type);
    let whole = recipe.body.clone().unwrap();
    expect(&with("{".to_owned(), "application/json").send().await, Code::MalformedJson, "half a body", recipe);
    expect(&with(whole.to_string(), "text/plain").send().await, Code::UnsupportedMediaType, "a body of text", recipe);
    let large = format!("{{\"padding\": \"{}\"}}", "x".repeat(bench.settings.body_limit_bytes));
    expect(&with(large, "application/json").send().await, Code::BodyTooLarge, "a body of more than the limit", recipe);
    let mut odd = whole;
    odd["no_such_field"] = json!(1);
    let reply = with(odd.to_string(), "application/json").send().await;
    expect(&reply, Code::ValidationFailed, "a field that nobody knows", recipe);
    assert_eq!(reply.faults(), [("#/no_such_field".to_owned(), "unknown_field".to_owned())], "{}", recipe.operation.id);
    if recipe.operation.method == "PATCH" && archives(recipe.operation) {
        let archived = client.post_if(format!("{}/archive", recipe.path), recipe.etag.as_ref().unwrap()).expect(200).await;
        let reply = recipe.call(client).without("if-match").header("if-match", archived.etag()).send().await;
        expect(&reply, Code::Archived, "changing an archived row", recipe);
    }
}

/// Tried out, carried out, sent again.
async fn write(bench: &Bench, client: &Client, first: Recipe) {
    let operation = first.operation;
    if parameter(operation, "Idempotency-Key").is_none() {
        // What is good once was used up on the way.
        let done = recipe(bench, operation).await.call(client).send().await;
        assert!((200..300).contains(&done.status), "{}\n{done}", operation.id);
        return;
    }
    // The first recipe was used up where a row had to be archived on the way.
    let recipe = if operation.method == "PATCH" { recipe(bench, operation).await } else { first };
    let head = || async {
        let head = bench.parts.store.change_head().await.unwrap();
        // What ends a session leaves no change, but everybody looks again at who is let in.
        (head.seq, head.access_seq)
    };
    let before = head().await;
    let tried = recipe.call_at(client, &format!("{}?dry_run=true", recipe.path)).send().await;
    assert!((200..300).contains(&tried.status) && tried.header("dry-run") == Some("true"), "{} can be tried out\n{tried}", operation.id);
    assert_eq!(head().await, before, "{} was only tried out", operation.id);

    let key = format!("walk-{}", fresh());
    let done = recipe.call(client).header("idempotency-key", &key).send().await;
    assert_eq!(done.status, tried.status, "{}\n{done}", operation.id);
    assert_eq!(done.header("idempotency-replayed"), None);
    let changed = head().await;
    assert!(changed > before, "{} leaves a change behind", operation.id);
    // Some operations sign out whoever carries them out.
    let client = &bench.sign_in(recipe.who).await;
    let again = recipe.call(client).header("idempotency-key", &key).send().await;
    let said = |reply: &Reply| serde_json::from_slice::<serde_json::Value>(&reply.body).unwrap_or_default();
    assert_eq!((again.status, said(&again)), (done.status, without_secrets(said(&done))), "{} sent again", operation.id);
    assert_eq!((again.header("etag"), again.header("location")), (done.header("etag"), done.header("location")));
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    assert_eq!(head().await, changed, "{} sent again writes nothing", operation.id);
    let other = recipe.call_at(client, &format!("{}?dry_run=false", recipe.path)).header("idempotency-key", &key).send().await;
    expect(&other, Code::IdempotencyKeyReused, "the key with another request", &recipe);
    if operation.id.starts_with("upsert") {
        assert_eq!(recipe.call(client).expect(200).await.header("x-changed"), Some("false"));
        let stale = recipe.call(client).header("if-match", "\"999999\"").send().await;
        expect(&stale, Code::StaleRevision, "an If-Match of another revision", &recipe);
    }
}

/// What is shown once is `null` afterwards.
fn without_secrets(mut answer: serde_json::Value) -> serde_json::Value {
    for secret in ["token", "link", "client_secret"] {
        if let Some(shown) = answer.get_mut(secret) {
            *shown = json!(null);
        }
    }
    answer
}

#[actix_web::test]
async fn every_path_refuses_other_methods() {
    both(async |bench| {
        let client = bench.sign_in(Who::Reader).await;
        let paths: BTreeSet<&str> = operations().iter().map(|operation| operation.path.as_str()).collect();
        for path in paths {
            let address = filled(path, |name| {
                match name {
                    "{number}" => "6",
                    "{system}" => SYSTEM,
                    "{letter}" => "h",
                    _ => "x",
                }
                .to_owned()
            });
            let mut allowed = promise::methods_at(&address);
            if allowed.contains("GET") {
                allowed.insert("HEAD");
            }
            for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE"].into_iter().filter(|method| !allowed.contains(method))
            {
                let reply = client.request(method, &address).expect(405).await;
                let allow: BTreeSet<_> = reply.header("allow").unwrap().split(", ").collect();
                assert_eq!(allow, allowed, "{method} {address}");
            }
            let below = client.get(format!("{address}/no/such/path")).expect(404).await;
            assert_eq!(below.code(), "unknown_path");
        }
        client.get("/").expect(404).await;
    })
    .await;
}
