//! What was released stays true: clients made from an older document go on working.

use std::fs;

use gcm_api::openapi;
use serde_json::{Value, json};

/// Which way a schema travels: what is sent may not ask for more, what is answered may not hold less.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Sent,
    Answered,
}

struct Comparison<'a> {
    old: &'a Value,
    new: &'a Value,
    breaks: Vec<String>,
    met: Vec<(String, bool)>,
}

/// Everything in `new` that breaks clients of `old`.
fn breaks(old: &Value, new: &Value) -> Vec<String> {
    let mut comparison = Comparison { old, new, breaks: Vec::new(), met: Vec::new() };
    for (path, item) in old["paths"].as_object().into_iter().flatten() {
        for (method, operation) in item.as_object().into_iter().flatten().filter(|(_, operation)| operation.get("operationId").is_some()) {
            let at = format!("{method} {path}");
            match new["paths"][path].get(method) {
                None => comparison.breaks.push(format!("{at} is gone")),
                Some(now) => comparison.operation(operation, now, &at),
            }
        }
    }
    comparison.breaks
}

impl Comparison<'_> {
    fn operation(&mut self, old: &Value, new: &Value, at: &str) {
        if old["operationId"] != new["operationId"] {
            self.breaks.push(format!("{at} was {} and is {}", old["operationId"], new["operationId"]));
        }
        let list = |operation: &Value| operation["parameters"].as_array().cloned().unwrap_or_default();
        let same = |one: &Value, other: &Value| one["name"] == other["name"] && one["in"] == other["in"];
        for parameter in list(old) {
            match list(new).iter().find(|now| same(&parameter, now)) {
                None => self.breaks.push(format!("{at} takes {} no more", parameter["name"])),
                Some(now) => self.schema(&parameter["schema"], &now["schema"], &format!("{at} {}", parameter["name"]), Way::Sent),
            }
        }
        for parameter in list(new).iter().filter(|now| now["required"] == true) {
            if !list(old).iter().any(|was| same(was, parameter) && was["required"] == true) {
                self.breaks.push(format!("{at} asks for {} now", parameter["name"]));
            }
        }
        if old.get("requestBody").is_none() && new["requestBody"]["required"] == true {
            self.breaks.push(format!("{at} asks for a body now"));
        }
        self.content(&old["requestBody"], &new["requestBody"], at, Way::Sent);
        for (status, response) in old["responses"].as_object().into_iter().flatten() {
            match new["responses"].get(status) {
                None => self.breaks.push(format!("{at} answers {status} no more")),
                Some(now) => {
                    for name in response["headers"].as_object().into_iter().flatten().map(|(name, _)| name) {
                        if now["headers"].get(name).is_none() {
                            self.breaks.push(format!("{at} {status} has the header {name} no more"));
                        }
                    }
                    self.content(response, now, &format!("{at} {status}"), Way::Answered);
                }
            }
        }
    }

    fn content(&mut self, old: &Value, new: &Value, at: &str, way: Way) {
        for (media, content) in old["content"].as_object().into_iter().flatten() {
            match new["content"].get(media) {
                None => self.breaks.push(format!("{at} has {media} no more")),
                Some(now) => self.schema(&content["schema"], &now["schema"], at, way),
            }
        }
    }

    fn schema(&mut self, old: &Value, new: &Value, at: &str, way: Way) {
        if let Some(name) = old["$ref"].as_str() {
            let mark = (name.to_owned(), way == Way::Sent);
            if self.met.contains(&mark) {
                return;
            }
            self.met.push(mark);
        }
        let (whole_old, whole_new) = (self.old, self.new);
        let old = follow(whole_old, old);
        let new = follow(whole_new, new);
        if kinds(old) != kinds(new) {
            self.breaks.push(format!("{at} was {:?} and is {:?}", kinds(old), kinds(new)));
        }
        for value in old["enum"].as_array().into_iter().flatten() {
            if !new["enum"].as_array().is_none_or(|values| values.contains(value)) {
                self.breaks.push(format!("{at} has {value} no more"));
            }
        }
        if way == Way::Sent {
            self.limits(old, new, at);
        }
        for (name, property) in old["properties"].as_object().into_iter().flatten() {
            match new["properties"].get(name) {
                None => self.breaks.push(format!("{at} has {name} no more")),
                Some(now) => self.schema(property, now, &format!("{at} {name}"), way),
            }
        }
        let required = |schema: &Value| schema["required"].as_array().cloned().unwrap_or_default();
        let (was, is) = (required(old), required(new));
        match way {
            Way::Sent => self.breaks.extend(is.iter().filter(|name| !was.contains(name)).map(|name| format!("{at} asks for {name} now"))),
            Way::Answered => {
                self.breaks.extend(was.iter().filter(|name| !is.contains(name)).map(|name| format!("{at} may lack {name} now")))
            }
        }
        for below in ["items", "additionalProperties"] {
            if old[below].is_object() {
                self.schema(&old[below], &new[below], &format!("{at} {below}"), way);
            }
        }
        let branches = |schema: &Value| schema["oneOf"].as_array().cloned().unwrap_or_default();
        for (was, is) in branches(old).iter().zip(branches(new)) {
            self.schema(was, &is, at, way);
        }
    }

    /// A limit may be moved outwards or lifted, never moved inwards or added.
    fn limits(&mut self, old: &Value, new: &Value, at: &str) {
        for (name, upper) in
            [("maxLength", true), ("maximum", true), ("maxItems", true), ("minLength", false), ("minimum", false), ("minItems", false)]
        {
            let narrower = match (old[name].as_f64(), new[name].as_f64()) {
                (Some(was), Some(is)) => {
                    if upper {
                        is < was
                    } else {
                        is > was
                    }
                }
                (None, Some(_)) => true,
                _ => false,
            };
            if narrower {
                self.breaks.push(format!("{at} has a narrower {name}"));
            }
        }
        if new.get("pattern").is_some() && old["pattern"] != new["pattern"] {
            self.breaks.push(format!("{at} has another pattern"));
        }
    }
}

