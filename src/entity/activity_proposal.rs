use sea_orm::{QueryOrder, Select, entity::prelude::*, sea_query::Query};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{activity::Plan, budget_line::BudgetNote, effort::Title, workplan_revision};
use crate::{
    auth::Audience,
    clock::Timestamp,
    kind::Kind,
    store::{ExternalId, Provenance, Tracked},
    text::{Held, Items, LocalizedText, Money},
};

/// A milestone as it is planned: in a version of the workplan, or as a proposal would have it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PlannedMilestone {
    /// The milestone that it is; `null` for one that the revision adds.
    #[schema(required)]
    pub id: Option<Uuid>,
    /// What is to be reached, by language.
    pub title: Title,
    /// The day by which it is to be reached.
    #[schema(examples("2027-06-30"))]
    pub due_on: Date,
}

/// An amount that an activity requires: in a version of the workplan, or as a proposal would have it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PlannedBudgetLine {
    /// The budget line that it is; `null` for one that the revision adds.
    #[schema(required)]
    pub id: Option<Uuid>,
    /// What is required.
    pub amount: Money,
    /// Who is to pay it; `null` while that is open.
    #[schema(required)]
    pub funder_id: Option<Uuid>,
    /// What it is for, by language.
    #[schema(required)]
    pub note: Option<BudgetNote>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, DeriveEntityModel)]
#[serde(default)]
#[sea_orm(table_name = "activity_proposal")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub revision: i64,
    pub audience: Audience,
    pub owner_id: Option<Uuid>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub archived_at: Option<Timestamp>,
    pub provenance: Provenance,
    pub external_ids: Items<ExternalId>,
    pub workplan_revision_id: Uuid,
    pub activity_id: Uuid,
    /// The activity leaves the plan; the rest says nothing then.
    pub removes: bool,
    pub plan: Held<Plan>,
    pub milestones: Items<PlannedMilestone>,
    pub budget_lines: Items<PlannedBudgetLine>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Tracked for Entity {
    const KIND: Kind = Kind::ActivityProposal;
    const KEY: Column = Column::Id;

    fn owner(_row: &Model) -> Option<Uuid> {
        None
    }

    fn search_text(row: &Model) -> String {
        let description = row.plan.0.description.iter().flat_map(LocalizedText::values);
        row.plan.0.title.values().chain(description).collect::<Vec<_>>().join("\n")
    }
}

impl Entity {
    pub fn by_id(id: Uuid) -> Select<Self> {
        Self::find_by_id(id)
    }

    pub fn all() -> Select<Self> {
        Self::find()
    }

    /// What this revision of a plan would change, in the order in which it was entered.
    pub fn of_revision(revision: Uuid) -> Select<Self> {
        Self::find().filter(Column::WorkplanRevisionId.eq(revision)).filter(Column::ArchivedAt.is_null()).order_by_asc(Column::Id)
    }

    /// What the open revisions of all plans would change.
    pub fn open() -> Select<Self> {
        use workplan_revision::{Column as Revision, Entity as Revisions, RevisionState};

        let open = Query::select()
            .column(Revision::Id)
            .from(Revisions)
            .and_where(Revision::State.is_in([RevisionState::Draft, RevisionState::InReview, RevisionState::Returned]))
            .and_where(Revision::ArchivedAt.is_null())
            .to_owned();
        let of_open = Self::find().filter(Column::WorkplanRevisionId.in_subquery(open));
        of_open.filter(Column::ArchivedAt.is_null()).order_by_asc(Column::Id)
    }

    /// What this revision would change of this activity.
    pub fn one(revision: Uuid, activity: Uuid) -> Select<Self> {
        Self::of_revision(revision).filter(Column::ActivityId.eq(activity))
    }
}
