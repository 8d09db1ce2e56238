use std::collections::BTreeSet;

use sea_orm::{Condition, ExprTrait, QueryOrder, Select, entity::prelude::*, sea_query::Query};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::succession_party;
use crate::{
    auth::Audience,
    clock::Timestamp,
    kind::Kind,
    store::{ExternalId, Provenance, Tracked},
    text::{Items, LocalizedText, Term},
};

pub type Note = LocalizedText<4000>;

/// Where a succession stands: `planned` can still be changed, `effective` is history.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema, EnumIter, DeriveActiveEnum)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum SuccessionState {
    #[default]
    Planned,
    Effective,
}

impl SuccessionState {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Effective => "effective",
        }
    }
}

/// On which side of a succession an organization stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum Side {
    Predecessor,
    Successor,
    /// Takes over a function of a predecessor.
    Receiver,
}

impl Model {
    /// Every institution that is named, with what becomes of it: what the table of parties holds.
    pub fn parties(&self) -> impl Iterator<Item = (Uuid, Side)> {
        let before = self.predecessor_ids.0.iter().map(|id| (*id, Side::Predecessor));
        let after = self.successor_ids.0.iter().map(|id| (*id, Side::Successor));
        let receivers: BTreeSet<Uuid> = self.functions.0.iter().filter_map(|function| function.to_id).collect();
        before.chain(after).chain(receivers.into_iter().map(|id| (id, Side::Receiver)))
    }
}

/// A task of the State that went from one institution to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MovedFunction {
    /// What was moved, by language.
    pub text: LocalizedText<1000>,
    /// The institution that had it.
    pub from_id: Uuid,
    /// The institution that has it now; `null` when that is not known.
    #[schema(required)]
    pub to_id: Option<Uuid>,
}

/// Who takes over one duty of an institution that ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Reassignment {
    /// The kind of duty, as `GET /v1/organizations/{id}/duties` names it.
    #[schema(examples("objective_lead"))]
    pub kind: Term,
    /// The row that holds the duty, as `GET /v1/organizations/{id}/duties` names it: an id, or the number of an objective.
    #[schema(min_length = 1, max_length = 64, pattern = "^[0-9a-f-]+$", examples("14"))]
    pub id: String,
    /// The field of that row that names the institution.
    #[schema(examples("national_lead_id"))]
    pub field: Term,
    /// The institution that takes it over; `null` leaves it openly unassigned.
    #[schema(required)]
    pub to_id: Option<Uuid>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, DeriveEntityModel)]
#[serde(default)]
#[sea_orm(table_name = "succession")]
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
    pub predecessor_ids: Items<Uuid>,
    pub successor_ids: Items<Uuid>,
    pub decided_on: Option<Date>,
    pub effective_on: Option<Date>,
    pub functions: Items<MovedFunction>,
    pub note: Option<Note>,
    pub reassignments: Items<Reassignment>,
    /// How many duties were left without an heir.
    pub unassigned: i16,
    pub state: SuccessionState,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Tracked for Entity {
    const KIND: Kind = Kind::Succession;
    const KEY: Column = Column::Id;
    const LOCALIZED: &'static [Column] = &[Column::Note];

    fn owner(_row: &Model) -> Option<Uuid> {
        None
    }

    fn state(row: &Model) -> Option<&'static str> {
        Some(row.state.name())
    }

    fn search_text(row: &Model) -> String {
        let functions = row.functions.0.iter().flat_map(|function| function.text.values());
        row.note.iter().flat_map(LocalizedText::values).chain(functions).collect::<Vec<_>>().join("\n")
    }
}

impl Model {
    /// Counts what is left without an heir.
    #[must_use]
    pub fn counted(mut self) -> Self {
        let left = self.reassignments.0.iter().filter(|entry| entry.to_id.is_none()).count();
        self.unassigned = i16::try_from(left).unwrap_or(i16::MAX);
        self
    }
}

impl Entity {
    pub fn all() -> Select<Self> {
        Self::find().order_by_asc(Column::Id)
    }

    /// Successions in which this organization ends, the newest first; archived ones never count.
    pub fn ending(organization: Uuid) -> Select<Self> {
        Self::find()
            .filter(Column::ArchivedAt.is_null())
            .filter(involving(vec![organization], Some(Side::Predecessor)))
            .order_by_desc(Column::CreatedAt)
            .order_by_desc(Column::Id)
    }
}

/// Naming one of these organizations, on one side or on either.
pub fn involving(organizations: Vec<Uuid>, side: Option<Side>) -> Condition {
    use succession_party::{Column as Party, Entity as Parties};

    let mut links = Query::select();
    links
        .column(Party::SuccessionId)
        .from(Parties)
        .and_where(Expr::col((Parties, Party::SuccessionId)).equals((Entity, Column::Id)))
        .and_where(Expr::col((Parties, Party::OrganizationId)).is_in(organizations));
    if let Some(side) = side {
        links.and_where(Expr::col((Parties, Party::Side)).eq(side));
    }
    Condition::all().add(Expr::exists(links))
}

/// Effective, with a duty left without an heir.
pub fn leaving_duties() -> Condition {
    let effective = Column::State.eq(SuccessionState::Effective);
    Condition::all().add(effective).add(Column::Unassigned.gt(0)).add(Column::ArchivedAt.is_null())
}
