//! How far the activities of a workplan are, and how they are rated.

mod counting;

use actix_web::{get, web::Data};
use chrono::NaiveDate;
use counting::Counted;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{
    keys::{By, Cells, Key},
    plans::Plans,
};
use crate::{
    auth::Actor,
    entity::{
        activity::{ActivityImplementation, Rating},
        objective::ObjectiveNumber,
    },
    http::{
        Api,
        extract::Caller,
        figures::{Figured, Figures, Reckoned},
        mount::Mount,
    },
    problem::Problem,
    store::Store,
    text::Currency,
};

/// What activities are counted by: the objectives that they serve, the clusters of those, the organization that leads them, or the provinces that they
/// are in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProgressBy {
    #[default]
    Objective,
    Cluster,
    Organization,
    Province,
}

impl From<ProgressBy> for By {
    fn from(by: ProgressBy) -> Self {
        match by {
            ProgressBy::Objective => Self::Objective,
            ProgressBy::Cluster => Self::Cluster,
            ProgressBy::Organization => Self::Organization,
            ProgressBy::Province => Self::Province,
        }
    }
}

/// What is counted.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ProgressQuery {
    /// The workplan whose activities are counted. Without it, those of all active workplans; with none active, nothing is counted.
    workplan_id: Option<Uuid>,
    /// What activities are counted by: the objectives that they serve, the clusters of those, the organization that leads them, or the provinces that
    /// they are in; by default the objectives.
    #[param(value_type = ProgressBy, required = false)]
    by: Option<ProgressBy>,
}

/// By what a mean is weighted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Weighting {
    RequiredBudget,
    None,
}

/// The activities of one objective, cluster, organization or province, or all of them.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ProgressCell {
    /// With `by=objective`: the objective that the activities serve.
    #[schema(value_type = Option<ObjectiveNumber>)]
    objective_number: Option<i16>,
    /// With `by=cluster`: the scheme of the cluster, one of `GET /v1/cluster-schemes`.
    #[schema(examples(json!(null), "imrf_round_tables"))]
    cluster_scheme: Option<String>,
    /// With `by=cluster`: the number of the cluster within its scheme. An activity that serves several of its objectives counts once.
    #[schema(minimum = 1, examples(json!(null), 3))]
    cluster_number: Option<i16>,
    /// With `by=organization`: the organization that leads the activities.
    organization_id: Option<Uuid>,
    /// With `by=province`: the code of the province that the activities are in.
    #[schema(examples(json!(null), "LA-SV"))]
    province: Option<String>,
    /// How many activities there are.
    #[schema(minimum = 0)]
    activities: i64,
    /// Where they are listed.
    #[schema(examples("/v1/activities?workplan_id=01920000-0000-7000-8000-000000000001&in_version=true&objective_number=6"))]
    href: String,
    /// The mean of their `progress_percent`, from 0 to 100 rounded to two decimals, cancelled activities included; `null` when there are none.
    #[schema(minimum = 0, maximum = 100, examples(41.67))]
    mean_progress: Option<f64>,
    /// By what the mean is weighted: `required_budget` when every one of them requires a budget in one and the same currency, and `none` when not; then
    /// each counts alike. More may come.
    #[schema(value_type = String, examples("required_budget"))]
    weighting: Weighting,
    /// The currency of the budgets that weigh; `null` when nothing does.
    weighting_currency: Option<Currency>,
    /// How many of them have not begun.
    #[schema(minimum = 0)]
    planned: i64,
    /// Where these are listed.
    #[schema(examples(
        "/v1/activities?workplan_id=01920000-0000-7000-8000-000000000001&in_version=true&objective_number=6&implementation=planned"
    ))]
    planned_href: String,
    /// How many of them run.
    #[schema(minimum = 0)]
    in_progress: i64,
    /// Where these are listed.
    #[schema(examples(
        "/v1/activities?workplan_id=01920000-0000-7000-8000-000000000001&in_version=true&objective_number=6&implementation=in_progress"
    ))]
    in_progress_href: String,
    /// How many of them reached their end.
    #[schema(minimum = 0)]
    completed: i64,
    /// Where these are listed.
    #[schema(examples(
        "/v1/activities?workplan_id=01920000-0000-7000-8000-000000000001&in_version=true&objective_number=6&implementation=completed"
    ))]
    completed_href: String,
    /// How many of them stand still for a time.
    #[schema(minimum = 0)]
    suspended: i64,
    /// Where these are listed.
    #[schema(examples(
        "/v1/activities?workplan_id=01920000-0000-7000-8000-000000000001&in_version=true&objective_number=6&implementation=suspended"
    ))]
    suspended_href: String,
    /// How many of them were given up.
    #[schema(minimum = 0)]
    cancelled: i64,
    /// Where these are listed.
    #[schema(examples(
        "/v1/activities?workplan_id=01920000-0000-7000-8000-000000000001&in_version=true&objective_number=6&implementation=cancelled"
    ))]
    cancelled_href: String,
    /// How many of them will reach their end in time, as those who carry them out see it.
    #[schema(minimum = 0)]
    on_track: i64,
    /// Where these are listed.
    #[schema(examples(
        "/v1/activities?workplan_id=01920000-0000-7000-8000-000000000001&in_version=true&objective_number=6&rating=on_track"
    ))]
    on_track_href: String,
    /// How many of them may come too late.
    #[schema(minimum = 0)]
    at_risk: i64,
    /// Where these are listed.
    #[schema(examples(
        "/v1/activities?workplan_id=01920000-0000-7000-8000-000000000001&in_version=true&objective_number=6&rating=at_risk"
    ))]
    at_risk_href: String,
    /// How many of them will come too late.
    #[schema(minimum = 0)]
    off_track: i64,
    /// Where these are listed.
    #[schema(examples(
        "/v1/activities?workplan_id=01920000-0000-7000-8000-000000000001&in_version=true&objective_number=6&rating=off_track"
    ))]
    off_track_href: String,
    /// How many of them nobody has rated yet.
    #[schema(minimum = 0)]
    not_rated: i64,
    /// Where these are listed.
    #[schema(examples(
        "/v1/activities?workplan_id=01920000-0000-7000-8000-000000000001&in_version=true&objective_number=6&rating=not_rated"
    ))]
    not_rated_href: String,
    /// How many of them are past their last day today, and neither completed nor cancelled.
    #[schema(minimum = 0)]
    overdue: i64,
    /// Where these are listed.
    #[schema(examples("/v1/activities?workplan_id=01920000-0000-7000-8000-000000000001&in_version=true&objective_number=6&overdue=true"))]
    overdue_href: String,
}

