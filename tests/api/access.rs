//! Who gets in, who sees what and who may do what: held against `tests/access.csv`, which is written by hand.

mod matrix;
mod own;
mod seeing;
mod table;
mod tokens;

use std::collections::HashMap;

use serde_json::{Value, json};

use self::{
    own::{made_by, own, own_nomination},
    table::{Case, Expected, table},
};
use crate::harness::{
    Bench, Who, both, plan,
    promise::operation,
    round::agreed,
    walk::{Collection, Recipe, Row, SYSTEM, recipe},
};

/// The person of a role whom the table speaks of.
fn who(role: &str) -> Who {
    match role {
        "administrator" => Who::Administrator,
        "coordinator" => Who::Coordinator,
        "focal_point" => Who::FocalPoint("molsw"),
        "network_member" => Who::NetworkMember("iom"),
        "reader" => Who::Reader,
        other => panic!("tests/access.csv names the role {other}"),
    }
}

/// The organization that this person speaks for.
fn home(role: &str) -> &'static str {
    match who(role) {
        Who::FocalPoint(code) | Who::NetworkMember(code) => code,
        Who::Coordinator => "mofa",
        _ => panic!("{role} speaks for no organization"),
    }
}

#[test]
fn the_table_is_complete() {
    let cases = table();
    let mut wrong = Vec::new();
    for expected in table::every_case() {
        match cases.iter().filter(|case| case.names(&expected)).count() {
            1 => {}
            count => wrong.push(format!("{expected}: {count} lines")),
        }
    }
    let all = table::every_case();
    wrong.extend(
        cases.iter().filter(|case| !all.iter().any(|known| case.names(known))).map(|case| format!("{case}: there is no such thing")),
    );
    assert!(wrong.is_empty(), "tests/access.csv must say of each operation, role and owner what is right, once:\n  {}", wrong.join("\n  "));
}

#[actix_web::test]
async fn the_table_holds() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        for role in ["coordinator", "focal_point", "network_member"] {
            let id = bench.organization(home(role)).await["id"].as_str().unwrap().to_owned();
            coordinator
                .put(format!("/v1/organizations/{id}/external-ids/{SYSTEM}"), json!({"id": format!("own-{role}")}))
                .expect(200)
                .await;
        }
        let mut accounts = HashMap::new();
        for code in ["mofa", "molsw", "iom", "mof"] {
            accounts.insert(code, bench.person(&format!("values.{code}"), gcm_api::auth::Role::FocalPoint, Some(code)).await.account_id());
        }
        let organization = Collection("organizations").row(&bench).await.key;
        let mut values = Values {
            organization,
            body: Collection("coordination-bodies").row(&bench).await.key,
            consultation: Collection("consultations").row(&bench).await.key,
            cycle: Collection("review-cycles").row(&bench).await.key,
            agreed: Value::Null,
            activity: Value::Null,
            accounts,
        };
        let mut wrong = Vec::new();
        // Nothing is kept of what is tried out, so that what each operation needs is made once.
        let mut recipes = HashMap::new();
        for case in table() {
            // Not before: what is agreed is seen by everybody, and lists that are empty for some come first.
            if matches!(case.operation.as_str(), "updateActivity" | "updateWorkplan" | "updateWorkplanRevision") && values.agreed.is_null()
            {
                values.agreed = agreed(&bench).await["id"].clone();
                values.activity = Collection("activities").made(&bench).await;
            }
            if !recipes.contains_key(&case.operation) {
                let made = Box::pin(recipe(&bench, operation(&case.operation))).await;
                recipes.insert(case.operation.clone(), made);
            }
            let found = Box::pin(outcome(&bench, &case, recipes[&case.operation].clone(), &values)).await;
            if found != case.expected {
                wrong.push(format!("{case}: {found:?} instead of {:?}", case.expected));
            }
        }
        assert!(wrong.is_empty(), "{} lines of tests/access.csv do not hold:\n  {}", wrong.len(), wrong.join("\n  "));
    })
    .await;
}

