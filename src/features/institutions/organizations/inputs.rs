//! What is sent to enter or change an institution.

use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    entity::organization::{Entity, Mandate, Model, Name},
    features::writing::{Changes, set},
    http::extract::sent,
    problem::Fault,
    text::{self, CountryCode, LocalizedPatch, Term, Text, WebAddress},
};

/// A new institution.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct NewOrganization {
    /// What sort of institution it is, one of `GET /v1/vocabularies/organization_kinds`.
    pub kind: Term,
    /// Short, stable name for addresses and spreadsheets; nobody else may have it.
    pub code: text::Code,
    /// The usual abbreviation.
    pub acronym: Option<Text<32>>,
    /// The name, by language.
    pub name: Name,
    /// What the institution is responsible for in migration, by language.
    pub mandate: Option<Mandate>,
    /// The institution that it belongs to.
    pub parent_id: Option<Uuid>,
    /// The country whose institution it is; leave it out for international ones.
    pub country: Option<CountryCode>,
    /// Its web site.
    pub website: Option<WebAddress>,
    /// The first day on which it existed.
    #[schema(examples("2011-06-15"))]
    pub valid_from: Option<NaiveDate>,
    /// The first day on which it existed no more.
    #[schema(examples("2025-03-20"))]
    pub valid_to: Option<NaiveDate>,
}

/// Changes to an institution: absent stays, `null` clears, a value sets; texts are merged by language.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
pub struct OrganizationPatch {
    /// What sort of institution it is, one of `GET /v1/vocabularies/organization_kinds`.
    #[schema(value_type = Term, required = false)]
    pub kind: Option<Term>,
    /// Short, stable name for addresses and spreadsheets; nobody else may have it.
    #[schema(value_type = text::Code, required = false)]
    pub code: Option<text::Code>,
    /// The usual abbreviation.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<Text<32>>)]
    pub acronym: Option<Option<Text<32>>>,
    /// The name, by language.
    #[schema(value_type = LocalizedPatch<200>, required = false)]
    pub name: Option<LocalizedPatch<200>>,
    /// What the institution is responsible for in migration, by language.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<LocalizedPatch<4000>>)]
    pub mandate: Option<Option<LocalizedPatch<4000>>>,
    /// The institution that it belongs to.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<Uuid>)]
    pub parent_id: Option<Option<Uuid>>,
    /// The country whose institution it is; `null` for international ones.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<CountryCode>)]
    pub country: Option<Option<CountryCode>>,
    /// Its web site.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<WebAddress>)]
    pub website: Option<Option<WebAddress>>,
    /// The first day on which it existed; `null` when that is not known.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<NaiveDate>, examples("2011-06-15"))]
    pub valid_from: Option<Option<NaiveDate>>,
    /// The first day on which it existed no more; `null` while it does.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<NaiveDate>, examples("2025-03-20"))]
    pub valid_to: Option<Option<NaiveDate>>,
}

impl From<NewOrganization> for Model {
    fn from(new: NewOrganization) -> Self {
        let NewOrganization { kind, code, acronym, name, mandate, parent_id, country, website, valid_from, valid_to } = new;
        Self { kind, code, acronym, name, mandate, parent_id, country, website, valid_from, valid_to, ..Self::default() }.sorted()
    }
}

impl Changes<Entity> for OrganizationPatch {
    fn apply(self, row: &Model) -> (Model, Vec<Fault>) {
        let Self { kind, code, acronym, name, mandate, parent_id, country, website, valid_from, valid_to } = self;
        let mut faults = Vec::new();
        let mut row = row.clone();
        set(&mut row.kind, kind);
        set(&mut row.code, code);
        set(&mut row.acronym, acronym);
        set(&mut row.parent_id, parent_id);
        set(&mut row.country, country);
        set(&mut row.website, website);
        set(&mut row.valid_from, valid_from);
        set(&mut row.valid_to, valid_to);
        if let Some(patch) = name {
            row.name = patch.onto(Some(&row.name), "/name", &mut faults).unwrap_or(row.name);
        }
        if let Some(patch) = mandate {
            row.mandate = patch.and_then(|patch| patch.onto(row.mandate.as_ref(), "/mandate", &mut faults));
        }
        (row.sorted(), faults)
    }
}
