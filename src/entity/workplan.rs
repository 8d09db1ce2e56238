use std::collections::BTreeSet;

use sea_orm::{Condition, Select, entity::prelude::*};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    effort::Title,
    priority::{Act, Authority},
    with_owned, workplan_priority,
};
use crate::{
    auth::Audience,
    clock::Timestamp,
    kind::Kind,
    store::{ExternalId, Provenance, Tracked},
    text::{Days, Interval, Items, Text},
};

/// Where a workplan stands: `draft` is being written, `in_review` waits for the word of the organizations that decide, `returned` came back with a
/// reason, `approved` is decided and has not begun, `active` is being carried out, `closed` is over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema, EnumIter, DeriveActiveEnum)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum WorkplanState {
    #[default]
    Draft,
    InReview,
    Returned,
    Approved,
    Active,
    Closed,
}

impl WorkplanState {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::InReview => "in_review",
            Self::Returned => "returned",
            Self::Approved => "approved",
            Self::Active => "active",
            Self::Closed => "closed",
        }
    }

    /// Whether what is planned stands as it was approved.
    pub const fn is_frozen(self) -> bool {
        matches!(self, Self::Approved | Self::Active | Self::Closed)
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, DeriveEntityModel)]
#[serde(default)]
#[sea_orm(table_name = "workplan")]
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
    pub title: Title,
    pub starts_on: Date,
    pub ends_on: Date,
    pub reporting_interval: Interval,
    pub priority_ids: Items<Uuid>,
    pub approval_number: Option<Text<100>>,
    pub approval_date: Option<Date>,
    pub approval_authority: Option<Authority>,
    /// The version in force; none was approved yet.
    pub version: Option<i64>,
    /// SHA-256 of what that version holds: by it the log vouches for the version.
    pub version_sha256: Option<String>,
    /// Counts what organizations are asked about: each number is another question.
    pub substance: i64,
    /// When this question was put; what is planned has changed since, or it was never put.
    pub asked_at: Option<Timestamp>,
    pub agreed_against: Option<Text<1000>>,
    pub state: WorkplanState,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Tracked for Entity {
    const KIND: Kind = Kind::Workplan;
    const KEY: Column = Column::Id;
    const LOCALIZED: &'static [Column] = &[Column::Title];

    const SETTLED: &'static [Column] = &[Column::Substance, Column::AskedAt, Column::AgreedAgainst, Column::State];

    fn owner(_row: &Model) -> Option<Uuid> {
        None
    }

    fn state(row: &Model) -> Option<&'static str> {
        Some(row.state.name())
    }

    fn search_text(row: &Model) -> String {
        row.title.values().collect::<Vec<_>>().join("\n")
    }
}

/// What a plan says of itself, beside its activities.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outline {
    pub title: Title,
    pub starts_on: Date,
    pub ends_on: Date,
    pub reporting_interval: Interval,
    pub priority_ids: Items<Uuid>,
}

impl Outline {
    /// Whether organizations would be asked something else than they were before. A language that the title lacked, and another order of the priorities,
    /// are not something else.
    pub fn asks_otherwise(&self, before: &Self) -> bool {
        let rest =
            |of: &Self| (of.starts_on, of.ends_on, of.reporting_interval, of.priority_ids.0.iter().copied().collect::<BTreeSet<_>>());
        !self.title.only_adds_to(&before.title) || rest(self) != rest(before)
    }
}

impl Model {
    pub fn outline(&self) -> Outline {
        Outline {
            title: self.title.clone(),
            starts_on: self.starts_on,
            ends_on: self.ends_on,
            reporting_interval: self.reporting_interval,
            priority_ids: self.priority_ids.clone(),
        }
    }

    /// The row after something that is planned has changed: when organizations were asked about it, they are asked anew, and what was sent to
    /// them is a draft again.
    #[must_use]
    pub fn replanned(self) -> Self {
        if self.asked_at.is_none() {
            return self;
        }
        let state = if self.state == WorkplanState::InReview { WorkplanState::Draft } else { self.state };
        Self { substance: self.substance + 1, asked_at: None, agreed_against: None, state, ..self }
    }

    pub fn days(&self) -> Days {
        (self.starts_on, self.ends_on)
    }

    pub fn approval_act(&self) -> Option<Act> {
        Act::of(self.approval_number.clone(), self.approval_date, self.approval_authority.clone())
    }

    pub fn set_approval_act(&mut self, act: Option<Act>) {
        (self.approval_number, self.approval_date, self.approval_authority) = Act::parts(act);
    }
}

impl Entity {
    pub fn by_id(id: Uuid) -> Select<Self> {
        Self::find_by_id(id)
    }

    pub fn all() -> Select<Self> {
        Self::find()
    }

    pub fn by_ids(ids: impl IntoIterator<Item = Uuid>) -> Select<Self> {
        Self::find().filter(Column::Id.is_in(ids))
    }

    /// Those that are being carried out.
    pub fn active() -> Select<Self> {
        Self::find().filter(carried_out())
    }

    /// Those on which organizations are asked for their word.
    pub fn in_review() -> Select<Self> {
        Self::find().filter(Column::State.eq(WorkplanState::InReview)).filter(Column::ArchivedAt.is_null())
    }
}

/// Carrying out one of these priorities.
pub fn with_priority(priorities: Vec<Uuid>) -> Condition {
    use workplan_priority::{Column as Priority, Entity as Priorities};

    with_owned::<Priorities>(Priority::WorkplanId, Column::Id, Priority::PriorityId.is_in(priorities))
}

/// Those that are being carried out.
pub fn carried_out() -> Condition {
    Condition::all().add(Column::State.eq(WorkplanState::Active)).add(Column::ArchivedAt.is_null())
}
