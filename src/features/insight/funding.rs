//! What the activities of a workplan cost, and who has said to pay how much of it.

use std::collections::BTreeMap;

use actix_web::{get, web::Data};
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
        activity::figures as activity_figures,
        budget_line::{COMMITTED, DISBURSED, REQUIRED},
        objective::ObjectiveNumber,
    },
    http::{
        Api,
        extract::Caller,
        figures::{Figured, Figures, Reckoned},
        mount::Mount,
    },
    problem::{Code, Problem},
    store::Store,
    text::{Currency, Money},
};

/// What amounts are added up by: whole workplans, the objectives that activities serve, the clusters of those, the organization that leads them, or the
/// provinces that they are in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FundingBy {
    #[default]
    Plan,
    Objective,
    Cluster,
    Organization,
    Province,
}

impl From<FundingBy> for By {
    fn from(by: FundingBy) -> Self {
        match by {
            FundingBy::Plan => Self::Plan,
            FundingBy::Objective => Self::Objective,
            FundingBy::Cluster => Self::Cluster,
            FundingBy::Organization => Self::Organization,
            FundingBy::Province => Self::Province,
        }
    }
}

/// What is added up.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct FundingQuery {
    /// The workplan whose budget lines are added up. Without it, those of all active workplans; with none active, the answer is
    /// empty.
    workplan_id: Option<Uuid>,
    /// What amounts are added up by: whole workplans, the objectives that activities serve, the clusters of those, the organization that leads them, or
    /// the provinces that they are in; by default whole workplans.
    #[param(value_type = FundingBy, required = false)]
    by: Option<FundingBy>,
}

/// The amounts in one currency of one workplan, objective, cluster, organization or province, or of all activities.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct FundingCell {
    /// With `by=plan`: the workplan.
    workplan_id: Option<Uuid>,
    /// With `by=objective`: the objective that the activities serve.
    #[schema(value_type = Option<ObjectiveNumber>)]
    objective_number: Option<i16>,
    /// With `by=cluster`: the scheme of the cluster, one of `GET /v1/cluster-schemes`.
    #[schema(examples(json!(null), "imrf_round_tables"))]
    cluster_scheme: Option<String>,
    /// With `by=cluster`: the number of the cluster within its scheme. An activity that serves several of its objectives counts once.
    #[schema(minimum = 1, examples(json!(null), 3))]
    cluster_number: Option<i16>,
    /// With `by=organization`: the organization that leads the activities, whoever pays.
    organization_id: Option<Uuid>,
    /// With `by=province`: the code of the province that the activities are in.
    #[schema(examples(json!(null), "LA-SV"))]
    province: Option<String>,
    /// The currency of all amounts of the cell; amounts in different currencies are never added up.
    currency: Currency,
    /// How many activities have a budget line in this currency.
    #[schema(minimum = 0)]
    activities: i64,
    /// Where they are listed.
    #[schema(examples("/v1/activities?workplan_id=01920000-0000-7000-8000-000000000001&in_version=true&budget_currency=USD"))]
    href: String,
    /// What the activities require: the sum of their budget lines of the kind `required`.
    required: Money,
    /// Where the activities with such lines are listed; the lines of each are at its `budget-lines`.
    #[schema(examples(
        "/v1/activities?workplan_id=01920000-0000-7000-8000-000000000001&in_version=true&budget_currency=USD&budget_kind=required"
    ))]
    required_href: String,
    /// What was promised: the sum of their budget lines of the kind `committed`.
    committed: Money,
    /// Where the activities with such lines are listed.
    #[schema(examples(
        "/v1/activities?workplan_id=01920000-0000-7000-8000-000000000001&in_version=true&budget_currency=USD&budget_kind=committed"
    ))]
    committed_href: String,
    /// What was paid out: the sum of their budget lines of the kind `disbursed`.
    disbursed: Money,
    /// Where the activities with such lines are listed.
    #[schema(examples(
        "/v1/activities?workplan_id=01920000-0000-7000-8000-000000000001&in_version=true&budget_currency=USD&budget_kind=disbursed"
    ))]
    disbursed_href: String,
    /// What nobody has promised yet: `required` less `committed`, and nothing when more was promised than is required. It is the gap of the sums: what one
    /// activity has too much fills the gap of another here, and does not in the `funding_gap` of each.
    gap: Money,
    /// Where the activities with a line of either kind are listed.
    #[schema(examples(
        "/v1/activities?workplan_id=01920000-0000-7000-8000-000000000001&in_version=true&budget_currency=USD&budget_kind=required&budget_kind=committed"
    ))]
    gap_href: String,
}

