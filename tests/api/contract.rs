//! The contract itself: current, sound, compatible with what was released, and honest about `null`.

mod compatible;

use std::{collections::BTreeSet, fs, path::Path};

use gcm_api::openapi;
use serde_json::{Value, json};

use crate::harness::{
    both,
    promise::{self, Operation, contract, operations, resolve},
    walk::Collection,
};

const RENEW: &str = "cargo run -- openapi --write openapi/openapi.json";

#[test]
fn contract_is_current() {
    let committed = fs::read_to_string("openapi/openapi.json").unwrap_or_default();
    assert!(
        committed == openapi::pretty(&openapi::contract()),
        "openapi/openapi.json is not what the code says. Renew it and look at the difference:\n\n    {RENEW}\n"
    );
}

/// An example that says nothing is copied all the same, and so is a ministry's name where a reason belongs.
#[test]
fn examples_say_something() {
    fn placeholders(value: &Value, at: &str, found: &mut BTreeSet<String>) {
        match value {
            Value::Object(members) => members.iter().for_each(|(name, member)| placeholders(member, &format!("{at}/{name}"), found)),
            Value::Array(items) => items.iter().for_each(|item| placeholders(item, &format!("{at}/*"), found)),
            Value::String(text) if text == "text" => drop(found.insert(at.to_owned())),
            Value::String(text) if text == "Ministry of Foreign Affairs" && !at.contains("/name/") => drop(found.insert(at.to_owned())),
            _ => {}
        }
    }
    let mut found = BTreeSet::new();
    for operation in operations() {
        let mut bodies = vec![&operation.spec["requestBody"]["content"]];
        bodies.extend(operation.spec["responses"].as_object().unwrap().values().map(|response| &response["content"]));
        for media in bodies.into_iter().filter_map(Value::as_object).flat_map(serde_json::Map::values) {
            placeholders(&media["example"], &operation.id, &mut found);
        }
    }
    assert!(found.is_empty(), "these examples say nothing of what they stand for; give each property one: {found:#?}");
}

/// Every value below this one that is an object, with the way to it.
fn objects<'a>(value: &'a Value, at: &str, found: &mut Vec<(String, &'a serde_json::Map<String, Value>)>) {
    match value {
        Value::Object(members) => {
            found.push((at.to_owned(), members));
            members
                .iter()
                .for_each(|(name, member)| objects(member, &format!("{at}/{}", name.replace('~', "~0").replace('/', "~1")), found));
        }
        Value::Array(items) => items.iter().enumerate().for_each(|(index, item)| objects(item, &format!("{at}/{index}"), found)),
        _ => {}
    }
}

/// A client's function that shows a text takes one type: what is answered in several languages is that type, and bodies keep a limit a field.
#[test]
fn texts_in_answers_have_one_type() {
    let schemas = contract()["components"]["schemas"].as_object().unwrap();
    let mut open: Vec<String> = operations().iter().flat_map(|operation| references(&operation.spec["requestBody"])).collect();
    let mut sent = BTreeSet::from(["LocalizedText".to_owned()]);
    while let Some(name) = open.pop() {
        if sent.insert(name.clone()) {
            open.extend(references(&schemas[&name]));
        }
    }
    let mut found = Vec::new();
    for (name, schema) in schemas.iter().filter(|(name, _)| !sent.contains(*name)) {
        objects(schema, name, &mut found);
    }
    let loose: Vec<_> = found.iter().filter(|(_, object)| object.contains_key("x-instance-languages")).map(|(at, _)| at).collect();
    assert!(loose.is_empty(), "these are texts of answers, and no LocalizedText: {loose:?}");
    assert!(references(&schemas["MinistryView"]).contains(&"LocalizedText".to_owned()));
    assert_eq!(schemas["NewMinistry"]["properties"]["name"]["additionalProperties"]["maxLength"], 200);
}

fn references(value: &Value) -> Vec<String> {
    let mut all = Vec::new();
    objects(value, "", &mut all);
    all.iter().filter_map(|(_, object)| Some(object.get("$ref")?.as_str()?.rsplit('/').next()?.to_owned())).collect()
}

