//! Which rows a list holds.

use sea_orm::Select;
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use crate::{
    entity::endorsement::{Column, EndorsedKind, EndorsementDecision, Entity},
    http::{
        context::Here,
        listing::{Filter, any_of},
    },
    kind::Kind,
    problem::Problem,
    store::{Provenance, Sort},
};

/// Which endorsements are listed.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct EndorsementFilter {
    /// Only these ids.
    #[serde(default)]
    id: Vec<Uuid>,
    /// Only endorsements of these kinds of rows.
    #[serde(default)]
    subject_kind: Vec<EndorsedKind>,
    /// Only endorsements of these rows.
    #[serde(default)]
    subject_id: Vec<Uuid>,
    /// Only endorsements of these wordings (`substance`) of a row.
    #[serde(default)]
    substance: Vec<i32>,
    /// Only endorsements by these organizations.
    #[serde(default)]
    organization_id: Vec<Uuid>,
    /// Only these decisions.
    #[serde(default)]
    decision: Vec<EndorsementDecision>,
    /// Only rows of this provenance.
    #[serde(default)]
    provenance: Vec<Provenance>,
}

impl Filter for EndorsementFilter {
    type Entity = Entity;
    const SORTS: &'static [Sort<Column>] =
        &[Sort { name: "created_at", column: Column::CreatedAt }, Sort { name: "updated_at", column: Column::UpdatedAt }];
    const INCLUDES: &'static [Kind] = &[Kind::Organization];

    fn apply(self, mut query: Select<Entity>, _here: &Here) -> Result<Select<Entity>, Problem> {
        let Self { id, subject_kind, subject_id, substance, organization_id, decision, provenance } = self;
        query = any_of(query, Column::Id, id);
        query = any_of(query, Column::SubjectKind, subject_kind);
        query = any_of(query, Column::SubjectId, subject_id);
        query = any_of(query, Column::Substance, substance);
        query = any_of(query, Column::OrganizationId, organization_id);
        query = any_of(query, Column::Decision, decision);
        Ok(any_of(query, Column::Provenance, provenance))
    }
}
