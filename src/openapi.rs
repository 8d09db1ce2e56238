//! The contract, made by the same code that mounts the routes. Needs no database and no settings.

mod examples;
mod inline;
mod limits;

use std::{collections::BTreeSet, sync::OnceLock};

use actix_web::web::Bytes;
use examples::{add_examples, example, give_own_examples, give_property_example};
use inline::inline;
use serde_json::{Map, Value, json};
use utoipa::OpenApi;

use crate::{
    features,
    http::{
        mount::Mount,
        query::MOST_VALUES,
        reply::{CARRIED_SCHEMAS, carry_anew},
    },
    problem::Problem,
};

#[derive(OpenApi)]
#[openapi(info(
    title = "gcm-api",
    version = features::operations::contract::CONTRACT_VERSION,
    description = "The national system of record for implementing the Global Compact for Safe, Orderly and Regular Migration (A/RES/73/195).\n\n\
        Sign in at `POST /v1/auth/token` and send the token as `Authorization: Bearer …`. Lists come in pages with a cursor. Every row has a \
        revision, which is its ETag: send it as `If-Match` when you change the row. Every refusal is a problem (RFC 9457) with a `code` that never changes. \
        Requests are counted, by account or without a token by network: `RateLimit` says how many are left; one too many is 429 `too_many_requests`, \
        and `Retry-After` says when to send it again.",
    license(name = "Apache-2.0", identifier = "Apache-2.0"),
    contact(name = "The operator of this instance")
))]
struct Head;

/// What each tag is about, in the order in which a newcomer meets them: the door, what is kept, and who looks after it.
const TAGS: &[(&str, &str)] = &[
    ("Instance", "Whose record this is, how it is, and its contract."),
    ("Access", "Signing in and out, and checking our tokens."),
    ("Me", "Who is signed in, and what they may do."),
    ("Objectives", "The 23 objectives of the Compact."),
    ("Reference data", "Facts that come with the program: principles, cluster schemes, Sustainable Development Goals, vocabularies."),
    ("Organizations", "The institutions that take part."),
    ("Ministries", "The organizations that are ministries, under an address of their own."),
    ("Successions", "What becomes of institutions: mergers, splits, new names, dissolutions."),
    ("Focal points", "Who speaks for which institution, and how to reach them."),
    ("UN Network", "The members of the United Nations Network on Migration, and what they offer."),
    ("Coordination bodies", "The bodies in which institutions coordinate, and who takes part in them."),
    ("Priorities", "The objectives that the country works on first, and how each of them came about."),
    (
        "Workplans",
        "The national workplan: its draft, what was approved as each of its versions, and the revision that would be the next one.",
    ),
    ("Activities", "What the country does by its workplan: who takes part, what is to be reached, what it costs, and how far it is."),
    ("Endorsements", "The word of each organization on what it is asked about."),
    ("Progress reports", "How the activities of the workplan go, period by period, as told by those who carry them out."),
    ("Comments", "What is said about efforts, nominations, priorities, workplans and activities, by whoever sees them."),
    ("Review cycles", "The rounds in which implementation of the Compact is reviewed."),
    ("Efforts", "The stock-taking: what institutions do already for the objectives of the Compact."),
    ("Insights", "Figures over the whole record, each of which leads to its rows."),
    ("Consultations", "Workshops and meetings: who convened them, who came, what was talked about."),
    ("Outcomes", "What consultations decided, recommended or left to be done, and whether it was."),
    ("Prioritizations", "Rounds in which institutions nominate and score objectives, and what came of them."),
    ("Nominations", "What institutions nominate in a round."),
    ("Accounts", "The accounts of people, for administrators; names and roles for those who work with them."),
    ("Service accounts", "The accounts of machines and their secrets, for administrators."),
    ("Audit", "Proof that the record was not altered."),
];

