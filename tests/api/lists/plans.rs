//! Every declared sort is served by an index: the engine's own plan says so.

use gcm_api::{
    auth::{Actor, Role, Scope},
    entity::{
        account, activity, budget_line, comment, consultation, coordination_body, coordination_body_member, effort, effort::EffortState,
        endorsement, focal_point, milestone, nomination, objective, organization, outcome, prioritization, priority, review_cycle,
        service_account, un_network_member,
    },
    features::{
        access::{
            accounts::{AccountFilter, names::AccountNameFilter},
            service_accounts::ServiceAccountFilter,
        },
        consultation::{consultations::filter::ConsultationFilter, outcomes::filter::OutcomeFilter},
        discussion::comments::filter::CommentFilter,
        framework::objectives::ObjectiveFilter,
        institutions::{
            coordination_bodies::filter::CoordinationBodyFilter, coordination_body_members::CoordinationBodyMemberFilter,
            focal_points::filter::FocalPointFilter, ministries::MinistryFilter, organizations::filter::OrganizationFilter,
            un_network_members::filter::UnNetworkMemberFilter,
        },
        prioritization::{
            endorsements::filter::EndorsementFilter, nominations::filter::NominationFilter, priorities::filter::PriorityFilter,
            rounds::filter::PrioritizationFilter,
        },
        review::cycles::filter::ReviewCycleFilter,
        stocktaking::efforts::filter::EffortFilter,
        workplan::{activities::filter::ActivityFilter, budget_lines::filter::BudgetLineFilter, milestones::filter::MilestoneFilter},
    },
    http::listing::Filter,
    store::{Engine, Tracked, visible},
};
use sea_orm::{
    ColumnTrait as _, Condition, ConnectOptions, ConnectionTrait as _, Database, ExprTrait as _, Order, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, QueryTrait as _, Select, Statement, sea_query::Expr,
};

use super::many;
use crate::harness::{Bench, Who, both, round, walk::Collection};

/// The second page of a list as the store asks for it, behind a row in the middle.
fn second_page<F: Filter>(
    bench: &Bench,
    among: Select<F::Entity>,
    sort: usize,
    descending: bool,
    middle: &<F::Entity as sea_orm::EntityTrait>::Model,
) -> Select<F::Entity> {
    use sea_orm::ModelTrait as _;

    let filter: F = serde_json::from_str("{}").unwrap();
    let query = filter.apply(among, &bench.parts.here).unwrap();
    let (column, id) = (F::SORTS[sort].column, F::Entity::column("id").unwrap());
    let order = if descending { Order::Desc } else { Order::Asc };
    let left = Expr::tuple([column, id].map(|column| Expr::col(column.as_column_ref())));
    let right = Expr::tuple([Expr::val(middle.get(column)), Expr::val(middle.get(id))]);
    let behind = if descending { left.lt(right) } else { left.gt(right) };
    query
        .filter(F::Entity::column("archived_at").unwrap().is_null())
        .order_by(column, order.clone())
        .order_by(id, order)
        .filter(behind)
        .limit(51)
}

#[expect(clippy::disallowed_methods, reason = "the test asks the engine for its plan")]
async fn plan(bench: &Bench, query: Statement, small_table: bool) -> String {
    let mut options = ConnectOptions::new(bench.database_url());
    options.max_connections(1).sqlx_logging(false);
    let db = Database::connect(options).await.unwrap();
    let explain = if bench.engine == Engine::Sqlite { "EXPLAIN QUERY PLAN" } else { "EXPLAIN" };
    // What is unique by itself PostgreSQL may as well walk by that index and sort groups of one.
    let plain = if bench.engine == Engine::Postgres { "SET enable_incremental_sort = off;" } else { "" };
    db.execute_unprepared(plain).await.unwrap();
    // A table of 23 rows is read whole in any case; whether an index could serve it shows when that is made dear.
    let dear = if small_table && bench.engine == Engine::Postgres { "SET enable_seqscan = off; SET enable_sort = off;" } else { "" };
    db.execute_unprepared(dear).await.unwrap();
    let statement = Statement { sql: format!("{explain} {}", query.sql), ..query };
    let rows = db.query_all_raw(statement).await.unwrap();
    let column = if bench.engine == Engine::Sqlite { "detail" } else { "QUERY PLAN" };
    let lines: Vec<String> = rows.iter().map(|row| row.try_get("", column).unwrap()).collect();
    db.close().await.unwrap();
    lines.join("\n")
}

async fn each_sort_has_its_index<F: Filter>(bench: &Bench, role: Role, all: Select<F::Entity>, small_table: bool)
where
    F::Entity: Tracked,
{
    each_sort_has_its_index_among::<F>(bench, role, all, Condition::all(), small_table).await;
}

/// As above, for a list below a row.
async fn each_sort_has_its_index_among<F: Filter>(bench: &Bench, role: Role, all: Select<F::Entity>, among: Condition, small_table: bool)
where
    F::Entity: Tracked,
{
    let actor = Actor { role, kind: gcm_api::auth::ActorKind::Person, ..Actor::system() };
    let rows = bench.parts.store.all(all).await.unwrap();
    let middle = &rows[rows.len() / 2];
    let backend = if bench.engine == Engine::Sqlite { sea_orm::DbBackend::Sqlite } else { sea_orm::DbBackend::Postgres };
    for (sort, declared) in F::SORTS.iter().enumerate() {
        for descending in [false, true] {
            let visible = visible::<F::Entity>(&actor).unwrap().filter(among.clone());
            let query = second_page::<F>(bench, visible, sort, descending, middle).build(backend);
            let plan = plan(bench, query, small_table).await;
            let name = format!("{} by {}{}", std::any::type_name::<F>(), if descending { "-" } else { "" }, declared.name);
            match bench.engine {
                Engine::Sqlite => {
                    assert!(plan.contains("USING INDEX") && !plan.contains("TEMP B-TREE") && !plan.contains("SCAN"), "{name}:\n{plan}");
                }
                Engine::Postgres => {
                    assert!(plan.contains("Index Scan") && !plan.contains("Sort") && plan.contains("ROW("), "{name}:\n{plan}");
                }
            }
        }
    }
}

