//! The bodies in which institutions coordinate: technical groups, ministerial committees, national mechanisms.

pub mod filter;
pub mod inputs;
pub mod rules;

use actix_web::{delete, get, patch, post, put, web::Data};
use chrono::NaiveDate;
use filter::CoordinationBodyFilter;
use inputs::{CoordinationBodyPatch, NewCoordinationBody};
use sea_orm::{ColumnTrait, Condition};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    auth::{Action, Subject},
    clock::Timestamp,
    entity::coordination_body::{Column, Entity, Model, Name, TermsOfReference},
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
    text::Term,
};

/// A body in which institutions coordinate what they do about migration: a technical group, a ministerial committee, a national mechanism.
/// Who takes part in it is listed at `members`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CoordinationBodyView {
    /// Identifies the body for ever.
    pub id: Uuid,
    /// Counts the changes of the body itself; the same as in the ETag. Changes of its members have revisions of their own.
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
    /// The name, by language.
    pub name: Name,
    /// At which level it works, such as `technical`, `ministerial` or `national`; the vocabulary `coordination_levels` may grow.
    pub level: Term,
    /// The organizations that chair it, the first one first; empty when that is not known.
    pub chair_ids: Vec<Uuid>,
    /// The first day on which it existed; `null` when that is not known.
    #[schema(examples("2024-08-20"))]
    pub established_on: Option<NaiveDate>,
    /// The first day on which it existed no more; `null` while it does.
    #[schema(examples("2030-01-01"))]
    pub dissolved_on: Option<NaiveDate>,
    /// What it is there to do, by language.
    pub terms_of_reference: Option<TermsOfReference>,
    /// The body above it, to which it reports; a body may get one later and stays the same body.
    pub parent_id: Option<Uuid>,
}

impl From<Model> for CoordinationBodyView {
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
            name,
            sort_name: _,
            level,
            chair_ids,
            established_on,
            dissolved_on,
            terms_of_reference,
            parent_id,
        } = row;
        Self {
            id,
            revision,
            created_at,
            updated_at,
            archived_at,
            provenance,
            external_ids: external_ids.0,
            name,
            level,
            chair_ids: chair_ids.0,
            established_on,
            dissolved_on,
            terms_of_reference,
            parent_id,
        }
    }
}

impl View for CoordinationBodyView {
    type Entity = Entity;
    const PATH: &'static str = "/v1/coordination-bodies";

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn revision(&self) -> i64 {
        self.revision
    }
}

impl Refers for CoordinationBodyView {
    fn refers(&self) -> Vec<(Kind, Uuid)> {
        let chairs = self.chair_ids.iter().map(|id| (Kind::Organization, *id));
        chairs.chain(self.parent_id.map(|id| (Kind::CoordinationBody, id))).collect()
    }

    fn computed(&self, today: NaiveDate) -> Computed {
        let current = self.established_on.is_none_or(|from| from <= today) && self.dissolved_on.is_none_or(|to| today < to);
        Computed { current: Some(current), ..Computed::default() }
    }
}

pub fn mount(config: &mut Mount<'_>) {
    config
        .service(list_coordination_bodies)
        .service(create_coordination_body)
        .service(get_coordination_body_by_external_id)
        .service(upsert_coordination_body_by_external_id)
        .service(get_coordination_body)
        .service(update_coordination_body)
        .service(archive_coordination_body)
        .service(restore_coordination_body)
        .service(get_coordination_body_history)
        .service(set_coordination_body_external_id)
        .service(delete_coordination_body_external_id);
}

/// List coordination bodies
///
/// The bodies in which institutions coordinate, dissolved ones among them unless `current=true` is asked for.
#[utoipa::path(tag = "Coordination bodies", params(Listing<CoordinationBodyFilter>))]
#[get("/v1/coordination-bodies")]
async fn list_coordination_bodies(
    store: Data<Store>,
    caller: Caller,
    ask: Listing<CoordinationBodyFilter>,
) -> Api<Listed<CoordinationBodyView>> {
    ask.answer(&store, &caller).await
}

/// Read a coordination body
///
/// One body as it is now, archived ones included.
#[utoipa::path(tag = "Coordination bodies")]
#[get("/v1/coordination-bodies/{id}")]
async fn get_coordination_body(store: Data<Store>, caller: Caller, id: Path<Uuid>) -> Api<Found<CoordinationBodyView>> {
    store.find::<Entity>(&caller, Column::Id.eq(id.0)).await.map(CoordinationBodyView::from).map(Found)
}

/// Enter a coordination body
///
/// The lead ministry keeps the register of bodies. New chairs must be organizations that are in use and valid today.
#[utoipa::path(tag = "Coordination bodies", params(Ask))]
#[post("/v1/coordination-bodies")]
async fn create_coordination_body(
    store: Data<Store>,
    here: Data<Here>,
    body: Json<NewCoordinationBody>,
    ask: Ask,
) -> Api<Answer<Created<CoordinationBodyView>>> {
    store
        .write(&ask, async |tx| {
            let grant = tx.may(Action::Create, &Subject::new(Kind::CoordinationBody))?;
            let row = enter::<Entity>(tx, &here, &grant, body.read()?.into()).await?;
            Ok(Created(row.into()))
        })
        .await
}

