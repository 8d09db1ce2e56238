//! The accounts of people: invited, let in, changed and locked out.

mod inputs;
pub mod names;
pub mod password_links;
pub mod rules;

use actix_web::{get, patch, post, web::Data};
use inputs::{AccountPatch, NewAccount};
use sea_orm::{ColumnTrait, Select};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::links;
use crate::{
    auth::{Action, Role, Subject},
    clock::Timestamp,
    entity::account::{AccountState, Column, Entity, Model},
    features::{
        Listed,
        history::{History, HistoryQuery, history},
        transitions::{self, TransitionInput, TransitionResults, Transitions, TransitionsInput},
        writing,
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
    problem::Problem,
    store::{Answer, Provenance, Sort, Store},
    text::Text,
};

/// The account of a person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AccountView {
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
    /// The name to sign in with.
    #[schema(examples("mofa.coordinator"))]
    username: String,
    /// The name to show.
    display_name: Text<100>,
    /// What the account is for.
    role: Role,
    /// The organization that the account speaks for.
    organization_id: Option<Uuid>,
    /// The language that its holder prefers.
    #[schema(examples("lo"))]
    locale: String,
    /// Where the account stands; moved at `transitions`.
    state: AccountState,
}

impl From<Model> for AccountView {
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
            username,
            display_name,
            role,
            organization_id,
            locale,
            demo: _,
            state,
        } = row;
        Self { id, revision, created_at, updated_at, archived_at, provenance, username, display_name, role, organization_id, locale, state }
    }
}

impl View for AccountView {
    type Entity = Entity;
    const PATH: &'static str = "/v1/accounts";

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn revision(&self) -> i64 {
        self.revision
    }
}

impl Refers for AccountView {
    fn refers(&self) -> Vec<(Kind, Uuid)> {
        self.organization_id.into_iter().map(|id| (Kind::Organization, id)).collect()
    }
}

/// Which accounts are listed.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AccountFilter {
    /// Only these ids.
    #[serde(default)]
    id: Vec<Uuid>,
    /// Only accounts of these roles.
    #[serde(default)]
    role: Vec<Role>,
    /// Only accounts in these states.
    #[serde(default)]
    state: Vec<AccountState>,
    /// Only accounts that speak for one of these organizations.
    #[serde(default)]
    organization_id: Vec<Uuid>,
    /// `true`: only accounts that speak for an organization; `false`: only those that speak for none, also because it ended and they were not given to
    /// another.
    has_organization: Option<bool>,
    /// Only these user names.
    #[serde(default)]
    username: Vec<String>,
    /// Only accounts whose holders prefer one of these languages.
    #[serde(default)]
    locale: Vec<String>,
    /// Only rows of this provenance.
    #[serde(default)]
    provenance: Vec<Provenance>,
}

impl Filter for AccountFilter {
    type Entity = Entity;
    const SORTS: &'static [Sort<Column>] =
        &[Sort { name: "username", column: Column::Username }, Sort { name: "created_at", column: Column::CreatedAt }];
    const INCLUDES: &'static [Kind] = &[Kind::Organization];

    fn apply(self, query: Select<Entity>, _here: &Here) -> Result<Select<Entity>, Problem> {
        let Self { id, role, state, organization_id, has_organization, username, locale, provenance } = self;
        let query = any_of(query, Column::Id, id);
        let query = any_of(query, Column::Role, role);
        let query = any_of(query, Column::State, state);
        let query = any_of(query, Column::OrganizationId, organization_id);
        let query = any_of(query, Column::Username, username);
        let query = any_of(query, Column::Locale, locale);
        let query = any_of(query, Column::Provenance, provenance);
        Ok(whether(query, has_organization, Column::OrganizationId.is_not_null()))
    }
}

pub fn mount(config: &mut Mount<'_>) {
    config
        .service(list_accounts)
        .service(create_account)
        .service(transition_accounts)
        .service(get_account)
        .service(update_account)
        .service(get_account_history)
        .service(list_account_transitions)
        .service(transition_account);
    password_links::mount(config);
    names::mount(config);
}

/// List accounts
///
/// The accounts of people, for administrators. Others find nothing here: who they are themselves stands at `/v1/me`, and the names of others that they
/// may know at `/v1/account-names`.
#[utoipa::path(tag = "Accounts", params(Listing<AccountFilter>))]
#[get("/v1/accounts")]
async fn list_accounts(store: Data<Store>, caller: Caller, ask: Listing<AccountFilter>) -> Api<Listed<AccountView>> {
    ask.answer(&store, &caller).await
}

