//! Who takes part in a coordination body. Rows of their own below the body: later resources that stand below another one are built like this.

pub mod inputs;
pub mod rules;

use actix_web::{delete, get, patch, post, put, web::Data};
use chrono::NaiveDate;
use inputs::{CoordinationBodyMemberPatch, NewCoordinationBodyMember};
use sea_orm::{ColumnTrait, Condition, QueryFilter, Select};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::{
    auth::{Action, Subject},
    clock::Timestamp,
    entity::{
        coordination_body,
        coordination_body_member::{BodyRole, Column, Entity, Model, current_on},
    },
    features::{
        Listed,
        history::{History, HistoryQuery, history},
        lifecycle, references,
        sync::external_ids::{self, ExternalIdInput},
        writing::{change, enter},
    },
    http::{
        Api,
        context::Here,
        extract::{Ask, Caller, IfMatch, Json, MaybeIfMatch, Path, Query},
        listing::{Computed, Filter, Listing, Refers, any_of, between, whether},
        mount::Mount,
        reply::{Created, Document, Found, Saved, View},
    },
    kind::Kind,
    problem::Problem,
    store::{Answer, ExternalId, Provenance, Sort, Store, visible},
};

/// The membership of one organization in a coordination body, from when to when. Who left and came back has two.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CoordinationBodyMemberView {
    /// Identifies the membership for ever.
    pub id: Uuid,
    /// Counts the changes of this membership; the same as in the ETag.
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
    /// The body that it is a membership of.
    pub body_id: Uuid,
    /// The organization that takes part.
    pub organization_id: Uuid,
    /// What it does there, besides perhaps chairing: `member` decides with the others, `secretariat` prepares and records, `observer` listens.
    pub role: BodyRole,
    /// The first day of the membership; `null` when that is not known.
    #[schema(examples("2024-08-20"))]
    pub joined_on: Option<NaiveDate>,
    /// The first day on which it was a member no more; `null` while the membership is open.
    #[schema(examples("2030-01-01"))]
    pub left_on: Option<NaiveDate>,
}

impl From<Model> for CoordinationBodyMemberView {
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
            body_id,
            organization_id,
            role,
            joined_on,
            left_on,
        } = row;
        Self {
            id,
            revision,
            created_at,
            updated_at,
            archived_at,
            provenance,
            external_ids: external_ids.0,
            body_id,
            organization_id,
            role,
            joined_on,
            left_on,
        }
    }
}

impl View for CoordinationBodyMemberView {
    type Entity = Entity;
    const PATH: &'static str = "members";

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn revision(&self) -> i64 {
        self.revision
    }

    fn location(&self) -> String {
        format!("{}/{}/{}/{}", Kind::CoordinationBody.path(), self.body_id, Self::PATH, self.id)
    }
}

impl Refers for CoordinationBodyMemberView {
    fn refers(&self) -> Vec<(Kind, Uuid)> {
        vec![(Kind::Organization, self.organization_id)]
    }

    fn computed(&self, today: NaiveDate) -> Computed {
        let current = self.joined_on.is_none_or(|from| from <= today) && self.left_on.is_none_or(|to| today < to);
        Computed { current: Some(current), ..Computed::default() }
    }
}

/// Which memberships are listed.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CoordinationBodyMemberFilter {
    /// Only these ids.
    #[serde(default)]
    pub id: Vec<Uuid>,
    /// Only memberships of these organizations.
    #[serde(default)]
    pub organization_id: Vec<Uuid>,
    /// Only these roles.
    #[serde(default)]
    pub role: Vec<BodyRole>,
    /// Only rows of this provenance.
    #[serde(default)]
    pub provenance: Vec<Provenance>,
    /// `true`: only those who are members today; `false`: only those who are not.
    pub current: Option<bool>,
    /// Only those who joined on this day or later.
    pub joined_on_from: Option<NaiveDate>,
    /// Only those who joined on this day or earlier.
    pub joined_on_to: Option<NaiveDate>,
    /// Only those who left on this day or later.
    pub left_on_from: Option<NaiveDate>,
    /// Only those who left on this day or earlier.
    pub left_on_to: Option<NaiveDate>,
}