fn follow<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["$ref"].as_str().and_then(|reference| reference.strip_prefix('#')) {
        Some(pointer) => document.pointer(pointer).unwrap_or(schema),
        None => schema,
    }
}

fn kinds(schema: &Value) -> Vec<String> {
    let mut kinds: Vec<String> = match &schema["type"] {
        Value::String(kind) => vec![kind.clone()],
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    };
    kinds.sort();
    kinds
}

#[test]
fn what_was_released_stays_true() {
    let now = openapi::contract();
    let mut wrong = Vec::new();
    for entry in fs::read_dir("openapi/released").into_iter().flatten().map(Result::unwrap) {
        if entry.path().extension().is_some_and(|ending| ending == "json") {
            let released: Value = serde_json::from_str(&fs::read_to_string(entry.path()).unwrap()).unwrap();
            wrong.extend(breaks(&released, &now).into_iter().map(|fault| format!("{}: {fault}", entry.file_name().display())));
        }
    }
    assert!(wrong.is_empty(), "clients of a released contract would break; add beside, or open /v2:\n  {}", wrong.join("\n  "));
}

/// The comparison sees what it is for: each of these changes is found, and additions are not held against anyone.
#[test]
fn the_comparison_finds_what_breaks_clients() {
    let old = openapi::contract();
    assert_eq!(breaks(&old, &old), Vec::<String>::new());
    let broken = |change: &dyn Fn(&mut Value)| {
        let mut new = old.clone();
        change(&mut new);
        breaks(&old, &new)
    };
    let gone = broken(&|new| drop(new["paths"].as_object_mut().unwrap().remove("/v1/me")));
    assert_eq!(gone, ["get /v1/me is gone"]);
    let property =
        broken(&|new| drop(new["components"]["schemas"]["OrganizationView"]["properties"].as_object_mut().unwrap().remove("acronym")));
    assert!(
        property.iter().any(|fault| fault.ends_with("has \"acronym\" no more") || fault.ends_with("has acronym no more")),
        "{property:?}"
    );
    let value = broken(&|new| drop(new["components"]["schemas"]["Role"]["enum"].as_array_mut().unwrap().pop()));
    assert!(value.iter().any(|fault| fault.contains("no more")), "{value:?}");
    let asked = broken(&|new| new["components"]["schemas"]["NewOrganization"]["required"].as_array_mut().unwrap().push(json!("acronym")));
    assert!(asked.iter().any(|fault| fault.contains("asks for \"acronym\" now")), "{asked:?}");
    let narrower = broken(&|new| new["components"]["schemas"]["NewOrganization"]["properties"]["code"]["maxLength"] = json!(10));
    assert!(narrower.iter().any(|fault| fault.contains("narrower maxLength")), "{narrower:?}");
    let renamed = broken(&|new| new["paths"]["/v1/me"]["get"]["operationId"] = json!("getMyself"));
    assert_eq!(renamed, ["get /v1/me was \"getMe\" and is \"getMyself\""]);

    let added = broken(&|new| {
        new["paths"]["/v1/more"] = json!({"get": {"operationId": "getMore", "responses": {}}});
        new["components"]["schemas"]["OrganizationView"]["properties"]["more"] = json!({"type": "string"});
        new["components"]["schemas"]["OrganizationView"]["required"].as_array_mut().unwrap().push(json!("more"));
        new["components"]["schemas"]["NewOrganization"]["properties"]["more"] = json!({"type": "string"});
        new["components"]["schemas"]["NewOrganization"]["properties"]["code"]["maxLength"] = json!(100);
    });
    assert_eq!(added, Vec::<String>::new());
}