/// How far the activities of a workplan are.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Progress {
    /// What activities are counted by.
    by: ProgressBy,
    /// The workplans that are counted: the one that was asked for, or those that are being carried out.
    workplan_ids: Vec<Uuid>,
    /// All activities that are counted, each once; `null` when no plan is being carried out. With `by=objective`, `cluster` or `province` the cells need not
    /// add up to it: an activity is in one for each that it names, and in none when it names none. With `by=organization` activities without a lead are
    /// here only.
    total: Option<ProgressCell>,
    /// The cells with something in them; with `by=cluster` every cell that there is.
    data: Vec<ProgressCell>,
}

impl Figured for Progress {
    type Cell = ProgressCell;
    const FIRST: &'static str = "objective_number";

    fn cells(&self) -> &[ProgressCell] {
        &self.data
    }
}

pub fn mount(config: &mut Mount<'_>) {
    config.service(get_progress);
}

/// Count how far activities are
///
/// The activities of a workplan by objective, cluster, leading organization or province: how many there are, how far they are, how they are rated and how
/// many are overdue, each number with the address of the list that shows just these. An activity that serves several objectives counts for each of them.
/// Archived activities do not count; of a plan that was approved neither do those that an open revision would add.
#[utoipa::path(tag = "Insights", params(Figures<ProgressQuery>))]
#[get("/v1/insights/progress")]
async fn get_progress(store: Data<Store>, caller: Caller, ask: Figures<ProgressQuery>) -> Api<Reckoned<Progress>> {
    let by = ask.asked.by.unwrap_or_default();
    let plans = Plans::of(&store, &caller, ask.asked.workplan_id).await?;
    let progress = progress(&store, &caller, by, &plans, ask.here.today()).await?;
    ask.answer(&caller, None, progress)
}

async fn progress(store: &Store, actor: &Actor, by: ProgressBy, plans: &Plans, today: NaiveDate) -> Result<Progress, Problem> {
    let cells = Cells::of(store, actor, by.into(), plans).await?;
    let mut counted = counting::count(store, actor, &cells, today).await?;
    let total = counted.remove(&Key::All).unwrap_or_default();
    let total = (!plans.ids.is_empty()).then(|| cell(&cells, &Key::All, &total));
    let data = counted.iter().map(|(key, counted)| cell(&cells, key, counted)).collect();
    Ok(Progress { by, workplan_ids: plans.ids.clone(), total, data })
}

fn cell(cells: &Cells<'_>, key: &Key, counted: &Counted) -> ProgressCell {
    let href = cells.href(key);
    let so_far = |implementation: ActivityImplementation| {
        (counted.implementation(implementation), format!("{href}&implementation={}", implementation.name()))
    };
    let rated = |rating: Rating| (counted.rating(rating), format!("{href}&rating={}", rating.name()));
    let (cluster_scheme, cluster_number) = key.cluster();
    let (planned, planned_href) = so_far(ActivityImplementation::Planned);
    let (in_progress, in_progress_href) = so_far(ActivityImplementation::InProgress);
    let (completed, completed_href) = so_far(ActivityImplementation::Completed);
    let (suspended, suspended_href) = so_far(ActivityImplementation::Suspended);
    let (cancelled, cancelled_href) = so_far(ActivityImplementation::Cancelled);
    let (on_track, on_track_href) = rated(Rating::OnTrack);
    let (at_risk, at_risk_href) = rated(Rating::AtRisk);
    let (off_track, off_track_href) = rated(Rating::OffTrack);
    let (not_rated, not_rated_href) = rated(Rating::NotRated);
    let weighting_currency = counted.weighs().map(|(currency, _)| currency.clone());
    ProgressCell {
        objective_number: key.objective_number(),
        cluster_scheme,
        cluster_number,
        organization_id: key.organization_id(),
        province: key.province(),
        activities: counted.activities,
        mean_progress: counted.mean(),
        weighting: if weighting_currency.is_some() { Weighting::RequiredBudget } else { Weighting::None },
        weighting_currency,
        planned,
        planned_href,
        in_progress,
        in_progress_href,
        completed,
        completed_href,
        suspended,
        suspended_href,
        cancelled,
        cancelled_href,
        on_track,
        on_track_href,
        at_risk,
        at_risk_href,
        off_track,
        off_track_href,
        not_rated,
        not_rated_href,
        overdue: counted.overdue,
        overdue_href: format!("{href}&overdue=true"),
        href,
    }
}
