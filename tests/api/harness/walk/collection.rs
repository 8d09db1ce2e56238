//! The resources: what a fresh row of each needs, who reads and edits it, and what of it may change.

use gcm_api::auth::Role;
use serde_json::{Value, json};

use super::{NAMED, fresh, invitation};
use crate::harness::{
    Bench, Who, plan,
    promise::{Operation, operations},
    round::{self, agreed, of_the_walkers},
};

/// A resource: its path below `/v1`, as `organizations`, or as `coordination-bodies/{id}/members` for rows that stand below another row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Collection(pub &'static str);

/// A row of a collection that no other test uses at the same time.
#[derive(Clone, Debug)]
pub struct Row {
    pub key: String,
    /// Its address.
    pub path: String,
    pub etag: String,
}

impl Row {
    /// This row of a collection, as it is now.
    pub async fn of(bench: &Bench, base: &str, row: &Value) -> Self {
        let key = row["id"].as_str().expect("a row has an id").to_owned();
        let path = format!("{base}/{key}");
        let etag = bench.sign_in(Who::Coordinator).await.get(&path).expect(200).await.etag();
        Self { key, path, etag }
    }
}

impl Collection {
    /// The collection that an operation belongs to.
    pub fn of(operation: &'static Operation) -> Option<Self> {
        let name = operation.path.strip_prefix("/v1/")?.split('/').next()?;
        if NAMED.iter().any(|(path, _, _)| path.starts_with(&format!("/v1/{name}/"))) {
            return None;
        }
        Self::below(operation).or_else(|| Self(name).has_rows().then_some(Self(name)))
    }

    /// The collection below a row that an operation belongs to.
    fn below(operation: &'static Operation) -> Option<Self> {
        let path = operation.path.strip_prefix("/v1/")?;
        let [_parent, id, child, ..] = path.split('/').collect::<Vec<_>>()[..] else { return None };
        // Versions of a plan are no rows: nothing is written to them.
        let below = Self(path.get(..path.find(child)? + child.len())?);
        if child == "versions" {
            return None;
        }
        (id.starts_with('{') && below.has_rows()).then_some(below)
    }

    /// Whether the contract has an address at which one row of it is read.
    fn has_rows(self) -> bool {
        let of_one = |path: &str| {
            let name = path.strip_prefix(&self.path()).and_then(|rest| rest.strip_prefix("/{")?.strip_suffix('}'));
            name.is_some_and(|name| !name.contains('/'))
        };
        operations().iter().any(|other| other.method == "GET" && of_one(&other.path))
    }

    /// The collection of the rows that its own stand below.
    pub fn parent(self) -> Option<Self> {
        self.0.split_once("/{").map(|(parent, _)| Self(parent))
    }

    /// Who sees its rows: all, or administrators only.
    pub fn is_private(self) -> bool {
        matches!(self.0, "accounts" | "service-accounts")
    }

    /// Whether a fresh row is seen by some only: by its own organization and the lead ministry, or by those who take part.
    pub fn begins_hidden(self) -> bool {
        matches!(
            self.0,
            "efforts"
                | "nominations"
                | "prioritizations"
                | "priorities"
                | "endorsements"
                | "workplans"
                | "workplan-revisions"
                | "activity-proposals"
                | "activities"
                | "activities/{id}/milestones"
                | "activities/{id}/budget-lines"
                | "progress-reports"
        )
    }

    /// Somebody who may read it.
    pub fn reader(self) -> Who {
        match (self.is_private(), self.begins_hidden()) {
            (true, _) => Who::Administrator,
            (_, true) => Who::Coordinator,
            _ => Who::Reader,
        }
    }

    /// Somebody who may do everything to it.
    pub fn editor(self) -> Who {
        if self.is_private() { Who::Administrator } else { Who::Coordinator }
    }

    /// Its path as it stands in the contract.
    pub fn path(self) -> String {
        format!("/v1/{}", self.0)
    }

    /// What comes behind it in the path of an operation; the parameter that names the row is `{id}`, whatever it is called.
    pub fn tail(self, operation: &Operation) -> String {
        let tail = operation.path.strip_prefix(&self.path()).expect("a collection is the beginning of the path");
        match tail.strip_prefix("/{").and_then(|rest| rest.split_once('}')) {
            Some((_name, rest)) => format!("/{{id}}{rest}"),
            None => tail.to_owned(),
        }
    }

