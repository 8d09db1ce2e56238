//! The Sustainable Development Goals, with the targets that matter to migration.

use actix_web::{get, web::Data};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{facts::Facts, vocabularies::unknown};
use crate::{
    features::Catalogued,
    http::{
        Api,
        catalogue::{Catalogue, Fact, Known, Sieve, any_of},
        context::Here,
        extract::Path,
        mount::Mount,
    },
    problem::{Fault, Problem},
    store::Key,
    text::LocalizedText,
};

static GOALS: Facts<SdgGoalView> = Facts::new(include_str!("data/sdg_goals.json"));

/// One of the Sustainable Development Goals (A/RES/70/1), or a goal that the country adopted besides.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct SdgGoalView {
    /// Its number: 1 to 17, and behind them those of the country.
    #[schema(minimum = 1, examples(16))]
    number: i16,
    /// Its official title, by language.
    title: LocalizedText<300>,
    /// A few words for menus and charts, by language.
    short_title: LocalizedText<300>,
    /// Who adopted it: `global` for the United Nations, `national` for the country of this instance.
    #[schema(examples("global"))]
    scope: String,
    /// The country that adopted it, ISO 3166-1 alpha-2; `null` for global goals.
    #[schema(examples(json!(null), "LA"))]
    country: Option<String>,
    /// Those of its targets that matter to migration, not all of them; empty where there are none.
    targets: Vec<SdgTargetView>,
}

/// A target that matters to migration.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct SdgTargetView {
    /// Number of the goal and of the target.
    #[schema(examples("16.2"))]
    code: String,
    /// What it is about, in our own words, by language; not the official text.
    label: LocalizedText<300>,
    /// `direct`: the Migration Data Portal names it as directly connected with migration; `related`: it is relevant by its subject.
    #[schema(examples("direct"))]
    relevance: String,
    /// Whether a published source names the target as relevant to migration; otherwise that is our own reading.
    verified: bool,
    /// The objectives that show the target among their `sdg_target_codes`.
    #[schema(examples(7))]
    objective_numbers: Vec<i16>,
    /// Objectives that we assign it to besides, by our own reading: a suggestion, not the official mapping, and not among their `sdg_target_codes`.
    #[schema(examples(13))]
    assigned_objective_numbers: Vec<i16>,
}

impl Fact for SdgGoalView {
    const KEY: &'static str = "number";

    fn key(&self) -> Key {
        Key::Number(self.number.into())
    }

    fn texts(&self) -> Vec<&str> {
        let targets = self.targets.iter().flat_map(|target| target.label.values().chain([target.code.as_str()]));
        self.title.values().chain(self.short_title.values()).chain(targets).collect()
    }
}

/// Which goals are listed.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SdgGoalFilter {
    /// Only these numbers.
    #[serde(default)]
    number: Vec<i16>,
    /// Only goals adopted by these: `global`, `national`.
    #[serde(default)]
    scope: Vec<String>,
    /// Only goals with one of these targets, such as `10.7`.
    #[serde(default)]
    target_code: Vec<String>,
    /// Only goals with a target that one of these objectives shows among its `sdg_target_codes`.
    #[serde(default)]
    objective_number: Vec<i16>,
}

impl Sieve for SdgGoalFilter {
    type Fact = SdgGoalView;

    fn keeps(&self, fact: &SdgGoalView) -> bool {
        let Self { number, scope, target_code, objective_number } = self;
        let has = |keeps: &dyn Fn(&SdgTargetView) -> bool| fact.targets.iter().any(keeps);
        any_of(number, &fact.number)
            && any_of(scope, &fact.scope)
            && (target_code.is_empty() || has(&|target| target_code.contains(&target.code)))
            && (objective_number.is_empty()
                || has(&|target| target.objective_numbers.iter().any(|number| objective_number.contains(number))))
    }
}

/// Global goals, and those of this country.
fn is_ours(goal: &SdgGoalView, here: &Here) -> bool {
    goal.country.as_ref().is_none_or(|country| *country == here.instance.country)
}

/// What is wrong with a list of targets: those that no goal of this country has here.
pub fn unknown_targets(here: &Here, codes: &[String], pointer: &str) -> Result<Vec<Fault>, Problem> {
    let goals = GOALS.all()?.into_iter().filter(|goal| is_ours(goal, here));
    Ok(unknown(codes, goals.flat_map(|goal| goal.targets).map(|target| target.code).collect(), pointer))
}

pub fn mount(config: &mut Mount<'_>) {
    config.service(list_sdg_goals).service(get_sdg_goal);
}

/// List SDG goals
///
/// The 17 Sustainable Development Goals and those that the country of this instance adopted besides, such as Lao PDR's 18th, each with the targets that
/// matter to migration.
#[utoipa::path(tag = "Reference data", params(Catalogue<SdgGoalFilter>))]
#[get("/v1/sdg-goals")]
async fn list_sdg_goals(here: Data<Here>, ask: Catalogue<SdgGoalFilter>) -> Api<Catalogued<SdgGoalView>> {
    ask.answer(GOALS.all()?.into_iter().filter(|goal| is_ours(goal, &here)).collect())
}

/// Read an SDG goal
///
/// One goal by its number, with the targets that matter to migration.
#[utoipa::path(tag = "Reference data", params(("number" = i16, Path, description = "Number of the goal.", minimum = 1, maximum = 99, example = 16)))]
#[get("/v1/sdg-goals/{number}")]
async fn get_sdg_goal(here: Data<Here>, number: Path<i16>) -> Api<Known<SdgGoalView>> {
    GOALS.one(|goal| goal.number == number.0 && is_ours(goal, &here)).map(Known)
}
