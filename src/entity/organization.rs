use sea_orm::{Condition, QueryOrder, Select, entity::prelude::*};
use serde::{Deserialize, Serialize};

use crate::{
    auth::Audience,
    clock::Timestamp,
    kind::Kind,
    store::{ExternalId, Provenance, Tracked},
    text::{Code, CountryCode, Items, LocalizedText, Term, Text, WebAddress, fold},
};

/// The longest name of an institution, in characters.
pub type Name = LocalizedText<200>;
/// The longest mandate, in characters.
pub type Mandate = LocalizedText<4000>;

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, DeriveEntityModel)]
#[serde(default)]
#[sea_orm(table_name = "organization")]
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
    pub kind: Term,
    pub code: Code,
    pub acronym: Option<Text<32>>,
    pub name: Name,
    pub sort_name: String,
    pub mandate: Option<Mandate>,
    pub parent_id: Option<Uuid>,
    pub country: Option<CountryCode>,
    pub website: Option<WebAddress>,
    pub valid_from: Option<Date>,
    pub valid_to: Option<Date>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Tracked for Entity {
    const KIND: Kind = Kind::Organization;
    const KEY: Column = Column::Id;
    const LOCALIZED: &'static [Column] = &[Column::Name, Column::Mandate];

    fn owner(row: &Model) -> Option<Uuid> {
        Some(row.id)
    }

    fn search_text(row: &Model) -> String {
        let names = [Some(row.code.as_str()), row.acronym.as_ref().map(Text::as_str)];
        let texts = row.name.values().chain(row.mandate.iter().flat_map(LocalizedText::values));
        names.into_iter().flatten().chain(texts).collect::<Vec<_>>().join("\n")
    }
}

impl Model {
    /// The key that lists are sorted by: the English name, or whichever there is, folded.
    #[must_use]
    pub fn sorted(mut self) -> Self {
        self.sort_name = fold(self.name.any("en"));
        self
    }

    /// Valid from the first day up to, and without, the last.
    pub fn is_valid(&self, day: Date) -> bool {
        self.valid_from.is_none_or(|from| from <= day) && self.valid_to.is_none_or(|to| day < to)
    }
}

impl Entity {
    pub fn by_code(code: &Code) -> Select<Self> {
        Self::find().filter(Column::Code.eq(code.clone()))
    }

    /// Rows that name this one as their parent and are not archived.
    pub fn children_of(id: Uuid) -> Select<Self> {
        Self::find().filter(Column::ParentId.eq(id)).filter(Column::ArchivedAt.is_null())
    }

    pub fn by_ids(ids: impl IntoIterator<Item = Uuid>) -> Select<Self> {
        Self::find().filter(Column::Id.is_in(ids)).order_by_asc(Column::Id)
    }

    pub fn all() -> Select<Self> {
        Self::find()
    }
}

/// Valid on this day.
pub fn valid_on(day: Date) -> Condition {
    Condition::all()
        .add(Condition::any().add(Column::ValidFrom.is_null()).add(Column::ValidFrom.lte(day)))
        .add(Condition::any().add(Column::ValidTo.is_null()).add(Column::ValidTo.gt(day)))
}

/// Not archived, and valid on this day.
pub fn in_use_on(day: Date) -> Condition {
    valid_on(day).add(Column::ArchivedAt.is_null())
}
