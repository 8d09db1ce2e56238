//! What was approved, for ever: each version of a workplan under its digest.

pub mod content;
pub mod diff;

use actix_web::{get, web::Data};
use chrono::NaiveDate;
use content::{Header, VersionContent};
use sea_orm::{ActiveValue::Set, ColumnTrait};
use serde::Serialize;
use serde_json::to_value;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    auth::{Action, password::sha256_hex},
    clock::Timestamp,
    entity::{
        activity,
        workplan::{self, Column, Entity, Model},
        workplan_version,
    },
    features::{discussion, workplan::planning},
    http::{
        Api,
        context::Here,
        extract::{Caller, Path},
        reply::{Document, Frozen},
    },
    problem::Problem,
    store::{Store, Tracked, Tx, canonical::canonical},
};

/// A version of a workplan that was approved.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = WorkplanVersionSummary)]
pub struct VersionView {
    /// Its number; the first is 1.
    #[schema(minimum = 1)]
    version: i64,
    /// The day on which it was approved, in the timezone of the instance.
    #[schema(examples("2026-01-15"))]
    approved_on: NaiveDate,
    /// When it was approved.
    approved_at: Timestamp,
    /// SHA-256 of the answer at `href`, in hexadecimal digits.
    #[schema(examples("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"))]
    sha256: String,
    /// Where it is read.
    #[schema(examples("/v1/workplans/01920000-0000-7000-8000-000000000001/versions/1"))]
    href: String,
}

/// The versions of a workplan that were approved.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WorkplanVersions)]
pub struct Versions {
    /// Each version, the newest first.
    data: Vec<VersionView>,
}

/// Read the versions of a workplan
///
/// Every version that was approved, the newest first; the newest is in force. A plan that was not approved yet has none.
#[utoipa::path(tag = "Workplans")]
#[get("/v1/workplans/{id}/versions")]
pub(super) async fn get_workplan_versions(store: Data<Store>, caller: Caller, id: Path<Uuid>) -> Api<Document<Versions>> {
    let plan = store.find::<Entity>(&caller, Column::Id.eq(id.0)).await?;
    let heads = store.tally::<_, workplan_version::Head>(workplan_version::Entity::heads(plan.id)).await?;
    let data = heads.into_iter().map(|head| VersionView {
        href: format!("{}/{}/versions/{}", workplan::Entity::KIND.path(), plan.id, head.version),
        version: head.version,
        approved_on: head.approved_on,
        approved_at: head.approved_at,
        sha256: head.sha256,
    });
    Ok(Document(Versions { data: data.collect() }))
}

/// Read a version of a workplan
///
/// The plan as it was approved, with the names of that day: always the same bytes (canonical JSON, RFC 8785), whatever became of the plan and of the
/// institutions since. `sha256sum` of the answer is its `sha256`, which is also the ETag.
#[utoipa::path(tag = "Workplans")]
#[get("/v1/workplans/{id}/versions/{version}")]
pub(super) async fn get_workplan_version(store: Data<Store>, caller: Caller, key: Path<(Uuid, i64)>) -> Api<Frozen<VersionContent>> {
    let (id, version) = key.0;
    store.find::<Entity>(&caller, Column::Id.eq(id)).await?;
    let row = store.all(workplan_version::Entity::one(id, version)).await?.pop().ok_or_else(Problem::not_found)?;
    Ok(Frozen::new(row.content, &row.sha256))
}

/// Writes this version of the plan, which is in force from now on: every activity that is in use is part of it, and is seen as it.
pub async fn approve(tx: &mut Tx<'_>, here: &Here, plan: &mut Model, version: i64) -> Result<(), Problem> {
    let mut activities = tx.all(activity::Entity::of_plan(plan.id)).await?;
    activities.retain(|row| row.archived_at.is_none());
    for row in &mut activities {
        if row.added_in_version.is_none() {
            let grant = tx.may(Action::Update, &activity::Entity::subject(row))?;
            let after = activity::Model { added_in_version: Some(version), ..row.clone() };
            *row = tx.update_because::<activity::Entity>(&grant, row.clone(), after, format!("workplan version {version}")).await?;
        }
    }
    planning::follow(tx, &activities).await?;
    discussion::follow::<activity::Entity>(tx, &activities).await?;
    let header = Header { version, ..Header::of(plan, here.today()) };
    let content = content::build(tx, header, content::images(tx, plan.id, None).await?).await?;
    let content = canonical(&to_value(&content).map_err(Problem::internal)?)?;
    let sha256 = sha256_hex(&content);
    plan.version = Some(version);
    plan.version_sha256 = Some(sha256.clone());
    tx.add_owned::<workplan_version::Entity>(workplan_version::ActiveModel {
        workplan_id: Set(plan.id),
        version: Set(version),
        approved_at: Set(tx.now()),
        approved_on: Set(here.today()),
        sha256: Set(sha256),
        content: Set(content),
    })
    .await
}
