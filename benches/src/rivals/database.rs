//! The same statements as the service sends, by hand, on pools with the same settings.

use std::{path::Path, sync::Arc};

use gcm_api::{
    app,
    auth::Actor,
    clock::Timestamp,
    settings::{Engine, Settings},
};
use sea_orm::sqlx::{Postgres, Sqlite};
use uuid::Uuid;

use super::{postgres, rows::Organization, sqlite, statements::Pools};
use crate::{Outcome, load::chain::Entry, load::rows::mix};

pub enum Database {
    Sqlite(Pools<Sqlite>),
    Postgres(Pools<Postgres>),
}

/// A new website for an organization.
pub struct Write {
    pub id: Uuid,
    pub website: String,
    pub now: Timestamp,
    pub actor: Arc<Actor>,
    pub request_id: String,
}

impl Database {
    pub async fn open(settings: &Settings, read_from: Option<&Path>) -> Outcome<Self> {
        let options = app::database(settings, gcm_api::store::Access::Write);
        Ok(match settings.engine() {
            Engine::Sqlite => Self::Sqlite(sqlite::open(&options, read_from).await?),
            Engine::Postgres => Self::Postgres(postgres::open(&options).await?),
        })
    }

    pub async fn list(&self, kind: Option<&str>) -> Outcome<(i64, Vec<Organization>)> {
        match self {
            Self::Sqlite(pools) => pools.list(kind).await,
            Self::Postgres(pools) => pools.list(kind).await,
        }
    }

    pub async fn read(&self, id: Uuid) -> Outcome<Option<Organization>> {
        match self {
            Self::Sqlite(pools) => pools.read(id).await,
            Self::Postgres(pools) => pools.read(id).await,
        }
    }

    pub async fn write(&self, write: Write) -> Outcome<Option<Organization>> {
        match self {
            Self::Sqlite(pools) => pools.write(write).await,
            Self::Postgres(pools) => pools.write(write).await,
        }
    }
}

impl Write {
    /// The change behind this head.
    pub fn entry(&self, row: &Organization, seq: i64, hash: &str) -> Outcome<Entry> {
        let noise = mix(u64::try_from(seq)? ^ u64::try_from(self.now.micros())?);
        let mut entry = Entry {
            seq: seq + 1,
            at: self.now,
            actor_id: self.actor.account_id,
            actor_role: Some(self.actor.role.name()),
            actor_org: self.actor.organization_id,
            request_id: self.request_id.clone(),
            resource_id: row.id.to_string(),
            revision: row.revision,
            op: "update",
            owner_id: row.owner_id,
            body: serde_json::to_string(row)?,
            salt: format!("{noise:016x}{:016x}", mix(noise)),
            body_digest: String::new(),
            hash: String::new(),
        };
        entry.seal(hash);
        Ok(entry)
    }
}
