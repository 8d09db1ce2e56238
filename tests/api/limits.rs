//! Every limit of the contract, overstepped by one: 422 that points at the place, for bodies; 400 for parameters.

use std::collections::BTreeSet;

use gcm_api::{problem::FaultCode, text::LANGUAGES_KEYWORD};
use serde_json::{Value, json};

use crate::harness::{
    both,
    promise::{self, Operation, operations, resolve},
    walk::recipe,
};

/// One step too far: where, what stands there, and what must be said of it.
struct Step {
    pointer: String,
    value: Option<Value>,
    fault: FaultCode,
}

impl Step {
    fn new(pointer: &str, value: impl Into<Value>, fault: FaultCode) -> Self {
        Self { pointer: pointer.to_owned(), value: Some(value.into()), fault }
    }

    /// The body with this step taken.
    fn taken(&self, body: &Value) -> Value {
        let mut body = body.clone();
        let (parent, name) = self.pointer.rsplit_once('/').unwrap();
        let parent = body.pointer_mut(parent).unwrap_or_else(|| panic!("the example has no {parent}"));
        match (parent, &self.value) {
            (Value::Object(members), Some(value)) => drop(members.insert(name.to_owned(), value.clone())),
            (Value::Object(members), None) => drop(members.remove(name)),
            (Value::Array(items), Some(value)) => items[name.parse::<usize>().unwrap()] = value.clone(),
            _ => panic!("{} cannot be left out", self.pointer),
        }
        body
    }
}

/// The schema behind a reference, and whether `null` is allowed beside it.
fn solid(schema: &Value) -> (Value, bool) {
    if let Some(reference) = schema["$ref"].as_str() {
        return (resolve(reference).clone(), false);
    }
    if let Some(branches) = schema["oneOf"].as_array() {
        let is_null = |branch: &&Value| branch["type"] == "null";
        let found = branches.iter().find(|branch| !is_null(branch)).unwrap();
        return (solid(found).0, branches.iter().any(|branch| is_null(&branch)));
    }
    let nullable = schema["type"].as_array().is_some_and(|types| types.iter().any(|kind| kind == "null"));
    (schema.clone(), nullable)
}

fn kind(schema: &Value) -> &str {
    schema["type"].as_str().or_else(|| schema["type"][0].as_str()).unwrap_or_default()
}

/// Every step too far below this place.
fn steps(schema: &Value, at: &str) -> Vec<Step> {
    let (schema, nullable) = solid(schema);
    let mut found = match kind(&schema) {
        "string" => texts(&schema, at),
        "integer" | "number" => numbers(&schema, at),
        "array" => lists(&schema, at),
        "object" => objects(&schema, at),
        "boolean" => vec![Step::new(at, "yes", FaultCode::WrongType)],
        other => panic!("teach tests/api/limits.rs the type {other:?} at {at}"),
    };
    if !nullable && !at.is_empty() {
        let fault = if schema.get("enum").is_some() { FaultCode::UnknownValue } else { FaultCode::WrongType };
        found.push(Step::new(at, Value::Null, fault));
    }
    found
}

fn texts(schema: &Value, at: &str) -> Vec<Step> {
    let mut found = Vec::new();
    let letters = |count: u64| {
        let start = if schema["pattern"].as_str().is_some_and(|pattern| pattern.starts_with("^https")) { "https://" } else { "" };
        format!("{start}{}", "a".repeat(usize::try_from(count).unwrap() - start.len()))
    };
    if let Some(limit) = schema["maxLength"].as_u64() {
        found.push(Step::new(at, letters(limit + 1), FaultCode::TooLong));
    }
    if let Some(limit) = schema["minLength"].as_u64().filter(|limit| *limit > 0) {
        found.push(Step::new(at, letters(limit - 1), FaultCode::TooShort));
    }
    if let Some(pattern) = schema["pattern"].as_str() {
        let odd = [" \u{7f}", "\u{0}", "!", "é!", " "].into_iter();
        let breaks = odd.filter(|odd| promise::faults(&json!({"type": "string", "pattern": pattern}), &json!(odd)).len() == 1);
        found.extend(breaks.map(|odd| Step::new(at, odd, FaultCode::Form)));
    }
    match schema["format"].as_str() {
        None | Some("password") => {}
        Some("date") => found.extend(["2026-02-30", "2026-2-3", "yesterday"].map(|odd| Step::new(at, odd, FaultCode::Form))),
        Some(_) => found.push(Step::new(at, "neither", FaultCode::Form)),
    }
    if schema.get("enum").is_some() {
        found.push(Step::new(at, "no_such_value", FaultCode::UnknownValue));
    } else {
        found.push(Step::new(at, 7, FaultCode::WrongType));
    }
    found
}

