//! Who speaks for an institution, and from when until when.

pub mod contact;
pub mod filter;
pub mod inputs;

use actix_web::{delete, get, patch, post, put, web::Data};
use chrono::NaiveDate;
use filter::FocalPointFilter;
use inputs::{FocalPointPatch, NewFocalPoint};
use sea_orm::{ColumnTrait, Condition};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    auth::{Action, Subject},
    clock::Timestamp,
    entity::focal_point::{Column, Entity, FocalPointRole, Model},
    features::{
        Listed,
        history::{History, HistoryQuery, history},
        lifecycle, references,
        sync::external_ids::{self, ExternalIdInput, Upsert},
        writing::{change, enter},
    },
    http::{
        Api,
        context::Here,
        extract::{Ask, Caller, IfMatch, Json, MaybeIfMatch, Path, Query},
        listing::{Computed, Listing, Refers},
        mount::Mount,
        reply::{Created, Document, Found, Saved, Upserted, View},
    },
    kind::Kind,
    store::{Answer, ExternalId, Provenance, Store},
    text::{Items, Text},
};

/// What stands for the name of a person whose data were erased.
pub const ERASED_NAME: &str = "(erased)";

/// The appointment without what it says of the person; the institution, the role and the dates stay.
pub fn erased(row: Model, at: Timestamp) -> Model {
    let name = ERASED_NAME.parse().unwrap_or_default();
    Model { name, position: None, account_id: None, erased_at: Some(at), external_ids: Items::default(), ..row }.sorted()
}

/// A focal point: a person who speaks for an organization, from one day until another. What the person may do in the system comes from the
/// account alone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FocalPointView {
    /// Identifies the appointment for ever.
    pub id: Uuid,
    /// Counts the changes; the same as in the ETag.
    #[schema(minimum = 1)]
    pub revision: i64,
    /// When it was entered.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// When it was archived; `null` while it is in use.
    pub archived_at: Option<Timestamp>,
    /// Where the row came from.
    pub provenance: Provenance,
    /// The ids that other systems know it by; written at `external-ids`.
    pub external_ids: Vec<ExternalId>,
    /// The organization that the person speaks for.
    pub organization_id: Uuid,
    /// The name of the person; `(erased)` once it was erased.
    pub name: Text<100>,
    /// The post that the person holds there.
    pub position: Option<Text<200>>,
    /// What the person does as a focal point.
    pub role: FocalPointRole,
    /// The account that the person signs in with.
    pub account_id: Option<Uuid>,
    /// The first day of the appointment.
    #[schema(examples("2025-06-01"))]
    pub starts_on: NaiveDate,
    /// The last day of the appointment; `null` while none is known.
    #[schema(examples("2027-05-31"))]
    pub ends_on: Option<NaiveDate>,
    /// When the operator erased what the row said of the person; such a row is not changed any more.
    pub erased_at: Option<Timestamp>,
}

impl From<Model> for FocalPointView {
    fn from(row: Model) -> Self {
        let Model {
            id,
            revision,
            audience: _,
            owner_id: _,
            created_at,
            updated_at,
            archived_at,
            provenance,
            external_ids,
            organization_id,
            name,
            sort_name: _,
            position,
            role,
            account_id,
            starts_on,
            ends_on,
            erased_at,
        } = row;
        Self {
            id,
            revision,
            created_at,
            updated_at,
            archived_at,
            provenance,
            external_ids: external_ids.0,
            organization_id,
            name,
            position,
            role,
            account_id,
            starts_on,
            ends_on,
            erased_at,
        }
    }
}

impl View for FocalPointView {
    type Entity = Entity;
    const PATH: &'static str = "/v1/focal-points";

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn revision(&self) -> i64 {
        self.revision
    }
}

impl Refers for FocalPointView {
    fn refers(&self) -> Vec<(Kind, Uuid)> {
        vec![(Kind::Organization, self.organization_id)]
    }

    fn computed(&self, today: NaiveDate) -> Computed {
        let current = self.starts_on <= today && self.ends_on.is_none_or(|last| today <= last);
        Computed { current: Some(current), ..Computed::default() }
    }
}

pub fn mount(config: &mut Mount<'_>) {
    config
        .service(list_focal_points)
        .service(create_focal_point)
        .service(get_focal_point_by_external_id)
        .service(upsert_focal_point_by_external_id)
        .service(get_focal_point)
        .service(update_focal_point)
        .service(archive_focal_point)
        .service(restore_focal_point)
        .service(get_focal_point_history)
        .service(set_focal_point_external_id)
        .service(delete_focal_point_external_id);
    contact::mount(config);
}

/// List focal points
///
/// Who speaks, or spoke, for which organization; past appointments included: `current=true` gives those of today.
#[utoipa::path(tag = "Focal points", params(Listing<FocalPointFilter>))]
#[get("/v1/focal-points")]
async fn list_focal_points(store: Data<Store>, caller: Caller, ask: Listing<FocalPointFilter>) -> Api<Listed<FocalPointView>> {
    ask.answer(&store, &caller).await
}

/// Read a focal point
///
/// One appointment as it is now, archived ones included. How to reach the person stands at `contact`.
#[utoipa::path(tag = "Focal points")]
#[get("/v1/focal-points/{id}")]
async fn get_focal_point(store: Data<Store>, caller: Caller, id: Path<Uuid>) -> Api<Found<FocalPointView>> {
    store.find::<Entity>(&caller, Column::Id.eq(id.0)).await.map(FocalPointView::from).map(Found)
}

