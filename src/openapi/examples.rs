//! Examples that fit: every body of the contract shows one, made from the examples of its parts.

use serde_json::{Map, Value, json};

use super::{inline::LOCALIZED_TEXT, references};

/// Examples of properties whose type is shared by many, as JSON.
const PROPERTY_EXAMPLES: &[(&str, &str)] = &[
    ("acronym", r#""MoFA""#),
    ("display_name", r#""Demo coordinator at MoFA""#),
    ("label", r#"{"en": "regulate recruitment agencies"}"#),
    ("mandate", r#"{"en": "Consular protection, treaties, reporting to UN forums"}"#),
    ("national_lead_id", "null"),
    ("next_cursor", r#""WyIyMDI2LTExLTIzVDA5OjIyOjAwLjAwMDAwMFoiLCIwMTkyIl0""#),
    ("national_note", r#"{"en": "Priority of the second national workshop"}"#),
    ("parent_id", "null"),
    ("position", r#""Deputy Director, Department of Employment""#),
    ("reason", r#""Left the ministry""#),
    ("request_id", r#""0192f3a4b5c67d8e9f01a2b3c4d5e6f7""#),
    ("short_title", r#"{"en": "Recruitment and decent work"}"#),
    ("summary", r#"{"en": "Regulate recruitment so that workers do not pay for their jobs"}"#),
    ("title", r#"{"en": "Facilitate fair and ethical recruitment and safeguard conditions that ensure decent work"}"#),
];

/// Examples of properties of one schema, or of all those of one resource, where the name alone would say something else.
const OWN_EXAMPLES: &[(&str, &str, &str)] = &[
    ("AuthorizationServer", "grant_types_supported", r#"["password", "refresh_token", "client_credentials"]"#),
    ("AuthorizationServer", "response_types_supported", "[]"),
    ("AuthorizationServer", "revocation_endpoint_auth_methods_supported", r#"["none"]"#),
    ("AuthorizationServer", "token_endpoint_auth_methods_supported", r#"["client_secret_basic", "client_secret_post", "none"]"#),
    ("ClusterSchemeList", "included", "null"),
    ("ClusterSchemeView", "title", r#"{"en": "IMRF round tables (A/RES/73/326)"}"#),
    ("ClusterSchemeView", "note", r#"{"en": "Used by the International Migration Review Forum since 2022."}"#),
    ("ClusterView", "title", r#"{"en": "Ensuring that migration is voluntary, orderly and regular"}"#),
    ("Chair", "name", r#""Demo chair at MoFA""#),
    ("Chair", "position", r#""Deputy Director General of International Organizations""#),
    ("Consultation", "agenda", r#"[{"en": "Opening remarks"}, {"en": "Group discussion: objectives of priority"}]"#),
    ("Consultation", "kind", r#""national_workshop""#),
    ("Consultation", "place", r#"{"en": "Vang Vieng"}"#),
    ("Consultation", "programme", r#"{"en": "Asia Regional Migration Program"}"#),
    ("Consultation", "title", r#"{"en": "Second national consultation workshop on the GCM"}"#),
    ("Consultation", "mode", r#""hybrid""#),
    ("Consultation", "status", r#""held""#),
    ("CoordinationBody", "level", r#""technical""#),
    ("CoordinationBody", "name", r#"{"en": "Technical working group on migration"}"#),
    ("CoordinationBody", "terms_of_reference", r#"{"en": "Takes stock of implementation and proposes priorities"}"#),
    ("Effort", "title", r#"{"en": "Pre-departure training for workers"}"#),
    ("Effort", "description", r#"{"en": "Two days of training on contracts, rights and complaints before departure"}"#),
    ("Effort", "kind", r#""programme""#),
    ("Effort", "challenges", r#"{"en": "Too few trainers in the provinces"}"#),
    ("Effort", "support_needed", r#"{"en": "Training material in Lao and in the languages of the provinces"}"#),
    ("Effort", "ends_on", r#""2026-12-31""#),
    ("GuidingPrincipleView", "title", r#"{"en": "Child-sensitive"}"#),
    (
        "GuidingPrincipleView",
        "summary",
        r#"{"en": "Makes the best interests of the child a primary consideration in every situation that concerns children"}"#,
    ),
    ("FocalPoint", "name", r#""Demo focal point at MoFA""#),
    ("Group", "summary", r#"{"en": "Recruitment and skills come first"}"#),
    ("Group", "title", r#"{"en": "Labour migration"}"#),
    ("MovedFunction", "text", r#"{"en": "Information"}"#),
    ("NewSecret", "expires_at", r#""2031-01-01T00:00:00.000000Z""#),
    ("NextTransition", "explanation", r#""Administrators let people in and lock them out.""#),
    ("Nomination", "rationale", r#"{"en": "Workers still pay for their jobs"}"#),
    ("Nomination", "on_behalf_note", r#""Letter No. 142 of 12 September 2026""#),
    ("Offer", "kind", r#""expertise""#),
    ("Offer", "description", r#"{"en": "Advice on statistics of migration"}"#),
    ("Outcome", "kind", r#""action_point""#),
    ("Outcome", "text", r#"{"en": "Develop a workplan to implement the Compact"}"#),
    ("Participant", "role", r#""participant""#),
    ("Act", "number", r#""No. 214/PM""#),
    ("Act", "authority", r#"{"en": "Prime Minister"}"#),
    ("Comment", "body", r#""Which provinces does this reach?""#),
    ("Endorsement", "comment", r#"{"en": "With the wording of the second meeting"}"#),
    ("Priority", "agreed_against", "null"),
    ("Activity", "code", r#""3.2""#),
    ("Activity", "title", r#"{"en": "Train recruiters in fair recruitment"}"#),
    ("Activity", "tracking_reason", "null"),
    ("Activity", "description", r#"{"en": "Two-day courses for licensed recruiters in three provinces"}"#),
    ("Activity", "depends_on", "[]"),
    ("Activity", "outside_period_reason", "null"),
    ("Activity", "recurrence", "null"),
    ("ActivityTracking", "reason", r#""Visited on 12 May 2027: the courses have begun""#),
    ("ActivityPlan", "code", r#""3.2""#),
    ("ActivityPlan", "title", r#"{"en": "Train recruiters in fair recruitment"}"#),
    ("ActivityPlan", "description", r#"{"en": "Two-day courses for licensed recruiters in three provinces"}"#),
    ("ActivityPlan", "depends_on", "[]"),
    ("ActivityPlan", "outside_period_reason", "null"),
    ("ActivityPlan", "recurrence", "null"),
    ("ActivityProposal", "removes", "false"),
    ("BudgetLine", "kind", r#""committed""#),
    ("BudgetLine", "note", r#"{"en": "Trainers and rooms of three courses"}"#),
    ("NewMilestone", "done_on", "null"),
    ("Milestone", "title", r#"{"en": "Curriculum agreed"}"#),
    ("PlannedBudgetLine", "id", "null"),
    ("PlannedBudgetLine", "note", r#"{"en": "Trainers and rooms of three courses"}"#),
    ("PlannedMilestone", "id", "null"),
    ("PlannedMilestone", "title", r#"{"en": "Curriculum agreed"}"#),
    ("WorkplanVersionActivity", "code", r#""3.2""#),
    ("WorkplanVersionActivity", "title", r#"{"en": "Train recruiters in fair recruitment"}"#),
    ("WorkplanVersionActivity", "description", r#"{"en": "Two-day courses for licensed recruiters in three provinces"}"#),
    ("WorkplanVersionActivity", "depends_on", "[]"),
    ("WorkplanVersionActivity", "outside_period_reason", "null"),
    ("WorkplanVersionActivity", "recurrence", "null"),
    ("WorkplanVersionHeader", "agreed_against", "null"),
    ("Workplan", "title", r#"{"en": "National workplan on migration 2026 to 2028"}"#),
    ("Workplan", "agreed_against", "null"),
    ("WorkplanRevision", "title", r#"{"en": "National workplan on migration 2026 to 2029"}"#),
    ("WorkplanRevision", "note", r#"{"en": "Two priorities take longer than planned"}"#),
    ("WorkplanRevision", "agreed_against", "null"),
    ("ProgressReport", "achievements", r#"{"en": "Two courses were held in Savannakhet"}"#),
    ("ProgressReport", "challenges", r#"{"en": "Too few trainers"}"#),
    ("ProgressReport", "next_steps", r#"{"en": "Train the trainers of two more provinces"}"#),
    ("Priority", "cluster", r#"{"en": "Fair recruitment"}"#),
    ("Priority", "rationale", r#"{"en": "Workers still pay for their jobs"}"#),
    ("Selected", "cluster", r#"{"en": "Fair recruitment"}"#),
    ("Selected", "rationale", r#"{"en": "Workers still pay for their jobs"}"#),
    ("Reassignment", "kind", r#""objective_lead""#),
    ("Reassignment", "field", r#""national_lead_id""#),
    ("ReviewCycle", "code", r#""national-2028""#),
    ("ReviewCycle", "kind", r#""national""#),
    ("ReviewCycle", "title", r#"{"en": "National review of 2028"}"#),
    ("ServiceAccount", "name", r#""IOM case management""#),
    (
        "SdgGoalView",
        "title",
        r#"{"en": "Promote peaceful and inclusive societies for sustainable development, provide access to justice for all and build effective, accountable and inclusive institutions at all levels"}"#,
    ),
    ("SdgGoalView", "short_title", r#"{"en": "Peace, justice and strong institutions"}"#),
    ("SdgTargetView", "label", r#"{"en": "end abuse, trafficking and violence against children"}"#),
    ("Succession", "kind", r#""merge""#),
    ("Succession", "note", r#"{"en": "Resolution of the National Assembly on the organization of the Government"}"#),
    ("UnNetworkMember", "working_groups", r#"["Migration data"]"#),
    ("VocabularyEntryView", "label", r#"{"en": "Ministry", "lo": "ກະຊວງ"}"#),
    ("VocabularyEntryView", "description", "null"),
    ("VocabularyView", "title", r#"{"en": "Kinds of institutions"}"#),
    ("VocabularyView", "description", "null"),
];

/// Gives the properties of a schema the examples that are its own.
pub(super) fn give_own_examples(schema_name: &str, schema: &mut Value) {
    let resource = schema_name.strip_prefix("New").unwrap_or(schema_name).trim_end_matches("View").trim_end_matches("Patch");
    for (_, name, example) in OWN_EXAMPLES.iter().filter(|(schema, _, _)| [schema_name, resource].contains(schema)) {
        if let Some(property) = schema.pointer_mut(&format!("/properties/{name}")) {
            give(property, example);
        }
    }
    // Nothing was asked for besides: the example of a list would else be longer than the list.
    if let Some(included) = schema.pointer_mut("/properties/included").filter(|_| schema_name.ends_with("List")) {
        give(included, "null");
    }
}

/// Gives a property the example that its name stands for.
pub(super) fn give_property_example(name: &str, property: &mut Value) {
    if let Some((_, example)) = PROPERTY_EXAMPLES.iter().find(|(known, _)| *known == name) {
        give(property, example);
    }
}

fn give(property: &mut Value, example: &str) {
    let Ok(example) = serde_json::from_str::<Value>(example) else { return };
    let kind = match example {
        Value::Object(_) => "object",
        Value::Array(_) => "array",
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        _ => "string",
    };
    let fits = match property.get("type") {
        Some(is) => is == kind || is.as_array().is_some_and(|kinds| kinds.iter().any(|one| one == kind)),
        None => match kind {
            "object" => references(property).iter().any(|name| LOCALIZED_TEXT.ends_with(name)),
            "null" => property.get("oneOf").is_some(),
            _ => false,
        },
    };
    if let (true, Some(property)) = (fits, property.as_object_mut()) {
        property.insert("examples".to_owned(), json!([example]));
    }
}

/// A value that fits the schema, from the examples of its parts.
pub(super) fn example(schema: &Value, schemas: &Map<String, Value>, depth: usize) -> Value {
    if let Some(given) = schema.get("example").or_else(|| schema.pointer("/examples/0")) {
        return given.clone();
    }
    if let Some(name) = schema.get("$ref").and_then(Value::as_str).and_then(|target| target.rsplit('/').next()) {
        return schemas.get(name).filter(|_| depth < 6).map(|schema| example(schema, schemas, depth + 1)).unwrap_or_default();
    }
    if let Some(first) = schema.get("default").or_else(|| schema.pointer("/enum/0")) {
        return first.clone();
    }
    if let Some(branches) = schema.get("oneOf").or_else(|| schema.get("anyOf")).and_then(Value::as_array) {
        let solid = branches.iter().rev().find(|branch| branch.get("type").and_then(Value::as_str) != Some("null"));
        return solid.map(|branch| example(branch, schemas, depth)).unwrap_or_default();
    }
    let kind = schema.get("type").map(|kind| kind.as_str().or_else(|| kind.get(0)?.as_str()).unwrap_or_default()).unwrap_or_default();
    match (kind, schema.get("format").and_then(Value::as_str)) {
        ("object", _) => {
            if let Some(texts) = schema.get("additionalProperties").filter(|texts| texts.is_object()) {
                return json!({"en": example(texts, schemas, depth)});
            }
            let properties = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
            Value::Object(properties.map(|(name, property)| (name.clone(), example(property, schemas, depth))).collect())
        }
        ("array", _) => json!([schema.get("items").map(|items| example(items, schemas, depth)).unwrap_or_default()]),
        ("string", Some("uuid")) => json!("01920000-0000-7000-8000-000000000001"),
        ("string", Some("date")) => json!("2025-03-20"),
        ("string", _) => json!("text"),
        ("integer" | "number", _) => {
            schema.get("minimum").filter(|minimum| minimum.as_i64().is_some_and(|n| n >= 0)).cloned().unwrap_or(json!(1))
        }
        ("boolean", _) => json!(true),
        _ => Value::Null,
    }
}

/// What is sent where the body has the shape of many others, but only some values fit here.
fn own_request(operation: &str) -> Option<Value> {
    let item = || json!({"id": "01920000-0000-7000-8000-000000000001", "revision": 1});
    let reason = "The decree is in force";
    match operation {
        "transitionOutcome" => Some(json!({"to": "done", "reason": "The workplan was handed in"})),
        "transitionOutcomes" => Some(json!({"to": "done", "reason": "The workplan was handed in", "items": [item()], "atomic": "all"})),
        "transitionSuccession" => Some(json!({"to": "effective", "reason": reason})),
        "transitionSuccessions" => Some(json!({"to": "effective", "reason": reason, "items": [item()], "atomic": "all"})),
        "transitionPrioritization" => Some(json!({"to": "open"})),
        "transitionPrioritizations" => Some(json!({"to": "closed", "items": [item()], "atomic": "all"})),
        _ => None,
    }
}

/// Adds the media type that patches are sent as, too, and an example to each body.
pub(super) fn add_examples(operation: &mut Value, examples: &Map<String, Value>) {
    let own = operation.get("operationId").and_then(Value::as_str).and_then(own_request);
    if let (Some(own), Some(media)) = (own, operation.pointer_mut("/requestBody/content/application~1json")) {
        media.as_object_mut().map(|media| media.insert("example".to_owned(), own));
    }
    if let Some(content) = operation.pointer_mut("/requestBody/content").and_then(Value::as_object_mut) {
        give_example(content, examples);
    }
    let verb = operation.get("operationId").and_then(Value::as_str).unwrap_or_default().to_owned();
    if verb.starts_with("update")
        && let Some(content) = operation.pointer_mut("/requestBody/content").and_then(Value::as_object_mut)
        && let Some(json) = content.get("application/json").cloned()
    {
        content.insert("application/merge-patch+json".to_owned(), json);
    }
    let responses = operation.get_mut("responses").and_then(Value::as_object_mut).into_iter().flat_map(|responses| responses.values_mut());
    for content in responses.filter_map(|response| response.get_mut("content")?.as_object_mut()) {
        give_example(content, examples);
    }
}

fn give_example(content: &mut Map<String, Value>, examples: &Map<String, Value>) {
    for media in content.values_mut().filter_map(Value::as_object_mut) {
        let name = media.get("schema").and_then(|schema| schema.get("$ref")?.as_str()?.rsplit('/').next().map(str::to_owned));
        if let Some(example) = name.and_then(|name| examples.get(&name)) {
            media.entry("example").or_insert_with(|| example.clone());
        }
    }
}
