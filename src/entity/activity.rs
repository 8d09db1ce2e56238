use sea_orm::{
    Condition, ExprTrait, QueryOrder, Select,
    entity::prelude::*,
    sea_query::{Alias, Func, Query},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    activity_action, activity_dependency, activity_objective, activity_party, activity_province, activity_sdg_target, budget_line,
    effort::{Passage, ProvinceCode, Title, by_number},
    objective::{ActionCode, ObjectiveNumber, SdgTargetCode},
    with_owned, workplan,
};
use crate::{
    auth::{Audience, Party, audience},
    clock::Timestamp,
    kind::Kind,
    store::{ExternalId, Provenance, Tracked},
    text::{Days, Interval, Items, LocalizedText, Text},
};

pub type ActivityCode = Text<32>;
pub type PeriodReason = LocalizedText<1000>;

/// How far an activity is: `planned` has not begun, `in_progress` runs, `completed` reached its end, `suspended` stands still for a time, `cancelled`
/// was given up.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema, EnumIter, DeriveActiveEnum,
)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum ActivityImplementation {
    #[default]
    Planned,
    InProgress,
    Completed,
    Suspended,
    Cancelled,
}

impl ActivityImplementation {
    pub const ALL: [Self; 5] = [Self::Planned, Self::InProgress, Self::Completed, Self::Suspended, Self::Cancelled];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::InProgress => "in_progress",
            Self::Completed => "completed",
            Self::Suspended => "suspended",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether nothing more is to be done.
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Completed | Self::Cancelled)
    }
}

/// Whether an activity will reach its end in time, as those who carry it out see it: `on_track`, `at_risk`, `off_track`, or `not_rated` yet.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema, EnumIter, DeriveActiveEnum,
)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum Rating {
    OnTrack,
    AtRisk,
    OffTrack,
    #[default]
    NotRated,
}

impl Rating {
    pub const ALL: [Self; 4] = [Self::OnTrack, Self::AtRisk, Self::OffTrack, Self::NotRated];

    pub const fn name(self) -> &'static str {
        match self {
            Self::OnTrack => "on_track",
            Self::AtRisk => "at_risk",
            Self::OffTrack => "off_track",
            Self::NotRated => "not_rated",
        }
    }
}

/// What an organization does in an activity: `lead` answers for it and reports, `co_lead` together with it, `implementing` carries it out,
/// `supporting` helps, `funding` pays.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema, EnumIter, DeriveActiveEnum,
)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum ActivityRole {
    #[default]
    Lead,
    CoLead,
    Implementing,
    Supporting,
    Funding,
}

impl ActivityRole {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Lead => "lead",
            Self::CoLead => "co_lead",
            Self::Implementing => "implementing",
            Self::Supporting => "supporting",
            Self::Funding => "funding",
        }
    }
}

/// An organization that takes part in an activity, and what it does there.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
pub struct ActivityParty {
    /// The organization.
    pub organization_id: Uuid,
    /// What it does there.
    pub role: ActivityRole,
}

fn handed_on(parties: &[ActivityParty], from: Uuid, to: Option<Uuid>) -> Vec<ActivityParty> {
    let Some(heir) = to else {
        return parties.iter().filter(|party| party.organization_id != from).cloned().collect();
    };
    let of_either = |party: &&ActivityParty| party.organization_id == from || party.organization_id == heir;
    let takes_part = parties.iter().any(|party| party.organization_id == heir);
    let strongest = parties.iter().filter(of_either).map(|party| party.role).min();
    let mut handed: Vec<ActivityParty> = Vec::with_capacity(parties.len());
    for party in parties {
        let stays = !of_either(&party) || (!takes_part && party.organization_id == from);
        let organization_id = if party.organization_id == from { heir } else { party.organization_id };
        // Of two who become one, the one entry stands where the stronger role stood.
        let merged = !stays && Some(party.role) == strongest && !handed.iter().any(|party| party.organization_id == heir);
        if stays || merged {
            handed.push(ActivityParty { organization_id, role: party.role });
        }
    }
    handed
}

