//! The workplan of the demo: active, reported on in every state, with a revision open.

use std::collections::BTreeSet;

use serde_json::json;

use super::{demo, listed, sign_in, tried};
use crate::{
    harness::plan::{ACTIVITIES, REVISIONS, WORKPLANS},
    progress_reports::REPORTS,
    rows::{assert_whole, at, id},
};

#[actix_web::test]
async fn the_demo_has_a_plan_that_is_carried_out_and_revised() {
    tried(async |bench, known| {
        let coordinator = sign_in(&bench, &known, "mofa.coordinator").await;
        let plans = listed(&coordinator, WORKPLANS).await;
        let [plan] = plans.as_slice() else { panic!("{} plans", plans.len()) };
        assert_eq!((&plan["state"], &plan["version"], &plan["provenance"]), (&json!("active"), &json!(1), &json!("illustrative")));
        let in_force = listed(&coordinator, format!("{ACTIVITIES}?workplan_id={}&in_version=true", id(plan))).await;
        assert!(in_force.len() >= 25, "{} activities", in_force.len());
        for asked in ["overdue=true", "blocked=true", "has_funding_gap=true", "implementation=completed", "implementation=suspended"] {
            assert!(!listed(&coordinator, format!("{ACTIVITIES}?{asked}")).await.is_empty(), "nothing of {asked} to try out on");
        }
        let reports = listed(&coordinator, REPORTS).await;
        let states: BTreeSet<_> = reports.iter().map(|row| row["state"].as_str().unwrap()).collect();
        assert_eq!(states, BTreeSet::from(["accepted", "draft", "returned", "submitted", "superseded"]));
        let revisions = listed(&coordinator, REVISIONS).await;
        assert_eq!((revisions.len(), &revisions[0]["state"]), (1, &json!("draft")));
        let diff = coordinator.get(format!("{}/diff", at(WORKPLANS, plan))).expect(200).await.json();
        let ops: BTreeSet<_> = diff["data"].as_array().unwrap().iter().map(|row| row["op"].as_str().unwrap()).collect();
        assert_eq!(ops, BTreeSet::from(["added", "changed", "removed"]));
        // What stays below an activity goes on as itself: one milestone gives way to another, and the one that was reached is not among them.
        let of = |op: &str, kind: &str, code: &str| {
            let wanted = [("op", op), ("kind", kind), ("code", code)];
            diff["data"].as_array().unwrap().iter().filter(|row| wanted.iter().all(|(name, value)| row[*name] == *value)).count()
        };
        assert_eq!([of("removed", "milestone", "1.2"), of("changed", "budget_line", "3.2")], [1, 1], "{diff}");
        // A ministry finds what it was sent back.
        let tasks = sign_in(&bench, &known, "molsw.focal").await.get("/v1/me/tasks").expect(200).await.json();
        assert!(tasks["data"].as_array().unwrap().iter().any(|task| task["task"] == "report_returned"));
        // Once is enough.
        demo(&bench).await;
        assert_eq!(listed(&coordinator, WORKPLANS).await, plans);
        assert_whole(&bench).await;
    })
    .await;
}