/// Read an account
///
/// One account, for administrators.
#[utoipa::path(tag = "Accounts")]
#[get("/v1/accounts/{id}")]
async fn get_account(store: Data<Store>, caller: Caller, id: Path<Uuid>) -> Api<Found<AccountView>> {
    store.find::<Entity>(&caller, Column::Id.eq(id.0)).await.map(AccountView::from).map(Found)
}

/// Invite a person
///
/// The account is `invited` and has no password; its holder sets one with the link of `password-link`, which takes the account into use. Administrators
/// invite anybody; the lead ministry invites focal points, for organizations of its own country, and does not see the account afterwards.
#[utoipa::path(tag = "Accounts", params(Ask))]
#[post("/v1/accounts")]
async fn create_account(store: Data<Store>, here: Data<Here>, body: Json<NewAccount>, ask: Ask) -> Api<Answer<Created<AccountView>>> {
    store
        .write(&ask, async |tx| {
            let grant = tx.may(Action::Create, &Subject::new(Kind::Account))?;
            rules::may_invite(tx, &here, &grant, &body).await?;
            let row = writing::enter::<Entity>(tx, &here, &grant, body.read()?.into()).await?;
            Ok(Created(row.into()))
        })
        .await
}

/// Change an account
///
/// For administrators. What changed counts from the holder's next request on. The last administrator who can sign in keeps the role: 409
/// `last_administrator`.
#[utoipa::path(tag = "Accounts", params(Ask, IfMatch))]
#[patch("/v1/accounts/{id}")]
async fn update_account(
    store: Data<Store>,
    here: Data<Here>,
    id: Path<Uuid>,
    body: Json<AccountPatch>,
    ask: Ask,
    seen: IfMatch,
) -> Api<Answer<Saved<AccountView>>> {
    store
        .write(&ask, async |tx| {
            let (row, grant) = tx.open::<Entity>(Column::Id.eq(id.0), &seen.0, Action::Update).await?;
            let patch = body.patch(&grant, &AccountView::from(row.clone()))?;
            let before = (row.role, row.organization_id);
            let row = writing::change::<Entity>(tx, &here, &grant, row, patch).await?;
            if before != (row.role, row.organization_id) {
                // A link was given for what the account was then.
                let holder = tx.private_of(row.id, Some(&grant))?;
                links::take_back(tx, holder).await?;
            }
            Ok(Saved(row.into()))
        })
        .await
}

/// Read the history of an account
///
/// Who changed what and when, the newest change first.
#[utoipa::path(tag = "Accounts", params(HistoryQuery))]
#[get("/v1/accounts/{id}/history")]
async fn get_account_history(
    store: Data<Store>,
    caller: Caller,
    id: Path<Uuid>,
    query: Query<HistoryQuery>,
) -> Api<Document<History<AccountView>>> {
    let row = store.find::<Entity>(&caller, Column::Id.eq(id.0)).await?;
    history(&store, &caller, &row, &query.0).await
}

/// List the transitions of an account
///
/// The moves that were made, and those that can be made from here with whether you may make them.
#[utoipa::path(tag = "Accounts")]
#[get("/v1/accounts/{id}/transitions")]
async fn list_account_transitions(store: Data<Store>, caller: Caller, id: Path<Uuid>) -> Api<Document<Transitions>> {
    transitions::list::<AccountView>(&store, &caller, Column::Id.eq(id.0)).await
}

/// Move an account to another state
///
/// `invited` to `active`, `active` to `locked` and back, and any to `archived`, which is for ever. An account becomes active with a password, and with an
/// organization where its role speaks for one. The last administrator who can sign in stays active: 409 `last_administrator`.
#[utoipa::path(tag = "Accounts", params(Ask, IfMatch))]
#[post("/v1/accounts/{id}/transitions")]
async fn transition_account(
    store: Data<Store>,
    here: Data<Here>,
    id: Path<Uuid>,
    body: Json<TransitionInput>,
    ask: Ask,
    seen: IfMatch,
) -> Api<Answer<Saved<AccountView>>> {
    transitions::one(&store, &here, &ask, Column::Id.eq(id.0), &seen.0, &body).await
}

/// Move many accounts to another state
///
/// All or none, or each for itself; the answer says what became of each.
#[utoipa::path(tag = "Accounts", params(Ask))]
#[post("/v1/accounts/transitions")]
async fn transition_accounts(
    store: Data<Store>,
    here: Data<Here>,
    body: Json<TransitionsInput>,
    ask: Ask,
) -> Api<Answer<Document<TransitionResults>>> {
    transitions::many::<AccountView>(&store, &here, &ask, &body).await
}
