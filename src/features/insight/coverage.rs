//! What the stock-taking covers, what was put first, and where the gaps are.

mod chosen;
mod counting;

use actix_web::{get, web::Data};
use counting::{Across, Counted, Scope};
use sea_orm::{ColumnTrait, QueryFilter};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::{
    auth::Actor,
    entity::{
        effort::Implementation,
        objective::{self, ObjectiveNumber},
        review_cycle,
    },
    http::{
        Api,
        extract::Caller,
        figures::{Figured, Figures, Reckoned},
        mount::Mount,
    },
    problem::{Fault, FaultCode, Problem},
    store::{Store, visible},
};

/// What objectives are crossed with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CoverageBy {
    #[default]
    Organization,
    Cluster,
    SdgTarget,
}

/// What is counted.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CoverageQuery {
    /// What objectives are crossed with: the organizations whose efforts they are, the clusters that objectives belong to, or the SDG targets that efforts
    /// serve.
    #[param(value_type = CoverageBy, required = false)]
    by: Option<CoverageBy>,
    /// Only efforts whose dates overlap this review cycle's; those without any date are counted apart, as `undated`.
    cycle_id: Option<Uuid>,
    /// `true` adds how many drafts and returned efforts your own organization has; nobody else's are counted.
    mine: Option<bool>,
}

/// One objective crossed with one organization, cluster or SDG target.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct CoverageCell {
    /// The objective.
    #[schema(value_type = ObjectiveNumber)]
    objective_number: i16,
    /// With `by=organization`: whose efforts they are.
    organization_id: Option<Uuid>,
    /// With `by=cluster`: the scheme of the cluster, one of `GET /v1/cluster-schemes`.
    #[schema(examples(json!(null), "imrf_round_tables"))]
    cluster_scheme: Option<String>,
    /// With `by=cluster`: the number of the cluster within its scheme.
    #[schema(minimum = 1, examples(json!(null), 3))]
    cluster_number: Option<i16>,
    /// With `by=sdg_target`: the target.
    #[schema(examples(json!(null), "8.8"))]
    sdg_target_code: Option<String>,
    /// How many accepted efforts there are; with `cycle_id` those in the cycle.
    #[schema(minimum = 0)]
    efforts: i64,
    /// How many of them have not begun.
    #[schema(minimum = 0)]
    planned: i64,
    /// How many of them run or are in force.
    #[schema(minimum = 0)]
    ongoing: i64,
    /// How many of them reached their end.
    #[schema(minimum = 0)]
    completed: i64,
    /// How many of them were given up.
    #[schema(minimum = 0)]
    discontinued: i64,
    /// Where these efforts are listed.
    #[schema(examples("/v1/efforts?state=accepted&objective_number=6"))]
    href: String,
    /// How many accepted efforts have no date, so that nobody can say whether they are in the cycle; `null` without `cycle_id`, since they are among
    /// `efforts` then.
    #[schema(minimum = 0)]
    undated: Option<i64>,
    /// Where these are listed.
    #[schema(examples(json!(null), "/v1/efforts?state=accepted&objective_number=6&undated=true"))]
    undated_href: Option<String>,
    /// How many nominations of the objective you may see: with `by=organization` those that the organization gave, with `cycle_id` those of rounds that
    /// prepare the cycle. Those of cancelled rounds do not count, and while a round is open nobody is told of the others'. `null` with
    /// `by=sdg_target`, since nominations name no targets.
    #[schema(minimum = 0)]
    nominations: Option<i64>,
    /// Where these are listed.
    #[schema(examples(json!(null), "/v1/nominations?prioritization_state=open&prioritization_state=closed&prioritization_state=finalized&objective_number=6"))]
    nominations_href: Option<String>,
    /// How many priorities of the objective you may see that were not withdrawn: with `by=organization` those on which the organization leads, with
    /// `cycle_id` those of the cycle. `null` with `by=sdg_target`.
    #[schema(minimum = 0)]
    priorities: Option<i64>,
    /// Where these are listed.
    #[schema(examples(json!(null), "/v1/priorities?state=proposed&state=agreed&state=adopted&objective_number=6"))]
    priorities_href: Option<String>,
    /// How many drafts and returned efforts your own organization has; `null` without `mine=true`.
    #[schema(minimum = 0)]
    own_drafts: Option<i64>,
    /// Where these are listed.
    #[schema(examples(json!(null), "/v1/efforts?state=draft&state=returned&objective_number=6"))]
    own_drafts_href: Option<String>,
}

/// What is lacking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum GapKind {
    /// No accepted effort serves the objective; with `cycle_id` none in the cycle.
    NoEffort,
    /// No organization leads on the objective in the country.
    NoNationalLead,
}

/// Something that an objective lacks.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct CoverageGap {
    /// The objective.
    #[schema(value_type = ObjectiveNumber)]
    objective_number: i16,
    /// What it lacks: `no_effort` or `no_national_lead`; more may come.
    #[schema(value_type = String, examples("no_effort"))]
    gap: GapKind,
    /// Where it can be seen.
    #[schema(examples("/v1/objectives/13"))]
    href: String,
}