/// What happens when the case is tried out; nothing of it is kept.
async fn outcome(bench: &Bench, case: &Case, mut recipe: Recipe, values: &Values) -> Expected {
    let operation = recipe.operation;
    let by_external_id = operation.path.contains("by-external-id");
    let stand_in = match (case.owner.as_str(), Collection::of(operation)) {
        // How far an activity is, is said of one that is carried out.
        ("own", Some(collection)) if operation.id == "updateActivityTracking" => {
            let lead = bench.organization(home(&case.role)).await;
            Some((collection, Row::of(bench, plan::ACTIVITIES, &plan::running(bench, &lead).await).await))
        }
        ("own", Some(collection)) => Some((collection, own(bench, by_external_id, collection, &case.role).await)),
        // What the lead ministry made to be operated on is its own.
        ("other", Some(collection))
            if case.role == "coordinator" && matches!(collection.0, "endorsements" | "comments" | "progress-reports") =>
        {
            Some((collection, made_by(bench, by_external_id, collection, Who::FocalPoint("moh"), "moh").await))
        }
        _ => None,
    };
    if let Some((collection, own)) = stand_in {
        let tail = collection.tail(operation).replace("{system}", SYSTEM).replace("{prefix}", "nothing1");
        recipe.path = match tail.strip_prefix("/{id}") {
            Some(behind) => format!("{}{behind}", own.path),
            None if collection.parent().is_some() => own.path.rsplit_once('/').unwrap().0.to_owned(),
            None => format!("{}{}", collection.path(), tail.replace("{id}", &own.key)),
        };
        // A contact has an ETag of its own, and none was written yet.
        if !recipe.path.ends_with("/contact") {
            recipe.etag = recipe.etag.map(|_| own.etag);
        }
        if operation.id == "transitionProgressReport" && case.owner == "other" {
            // What the lead ministry does to the reports of others once they were submitted.
            let path = recipe.path.clone();
            let etag = recipe.etag.take().expect("a move needs one");
            let sender = bench.sign_in(Who::FocalPoint("moh")).await;
            let sent = sender.post(path, json!({"to": "submitted"})).header("if-match", etag).expect(200).await;
            (recipe.etag, recipe.body) = (Some(sent.etag()), Some(json!({"to": "accepted"})));
        }
        if operation.id == "createNomination" {
            let organization = bench.organization(home(&case.role)).await["id"].clone();
            recipe.body = Some(own_nomination(bench, &organization).await);
        }
        if table::NAMES_ITS_OWNER.contains(&operation.id.as_str()) {
            let named = if case.owner == "own" { home(&case.role) } else { "moh" };
            let field = if operation.id == "createBudgetLine" { "funder_id" } else { "organization_id" };
            recipe.body.as_mut().unwrap()[field] = bench.organization(named).await["id"].clone();
        }
    }
    if let Some(field) = &case.field {
        recipe.body = Some(json!({field.as_str(): values.of(case, Collection::of(operation).unwrap(), field)}));
        if field == "recurrence" && case.role == "coordinator" {
            // It comes again and again instead of ending once.
            recipe.body.as_mut().unwrap()["ends_on"] = Value::Null;
        }
        if operation.id == "updateActivityTracking" {
            recipe.body.as_mut().unwrap()["reason"] = json!("Access");
        }
    }
    if operation.method != "GET" {
        recipe.path.push_str("?dry_run=true");
    }
    let client = bench.sign_in(who(&case.role)).await;
    let reply = recipe.call(&client).send().await;
    if reply.status == 403 && operation.method == "PATCH" && reply.code() == "field_not_writable" {
        assert_eq!(reply.faults(), [(format!("#/{}", case.field.as_deref().unwrap()), "not_writable".to_owned())], "{case}");
    }
    let empty = operation.id.starts_with("list") && reply.status == 200 && reply.json()["data"].as_array().is_some_and(Vec::is_empty);
    // A row without moves yet is no list without rows.
    if empty && !operation.path.contains('{') { Expected::None } else { Expected::Status(reply.status) }
}

