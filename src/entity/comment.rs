use sea_orm::{QueryOrder, Select, entity::prelude::*};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    auth::Audience,
    clock::Timestamp,
    kind::Kind,
    store::{ExternalId, Provenance, Tracked},
    text::{Items, Prose},
};

pub type Body = Prose<4000>;

/// What comments can be about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema, EnumIter, DeriveActiveEnum)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum CommentedKind {
    #[default]
    Effort,
    Nomination,
    Priority,
    Workplan,
    Activity,
}

impl CommentedKind {
    pub const fn kind(self) -> Kind {
        match self {
            Self::Effort => Kind::Effort,
            Self::Nomination => Kind::Nomination,
            Self::Priority => Kind::Priority,
            Self::Workplan => Kind::Workplan,
            Self::Activity => Kind::Activity,
        }
    }

    pub fn of(kind: Kind) -> Option<Self> {
        [Self::Effort, Self::Nomination, Self::Priority, Self::Workplan, Self::Activity].into_iter().find(|known| known.kind() == kind)
    }
}

/// Whether what a comment asks for is done with: `open`, or `resolved`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema, EnumIter, DeriveActiveEnum)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum CommentState {
    #[default]
    Open,
    Resolved,
}

impl CommentState {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Resolved => "resolved",
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, DeriveEntityModel)]
#[serde(default)]
#[sea_orm(table_name = "comment")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub revision: i64,
    /// That of the row that it is about.
    pub audience: Audience,
    /// That of the row that it is about.
    pub owner_id: Option<Uuid>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub archived_at: Option<Timestamp>,
    pub provenance: Provenance,
    pub external_ids: Items<ExternalId>,
    pub subject_kind: CommentedKind,
    pub subject_id: Uuid,
    pub parent_id: Option<Uuid>,
    /// The account that wrote it; none for the seed.
    pub author_id: Option<Uuid>,
    /// The organization that the author spoke for.
    pub organization_id: Option<Uuid>,
    pub body: Body,
    pub language: String,
    pub edited_at: Option<Timestamp>,
    pub resolved_at: Option<Timestamp>,
    pub state: CommentState,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Tracked for Entity {
    const KIND: Kind = Kind::Comment;
    const KEY: Column = Column::Id;
    const SETTLED: &'static [Column] = &[Column::EditedAt];

    fn owner(row: &Model) -> Option<Uuid> {
        row.owner_id
    }

    fn holder(row: &Model) -> Option<Uuid> {
        row.author_id
    }

    fn state(row: &Model) -> Option<&'static str> {
        Some(row.state.name())
    }

    /// Whoever sees what it is about sees it, and nobody else; it follows that row.
    fn audience(row: &Model) -> Audience {
        row.audience
    }

    fn search_text(row: &Model) -> String {
        row.body.as_str().to_owned()
    }
}

impl Entity {
    pub fn all() -> Select<Self> {
        Self::find()
    }

    /// Every comment on these rows, archived ones among them.
    pub fn on(kind: CommentedKind, subjects: impl IntoIterator<Item = Uuid>) -> Select<Self> {
        Self::find().filter(Column::SubjectKind.eq(kind)).filter(Column::SubjectId.is_in(subjects)).order_by_asc(Column::Id)
    }
}
