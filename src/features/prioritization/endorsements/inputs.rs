//! What is sent to give or change a word.

use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    entity::endorsement::{EndorsedKind, EndorsementDecision, Entity, Model, Remark},
    features::writing::{Changes, set, set_text},
    http::extract::sent,
    problem::Fault,
    text::LocalizedPatch,
};

/// The word of an organization on something that it is asked about.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct NewEndorsement {
    /// What kind of row it is about.
    pub subject_kind: EndorsedKind,
    /// The row that it is about.
    pub subject_id: Uuid,
    /// The `substance` of that row as the organization read it. When it is another by now: 409 `question_closed`, so that nobody's word stands
    /// under a text that they did not see.
    #[schema(minimum = 1, examples(1))]
    pub substance: i64,
    /// The organization that gives its word; everybody speaks for their own.
    pub organization_id: Uuid,
    /// For it, against it, or neither.
    pub decision: EndorsementDecision,
    /// What the organization says to that, by language; an objection needs it.
    pub comment: Option<Remark>,
}

/// Changes to an endorsement: absent stays, `null` clears, a value sets; the comment is merged by language.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
pub struct EndorsementPatch {
    /// For it, against it, or neither.
    #[schema(value_type = EndorsementDecision, required = false)]
    pub decision: Option<EndorsementDecision>,
    /// What the organization says to that, by language; an objection needs it.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<LocalizedPatch<4000>>)]
    pub comment: Option<Option<LocalizedPatch<4000>>>,
}

impl From<NewEndorsement> for Model {
    fn from(new: NewEndorsement) -> Self {
        let NewEndorsement { subject_kind, subject_id, substance, organization_id, decision, comment } = new;
        Self { subject_kind, subject_id, substance, organization_id, decision, comment, ..Self::default() }
    }
}

impl Changes<Entity> for EndorsementPatch {
    fn apply(self, row: &Model) -> (Model, Vec<Fault>) {
        let Self { decision, comment } = self;
        let mut faults = Vec::new();
        let mut row = row.clone();
        set(&mut row.decision, decision);
        set_text(&mut row.comment, comment, "/comment", &mut faults);
        (row, faults)
    }
}