    /// Where its rows are: for those that stand below another row, below a fresh one.
    pub async fn base(self, bench: &Bench) -> String {
        match self.parent() {
            None => self.path(),
            Some(parent) => {
                let above = Box::pin(parent.row(bench)).await.path;
                format!("{above}/{}", self.0.rsplit('/').next().expect("a last word"))
            }
        }
    }

    /// Whether the seed leaves it with fewer than two rows.
    pub(super) fn begins_small(self) -> bool {
        matches!(
            self.0,
            "efforts"
                | "focal-points"
                | "un-network-members"
                | "prioritizations"
                | "nominations"
                | "priorities"
                | "endorsements"
                | "comments"
                | "workplans"
                | "workplan-revisions"
                | "activity-proposals"
                | "activities"
                | "progress-reports"
        ) || self.parent().is_some()
    }

    /// The body of a new row.
    pub async fn new_row(self, bench: &Bench) -> Value {
        let n = fresh();
        match self.0 {
            "successions" => {
                let ending = Collection("organizations").made(bench).await;
                let heir = bench.organization("molsw").await["id"].clone();
                json!({"kind": "merge", "predecessor_ids": [ending], "successor_ids": [heir], "effective_on": "2020-01-01"})
            }
            "organizations" => json!({"kind": "state_body", "code": format!("walk-{n}"), "name": {"en": format!("Walked {n}")}}),
            "ministries" => json!({"code": format!("walk-{n}"), "name": {"en": format!("Walked {n}")}}),
            // Whom the lead ministry may invite, too.
            "accounts" => invitation(bench, "moh").await,
            "service-accounts" => json!({"name": format!("Walked {n}"), "role": "reader", "scopes": ["read"]}),
            "focal-points" => {
                json!({"organization_id": bench.organization("mof").await["id"], "name": format!("Walked {n}"), "role": "data", "starts_on": "2026-01-01"})
            }
            "efforts" => json!({
                "organization_id": bench.organization("mof").await["id"], "title": {"en": format!("Walked {n}")}, "kind": "service",
                "objective_numbers": [1, 6], "implementation": "ongoing",
            }),
            // An organization is a member once.
            "un-network-members" => json!({"organization_id": Self("organizations").made(bench).await, "roles": ["member"]}),
            "coordination-bodies" => json!({"name": {"en": format!("Walked {n}")}, "level": "technical"}),
            // An organization is an open member once.
            "coordination-bodies/{id}/members" => json!({"organization_id": Self("organizations").made(bench).await, "role": "member"}),
            "review-cycles" => json!({
                "code": format!("walk-{n}"), "title": {"en": format!("Walked {n}")}, "kind": "national", "starts_on": "2031-01-01",
                "ends_on": "2031-12-31", "date_precision": "day", "date_status": "confirmed",
            }),
            "consultations" => json!({
                "title": {"en": format!("Walked {n}")}, "kind": "technical_meeting", "status": "held", "starts_on": "2025-06-01",
                "ends_on": "2025-06-30", "date_precision": "day", "participant_total": 5,
            }),
            "outcomes" => json!({
                "consultation_id": Self("consultations").made(bench).await, "kind": "action_point", "text": {"en": format!("Walked {n}")},
                "responsible_id": bench.organization("mof").await["id"],
            }),
            "priorities" => json!({"prioritization_id": of_the_walkers(bench).await["id"], "objective_number": 6, "rank": 1}),
            // An institution gives its word once on each.
            "endorsements" => json!({
                "subject_kind": "priority", "subject_id": Self("priorities").made(bench).await, "substance": 1,
                "organization_id": bench.organization("mofa").await["id"], "decision": "endorsed",
            }),
            "comments" => json!({
                "subject_kind": "priority", "subject_id": agreed(bench).await["id"], "body": format!("Walked {n}"), "language": "en",
            }),
            "prioritizations" => round::body(&[&Self("organizations").made(bench).await]),
            // An institution nominates an objective once in a round.
            "nominations" => {
                let organization = Self("organizations").made(bench).await;
                round::on_paper(&round::open_for(bench, &[&organization]).await["id"], &organization)
            }
            "progress-reports" => json!({
                "activity_id": plan::reported_by_the_walkers(bench).await["id"], "organization_id": bench.organization("mofa").await["id"],
                "period_start": "2024-01-01", "period_end": "2024-03-31", "progress_percent": 20, "rating": "on_track",
                "implementation": "in_progress",
            }),
            "workplans" => plan::body(["2032-01-01", "2034-12-31"]),
            "activities" => plan::activity(&plan::drafted_by_the_walkers(bench).await, &bench.organization("mof").await),
            "activities/{id}/milestones" => json!({"title": {"en": format!("Walked {n}")}, "due_on": "2030-06-30"}),
            "activities/{id}/budget-lines" => json!({"kind": "committed", "amount": {"amount": "1250.00", "currency": "USD"}}),
            "activity-proposals" => {
                let revised = plan::revised(bench, &plan::apart(bench).await).await;
                json!({"activity_id": plan::activity_of(bench, &revised["workplan_id"]).await["id"]})
            }
            other => panic!("teach tests/api/harness/walk/collection.rs what a new row of /v1/{other} looks like"),
        }
    }

