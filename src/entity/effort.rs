use sea_orm::{Condition, ExprTrait, FromQueryResult, JoinType, QuerySelect, Select, entity::prelude::*, sea_query::Query};
use serde::{Deserialize, Serialize};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, Type},
};

use super::{effort_action, effort_objective, effort_party, effort_province, effort_sdg_target, review_cycle, with_owned};
use crate::{
    auth::Audience,
    clock::Timestamp,
    kind::Kind,
    store::{ExternalId, Provenance, Tracked},
    text::{Currency, Items, LocalizedText, Money, Term, WebAddress, fold},
};

pub type Title = LocalizedText<300>;
pub type Passage = LocalizedText<4000>;

/// How far an effort is: `planned` has not begun, `ongoing` runs or is in force, `completed` reached its end, `discontinued` was given up.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema, EnumIter, DeriveActiveEnum,
)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum Implementation {
    #[default]
    Planned,
    Ongoing,
    Completed,
    Discontinued,
}

/// Where an effort stands in the stock-taking: `draft` is being written, `submitted` waits for the lead ministry, `returned` came back from it with a
/// reason, `accepted` counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema, EnumIter, DeriveActiveEnum)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum EffortState {
    #[default]
    Draft,
    Submitted,
    Returned,
    Accepted,
}

impl EffortState {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Submitted => "submitted",
            Self::Returned => "returned",
            Self::Accepted => "accepted",
        }
    }
}

/// What the contract says of a code that names a province.
pub struct ProvinceCode;

impl PartialSchema for ProvinceCode {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new().schema_type(Type::String).pattern(Some("^[A-Z]{2}-[A-Z0-9]{1,3}$")).examples(["LA-SV"]).into()
    }
}

impl ToSchema for ProvinceCode {}

/// What an organization does in the effort of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum PartyRole {
    Partner,
    Funder,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, DeriveEntityModel)]
#[serde(default)]
#[sea_orm(table_name = "effort")]
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
    pub organization_id: Uuid,
    pub partner_ids: Items<Uuid>,
    pub title: Title,
    pub sort_title: String,
    pub description: Option<Passage>,
    pub kind: Term,
    pub objective_numbers: Items<i16>,
    pub action_codes: Items<String>,
    pub sdg_target_codes: Items<String>,
    pub implementation: Implementation,
    pub starts_on: Option<Date>,
    pub ends_on: Option<Date>,
    pub provinces: Items<String>,
    pub challenges: Option<Passage>,
    pub support_needed: Option<Passage>,
    pub budget_minor: Option<i64>,
    pub budget_currency: Option<Currency>,
    pub funder_ids: Items<Uuid>,
    pub links: Items<WebAddress>,
    pub state: EffortState,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Tracked for Entity {
    const KIND: Kind = Kind::Effort;
    const KEY: Column = Column::Id;
    const LOCALIZED: &'static [Column] = &[Column::Title, Column::Description, Column::Challenges, Column::SupportNeeded];

    fn owner(row: &Model) -> Option<Uuid> {
        Some(row.organization_id)
    }

    fn state(row: &Model) -> Option<&'static str> {
        Some(row.state.name())
    }

    fn search_text(row: &Model) -> String {
        let passages = [&row.description, &row.challenges, &row.support_needed];
        let passages = passages.into_iter().flatten().flat_map(LocalizedText::values);
        row.title.values().chain(passages).collect::<Vec<_>>().join("\n")
    }
}

impl Model {
    /// The key that lists are sorted by: the English title, or whichever there is, folded. What is a set stands in one order, so that the same is the
    /// same.
    #[must_use]
    pub fn sorted(mut self) -> Self {
        self.sort_title = fold(self.title.any("en"));
        self.objective_numbers.0.sort_unstable();
        for codes in [&mut self.action_codes.0, &mut self.sdg_target_codes.0, &mut self.provinces.0] {
            codes.sort_unstable_by(|one, other| by_number(one).cmp(&by_number(other)));
        }
        self
    }

    pub fn budget(&self) -> Option<Money> {
        self.budget_minor.zip(self.budget_currency.clone()).map(|(minor, currency)| Money::of(minor, currency))
    }

    pub fn put_budget(&mut self, budget: Option<Money>) {
        (self.budget_minor, self.budget_currency) = budget.map(|budget| (budget.minor(), budget.currency().clone())).unzip();
    }

    /// The others who take part, as the table of parties holds them.
    pub fn parties(&self) -> impl Iterator<Item = (Uuid, PartyRole)> {
        let partners = self.partner_ids.0.iter().map(|id| (*id, PartyRole::Partner));
        partners.chain(self.funder_ids.0.iter().map(|id| (*id, PartyRole::Funder)))
    }
}

/// `6.c` stands before `10.a`, and `8.3` before `8.10`.
pub(super) fn by_number(code: &str) -> (u16, u16, &str) {
    let (number, rest) = code.split_once('.').unwrap_or(("", code));
    (number.parse().unwrap_or_default(), rest.parse().unwrap_or(u16::MAX), rest)
}

