//! Which schemas have a name of their own, and which stand where they are used.

use serde_json::{Map, Value, json};

use super::reachable;
use crate::text::LANGUAGES_KEYWORD;

/// The name of texts in several languages, in answers.
pub(super) const LOCALIZED_TEXT: &str = "#/components/schemas/LocalizedText";

/// Codes and limited texts stand where they are used: a name for each limit would only be in the way of the reader and of generated clients.
/// What is answered in several languages has one name for all, since a client limits nothing that it is told.
pub(super) fn inline(contract: &mut Value, schemas: &mut Map<String, Value>) {
    let sent = reachable(contract, schemas, "requestBody");
    let named = |schema: &Value| schema.get("properties").is_some() || schema.get("enum").is_some();
    let plain: Map<String, Value> =
        schemas.iter().filter(|(_, schema)| !named(schema)).map(|(name, schema)| (name.clone(), schema.clone())).collect();
    schemas.retain(|name, _| !plain.contains_key(name));
    let mut answered = plain.clone();
    answered.values_mut().filter(|schema| is_localized(schema)).for_each(|schema| *schema = json!({"$ref": LOCALIZED_TEXT}));
    for (name, schema) in schemas.iter_mut() {
        put_inline(schema, if sent.contains(name) { &plain } else { &answered });
    }
    if let Some(paths) = contract.get_mut("paths") {
        put_inline(paths, &plain);
    }
    let longest = |schema: &&Value| schema.pointer("/additionalProperties/maxLength").and_then(Value::as_u64);
    if let Some(Value::Object(mut text)) = plain.values().filter(|schema| is_localized(schema)).max_by_key(longest).cloned() {
        text.insert(
            "description".to_owned(),
            json!("The same text in one or more languages, by BCP 47 language tag; at least one language."),
        );
        schemas.insert(LOCALIZED_TEXT.rsplit('/').next().unwrap_or_default().to_owned(), Value::Object(text));
    }
}

/// A text in several languages, and not the patch of one, which may leave none.
fn is_localized(schema: &Value) -> bool {
    schema.get(LANGUAGES_KEYWORD).is_some() && schema.get("minProperties").is_some()
}

fn put_inline(value: &mut Value, plain: &Map<String, Value>) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| put_inline(item, plain)),
        Value::Object(object) => {
            object.values_mut().for_each(|member| put_inline(member, plain));
            let target = object.get("$ref").and_then(Value::as_str).and_then(|target| target.rsplit('/').next());
            if let Some(Value::Object(schema)) = target.and_then(|name| plain.get(name)).cloned() {
                object.remove("$ref");
                schema.into_iter().for_each(|(key, value)| {
                    object.entry(key).or_insert(value);
                });
            }
            flatten_nullable(object);
        }
        _ => {}
    }
}

/// `oneOf: [null, text]` is `type: [text, null]`, which every generator reads as an optional text. A reference stays a branch, and what it is
/// about is said beside the branches.
fn flatten_nullable(object: &mut Map<String, Value>) {
    let Some([one, other]) = object.get_mut("oneOf").and_then(Value::as_array_mut).map(Vec::as_mut_slice) else { return };
    let is_null = |branch: &Value| branch.get("type").and_then(Value::as_str) == Some("null");
    let solid = match (is_null(one), is_null(other)) {
        (true, false) => other,
        (false, true) => one,
        _ => return,
    };
    let Some(solid) = solid.as_object_mut() else { return };
    let Some(kind) = solid.get("type").and_then(Value::as_str).map(str::to_owned) else {
        if let Some(description) = solid.remove("description") {
            object.entry("description").or_insert(description);
        }
        return;
    };
    let solid = std::mem::take(solid);
    object.remove("oneOf");
    for (key, value) in solid {
        object.entry(key).or_insert(value);
    }
    object.insert("type".to_owned(), json!([kind, "null"]));
}
