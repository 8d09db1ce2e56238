//! The accounts of machines: systems of agencies, review tooling, portals that call by themselves.

mod inputs;
pub mod secrets;

use actix_web::{get, patch, post, web::Data};
use inputs::{NewServiceAccount, ServiceAccountPatch, SystemName};
use sea_orm::{ColumnTrait, QueryFilter, Select};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::enrol;
use crate::{
    auth::{Action, Role, Scope, Subject},
    clock::Timestamp,
    entity::{
        lists_any,
        service_account::{Column, Entity, Model, SecretNote},
    },
    features::{
        Listed,
        history::{History, HistoryQuery, history},
        institutions::lead_ministry,
        lifecycle, references,
        writing::{self, Written},
    },
    http::{
        Api,
        context::Here,
        extract::{Ask, Caller, IfMatch, Json, Path, Query},
        listing::{Filter, Listing, Refers, any_of, whether},
        mount::Mount,
        reply::{Created, Document, Found, Saved, View},
    },
    kind::Kind,
    problem::{Fault, Problem},
    store::{Answer, Provenance, Sort, Store, Tx},
    text::Text,
};

/// The account of a machine. It signs in at `/v1/auth/token` with its client id and one of its secrets.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ServiceAccountView {
    /// Identifies the account for ever.
    id: Uuid,
    /// Counts the changes; the same as in the ETag.
    #[schema(minimum = 1)]
    revision: i64,
    /// When it was made.
    created_at: Timestamp,
    /// When it was last changed.
    updated_at: Timestamp,
    /// When it was archived; `null` while it is in use.
    archived_at: Option<Timestamp>,
    /// Where the row came from.
    provenance: Provenance,
    /// What machine it is.
    #[schema(examples("IOM case management"))]
    name: Text<100>,
    /// The name to sign in with.
    #[schema(examples("gcm-01a2082cf99170bf86765a3a0f573665"))]
    client_id: String,
    /// What the account is for.
    role: Role,
    /// The organization that the account speaks for.
    organization_id: Option<Uuid>,
    /// What it was let in for: `read` opens GET, `write` every other method, `review` the reading of reviews, snapshots and exports, and alone nothing else.
    scopes: Vec<Scope>,
    /// The other systems whose ids of rows it may write.
    #[schema(value_type = Vec<SystemName>)]
    external_systems: Vec<String>,
    /// The secrets that it has, without the secrets themselves.
    secrets: Vec<SecretNote>,
}

impl From<Model> for ServiceAccountView {
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
            external_ids: _,
            name,
            client_id,
            role,
            organization_id,
            scopes,
            external_systems,
            secrets,
            demo: _,
        } = row;
        Self {
            id,
            revision,
            created_at,
            updated_at,
            archived_at,
            provenance,
            name,
            client_id,
            role,
            organization_id,
            scopes: scopes.0,
            external_systems: external_systems.0,
            secrets: secrets.0,
        }
    }
}

impl View for ServiceAccountView {
    type Entity = Entity;
    const PATH: &'static str = "/v1/service-accounts";

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn revision(&self) -> i64 {
        self.revision
    }
}

impl Refers for ServiceAccountView {
    fn refers(&self) -> Vec<(Kind, Uuid)> {
        self.organization_id.into_iter().map(|id| (Kind::Organization, id)).collect()
    }
}

impl Written for Entity {
    async fn rules(tx: &Tx<'_>, here: &Here, before: Option<&Model>, row: &Model, mut faults: Vec<Fault>) -> Result<(), Problem> {
        faults.extend(enrol::machine_faults(before, row));
        if let Some(organization) = row.organization_id.filter(|id| before.and_then(|before| before.organization_id) != Some(*id)) {
            faults.extend(references::organization(tx, here, organization, "/organization_id").await?);
        }
        let seat = |row: &Model| (row.role, row.organization_id);
        faults.extend(lead_ministry::wrong_seat(tx, here, before.map(seat), seat(row)).await?);
        if !faults.is_empty() {
            return Err(Problem::invalid(faults));
        }
        enrol::free_name(tx, row).await
    }
}

/// Which machine accounts are listed.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ServiceAccountFilter {
    /// Only these ids.
    #[serde(default)]
    id: Vec<Uuid>,
    /// Only the account that signs in with one of these client ids.
    #[serde(default)]
    client_id: Vec<String>,
    /// Only accounts of these roles.
    #[serde(default)]
    role: Vec<Role>,
    /// Only accounts that speak for one of these organizations.
    #[serde(default)]
    organization_id: Vec<Uuid>,
    /// `true`: only accounts that speak for an organization; `false`: only those that speak for none.
    has_organization: Option<bool>,
    /// Only accounts that were let in for one of these.
    #[serde(default)]
    scope: Vec<Scope>,
    /// Only accounts that may write the external ids of one of these systems.
    #[serde(default)]
    external_system: Vec<String>,
    /// Only rows of this provenance.
    #[serde(default)]
    provenance: Vec<Provenance>,
}

impl Filter for ServiceAccountFilter {
    type Entity = Entity;
    const SORTS: &'static [Sort<Column>] =
        &[Sort { name: "name", column: Column::Name }, Sort { name: "created_at", column: Column::CreatedAt }];
    const INCLUDES: &'static [Kind] = &[Kind::Organization];

