use std::collections::BTreeMap;

use sea_orm::{Condition, ExprTrait, Select, entity::prelude::*, sea_query::Query};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::{json_holds, objective::ObjectiveNumber, prioritization_elector};
use crate::{
    auth::{Audience, audience},
    clock::Timestamp,
    kind::Kind,
    store::{ExternalId, Provenance, Tracked},
    text::{Items, LocalizedText, Term},
};

pub type Title = LocalizedText<300>;
pub type Rationale = LocalizedText<4000>;
pub type Cluster = LocalizedText<200>;

/// Where a round stands: `draft` is prepared, `open` takes nominations, `closed` takes none and is decided on, `finalized` is history,
/// `cancelled` was given up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema, EnumIter, DeriveActiveEnum)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum RoundState {
    #[default]
    Draft,
    Open,
    Closed,
    Finalized,
    Cancelled,
}

impl RoundState {
    pub const ALL: &[Self] = &[Self::Draft, Self::Open, Self::Closed, Self::Finalized, Self::Cancelled];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Open => "open",
            Self::Closed => "closed",
            Self::Finalized => "finalized",
            Self::Cancelled => "cancelled",
        }
    }
}

/// One criterion that every nomination is scored by.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Criterion {
    pub code: Term,
    pub title: Option<LocalizedText<200>>,
    /// In millionths: rows hold whole numbers only.
    pub weight: i64,
}

/// One objective that was chosen, as it will stand in the priority that is proposed for it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Selected {
    /// Number of the objective.
    #[schema(value_type = ObjectiveNumber)]
    pub objective_number: i16,
    /// Its place among the chosen ones, counted from 1; no two share one.
    #[schema(minimum = 1, maximum = 23, examples(1))]
    pub rank: i16,
    /// Why it was chosen, by language.
    #[schema(required)]
    pub rationale: Option<Rationale>,
    /// The thematic area of the country that it belongs to, by language.
    #[schema(required)]
    pub cluster: Option<Cluster>,
    /// The institution that would lead the work on it.
    #[schema(required)]
    pub lead_id: Option<Uuid>,
    /// The institutions that would support it; each once, and not the lead.
    #[schema(max_items = 50)]
    pub supporting_ids: Vec<Uuid>,
}

/// How one organization scored an objective; means and scores are in millionths.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Ballot {
    pub nomination_id: Uuid,
    pub organization_id: Uuid,
    pub voter_id: Option<Uuid>,
    pub counted: bool,
    pub scores: BTreeMap<String, i16>,
    pub score: i64,
}

/// One objective of the ranking that finalizing froze.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Ranked {
    pub objective_number: i16,
    pub nominations: i64,
    pub support: i64,
    pub weighted_mean: Option<i64>,
    pub agreement: Option<i64>,
    pub rank: i64,
    pub by_organization: Vec<Ballot>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, DeriveEntityModel)]
#[serde(default)]
#[sea_orm(table_name = "prioritization")]
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
    pub cycle_id: Option<Uuid>,
    pub consultation_id: Option<Uuid>,
    pub opens_on: Option<Date>,
    pub closes_on: Option<Date>,
    pub electorate_ids: Items<Uuid>,
    pub criteria: Items<Criterion>,
    pub selection: Items<Selected>,
    pub state: RoundState,
    /// Whether it was ever open: a draft that is cancelled is seen by nobody new.
    pub opened: bool,
    /// What the results were when it was finalized; empty before.
    pub ranking: Items<Ranked>,
    /// Who had given no nomination when it was finalized.
    pub missing_organization_ids: Items<Uuid>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Tracked for Entity {
    const KIND: Kind = Kind::Prioritization;
    const KEY: Column = Column::Id;
    const LOCALIZED: &'static [Column] = &[Column::Title];

    fn owner(_row: &Model) -> Option<Uuid> {
        None
    }

    fn state(row: &Model) -> Option<&'static str> {
        Some(row.state.name())
    }

    fn audience(row: &Model) -> Audience {
        let as_seen = if row.opened { row.state } else { RoundState::Draft };
        audience(Kind::Prioritization, Some(as_seen.name()))
    }

    fn search_text(row: &Model) -> String {
        let titles = row.criteria.0.iter().flat_map(|criterion| criterion.title.iter().flat_map(LocalizedText::values));
        row.title.values().chain(titles).collect::<Vec<_>>().join("\n")
    }
}

impl Entity {
    pub fn all() -> Select<Self> {
        Self::find()
    }

    pub fn by_id(id: Uuid) -> Select<Self> {
        Self::find_by_id(id)
    }

    /// Rounds that began and have not come to an end: who nominates in them, or whose nominations they are, is fixed.
    pub fn under_way() -> Select<Self> {
        Self::find().filter(Column::ArchivedAt.is_null()).filter(Column::State.is_in([RoundState::Open, RoundState::Closed]))
    }
}

/// Rounds that came to an end: whoever decided there is asked for its word on each priority of it, also on one that is proposed later.
pub fn decided() -> Select<Entity> {
    Entity::find().filter(Column::ArchivedAt.is_null()).filter(Column::State.eq(RoundState::Finalized))
}

/// With one of these organizations in the electorate.
pub fn with_elector(organizations: Vec<Uuid>) -> Condition {
    use prioritization_elector::{Column as Elector, Entity as Electors};

    let links = Query::select()
        .column(Elector::PrioritizationId)
        .from(Electors)
        .and_where(Expr::col((Electors, Elector::PrioritizationId)).equals((Entity, Column::Id)))
        .and_where(Expr::col((Electors, Elector::OrganizationId)).is_in(organizations))
        .to_owned();
    Condition::all().add(Expr::exists(links))
}

/// With one of these criteria.
pub fn judged_by(codes: Vec<String>) -> Condition {
    holding(Column::Criteria, codes.into_iter().map(|code| format!("\"code\":{}", Value::from(code))))
}

/// With one of these objectives chosen.
pub fn choosing(numbers: Vec<i16>) -> Condition {
    holding(Column::Selection, numbers.into_iter().map(|number| format!("\"objective_number\":{number},")))
}

/// With one of these organizations chosen to lead.
pub fn led_by(organizations: Vec<Uuid>) -> Condition {
    holding(Column::Selection, organizations.into_iter().map(|id| format!("\"lead_id\":\"{id}\"")))
}

fn holding(column: Column, pieces: impl Iterator<Item = String>) -> Condition {
    pieces.fold(Condition::any(), |any, piece| any.add(json_holds(column, &piece)))
}

/// Open, and not past its closing date on this day.
pub fn taking_nominations(day: Date) -> Condition {
    let in_time = Condition::any().add(Column::ClosesOn.is_null()).add(Column::ClosesOn.gte(day));
    Condition::all().add(Column::State.eq(RoundState::Open)).add(Column::ArchivedAt.is_null()).add(in_time)
}
