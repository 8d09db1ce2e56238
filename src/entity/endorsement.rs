use sea_orm::{QueryOrder, Select, entity::prelude::*};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    auth::Audience,
    clock::Timestamp,
    kind::Kind,
    store::{ExternalId, Provenance, Tracked},
    text::{Items, LocalizedText},
};

pub type Remark = LocalizedText<4000>;

/// What organizations are asked to endorse.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema, EnumIter, DeriveActiveEnum)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum EndorsedKind {
    #[default]
    Priority,
    Workplan,
    WorkplanRevision,
}

impl EndorsedKind {
    pub const fn kind(self) -> Kind {
        match self {
            Self::Priority => Kind::Priority,
            Self::Workplan => Kind::Workplan,
            Self::WorkplanRevision => Kind::WorkplanRevision,
        }
    }
}

/// The word of an organization: `endorsed` is for it, `objected` against it, `abstained` neither; each is an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema, EnumIter, DeriveActiveEnum)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum EndorsementDecision {
    #[default]
    Endorsed,
    Objected,
    Abstained,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, DeriveEntityModel)]
#[serde(default)]
#[sea_orm(table_name = "endorsement")]
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
    pub subject_kind: EndorsedKind,
    pub subject_id: Uuid,
    pub substance: i64,
    pub organization_id: Uuid,
    pub decision: EndorsementDecision,
    pub comment: Option<Remark>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Tracked for Entity {
    const KIND: Kind = Kind::Endorsement;
    const KEY: Column = Column::Id;
    const LOCALIZED: &'static [Column] = &[Column::Comment];

    fn owner(row: &Model) -> Option<Uuid> {
        Some(row.organization_id)
    }

    fn search_text(row: &Model) -> String {
        row.comment.iter().flat_map(LocalizedText::values).collect::<Vec<_>>().join("\n")
    }
}

impl Entity {
    pub fn all() -> Select<Self> {
        Self::find()
    }

    /// The words given on one substance of a subject, the newest first; archived ones never count.
    pub fn given(kind: EndorsedKind, subject: Uuid, substance: i64) -> Select<Self> {
        Self::find()
            .filter(Column::SubjectKind.eq(kind))
            .filter(Column::SubjectId.eq(subject))
            .filter(Column::Substance.eq(substance))
            .filter(Column::ArchivedAt.is_null())
            .order_by_desc(Column::CreatedAt)
            .order_by_desc(Column::Id)
    }
}
