use std::collections::BTreeSet;

use sea_orm::{Condition, ExprTrait, Select, entity::prelude::*, sea_query::Query};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{KnownFormat, ObjectBuilder, RefOr, Schema, SchemaFormat, Type},
};

use super::{consultation_objective, consultation_party, consultation_sdg_goal, json_holds, objective::ObjectiveNumber};
use crate::{
    auth::Audience,
    clock::Timestamp,
    kind::Kind,
    store::{ExternalId, Provenance, Tracked},
    text::{DatePrecision, Items, LocalizedText, Term, Text, fold},
};

pub type Title = LocalizedText<300>;
pub type Place = LocalizedText<200>;
pub type Programme = LocalizedText<300>;
pub type AgendaItem = LocalizedText<500>;

/// What the contract says of a number that names a Sustainable Development Goal.
pub struct SdgGoalNumber;

impl PartialSchema for SdgGoalNumber {
    fn schema() -> RefOr<Schema> {
        let number = ObjectBuilder::new().schema_type(Type::Integer).format(Some(SchemaFormat::KnownFormat(KnownFormat::Int32)));
        number.minimum(Some(1)).maximum(Some(17)).examples([10]).into()
    }
}

impl ToSchema for SdgGoalNumber {}

/// In what way an organization took part in a consultation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum Part {
    Convenor,
    Chair,
    Participant,
    Funder,
    /// Of a group that discussed apart.
    Facilitator,
}

/// Who chaired a consultation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Chair {
    /// The organization for which the person was in the chair.
    pub organization_id: Uuid,
    /// The post that the person held there; `null` when it is not known.
    #[schema(required)]
    pub position: Option<Text<200>>,
    /// The name of the person; `null` when it is not known, or was erased.
    #[schema(required)]
    pub name: Option<Text<100>>,
}

/// Whom an organization sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Participant {
    /// The organization that took part.
    pub organization_id: Uuid,
    /// As what it took part, one of `GET /v1/vocabularies/participant_roles`.
    #[schema(examples("participant"))]
    pub role: Term,
    /// How many people it sent; `null` when that is not known.
    #[schema(required, minimum = 1, maximum = 100_000)]
    pub count: Option<i64>,
}

/// A group that discussed apart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Group {
    /// What the group was about, by language.
    pub title: LocalizedText<300>,
    /// The objectives that it discussed.
    #[schema(value_type = Vec<ObjectiveNumber>, max_items = 23)]
    pub objective_numbers: Vec<i16>,
    /// The organization that led the discussion; `null` when that is not known.
    #[schema(required)]
    pub facilitator_id: Option<Uuid>,
    /// What was said, by language; `null` when nothing was noted.
    #[schema(required)]
    pub summary: Option<LocalizedText<4000>>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, DeriveEntityModel)]
#[serde(default)]
#[sea_orm(table_name = "consultation")]
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
    pub sort_title: String,
    pub series_number: Option<i16>,
    pub kind: Term,
    pub mode: Option<Term>,
    pub status: Term,
    pub starts_on: Date,
    pub ends_on: Date,
    pub date_precision: DatePrecision,
    pub place: Option<Place>,
    pub convenor_ids: Items<Uuid>,
    pub chairs: Items<Chair>,
    pub participants: Items<Participant>,
    pub participant_total: Option<i64>,
    /// At least so many: the exact number is not known.
    pub participant_total_at_least: bool,
    pub funder_ids: Items<Uuid>,
    pub programme: Option<Programme>,
    pub sdg_goal_numbers: Items<i16>,
    pub agenda: Items<AgendaItem>,
    pub groups: Items<Group>,
    pub cycle_id: Option<Uuid>,
    /// When the names of those in the chair were emptied.
    pub names_erased_at: Option<Timestamp>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Tracked for Entity {
    const KIND: Kind = Kind::Consultation;
    const KEY: Column = Column::Id;
    const LOCALIZED: &'static [Column] = &[Column::Title, Column::Place, Column::Programme];

    fn owner(_row: &Model) -> Option<Uuid> {
        None
    }

    /// Not the names of people: whoever looks for a consultation looks for what it was about.
    fn search_text(row: &Model) -> String {
        let place = row.place.iter().flat_map(LocalizedText::values);
        let programme = row.programme.iter().flat_map(LocalizedText::values);
        let agenda = row.agenda.0.iter().flat_map(LocalizedText::values);
        let groups = row.groups.0.iter().flat_map(|group| group.title.values().chain(group.summary.iter().flat_map(LocalizedText::values)));
        row.title.values().chain(place).chain(programme).chain(agenda).chain(groups).collect::<Vec<_>>().join("\n")
    }
}