    /// A new row that was entered; its id.
    pub async fn made(self, bench: &Bench) -> Value {
        self.made_at(bench, &self.base(bench).await).await
    }

    pub(super) async fn made_at(self, bench: &Bench, base: &str) -> Value {
        if self.0 == "workplan-revisions" {
            return plan::revised(bench, &plan::apart(bench).await).await["id"].clone();
        }
        let body = Box::pin(self.new_row(bench)).await;
        let made = bench.sign_in(self.editor()).await.post(base, body).expect(201).await.json();
        if self.0 == "workplans" {
            // A plan without activities is put to nobody.
            plan::with_activity(bench, plan::activity(&made, &bench.organization("molsw").await)).await;
        }
        made["id"].clone()
    }

    /// A patch that changes something.
    pub fn change(self) -> Value {
        let n = fresh();
        match self.0 {
            "successions" => json!({"note": {"en": format!("Walked {n}")}}),
            "organizations" | "ministries" => json!({"website": format!("https://example.org/{n}")}),
            "objectives" => json!({"national_note": {"en": format!("Walked {n}")}}),
            "accounts" => json!({"display_name": format!("Walked {n}")}),
            "service-accounts" => json!({"name": format!("Walked again {n}")}),
            "focal-points" => json!({"position": format!("Walked {n}")}),
            "efforts" => json!({"description": {"en": format!("Walked {n}")}}),
            "un-network-members" => json!({"working_groups": [format!("Walked {n}")]}),
            "coordination-bodies" => json!({"terms_of_reference": {"en": format!("Walked {n}")}}),
            "coordination-bodies/{id}/members" => json!({"role": "observer"}),
            "activity-proposals" => json!({"removes": true}),
            "activities" => json!({"description": {"en": format!("Walked {n}")}}),
            "activities/{id}/milestones" => json!({"title": {"en": format!("Walked {n}")}}),
            "activities/{id}/budget-lines" => json!({"note": {"en": format!("Walked {n}")}}),
            "progress-reports" => json!({"achievements": {"en": format!("Walked {n}")}}),
            "review-cycles" | "consultations" | "prioritizations" | "workplans" | "workplan-revisions" => {
                json!({"title": {"en": format!("Walked {n}")}})
            }
            "outcomes" => json!({"text": {"en": format!("Walked {n}")}}),
            "priorities" => json!({"rationale": {"en": format!("Walked {n}")}}),
            "endorsements" => json!({"comment": {"en": format!("Walked {n}")}}),
            "comments" => json!({"body": format!("Walked {n}")}),
            "nominations" => json!({"rationale": {"en": format!("Walked {n}")}}),
            other => panic!("teach tests/api/harness/walk/collection.rs what can be changed in /v1/{other}"),
        }
    }