/// What rights ask of the parties.
pub fn as_parties(parties: &Items<ActivityParty>) -> Vec<Party> {
    parties.0.iter().map(|party| Party { organization: party.organization_id, role: party.role.name() }).collect()
}

/// An activity that comes again and again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Recurrence {
    /// It takes place once in each of these.
    pub every: Interval,
    /// The last day.
    #[schema(examples("2028-12-31"))]
    pub until: Date,
}

/// What is planned of an activity: it stands as it was approved, until a revision of the plan is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ActivityPlan)]
pub struct Plan {
    /// Its short name in the plan, such as a number.
    #[schema(required, examples("3.2"))]
    pub code: ActivityCode,
    /// What it is called, by language.
    #[schema(required)]
    pub title: Title,
    /// What it consists of, by language.
    #[schema(required)]
    pub description: Option<Passage>,
    /// The priority of the plan that it carries out; `null` when it serves none of them in particular.
    #[schema(required)]
    pub priority_id: Option<Uuid>,
    /// The objectives of the Compact that it serves.
    #[schema(required, value_type = Vec<ObjectiveNumber>)]
    pub objective_numbers: Vec<i16>,
    /// The lettered actions of these objectives that it serves.
    #[schema(required, value_type = Vec<ActionCode>)]
    pub action_codes: Vec<String>,
    /// The targets of the Sustainable Development Goals that it serves.
    #[schema(required, value_type = Vec<SdgTargetCode>)]
    pub sdg_target_codes: Vec<String>,
    /// The organizations that take part, and what each does; one leads.
    #[schema(required)]
    pub parties: Vec<ActivityParty>,
    /// The first day.
    #[schema(required, examples("2026-03-01"))]
    pub starts_on: Date,
    /// The last day of what takes place once; `null` together with a `recurrence`.
    #[schema(required, examples("2026-12-31"))]
    pub ends_on: Option<Date>,
    /// How often it comes and until when; `null` together with an `ends_on`.
    #[schema(required)]
    pub recurrence: Option<Recurrence>,
    /// Why it reaches beyond the days of the plan, by language.
    #[schema(required)]
    pub outside_period_reason: Option<PeriodReason>,
    /// The activities of the same plan that must be completed before it can go on.
    #[schema(required)]
    pub depends_on: Vec<Uuid>,
    /// The provinces in which it takes place.
    #[schema(required, value_type = Vec<ProvinceCode>)]
    pub provinces: Vec<String>,
}

impl Plan {
    /// The last day; until one is given, the first.
    pub fn last_day(&self) -> Date {
        self.ends_on.or(self.recurrence.map(|recurrence| recurrence.until)).unwrap_or(self.starts_on)
    }

    /// With another organization, or nobody, in the place of this one. Where the heir takes part already, the stronger of their roles stays.
    pub fn hand_on(&mut self, from: Uuid, to: Option<Uuid>) {
        self.parties = handed_on(&self.parties, from, to);
    }

    pub fn has_lead(&self) -> bool {
        self.parties.iter().any(|party| party.role == ActivityRole::Lead)
    }

    /// Whether a day of it is none of these.
    pub fn is_outside(&self, (first, last): Days) -> bool {
        self.starts_on < first || last < self.last_day()
    }

