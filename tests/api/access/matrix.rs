//! The printed policy: it says what the table of rights says, and is current.

use std::collections::BTreeMap;

use gcm_api::auth::policy;

use super::table::{Case, table};

/// A line of the printed policy.
struct Line<'a> {
    kind: &'a str,
    action: &'a str,
    role: &'a str,
    owner: &'a str,
    allowed: bool,
    fields: Vec<&'a str>,
}

fn lines(matrix: &str) -> Vec<Line<'_>> {
    let line = |line: &'_ str| -> Vec<String> { line.split(',').map(str::to_owned).collect() };
    assert_eq!(line(matrix.lines().next().unwrap()), ["kind", "action", "role", "owner", "allowed", "rule", "fields"]);
    let read = |line| match <[&str; 7]>::try_from(str::split(line, ',').collect::<Vec<_>>()).unwrap() {
        [kind, action, role, owner, allowed, _rule, fields] => {
            Line { kind, action, role, owner, allowed: allowed == "yes", fields: fields.split(' ').collect() }
        }
    };
    matrix.lines().skip(1).map(read).collect()
}

impl Line<'_> {
    fn is_about(&self, case: &Case) -> bool {
        let owned = case.owner == "-" || case.owner == self.owner;
        case.right() == Some((self.kind, self.action)) && case.role == self.role && owned
    }

    fn grants(&self, field: Option<&String>) -> bool {
        self.allowed && field.is_none_or(|field| self.fields.contains(&"*") || self.fields.contains(&field.as_str()))
    }
}

#[test]
fn the_policy_says_what_the_table_says() {
    let (matrix, cases) = (policy::matrix(), table());
    let mut wrong = Vec::new();
    // Duties are handed on by making a succession effective, and in no other way: tests/api/successions.rs.
    for line in lines(&matrix).into_iter().filter(|line| line.action != "reassign") {
        let about: Vec<_> = cases.iter().filter(|case| line.is_about(case)).collect();
        wrong.extend(
            about
                .iter()
                .filter(|case| line.grants(case.field.as_ref()) != case.is_allowed())
                .map(|case| format!("the policy differs from: {case}")),
        );
        // An administrator speaks for no organization, so there is nothing of its own to ask about.
        let meaningless = matches!(line.role, "administrator" | "reader") && line.owner == "own";
        if line.allowed && about.is_empty() && !meaningless {
            wrong.push(format!("the policy allows {} {} to {} ({}), the table is silent", line.action, line.kind, line.role, line.owner));
        }
        for field in line.fields.iter().filter(|field| !matches!(**field, "" | "*")) {
            if !about.iter().any(|case| case.field.as_deref() == Some(field)) {
                wrong.push(format!("the policy names {field} of {}, the table does not", line.kind));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn only_the_lead_ministry_hands_duties_on() {
    let matrix = policy::matrix();
    let allowed = lines(&matrix).into_iter().filter(|line| line.action == "reassign" && line.allowed);
    let reassigned: BTreeMap<_, _> = allowed
        .map(|line| {
            assert_eq!(line.role, "coordinator", "{}", line.kind);
            (line.kind, line.fields.join(" "))
        })
        .collect();
    let expected = [
        ("account", "organization_id"),
        ("activity", "parties"),
        ("activity_proposal", "plan"),
        ("coordination_body", "chair_ids"),
        ("coordination_body_member", "organization_id left_on"),
        ("focal_point", "organization_id ends_on"),
        ("objective", "national_lead_id"),
        ("organization", "parent_id"),
        ("outcome", "responsible_id"),
        ("service_account", "organization_id"),
        ("un_network_member", "organization_id left_on"),
    ];
    assert_eq!(reassigned, expected.map(|(kind, fields)| (kind, fields.to_owned())).into());
}

#[test]
fn the_printed_policy_is_current() {
    let committed = std::fs::read_to_string("docs/policy.csv").unwrap_or_default();
    assert!(
        committed == policy::matrix(),
        "docs/policy.csv is not what the code says. Renew it and look at the difference:\n\n    cargo run -- policy > docs/policy.csv\n"
    );
}
