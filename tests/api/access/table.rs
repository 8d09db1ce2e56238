//! Reading `tests/access.csv`, and what must stand in it.

use std::fmt;

use serde_json::Value;

use crate::harness::{
    promise::{Operation, operations},
    walk::Collection,
};

pub const ROLES: [&str; 5] = ["administrator", "coordinator", "focal_point", "network_member", "reader"];

/// What a case comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    Status(u16),
    /// A list without a row.
    None,
}

/// One caller, one operation, one field, one row.
#[derive(Clone, Debug)]
pub struct Case {
    pub operation: String,
    pub field: Option<String>,
    pub role: String,
    pub owner: String,
    pub expected: Expected,
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let field = self.field.as_ref().map(|field| format!("[{field}]")).unwrap_or_default();
        write!(f, "{}{field},{},{}", self.operation, self.role, self.owner)
    }
}

impl Case {
    /// Whether both speak of the same caller, operation, field and row.
    pub fn names(&self, other: &Self) -> bool {
        self.to_string() == other.to_string()
    }

    /// The kind of row and the action of the policy, for writes of one row.
    pub fn right(&self) -> Option<(&'static str, &'static str)> {
        match self.operation.as_str() {
            "createAccountPasswordLink" => return Some(("account", "give_password_link")),
            "getFocalPointContact" => return Some(("focal_point", "read_contact")),
            "updateFocalPointContact" => return Some(("focal_point", "set_contact")),
            _ => {}
        }
        let kinds = [
            ("Objective", "objective"),
            ("Organization", "organization"),
            ("Ministry", "organization"),
            ("ServiceAccount", "service_account"),
            ("Account", "account"),
            ("Succession", "succession"),
            ("Effort", "effort"),
            ("CoordinationBodyMember", "coordination_body_member"),
            ("CoordinationBody", "coordination_body"),
            ("ReviewCycle", "review_cycle"),
            ("FocalPoint", "focal_point"),
            ("UnNetworkMember", "un_network_member"),
            ("Consultation", "consultation"),
            ("Outcome", "outcome"),
            ("Prioritization", "prioritization"),
            ("Nomination", "nomination"),
            ("Priority", "priority"),
            ("Endorsement", "endorsement"),
            ("Comment", "comment"),
            ("WorkplanRevision", "workplan_revision"),
            ("Workplan", "workplan"),
            ("ActivityProposal", "activity_proposal"),
            ("Activity", "activity"),
            ("Milestone", "milestone"),
            ("BudgetLine", "budget_line"),
            ("ProgressReport", "progress_report"),
        ];
        let (noun, kind) = kinds.into_iter().find(|(noun, _)| self.operation.contains(noun))?;
        let verb = self.operation.strip_suffix("ExternalId").unwrap_or(&self.operation);
        let action = match (verb.strip_suffix(noun)?, verb != self.operation) {
            ("set" | "delete", true) => "set_external_id",
            ("create", false) => "create",
            ("delete", false) => "delete",
            ("update", false) => "update",
            ("archive", false) => "archive",
            ("restore", false) => "restore",
            ("transition", false) => "transition",
            _ => return None,
        };
        Some((kind, action))
    }

    /// A conflict comes after the question of who may, and so does what is wrong with a body.
    pub fn is_allowed(&self) -> bool {
        matches!(self.expected, Expected::Status(200..300 | 409 | 422))
    }
}

/// The table, with every list of words taken apart.
pub fn table() -> Vec<Case> {
    let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).from_path("tests/access.csv").expect("tests/access.csv is there");
    assert_eq!(reader.headers().expect("a line of names"), ["operation", "role", "owner", "expected"].as_slice());
    let mut cases = Vec::new();
    for line in reader.into_records() {
        let line = line.expect("four cells");
        let (operation, fields) = match line[0].split_once('[') {
            None => (&line[0], vec![None]),
            Some((operation, fields)) => (operation, fields.trim_end_matches(']').split(' ').map(|field| Some(field.to_owned())).collect()),
        };
        let expected = if &line[3] == "none" { Expected::None } else { Expected::Status(line[3].parse().expect("a status")) };
        for role in line[1].split(' ') {
            for (owner, field) in line[2].split(' ').flat_map(|owner| fields.iter().map(move |field| (owner, field.clone()))) {
                cases.push(Case { operation: operation.to_owned(), field, role: role.to_owned(), owner: owner.to_owned(), expected });
            }
        }
    }
    cases
}

/// Operations that enter a row of the organization that the body names.
pub const NAMES_ITS_OWNER: &[&str] =
    &["createEffort", "createFocalPoint", "createNomination", "createEndorsement", "createBudgetLine", "createProgressReport"];

/// Whose rows there are for this role: `-` when rows of this kind belong to nobody or none is named.
fn owners(operation: &'static Operation, role: &str) -> &'static [&'static str] {
    // Whose a new row of these is stands in its body, and who may enter it goes by that.
    let names_a_row = |collection: &Collection| {
        let named = collection.tail(operation).contains('{') && !operation.id.starts_with("upsert");
        named || NAMES_ITS_OWNER.contains(&operation.id.as_str())
    };
    // Rows of these belong to no organization.
    let nobodys = |collection: &Collection| {
        matches!(
            collection.0,
            "objectives"
                | "successions"
                | "coordination-bodies"
                | "review-cycles"
                | "consultations"
                | "prioritizations"
                | "priorities"
                | "workplans"
                | "workplan-revisions"
                | "activity-proposals"
        )
    };
    let Some(collection) = Collection::of(operation).filter(|collection| names_a_row(collection) && !nobodys(collection)) else {
        return &["-"];
    };
    match (role, collection.0) {
        ("administrator" | "reader", _) | ("network_member", "ministries" | "nominations" | "endorsements") => &["other"],
        _ => &["own", "other"],
    }
}

/// Every case that the contract gives rise to; what comes of it stands in the table.
pub fn every_case() -> Vec<Case> {
    let mut cases = Vec::new();
    for operation in operations().iter().filter(|operation| !operation.is_public()) {
        let fields: Vec<Option<String>> = match operation.method.as_str() {
            "PATCH" => operation
                .body_schema()
                .and_then(|schema| schema["properties"].as_object())
                .into_iter()
                .flatten()
                .map(|(name, _): (&String, &Value)| Some(name.clone()))
                .collect(),
            _ => vec![None],
        };
        for role in ROLES {
            for (owner, field) in owners(operation, role).iter().flat_map(|owner| fields.iter().map(move |field| (owner, field.clone()))) {
                cases.push(Case {
                    operation: operation.id.clone(),
                    field,
                    role: role.to_owned(),
                    owner: (*owner).to_owned(),
                    expected: Expected::None,
                });
            }
        }
    }
    cases
}
