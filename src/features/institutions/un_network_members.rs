//! The members of the United Nations Network on Migration in the country.

pub mod filter;
pub mod inputs;

use actix_web::{delete, get, patch, post, put, web::Data};
use chrono::NaiveDate;
use filter::UnNetworkMemberFilter;
use inputs::{NewUnNetworkMember, UnNetworkMemberPatch, one_of_each};
use sea_orm::{ColumnTrait, Condition};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    auth::{Action, Subject},
    clock::Timestamp,
    entity::{
        objective::ObjectiveNumber,
        un_network_member::{Column, Entity, Model, NetworkRole, Offer},
    },
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
    text::Text,
};

/// A membership of an organization in the United Nations Network on Migration of the country.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct UnNetworkMemberView {
    /// Identifies the membership for ever.
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
    /// The organization that is a member.
    pub organization_id: Uuid,
    /// What it does in the Network; one member at a time is `coordinator`.
    pub roles: Vec<NetworkRole>,
    /// The first day of membership; `null` when that is not known.
    #[schema(examples("2024-07-15"))]
    pub joined_on: Option<NaiveDate>,
    /// The first day on which it was a member no more; `null` while it is one.
    #[schema(examples("2026-07-01"))]
    pub left_on: Option<NaiveDate>,
    /// Working groups of the Network that it takes part in.
    #[schema(examples(json!(["Migration data"])))]
    pub working_groups: Vec<Text<100>>,
    /// The objectives that it works on, in rising order.
    #[schema(value_type = Vec<ObjectiveNumber>)]
    pub objective_numbers: Vec<i16>,
    /// Support that it offers to the country.
    pub offers: Vec<Offer>,
}

impl From<Model> for UnNetworkMemberView {
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
            roles,
            joined_on,
            left_on,
            working_groups,
            objective_numbers,
            offers,
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
            roles: roles.0,
            joined_on,
            left_on,
            working_groups: working_groups.0,
            objective_numbers: objective_numbers.0,
            offers: offers.0,
        }
    }
}

impl View for UnNetworkMemberView {
    type Entity = Entity;
    const PATH: &'static str = "/v1/un-network-members";

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn revision(&self) -> i64 {
        self.revision
    }
}

impl Refers for UnNetworkMemberView {
    fn refers(&self) -> Vec<(Kind, Uuid)> {
        vec![(Kind::Organization, self.organization_id)]
    }

    fn refers_by_number(&self) -> Vec<(Kind, i16)> {
        let offered = self.offers.iter().flat_map(|offer| &offer.objective_numbers);
        self.objective_numbers.iter().chain(offered).map(|number| (Kind::Objective, *number)).collect()
    }

    fn computed(&self, today: NaiveDate) -> Computed {
        let current = self.joined_on.is_none_or(|from| from <= today) && self.left_on.is_none_or(|to| today < to);
        Computed { current: Some(current), ..Computed::default() }
    }
}

pub fn mount(config: &mut Mount<'_>) {
    config
        .service(list_un_network_members)
        .service(create_un_network_member)
        .service(get_un_network_member_by_external_id)
        .service(upsert_un_network_member_by_external_id)
        .service(get_un_network_member)
        .service(update_un_network_member)
        .service(archive_un_network_member)
        .service(restore_un_network_member)
        .service(get_un_network_member_history)
        .service(set_un_network_member_external_id)
        .service(delete_un_network_member_external_id);
}

/// List members of the UN Network
///
/// Which organizations are, or were, members of the United Nations Network on Migration in this country, and what they offer; past memberships
/// included: `current=true` gives those of today.
#[utoipa::path(tag = "UN Network", params(Listing<UnNetworkMemberFilter>))]
#[get("/v1/un-network-members")]
async fn list_un_network_members(
    store: Data<Store>,
    caller: Caller,
    ask: Listing<UnNetworkMemberFilter>,
) -> Api<Listed<UnNetworkMemberView>> {
    ask.answer(&store, &caller).await
}

/// Read a membership of the UN Network
///
/// One membership as it is now, archived ones included.
#[utoipa::path(tag = "UN Network")]
#[get("/v1/un-network-members/{id}")]
async fn get_un_network_member(store: Data<Store>, caller: Caller, id: Path<Uuid>) -> Api<Found<UnNetworkMemberView>> {
    store.find::<Entity>(&caller, Column::Id.eq(id.0)).await.map(UnNetworkMemberView::from).map(Found)
}

/// Enter a membership of the UN Network
///
/// The lead ministry keeps the list. Refused while the organization has an open membership (409 `membership_open`), and while another member is
/// coordinator, if this one should be (409 `coordinator_named`); the answer names the row.
#[utoipa::path(tag = "UN Network", params(Ask))]
#[post("/v1/un-network-members")]
async fn create_un_network_member(
    store: Data<Store>,
    here: Data<Here>,
    body: Json<NewUnNetworkMember>,
    ask: Ask,
) -> Api<Answer<Created<UnNetworkMemberView>>> {
    store
        .write(&ask, async |tx| {
            let grant = tx.may(Action::Create, &Subject::new(Kind::UnNetworkMember))?;
            let row = enter::<Entity>(tx, &here, &grant, body.read()?.into()).await?;
            Ok(Created(row.into()))
        })
        .await
}

