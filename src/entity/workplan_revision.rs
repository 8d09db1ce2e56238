use sea_orm::{QueryOrder, Select, entity::prelude::*};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    effort::{Passage, Title},
    priority::{Act, Authority},
    workplan::{self, Outline},
};
use crate::{
    auth::Audience,
    clock::Timestamp,
    kind::Kind,
    store::{ExternalId, Provenance, Tracked},
    text::{Days, Interval, Items, LocalizedText, Text},
};

/// Where a revision of a workplan stands: `draft` is being written, `in_review` waits for the word of the organizations that decide, `returned` came
/// back with a reason, `approved` is the plan in force or was, `withdrawn` was given up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema, EnumIter, DeriveActiveEnum)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum RevisionState {
    #[default]
    Draft,
    InReview,
    Returned,
    Approved,
    Withdrawn,
}

impl RevisionState {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::InReview => "in_review",
            Self::Returned => "returned",
            Self::Approved => "approved",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// Whether it can still become the plan.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Draft | Self::InReview | Self::Returned)
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, DeriveEntityModel)]
#[serde(default)]
#[sea_orm(table_name = "workplan_revision")]
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
    pub workplan_id: Uuid,
    /// The version that the plan has once this is approved.
    pub version: i64,
    pub note: Option<Passage>,
    pub title: Title,
    pub starts_on: Date,
    pub ends_on: Date,
    pub reporting_interval: Interval,
    pub priority_ids: Items<Uuid>,
    pub approval_number: Option<Text<100>>,
    pub approval_date: Option<Date>,
    pub approval_authority: Option<Authority>,
    /// Counts what organizations are asked about: each number is another question.
    pub substance: i64,
    /// When this question was put; what is planned has changed since, or it was never put.
    pub asked_at: Option<Timestamp>,
    pub agreed_against: Option<Text<1000>>,
    pub state: RevisionState,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Tracked for Entity {
    const KIND: Kind = Kind::WorkplanRevision;
    const KEY: Column = Column::Id;
    const LOCALIZED: &'static [Column] = &[Column::Note, Column::Title];

    const SETTLED: &'static [Column] = &[Column::Substance, Column::AskedAt, Column::AgreedAgainst, Column::State];

    fn owner(_row: &Model) -> Option<Uuid> {
        None
    }

    fn state(row: &Model) -> Option<&'static str> {
        Some(row.state.name())
    }

    fn search_text(row: &Model) -> String {
        let note = row.note.iter().flat_map(LocalizedText::values);
        row.title.values().chain(note).collect::<Vec<_>>().join("\n")
    }
}

impl Model {
    /// The next version of this plan, which begins as the one in force.
    pub fn of(plan: &workplan::Model) -> Self {
        let Outline { title, starts_on, ends_on, reporting_interval, priority_ids } = plan.outline();
        let version = plan.version.unwrap_or_default() + 1;
        let begins = Self { workplan_id: plan.id, version, substance: 1, ..Self::default() };
        Self { title, starts_on, ends_on, reporting_interval, priority_ids, ..begins }
    }

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
        let state = if self.state == RevisionState::InReview { RevisionState::Draft } else { self.state };
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

    /// Those on which organizations are asked for their word.
    pub fn in_review() -> Select<Self> {
        Self::find().filter(Column::State.eq(RevisionState::InReview)).filter(Column::ArchivedAt.is_null())
    }

    /// The one of this plan that can still become the plan, if there is any.
    pub fn open_of(workplan: Uuid) -> Select<Self> {
        open_in(Self::find(), workplan)
    }
}

/// The one among these that can still become this plan.
pub fn open_in(revisions: Select<Entity>, workplan: Uuid) -> Select<Entity> {
    let open = [RevisionState::Draft, RevisionState::InReview, RevisionState::Returned];
    revisions
        .filter(Column::WorkplanId.eq(workplan))
        .filter(Column::State.is_in(open))
        .filter(Column::ArchivedAt.is_null())
        .order_by_asc(Column::Id)
}
