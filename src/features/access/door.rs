//! From a token to the account behind it, as its row says now.

use std::{pin::Pin, sync::Arc};

use uuid::Uuid;

use super::keys::Keys;
use crate::{
    auth::{Actor, ActorKind, Role, Scope, token::Claims},
    clock::Timestamp,
    entity::{account, account::AccountState, revoked_token, service_account, service_secret, session},
    http::authenticate::{Admitted, Doorkeeper},
    problem::{Code, Problem},
    store::Store,
};

/// Lets in whoever the token, the account's row and the session's row let in, at every request.
pub struct Door {
    pub store: Store,
    pub keys: Arc<Keys>,
    /// Accounts made by `--demo` are let in only with it.
    pub demo: bool,
}

impl Doorkeeper for Door {
    fn actor<'a>(&'a self, token: &'a str) -> Pin<Box<dyn Future<Output = Result<Admitted, Problem>> + 'a>> {
        Box::pin(async move {
            self.keys.keep_up().await?;
            let now = self.store.clock().now();
            let claims = self.keys.verify(token, now)?;
            self.admit(&claims, now).await?.ok_or_else(|| Problem::new(Code::Unauthenticated))
        })
    }
}

impl Door {
    async fn admit(&self, claims: &Claims, now: Timestamp) -> Result<Option<Admitted>, Problem> {
        let Some(session) = claims.session() else { return Ok(None) };
        if let Some(row) = self.store.first(account::Entity::to_authenticate(claims.sub)).await? {
            let open = self.store.first(session::Entity::by_id(session)).await?;
            let open = open.is_some_and(|open| open.account_id == row.id && open.is_open(now));
            let enters = open && self.lets_in_person(&row);
            return Ok(enters.then(|| Admitted { actor: Arc::new(person(row)), session: Some(session) }));
        }
        let row = self.store.first(service_account::Entity::to_authenticate(claims.sub)).await?;
        let Some(row) = row.filter(|row| self.lets_in_machine(row)) else { return Ok(None) };
        let live = self.machine_may(row.id, session, &claims.jti, now).await?;
        Ok(live.then(|| Admitted { actor: Arc::new(machine(row)), session: None }))
    }

    /// The secret that the token was given for is still good, and the token was not revoked.
    async fn machine_may(&self, account: Uuid, session: Uuid, jti: &str, now: Timestamp) -> Result<bool, Problem> {
        let secrets = self.store.all(service_secret::Entity::of(account)).await?;
        Ok(secrets.iter().any(|secret| secret.opens(session, now)) && self.store.first(revoked_token::Entity::by_jti(jti)).await?.is_none())
    }

    pub fn lets_in_person(&self, row: &account::Model) -> bool {
        row.state == AccountState::Active
            && row.archived_at.is_none()
            && speaks_for_someone(row.role, row.organization_id)
            && (self.demo || !row.demo)
    }

    pub fn lets_in_machine(&self, row: &service_account::Model) -> bool {
        row.archived_at.is_none() && speaks_for_someone(row.role, row.organization_id) && (self.demo || !row.demo)
    }
}

/// An account that an institution left behind when it ended has nobody to speak for until it is given to another.
fn speaks_for_someone(role: Role, organization: Option<Uuid>) -> bool {
    organization.is_some() || !role.needs_organization()
}

/// The holder of this account, as a caller.
pub fn person(row: account::Model) -> Actor {
    Actor {
        account_id: Some(row.id),
        kind: ActorKind::Person,
        role: row.role,
        organization_id: row.organization_id,
        scopes: Scope::ALL.to_vec(),
        external_systems: Vec::new(),
        name: row.username,
        display_name: Some(row.display_name.to_string()),
        locale: row.locale,
    }
}

fn machine(row: service_account::Model) -> Actor {
    Actor {
        account_id: Some(row.id),
        kind: ActorKind::Machine,
        role: row.role,
        organization_id: row.organization_id,
        scopes: row.scopes.0,
        external_systems: row.external_systems.0,
        name: row.name.to_string(),
        display_name: None,
        locale: "en".to_owned(),
    }
}
