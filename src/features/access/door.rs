//! From a token to the account behind it, as its row says now.

use std::{ops::Range, pin::Pin, sync::Arc};

use chrono::{DateTime, Utc};
use quick_cache::sync::Cache;
use uuid::Uuid;

use super::keys::Keys;
use crate::{
    auth::{Actor, ActorKind, Role, Scope, token::Good},
    clock::Timestamp,
    entity::{account, account::AccountState, revoked_token, service_account, service_secret, session},
    http::authenticate::{Admitted, Doorkeeper},
    problem::{Code, Problem},
    store::{Pulse, Store},
};

/// How many tokens are remembered: about 10 MB of them.
const MOST_REMEMBERED: usize = 10_000;

/// Lets in whoever the token, the account's row and the session's row let in, at every request.
pub struct Door {
    store: Store,
    keys: Arc<Keys>,
    /// Accounts made by `--demo` are let in only with it.
    pub demo: bool,
    remembered: Cache<String, Arc<Remembered>>,
}

/// What was found out about a token. It stands while nothing about access was written, and no longer than the token, its key, its session and its
/// secret do.
struct Remembered {
    actor: Arc<Actor>,
    session: Option<Uuid>,
    access_seq: i64,
    epoch: u64,
    window: Range<DateTime<Utc>>,
}

impl Remembered {
    fn stands(&self, pulse: Pulse, now: Timestamp) -> bool {
        (self.access_seq, self.epoch) == (pulse.access_seq, pulse.epoch) && self.window.contains(&now.0)
    }

    fn admitted(&self, pulse: Pulse) -> Admitted {
        Admitted { actor: Arc::clone(&self.actor), session: self.session, seq: pulse.seq, epoch: pulse.epoch }
    }
}

impl Doorkeeper for Door {
    fn actor<'a>(&'a self, token: &'a str) -> Pin<Box<dyn Future<Output = Result<Admitted, Problem>> + 'a>> {
        Box::pin(async move {
            let pulse = self.store.pulse().await?;
            let now = self.store.clock().now();
            if let Some(known) = self.remembered.get(token).filter(|known| known.stands(pulse, now)) {
                return Ok(known.admitted(pulse));
            }
            self.keys.keep_up_to(pulse).await?;
            let good = self.keys.verify(token, now)?;
            let found = self.admit(good, pulse, now).await?.ok_or_else(|| Problem::new(Code::Unauthenticated))?;
            let admitted = found.admitted(pulse);
            self.remembered.insert(token.to_owned(), Arc::new(found));
            Ok(admitted)
        })
    }
}

impl Door {
    pub fn new(store: Store, keys: Arc<Keys>, demo: bool) -> Self {
        Self { store, keys, demo, remembered: Cache::new(MOST_REMEMBERED) }
    }

    /// Finds out anew about every token.
    pub fn forget(&self) {
        self.remembered.clear();
    }

    async fn admit(&self, good: Good, pulse: Pulse, now: Timestamp) -> Result<Option<Remembered>, Problem> {
        let Good { claims, window } = good;
        let Some(session) = claims.session() else { return Ok(None) };
        let found = |actor: Actor, session: Option<Uuid>, end: Option<Timestamp>| {
            let window = window.start..end.map_or(window.end, |end| end.0.min(window.end));
            Remembered { actor: Arc::new(actor), session, access_seq: pulse.access_seq, epoch: pulse.epoch, window }
        };
        if let Some(row) = self.store.first(account::Entity::to_authenticate(claims.sub)).await? {
            let open = self.store.first(session::Entity::by_id(session)).await?;
            let open = open.filter(|open| open.account_id == row.id && open.is_open(now) && self.lets_in_person(&row));
            return Ok(open.map(|open| found(person(row), Some(session), Some(open.expires_at))));
        }
        let row = self.store.first(service_account::Entity::to_authenticate(claims.sub)).await?;
        let Some(row) = row.filter(|row| self.lets_in_machine(row)) else { return Ok(None) };
        let secret = self.secret_behind(row.id, session, &claims.jti, now).await?;
        Ok(secret.map(|secret| found(machine(row), None, secret.expires_at)))
    }

    /// The secret that the token was given for, if it is still good, and the token was not revoked.
    async fn secret_behind(
        &self,
        account: Uuid,
        session: Uuid,
        jti: &str,
        now: Timestamp,
    ) -> Result<Option<service_secret::Model>, Problem> {
        let secrets = self.store.all(service_secret::Entity::of(account)).await?;
        let Some(secret) = secrets.into_iter().find(|secret| secret.opens(session, now)) else { return Ok(None) };
        Ok(self.store.first(revoked_token::Entity::by_jti(jti)).await?.is_none().then_some(secret))
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