#[actix_web::test]
async fn every_declared_sort_is_an_index_range() {
    both(async |bench| {
        many::organizations(&bench).await;
        many::accounts(&bench).await;
        many::focal_points(&bench).await;
        many::un_network_members(&bench).await;
        let ministries = organization::Entity::all().filter(organization::Column::Kind.eq("ministry"));
        each_sort_has_its_index::<OrganizationFilter>(&bench, Role::Reader, organization::Entity::all(), false).await;
        each_sort_has_its_index::<MinistryFilter>(&bench, Role::FocalPoint, ministries, false).await;
        each_sort_has_its_index::<ObjectiveFilter>(&bench, Role::Coordinator, objective::Entity::all(), true).await;
        each_sort_has_its_index::<AccountFilter>(&bench, Role::Administrator, account::Entity::all(), false).await;
        each_sort_has_its_index::<AccountNameFilter>(&bench, Role::Administrator, account::Entity::all(), false).await;
        bench.sign_in(Who::Machine { role: Role::Reader, organization: None, scopes: &[Scope::Read], external_systems: &[] }).await;
        each_sort_has_its_index::<ServiceAccountFilter>(&bench, Role::Administrator, service_account::Entity::all(), true).await;
        each_sort_has_its_index::<FocalPointFilter>(&bench, Role::Reader, focal_point::Entity::all(), false).await;
        each_sort_has_its_index::<UnNetworkMemberFilter>(&bench, Role::NetworkMember, un_network_member::Entity::all(), false).await;
        many::bodies_and_cycles(&bench).await;
        each_sort_has_its_index::<CoordinationBodyFilter>(&bench, Role::Reader, coordination_body::Entity::all(), false).await;
        each_sort_has_its_index::<ReviewCycleFilter>(&bench, Role::FocalPoint, review_cycle::Entity::all(), false).await;
        many::efforts(&bench).await;
        each_sort_has_its_index::<EffortFilter>(&bench, Role::FocalPoint, effort::Entity::all(), false).await;
        let own = Condition::all()
            .add(effort::Column::OrganizationId.eq(bench.parts.store.all(effort::Entity::all()).await.unwrap()[0].organization_id));
        each_sort_has_its_index_among::<EffortFilter>(&bench, Role::Coordinator, effort::Entity::all(), own, false).await;
        let waiting = Condition::all().add(effort::Column::State.eq(EffortState::Submitted));
        each_sort_has_its_index_among::<EffortFilter>(&bench, Role::Coordinator, effort::Entity::all(), waiting, false).await;
        each_sort_has_its_index::<ConsultationFilter>(&bench, Role::Reader, consultation::Entity::all(), true).await;
        each_sort_has_its_index::<OutcomeFilter>(&bench, Role::NetworkMember, outcome::Entity::all(), true).await;
        Box::pin(Collection("nominations").row(&bench)).await;
        each_sort_has_its_index::<PrioritizationFilter>(&bench, Role::Coordinator, prioritization::Entity::all(), true).await;
        each_sort_has_its_index::<NominationFilter>(&bench, Role::Coordinator, nomination::Entity::all(), true).await;
        let round = round::of_the_walkers(&bench).await;
        many::priorities(&bench, round["title"]["en"].as_str().unwrap()).await;
        each_sort_has_its_index::<PriorityFilter>(&bench, Role::Reader, priority::Entity::all(), false).await;
        each_sort_has_its_index::<EndorsementFilter>(&bench, Role::NetworkMember, endorsement::Entity::all(), false).await;
        each_sort_has_its_index::<CommentFilter>(&bench, Role::FocalPoint, comment::Entity::all(), false).await;
        Box::pin(Collection("activities/{id}/milestones").row(&bench)).await;
        each_sort_has_its_index::<ActivityFilter>(&bench, Role::Coordinator, activity::Entity::all(), true).await;
        let milestones = milestone::Entity::all();
        let above =
            Condition::all().add(milestone::Column::ActivityId.eq(bench.parts.store.all(milestones.clone()).await.unwrap()[0].activity_id));
        each_sort_has_its_index_among::<MilestoneFilter>(&bench, Role::Coordinator, milestones, above, true).await;
        Box::pin(Collection("activities/{id}/budget-lines").row(&bench)).await;
        let lines = budget_line::Entity::all();
        let above =
            Condition::all().add(budget_line::Column::ActivityId.eq(bench.parts.store.all(lines.clone()).await.unwrap()[0].activity_id));
        each_sort_has_its_index_among::<BudgetLineFilter>(&bench, Role::Coordinator, lines, above, true).await;
        let body = bench.parts.store.all(coordination_body::Entity::all().order_by_asc(coordination_body::Column::Id)).await.unwrap();
        let below = Condition::all().add(coordination_body_member::Column::BodyId.eq(body[0].id));
        let members = coordination_body_member::Entity::all().filter(below.clone());
        each_sort_has_its_index_among::<CoordinationBodyMemberFilter>(&bench, Role::Reader, members, below, false).await;
    })
    .await;
}