/// What path parameters mean.
const PATH_PARAMETERS: &[(&str, &str)] = &[
    ("id", "Id of the row."),
    ("member_id", "Id of the membership in the body."),
    ("milestone_id", "Id of the milestone."),
    ("budget_line_id", "Id of the budget line."),
    ("version", "Number of the version of the workplan."),
    ("number", "Number of the objective, 1 to 23."),
    ("external id", "Id of the row in the other system: 1 to 200 characters."),
    ("system", "Name of the other system: 2 to 32 of a-z, 0-9 and `-`."),
    ("code", "The `code` of a problem."),
    ("prefix", "The first characters of the secret, as `prefix` says them."),
];

/// Answers whose shape is another's: RFC 6749 leaves out what there is none of, and some of its libraries refuse `null`.
const LEFT_OUT: &[&str] = &["TokenAnswer"];

/// The contract as it is served, committed and checked.
pub fn contract() -> Value {
    carry_anew();
    let mut api = Head::openapi();
    features::mount(&mut Mount::Described(&mut api));
    finish(serde_json::to_value(api).unwrap_or_default())
}

/// As it was committed; a test holds it against [`contract`].
const COMMITTED: &str = include_str!("../openapi/openapi.json");

/// The contract that a service goes by, and its text. A release reads the committed one: to make it takes longer, and leaves more memory behind, than
/// everything else at the start. Under development it is made, so that what was just written is served.
pub fn served() -> Result<(Value, Bytes), Problem> {
    static MADE: OnceLock<(Value, Bytes)> = OnceLock::new();

    if cfg!(debug_assertions) {
        let make = || {
            let contract = contract();
            let text = pretty(&contract);
            (contract, text.into())
        };
        return Ok(MADE.get_or_init(make).clone());
    }
    let contract = serde_json::from_str(COMMITTED).map_err(Problem::internal)?;
    Ok((contract, Bytes::from_static(COMMITTED.as_bytes())))
}

/// The contract pretty and sorted, as it is committed.
pub fn pretty(contract: &Value) -> String {
    serde_json::to_string_pretty(contract).map(|text| text + "\n").unwrap_or_default()
}

fn finish(mut contract: Value) -> Value {
    let mut schemas = Map::new();
    for operation in operations(&mut contract) {
        collect_schemas(operation, &mut schemas);
        finish_operation(operation);
    }
    let known = contract.pointer_mut("/components/schemas").and_then(Value::as_object_mut).map(std::mem::take).unwrap_or_default();
    for (name, schema) in known {
        put_schema(&mut schemas, name, schema);
    }
    inline(&mut contract, &mut schemas);
    let answered = reachable(&contract, &schemas, "responses");
    let sent = reachable(&contract, &schemas, "requestBody");
    for (name, schema) in &mut schemas {
        close(schema, answered.contains(name) && !sent.contains(name) && !LEFT_OUT.contains(&name.as_str()));
        give_own_examples(name, schema);
    }
    let examples: Map<String, Value> = schemas.iter().map(|(name, schema)| (name.clone(), example(schema, &schemas, 0))).collect();
    for operation in operations(&mut contract) {
        add_examples(operation, &examples);
    }
    limits::document(&mut contract);
    put_head(&mut contract, schemas);
    contract
}

fn put_head(contract: &mut Value, schemas: Map<String, Value>) {
    let Some(root) = contract.as_object_mut() else { return };
    let tags = TAGS.iter().map(|(name, description)| json!({"name": name, "description": description})).collect();
    root.insert("tags".to_owned(), tags);
    root.insert("security".to_owned(), json!([{"bearer": []}, {"password": []}]));
    root.insert("servers".to_owned(), json!([{"url": "/", "description": "This instance."}]));
    let schemes = json!({
        "bearer": {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "An access token, if you have one already; otherwise sign in with user name and password.",
        },
        "password": {
            "type": "oauth2",
            "description": "Sign in with user name and password; leave the client id empty.",
            "flows": {"password": {"tokenUrl": "/v1/auth/token", "scopes": {}}},
        },
    });
    root.insert("components".to_owned(), json!({"schemas": schemas, "headers": limits::headers(), "securitySchemes": schemes}));
}

