//! What is sent to enter or change a budget line.

use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    entity::budget_line::{BudgetNote, Entity, Model},
    features::writing::{Changes, set, set_text},
    http::extract::sent,
    problem::Fault,
    text::{LocalizedPatch, Money, Term},
};

/// A new budget line of an activity.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct NewBudgetLine {
    /// What the amount is, one of `GET /v1/vocabularies/budget_line_kinds`: `required` is what the activity costs by its plan, `committed` what somebody
    /// promised, `disbursed` what was paid. Members of the UN Network enter the last two.
    #[schema(examples("committed"))]
    pub kind: Term,
    /// The amount.
    pub amount: Money,
    /// Who pays, or is to pay; in use and valid today. Members of the UN Network name their own organization.
    pub funder_id: Option<Uuid>,
    /// What it is for, by language.
    pub note: Option<BudgetNote>,
}

impl NewBudgetLine {
    /// The row that it makes below this activity.
    pub fn of(self, activity_id: Uuid) -> Model {
        let Self { kind, amount, funder_id, note } = self;
        let mut row = Model { activity_id, kind, funder_id, note, ..Model::default() };
        row.put_amount(&amount);
        row
    }
}

/// Changes to a budget line: absent stays, `null` clears, a value sets; the note is merged by language, the amount replaced whole.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
pub struct BudgetLinePatch {
    /// What the amount is, one of `GET /v1/vocabularies/budget_line_kinds`.
    #[schema(value_type = Term, required = false, examples("disbursed"))]
    pub kind: Option<Term>,
    /// The amount.
    #[schema(value_type = Money, required = false)]
    pub amount: Option<Money>,
    /// Who pays, or is to pay; a new one must be in use and valid today.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<Uuid>)]
    pub funder_id: Option<Option<Uuid>>,
    /// What it is for, by language.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<LocalizedPatch<1000>>)]
    pub note: Option<Option<LocalizedPatch<1000>>>,
}

impl Changes<Entity> for BudgetLinePatch {
    fn apply(self, row: &Model) -> (Model, Vec<Fault>) {
        let Self { kind, amount, funder_id, note } = self;
        let mut faults = Vec::new();
        let mut row = row.clone();
        set(&mut row.kind, kind);
        if let Some(amount) = amount {
            row.put_amount(&amount);
        }
        set(&mut row.funder_id, funder_id);
        set_text(&mut row.note, note, "/note", &mut faults);
        (row, faults)
    }
}
