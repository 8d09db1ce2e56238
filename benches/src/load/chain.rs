//! The change log as its rule says, by another hand than the service's.

use chrono::{DateTime, Utc};
use gcm_api::{clock::Timestamp, entity::organization::Model};
use sea_orm::sqlx::{Database, Encode, Type, query::Query};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::rows::mix;
use crate::Outcome;

/// One row of the log.
pub struct Entry {
    pub seq: i64,
    pub at: Timestamp,
    pub actor_id: Option<Uuid>,
    pub actor_role: Option<&'static str>,
    pub actor_org: Option<Uuid>,
    pub request_id: String,
    pub resource_id: String,
    pub revision: i64,
    pub op: &'static str,
    pub owner_id: Option<Uuid>,
    /// Canonical JSON.
    pub body: String,
    pub salt: String,
    pub body_digest: String,
    pub hash: String,
}

pub const ACTOR_KIND: &str = "person";
pub const ORIGIN: &str = "api";
pub const KIND: &str = "organization";
pub const AUDIENCE: &str = "everyone";

/// Where the log stands.
#[derive(Default)]
pub struct Chain {
    seq: i64,
    hash: String,
}

impl Chain {
    /// The change that made this row what it is.
    pub fn append(&mut self, row: &Model, lead_ministry: Uuid) -> Outcome<Entry> {
        self.seq += 1;
        let noise = mix(u64::try_from(self.seq)?);
        let mut entry = Entry {
            seq: self.seq,
            at: row.updated_at,
            actor_id: Some(Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0001)),
            actor_role: Some("coordinator"),
            actor_org: Some(lead_ministry),
            request_id: format!("{:032x}", self.seq),
            resource_id: row.id.to_string(),
            revision: row.revision,
            op: if row.revision == 1 { "create" } else { "update" },
            owner_id: row.owner_id,
            // `serde_json` sorts the members of a value by their bytes, which for names in ASCII is the order of RFC 8785.
            body: serde_json::to_value(row)?.to_string(),
            salt: format!("{noise:016x}{:016x}", mix(noise)),
            body_digest: String::new(),
            hash: String::new(),
        };
        entry.seal(&self.hash);
        self.hash.clone_from(&entry.hash);
        Ok(entry)
    }

    pub fn head(self) -> (i64, String) {
        (self.seq, self.hash)
    }
}

impl Entry {
    /// Fills in the digest of the body, and the hash that ties it to the change before.
    pub fn seal(&mut self, previous: &str) {
        self.body_digest = sha256(&[json!([self.salt, self.body, null]).to_string().as_bytes()]);
        let columns = json!([
            self.seq,
            self.at,
            self.actor_id,
            ACTOR_KIND,
            self.actor_role,
            self.actor_org,
            ORIGIN,
            self.request_id,
            KIND,
            self.resource_id,
            self.revision,
            self.op,
            AUDIENCE,
            self.owner_id,
            self.body_digest,
        ]);
        self.hash = sha256(&[previous.as_bytes(), b"\n", columns.to_string().as_bytes()]);
    }

    /// All columns of the log, in the order of the table.
    pub fn bind_to<E>(self, query: Query<'_, E, E::Arguments>) -> Query<'_, E, E::Arguments>
    where
        E: Database,
        for<'v> i64: Encode<'v, E> + Type<E>,
        Uuid: Type<E>,
        for<'v> DateTime<Utc>: Encode<'v, E> + Type<E>,
        for<'v> String: Encode<'v, E> + Type<E>,
        for<'v> &'v str: Encode<'v, E> + Type<E>,
        for<'v> Option<Uuid>: Encode<'v, E>,
        for<'v> Option<&'v str>: Encode<'v, E>,
    {
        query
            .bind(self.seq)
            .bind(self.at.0)
            .bind(self.actor_id)
            .bind(ACTOR_KIND)
            .bind(self.actor_role)
            .bind(self.actor_org)
            .bind(ORIGIN)
            .bind(self.request_id)
            .bind(KIND)
            .bind(self.resource_id)
            .bind(self.revision)
            .bind(self.op)
            .bind(AUDIENCE)
            .bind(self.owner_id)
            .bind(self.body)
            .bind(Option::<&str>::None)
            .bind(self.salt)
            .bind(self.body_digest)
            .bind(self.hash)
    }
}

fn sha256(parts: &[&[u8]]) -> String {
    let mut hash = Sha256::new();
    parts.iter().for_each(|part| hash.update(part));
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
