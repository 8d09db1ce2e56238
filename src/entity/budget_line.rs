use sea_orm::{Condition, QueryOrder, Select, entity::prelude::*};
use serde::{Deserialize, Serialize};

use crate::{
    auth::Audience,
    clock::Timestamp,
    kind::Kind,
    store::{ExternalId, Provenance, Tracked},
    text::{Currency, Items, LocalizedText, Money, Term},
};

pub type BudgetNote = LocalizedText<1000>;

/// The kinds of the vocabulary `budget_line_kinds`.
pub const REQUIRED: &str = "required";
pub const COMMITTED: &str = "committed";
pub const DISBURSED: &str = "disbursed";

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, DeriveEntityModel)]
#[serde(default)]
#[sea_orm(table_name = "budget_line")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub revision: i64,
    /// That of its activity.
    pub audience: Audience,
    pub owner_id: Option<Uuid>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub archived_at: Option<Timestamp>,
    pub provenance: Provenance,
    pub external_ids: Items<ExternalId>,
    pub activity_id: Uuid,
    pub kind: Term,
    pub amount_minor: i64,
    pub amount_currency: Currency,
    pub funder_id: Option<Uuid>,
    pub note: Option<BudgetNote>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Tracked for Entity {
    const KIND: Kind = Kind::BudgetLine;
    const KEY: Column = Column::Id;
    const LOCALIZED: &'static [Column] = &[Column::Note];

    fn owner(row: &Model) -> Option<Uuid> {
        row.funder_id
    }

    /// What is required is part of the plan; what is committed and disbursed is said by who pays.
    fn is_planned(row: &Model) -> bool {
        row.kind.as_str() == REQUIRED
    }

    /// Whoever sees the activity sees it, and nobody else; it follows that row.
    fn audience(row: &Model) -> Audience {
        row.audience
    }

    fn search_text(row: &Model) -> String {
        row.note.iter().flat_map(LocalizedText::values).collect::<Vec<_>>().join("\n")
    }
}

impl Model {
    pub fn amount(&self) -> Money {
        Money::of(self.amount_minor, self.amount_currency.clone())
    }

    pub fn put_amount(&mut self, amount: &Money) {
        (self.amount_minor, self.amount_currency) = (amount.minor(), amount.currency().clone());
    }
}

impl Entity {
    pub fn by_id(id: Uuid) -> Select<Self> {
        Self::find_by_id(id)
    }

    pub fn all() -> Select<Self> {
        Self::find()
    }

    /// Every budget line of these activities, archived ones among them, in the order in which they were entered.
    pub fn of(activities: impl IntoIterator<Item = Uuid>) -> Select<Self> {
        Self::find().filter(Column::ActivityId.is_in(activities)).order_by_asc(Column::Id)
    }
}

/// Those in use of these activities.
pub fn in_use_of(activities: impl IntoIterator<Item = Uuid>) -> Condition {
    Condition::all().add(Column::ActivityId.is_in(activities)).add(Column::ArchivedAt.is_null())
}
