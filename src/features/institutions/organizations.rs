//! Any institution that takes part: ministries, state bodies, UN entities, donors, civil society.

pub mod filter;
pub mod inputs;
pub mod rules;

use actix_web::{delete, get, patch, post, put, web::Data};
use chrono::NaiveDate;
use filter::OrganizationFilter;
use inputs::{NewOrganization, OrganizationPatch};
use sea_orm::{ColumnTrait, Condition};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    auth::{Action, Subject},
    clock::Timestamp,
    entity::organization::{Column, Entity, Mandate, Model, Name},
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
    text::{self, CountryCode, Term, Text, WebAddress},
};

/// An institution that takes part in implementing the Compact.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct OrganizationView {
    /// Identifies the institution for ever.
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
    /// What sort of institution it is, one of `GET /v1/vocabularies/organization_kinds`, which may grow.
    pub kind: Term,
    /// Short, stable name for addresses and spreadsheets.
    pub code: text::Code,
    /// The usual abbreviation.
    pub acronym: Option<Text<32>>,
    /// The name, by language.
    pub name: Name,
    /// What the institution is responsible for in migration, by language.
    pub mandate: Option<Mandate>,
    /// The institution that it belongs to.
    pub parent_id: Option<Uuid>,
    /// The country whose institution it is; `null` for international ones.
    pub country: Option<CountryCode>,
    /// Its web site.
    pub website: Option<WebAddress>,
    /// The first day on which it existed; `null` when that is not known.
    #[schema(examples("2011-06-15"))]
    pub valid_from: Option<NaiveDate>,
    /// The first day on which it existed no more; `null` while it does.
    #[schema(examples("2025-03-20"))]
    pub valid_to: Option<NaiveDate>,
}

impl From<Model> for OrganizationView {
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
            kind,
            code,
            acronym,
            name,
            sort_name: _,
            mandate,
            parent_id,
            country,
            website,
            valid_from,
            valid_to,
        } = row;
        Self {
            id,
            revision,
            created_at,
            updated_at,
            archived_at,
            provenance,
            external_ids: external_ids.0,
            kind,
            code,
            acronym,
            name,
            mandate,
            parent_id,
            country,
            website,
            valid_from,
            valid_to,
        }
    }
}

impl View for OrganizationView {
    type Entity = Entity;
    const PATH: &'static str = "/v1/organizations";

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn revision(&self) -> i64 {
        self.revision
    }
}

impl Refers for OrganizationView {
    fn refers(&self) -> Vec<(Kind, Uuid)> {
        self.parent_id.into_iter().map(|id| (Kind::Organization, id)).collect()
    }

    fn computed(&self, today: NaiveDate) -> Computed {
        let active = self.valid_from.is_none_or(|from| from <= today) && self.valid_to.is_none_or(|to| today < to);
        Computed { active: Some(active), ..Computed::default() }
    }
}

pub fn mount(config: &mut Mount<'_>) {
    config
        .service(list_organizations)
        .service(create_organization)
        .service(get_organization_by_external_id)
        .service(upsert_organization_by_external_id)
        .service(get_organization)
        .service(update_organization)
        .service(archive_organization)
        .service(restore_organization)
        .service(get_organization_history)
        .service(set_organization_external_id)
        .service(delete_organization_external_id);
}

/// List organizations
///
/// Every institution that takes part, of whatever kind.
#[utoipa::path(tag = "Organizations", params(Listing<OrganizationFilter>))]
#[get("/v1/organizations")]
async fn list_organizations(store: Data<Store>, caller: Caller, ask: Listing<OrganizationFilter>) -> Api<Listed<OrganizationView>> {
    ask.answer(&store, &caller).await
}

/// Read an organization
///
/// One institution as it is now, archived ones included.
#[utoipa::path(tag = "Organizations")]
#[get("/v1/organizations/{id}")]
async fn get_organization(store: Data<Store>, caller: Caller, id: Path<Uuid>) -> Api<Found<OrganizationView>> {
    store.find::<Entity>(&caller, Column::Id.eq(id.0)).await.map(OrganizationView::from).map(Found)
}

/// Enter an organization
///
/// The lead ministry keeps the register of institutions.
#[utoipa::path(tag = "Organizations", params(Ask))]
#[post("/v1/organizations")]
async fn create_organization(
    store: Data<Store>,
    here: Data<Here>,
    body: Json<NewOrganization>,
    ask: Ask,
) -> Api<Answer<Created<OrganizationView>>> {
    store
        .write(&ask, async |tx| {
            let grant = tx.may(Action::Create, &Subject::new(Kind::Organization))?;
            let row = enter::<Entity>(tx, &here, &grant, body.read()?.into()).await?;
            Ok(Created(row.into()))
        })
        .await
}

