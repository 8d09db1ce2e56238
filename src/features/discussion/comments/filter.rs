//! Which rows a list holds.

use sea_orm::{ColumnTrait, Select};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use crate::{
    entity::comment::{Column, CommentState, CommentedKind, Entity},
    http::{
        context::Here,
        listing::{Filter, any_of, whether},
    },
    kind::Kind,
    problem::Problem,
    store::{Provenance, Sort},
};

/// Which comments are listed.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CommentFilter {
    /// Only these ids.
    #[serde(default)]
    id: Vec<Uuid>,
    /// Only comments on these kinds of rows.
    #[serde(default)]
    subject_kind: Vec<CommentedKind>,
    /// Only comments on these rows.
    #[serde(default)]
    subject_id: Vec<Uuid>,
    /// Only answers to these comments.
    #[serde(default)]
    parent_id: Vec<Uuid>,
    /// `true`: only comments that begin a thread; `false`: only answers.
    begins_thread: Option<bool>,
    /// Only comments by these accounts.
    #[serde(default)]
    author_id: Vec<Uuid>,
    /// Only comments whose author spoke for one of these organizations.
    #[serde(default)]
    organization_id: Vec<Uuid>,
    /// Only comments in these languages.
    #[serde(default)]
    language: Vec<String>,
    /// Only comments in these states.
    #[serde(default)]
    state: Vec<CommentState>,
    /// Only rows of this provenance.
    #[serde(default)]
    provenance: Vec<Provenance>,
}

impl Filter for CommentFilter {
    type Entity = Entity;
    const SORTS: &'static [Sort<Column>] =
        &[Sort { name: "created_at", column: Column::CreatedAt }, Sort { name: "updated_at", column: Column::UpdatedAt }];
    const INCLUDES: &'static [Kind] = &[Kind::Organization];

    fn apply(self, mut query: Select<Entity>, _here: &Here) -> Result<Select<Entity>, Problem> {
        let Self { id, subject_kind, subject_id, parent_id, begins_thread, author_id, organization_id, language, state, provenance } = self;
        query = any_of(query, Column::Id, id);
        query = any_of(query, Column::SubjectKind, subject_kind);
        query = any_of(query, Column::SubjectId, subject_id);
        query = any_of(query, Column::ParentId, parent_id);
        query = whether(query, begins_thread, Column::ParentId.is_null());
        query = any_of(query, Column::AuthorId, author_id);
        query = any_of(query, Column::OrganizationId, organization_id);
        query = any_of(query, Column::Language, language);
        query = any_of(query, Column::State, state);
        Ok(any_of(query, Column::Provenance, provenance))
    }
}