fn numbers(schema: &Value, at: &str) -> Vec<Step> {
    let mut found = vec![Step::new(at, "seven", FaultCode::WrongType)];
    found.extend(schema["minimum"].as_i64().map(|limit| Step::new(at, limit - 1, FaultCode::OutOfRange)));
    found.extend(schema["maximum"].as_i64().map(|limit| Step::new(at, limit + 1, FaultCode::OutOfRange)));
    if kind(schema) == "integer" {
        found.push(Step::new(at, 1.5, FaultCode::WrongType));
    }
    found
}

fn lists(schema: &Value, at: &str) -> Vec<Step> {
    let mut found = vec![Step::new(at, "one", FaultCode::WrongType)];
    let item = example(&schema["items"]);
    if let Some(limit) = schema["maxItems"].as_u64() {
        found.push(Step::new(at, vec![item; usize::try_from(limit).unwrap() + 1], FaultCode::TooMany));
    }
    if schema["minItems"].as_u64().is_some_and(|limit| limit > 0) {
        found.push(Step::new(at, Vec::<Value>::new(), FaultCode::TooFew));
    }
    found.extend(steps(&schema["items"], &format!("{at}/0")));
    found
}

fn objects(schema: &Value, at: &str) -> Vec<Step> {
    let mut found = Vec::new();
    if schema["additionalProperties"].is_object() && schema.get(LANGUAGES_KEYWORD).is_none() {
        // Values by a code that the example has.
        found.push(Step::new(at, "one value", FaultCode::WrongType));
        for code in example(schema).as_object().unwrap().keys() {
            found.extend(steps(&schema["additionalProperties"], &format!("{at}/{code}")));
        }
        return found;
    }
    if schema["additionalProperties"].is_object() {
        // Texts by language.
        found.push(Step::new(at, "one text", FaultCode::WrongType));
        found.extend(steps(&schema["additionalProperties"], &format!("{at}/en")));
        for language in ["fr", "EN", "english"] {
            found.push(Step::new(&format!("{at}/{language}"), "text", FaultCode::LanguageNotOffered));
        }
        if schema["minProperties"].is_u64() {
            found.push(Step::new(at, json!({}), FaultCode::NoLanguageLeft));
        }
        return found;
    }
    found.push(Step::new(&format!("{at}/no_such_field"), 1, FaultCode::UnknownField));
    for (name, property) in schema["properties"].as_object().unwrap() {
        found.extend(steps(property, &format!("{at}/{name}")));
    }
    for name in schema["required"].as_array().into_iter().flatten() {
        found.push(Step { pointer: format!("{at}/{}", name.as_str().unwrap()), value: None, fault: FaultCode::Required });
    }
    found
}

/// A value that keeps every limit of the schema, with something to step on at every place: an example of nothing is none here.
fn example(schema: &Value) -> Value {
    let (schema, _) = solid(schema);
    let shown = schema["examples"].get(0).filter(|shown| !shown.is_null() && **shown != json!([]));
    if let Some(example) = shown.or_else(|| schema["enum"].get(0)) {
        return example.clone();
    }
    match (kind(&schema), schema["format"].as_str()) {
        ("string", Some("uuid")) => json!("01920000-0000-7000-8000-000000000001"),
        ("string", Some("date")) => json!("2025-03-20"),
        ("string", _) => json!("text"),
        ("integer" | "number", _) => schema.get("minimum").cloned().unwrap_or(json!(1)),
        ("array", _) => json!([example(&schema["items"])]),
        ("boolean", _) => json!(true),
        _ if schema["additionalProperties"].is_object() => json!({"en": example(&schema["additionalProperties"])}),
        _ => schema["properties"].as_object().into_iter().flatten().map(|(name, property)| (name.clone(), example(property))).collect(),
    }
}

fn with_json_bodies() -> impl Iterator<Item = (&'static Operation, &'static Value)> {
    operations().iter().filter_map(|operation| Some((operation, operation.body_schema()?)))
}

