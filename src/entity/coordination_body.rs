use sea_orm::{Condition, ExprTrait, Select, entity::prelude::*, sea_query::Query};
use serde::{Deserialize, Serialize};

use super::coordination_body_chair;
use crate::{
    auth::Audience,
    clock::Timestamp,
    kind::Kind,
    store::{ExternalId, Provenance, Tracked},
    text::{Items, LocalizedText, Term, fold},
};

pub type Name = LocalizedText<200>;
pub type TermsOfReference = LocalizedText<8000>;

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, DeriveEntityModel)]
#[serde(default)]
#[sea_orm(table_name = "coordination_body")]
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
    pub name: Name,
    pub sort_name: String,
    pub level: Term,
    pub chair_ids: Items<Uuid>,
    pub established_on: Option<Date>,
    /// The first day on which it existed no more.
    pub dissolved_on: Option<Date>,
    pub terms_of_reference: Option<TermsOfReference>,
    pub parent_id: Option<Uuid>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Tracked for Entity {
    const KIND: Kind = Kind::CoordinationBody;
    const KEY: Column = Column::Id;
    const LOCALIZED: &'static [Column] = &[Column::Name, Column::TermsOfReference];

    fn owner(_row: &Model) -> Option<Uuid> {
        None
    }

    fn search_text(row: &Model) -> String {
        let terms = row.terms_of_reference.iter().flat_map(LocalizedText::values);
        row.name.values().chain(terms).collect::<Vec<_>>().join("\n")
    }
}

impl Model {
    /// The key that lists are sorted by: the English name, or whichever there is, folded.
    #[must_use]
    pub fn sorted(mut self) -> Self {
        self.sort_name = fold(self.name.any("en"));
        self
    }
}

impl Entity {
    pub fn all() -> Select<Self> {
        Self::find()
    }

    pub fn by_id(id: Uuid) -> Select<Self> {
        Self::find_by_id(id)
    }

    /// Bodies that name this one as their parent and are not archived.
    pub fn children_of(id: Uuid) -> Select<Self> {
        Self::find().filter(Column::ParentId.eq(id)).filter(Column::ArchivedAt.is_null())
    }

    /// Bodies that this organization chairs, and that are neither archived nor dissolved on this day.
    pub fn open_chaired_by(organization: Uuid, day: Date) -> Select<Self> {
        Self::find().filter(open_on(day)).filter(chaired_by(vec![organization]))
    }
}

/// Existing on this day.
pub fn existing_on(day: Date) -> Condition {
    Condition::all()
        .add(Condition::any().add(Column::EstablishedOn.is_null()).add(Column::EstablishedOn.lte(day)))
        .add(Condition::any().add(Column::DissolvedOn.is_null()).add(Column::DissolvedOn.gt(day)))
}

/// Neither archived nor dissolved on this day.
fn open_on(day: Date) -> Condition {
    let living = Condition::any().add(Column::DissolvedOn.is_null()).add(Column::DissolvedOn.gt(day));
    Condition::all().add(Column::ArchivedAt.is_null()).add(living)
}

/// The ids of the bodies that exist on this day.
pub fn ids_open_on(day: Date) -> sea_orm::sea_query::SelectStatement {
    Query::select().column((Entity, Column::Id)).from(Entity).cond_where(open_on(day)).to_owned()
}

/// Chaired by one of these organizations.
pub fn chaired_by(organizations: Vec<Uuid>) -> Condition {
    use coordination_body_chair::{Column as Chair, Entity as Chairs};

    let links = Query::select()
        .column(Chair::BodyId)
        .from(Chairs)
        .and_where(Expr::col((Chairs, Chair::BodyId)).equals((Entity, Column::Id)))
        .and_where(Expr::col((Chairs, Chair::OrganizationId)).is_in(organizations))
        .to_owned();
    Condition::all().add(Expr::exists(links))
}
