//! One organization as a plain struct, and its JSON.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use gcm_api::clock::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

#[derive(Serialize, Deserialize)]
pub struct ExternalId {
    pub system: String,
    pub id: String,
}

pub type Localized = BTreeMap<String, String>;

/// All columns; the fields stand in the order of canonical JSON, so that its text is the body of a change.
#[derive(Serialize)]
pub struct Organization {
    pub acronym: Option<String>,
    pub archived_at: Option<Timestamp>,
    pub audience: String,
    pub code: String,
    pub country: Option<String>,
    pub created_at: Timestamp,
    pub external_ids: Vec<ExternalId>,
    pub id: Uuid,
    pub kind: String,
    pub mandate: Option<Localized>,
    pub name: Localized,
    pub owner_id: Option<Uuid>,
    pub parent_id: Option<Uuid>,
    pub provenance: String,
    pub revision: i64,
    pub sort_name: String,
    pub updated_at: Timestamp,
    pub valid_from: Option<NaiveDate>,
    pub valid_to: Option<NaiveDate>,
    pub website: Option<String>,
}

/// What clients see of it.
#[derive(Serialize)]
pub struct View {
    id: Uuid,
    revision: i64,
    created_at: Timestamp,
    updated_at: Timestamp,
    archived_at: Option<Timestamp>,
    provenance: String,
    external_ids: Vec<ExternalId>,
    kind: String,
    code: String,
    acronym: Option<String>,
    name: Localized,
    mandate: Option<Localized>,
    parent_id: Option<Uuid>,
    country: Option<String>,
    website: Option<String>,
    valid_from: Option<NaiveDate>,
    valid_to: Option<NaiveDate>,
}

impl Organization {
    pub fn view(self) -> View {
        View {
            id: self.id,
            revision: self.revision,
            created_at: self.created_at,
            updated_at: self.updated_at,
            archived_at: self.archived_at,
            provenance: self.provenance,
            external_ids: self.external_ids,
            kind: self.kind,
            code: self.code,
            acronym: self.acronym,
            name: self.name,
            mandate: self.mandate,
            parent_id: self.parent_id,
            country: self.country,
            website: self.website,
            valid_from: self.valid_from,
            valid_to: self.valid_to,
        }
    }
}

#[derive(Serialize)]
pub struct List {
    data: Vec<View>,
    pub page: Page,
    included: Option<()>,
}

#[derive(Serialize)]
pub struct Page {
    pub next_cursor: Option<String>,
    has_more: bool,
    total: Option<u64>,
}

#[derive(Serialize)]
struct Cursor<'a> {
    key: &'a str,
    id: Uuid,
}

/// How many rows a page holds.
pub const LIMIT: usize = 50;

/// A page of at most [`LIMIT`] rows; one row more tells that another page follows.
pub fn page(mut rows: Vec<Organization>) -> Result<List, serde_json::Error> {
    let has_more = rows.len() > LIMIT;
    rows.truncate(LIMIT);
    let next_cursor = match rows.last().filter(|_| has_more) {
        Some(last) => Some(hex(serde_json::to_string(&Cursor { key: &last.sort_name, id: last.id })?.as_bytes())),
        None => None,
    };
    let data = rows.into_iter().map(Organization::view).collect();
    Ok(List { data, page: Page { next_cursor, has_more, total: None }, included: None })
}

fn hex(bytes: &[u8]) -> String {
    gcm_api::store::change_log::hex(bytes)
}