/// For each field that can be patched a value that differs from what any row has.
struct Values {
    organization: String,
    body: String,
    consultation: String,
    cycle: String,
    agreed: Value,
    activity: Value,
    /// By the code of their organization.
    accounts: HashMap<&'static str, uuid::Uuid>,
}

impl Values {
    fn of(&self, case: &Case, collection: Collection, field: &str) -> Value {
        let focal_point = collection.0 == "focal-points";
        match field {
            "kind" if collection.0 == "successions" => json!("rename"),
            "kind" if collection.0 == "efforts" => json!("law"),
            "partner_ids" | "funder_ids" => json!([self.organization]),
            "action_codes" => json!(["6.d"]),
            "sdg_target_codes" => json!(["8.8"]),
            "objective_numbers" if collection.0 == "efforts" => json!([6]),
            "implementation" => json!("completed"),
            "progress_percent" => json!(7),
            "reason" => json!("Access again"),
            "kind" if collection.0.ends_with("budget-lines") => json!("disbursed"),
            "amount" => json!({"amount": "9.00", "currency": "LAK"}),
            "funder_id" => json!(self.organization),
            "done_on" => json!("2026-02-03"),
            "priority_id" => self.agreed.clone(),
            "parties" => json!([{"organization_id": self.organization, "role": "lead"}]),
            "recurrence" => json!({"every": "year", "until": "2031-02-03"}),
            "outside_period_reason" => json!({"en": "Access"}),
            "depends_on" => json!([self.activity]),
            "starts_on" if collection.0 == "activities" => json!("2029-02-03"),
            // Of a plan that lies far ahead: harness::plan::apart.
            "ends_on" if collection.0 == "workplan-revisions" => json!("9999-12-31"),
            "ends_on" if collection.0 == "activities" => json!("2031-02-03"),
            "code" if collection.0 == "activities" => json!("access-new"),
            "provinces" => json!(["LA-VT"]),
            // Half of a period is none.
            "period_start" => json!("2024-04-01"),
            "period_end" => json!("2024-06-30"),
            "rating" => json!("off_track"),
            "spent" => json!({"amount": "9.00", "currency": "LAK"}),
            "description" | "challenges" | "support_needed" | "achievements" | "next_steps" => json!({"en": "Access"}),
            "budget" => json!({"amount": "9.00", "currency": "LAK"}),
            "links" => json!(["https://access.example.org"]),
            "kind" if matches!(collection.0, "review-cycles" | "consultations") => json!("regional_review"),
            "kind" if collection.0 == "outcomes" => json!("decision"),
            "series_number" => json!(9),
            "mode" => json!("online"),
            "status" => json!("cancelled"),
            "date_precision" if collection.0 == "consultations" => json!("month"),
            "starts_on" if collection.0 == "consultations" => json!("2025-06-02"),
            "ends_on" if collection.0 == "consultations" => json!("2025-06-05"),
            "place" | "programme" | "text" => json!({"en": "Access"}),
            "convenor_ids" => json!([self.organization]),
            "chairs" => json!([{"organization_id": self.organization, "position": "Access", "name": null}]),
            "participants" => json!([{"organization_id": self.organization, "role": "observer", "count": null}]),
            "participant_total" => json!(9),
            "participant_total_at_least" => json!(true),
            "sdg_goal_numbers" => json!([3]),
            "agenda" => json!([{"en": "Access"}]),
            "groups" => json!([{"title": {"en": "Access"}, "objective_numbers": [], "facilitator_id": null, "summary": null}]),
            "consultation_id" => json!(self.consultation),
            "cycle_id" => json!(self.cycle),
            "responsible_id" => json!(self.organization),
            "due_on" => json!("2031-02-03"),
            "parent_id" if collection.0 == "coordination-bodies" => json!(self.body),
            "opens_on" => json!("2026-09-01"),
            "closes_on" => json!("2099-12-31"),
            "electorate_ids" => json!([self.organization]),
            "criteria" => json!([{"code": "data", "weight": 1}]),
            "selection" => {
                json!([{"objective_number": 6, "rank": 1, "rationale": null, "cluster": null, "lead_id": null, "supporting_ids": []}])
            }
            "objective_number" => json!(7),
            "rank" => json!(50),
            "cluster" => json!({"en": "Access"}),
            "lead_id" => json!(self.organization),
            "supporting_ids" => json!([self.organization]),
            "reporting_interval" => json!("year"),
            "priority_ids" => json!([self.agreed]),
            "removes" => json!(true),
            "plan" => json!({"title": {"en": "Access"}}),
            "milestones" => json!([{"id": null, "title": {"en": "Access"}, "due_on": "2031-02-03"}]),
            "budget_lines" => {
                json!([{"id": null, "amount": {"amount": "9.00", "currency": "LAK"}, "funder_id": null, "note": null}])
            }
            "adoption_act" | "approval_act" => json!({"number": "No. 9", "date": "2026-11-01", "authority": {"en": "Access"}}),
            "decision" => json!("abstained"),
            "comment" => json!({"en": "Access"}),
            "body" => json!("Access"),
            "language" => json!("lo"),
            "scores" => json!({"urgency": 1, "feasibility": 1}),
            "rationale" => json!({"en": "Access"}),
            "on_behalf_note" => json!("Access"),
            "role" if collection.parent().is_some() => json!("observer"),
            "level" => json!("national"),
            "chair_ids" => json!([self.organization]),
            "established_on" => json!("1975-12-02"),
            "dissolved_on" => json!("2099-12-31"),
            "terms_of_reference" => json!({"en": "Access"}),
            "date_precision" => json!("year"),
            "date_status" => json!("tentative"),
            "submission_due_on" => json!("2031-02-03"),
            "name" if collection.0 == "service-accounts" => json!("Access"),
            "role" if collection.is_private() => json!("administrator"),
            "display_name" => json!("Access"),
            "organization_id" => json!(self.organization),
            "locale" => json!("lo"),
            "scopes" => json!(["read", "write"]),
            "external_systems" => json!(["access"]),
            "kind" => json!("committee"),
            "predecessor_ids" | "successor_ids" => json!([self.organization]),
            "functions" | "reassignments" => json!([]),
            "decided_on" | "effective_on" => json!("2019-03-04"),
            "code" => json!("access-new"),
            "acronym" => json!("ACC"),
            "name" | "position" if focal_point => json!("Access"),
            "name" | "mandate" | "title" | "short_title" | "summary" | "national_note" | "note" => json!({"en": "Access"}),
            "parent_id" | "national_lead_id" => json!(self.organization),
            "country" => json!("TH"),
            "website" => json!("https://access.example.org"),
            "valid_from" | "joined_on" | "starts_on" => json!("1975-12-02"),
            "valid_to" | "left_on" | "ends_on" => json!("2099-12-31"),
            "actions" => json!([]),
            "role" => json!("technical"),
            "account_id" => json!(self.accounts[if case.owner == "own" { home(&case.role) } else { "mof" }]),
            "email" => json!("access@example.org"),
            "phone" => json!("+856 21 999 999"),
            "roles" => json!(["observer"]),
            "working_groups" => json!(["Access"]),
            "objective_numbers" => json!([2]),
            "offers" => json!([{"kind": "funding", "description": {"en": "Access"}, "objective_numbers": []}]),
            other => panic!("teach tests/api/access.rs a value of {other}"),
        }
    }
}
