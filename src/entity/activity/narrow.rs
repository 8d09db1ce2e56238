//! Conditions on activities.

use sea_orm::{
    Condition, ExprTrait,
    entity::prelude::*,
    sea_query::{Alias, Func, Query},
};

use super::{ActivityImplementation, ActivityRole, Column, Entity};
use crate::entity::{
    activity_action, activity_dependency, activity_objective, activity_party, activity_province, activity_sdg_target, budget_line,
    with_owned, workplan,
};

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

pub(super) fn living_plans() -> sea_orm::sea_query::SelectStatement {
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

/// Waiting for one of these activities by their plan. A plan waits for few of its activities at once, so that they are looked up, and not every activity
/// asked in turn whether it is one of them.
pub fn depending_on(activities: Vec<Uuid>) -> Condition {
    use activity_dependency::{Column as Dependency, Entity as Dependencies};

    let waiting =
        Query::select().column(Dependency::ActivityId).from(Dependencies).and_where(Dependency::OnId.is_in(activities)).to_owned();
    Condition::all().add(Column::Id.in_subquery(waiting))
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