impl Filter for CoordinationBodyMemberFilter {
    type Entity = Entity;
    const SORTS: &'static [Sort<Column>] =
        &[Sort { name: "created_at", column: Column::CreatedAt }, Sort { name: "updated_at", column: Column::UpdatedAt }];
    const INCLUDES: &'static [Kind] = &[Kind::Organization];
    const COMPUTES: bool = true;

    fn apply(self, mut query: Select<Entity>, here: &Here) -> Result<Select<Entity>, Problem> {
        let Self { id, organization_id, role, provenance, current, joined_on_from, joined_on_to, left_on_from, left_on_to } = self;
        query = any_of(query, Column::Id, id);
        query = any_of(query, Column::OrganizationId, organization_id);
        query = any_of(query, Column::Role, role);
        query = any_of(query, Column::Provenance, provenance);
        query = between(query, Column::JoinedOn, joined_on_from, joined_on_to);
        query = between(query, Column::LeftOn, left_on_from, left_on_to);
        Ok(whether(query, current, current_on(here.today())))
    }
}

/// The membership at this address: one of another body is not there.
fn member((body, member): (Uuid, Uuid)) -> Condition {
    Condition::all().add(Column::Id.eq(member)).add(Column::BodyId.eq(body))
}

fn body(id: Uuid) -> Condition {
    Condition::all().add(coordination_body::Column::Id.eq(id))
}

pub fn mount(config: &mut Mount<'_>) {
    config
        .service(list_coordination_body_members)
        .service(create_coordination_body_member)
        .service(get_coordination_body_member)
        .service(update_coordination_body_member)
        .service(archive_coordination_body_member)
        .service(restore_coordination_body_member)
        .service(get_coordination_body_member_history)
        .service(set_coordination_body_member_external_id)
        .service(delete_coordination_body_member_external_id);
}

/// List the members of a coordination body
///
/// Every organization that takes part in the body or did; `current=true` lists those of today. Of a body that you cannot see: 404.
#[utoipa::path(tag = "Coordination bodies", params(Listing<CoordinationBodyMemberFilter>))]
#[get("/v1/coordination-bodies/{id}/members")]
async fn list_coordination_body_members(
    store: Data<Store>,
    caller: Caller,
    id: Path<Uuid>,
    ask: Listing<CoordinationBodyMemberFilter>,
) -> Api<Listed<CoordinationBodyMemberView>> {
    store.find::<coordination_body::Entity>(&caller, body(id.0)).await?;
    ask.answer_from(visible::<Entity>(&caller)?.filter(Column::BodyId.eq(id.0)), &store, &caller).await
}

/// Enter a member of a coordination body
///
/// An organization has one open membership in a body at a time (409 `membership_open`); an archived body takes no members (409 `archived`).
/// The revision of the body stays as it is.
#[utoipa::path(tag = "Coordination bodies", params(Ask))]
#[post("/v1/coordination-bodies/{id}/members")]
async fn create_coordination_body_member(
    store: Data<Store>,
    here: Data<Here>,
    id: Path<Uuid>,
    new: Json<NewCoordinationBodyMember>,
    ask: Ask,
) -> Api<Answer<Created<CoordinationBodyMemberView>>> {
    store
        .write(&ask, async |tx| {
            tx.find::<coordination_body::Entity>(body(id.0)).await?.ok_or_else(Problem::not_found)?;
            let grant = tx.may(Action::Create, &Subject::new(Kind::CoordinationBodyMember))?;
            let row = enter::<Entity>(tx, &here, &grant, new.read()?.of(id.0)).await?;
            Ok(Created(row.into()))
        })
        .await
}

/// Read a member of a coordination body
///
/// One membership as it is now, ended and archived ones included.
#[utoipa::path(tag = "Coordination bodies")]
#[get("/v1/coordination-bodies/{id}/members/{member_id}")]
async fn get_coordination_body_member(
    store: Data<Store>,
    caller: Caller,
    key: Path<(Uuid, Uuid)>,
) -> Api<Found<CoordinationBodyMemberView>> {
    store.find::<Entity>(&caller, member(key.0)).await.map(CoordinationBodyMemberView::from).map(Found)
}