    /// What is a set stands in one order, so that the same is the same.
    #[must_use]
    pub fn sorted(mut self) -> Self {
        self.objective_numbers.sort_unstable();
        for codes in [&mut self.action_codes, &mut self.sdg_target_codes, &mut self.provinces] {
            codes.sort_unstable_by(|one, other| by_number(one).cmp(&by_number(other)));
        }
        self.depends_on.sort_unstable();
        self
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, DeriveEntityModel)]
#[serde(default)]
#[sea_orm(table_name = "activity")]
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
    pub workplan_id: Uuid,
    pub code: ActivityCode,
    pub title: Title,
    pub description: Option<Passage>,
    pub priority_id: Option<Uuid>,
    pub objective_numbers: Items<i16>,
    pub action_codes: Items<String>,
    pub sdg_target_codes: Items<String>,
    pub parties: Items<ActivityParty>,
    pub starts_on: Date,
    pub ends_on: Option<Date>,
    pub recurrence_every: Option<Interval>,
    pub recurrence_until: Option<Date>,
    /// The last day, whether it comes once or again and again.
    pub sort_ends_on: Date,
    pub outside_period_reason: Option<PeriodReason>,
    pub depends_on: Items<Uuid>,
    pub provinces: Items<String>,
    pub implementation: ActivityImplementation,
    pub progress_percent: i16,
    pub rating: Rating,
    /// Why the tracking fields are as they are, when the lead ministry wrote them.
    pub tracking_reason: Option<Text<1000>>,
    /// The accepted report that they come from.
    pub tracking_report_id: Option<Uuid>,
    /// The first approved version of the plan that it is in.
    pub added_in_version: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Tracked for Entity {
    const KIND: Kind = Kind::Activity;
    const KEY: Column = Column::Id;
    const LOCALIZED: &'static [Column] = &[Column::Title, Column::Description, Column::OutsidePeriodReason];

    fn owner(_row: &Model) -> Option<Uuid> {
        None
    }

    fn parties(row: &Model) -> Vec<Party> {
        as_parties(&row.parties)
    }

    /// What is in no approved version is the draft of a plan or of its revision.
    fn audience(row: &Model) -> Audience {
        audience(Kind::Activity, row.added_in_version.map(|_version| "approved"))
    }

    fn search_text(row: &Model) -> String {
        let description = row.description.iter().flat_map(LocalizedText::values);
        std::iter::once(row.code.as_str()).chain(row.title.values()).chain(description).collect::<Vec<_>>().join("\n")
    }
}

impl Model {
    pub fn plan(&self) -> Plan {
        Plan {
            code: self.code.clone(),
            title: self.title.clone(),
            description: self.description.clone(),
            priority_id: self.priority_id,
            objective_numbers: self.objective_numbers.0.clone(),
            action_codes: self.action_codes.0.clone(),
            sdg_target_codes: self.sdg_target_codes.0.clone(),
            parties: self.parties.0.clone(),
            starts_on: self.starts_on,
            ends_on: self.ends_on,
            recurrence: self.recurrence(),
            outside_period_reason: self.outside_period_reason.clone(),
            depends_on: self.depends_on.0.clone(),
            provinces: self.provinces.0.clone(),
        }
    }

    #[must_use]
    pub fn planned(self, plan: Plan) -> Self {
        let sort_ends_on = plan.last_day();
        let Plan {
            code,
            title,
            description,
            priority_id,
            objective_numbers,
            action_codes,
            sdg_target_codes,
            parties,
            starts_on,
            ends_on,
            recurrence,
            outside_period_reason,
            depends_on,
            provinces,
        } = plan.sorted();
        Self {
            code,
            title,
            description,
            priority_id,
            objective_numbers: Items(objective_numbers),
            action_codes: Items(action_codes),
            sdg_target_codes: Items(sdg_target_codes),
            parties: Items(parties),
            starts_on,
            ends_on,
            recurrence_every: recurrence.map(|recurrence| recurrence.every),
            recurrence_until: recurrence.map(|recurrence| recurrence.until),
            sort_ends_on,
            outside_period_reason,
            depends_on: Items(depends_on),
            provinces: Items(provinces),
            ..self
        }
    }

    /// The first and the last day.
    pub fn days(&self) -> Days {
        (self.starts_on, self.sort_ends_on)
    }

    pub fn recurrence(&self) -> Option<Recurrence> {
        self.recurrence_every.zip(self.recurrence_until).map(|(every, until)| Recurrence { every, until })
    }

    /// The organizations of this role.
    pub fn with_role(&self, role: ActivityRole) -> impl Iterator<Item = Uuid> {
        self.parties.0.iter().filter(move |party| party.role == role).map(|party| party.organization_id)
    }

    pub fn lead(&self) -> Option<Uuid> {
        self.with_role(ActivityRole::Lead).next()
    }
}

impl Entity {
    pub fn by_id(id: Uuid) -> Select<Self> {
        Self::find_by_id(id)
    }

