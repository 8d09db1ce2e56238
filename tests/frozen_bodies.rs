//! Bodies of the change log are for ever: one of each kind as it was written at first, which every later version must read.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails where it stands")]

use gcm_api::{
    entity::{
        account, activity, budget_line, comment, consultation, coordination_body, coordination_body_member, effort, endorsement,
        focal_point, milestone, nomination, objective, organization, outcome, prioritization, priority, progress_report, review_cycle,
        service_account, un_network_member,
    },
    store::{Tracked, canonical::canonical},
};
use serde_json::{Value, to_value};

fn read<E: Tracked>(frozen: &str) {
    let then: Value = serde_json::from_str(frozen).unwrap();
    let row: E::Model = serde_json::from_str(frozen).unwrap_or_else(|error| panic!("{} of the first version: {error}", E::KIND));
    let now = to_value(&row).unwrap();
    for (name, value) in then.as_object().unwrap() {
        assert_eq!(now.get(name), Some(value), "{} {name}", E::KIND);
    }
    assert!(canonical(&now).is_ok());
    // A column that did not exist yet has its default.
    for name in then.as_object().unwrap().keys() {
        let mut older = then.clone();
        older.as_object_mut().unwrap().remove(name);
        assert!(serde_json::from_value::<E::Model>(older).is_ok(), "{} without {name}", E::KIND);
    }
}

#[test]
fn the_first_bodies_can_still_be_read() {
    read::<objective::Entity>(include_str!("frozen/objective.json"));
    read::<organization::Entity>(include_str!("frozen/organization.json"));
    read::<account::Entity>(include_str!("frozen/account.json"));
    read::<service_account::Entity>(include_str!("frozen/service_account.json"));
    read::<focal_point::Entity>(include_str!("frozen/focal_point.json"));
    read::<un_network_member::Entity>(include_str!("frozen/un_network_member.json"));
    read::<coordination_body::Entity>(include_str!("frozen/coordination_body.json"));
    read::<coordination_body_member::Entity>(include_str!("frozen/coordination_body_member.json"));
    read::<review_cycle::Entity>(include_str!("frozen/review_cycle.json"));
    read::<effort::Entity>(include_str!("frozen/effort.json"));
    read::<consultation::Entity>(include_str!("frozen/consultation.json"));
    read::<outcome::Entity>(include_str!("frozen/outcome.json"));
    read::<priority::Entity>(include_str!("frozen/priority.json"));
    read::<endorsement::Entity>(include_str!("frozen/endorsement.json"));
    read::<comment::Entity>(include_str!("frozen/comment.json"));
    read::<prioritization::Entity>(include_str!("frozen/prioritization.json"));
    read::<progress_report::Entity>(include_str!("frozen/progress_report.json"));
    read::<nomination::Entity>(include_str!("frozen/nomination.json"));
    read::<budget_line::Entity>(include_str!("frozen/budget_line.json"));
    read::<milestone::Entity>(include_str!("frozen/milestone.json"));
    read::<activity::Entity>(include_str!("frozen/activity.json"));
}

#[test]
fn what_a_lower_limit_would_refuse_today_can_still_be_read() {
    let mut body: Value = serde_json::from_str(include_str!("frozen/organization.json")).unwrap();
    body["acronym"] = Value::String("x".repeat(10_000));
    body["name"]["en"] = Value::String("x".repeat(10_000));
    assert!(serde_json::from_value::<organization::Model>(body).is_ok());
}