/// Change a coordination body
///
/// The lead ministry changes every field. A technical group that is put under a higher mechanism gets a `parent_id` and stays the same body,
/// with its members and its history. Chairs and a parent that it has already may stay when they ended or were archived meanwhile.
#[utoipa::path(tag = "Coordination bodies", params(Ask, IfMatch))]
#[patch("/v1/coordination-bodies/{id}")]
async fn update_coordination_body(
    store: Data<Store>,
    here: Data<Here>,
    id: Path<Uuid>,
    body: Json<CoordinationBodyPatch>,
    ask: Ask,
    seen: IfMatch,
) -> Api<Answer<Saved<CoordinationBodyView>>> {
    store
        .write(&ask, async |tx| {
            let (row, grant) = tx.open::<Entity>(Column::Id.eq(id.0), &seen.0, Action::Update).await?;
            let patch = body.patch(&grant, &CoordinationBodyView::from(row.clone()))?;
            let row = change::<Entity>(tx, &here, &grant, row, patch).await?;
            Ok(Saved(row.into()))
        })
        .await
}

/// Archive a coordination body
///
/// Takes a body that was entered by mistake out of use; it keeps its history. Refused (409 `has_dependants`, counted) while other bodies name
/// it as their parent or organizations are members of it. A body that ceased to exist is not archived: set `dissolved_on`.
#[utoipa::path(tag = "Coordination bodies", params(Ask, IfMatch))]
#[post("/v1/coordination-bodies/{id}/archive")]
async fn archive_coordination_body(
    store: Data<Store>,
    here: Data<Here>,
    id: Path<Uuid>,
    ask: Ask,
    seen: IfMatch,
) -> Api<Answer<Saved<CoordinationBodyView>>> {
    lifecycle::archive(&store, &ask, Column::Id.eq(id.0), &seen.0, async |tx, row| rules::no_dependants(tx, &here, row).await).await
}

/// Restore a coordination body
///
/// Takes an archived body back into use.
#[utoipa::path(tag = "Coordination bodies", params(Ask, IfMatch))]
#[post("/v1/coordination-bodies/{id}/restore")]
async fn restore_coordination_body(
    store: Data<Store>,
    here: Data<Here>,
    id: Path<Uuid>,
    ask: Ask,
    seen: IfMatch,
) -> Api<Answer<Saved<CoordinationBodyView>>> {
    lifecycle::restore_if(&store, &ask, Column::Id.eq(id.0), &seen.0, async |tx, row: &Model| {
        references::go_on(tx, &here, row.chair_ids.0.clone()).await
    })
    .await
}

/// Read the history of a coordination body
///
/// Who changed what and when, the newest change first. Changes of its members stand in the history of each member.
#[utoipa::path(tag = "Coordination bodies", params(HistoryQuery))]
#[get("/v1/coordination-bodies/{id}/history")]
async fn get_coordination_body_history(
    store: Data<Store>,
    caller: Caller,
    id: Path<Uuid>,
    query: Query<HistoryQuery>,
) -> Api<Document<History<CoordinationBodyView>>> {
    let row = store.find::<Entity>(&caller, Column::Id.eq(id.0)).await?;
    history(&store, &caller, &row, &query.0).await
}

/// Set an external id of a coordination body
///
/// The id that another system knows the body by; one for each system. A machine account writes those of its own systems.
#[utoipa::path(tag = "Coordination bodies", params(Ask, MaybeIfMatch))]
#[put("/v1/coordination-bodies/{id}/external-ids/{system}")]
async fn set_coordination_body_external_id(
    store: Data<Store>,
    path: Path<(Uuid, String)>,
    body: Json<ExternalIdInput>,
    ask: Ask,
    seen: MaybeIfMatch,
) -> Api<Answer<Saved<CoordinationBodyView>>> {
    external_ids::put(&store, &ask, Column::Id.eq(path.0.0), &path.0.1, seen.0, body).await
}

/// Remove an external id of a coordination body
///
/// The other system's id is free again for another row.
#[utoipa::path(tag = "Coordination bodies", params(Ask, IfMatch))]
#[delete("/v1/coordination-bodies/{id}/external-ids/{system}")]
async fn delete_coordination_body_external_id(
    store: Data<Store>,
    path: Path<(Uuid, String)>,
    ask: Ask,
    seen: IfMatch,
) -> Api<Answer<Saved<CoordinationBodyView>>> {
    external_ids::remove(&store, &ask, Column::Id.eq(path.0.0), &path.0.1, seen.0).await
}

/// Read a coordination body by external id
///
/// The body that another system knows by this id.
#[utoipa::path(tag = "Coordination bodies")]
#[get("/v1/coordination-bodies/by-external-id/{system}/{id}")]
async fn get_coordination_body_by_external_id(
    store: Data<Store>,
    caller: Caller,
    key: Path<(String, String)>,
) -> Api<Found<CoordinationBodyView>> {
    external_ids::find(&store, &caller, &key.0, Condition::all()).await
}

/// Enter or change a coordination body by external id
///
/// Makes the body when the id is not known, otherwise changes what differs: absent stays, `null` clears. Safe to send again.
#[utoipa::path(tag = "Coordination bodies", params(Ask, MaybeIfMatch))]
#[put("/v1/coordination-bodies/by-external-id/{system}/{id}")]
async fn upsert_coordination_body_by_external_id(
    store: Data<Store>,
    here: Data<Here>,
    key: Path<(String, String)>,
    body: Json<NewCoordinationBody>,
    ask: Ask,
    seen: MaybeIfMatch,
) -> Api<Answer<Upserted<CoordinationBodyView>>> {
    let sent = Upsert { key: &key.0, seen: &seen.0, among: Condition::all(), body: &body };
    external_ids::upsert::<NewCoordinationBody, CoordinationBodyPatch, _>(&store, &here, &ask, sent, Model::from).await
}