/// Change a member of a coordination body
///
/// An organization that leaves gets `left_on`: the membership ends and stays on record. While the body is archived: 409 `archived`.
#[utoipa::path(tag = "Coordination bodies", params(Ask, IfMatch))]
#[patch("/v1/coordination-bodies/{id}/members/{member_id}")]
async fn update_coordination_body_member(
    store: Data<Store>,
    here: Data<Here>,
    key: Path<(Uuid, Uuid)>,
    patch: Json<CoordinationBodyMemberPatch>,
    ask: Ask,
    seen: IfMatch,
) -> Api<Answer<Saved<CoordinationBodyMemberView>>> {
    store
        .write(&ask, async |tx| {
            let (row, grant) = tx.open::<Entity>(member(key.0), &seen.0, Action::Update).await?;
            let patch = patch.patch(&grant, &CoordinationBodyMemberView::from(row.clone()))?;
            let row = change::<Entity>(tx, &here, &grant, row, patch).await?;
            Ok(Saved(row.into()))
        })
        .await
}

/// Archive a member of a coordination body
///
/// Takes a membership that was entered by mistake out of use; it keeps its history. An organization that left is not archived: set `left_on`.
#[utoipa::path(tag = "Coordination bodies", params(Ask, IfMatch))]
#[post("/v1/coordination-bodies/{id}/members/{member_id}/archive")]
async fn archive_coordination_body_member(
    store: Data<Store>,
    key: Path<(Uuid, Uuid)>,
    ask: Ask,
    seen: IfMatch,
) -> Api<Answer<Saved<CoordinationBodyMemberView>>> {
    lifecycle::archive(&store, &ask, member(key.0), &seen.0, async |_tx, _row| Ok(())).await
}

/// Restore a member of a coordination body
///
/// Takes an archived membership back into use, unless the organization has another open one by now or the body is archived.
#[utoipa::path(tag = "Coordination bodies", params(Ask, IfMatch))]
#[post("/v1/coordination-bodies/{id}/members/{member_id}/restore")]
async fn restore_coordination_body_member(
    store: Data<Store>,
    here: Data<Here>,
    key: Path<(Uuid, Uuid)>,
    ask: Ask,
    seen: IfMatch,
) -> Api<Answer<Saved<CoordinationBodyMemberView>>> {
    lifecycle::restore_if(&store, &ask, member(key.0), &seen.0, async |tx, row: &Model| {
        references::go_on(tx, &here, [row.organization_id]).await?;
        rules::has_its_place(tx, &here, row).await
    })
    .await
}

/// Read the history of a member of a coordination body
///
/// Who changed what about this membership and when, the newest change first.
#[utoipa::path(tag = "Coordination bodies", params(HistoryQuery))]
#[get("/v1/coordination-bodies/{id}/members/{member_id}/history")]
async fn get_coordination_body_member_history(
    store: Data<Store>,
    caller: Caller,
    key: Path<(Uuid, Uuid)>,
    query: Query<HistoryQuery>,
) -> Api<Document<History<CoordinationBodyMemberView>>> {
    let row = store.find::<Entity>(&caller, member(key.0)).await?;
    history(&store, &caller, &row, &query.0).await
}

/// Set an external id of a member of a coordination body
///
/// The id that another system knows the membership by; one for each system. A machine account writes those of its own systems.
#[utoipa::path(tag = "Coordination bodies", params(Ask, MaybeIfMatch))]
#[put("/v1/coordination-bodies/{id}/members/{member_id}/external-ids/{system}")]
async fn set_coordination_body_member_external_id(
    store: Data<Store>,
    path: Path<(Uuid, Uuid, String)>,
    body: Json<ExternalIdInput>,
    ask: Ask,
    seen: MaybeIfMatch,
) -> Api<Answer<Saved<CoordinationBodyMemberView>>> {
    let (of, id, system) = path.0;
    external_ids::put(&store, &ask, member((of, id)), &system, seen.0, body).await
}

/// Remove an external id of a member of a coordination body
///
/// The other system's id is free again for another row.
#[utoipa::path(tag = "Coordination bodies", params(Ask, IfMatch))]
#[delete("/v1/coordination-bodies/{id}/members/{member_id}/external-ids/{system}")]
async fn delete_coordination_body_member_external_id(
    store: Data<Store>,
    path: Path<(Uuid, Uuid, String)>,
    ask: Ask,
    seen: IfMatch,
) -> Api<Answer<Saved<CoordinationBodyMemberView>>> {
    let (of, id, system) = path.0;
    external_ids::remove(&store, &ask, member((of, id)), &system, seen.0).await
}