/// What the activities of a workplan cost and get.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Funding {
    /// What amounts are added up by.
    by: FundingBy,
    /// The workplans that are counted: the one that was asked for, or those that are being carried out.
    workplan_ids: Vec<Uuid>,
    /// The sums over all activities, each counted once, one cell for each currency. With `by=objective`, `cluster` or `province` the cells of `data` need not
    /// add up to them: an activity is in one for each that it names, with its whole amounts. With `by=organization` activities without a lead are here
    /// only.
    total: Vec<FundingCell>,
    /// One cell for each value of `by` and each currency that is used in it.
    data: Vec<FundingCell>,
}

impl Figured for Funding {
    type Cell = FundingCell;
    const FIRST: &'static str = "currency";

    fn cells(&self) -> &[FundingCell] {
        &self.data
    }
}

pub fn mount(config: &mut Mount<'_>) {
    config.service(get_funding);
}

/// Add up what activities cost and get
///
/// Required, committed and disbursed amounts of the activities of a workplan, by plan, objective, cluster, leading organization or province, each currency
/// by itself, with the address of the list of the activities behind each number. An activity that serves several objectives counts with its whole amounts for
/// each of them. Sums are exact; one that is more than an amount can be is 409 `sum_out_of_range`. Archived activities and budget lines do not count; of a
/// plan that was approved neither do activities that an open revision would add.
#[utoipa::path(tag = "Insights", params(Figures<FundingQuery>))]
#[get("/v1/insights/funding")]
async fn get_funding(store: Data<Store>, caller: Caller, ask: Figures<FundingQuery>) -> Api<Reckoned<Funding>> {
    let by = ask.asked.by.unwrap_or_default();
    let plans = Plans::of(&store, &caller, ask.asked.workplan_id).await?;
    let funding = funding(&store, &caller, by, &plans).await?;
    ask.answer(&caller, None, funding)
}

/// The sums of one cell in one currency.
#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    activities: i64,
    required: i128,
    committed: i128,
    disbursed: i128,
}

async fn funding(store: &Store, actor: &Actor, by: FundingBy, plans: &Plans) -> Result<Funding, Problem> {
    let cells = Cells::of(store, actor, by.into(), plans).await?;
    let mut sums: BTreeMap<(Key, Currency), Sums> = BTreeMap::new();
    if !plans.ids.is_empty() {
        let activities = plans.activities(actor)?;
        let parts = cells.reckon::<activity_figures::Funding>(store, |by| activity_figures::funding(activities, by)).await?;
        for (keys, part) in parts {
            for key in keys {
                sums.entry((key, part.currency.clone())).or_default().add(&part);
            }
        }
    }
    let (mut total, mut data) = (Vec::new(), Vec::new());
    for ((key, currency), sums) in &sums {
        let cell = cell(&cells, key, currency, sums)?;
        if *key == Key::All { total.push(cell) } else { data.push(cell) }
    }
    Ok(Funding { by, workplan_ids: plans.ids.clone(), total, data })
}

impl Sums {
    fn add(&mut self, part: &activity_figures::Funding) {
        self.activities += part.many;
        self.required += part.required();
        self.committed += part.committed();
        self.disbursed += part.disbursed();
    }
}

fn cell(cells: &Cells<'_>, key: &Key, currency: &Currency, sums: &Sums) -> Result<FundingCell, Problem> {
    let money = |sum: i128| match i64::try_from(sum) {
        Ok(minor) => Ok(Money::of(minor, currency.clone())),
        Err(_beyond) => Err(Problem::new(Code::SumOutOfRange).with("currency", currency.as_str())),
    };
    let href = format!("{}&budget_currency={}", cells.href(key), currency.as_str());
    let of_kind = |kind: &str| format!("{href}&budget_kind={kind}");
    let (cluster_scheme, cluster_number) = key.cluster();
    Ok(FundingCell {
        workplan_id: key.workplan_id(),
        objective_number: key.objective_number(),
        cluster_scheme,
        cluster_number,
        organization_id: key.organization_id(),
        province: key.province(),
        currency: currency.clone(),
        activities: sums.activities,
        required: money(sums.required)?,
        required_href: of_kind(REQUIRED),
        committed: money(sums.committed)?,
        committed_href: of_kind(COMMITTED),
        disbursed: money(sums.disbursed)?,
        disbursed_href: of_kind(DISBURSED),
        gap: money((sums.required - sums.committed).max(0))?,
        gap_href: format!("{}&budget_kind={COMMITTED}", of_kind(REQUIRED)),
        href,
    })
}
