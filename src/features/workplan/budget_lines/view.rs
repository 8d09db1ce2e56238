//! A budget line as it is answered.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    clock::Timestamp,
    entity::budget_line::{BudgetNote, Entity, Model},
    http::{listing::Refers, reply::View},
    kind::Kind,
    store::{ExternalId, Provenance},
    text::{Money, Term},
};

/// An amount of an activity: what it costs, what somebody committed to it, or what was paid.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct BudgetLineView {
    /// Identifies the budget line for ever.
    pub id: Uuid,
    /// Counts the changes of this budget line; the same as in the ETag.
    #[schema(minimum = 1)]
    pub revision: i64,
    /// When it was entered.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// When it was archived; `null` while it is in use.
    pub archived_at: Option<Timestamp>,
    /// Where the row came from.
    pub provenance: Provenance,
    /// The ids that other systems know it by; written at `external-ids`.
    pub external_ids: Vec<ExternalId>,
    /// The activity that it belongs to.
    pub activity_id: Uuid,
    /// What the amount is, one of `GET /v1/vocabularies/budget_line_kinds`: `required` is what the activity costs by its plan, `committed` what somebody
    /// promised, `disbursed` what was paid.
    #[schema(examples("committed"))]
    pub kind: Term,
    /// The amount.
    pub amount: Money,
    /// Who pays, or is to pay; `null` while that is open.
    pub funder_id: Option<Uuid>,
    /// What it is for, by language.
    pub note: Option<BudgetNote>,
}

impl From<Model> for BudgetLineView {
    fn from(row: Model) -> Self {
        let amount = row.amount();
        let Model {
            id,
            revision,
            audience: _,
            owner_id: _,
            created_at,
            updated_at,
            archived_at,
            provenance,
            external_ids,
            activity_id,
            kind,
            amount_minor: _,
            amount_currency: _,
            funder_id,
            note,
        } = row;
        Self {
            id,
            revision,
            created_at,
            updated_at,
            archived_at,
            provenance,
            external_ids: external_ids.0,
            activity_id,
            kind,
            amount,
            funder_id,
            note,
        }
    }
}

impl View for BudgetLineView {
    type Entity = Entity;
    const PATH: &'static str = "budget-lines";

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn revision(&self) -> i64 {
        self.revision
    }

    fn location(&self) -> String {
        format!("{}/{}/{}/{}", Kind::BudgetLine.path(), self.activity_id, Self::PATH, self.id)
    }
}

impl Refers for BudgetLineView {
    fn refers(&self) -> Vec<(Kind, Uuid)> {
        self.funder_id.map(|id| (Kind::Organization, id)).into_iter().collect()
    }
}