fn has_text(value: &Value, name: &str) -> bool {
    value[name].as_str().is_some_and(|text| !text.trim().is_empty())
}

#[test]
fn contract_is_sound() {
    let mut wrong = Vec::new();
    let mut all = Vec::new();
    objects(contract(), "#", &mut all);
    for (at, object) in &all {
        if let Some(reference) = object.get("$ref").and_then(Value::as_str)
            && reference.strip_prefix('#').and_then(|pointer| contract().pointer(pointer)).is_none()
        {
            wrong.push(format!("{at}: {reference} leads nowhere"));
        }
        // Properties of schemas, not of examples, which may have any.
        let is_schema = !at.contains("/example") && object.get("type").is_some_and(|kind| *kind == "object" || kind[0] == "object");
        for (name, property) in object.get("properties").filter(|_| is_schema).and_then(Value::as_object).into_iter().flatten() {
            let target = property["$ref"].as_str().map(resolve);
            let branches = property["oneOf"].as_array().into_iter().flatten();
            let described = has_text(property, "description")
                || target.is_some_and(|target| has_text(target, "description"))
                || branches.into_iter().any(|branch| {
                    has_text(branch, "description")
                        || branch["$ref"].as_str().is_some_and(|target| has_text(resolve(target), "description"))
                });
            if !described {
                wrong.push(format!("{at}/properties/{name} has no description"));
            }
        }
    }
    let schemas = contract()["components"]["schemas"].as_object().unwrap();
    wrong.extend(schemas.keys().filter(|name| name.contains("CLAIMED-TWICE")).map(|name| format!("two types claim {name}")));
    operations().iter().for_each(|operation| wrong.extend(unsound(operation)));
    let ids: BTreeSet<&str> = operations().iter().map(|operation| operation.id.as_str()).collect();
    if ids.len() != operations().len() {
        wrong.push("two operations have one id".to_owned());
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn unsound(operation: &promise::Operation) -> Vec<String> {
    let (id, spec) = (&operation.id, &operation.spec);
    let mut wrong = Vec::new();
    let mut need = |fine: bool, what: String| wrong.extend((!fine).then(|| format!("{id}: {what}")));
    need(id.starts_with(|c: char| c.is_ascii_lowercase()) && id.chars().all(|c| c.is_ascii_alphanumeric()), "its id is camelCase".into());
    need(has_text(spec, "summary") && has_text(spec, "description"), "it has a summary and a description".into());
    let known: Vec<&Value> = contract()["tags"].as_array().unwrap().iter().map(|tag| &tag["name"]).collect();
    let tags = spec["tags"].as_array().map(Vec::as_slice).unwrap_or_default();
    need(!tags.is_empty() && tags.iter().all(|tag| known.contains(&tag)), "its tags are among those that the contract explains".into());
    let responses = spec["responses"].as_object().unwrap();
    need(responses.contains_key("4XX") && responses.contains_key("5XX"), "it answers 4XX and 5XX".into());
    need(responses.keys().any(|status| status.starts_with('2')), "it has a success".into());
    need(responses.values().all(|response| has_text(response, "description")), "every response has a description".into());

    let parameters = spec["parameters"].as_array().map(Vec::as_slice).unwrap_or_default();
    for parameter in parameters {
        need(has_text(parameter, "description"), format!("the parameter {} has a description", parameter["name"]));
        need(parameter["schema"].is_object(), format!("the parameter {} has a schema", parameter["name"]));
    }
    let in_path: BTreeSet<&str> = operation.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')).collect();
    let documented = |place: &Value| place["in"] == "path" && place["required"] == true;
    let named: BTreeSet<&str> =
        parameters.iter().filter(|parameter| documented(parameter)).filter_map(|parameter| parameter["name"].as_str()).collect();
    need(in_path == named, format!("its path has {in_path:?} and documents {named:?}"));

    let bodies = spec["requestBody"]["content"].as_object().into_iter().flatten();
    let answers = responses.values().filter_map(|response| response["content"].as_object()).flatten();
    for (media, content) in bodies.chain(answers).filter(|(media, _)| media.ends_with("json")) {
        match content.get("example") {
            None => need(false, format!("its {media} has an example")),
            Some(example) => {
                let faults = promise::faults(&content["schema"], example);
                need(faults.is_empty(), format!("the example of its {media} breaks its own schema, {faults:?}"));
            }
        }
    }
    wrong
}

/// Handlers name their path in the code: each one must be in the contract, which is what the front lets in.
#[test]
fn every_handler_is_in_the_contract() {
    fn handlers(folder: &Path, found: &mut BTreeSet<(String, String)>) {
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let path = entry.path();
            if path.is_dir() {
                handlers(&path, found);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                for line in fs::read_to_string(&path).unwrap().lines() {
                    let marked = ["get", "post", "put", "patch", "delete"].into_iter().find_map(|verb| {
                        let address = line.trim().strip_prefix(&format!("#[{verb}(\""))?.strip_suffix("\")]")?;
                        Some((verb.to_ascii_uppercase(), address.to_owned()))
                    });
                    found.extend(marked);
                }
            }
        }
    }
    let mut written = BTreeSet::new();
    handlers(Path::new("src"), &mut written);
    let promised: BTreeSet<_> = operations().iter().map(|operation| (operation.method.clone(), operation.path.clone())).collect();
    assert_eq!(written, promised);
}

/// A patch tells absent from `null`: absent keeps, `null` clears. A plain `Option` would read `null` as absent.
#[actix_web::test]
async fn null_clears_and_absent_keeps_in_every_patch() {
    both(async |bench| {
        // What stands below a row and answers without it has tests of its own.
        let patches = |operation: &&Operation| operation.method == "PATCH" && operation.spec["responses"].get("200").is_some();
        for operation in operations().iter().filter(patches) {
            let collection = Collection::of(operation).unwrap();
            let client = bench.sign_in(collection.editor()).await;
            let mut rows = Vec::new();
            for (row, full) in Box::pin(collection.full_changes(&bench)).await {
                let filled = client.patch(&row.path, &row.etag, &full).expect(200).await;
                let same = client.patch(&row.path, filled.etag(), json!({})).expect(200).await;
                assert_eq!(same.json(), filled.json(), "{}: an empty patch changes nothing", operation.id);
                rows.push((row.path, full, filled.json()));
            }

            for (name, property) in operation.body_schema().unwrap()["properties"].as_object().unwrap() {
                let nullable = promise::faults(property, &Value::Null).is_empty();
                if !nullable {
                    continue;
                }
                let fills = |full: &Value| full.get(name).is_some_and(|value| !value.is_null());
                let filled = rows.iter_mut().find(|(_, full, _)| fills(full));
                let (path, _, now) = filled.unwrap_or_else(|| panic!("teach tests/api/harness/walk.rs to fill {name} of {collection:?}"));
                let etag = format!("\"{}\"", now["revision"]);
                let emptied = collection.emptied(name);
                let after = client.patch(&*path, etag, &emptied).expect(200).await.json();
                let mut expected = now.clone();
                for (instead, value) in emptied.as_object().unwrap().iter().filter(|(instead, _)| *instead != name) {
                    expected[instead] = value.clone();
                }
                if !has_text(property, "description") || !property["description"].as_str().unwrap().contains("`null` changes nothing") {
                    assert!(!now[name].is_null(), "{}: {name} was filled", operation.id);
                    // A list that is cleared is empty.
                    expected[name] = if now[name].is_array() { json!([]) } else { Value::Null };
                }
                // The substance of a priority counts what is asked about, and that is another question now.
                for follows in ["revision", "updated_at", "substance"].into_iter().filter(|field| !after[*field].is_null()) {
                    expected[follows] = after[follows].clone();
                }
                assert_eq!(after, expected, "{}: {name} = null", operation.id);
                *now = after;
            }
        }
    })
    .await;
}