    pub fn by_ids(ids: impl IntoIterator<Item = Uuid>) -> Select<Self> {
        Self::find().filter(Column::Id.is_in(ids))
    }

    pub fn all() -> Select<Self> {
        Self::find()
    }

    /// Every activity of a plan, archived ones among them, in the order of their codes.
    pub fn of_plan(workplan: Uuid) -> Select<Self> {
        Self::find().filter(Column::WorkplanId.eq(workplan)).order_by_asc(Column::Code).order_by_asc(Column::Id)
    }

    /// The activity of a plan that has this code, possibly an archived one.
    pub fn with_code(workplan: Uuid, code: &ActivityCode) -> Select<Self> {
        Self::find().filter(Column::WorkplanId.eq(workplan)).filter(Column::Code.eq(code.clone()))
    }

    /// Those in use that wait for this one.
    pub fn waiting_for(id: Uuid) -> Select<Self> {
        Self::find().filter(depending_on(vec![id])).filter(Column::ArchivedAt.is_null())
    }

    /// Those in use of this plan that this organization leads, in the order of their codes.
    pub fn led_by(workplan: Uuid, organization: Uuid) -> Select<Self> {
        Self::of_plan(workplan).filter(with_party(vec![organization], vec![ActivityRole::Lead])).filter(Column::ArchivedAt.is_null())
    }

    /// Those in use of plans that are not over, in which this organization takes part.
    pub fn open_with(organization: Uuid) -> Select<Self> {
        Self::find()
            .filter(with_party(vec![organization], Vec::new()))
            .filter(Column::ArchivedAt.is_null())
            .filter(Column::WorkplanId.in_subquery(living_plans()))
            .order_by_asc(Column::Id)
    }
}

/// Serving one of these objectives.
pub fn with_objective(numbers: Vec<i16>) -> Condition {
    use activity_objective::{Column as Objective, Entity as Objectives};

    with_owned::<Objectives>(Objective::ActivityId, Column::Id, Objective::Number.is_in(numbers))
}

/// Serving one of these actions.
pub fn with_action(codes: Vec<String>) -> Condition {
    use activity_action::{Column as Action, Entity as Actions};

    with_owned::<Actions>(Action::ActivityId, Column::Id, Action::Code.is_in(codes))
}

/// Serving one of these SDG targets.
pub fn with_sdg_target(codes: Vec<String>) -> Condition {
    use activity_sdg_target::{Column as Target, Entity as Targets};

    with_owned::<Targets>(Target::ActivityId, Column::Id, Target::Code.is_in(codes))
}

/// In one of these provinces.
pub fn in_province(codes: Vec<String>) -> Condition {
    use activity_province::{Column as Province, Entity as Provinces};

    with_owned::<Provinces>(Province::ActivityId, Column::Id, Province::Code.is_in(codes))
}

/// With one of these organizations, in one of these roles; none given is whichever.
pub fn with_party(organizations: Vec<Uuid>, roles: Vec<ActivityRole>) -> Condition {
    use activity_party::{Column as Part, Entity as Parties};

    let of = (!organizations.is_empty()).then(|| Part::OrganizationId.is_in(organizations));
    let role = (!roles.is_empty()).then(|| Part::Role.is_in(roles));
    with_owned::<Parties>(Part::ActivityId, Column::Id, Condition::all().add_option(of).add_option(role))
}

/// Those with these ids.
pub fn those_of(ids: impl IntoIterator<Item = Uuid>) -> Condition {
    Condition::all().add(Column::Id.is_in(ids))
}

/// In use, of a plan that is not over, and led by nobody.
pub fn leaderless() -> Condition {
    let led = with_party(Vec::new(), vec![ActivityRole::Lead]);
    Condition::all().add(led.not()).add(Column::ArchivedAt.is_null()).add(Column::WorkplanId.in_subquery(living_plans()))
}

fn living_plans() -> sea_orm::sea_query::SelectStatement {
    use workplan::{Column as Plan, Entity as Plans, WorkplanState};

    Query::select()
        .column(Plan::Id)
        .from(Plans)
        .and_where(Plan::State.ne(WorkplanState::Closed))
        .and_where(Plan::ArchivedAt.is_null())
        .to_owned()
}

