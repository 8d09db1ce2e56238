//! The committed contract, and holding every answer against it.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use actix_web::dev::ResourceDef;
use gcm_api::problem::Code;
use jsonschema::Validator;
use serde_json::{Value, json};

use super::client::{Reply, Sent};

/// An operation of the contract.
pub struct Operation {
    pub id: String,
    pub method: String,
    pub path: String,
    pub spec: Value,
    pattern: ResourceDef,
}

impl Operation {
    /// Whether it can be called without a token.
    pub fn is_public(&self) -> bool {
        self.spec["security"].as_array().is_some_and(|ways| ways.is_empty() || ways.contains(&json!({})))
    }

    /// The schema of its JSON body, resolved.
    pub fn body_schema(&self) -> Option<&'static Value> {
        let schema = self.spec.pointer("/requestBody/content/application~1json/schema")?;
        Some(match schema["$ref"].as_str() {
            Some(reference) => resolve(reference),
            // The operations live as long as the program.
            None => Box::leak(Box::new(schema.clone())),
        })
    }
}

/// The contract as it is committed.
pub fn contract() -> &'static Value {
    static CONTRACT: OnceLock<Value> = OnceLock::new();
    CONTRACT.get_or_init(|| {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi/openapi.json");
        let text = std::fs::read_to_string(file).expect("openapi/openapi.json is there");
        serde_json::from_str(&text).expect("openapi/openapi.json is JSON")
    })
}

/// What a `$ref` stands for.
pub fn resolve(reference: &str) -> &'static Value {
    let pointer = reference.strip_prefix('#').expect("references stay inside the contract");
    contract().pointer(pointer).unwrap_or_else(|| panic!("{reference} leads nowhere"))
}

/// Every operation of the contract.
pub fn operations() -> &'static [Operation] {
    static OPERATIONS: OnceLock<Vec<Operation>> = OnceLock::new();
    OPERATIONS.get_or_init(|| {
        let paths = contract()["paths"].as_object().expect("the contract has paths");
        let of_path = |(path, item): (&String, &'static Value)| {
            let methods = item.as_object().into_iter().flatten().filter(|(_, spec)| spec.get("operationId").is_some());
            let path = path.clone();
            methods.map(move |(method, spec)| Operation {
                id: spec["operationId"].as_str().unwrap_or_default().to_owned(),
                method: method.to_ascii_uppercase(),
                pattern: ResourceDef::new(path.as_str()),
                path: path.clone(),
                spec: spec.clone(),
            })
        };
        paths.iter().flat_map(of_path).collect()
    })
}

/// The operation of this name.
pub fn operation(id: &str) -> &'static Operation {
    operations().iter().find(|operation| operation.id == id).unwrap_or_else(|| panic!("the contract has no operation {id}"))
}

/// The operation that answers this request: HEAD is GET without a body, and a fixed path goes before one with a parameter.
fn operation_of(method: &str, path: &str) -> Option<&'static Operation> {
    let method = if method == "HEAD" { "GET" } else { method };
    let fitting = operations().iter().filter(|operation| operation.method == method && operation.pattern.is_match(path));
    fitting.min_by_key(|operation| operation.path.matches('{').count())
}

/// The methods that the contract has at this address.
pub fn methods_at(path: &str) -> BTreeSet<&'static str> {
    operations().iter().filter(|operation| operation.pattern.is_match(path)).map(|operation| operation.method.as_str()).collect()
}

/// What was seen of the contract so far: (operation, status, code of the problem), and how often.
type Seen = BTreeMap<(String, u16, Option<String>), usize>;
static SEEN: Mutex<Seen> = Mutex::new(BTreeMap::new());