impl Model {
    /// The key that lists are sorted by, and what is a set in one order, so that the same is the same.
    #[must_use]
    pub fn sorted(mut self) -> Self {
        self.sort_title = fold(self.title.any("en"));
        self.sdg_goal_numbers.0.sort_unstable();
        self.groups.0.iter_mut().for_each(|group| group.objective_numbers.sort_unstable());
        self
    }

    /// Without the names of those who were in the chair.
    #[must_use]
    pub fn without_names(mut self, at: Timestamp) -> Self {
        self.chairs.0.iter_mut().for_each(|chair| chair.name = None);
        self.names_erased_at = self.names_erased_at.or(Some(at));
        self
    }

    /// Every organization that is named, with its part in it: what the table of parties holds.
    pub fn parties(&self) -> BTreeSet<(Uuid, Part)> {
        let convenors = self.convenor_ids.0.iter().map(|id| (*id, Part::Convenor));
        let chairs = self.chairs.0.iter().map(|chair| (chair.organization_id, Part::Chair));
        let participants = self.participants.0.iter().map(|sent| (sent.organization_id, Part::Participant));
        let funders = self.funder_ids.0.iter().map(|id| (*id, Part::Funder));
        let facilitators = self.groups.0.iter().filter_map(|group| Some((group.facilitator_id?, Part::Facilitator)));
        convenors.chain(chairs).chain(participants).chain(funders).chain(facilitators).collect()
    }

    /// The objectives that its groups discussed.
    pub fn objective_numbers(&self) -> BTreeSet<i16> {
        self.groups.0.iter().flat_map(|group| group.objective_numbers.iter().copied()).collect()
    }
}

impl Entity {
    pub fn all() -> Select<Self> {
        Self::find()
    }

    pub fn by_id(id: Uuid) -> Select<Self> {
        Self::find_by_id(id)
    }
}

/// Naming one of these organizations, with this part in it or with any.
pub fn naming(organizations: Vec<Uuid>, part: Option<Part>) -> Condition {
    use consultation_party::{Column as Party, Entity as Parties};

    let mut links = Query::select();
    links
        .column(Party::ConsultationId)
        .from(Parties)
        .and_where(Expr::col((Parties, Party::ConsultationId)).equals((Entity, Column::Id)))
        .and_where(Expr::col((Parties, Party::OrganizationId)).is_in(organizations));
    if let Some(part) = part {
        links.and_where(Expr::col((Parties, Party::Part)).eq(part));
    }
    Condition::all().add(Expr::exists(links))
}

/// With a group that discussed one of these objectives.
pub fn with_objective(numbers: Vec<i16>) -> Condition {
    use consultation_objective::{Column as Objective, Entity as Objectives};

    let links = Query::select()
        .column(Objective::ConsultationId)
        .from(Objectives)
        .and_where(Expr::col((Objectives, Objective::ConsultationId)).equals((Entity, Column::Id)))
        .and_where(Expr::col((Objectives, Objective::Number)).is_in(numbers))
        .to_owned();
    Condition::all().add(Expr::exists(links))
}

/// Naming one of these Sustainable Development Goals.
pub fn with_sdg_goal(numbers: Vec<i16>) -> Condition {
    use consultation_sdg_goal::{Column as Goal, Entity as Goals};

    let links = Query::select()
        .column(Goal::ConsultationId)
        .from(Goals)
        .and_where(Expr::col((Goals, Goal::ConsultationId)).equals((Entity, Column::Id)))
        .and_where(Expr::col((Goals, Goal::Number)).is_in(numbers))
        .to_owned();
    Condition::all().add(Expr::exists(links))
}

/// With a participant in one of these roles.
pub fn with_participant_role(roles: Vec<String>) -> Condition {
    let takes_part = |role: String| json_holds(Column::Participants, &format!("\"role\":{}", Value::from(role)));
    roles.into_iter().fold(Condition::any(), |any, role| any.add(takes_part(role)))
}