/// How far the efforts of the country cover the objectives of the Compact.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Coverage {
    /// What objectives are crossed with.
    by: CoverageBy,
    /// The review cycle that was asked about.
    cycle_id: Option<Uuid>,
    /// The cells with something in them, by objective; with `by=cluster` every cell that there is.
    data: Vec<CoverageCell>,
    /// What is lacking, by objective.
    gaps: Vec<CoverageGap>,
}

impl Figured for Coverage {
    type Cell = CoverageCell;
    const FIRST: &'static str = "objective_number";

    fn cells(&self) -> &[CoverageCell] {
        &self.data
    }
}

pub fn mount(config: &mut Mount<'_>) {
    config.service(get_coverage);
}

/// Count what covers the objectives
///
/// Objectives crossed with organizations, clusters or SDG targets: how many accepted efforts there are in each cell and how far they are, how many
/// nominations and how many priorities, each with the address of the list that shows them. An effort that serves several objectives counts for
/// each of them. `gaps` names the objectives without an effort and those without a national lead.
#[utoipa::path(tag = "Insights", params(Figures<CoverageQuery>))]
#[get("/v1/insights/coverage")]
async fn get_coverage(store: Data<Store>, caller: Caller, ask: Figures<CoverageQuery>) -> Api<Reckoned<Coverage>> {
    let CoverageQuery { by, cycle_id, mine } = ask.asked;
    let scope = Scope { by: by.unwrap_or_default(), cycle_id, own: caller.organization_id, mine: mine.unwrap_or_default() };
    known_cycle(&store, &caller, cycle_id).await?;
    let coverage = cover(&store, &caller, &scope).await?;
    ask.answer(&caller, scope.own.filter(|_| scope.mine), coverage)
}

/// A figure about a cycle that there is not would look like a gap.
async fn known_cycle(store: &Store, actor: &Actor, cycle_id: Option<Uuid>) -> Result<(), Problem> {
    let Some(id) = cycle_id else { return Ok(()) };
    let known = store.first(visible::<review_cycle::Entity>(actor)?.filter(review_cycle::Column::Id.eq(id))).await?;
    match known {
        Some(_) => Ok(()),
        None => Err(Problem::bad_query(vec![Fault::parameter("cycle_id", FaultCode::ReferenceUnknown)])),
    }
}

async fn cover(store: &Store, actor: &Actor, scope: &Scope) -> Result<Coverage, Problem> {
    let mut objectives = store.all(visible::<objective::Entity>(actor)?).await?;
    objectives.sort_by_key(|objective| objective.number);
    let counted = counting::count(store, actor, scope, &objectives).await?;
    let lacking = |objective: &objective::Model| {
        let efforts = counted.served.contains(&objective.number);
        [
            (!efforts).then_some((GapKind::NoEffort, scope.href(objective.number, None))),
            objective.national_lead_id.is_none().then(|| (GapKind::NoNationalLead, format!("/v1/objectives/{}", objective.number))),
        ]
    };
    let gaps = objectives.iter().flat_map(|objective| {
        let gap = |(gap, href)| CoverageGap { objective_number: objective.number, gap, href };
        lacking(objective).into_iter().flatten().map(gap)
    });
    let gaps = gaps.collect();
    let data = counted.cells.into_iter().map(|((number, across), counted)| cell(scope, number, &across, &counted)).collect();
    Ok(Coverage { by: scope.by, cycle_id: scope.cycle_id, data, gaps })
}

fn cell(scope: &Scope, number: i16, across: &Across, counted: &Counted) -> CoverageCell {
    let of = |implementation| counted.efforts.get(&implementation).copied().unwrap_or_default();
    let (mut organization_id, mut cluster_scheme, mut cluster_number, mut sdg_target_code) = (None, None, None, None);
    match across {
        Across::Organization(id) => organization_id = Some(*id),
        Across::Cluster(scheme, number) => (cluster_scheme, cluster_number) = (Some(scheme.clone()), Some(*number)),
        Across::SdgTarget(code) => sdg_target_code = Some(code.clone()),
    }
    CoverageCell {
        objective_number: number,
        organization_id,
        cluster_scheme,
        cluster_number,
        sdg_target_code,
        efforts: counted.efforts.values().sum(),
        planned: of(Implementation::Planned),
        ongoing: of(Implementation::Ongoing),
        completed: of(Implementation::Completed),
        discontinued: of(Implementation::Discontinued),
        href: scope.href(number, Some(across)),
        undated: scope.cycle_id.map(|_| counted.undated),
        undated_href: scope.cycle_id.map(|_| scope.undated_href(number, across)),
        nominations: across.may_be_chosen().then_some(counted.nominations),
        nominations_href: chosen::nominations_href(scope, number, across),
        priorities: across.may_be_chosen().then_some(counted.priorities),
        priorities_href: chosen::priorities_href(scope, number, across),
        own_drafts: scope.mine.then_some(counted.own_drafts),
        own_drafts_href: scope.mine.then(|| scope.own_drafts_href(number, across)).flatten(),
    }
}