/// Everything that tests of this run have met until now.
pub fn seen() -> Seen {
    SEEN.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

/// The schemas of the contract that this one leads to: all of them would be read anew for each answer that a test looks at.
fn reached(schema: &Value) -> serde_json::Map<String, Value> {
    let mut found = serde_json::Map::new();
    let mut open = vec![schema];
    while let Some(at) = open.pop() {
        match at {
            Value::Object(members) => {
                let name = members.get("$ref").and_then(Value::as_str).and_then(|target| target.strip_prefix("#/components/schemas/"));
                if let Some(name) = name.filter(|name| !found.contains_key(*name)) {
                    let named = resolve(&format!("#/components/schemas/{name}"));
                    found.insert(name.to_owned(), named.clone());
                    open.push(named);
                }
                open.extend(members.values());
            }
            Value::Array(items) => open.extend(items),
            _ => {}
        }
    }
    found
}

/// Every fault of the value against a schema of the contract, in words.
pub fn faults(schema: &Value, value: &Value) -> Vec<String> {
    static MADE: Mutex<Option<HashMap<String, Arc<Validator>>>> = Mutex::new(None);
    let key = schema.to_string();
    let known = MADE.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_default().get(&key).cloned();
    let validator = known.unwrap_or_else(|| {
        let whole = json!({"allOf": [schema], "components": {"schemas": reached(schema)}});
        let options = jsonschema::draft202012::options().should_validate_formats(true);
        let made = Arc::new(options.build(&whole).unwrap_or_else(|error| panic!("{key} is no schema: {error}")));
        MADE.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_default().insert(key, Arc::clone(&made));
        made
    });
    validator.iter_errors(value).map(|error| format!("at {}: {error}", error.instance_path())).collect()
}

/// Headers that any answer may carry; every other one must be in the contract.
const COMMON: &[&str] = &[
    "cache-control",
    "content-encoding",
    "content-language",
    "content-length",
    "content-type",
    "date",
    "referrer-policy",
    "vary",
    "x-content-type-options",
    "x-frame-options",
    "x-request-id",
    "strict-transport-security",
    "content-security-policy",
    "cross-origin-opener-policy",
    "cross-origin-resource-policy",
    "permissions-policy",
    "access-control-allow-origin",
    "access-control-allow-credentials",
    "access-control-expose-headers",
];
/// Headers that come with a refusal, by RFC 9110.
const OF_PROBLEMS: &[&str] = &["allow", "www-authenticate"];

/// Fails the test when the answer is not as the contract says.
pub fn check(sent: &Sent, reply: &Reply) {
    let wrong = faults_of(sent, reply);
    assert!(wrong.is_empty(), "{sent}\n{reply}\nis not what openapi/openapi.json promises:\n  {}", wrong.join("\n  "));
}

fn faults_of(sent: &Sent, reply: &Reply) -> Vec<String> {
    let mut wrong = Vec::new();
    let refused = reply.status >= 400;
    for always in ["x-request-id", "vary", "cache-control"] {
        if reply.header(always).is_none() {
            wrong.push(format!("every answer carries {always}"));
        }
    }
    let operation = operation_of(&sent.method, sent.path());
    let homeless = matches!(reply.status, 405) || operation.is_none();
    if homeless {
        if refused {
            wrong.extend(faults_of_problem(sent, reply));
        } else if sent.method != "OPTIONS" && !sent.path().starts_with("/docs") {
            wrong.push("the contract has no such operation".to_owned());
        }
        return wrong;
    }
    let operation = operation.expect("looked at above");
    let code = if refused { reply.problem_code() } else { None };
    *SEEN.lock().unwrap_or_else(PoisonError::into_inner).entry((operation.id.clone(), reply.status, code)).or_default() += 1;

    // Where it is not known who asks, nobody's requests are counted.
    let counted = !operation.path.starts_with("/health/") && operation.path != "/metrics" && !matches!(reply.status, 401 | 500..);
    if counted && reply.header("ratelimit").is_none() {
        wrong.push("it does not say how the caller stands with the limit".to_owned());
    }
    let responses = &operation.spec["responses"];
    let class = format!("{}XX", reply.status / 100);
    let Some(response) = responses.get(reply.status.to_string()).or_else(|| responses.get(&class)) else {
        wrong.push(format!("{} does not answer {}", operation.id, reply.status));
        return wrong;
    };
    wrong.extend(faults_of_headers(response, reply));
    wrong.extend(faults_of_body(response, sent, reply));
    let problem_document = refused && response["content"].get("application/problem+json").is_some();
    if problem_document {
        wrong.extend(faults_of_problem(sent, reply));
    }
    if !refused {
        wrong.extend(faults_of_request(operation, sent, reply));
    }
    wrong
}

fn faults_of_headers(response: &Value, reply: &Reply) -> Vec<String> {
    let mut wrong = Vec::new();
    let documented = response["headers"].as_object();
    let is_documented = |name: &str| documented.is_some_and(|headers| headers.keys().any(|known| known.eq_ignore_ascii_case(name)));
    let refused = reply.status >= 400;
    for name in reply.headers.keys().map(|name| name.as_str()) {
        let expected = is_documented(name) || COMMON.contains(&name) || (refused && OF_PROBLEMS.contains(&name));
        if !expected {
            wrong.push(format!("the header {name} is not documented"));
        }
    }
    // A write that was only tried out has no revision and no address.
    let tried_out = reply.header("dry-run").is_some();
    for (name, header) in documented.into_iter().flatten() {
        let header = header["$ref"].as_str().map_or(header, |reference| resolve(reference));
        let always = header["required"] == true || matches!(name.as_str(), "ETag" | "Location" | "X-Changed");
        let excused = tried_out && matches!(name.as_str(), "ETag" | "Location");
        match reply.header(name) {
            None if always && !excused => wrong.push(format!("the header {name} is missing")),
            Some(text) if !excused => {
                wrong.extend(
                    faults(&header["schema"], &header_value(&header["schema"], text))
                        .into_iter()
                        .map(|fault| format!("header {name}, {fault}")),
                );
            }
            _ => {}
        }
    }
    wrong
}

/// A header is text; a number in it is meant as one.
fn header_value(schema: &Value, text: &str) -> Value {
    let number = text.parse::<i64>().ok().filter(|_| schema["type"] == "integer");
    number.map_or_else(|| Value::from(text), Value::from)
}

fn faults_of_body(response: &Value, sent: &Sent, reply: &Reply) -> Vec<String> {
    let Some(content) = response.get("content").and_then(Value::as_object) else {
        return if reply.body.is_empty() { Vec::new() } else { vec![format!("{} has no body", reply.status)] };
    };
    if sent.method == "HEAD" {
        return if reply.body.is_empty() { Vec::new() } else { vec!["an answer to HEAD has no body".to_owned()] };
    }
    let essence = reply.header("content-type").unwrap_or_default().split(';').next().unwrap_or_default().trim();
    let Some(media) = content.get(essence) else {
        return vec![format!("its content type is {essence:?}; documented: {:?}", content.keys().collect::<Vec<_>>())];
    };
    if reply.header("content-encoding").is_some() || !essence.ends_with("json") {
        return Vec::new();
    }
    match serde_json::from_slice(&reply.body) {
        Ok(body) => faults(&media["schema"], &body),
        Err(error) => vec![format!("the body is not JSON: {error}")],
    }
}

fn faults_of_problem(sent: &Sent, reply: &Reply) -> Vec<String> {
    let mut wrong = Vec::new();
    if reply.header("content-type") != Some("application/problem+json") {
        wrong.push("a refusal is application/problem+json".to_owned());
    }
    if reply.status == 401 && reply.header("www-authenticate").is_none() {
        wrong.push("401 says how to sign in (WWW-Authenticate)".to_owned());
    }
    if matches!(reply.status, 429 | 503) && reply.header("retry-after").is_none() {
        wrong.push(format!("{} says when to come back (Retry-After)", reply.status));
    }
    if reply.status == 405 && reply.header("allow").is_none() {
        wrong.push("405 says what is allowed (Allow)".to_owned());
    }
    if sent.method == "HEAD" {
        return wrong;
    }
    let Ok(problem) = serde_json::from_slice::<Value>(&reply.body) else {
        wrong.push("a refusal has a problem for a body".to_owned());
        return wrong;
    };
    wrong.extend(faults(&json!({"$ref": "#/components/schemas/Problem"}), &problem));
    let code = problem["code"].as_str().unwrap_or_default();
    match Code::ALL.iter().map(|code| code.row()).find(|row| row.slug == code) {
        None => wrong.push(format!("the code {code:?} is not in Code::ALL")),
        Some(row) if row.status != reply.status => wrong.push(format!("{code} comes with {}", row.status)),
        Some(_) => {}
    }
    if problem["status"] != reply.status {
        wrong.push("the status in the problem differs from that of the answer".to_owned());
    }
    if problem["type"] != format!("/problems/{code}") {
        wrong.push("its type does not lead to its explanation".to_owned());
    }
    if problem["instance"] != sent.path() {
        wrong.push("its instance is not the path that was asked for".to_owned());
    }
    if problem["request_id"].as_str() != reply.header("x-request-id") {
        wrong.push("the request id in the problem differs from that in the header".to_owned());
    }
    for text in ["title", "detail"] {
        if problem[text].as_str().is_none_or(|text| text.is_empty() || text.contains('{')) {
            wrong.push(format!("the {text} is empty or has a gap"));
        }
    }
    wrong
}

/// A request that was carried out must be one that the contract allows.
fn faults_of_request(operation: &Operation, sent: &Sent, reply: &Reply) -> Vec<String> {
    let mut wrong = Vec::new();
    let parameters = operation.spec["parameters"].as_array();
    let known = |name: &str| parameters.into_iter().flatten().any(|parameter| parameter["in"] == "query" && parameter["name"] == name);
    for name in sent.query_names() {
        if !known(name.trim_end_matches("[]")) {
            wrong.push(format!("it was carried out with the parameter {name}, which is not documented"));
        }
    }
    let essence = sent.content_type().split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if essence.ends_with("json") {
        match operation.spec["requestBody"]["content"].get(&essence) {
            None if sent.body.is_empty() => {}
            None => wrong.push(format!("it was carried out with a body of {essence}, which is not documented")),
            Some(media) => {
                let mut body: Value = serde_json::from_slice(&sent.body).unwrap_or_default();
                if sent.method == "PATCH" {
                    without_read_only(&mut body, &media["schema"], reply);
                }
                wrong.extend(
                    faults(&media["schema"], &body).into_iter().map(|fault| format!("it was carried out with a forbidden body, {fault}")),
                );
            }
        }
    }
    wrong
}

/// A patch may hold what the row shows and the patch does not take, as long as it is unchanged (docs/decisions.md).
fn without_read_only(body: &mut Value, schema: &Value, reply: &Reply) {
    let taken = &resolve(schema["$ref"].as_str().expect("bodies have a name"))["properties"];
    // An answer without a body shows nothing to compare with.
    let is_shown = |name: &str| reply.body.is_empty() || reply.json().get(name).is_some();
    if let Some(members) = body.as_object_mut() {
        members.retain(|name, _| taken.get(name).is_some() || !is_shown(name));
    }
}
