//! What of a row of each resource may change, and to what.

use gcm_api::auth::Role;
use serde_json::{Value, json};

use super::{Collection, Row, closed_round};
use crate::harness::{Bench, plan, round::agreed, walk::fresh};

impl Collection {
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
            other => panic!("teach tests/api/harness/walk/collection/changes.rs what can be changed in /v1/{other}"),
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
            other => panic!("teach tests/api/harness/walk/collection/changes.rs which fields of /v1/{other} may be null"),
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
    pub(in crate::harness::walk) fn transition(self) -> Value {
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
            other => panic!("teach tests/api/harness/walk/collection/changes.rs a move of /v1/{other}"),
        }
    }
}