const METHODS: &[&str] = &["get", "put", "post", "delete", "patch"];

fn operations(contract: &mut Value) -> impl Iterator<Item = &mut Value> {
    let paths = contract.get_mut("paths").and_then(Value::as_object_mut).into_iter().flat_map(|paths| paths.values_mut());
    let items = paths.filter_map(Value::as_object_mut);
    items.flat_map(|item| item.iter_mut().filter(|(method, _)| METHODS.contains(&method.as_str())).map(|(_, operation)| operation))
}

/// Takes the schemas that responses carry to their place.
fn collect_schemas(operation: &mut Value, schemas: &mut Map<String, Value>) {
    let responses = operation.get_mut("responses").and_then(Value::as_object_mut).into_iter().flat_map(|responses| responses.values_mut());
    for response in responses.filter_map(Value::as_object_mut) {
        let Some(Value::Object(carried)) = response.remove(CARRIED_SCHEMAS) else { continue };
        for (name, schema) in carried {
            put_schema(schemas, name, schema);
        }
    }
}

/// Two types may not claim one name: the mark that is left makes the contract's test fail.
fn put_schema(schemas: &mut Map<String, Value>, name: String, schema: Value) {
    match schemas.get(&name) {
        Some(known) if *known != schema => {
            schemas.insert(format!("{name}-CLAIMED-TWICE"), schema);
        }
        _ => {
            schemas.insert(name, schema);
        }
    }
}

fn finish_operation(operation: &mut Value) {
    let Some(operation) = operation.as_object_mut() else { return };
    if let Some(Value::String(id)) = operation.get_mut("operationId") {
        *id = camel_case(id);
    }
    // `[{}]` means the same, but some generators read it as a demand for a token.
    if operation.get("security").is_some_and(|ways| *ways == json!([{}])) {
        operation.insert("security".to_owned(), json!([]));
    }
    order_parameters(operation);
    for parameter in operation.get_mut("parameters").and_then(Value::as_array_mut).into_iter().flatten() {
        let mut name = parameter.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
        if name == "id" && parameter.pointer("/schema/format").is_none() {
            "external id".clone_into(&mut name);
        }
        // Where a handler says itself what a path parameter means, that stands.
        let told = parameter.get("description").is_some();
        let path = parameter.get("in").and_then(Value::as_str) == Some("path") && !told;
        if let (true, Some((_, meaning))) = (path, PATH_PARAMETERS.iter().find(|(known, _)| *known == name))
            && let Some(parameter) = parameter.as_object_mut()
        {
            parameter.insert("description".to_owned(), json!(meaning));
        }
        if let Some(schema) = parameter.get_mut("schema") {
            path_limits(&name, path, schema);
            if let Some(list) = schema.as_object_mut().filter(|schema| schema.contains_key("items")) {
                list.insert("maxItems".to_owned(), json!(MOST_VALUES));
            }
            bound(schema);
        }
    }
}

/// Path parameters first, then what a request must have, then the rest: generated methods take their arguments in this order.
fn order_parameters(operation: &mut Map<String, Value>) {
    let answers_not_modified = operation.get("responses").is_some_and(|responses| responses.get("304").is_some());
    let parameters = operation.entry("parameters").or_insert_with(|| json!([]));
    let Some(parameters) = parameters.as_array_mut() else { return };
    if answers_not_modified {
        parameters.push(json!({
            "name": "If-None-Match", "in": "header", "required": false,
            "description": "The ETag of the answer that you have: 304 without a body when it still stands.",
            "schema": {"type": "string", "examples": ["\"7\""]},
        }));
    }
    parameters.sort_by_key(|parameter| {
        let path = parameter.get("in").and_then(Value::as_str) == Some("path");
        let required = parameter.get("required").and_then(Value::as_bool).unwrap_or_default();
        (!path, !required)
    });
    if parameters.is_empty() {
        operation.remove("parameters");
    }
}