/// Change a membership of the UN Network
///
/// The lead ministry changes every field; a member its own working groups, objectives and offers.
#[utoipa::path(tag = "UN Network", params(Ask, IfMatch))]
#[patch("/v1/un-network-members/{id}")]
async fn update_un_network_member(
    store: Data<Store>,
    here: Data<Here>,
    id: Path<Uuid>,
    body: Json<UnNetworkMemberPatch>,
    ask: Ask,
    seen: IfMatch,
) -> Api<Answer<Saved<UnNetworkMemberView>>> {
    store
        .write(&ask, async |tx| {
            let (row, grant) = tx.open::<Entity>(Column::Id.eq(id.0), &seen.0, Action::Update).await?;
            let patch = body.patch(&grant, &UnNetworkMemberView::from(row.clone()))?;
            let row = change::<Entity>(tx, &here, &grant, row, patch).await?;
            Ok(Saved(row.into()))
        })
        .await
}

/// Archive a membership of the UN Network
///
/// Takes a membership that was entered by mistake out of use. One that is over is not archived: set `left_on`.
#[utoipa::path(tag = "UN Network", params(Ask, IfMatch))]
#[post("/v1/un-network-members/{id}/archive")]
async fn archive_un_network_member(store: Data<Store>, id: Path<Uuid>, ask: Ask, seen: IfMatch) -> Api<Answer<Saved<UnNetworkMemberView>>> {
    lifecycle::archive(&store, &ask, Column::Id.eq(id.0), &seen.0, async |_tx, _row| Ok(())).await
}

/// Restore a membership of the UN Network
///
/// Takes an archived membership back into use, if no other has taken its place meanwhile.
#[utoipa::path(tag = "UN Network", params(Ask, IfMatch))]
#[post("/v1/un-network-members/{id}/restore")]
async fn restore_un_network_member(
    store: Data<Store>,
    here: Data<Here>,
    id: Path<Uuid>,
    ask: Ask,
    seen: IfMatch,
) -> Api<Answer<Saved<UnNetworkMemberView>>> {
    lifecycle::restore_if(&store, &ask, Column::Id.eq(id.0), &seen.0, async |tx, row: &Model| {
        references::go_on(tx, &here, [row.organization_id]).await?;
        one_of_each(tx, &here, &Model { archived_at: None, ..row.clone() }).await
    })
    .await
}

/// Read the history of a membership of the UN Network
///
/// Who changed what and when, the newest change first.
#[utoipa::path(tag = "UN Network", params(HistoryQuery))]
#[get("/v1/un-network-members/{id}/history")]
async fn get_un_network_member_history(
    store: Data<Store>,
    caller: Caller,
    id: Path<Uuid>,
    query: Query<HistoryQuery>,
) -> Api<Document<History<UnNetworkMemberView>>> {
    let row = store.find::<Entity>(&caller, Column::Id.eq(id.0)).await?;
    history(&store, &caller, &row, &query.0).await
}

/// Set an external id of a membership of the UN Network
///
/// The id that another system knows the membership by; one for each system. A machine account writes those of its own systems.
#[utoipa::path(tag = "UN Network", params(Ask, MaybeIfMatch))]
#[put("/v1/un-network-members/{id}/external-ids/{system}")]
async fn set_un_network_member_external_id(
    store: Data<Store>,
    path: Path<(Uuid, String)>,
    body: Json<ExternalIdInput>,
    ask: Ask,
    seen: MaybeIfMatch,
) -> Api<Answer<Saved<UnNetworkMemberView>>> {
    external_ids::put(&store, &ask, Column::Id.eq(path.0.0), &path.0.1, seen.0, body).await
}

/// Remove an external id of a membership of the UN Network
///
/// The other system's id is free again for another row.
#[utoipa::path(tag = "UN Network", params(Ask, IfMatch))]
#[delete("/v1/un-network-members/{id}/external-ids/{system}")]
async fn delete_un_network_member_external_id(
    store: Data<Store>,
    path: Path<(Uuid, String)>,
    ask: Ask,
    seen: IfMatch,
) -> Api<Answer<Saved<UnNetworkMemberView>>> {
    external_ids::remove(&store, &ask, Column::Id.eq(path.0.0), &path.0.1, seen.0).await
}

/// Read a membership of the UN Network by external id
///
/// The membership that another system knows by this id.
#[utoipa::path(tag = "UN Network")]
#[get("/v1/un-network-members/by-external-id/{system}/{id}")]
async fn get_un_network_member_by_external_id(
    store: Data<Store>,
    caller: Caller,
    key: Path<(String, String)>,
) -> Api<Found<UnNetworkMemberView>> {
    external_ids::find(&store, &caller, &key.0, Condition::all()).await
}

/// Enter or change a membership of the UN Network by external id
///
/// Makes the row when the id is not known, otherwise changes what differs: absent stays, `null` clears. Safe to send again.
#[utoipa::path(tag = "UN Network", params(Ask, MaybeIfMatch))]
#[put("/v1/un-network-members/by-external-id/{system}/{id}")]
async fn upsert_un_network_member_by_external_id(
    store: Data<Store>,
    here: Data<Here>,
    key: Path<(String, String)>,
    body: Json<NewUnNetworkMember>,
    ask: Ask,
    seen: MaybeIfMatch,
) -> Api<Answer<Upserted<UnNetworkMemberView>>> {
    let sent = Upsert { key: &key.0, seen: &seen.0, among: Condition::all(), body: &body };
    external_ids::upsert::<NewUnNetworkMember, UnNetworkMemberPatch, _>(&store, &here, &ask, sent, Model::from).await
}
