//! Workplans that are carried out, as far as a test needs them that is about something else.

use gcm_api::{
    auth::{Action, password::sha256_hex},
    entity::{
        activity::{self, ActivityParty},
        activity_party,
        workplan::{self, WorkplanState},
        workplan_version,
    },
    store::{Intent, Origin, Tracked as _},
    text::Items,
};
use sea_orm::ActiveValue::Set;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Bench, walk::fresh};

/// A plan and its activities, in the order in which they were named.
pub struct Planned {
    pub plan: Value,
    pub activities: Vec<Value>,
}

/// An organization that takes part, by its row.
pub fn party(organization: &Value, role: &str) -> Value {
    json!({"organization_id": organization["id"], "role": role})
}

/// A plan from October 2026 to the end of 2028 that is reported on by quarters.
pub fn header() -> Value {
    json!({"starts_on": "2026-10-01", "ends_on": "2028-12-31", "reporting_interval": "quarter"})
}

/// A plan that was approved today and is active, with these activities: their parties, first and last days.
pub async fn active(bench: &Bench, header: Value, activities: &[Value]) -> Planned {
    let mut planned = Planned { plan: Value::Null, activities: Vec::new() };
    let intent = Intent::system(Origin::CommandLine);
    let today = bench.clock().clock().today(bench.settings.instance.timezone);
    let write = bench.parts.store.write(&intent, async |tx| {
        let sha256 = sha256_hex("{}");
        let row = workplan::Model {
            title: serde_json::from_value(json!({"en": format!("Plan {}", fresh())})).unwrap(),
            starts_on: serde_json::from_value(header["starts_on"].clone()).unwrap(),
            ends_on: serde_json::from_value(header["ends_on"].clone()).unwrap(),
            reporting_interval: serde_json::from_value(header["reporting_interval"].clone()).unwrap(),
            version: Some(1),
            version_sha256: Some(sha256.clone()),
            substance: 1,
            state: WorkplanState::Active,
            ..workplan::Model::default()
        };
        let grant = tx.may(Action::Create, &workplan::Entity::subject(&row))?;
        let plan = tx.insert::<workplan::Entity>(&grant, row).await?;
        tx.add_owned::<workplan_version::Entity>(workplan_version::ActiveModel {
            workplan_id: Set(plan.id),
            version: Set(1),
            approved_at: Set(tx.now()),
            approved_on: Set(today),
            sha256: Set(sha256),
            content: Set("{}".to_owned()),
        })
        .await?;
        planned.activities.clear();
        for body in activities {
            let parties: Vec<ActivityParty> = serde_json::from_value(body["parties"].clone()).unwrap();
            let row = activity::Model {
                workplan_id: plan.id,
                code: serde_json::from_value(json!(format!("A{}", fresh()))).unwrap(),
                title: serde_json::from_value(json!({"en": "Train officials"})).unwrap(),
                parties: Items(parties.clone()),
                starts_on: serde_json::from_value(body["starts_on"].clone()).unwrap(),
                ends_on: serde_json::from_value(body["ends_on"].clone()).unwrap(),
                sort_ends_on: serde_json::from_value(body["ends_on"].clone()).unwrap(),
                added_in_version: Some(1),
                ..activity::Model::default()
            };
            let grant = tx.may(Action::Create, &activity::Entity::subject(&row))?;
            let row = tx.insert::<activity::Entity>(&grant, row).await?;
            let part = |party: &ActivityParty| activity_party::ActiveModel {
                activity_id: Set(row.id),
                organization_id: Set(party.organization_id),
                role: Set(party.role),
            };
            let rows = parties.iter().map(part).collect();
            tx.replace_owned::<activity_party::Entity>(activity_party::Column::ActivityId, row.id, rows).await?;
            planned.activities.push(serde_json::to_value(&row).unwrap());
        }
        planned.plan = serde_json::to_value(&plan).unwrap();
        Ok(())
    });
    Box::pin(write).await.unwrap_or_else(|problem| panic!("no plan could be made: {problem}"));
    planned
}

/// The plan is over.
pub async fn close(bench: &Bench, plan: &Value) {
    let id: Uuid = serde_json::from_value(plan["id"].clone()).unwrap();
    let intent = Intent::system(Origin::CommandLine);
    let write = bench.parts.store.write(&intent, async |tx| {
        let row = tx.first(workplan::Entity::by_id(id)).await?.unwrap();
        let subject = gcm_api::auth::Subject { to: Some("closed"), ..workplan::Entity::subject(&row) };
        let grant = tx.may(Action::Transition, &subject)?;
        tx.transition::<workplan::Entity>(&grant, row.clone(), workplan::Model { state: WorkplanState::Closed, ..row }, None).await?;
        Ok(())
    });
    Box::pin(write).await.unwrap_or_else(|problem| panic!("the plan could not be closed: {problem}"));
}

/// The activity as it is now.
pub async fn now(bench: &Bench, activity: &Value) -> Value {
    let id: Uuid = serde_json::from_value(activity["id"].clone()).unwrap();
    let row = bench.parts.store.first(activity::Entity::by_id(id)).await.unwrap().unwrap();
    serde_json::to_value(row).unwrap()
}

/// The activity is out of use.
pub async fn archive(bench: &Bench, activity: &Value) {
    let id: Uuid = serde_json::from_value(activity["id"].clone()).unwrap();
    let intent = Intent::system(Origin::CommandLine);
    let write = bench.parts.store.write(&intent, async |tx| {
        let row = tx.first(activity::Entity::by_id(id)).await?.unwrap();
        let grant = tx.may(Action::Archive, &activity::Entity::subject(&row))?;
        tx.archive::<activity::Entity>(&grant, row).await?;
        Ok(())
    });
    Box::pin(write).await.unwrap_or_else(|problem| panic!("the activity could not be archived: {problem}"));
}
