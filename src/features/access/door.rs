//! From a token to the account behind it, as its row says now.

use std::{pin::Pin, sync::Arc};

use uuid::Uuid;

use super::keys::Keys;
use crate::{
    auth::{Actor, ActorKind, Scope},
    entity::{account, account::AccountState, service_account},
    http::authenticate::Doorkeeper,
    problem::{Code, Problem},
    store::Store,
};

/// Lets in whoever the token and the account's row let in.
pub struct Door {
    pub store: Store,
    pub keys: Arc<Keys>,
    /// Accounts made by `--demo` are let in only with it.
    pub demo: bool,
}

impl Doorkeeper for Door {
    fn actor<'a>(&'a self, token: &'a str) -> Pin<Box<dyn Future<Output = Result<Actor, Problem>> + 'a>> {
        Box::pin(async move {
            let claims = self.keys.verify(token, self.store.clock().now())?;
            self.actor_of(claims.sub).await
        })
    }
}

impl Door {
    async fn actor_of(&self, id: Uuid) -> Result<Actor, Problem> {
        let refused = || Problem::new(Code::Unauthenticated);
        if let Some(row) = self.store.first(account::Entity::to_authenticate(id)).await? {
            return if self.lets_in_person(&row) { Ok(person(row)) } else { Err(refused()) };
        }
        match self.store.first(service_account::Entity::to_authenticate(id)).await? {
            Some(row) if self.lets_in_machine(&row) => Ok(machine(row)),
            _ => Err(refused()),
        }
    }

    pub fn lets_in_person(&self, row: &account::Model) -> bool {
        row.state == AccountState::Active && row.archived_at.is_none() && (self.demo || !row.demo)
    }

    pub fn lets_in_machine(&self, row: &service_account::Model) -> bool {
        row.archived_at.is_none() && (self.demo || !row.demo)
    }
}

fn person(row: account::Model) -> Actor {
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