/// What a path parameter may look like.
fn path_limits(name: &str, path: bool, schema: &mut Value) {
    let limits = match (path, name) {
        (true, "number") => json!({"minimum": 1, "maximum": 23}),
        (true, "system") => json!({"pattern": "^[a-z0-9-]{2,32}$", "examples": ["iom-mims"]}),
        (true, "external id") => {
            json!({"minLength": 1, "maxLength": 200, "pattern": "^[^\\u0000-\\u001F\\u007F-\\u009F]+$", "examples": ["LAO-17"]})
        }
        (true, "code") => json!({"pattern": "^[a-z_]+$", "examples": ["stale_revision"]}),
        _ => return,
    };
    if let (Some(schema), Value::Object(limits)) = (schema.as_object_mut(), limits) {
        schema.extend(limits);
    }
}

fn camel_case(name: &str) -> String {
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |mut name, word| {
        let mut letters = word.chars();
        name.extend(letters.next().map(|letter| letter.to_ascii_uppercase()));
        name.push_str(letters.as_str());
        name
    })
}

/// The names of the schemas that are reached from this part of the operations.
fn reachable(contract: &Value, schemas: &Map<String, Value>, part: &str) -> BTreeSet<String> {
    let paths = contract.get("paths").and_then(Value::as_object).into_iter().flatten();
    let operations = paths.flat_map(|(_, item)| item.as_object().into_iter().flatten());
    let mut open: Vec<String> = operations.filter_map(|(_, operation)| operation.get(part)).flat_map(references).collect();
    let mut met = BTreeSet::new();
    while let Some(name) = open.pop() {
        if met.insert(name.clone()) {
            open.extend(schemas.get(&name).into_iter().flat_map(references));
        }
    }
    met
}

fn references(value: &Value) -> Vec<String> {
    match value {
        Value::Object(members) => {
            let own = members.get("$ref").and_then(Value::as_str).and_then(|target| target.strip_prefix("#/components/schemas/"));
            own.map(str::to_owned).into_iter().chain(members.values().flat_map(references)).collect()
        }
        Value::Array(items) => items.iter().flat_map(references).collect(),
        _ => Vec::new(),
    }
}

/// Objects hold what is documented and nothing else; in answers every property is there, if only as `null`.
fn close(schema: &mut Value, complete: bool) {
    bound(schema);
    let Some(object) = schema.as_object_mut() else { return };
    let names: Option<Vec<String>> =
        object.get("properties").and_then(Value::as_object).map(|properties| properties.keys().cloned().collect());
    if let Some(properties) = object.get_mut("properties").and_then(Value::as_object_mut) {
        properties.iter_mut().for_each(|(name, property)| give_property_example(name, property));
    }
    if let Some(names) = names {
        object.entry("additionalProperties").or_insert(Value::Bool(false));
        if complete {
            object.insert("required".to_owned(), json!(names));
        }
    }
    for member in object.values_mut() {
        match member {
            Value::Object(members) => members.values_mut().for_each(|member| close(member, complete)),
            Value::Array(items) => items.iter_mut().for_each(|item| close(item, complete)),
            _ => {}
        }
    }
}

/// JSON numbers are exact only up to 2^53: no integer goes beyond. An object without properties may hold any.
fn bound(schema: &mut Value) {
    let Some(object) = schema.as_object_mut() else { return };
    let bare = object.get("type").and_then(Value::as_str) == Some("object") && !object.contains_key("properties");
    if bare && !object.contains_key("additionalProperties") {
        object.insert("additionalProperties".to_owned(), Value::Bool(true));
    }
    if object.get("format").and_then(Value::as_str) == Some("int64") {
        object.entry("maximum").or_insert(json!(9_007_199_254_740_991_i64));
    }
}