    fn apply(self, query: Select<Entity>, _here: &Here) -> Result<Select<Entity>, Problem> {
        let Self { id, client_id, role, organization_id, has_organization, scope, external_system, provenance } = self;
        let query = any_of(query, Column::Id, id);
        let query = any_of(query, Column::ClientId, client_id);
        let query = any_of(query, Column::Role, role);
        let query = any_of(query, Column::OrganizationId, organization_id);
        let query = any_of(query, Column::Provenance, provenance);
        let lists = [
            (!scope.is_empty()).then(|| lists_any(Column::Scopes, scope.iter().map(|scope| scope.name()))),
            (!external_system.is_empty()).then(|| lists_any(Column::ExternalSystems, external_system)),
        ];
        let query = lists.into_iter().flatten().fold(query, Select::filter);
        Ok(whether(query, has_organization, Column::OrganizationId.is_not_null()))
    }
}

pub fn mount(config: &mut Mount<'_>) {
    config
        .service(list_service_accounts)
        .service(create_service_account)
        .service(get_service_account)
        .service(update_service_account)
        .service(archive_service_account)
        .service(restore_service_account)
        .service(get_service_account_history);
    secrets::mount(config);
}

/// List machine accounts
///
/// The accounts of machines, for administrators. Others find nothing here.
#[utoipa::path(tag = "Service accounts", params(Listing<ServiceAccountFilter>))]
#[get("/v1/service-accounts")]
async fn list_service_accounts(store: Data<Store>, caller: Caller, ask: Listing<ServiceAccountFilter>) -> Api<Listed<ServiceAccountView>> {
    ask.answer(&store, &caller).await
}

/// Read a machine account
///
/// One account, for administrators.
#[utoipa::path(tag = "Service accounts")]
#[get("/v1/service-accounts/{id}")]
async fn get_service_account(store: Data<Store>, caller: Caller, id: Path<Uuid>) -> Api<Found<ServiceAccountView>> {
    store.find::<Entity>(&caller, Column::Id.eq(id.0)).await.map(ServiceAccountView::from).map(Found)
}

/// Let a machine in
///
/// For administrators. The account has no secret yet: give it one at `secrets`.
#[utoipa::path(tag = "Service accounts", params(Ask))]
#[post("/v1/service-accounts")]
async fn create_service_account(
    store: Data<Store>,
    here: Data<Here>,
    body: Json<NewServiceAccount>,
    ask: Ask,
) -> Api<Answer<Created<ServiceAccountView>>> {
    store
        .write(&ask, async |tx| {
            let grant = tx.may(Action::Create, &Subject::new(Kind::ServiceAccount))?;
            let row = enrol::with_client_id(body.read()?.into(), tx.now());
            Ok(Created(writing::enter::<Entity>(tx, &here, &grant, row).await?.into()))
        })
        .await
}

/// Change a machine account
///
/// For administrators. What changed counts from the machine's next request on.
#[utoipa::path(tag = "Service accounts", params(Ask, IfMatch))]
#[patch("/v1/service-accounts/{id}")]
async fn update_service_account(
    store: Data<Store>,
    here: Data<Here>,
    id: Path<Uuid>,
    body: Json<ServiceAccountPatch>,
    ask: Ask,
    seen: IfMatch,
) -> Api<Answer<Saved<ServiceAccountView>>> {
    store
        .write(&ask, async |tx| {
            let (row, grant) = tx.open::<Entity>(Column::Id.eq(id.0), &seen.0, Action::Update).await?;
            let patch = body.patch(&grant, &ServiceAccountView::from(row.clone()))?;
            Ok(Saved(writing::change(tx, &here, &grant, row, patch).await?.into()))
        })
        .await
}

/// Archive a machine account
///
/// The machine is out with its next request. Its secrets stay, and open again when it is restored: delete those that others may know.
#[utoipa::path(tag = "Service accounts", params(Ask, IfMatch))]
#[post("/v1/service-accounts/{id}/archive")]
async fn archive_service_account(store: Data<Store>, id: Path<Uuid>, ask: Ask, seen: IfMatch) -> Api<Answer<Saved<ServiceAccountView>>> {
    lifecycle::archive(&store, &ask, Column::Id.eq(id.0), &seen.0, async |_tx, _row| Ok(())).await
}

/// Restore a machine account
///
/// Takes an archived account back into use, with the secrets that it had.
#[utoipa::path(tag = "Service accounts", params(Ask, IfMatch))]
#[post("/v1/service-accounts/{id}/restore")]
async fn restore_service_account(store: Data<Store>, id: Path<Uuid>, ask: Ask, seen: IfMatch) -> Api<Answer<Saved<ServiceAccountView>>> {
    lifecycle::restore(&store, &ask, Column::Id.eq(id.0), &seen.0).await
}

/// Read the history of a machine account
///
/// Who changed what and when, the newest change first; `op` is `credential` where a secret was given or taken away.
#[utoipa::path(tag = "Service accounts", params(HistoryQuery))]
#[get("/v1/service-accounts/{id}/history")]
async fn get_service_account_history(
    store: Data<Store>,
    caller: Caller,
    id: Path<Uuid>,
    query: Query<HistoryQuery>,
) -> Api<Document<History<ServiceAccountView>>> {
    let row = store.find::<Entity>(&caller, Column::Id.eq(id.0)).await?;
    history(&store, &caller, &row, &query.0).await
}