    /// A patch that fills every field that may be `null`.
    pub async fn full_change(self, bench: &Bench) -> Value {
        let other = bench.organization("molsw").await["id"].clone();
        let n = fresh();
        match self.0 {
            "organizations" | "ministries" => json!({
                "acronym": format!("W{n}"), "mandate": {"en": "To walk"}, "parent_id": other, "country": "LA",
                "website": format!("https://example.org/{n}"), "valid_from": "2001-02-03", "valid_to": "2099-12-31",
            }),
            "successions" => {
                let ending = Collection("organizations").made(bench).await;
                json!({
                    "kind": "dissolve", "predecessor_ids": [ending], "successor_ids": [], "decided_on": "2020-01-01",
                    "effective_on": "2020-02-03", "functions": [{"text": {"en": "To walk"}, "from_id": ending, "to_id": null}],
                    "note": {"en": format!("Walked {n}")}, "reassignments": [],
                })
            }
            "objectives" => json!({
                "national_lead_id": other, "national_note": {"en": format!("Walked {n}")}, "actions": [],
            }),
            "accounts" => json!({"organization_id": other}),
            "service-accounts" => json!({
                "organization_id": other, "scopes": ["read", "write"], "external_systems": [format!("walk-{n}")],
            }),
            "focal-points" => json!({
                "position": format!("Walked {n}"), "ends_on": "2099-12-31",
                "account_id": bench.person(&format!("walk-{n}"), Role::FocalPoint, Some("mof")).await.account_id(),
            }),
            "efforts" => json!({
                "objective_numbers": [6, 18], "partner_ids": [other], "description": {"en": format!("Walked {n}")}, "action_codes": ["6.c"], "sdg_target_codes": ["10.7"],
                "starts_on": "2024-01-01", "ends_on": "2026-12-31", "provinces": ["LA-SV"], "challenges": {"en": "Far"},
                "support_needed": {"en": "Shoes"}, "budget": {"amount": "1250.00", "currency": "USD"}, "funder_ids": [other],
                "links": [format!("https://example.org/{n}")],
            }),
            "un-network-members" => json!({
                "roles": ["chair", "member"], "joined_on": "2024-07-15", "left_on": "2099-12-31", "working_groups": ["Data"],
                "objective_numbers": [1, 23],
                "offers": [{"kind": "expertise", "description": {"en": format!("Walked {n}")}, "objective_numbers": [6]}],
            }),
            "coordination-bodies" => json!({
                "chair_ids": [other], "established_on": "2001-02-03", "dissolved_on": "2099-12-31",
                "terms_of_reference": {"en": format!("Walked {n}")}, "parent_id": Box::pin(self.made(bench)).await,
            }),
            "coordination-bodies/{id}/members" => json!({"joined_on": "2001-02-03", "left_on": "2099-12-31"}),
            "review-cycles" => json!({"submission_due_on": "2031-02-03"}),
            "consultations" => json!({
                "series_number": 7, "mode": "online", "place": {"en": "Vientiane"}, "convenor_ids": [other],
                "chairs": [{"organization_id": other, "position": "Walker", "name": format!("Walked {n}")}],
                "participants": [{"organization_id": other, "role": "speaker", "count": 3}], "participant_total": 30,
                "funder_ids": [other], "programme": {"en": "Walking"}, "sdg_goal_numbers": [10, 17], "agenda": [{"en": "To walk"}],
                "groups": [{"title": {"en": "Walkers"}, "objective_numbers": [1, 23], "facilitator_id": other, "summary": {"en": "On foot"}}],
                "cycle_id": Box::pin(Self("review-cycles").made(bench)).await,
            }),
            "outcomes" => json!({"objective_numbers": [1, 23], "responsible_id": other, "due_on": "2099-12-31"}),
            "prioritizations" => json!({
                "cycle_id": Self("review-cycles").made(bench).await, "consultation_id": Self("consultations").made(bench).await, "opens_on": "2026-09-01",
                "closes_on": "2099-12-31", "electorate_ids": [other], "criteria": [{"code": "data", "title": {"en": "Data"}, "weight": 0.25}],
            }),
            "nominations" => json!({
                "rationale": {"en": format!("Walked {n}")}, "action_codes": ["6.c"], "on_behalf_note": format!("Walked {n}"),
            }),
            "priorities" => json!({
                "cycle_id": Self("review-cycles").made(bench).await, "rationale": {"en": format!("Walked {n}")}, "cluster": {"en": "Walking"},
                "lead_id": other, "supporting_ids": [Self("organizations").made(bench).await],
                "adoption_act": {"number": format!("No. {n}"), "date": "2026-11-20", "authority": {"en": "Walker"}},
            }),
            "endorsements" => json!({"comment": {"en": format!("Walked {n}")}}),
            "workplans" => json!({"priority_ids": [agreed(bench).await["id"]], "approval_act": plan::act()}),
            "workplan-revisions" => json!({
                "note": {"en": format!("Walked {n}")}, "priority_ids": [agreed(bench).await["id"]], "approval_act": plan::act(),
            }),
            "activities" => json!({
                "description": {"en": format!("Walked {n}")}, "priority_id": agreed(bench).await["id"], "objective_numbers": [6, 18],
                "action_codes": ["6.c"], "sdg_target_codes": ["10.7"], "parties": [{"organization_id": other, "role": "lead"}],
                "ends_on": "2030-12-31", "recurrence": null, "outside_period_reason": {"en": "Far"},
                "depends_on": [Box::pin(self.made(bench)).await], "provinces": ["LA-SV"],
            }),
            "activities/{id}/milestones" => json!({"done_on": "2026-02-03"}),
            "activities/{id}/budget-lines" => json!({"funder_id": other, "note": {"en": format!("Walked {n}")}}),
            "progress-reports" => json!({
                "achievements": {"en": format!("Walked {n}")}, "challenges": {"en": "Far"}, "next_steps": {"en": "On"},
                "spent": {"amount": "1250.00", "currency": "USD"},
            }),
            "activity-proposals" => json!({
                "milestones": [{"id": null, "title": {"en": format!("Walked {n}")}, "due_on": "2030-06-30"}],
                "budget_lines": [{"id": null, "amount": {"amount": "1250.00", "currency": "USD"}, "funder_id": null, "note": null}],
            }),
            // Nothing of a comment may be empty.
            "comments" => json!({}),
            other => panic!("teach tests/api/harness/walk/collection.rs which fields of /v1/{other} may be null"),
        }
    }