/// Enter a focal point
///
/// The lead ministry enters those of every organization, an organization its own.
#[utoipa::path(tag = "Focal points", params(Ask))]
#[post("/v1/focal-points")]
async fn create_focal_point(
    store: Data<Store>,
    here: Data<Here>,
    body: Json<NewFocalPoint>,
    ask: Ask,
) -> Api<Answer<Created<FocalPointView>>> {
    store
        .write(&ask, async |tx| {
            let grant = tx.may(Action::Create, &Subject::new(Kind::FocalPoint))?;
            let row = enter::<Entity>(tx, &here, &grant, body.read()?.into()).await?;
            Ok(Created(row.into()))
        })
        .await
}

/// Change a focal point
///
/// The lead ministry changes those of every organization, an organization its own. An erased row is not changed any more: 409 `erased`.
#[utoipa::path(tag = "Focal points", params(Ask, IfMatch))]
#[patch("/v1/focal-points/{id}")]
async fn update_focal_point(
    store: Data<Store>,
    here: Data<Here>,
    id: Path<Uuid>,
    body: Json<FocalPointPatch>,
    ask: Ask,
    seen: IfMatch,
) -> Api<Answer<Saved<FocalPointView>>> {
    store
        .write(&ask, async |tx| {
            let (row, grant) = tx.open::<Entity>(Column::Id.eq(id.0), &seen.0, Action::Update).await?;
            let patch = body.patch(&grant, &FocalPointView::from(row.clone()))?;
            let row = change::<Entity>(tx, &here, &grant, row, patch).await?;
            Ok(Saved(row.into()))
        })
        .await
}

/// Archive a focal point
///
/// Takes an appointment that was entered by mistake out of use. One that is over is not archived: set `ends_on`.
#[utoipa::path(tag = "Focal points", params(Ask, IfMatch))]
#[post("/v1/focal-points/{id}/archive")]
async fn archive_focal_point(store: Data<Store>, id: Path<Uuid>, ask: Ask, seen: IfMatch) -> Api<Answer<Saved<FocalPointView>>> {
    lifecycle::archive(&store, &ask, Column::Id.eq(id.0), &seen.0, async |_tx, _row| Ok(())).await
}

/// Restore a focal point
///
/// Takes an archived appointment back into use.
#[utoipa::path(tag = "Focal points", params(Ask, IfMatch))]
#[post("/v1/focal-points/{id}/restore")]
async fn restore_focal_point(
    store: Data<Store>,
    here: Data<Here>,
    id: Path<Uuid>,
    ask: Ask,
    seen: IfMatch,
) -> Api<Answer<Saved<FocalPointView>>> {
    lifecycle::restore_if(&store, &ask, Column::Id.eq(id.0), &seen.0, async |tx, row: &Model| {
        references::go_on(tx, &here, [row.organization_id]).await
    })
    .await
}

/// Read the history of a focal point
///
/// Who changed what and when, the newest change first. That the contact was written stands there as `contact`, without what it is.
#[utoipa::path(tag = "Focal points", params(HistoryQuery))]
#[get("/v1/focal-points/{id}/history")]
async fn get_focal_point_history(
    store: Data<Store>,
    caller: Caller,
    id: Path<Uuid>,
    query: Query<HistoryQuery>,
) -> Api<Document<History<FocalPointView>>> {
    let row = store.find::<Entity>(&caller, Column::Id.eq(id.0)).await?;
    history(&store, &caller, &row, &query.0).await
}

/// Set an external id of a focal point
///
/// The id that another system knows the appointment by; one for each system. A machine account writes those of its own systems.
#[utoipa::path(tag = "Focal points", params(Ask, MaybeIfMatch))]
#[put("/v1/focal-points/{id}/external-ids/{system}")]
async fn set_focal_point_external_id(
    store: Data<Store>,
    path: Path<(Uuid, String)>,
    body: Json<ExternalIdInput>,
    ask: Ask,
    seen: MaybeIfMatch,
) -> Api<Answer<Saved<FocalPointView>>> {
    external_ids::put(&store, &ask, Column::Id.eq(path.0.0), &path.0.1, seen.0, body).await
}

/// Remove an external id of a focal point
///
/// The other system's id is free again for another row.
#[utoipa::path(tag = "Focal points", params(Ask, IfMatch))]
#[delete("/v1/focal-points/{id}/external-ids/{system}")]
async fn delete_focal_point_external_id(
    store: Data<Store>,
    path: Path<(Uuid, String)>,
    ask: Ask,
    seen: IfMatch,
) -> Api<Answer<Saved<FocalPointView>>> {
    external_ids::remove(&store, &ask, Column::Id.eq(path.0.0), &path.0.1, seen.0).await
}

/// Read a focal point by external id
///
/// The appointment that another system knows by this id.
#[utoipa::path(tag = "Focal points")]
#[get("/v1/focal-points/by-external-id/{system}/{id}")]
async fn get_focal_point_by_external_id(store: Data<Store>, caller: Caller, key: Path<(String, String)>) -> Api<Found<FocalPointView>> {
    external_ids::find(&store, &caller, &key.0, Condition::all()).await
}

/// Enter or change a focal point by external id
///
/// Makes the row when the id is not known, otherwise changes what differs: absent stays, `null` clears. Safe to send again.
#[utoipa::path(tag = "Focal points", params(Ask, MaybeIfMatch))]
#[put("/v1/focal-points/by-external-id/{system}/{id}")]
async fn upsert_focal_point_by_external_id(
    store: Data<Store>,
    here: Data<Here>,
    key: Path<(String, String)>,
    body: Json<NewFocalPoint>,
    ask: Ask,
    seen: MaybeIfMatch,
) -> Api<Answer<Upserted<FocalPointView>>> {
    let sent = Upsert { key: &key.0, seen: &seen.0, among: Condition::all(), body: &body };
    external_ids::upsert::<NewFocalPoint, FocalPointPatch, _>(&store, &here, &ask, sent, Model::from).await
}