impl Entity {
    pub fn all() -> Select<Self> {
        Self::find()
    }
}

/// Serving one of these objectives.
pub fn with_objective(numbers: Vec<i16>) -> Condition {
    use effort_objective::{Column as Objective, Entity as Objectives};

    with_owned::<Objectives>(Objective::EffortId, Column::Id, Objective::Number.is_in(numbers))
}

/// Serving one of these actions.
pub fn with_action(codes: Vec<String>) -> Condition {
    use effort_action::{Column as Action, Entity as Actions};

    with_owned::<Actions>(Action::EffortId, Column::Id, Action::Code.is_in(codes))
}

/// Serving one of these SDG targets.
pub fn with_sdg_target(codes: Vec<String>) -> Condition {
    use effort_sdg_target::{Column as Target, Entity as Targets};

    with_owned::<Targets>(Target::EffortId, Column::Id, Target::Code.is_in(codes))
}

/// In one of these provinces.
pub fn in_province(codes: Vec<String>) -> Condition {
    use effort_province::{Column as Province, Entity as Provinces};

    with_owned::<Provinces>(Province::EffortId, Column::Id, Province::Code.is_in(codes))
}

/// With one of these organizations as partner, or as funder.
pub fn with_party(organizations: Vec<Uuid>, role: PartyRole) -> Condition {
    use effort_party::{Column as Party, Entity as Parties};

    with_owned::<Parties>(Party::EffortId, Column::Id, Party::OrganizationId.is_in(organizations).and(Party::Role.eq(role)))
}

/// Without a day on which it began or ends: nobody can say in which review cycle it counts.
pub fn undated() -> Condition {
    Condition::all().add(Column::StartsOn.is_null()).add(Column::EndsOn.is_null())
}

/// Whose dates overlap those of one of these review cycles; an open end goes on.
pub fn in_cycles(cycles: Vec<Uuid>) -> Condition {
    use review_cycle::{Column as Cycle, Entity as Cycles};

    let col = |column: Column| Expr::col(column.as_column_ref());
    let of_cycle = |column: Cycle| Expr::col(column.as_column_ref());
    let begun = Condition::any().add(Column::StartsOn.is_null()).add(col(Column::StartsOn).lte(of_cycle(Cycle::EndsOn)));
    let not_over = Condition::any().add(Column::EndsOn.is_null()).add(col(Column::EndsOn).gte(of_cycle(Cycle::StartsOn)));
    let overlapping =
        Query::select().column(Cycle::Id).from(Cycles).and_where(Cycle::Id.is_in(cycles)).cond_where(begun).cond_where(not_over).to_owned();
    Condition::all().add(undated().not()).add(Expr::exists(overlapping))
}

/// How many efforts serve an objective and are so far.
#[derive(Debug, FromQueryResult)]
pub struct Plain {
    pub number: i16,
    pub implementation: Implementation,
    pub many: i64,
}

/// As [`Plain`], of one organization.
#[derive(Debug, FromQueryResult)]
pub struct ByOrganization {
    pub number: i16,
    pub organization_id: Uuid,
    pub implementation: Implementation,
    pub many: i64,
}

/// As [`Plain`], for one SDG target.
#[derive(Debug, FromQueryResult)]
pub struct BySdgTarget {
    pub number: i16,
    pub code: String,
    pub implementation: Implementation,
    pub many: i64,
}

/// Counts these efforts for each objective that they serve and by how far they are: [`Plain`].
pub fn by_objective(efforts: Select<Entity>) -> Select<Entity> {
    use effort_objective::{Column as Objective, Entity as Objectives};

    let objectives = Entity::belongs_to(Objectives).from(Column::Id).to(Objective::EffortId).into();
    let counted = efforts.join(JoinType::InnerJoin, objectives).select_only();
    let counted = counted.column_as(Objective::Number, "number").column(Column::Implementation).column_as(Column::Id.count(), "many");
    counted.group_by(Objective::Number).group_by(Column::Implementation)
}

/// As [`by_objective`], for each organization: [`ByOrganization`].
pub fn by_organization(efforts: Select<Entity>) -> Select<Entity> {
    by_objective(efforts).column(Column::OrganizationId).group_by(Column::OrganizationId)
}

/// As [`by_objective`], for each SDG target that they serve: [`BySdgTarget`].
pub fn by_sdg_target(efforts: Select<Entity>) -> Select<Entity> {
    use effort_sdg_target::{Column as Target, Entity as Targets};

    let targets = Entity::belongs_to(Targets).from(Column::Id).to(Target::EffortId).into();
    by_objective(efforts).join(JoinType::InnerJoin, targets).column_as(Target::Code, "code").group_by(Target::Code)
}

/// Sent back to this organization by the lead ministry, and not archived.
pub fn returned_to(organization: Uuid) -> Condition {
    let returned = Column::State.eq(EffortState::Returned);
    Condition::all().add(Column::OrganizationId.eq(organization)).add(returned).add(Column::ArchivedAt.is_null())
}