    /// Rows of which every field that may be `null` can be filled in one or the other, with the patch that does.
    pub async fn full_changes(self, bench: &Bench) -> Vec<(Row, Value)> {
        let mut found = vec![(self.row(bench).await, self.full_change(bench).await)];
        if self.0 == "activities" {
            // It ends once, or comes again and again.
            let again = json!({"ends_on": null, "recurrence": {"every": "year", "until": "2031-12-31"}});
            found.push((self.row(bench).await, again));
        }
        if self.0 == "prioritizations" {
            // What is chosen can be written once it is closed, and then only that.
            let closed = closed_round(bench).await;
            let chosen =
                json!({"objective_number": 6, "rank": 1, "rationale": null, "cluster": null, "lead_id": null, "supporting_ids": []});
            found.push((closed, json!({"selection": [chosen]})));
        }
        found
    }

    /// A patch that empties this field: alone, or with what has to stand in its place.
    pub fn emptied(self, field: &str) -> Value {
        match (self.0, field) {
            ("activities", "ends_on") => json!({"ends_on": null, "recurrence": {"every": "year", "until": "2031-12-31"}}),
            ("activities", "recurrence") => json!({"recurrence": null, "ends_on": "2031-12-31"}),
            _ => json!({field: null}),
        }
    }

    /// A move that can be made of a fresh row.
    pub(super) fn transition(self) -> Value {
        match self.0 {
            "accounts" => json!({"to": "locked", "reason": "Walked"}),
            "efforts" => json!({"to": "submitted"}),
            "successions" => json!({"to": "effective"}),
            "outcomes" => json!({"to": "done"}),
            "prioritizations" => json!({"to": "open"}),
            "priorities" => json!({"to": "withdrawn", "reason": "Walked away"}),
            "comments" => json!({"to": "resolved"}),
            "workplans" => json!({"to": "in_review"}),
            "progress-reports" => json!({"to": "submitted"}),
            "workplan-revisions" => json!({"to": "withdrawn", "reason": "Walked away"}),
            other => panic!("teach tests/api/harness/walk/collection.rs a move of /v1/{other}"),
        }
    }

    /// A fresh row.
    pub async fn row(self, bench: &Bench) -> Row {
        let editor = bench.sign_in(self.editor()).await;
        let base = self.base(bench).await;
        let key = match self.0 {
            "objectives" => (fresh() % 23 + 1).to_string(),
            "accounts" => bench.person(&format!("walk-{}", fresh()), Role::Reader, None).await.account_id().to_string(),
            _ => self.made_at(bench, &base).await.as_str().expect("a row has an id").to_owned(),
        };
        let path = format!("{base}/{key}");
        let etag = editor.get(&path).expect(200).await.etag();
        Row { key, path, etag }
    }

    /// An address for a row that is not there, and one that cannot be read.
    pub fn unknown_keys(self) -> [String; 2] {
        match self.0 {
            "objectives" => ["24".to_owned(), "six".to_owned()],
            _ => [uuid::Uuid::now_v7().to_string(), "not-an-id".to_owned()],
        }
    }
}

/// A round that was open and is closed.
pub(super) async fn closed_round(bench: &Bench) -> Row {
    let organization = Collection("organizations").made(bench).await;
    let closed = round::closed(bench, &round::open_for(bench, &[&organization]).await).await;
    let key = closed["id"].as_str().expect("an id").to_owned();
    Row { path: format!("/v1/prioritizations/{key}"), key, etag: format!("\"{}\"", closed["revision"]) }
}
