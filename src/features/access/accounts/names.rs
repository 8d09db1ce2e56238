//! The names of those who take part, as colleagues may know them: no user names, no states, nothing to sign in with.

use actix_web::{get, web::Data};
use sea_orm::Select;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::{
    auth::Role,
    entity::account::{Column, Entity, Model},
    features::Listed,
    http::{
        Api,
        context::Here,
        extract::Caller,
        listing::{Filter, Listing, Refers, any_of},
        mount::Mount,
        reply::View,
    },
    kind::Kind,
    problem::Problem,
    store::{Sort, Store},
    text::Text,
};

/// Who is behind an account.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AccountNameView {
    /// The account, as it stands in histories and appointments.
    id: Uuid,
    /// The name to show; `(erased)` when the person's data were erased.
    #[schema(examples("Khamla Demo"))]
    display_name: Text<100>,
    /// What the account is for.
    role: Role,
    /// The organization that it speaks for.
    organization_id: Option<Uuid>,
}

impl From<Model> for AccountNameView {
    fn from(row: Model) -> Self {
        let Model { id, display_name, role, organization_id, .. } = row;
        Self { id, display_name, role, organization_id }
    }
}

impl View for AccountNameView {
    type Entity = Entity;
    const PATH: &'static str = "/v1/account-names";

    fn key(&self) -> String {
        self.id.to_string()
    }

    /// Not told: it would tell of changes that this view does not show. There is no single answer whose ETag it would be.
    fn revision(&self) -> i64 {
        1
    }
}

impl Refers for AccountNameView {
    fn refers(&self) -> Vec<(Kind, Uuid)> {
        self.organization_id.into_iter().map(|id| (Kind::Organization, id)).collect()
    }
}

/// Which names are listed.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AccountNameFilter {
    /// Only these accounts.
    #[serde(default)]
    id: Vec<Uuid>,
    /// Only accounts that speak for one of these organizations.
    #[serde(default)]
    organization_id: Vec<Uuid>,
    /// Only accounts of these roles.
    #[serde(default)]
    role: Vec<Role>,
}

impl Filter for AccountNameFilter {
    type Entity = Entity;
    const SORTS: &'static [Sort<Column>] =
        &[Sort { name: "display_name", column: Column::DisplayName }, Sort { name: "created_at", column: Column::CreatedAt }];
    const INCLUDES: &'static [Kind] = &[Kind::Organization];
    // What is searched holds user names.
    const SEARCHES: bool = false;

    fn apply(self, query: Select<Entity>, _here: &Here) -> Result<Select<Entity>, Problem> {
        let Self { id, organization_id, role } = self;
        let query = any_of(query, Column::Id, id);
        let query = any_of(query, Column::OrganizationId, organization_id);
        Ok(any_of(query, Column::Role, role))
    }
}

pub fn mount(config: &mut Mount<'_>) {
    config.service(list_account_names);
}

/// List account names
///
/// Names and roles of people, for showing who is behind the `account_id` of a history or an appointment: all of them for administrators and the lead
/// ministry, those of their own organization for focal points and network members, none for readers. Names of archived accounts come with `archived`.
#[utoipa::path(tag = "Accounts", params(Listing<AccountNameFilter>))]
#[get("/v1/account-names")]
async fn list_account_names(store: Data<Store>, caller: Caller, ask: Listing<AccountNameFilter>) -> Api<Listed<AccountNameView>> {
    ask.answer_from(Entity::known_to(&caller), &store, &caller).await
}