#[test]
fn every_text_that_is_sent_has_a_limit() {
    fn unlimited(schema: &Value, at: &str, found: &mut Vec<String>) {
        let (schema, _) = solid(schema);
        match kind(&schema) {
            "string" => {
                let limits = ["maxLength", "format", "enum", "pattern"];
                let open = schema["pattern"].as_str().is_some_and(|pattern| pattern.contains(['*', '+']));
                if !limits.iter().any(|limit| schema.get(*limit).is_some()) || (open && schema.get("maxLength").is_none()) {
                    found.push(at.to_owned());
                }
            }
            "array" => {
                if schema.get("maxItems").is_none() {
                    found.push(at.to_owned());
                }
                unlimited(&schema["items"], &format!("{at}/0"), found);
            }
            "object" => {
                let properties = schema["properties"].as_object().into_iter().flatten();
                properties.for_each(|(name, property)| unlimited(property, &format!("{at}/{name}"), found));
                if schema["additionalProperties"].is_object() {
                    unlimited(&schema["additionalProperties"], &format!("{at}/*"), found);
                }
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    for (operation, schema) in with_json_bodies() {
        unlimited(schema, &operation.id, &mut found);
    }
    assert!(found.is_empty(), "these can be of any length: {found:?}");
}

#[actix_web::test]
async fn one_step_too_far_is_refused_with_its_pointer() {
    both(async |bench| {
        let mut wrong = Vec::new();
        for (operation, schema) in with_json_bodies() {
            let recipe = Box::pin(recipe(&bench, operation)).await;
            let client = bench.sign_in(recipe.who).await;
            let body = example(schema);
            let faults = promise::faults(schema, &body);
            assert!(faults.is_empty(), "{}: the example of this test breaks {faults:?}", operation.id);
            for step in steps(schema, "") {
                let sent = step.taken(&body);
                let reply = recipe.call(&client).json(&sent).send().await;
                let told = if reply.status == 422 { reply.faults() } else { Vec::new() };
                let place = format!("#{}", step.pointer);
                let there = told.iter().all(|(pointer, _)| *pointer == place) && told.iter().any(|(_, code)| code == step.fault.row().0);
                if !there {
                    let shown: String = sent.pointer(&step.pointer).map(Value::to_string).unwrap_or_default().chars().take(60).collect();
                    wrong.push(format!(
                        "{} {place} = {shown}: expected {}, got {} {told:?}",
                        operation.id,
                        step.fault.row().0,
                        reply.status
                    ));
                }
            }
        }
        assert!(wrong.is_empty(), "{} steps were not refused as they should:\n  {}", wrong.len(), wrong.join("\n  "));
    })
    .await;
}

#[actix_web::test]
async fn all_faults_of_a_body_are_told_at_once() {
    both(async |bench| {
        for (operation, schema) in with_json_bodies() {
            let recipe = Box::pin(recipe(&bench, operation)).await;
            let client = bench.sign_in(recipe.who).await;
            let mut body = example(schema);
            let mut expected = BTreeSet::new();
            // The first step at each place that no earlier one took away.
            for step in steps(schema, "").into_iter().filter(|step| step.value.is_some() && step.pointer.matches('/').count() == 1) {
                if expected.insert(format!("#{}", step.pointer)) {
                    body = step.taken(&body);
                }
            }
            let reply = recipe.call(&client).json(&body).expect(422).await;
            let told: BTreeSet<String> = reply.faults().into_iter().map(|(pointer, _)| pointer).collect();
            assert_eq!(told, expected, "{}", operation.id);
        }
    })
    .await;
}

#[actix_web::test]
async fn parameters_beyond_their_limits_are_refused_by_name() {
    both(async |bench| {
        let mut wrong = Vec::new();
        for operation in operations() {
            let recipe = Box::pin(recipe(&bench, operation)).await;
            let client = bench.sign_in(recipe.who).await;
            let parameters = operation.spec["parameters"].as_array().into_iter().flatten();
            for parameter in parameters.filter(|parameter| parameter["in"] == "query") {
                let name = parameter["name"].as_str().unwrap();
                let (schema, _) = solid(&parameter["schema"]);
                let schema = if kind(&schema) == "array" { solid(&schema["items"]).0 } else { schema };
                for odd in beyond(&schema) {
                    let address = format!("{}?{name}={odd}", recipe.path);
                    let reply = recipe.call_at(&client, &address).send().await;
                    let named = reply.status == 400 && reply.faults().iter().all(|(place, _)| place == name);
                    if !named {
                        wrong.push(format!("{} {address:.100}: {}", operation.id, reply.status));
                    }
                }
            }
        }
        assert!(wrong.is_empty(), "{} parameters were not refused as they should:\n  {}", wrong.len(), wrong.join("\n  "));
    })
    .await;
}

/// Values that a parameter cannot take.
fn beyond(schema: &Value) -> Vec<String> {
    let mut found: Vec<String> = vec!["%00".to_owned()];
    match kind(schema) {
        "integer" | "number" => {
            found.push("many".to_owned());
            found.extend(schema["minimum"].as_i64().map(|limit| (limit - 1).to_string()));
            found.extend(schema["maximum"].as_i64().map(|limit| (limit + 1).to_string()));
        }
        "boolean" => found.push("maybe".to_owned()),
        _ => {
            found.extend(schema["maxLength"].as_u64().map(|limit| "a".repeat(usize::try_from(limit).unwrap() + 1)));
            let closed = schema.get("enum").is_some() || schema["format"].as_str().is_some_and(|format| format != "password");
            found.extend(closed.then(|| "no_such_value".to_owned()));
        }
    }
    found
}
