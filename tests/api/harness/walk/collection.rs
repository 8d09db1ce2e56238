//! The resources: what a fresh row of each needs, who reads and edits it, and what of it may change.

mod changes;

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