/// More is required than committed, in one currency or another. No sum leaves the range of its column: whoever writes a line checks that.
pub fn with_funding_gap() -> Condition {
    use budget_line::{COMMITTED, Column as Line, Entity as Lines, REQUIRED};

    let amount = || Expr::col((Lines, Line::AmountMinor));
    let of_kind = |kind: &str| Expr::col((Lines, Line::Kind)).eq(kind);
    let missing = Expr::case(of_kind(REQUIRED), amount()).case(of_kind(COMMITTED), amount().mul(-1_i64)).finally(0_i64);
    let gap = Query::select()
        .expr(Expr::val(1))
        .from(Lines)
        .and_where(Expr::col((Lines, Line::ActivityId)).equals((Entity, Column::Id)))
        .and_where(Expr::col((Lines, Line::ArchivedAt)).is_null())
        .group_by_col((Lines, Line::AmountCurrency))
        .and_having(Expr::expr(Func::sum(missing)).gt(0_i64))
        .to_owned();
    Condition::all().add(Expr::exists(gap))
}

/// Waiting for one of these activities by their plan.
pub fn depending_on(activities: Vec<Uuid>) -> Condition {
    use activity_dependency::{Column as Dependency, Entity as Dependencies};

    with_owned::<Dependencies>(Dependency::ActivityId, Column::Id, Dependency::OnId.is_in(activities))
}

/// Past its last day, and neither completed nor cancelled.
pub fn overdue_on(day: Date) -> Condition {
    let open = [ActivityImplementation::Planned, ActivityImplementation::InProgress, ActivityImplementation::Suspended];
    Condition::all().add(Column::SortEndsOn.lt(day)).add(Column::Implementation.is_in(open))
}

/// Not over, and waiting for an activity in use that is not completed.
pub fn blocked() -> Condition {
    use activity_dependency::{Column as Dependency, Entity as Dependencies};

    let other = Alias::new("awaited");
    let of = |column: Column| Expr::col((other.clone(), column));
    let unfinished = Query::select()
        .expr(Expr::val(1))
        .from(Dependencies)
        .join_as(
            sea_orm::JoinType::InnerJoin,
            Entity,
            other.clone(),
            Expr::col((Dependencies, Dependency::OnId)).equals((other.clone(), Column::Id)),
        )
        .and_where(Expr::col((Dependencies, Dependency::ActivityId)).equals((Entity, Column::Id)))
        .and_where(of(Column::Implementation).ne(ActivityImplementation::Completed.name()))
        .and_where(of(Column::ArchivedAt).is_null())
        .to_owned();
    let over = [ActivityImplementation::Completed, ActivityImplementation::Cancelled];
    Condition::all().add(Column::Implementation.is_not_in(over)).add(Expr::exists(unfinished))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn party(organization: u128, role: ActivityRole) -> ActivityParty {
        ActivityParty { organization_id: Uuid::from_u128(organization), role }
    }

    #[test]
    fn a_part_goes_to_the_heir_in_its_place() {
        use ActivityRole::{CoLead, Funding, Implementing, Lead, Supporting};

        let (from, heir) = (Uuid::from_u128(1), Some(Uuid::from_u128(2)));
        for (before, after) in [
            (vec![party(3, CoLead), party(1, Lead)], vec![party(3, CoLead), party(2, Lead)]),
            (vec![party(1, Lead), party(1, Funding)], vec![party(2, Lead), party(2, Funding)]),
            (vec![party(2, Supporting), party(3, CoLead), party(1, Lead)], vec![party(3, CoLead), party(2, Lead)]),
            (vec![party(1, Supporting), party(2, Lead), party(2, Funding)], vec![party(2, Lead)]),
            (vec![party(1, Implementing), party(2, Implementing)], vec![party(2, Implementing)]),
        ] {
            assert_eq!(handed_on(&before, from, heir), after);
        }
        assert_eq!(handed_on(&[party(1, Lead), party(3, CoLead), party(1, Funding)], from, None), [party(3, CoLead)]);
    }
}
