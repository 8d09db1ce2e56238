//! What is reckoned of many activities at once: each query goes out from those that it is given, and groups them by something that they name.

use sea_orm::{
    Condition, ExprTrait, FromQueryResult, JoinType, QueryResult, QuerySelect, Select, TryGetable, entity::prelude::*,
    sea_query::IntoCondition,
};

use super::{ActivityImplementation, ActivityRole, Column, Entity, Rating, overdue_on};
use crate::{
    entity::{
        activity_party,
        budget_line::{self, COMMITTED, DISBURSED, REQUIRED},
        milestone, with_owned,
    },
    text::Currency,
};

/// Amounts are summed by the parts above and below this number of minor units: neither sum leaves 64 bits before there are ten million lines of the
/// largest amount that can be kept.
const PART: i64 = 1_000_000_000;

/// What activities are grouped by. Each is in exactly one group: those that name the same objectives or the same provinces are together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grouping {
    Workplan,
    Objectives,
    Lead,
    Provinces,
}

/// One group: what it has in common, and what was reckoned of it.
#[derive(Debug)]
pub struct Group<K, R> {
    pub key: K,
    pub reckoned: R,
}

impl<K: TryGetable, R: FromQueryResult> FromQueryResult for Group<K, R> {
    fn from_query_result(row: &QueryResult, prefix: &str) -> Result<Self, DbErr> {
        Ok(Self { key: row.try_get(prefix, "key")?, reckoned: R::from_query_result(row, prefix)? })
    }
}

/// How far the activities of a group are that are equally far and rated alike.
#[derive(Clone, Copy, Debug, FromQueryResult)]
pub struct Progress {
    pub implementation: ActivityImplementation,
    pub rating: Rating,
    pub many: i64,
    pub percent: i64,
    pub overdue: i64,
}

/// What the activities of a group require in one currency, plain and times the percentage of their progress.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Weights {
    pub currency: Currency,
    /// The activities that require something in it.
    pub many: i64,
    high: i64,
    low: i64,
    high_percent: i64,
    low_percent: i64,
}

impl Weights {
    pub fn amount(&self) -> i128 {
        whole(self.high, self.low)
    }

    pub fn times_percent(&self) -> i128 {
        whole(self.high_percent, self.low_percent)
    }
}

/// What the activities of a group require and get in one currency.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Funding {
    pub currency: Currency,
    /// The activities with a line in it.
    pub many: i64,
    required_high: i64,
    required_low: i64,
    committed_high: i64,
    committed_low: i64,
    disbursed_high: i64,
    disbursed_low: i64,
}

impl Funding {
    pub fn required(&self) -> i128 {
        whole(self.required_high, self.required_low)
    }

    pub fn committed(&self) -> i128 {
        whole(self.committed_high, self.committed_low)
    }

    pub fn disbursed(&self) -> i128 {
        whole(self.disbursed_high, self.disbursed_low)
    }
}

/// How many of something there are on one day, and how many of them are late.
#[derive(Clone, Copy, Debug, FromQueryResult)]
pub struct OnDay {
    pub day: Date,
    pub many: i64,
    pub late: i64,
}

/// With a budget line in use of one of these kinds and in one of these currencies, where any are named.
pub fn with_line(kinds: Vec<String>, currencies: Vec<String>) -> Condition {
    use budget_line::{Column as Line, Entity as Lines};

    let kind = (!kinds.is_empty()).then(|| Line::Kind.is_in(kinds));
    let currency = (!currencies.is_empty()).then(|| Line::AmountCurrency.is_in(currencies));
    let holds = Condition::all().add(Line::ArchivedAt.is_null()).add_option(kind).add_option(currency);
    with_owned::<Lines>(Line::ActivityId, Column::Id, holds)
}

/// With a milestone in use that is due on these days, and reached or not.
pub fn with_milestone(due: (Option<Date>, Option<Date>), done: Option<bool>) -> Condition {
    use milestone::{Column as Due, Entity as Milestones};

    let reached = done.map(|done| if done { Due::DoneOn.is_not_null() } else { Due::DoneOn.is_null() });
    with_owned::<Milestones>(Due::ActivityId, Column::Id, due_within(due).add(Due::ArchivedAt.is_null()).add_option(reached))
}

/// Due on these days.
fn due_within((from, to): (Option<Date>, Option<Date>)) -> Condition {
    use milestone::Column as Due;

    Condition::all().add_option(from.map(|from| Due::DueOn.gte(from))).add_option(to.map(|to| Due::DueOn.lte(to)))
}

fn whole(high: i64, low: i64) -> i128 {
    i128::from(high) * i128::from(PART) + i128::from(low)
}

/// [`Group`] of [`Progress`].
pub fn progress(activities: Select<Entity>, by: Grouping, today: Date) -> Select<Entity> {
    let counted = grouped(activities, by).column(Column::Implementation).column(Column::Rating).column_as(Column::Id.count(), "many");
    let counted = counted.expr_as(summed(Expr::col((Entity, Column::ProgressPercent))), "percent");
    let counted = counted.expr_as(summed(one_if(overdue_on(today))), "overdue");
    counted.group_by(Column::Implementation).group_by(Column::Rating)
}

