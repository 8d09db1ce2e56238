//! What is sent to write or edit a comment.

use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    entity::comment::{Body, CommentedKind, Entity, Model},
    features::writing::{Changes, set},
    problem::Fault,
};

/// A new comment.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct NewComment {
    /// What kind of row it is about.
    pub subject_kind: CommentedKind,
    /// The row that it is about; one that you see, and that is not archived.
    pub subject_id: Uuid,
    /// The comment that it answers, about the same row and no answer itself; `null` when it begins a thread.
    pub parent_id: Option<Uuid>,
    /// What is said; line breaks are kept.
    pub body: Body,
    /// The language that it is written in, one of `languages` of the instance.
    #[schema(max_length = 35, examples("en"))]
    pub language: String,
}

/// Changes to a comment: absent stays, a value sets.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
pub struct CommentPatch {
    /// What is said; line breaks are kept.
    #[schema(value_type = Body, required = false)]
    pub body: Option<Body>,
    /// The language that it is written in, one of `languages` of the instance.
    #[schema(value_type = String, required = false, max_length = 35, examples("en"))]
    pub language: Option<String>,
}

impl From<NewComment> for Model {
    fn from(new: NewComment) -> Self {
        let NewComment { subject_kind, subject_id, parent_id, body, language } = new;
        Self { subject_kind, subject_id, parent_id, body, language, ..Self::default() }
    }
}

impl Changes<Entity> for CommentPatch {
    fn apply(self, row: &Model) -> (Model, Vec<Fault>) {
        let Self { body, language } = self;
        let mut row = row.clone();
        set(&mut row.body, body);
        set(&mut row.language, language);
        (row, Vec::new())
    }
}
