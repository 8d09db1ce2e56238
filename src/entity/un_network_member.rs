use sea_orm::{Condition, ExprTrait, Select, entity::prelude::*, sea_query::Query};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::{json_holds, objective::ObjectiveNumber, un_network_member_objective, un_network_member_role};
use crate::{
    auth::Audience,
    clock::Timestamp,
    kind::Kind,
    store::{ExternalId, Provenance, Tracked},
    text::{Items, LocalizedText, Term, Text},
};

/// What a member does in the UN Network on Migration of the country: `coordinator` and `secretariat` run it, `chair` and `co_chair` lead its
/// meetings, `member` takes part, `observer` listens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema, EnumIter, DeriveActiveEnum)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum NetworkRole {
    Coordinator,
    Secretariat,
    Chair,
    CoChair,
    Member,
    Observer,
}

/// Support that a member offers to the country.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Offer {
    /// What sort of support it is, one of `GET /v1/vocabularies/offer_kinds`.
    #[schema(examples("expertise"))]
    pub kind: Term,
    /// What is offered, by language.
    pub description: LocalizedText<1000>,
    /// The objectives that it serves.
    #[schema(value_type = Vec<ObjectiveNumber>, max_items = 23)]
    pub objective_numbers: Vec<i16>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, DeriveEntityModel)]
#[serde(default)]
#[sea_orm(table_name = "un_network_member")]
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
    pub roles: Items<NetworkRole>,
    pub joined_on: Option<Date>,
    /// The first day on which it was a member no more.
    pub left_on: Option<Date>,
    pub working_groups: Items<Text<100>>,
    pub objective_numbers: Items<i16>,
    pub offers: Items<Offer>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Tracked for Entity {
    const KIND: Kind = Kind::UnNetworkMember;
    const KEY: Column = Column::Id;

    fn owner(row: &Model) -> Option<Uuid> {
        Some(row.organization_id)
    }

    fn search_text(row: &Model) -> String {
        let groups = row.working_groups.0.iter().map(Text::as_str);
        let offers = row.offers.0.iter().flat_map(|offer| offer.description.values());
        groups.chain(offers).collect::<Vec<_>>().join("\n")
    }
}

impl Model {
    /// What is a set stands in one order, so that the same is the same.
    #[must_use]
    pub fn sorted(mut self) -> Self {
        self.roles.0.sort_unstable();
        self.objective_numbers.0.sort_unstable();
        self.offers.0.iter_mut().for_each(|offer| offer.objective_numbers.sort_unstable());
        self
    }

    /// Neither over on this day nor archived.
    pub fn is_open(&self, day: Date) -> bool {
        self.left_on.is_none_or(|left| day < left) && self.archived_at.is_none()
    }
}

impl Entity {
    pub fn by_id(id: Uuid) -> Select<Self> {
        Self::find_by_id(id)
    }

    pub fn all() -> Select<Self> {
        Self::find()
    }

    /// Memberships that are not archived and not over on this day.
    pub fn open(day: Date) -> Select<Self> {
        Self::find().filter(Column::ArchivedAt.is_null()).filter(not_over_on(day))
    }

    pub fn open_of(organization: Uuid, day: Date) -> Select<Self> {
        Self::open(day).filter(Column::OrganizationId.eq(organization))
    }
}

/// A member on this day.
pub fn current_on(day: Date) -> Condition {
    Condition::all().add(Condition::any().add(Column::JoinedOn.is_null()).add(Column::JoinedOn.lte(day))).add(not_over_on(day))
}

fn not_over_on(day: Date) -> Condition {
    Condition::any().add(Column::LeftOn.is_null()).add(Column::LeftOn.gt(day))
}

/// With an offer of one of these kinds.
pub fn offering(kinds: Vec<String>) -> Condition {
    let offers = |kind: String| json_holds(Column::Offers, &format!("\"kind\":{}", Value::from(kind)));
    kinds.into_iter().fold(Condition::any(), |any, kind| any.add(offers(kind)))
}

/// With one of these roles.
pub fn with_role(roles: Vec<NetworkRole>) -> Condition {
    use un_network_member_role::{Column as Role, Entity as Roles};

    let links = Query::select()
        .column(Role::MemberId)
        .from(Roles)
        .and_where(Expr::col((Roles, Role::MemberId)).equals((Entity, Column::Id)))
        .and_where(Expr::col((Roles, Role::Role)).is_in(roles))
        .to_owned();
    Condition::all().add(Expr::exists(links))
}

/// Working on one of these objectives.
pub fn with_objective(numbers: Vec<i16>) -> Condition {
    use un_network_member_objective::{Column as Objective, Entity as Objectives};

    let links = Query::select()
        .column(Objective::MemberId)
        .from(Objectives)
        .and_where(Expr::col((Objectives, Objective::MemberId)).equals((Entity, Column::Id)))
        .and_where(Expr::col((Objectives, Objective::Number)).is_in(numbers))
        .to_owned();
    Condition::all().add(Expr::exists(links))
}
