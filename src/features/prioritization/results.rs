//! What came of a round: how the objectives that were nominated rank, and from which scores.

mod ranking;

use std::collections::BTreeMap;

use actix_web::{get, web::Data};
pub use ranking::{RankBy, missing, place, rank};
use sea_orm::ColumnTrait;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{nominations::ScoresSchema, numbers::shown, voters::voters};
use crate::{
    auth::{Actor, audience},
    entity::{
        nomination,
        objective::ObjectiveNumber,
        prioritization::{self, Column, Entity, Model, Ranked, RoundState},
    },
    http::{
        Api,
        context::Here,
        extract::{Caller, Path, Query},
        mount::Mount,
        reply::Document,
    },
    kind::Kind,
    problem::{Code, Problem},
    store::{Reads, Store},
};

/// How the results are ranked.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ResultsQuery {
    /// What comes first: `weighted_mean` (then support), or `support` (then the weighted mean).
    #[param(inline)]
    #[serde(default)]
    rank_by: RankBy,
}

/// What one organization gave an objective.
#[derive(Debug, Serialize, ToSchema)]
pub struct BallotView {
    /// The nomination.
    nomination_id: Uuid,
    /// The organization that gave it.
    organization_id: Uuid,
    /// Whose vote it is today: the organization's own, or that of the one that took its place when it ended; `null` when none did.
    voter_id: Option<Uuid>,
    /// Whether it counts. Each vote counts once for each objective: the nomination of whoever has it today, else the newest of those whose place that took.
    counted: bool,
    /// What each criterion was scored with, from 1 to 5, by the code of the criterion.
    #[schema(value_type = ScoresSchema)]
    scores: BTreeMap<String, i16>,
    /// The sum of the scores, each times the share of its criterion.
    #[schema(minimum = 1, maximum = 5, examples(3.75))]
    score: f64,
}

/// One objective that was nominated.
#[derive(Debug, Serialize, ToSchema)]
pub struct ResultView {
    /// Number of the objective.
    #[schema(value_type = ObjectiveNumber)]
    objective_number: i16,
    /// How many nominations count.
    #[schema(minimum = 0, examples(4))]
    nominations: i64,
    /// The share of the institutions with a vote that nominated it.
    #[schema(minimum = 0, maximum = 1, examples(0.571429))]
    support: f64,
    /// The mean of their scores; `null` when no nomination counts.
    #[schema(minimum = 1, maximum = 5, examples(3.916667))]
    weighted_mean: Option<f64>,
    /// How close their scores lie together: 1 less half the standard deviation, from 0 to 1; `null` with fewer than two of them.
    #[schema(minimum = 0, maximum = 1, examples(0.75))]
    agreement: Option<f64>,
    /// Its place. Those that are equal in both of what is ranked by share one, and the next is left out.
    #[schema(minimum = 1, examples(1))]
    rank: i64,
    /// What each organization gave it.
    by_organization: Vec<BallotView>,
}

/// The results of a round, the first place first.
#[derive(Debug, Serialize, ToSchema)]
pub struct Results {
    /// The round.
    prioritization_id: Uuid,
    /// Whether they stay for ever as they are: what the round was finalized with. Until then they go by the institutions that there are today.
    frozen: bool,
    /// What they are ranked by.
    rank_by: RankBy,
    /// Every objective that was nominated.
    data: Vec<ResultView>,
    /// The institutions that have a vote in the round and of which no nomination counts.
    missing_organization_ids: Vec<Uuid>,
}

pub fn mount(config: &mut Mount<'_>) {
    config.service(get_prioritization_results);
}

/// Read the results of a round
///
/// How the nominated objectives rank, with every score behind it, once the round is closed; frozen once it is finalized. Before, and of a cancelled
/// round, there are none: 409 `results_not_ready`. For those who take part; readers and administrators see none.
#[utoipa::path(tag = "Prioritizations", params(ResultsQuery))]
#[get("/v1/prioritizations/{id}/results")]
async fn get_prioritization_results(
    store: Data<Store>,
    here: Data<Here>,
    caller: Caller,
    id: Path<Uuid>,
    query: Query<ResultsQuery>,
) -> Api<Document<Results>> {
    let round = store.find::<Entity>(&caller, Column::Id.eq(id.0)).await?;
    if !are_seen_by(&caller) {
        return Err(Problem::not_found());
    }
    let (ranking, missing) = match round.state {
        RoundState::Finalized => (round.ranking.0, round.missing_organization_ids.0),
        RoundState::Closed => {
            let given = store.all(nomination::Entity::of_round(round.id)).await?;
            still_closed(&given)?;
            computed(store.get_ref(), &here, &round, &given).await?
        }
        state => return Err(Problem::new(Code::ResultsNotReady).with("state", state.name())),
    };
    let rank_by = query.0.rank_by;
    let data = place(ranking, rank_by).into_iter().map(ResultView::from).collect();
    let frozen = round.state == RoundState::Finalized;
    Ok(Document(Results { prioritization_id: round.id, frozen, rank_by, data, missing_organization_ids: missing }))
}

/// What was read a moment after its round may belong to one that was opened again.
fn still_closed(given: &[nomination::Model]) -> Result<(), Problem> {
    let elsewhere = given.iter().map(|row| row.round_state).find(|state| !matches!(state, RoundState::Closed | RoundState::Finalized));
    elsewhere.map_or(Ok(()), |state| Err(Problem::new(Code::ResultsNotReady).with("state", state.name())))
}

/// Whether this caller sees results once there may be some: whoever sees the nominations then that they are made of.
pub fn are_seen_by(actor: &Actor) -> bool {
    actor.sight().sees(audience(Kind::Nomination, Some(RoundState::Closed.name())), None)
}

/// The ranking of what was given in a round, and who gave nothing, by the institutions that there are today.
pub async fn computed(
    rows: &impl Reads,
    here: &Here,
    round: &Model,
    given: &[nomination::Model],
) -> Result<(Vec<Ranked>, Vec<Uuid>), Problem> {
    let voters = voters(rows, &round.electorate_ids.0, round.id, here.today()).await?;
    let ranking = place(rank(&round.criteria.0, &voters, given), RankBy::default());
    let missing = missing(&voters, &ranking);
    Ok((ranking, missing))
}

impl From<Ranked> for ResultView {
    fn from(row: Ranked) -> Self {
        let Ranked { objective_number, nominations, support, weighted_mean, agreement, rank, by_organization } = row;
        Self {
            objective_number,
            nominations,
            support: shown(support),
            weighted_mean: weighted_mean.map(shown),
            agreement: agreement.map(shown),
            rank,
            by_organization: by_organization.into_iter().map(BallotView::from).collect(),
        }
    }
}

impl From<prioritization::Ballot> for BallotView {
    fn from(row: prioritization::Ballot) -> Self {
        let prioritization::Ballot { nomination_id, organization_id, voter_id, counted, scores, score } = row;
        Self { nomination_id, organization_id, voter_id, counted, scores, score: shown(score) }
    }
}