/// [`Group`] of [`Weights`]: only activities that require anything are in it.
pub fn weights(activities: Select<Entity>, by: Grouping) -> Select<Entity> {
    use budget_line::Column as Line;

    let percent = || Expr::col((Entity, Column::ProgressPercent));
    let lines = with_lines(grouped(activities, by)).filter(Line::Kind.eq(REQUIRED)).filter(Line::AmountMinor.gt(0));
    let lines = lines.expr_as(summed(high()), "high").expr_as(summed(low()), "low");
    lines.expr_as(summed(high().mul(percent())), "high_percent").expr_as(summed(low().mul(percent())), "low_percent")
}

/// [`Group`] of [`Funding`]: only activities with budget lines are in it.
pub fn funding(activities: Select<Entity>, by: Grouping) -> Select<Entity> {
    use budget_line::Column as Line;

    let of = |kind: &str, part: Expr| summed(Expr::case(Line::Kind.eq(kind), part).finally(0_i64).into());
    let lines = with_lines(grouped(activities, by)).filter(Line::Kind.is_in([REQUIRED, COMMITTED, DISBURSED]));
    let lines = lines.expr_as(of(REQUIRED, high()), "required_high").expr_as(of(REQUIRED, low()), "required_low");
    let lines = lines.expr_as(of(COMMITTED, high()), "committed_high").expr_as(of(COMMITTED, low()), "committed_low");
    lines.expr_as(of(DISBURSED, high()), "disbursed_high").expr_as(of(DISBURSED, low()), "disbursed_low")
}

/// [`OnDay`] by the first day; none of them is late.
pub fn starting(activities: Select<Entity>) -> Select<Entity> {
    let counted = activities.select_only().column_as(Column::StartsOn, "day").column_as(Column::Id.count(), "many");
    counted.expr_as(Expr::val(0_i64).cast_as("bigint"), "late").group_by(Column::StartsOn)
}

/// [`OnDay`] by the last day; those that are overdue are late.
pub fn ending(activities: Select<Entity>, today: Date) -> Select<Entity> {
    let counted = activities.select_only().column_as(Column::SortEndsOn, "day").column_as(Column::Id.count(), "many");
    counted.expr_as(summed(one_if(overdue_on(today))), "late").group_by(Column::SortEndsOn)
}

/// [`OnDay`] of their milestones by the day on which each is due; those that are past it and not done are late, unless the activity is over.
pub fn due_milestones(activities: Select<Entity>, today: Date, between: (Option<Date>, Option<Date>)) -> Select<Entity> {
    use milestone::{Column as Due, Entity as Milestones};

    let milestones = Entity::belongs_to(Milestones).from(Column::Id).to(Due::ActivityId).into();
    let in_use = activities.select_only().join(JoinType::InnerJoin, milestones).filter(Due::ArchivedAt.is_null());
    let within = in_use.filter(due_within(between));
    let counted = within.column_as(Due::DueOn, "day").column_as(Due::Id.count(), "many");
    counted.expr_as(summed(one_if(late_milestone(today))), "late").group_by(Due::DueOn)
}

/// Past its day and not done, while its activity is neither completed nor cancelled.
fn late_milestone(today: Date) -> Condition {
    use milestone::Column as Due;

    let open = ActivityImplementation::ALL.into_iter().filter(|implementation| !implementation.is_over());
    Condition::all().add(Due::DueOn.lt(today)).add(Due::DoneOn.is_null()).add(Column::Implementation.is_in(open))
}

/// Groups the activities; what they have in common is the column `key`.
fn grouped(activities: Select<Entity>, by: Grouping) -> Select<Entity> {
    use activity_party::{Column as Part, Entity as Parties};

    let activities = activities.select_only();
    match by {
        Grouping::Workplan => activities.column_as(Column::WorkplanId, "key").group_by(Column::WorkplanId),
        Grouping::Objectives => activities.column_as(Column::ObjectiveNumbers, "key").group_by(Column::ObjectiveNumbers),
        Grouping::Provinces => activities.column_as(Column::Provinces, "key").group_by(Column::Provinces),
        Grouping::Lead => {
            let parties = Entity::belongs_to(Parties).from(Column::Id).to(Part::ActivityId);
            let leads =
                parties.on_condition(|_activity, party| Expr::col((party, Part::Role)).eq(ActivityRole::Lead.name()).into_condition());
            let with_lead = activities.join(JoinType::LeftJoin, leads.into());
            with_lead.column_as(Part::OrganizationId, "key").group_by(Part::OrganizationId)
        }
    }
}

/// The budget lines in use of these activities, grouped by currency as well, with how many activities they are of.
fn with_lines(activities: Select<Entity>) -> Select<Entity> {
    use budget_line::{Column as Line, Entity as Lines};

    let lines = Entity::belongs_to(Lines).from(Column::Id).to(Line::ActivityId).into();
    let lines = activities.join(JoinType::InnerJoin, lines).filter(Line::ArchivedAt.is_null());
    let lines = lines.column_as(Line::AmountCurrency, "currency").group_by(Line::AmountCurrency);
    lines.expr_as(Expr::col((Entity, Column::Id)).count_distinct(), "many")
}

fn high() -> Expr {
    Expr::col((budget_line::Entity, budget_line::Column::AmountMinor)).div(PART)
}

fn low() -> Expr {
    Expr::col((budget_line::Entity, budget_line::Column::AmountMinor)).modulo(PART)
}

/// PostgreSQL sums wide numbers to a number of another kind.
fn summed(number: Expr) -> Expr {
    number.sum().cast_as("bigint")
}

fn one_if(condition: Condition) -> Expr {
    Expr::case(condition, 1_i64).finally(0_i64).into()
}