/// Change an organization
///
/// The lead ministry changes every field; an institution's own focal points and network members its mandate and website. An institution that ends
/// keeps its duties when you set `valid_to` here: plan a succession instead, which says who takes them over; one that is effective on that very day
/// still can. A day that a succession set stays.
#[utoipa::path(tag = "Organizations", params(Ask, IfMatch))]
#[patch("/v1/organizations/{id}")]
async fn update_organization(
    store: Data<Store>,
    here: Data<Here>,
    id: Path<Uuid>,
    body: Json<OrganizationPatch>,
    ask: Ask,
    seen: IfMatch,
) -> Api<Answer<Saved<OrganizationView>>> {
    store
        .write(&ask, async |tx| {
            let (row, grant) = tx.open::<Entity>(Column::Id.eq(id.0), &seen.0, Action::Update).await?;
            let patch = body.patch(&grant, &OrganizationView::from(row.clone()))?;
            let row = change::<Entity>(tx, &here, &grant, row, patch).await?;
            Ok(Saved(row.into()))
        })
        .await
}

/// Archive an organization
///
/// Takes an institution that was entered by mistake out of use; it keeps its code and its history. Refused while others depend on it.
/// An institution that ceased to exist is not archived: plan a succession.
#[utoipa::path(tag = "Organizations", params(Ask, IfMatch))]
#[post("/v1/organizations/{id}/archive")]
async fn archive_organization(
    store: Data<Store>,
    here: Data<Here>,
    id: Path<Uuid>,
    ask: Ask,
    seen: IfMatch,
) -> Api<Answer<Saved<OrganizationView>>> {
    lifecycle::archive(&store, &ask, Column::Id.eq(id.0), &seen.0, async |tx, row| rules::no_dependants(tx, &here, row).await).await
}

/// Restore an organization
///
/// Takes an archived institution back into use.
#[utoipa::path(tag = "Organizations", params(Ask, IfMatch))]
#[post("/v1/organizations/{id}/restore")]
async fn restore_organization(
    store: Data<Store>,
    here: Data<Here>,
    id: Path<Uuid>,
    ask: Ask,
    seen: IfMatch,
) -> Api<Answer<Saved<OrganizationView>>> {
    lifecycle::restore_if(&store, &ask, Column::Id.eq(id.0), &seen.0, async |tx, row: &Model| {
        references::go_on(tx, &here, row.parent_id).await
    })
    .await
}

/// Read the history of an organization
///
/// Who changed what and when, the newest change first.
#[utoipa::path(tag = "Organizations", params(HistoryQuery))]
#[get("/v1/organizations/{id}/history")]
async fn get_organization_history(
    store: Data<Store>,
    caller: Caller,
    id: Path<Uuid>,
    query: Query<HistoryQuery>,
) -> Api<Document<History<OrganizationView>>> {
    let row = store.find::<Entity>(&caller, Column::Id.eq(id.0)).await?;
    history(&store, &caller, &row, &query.0).await
}

/// Set an external id of an organization
///
/// The id that another system knows the institution by; one for each system. A machine account writes those of its own systems.
#[utoipa::path(tag = "Organizations", params(Ask, MaybeIfMatch))]
#[put("/v1/organizations/{id}/external-ids/{system}")]
async fn set_organization_external_id(
    store: Data<Store>,
    path: Path<(Uuid, String)>,
    body: Json<ExternalIdInput>,
    ask: Ask,
    seen: MaybeIfMatch,
) -> Api<Answer<Saved<OrganizationView>>> {
    external_ids::put(&store, &ask, Column::Id.eq(path.0.0), &path.0.1, seen.0, body).await
}

/// Remove an external id of an organization
///
/// The other system's id is free again for another row.
#[utoipa::path(tag = "Organizations", params(Ask, IfMatch))]
#[delete("/v1/organizations/{id}/external-ids/{system}")]
async fn delete_organization_external_id(
    store: Data<Store>,
    path: Path<(Uuid, String)>,
    ask: Ask,
    seen: IfMatch,
) -> Api<Answer<Saved<OrganizationView>>> {
    external_ids::remove(&store, &ask, Column::Id.eq(path.0.0), &path.0.1, seen.0).await
}

/// Read an organization by external id
///
/// The institution that another system knows by this id.
#[utoipa::path(tag = "Organizations")]
#[get("/v1/organizations/by-external-id/{system}/{id}")]
async fn get_organization_by_external_id(store: Data<Store>, caller: Caller, key: Path<(String, String)>) -> Api<Found<OrganizationView>> {
    external_ids::find(&store, &caller, &key.0, Condition::all()).await
}

/// Enter or change an organization by external id
///
/// Makes the institution when the id is not known, otherwise changes what differs: absent stays, `null` clears. Safe to send again.
#[utoipa::path(tag = "Organizations", params(Ask, MaybeIfMatch))]
#[put("/v1/organizations/by-external-id/{system}/{id}")]
async fn upsert_organization_by_external_id(
    store: Data<Store>,
    here: Data<Here>,
    key: Path<(String, String)>,
    body: Json<NewOrganization>,
    ask: Ask,
    seen: MaybeIfMatch,
) -> Api<Answer<Upserted<OrganizationView>>> {
    let sent = Upsert { key: &key.0, seen: &seen.0, among: Condition::all(), body: &body };
    external_ids::upsert::<NewOrganization, OrganizationPatch, _>(&store, &here, &ask, sent, Model::from).await
}
