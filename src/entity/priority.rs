use std::collections::BTreeSet;

use sea_orm::{Condition, ExprTrait, FromQueryResult, QueryOrder, QuerySelect, Select, entity::prelude::*, sea_query::Query};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    prioritization::{Cluster, Rationale},
    priority_supporter,
};
use crate::{
    auth::Audience,
    clock::Timestamp,
    kind::Kind,
    store::{ExternalId, Provenance, Tracked},
    text::{Items, LocalizedText, Text, only_adds},
};

pub type Authority = LocalizedText<200>;

/// Where a priority stands: `proposed` waits for the word of every organization that decides, `agreed` has it, `adopted` is in force by an act of
/// the State, `withdrawn` was given up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema, EnumIter, DeriveActiveEnum)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum PriorityState {
    #[default]
    Proposed,
    Agreed,
    Adopted,
    Withdrawn,
}

impl PriorityState {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::Agreed => "agreed",
            Self::Adopted => "adopted",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// An act of the State, such as the decree that adopts a priority or the decision that approves a workplan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Act {
    /// The number of the decree, decision or other act.
    #[schema(examples("No. 214/PM"))]
    pub number: Text<100>,
    /// The day of the act.
    #[schema(examples("2025-06-12"))]
    pub date: Date,
    /// The authority whose act it is, by language.
    pub authority: Authority,
}

/// The columns in which an act stands.
pub type ActColumns = (Option<Text<100>>, Option<Date>, Option<Authority>);

impl Act {
    pub fn of(number: Option<Text<100>>, date: Option<Date>, authority: Option<Authority>) -> Option<Self> {
        Some(Self { number: number?, date: date?, authority: authority? })
    }

    pub fn parts(act: Option<Self>) -> ActColumns {
        match act {
            Some(Self { number, date, authority }) => (Some(number), Some(date), Some(authority)),
            None => (None, None, None),
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, DeriveEntityModel)]
#[serde(default)]
#[sea_orm(table_name = "priority")]
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
    pub cycle_id: Option<Uuid>,
    pub prioritization_id: Uuid,
    pub objective_number: i16,
    pub rank: i16,
    pub rationale: Option<Rationale>,
    pub cluster: Option<Cluster>,
    pub lead_id: Option<Uuid>,
    pub supporting_ids: Items<Uuid>,
    /// Counts what organizations are asked about: each number is another question.
    pub substance: i64,
    /// When this question was put.
    pub asked_at: Option<Timestamp>,
    pub agreed_against: Option<Text<1000>>,
    pub adoption_number: Option<Text<100>>,
    pub adoption_date: Option<Date>,
    pub adoption_authority: Option<Authority>,
    pub state: PriorityState,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Tracked for Entity {
    const KIND: Kind = Kind::Priority;
    const KEY: Column = Column::Id;
    const LOCALIZED: &'static [Column] = &[Column::Rationale, Column::Cluster];

    fn owner(_row: &Model) -> Option<Uuid> {
        None
    }

    fn state(row: &Model) -> Option<&'static str> {
        Some(row.state.name())
    }

    fn search_text(row: &Model) -> String {
        let cluster = row.cluster.iter().flat_map(LocalizedText::values);
        row.rationale.iter().flat_map(LocalizedText::values).chain(cluster).collect::<Vec<_>>().join("\n")
    }
}

impl Model {
    /// The first question to the organizations that decide.
    #[must_use]
    pub fn proposed(self) -> Self {
        Self { substance: 1, ..self }
    }

    pub fn adoption_act(&self) -> Option<Act> {
        Act::of(self.adoption_number.clone(), self.adoption_date, self.adoption_authority.clone())
    }

    pub fn set_adoption_act(&mut self, act: Option<Act>) {
        (self.adoption_number, self.adoption_date, self.adoption_authority) = Act::parts(act);
    }

    /// Whether organizations would be asked something else than they were before. A translation that was missing, another rank, another state
    /// are not something else.
    pub fn asks_otherwise(&self, before: &Self) -> bool {
        let question = |row: &Self| (row.objective_number, row.lead_id, row.supporting_ids.0.iter().copied().collect::<BTreeSet<_>>());
        question(self) != question(before)
            || !only_adds(self.rationale.as_ref(), before.rationale.as_ref())
            || !only_adds(self.cluster.as_ref(), before.cluster.as_ref())
    }

    /// The row as it is after this change: with another question it is proposed anew, and what was decided of the old one is no more true of it.
    #[must_use]
    pub fn after(mut self, before: &Self) -> Self {
        if self.asks_otherwise(before) {
            self.substance += 1;
            self.state = PriorityState::Proposed;
            self.agreed_against = None;
            if self.adoption_act() == before.adoption_act() {
                self.set_adoption_act(None);
            }
        }
        self
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
        Self::find().filter(Column::Id.is_in(ids)).order_by_asc(Column::Id)
    }

    /// Those on which organizations are asked for their word.
    pub fn open() -> Select<Self> {
        Self::find().filter(Column::State.eq(PriorityState::Proposed)).filter(Column::ArchivedAt.is_null())
    }
}

/// Supported by one of these organizations.
pub fn supported_by(organizations: Vec<Uuid>) -> Condition {
    use priority_supporter::{Column as Supporter, Entity as Supporters};

    let links = Query::select()
        .column(Supporter::PriorityId)
        .from(Supporters)
        .and_where(Expr::col((Supporters, Supporter::PriorityId)).equals((Entity, Column::Id)))
        .and_where(Expr::col((Supporters, Supporter::OrganizationId)).is_in(organizations))
        .to_owned();
    Condition::all().add(Expr::exists(links))
}

/// How many priorities of an objective an organization leads on.
#[derive(Debug, FromQueryResult)]
pub struct Led {
    pub objective_number: i16,
    pub lead_id: Option<Uuid>,
    pub many: i64,
}

/// Counts these for each objective and organization: [`Led`].
pub fn counted(query: Select<Entity>) -> Select<Entity> {
    let groups = query.select_only().column(Column::ObjectiveNumber).column(Column::LeadId).column_as(Column::Id.count(), "many");
    groups.group_by(Column::ObjectiveNumber).group_by(Column::LeadId)
}
