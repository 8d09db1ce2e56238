use sea_orm::{Condition, ExprTrait, Select, entity::prelude::*, sea_query::Query};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::outcome_objective;
use crate::{
    auth::Audience,
    clock::Timestamp,
    kind::Kind,
    store::{ExternalId, Provenance, Tracked},
    text::{Items, LocalizedText, Term},
};

pub type OutcomeText = LocalizedText<2000>;

/// Where an outcome stands: `open` until the responsible organization says that it is `done`, `verified` when another one saw that it is, `dropped`
/// when it was given up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema, EnumIter, DeriveActiveEnum)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum OutcomeState {
    #[default]
    Open,
    Done,
    Verified,
    Dropped,
}

impl OutcomeState {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Done => "done",
            Self::Verified => "verified",
            Self::Dropped => "dropped",
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, DeriveEntityModel)]
#[serde(default)]
#[sea_orm(table_name = "outcome")]
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
    pub consultation_id: Uuid,
    pub kind: Term,
    pub text: OutcomeText,
    pub objective_numbers: Items<i16>,
    pub responsible_id: Option<Uuid>,
    pub due_on: Option<Date>,
    pub state: OutcomeState,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Tracked for Entity {
    const KIND: Kind = Kind::Outcome;
    const KEY: Column = Column::Id;
    const LOCALIZED: &'static [Column] = &[Column::Text];

    fn owner(row: &Model) -> Option<Uuid> {
        row.responsible_id
    }

    fn state(row: &Model) -> Option<&'static str> {
        Some(row.state.name())
    }

    fn search_text(row: &Model) -> String {
        row.text.values().collect::<Vec<_>>().join("\n")
    }
}

impl Model {
    /// What is a set in one order, so that the same is the same.
    #[must_use]
    pub fn sorted(mut self) -> Self {
        self.objective_numbers.0.sort_unstable();
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

    /// Outcomes of this consultation that are not archived.
    pub fn of_consultation(id: Uuid) -> Select<Self> {
        Self::find().filter(Column::ConsultationId.eq(id)).filter(Column::ArchivedAt.is_null())
    }

    pub fn open_of(organization: Uuid) -> Select<Self> {
        Self::find().filter(waiting_for(organization))
    }
}

/// To be carried out by somebody.
pub fn waiting() -> Condition {
    Condition::all().add(Column::State.eq(OutcomeState::Open)).add(Column::ArchivedAt.is_null())
}

/// To be carried out by this organization.
pub fn waiting_for(organization: Uuid) -> Condition {
    waiting().add(Column::ResponsibleId.eq(organization))
}

/// About one of these objectives.
pub fn with_objective(numbers: Vec<i16>) -> Condition {
    use outcome_objective::{Column as Objective, Entity as Objectives};

    let links = Query::select()
        .column(Objective::OutcomeId)
        .from(Objectives)
        .and_where(Expr::col((Objectives, Objective::OutcomeId)).equals((Entity, Column::Id)))
        .and_where(Expr::col((Objectives, Objective::Number)).is_in(numbers))
        .to_owned();
    Condition::all().add(Expr::exists(links))
}
