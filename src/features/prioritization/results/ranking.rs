//! The ranking itself: a pure function of criteria, voters and nominations.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    entity::{
        nomination,
        prioritization::{Ballot, Criterion, Ranked},
    },
    features::prioritization::{
        numbers::{agreement, half_up},
        voters::{Voter, voter_of},
    },
};

/// What objectives are ranked by: `weighted_mean`, the mean of their scores, and where that is equal how many nominated them; or `support`, the
/// other way round.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RankBy {
    #[default]
    WeightedMean,
    Support,
}

/// Each objective that was nominated, with no place yet. `given` is in the order in which it was given.
pub fn rank(criteria: &[Criterion], voters: &[Voter], given: &[nomination::Model]) -> Vec<Ranked> {
    let mut of_objective: BTreeMap<i16, Vec<&nomination::Model>> = BTreeMap::new();
    for nomination in given.iter().filter(|row| row.archived_at.is_none()) {
        of_objective.entry(nomination.objective_number).or_default().push(nomination);
    }
    let ranked = of_objective.into_iter().map(|(number, given)| objective(number, criteria, voters, &given));
    ranked.collect()
}

fn objective(number: i16, criteria: &[Criterion], voters: &[Voter], given: &[&nomination::Model]) -> Ranked {
    let whole = criteria.iter().map(|criterion| i128::from(criterion.weight)).sum::<i128>().max(1);
    let mut counted = Vec::new();
    let by_organization = given.iter().map(|nomination| {
        let voter_id = voter_of(voters, nomination.organization_id);
        let counts = voter_id.is_some_and(|voter| voice(voters, voter, given) == Some(nomination.id));
        let sum = weighted(criteria, nomination);
        counted.extend(counts.then_some(sum));
        let scores = nomination.scores.0.iter().map(|score| (score.criterion.as_str().to_owned(), score.score)).collect();
        Ballot {
            nomination_id: nomination.id,
            organization_id: nomination.organization_id,
            voter_id,
            counted: counts,
            scores,
            score: half_up(sum, whole),
        }
    });
    let by_organization = by_organization.collect();
    let nominations = i64::try_from(counted.len()).unwrap_or(i64::MAX);
    let electorate = i128::try_from(voters.len()).unwrap_or(i128::MAX).max(1);
    let count = i128::from(nominations);
    Ranked {
        objective_number: number,
        nominations,
        support: half_up(count, electorate),
        weighted_mean: (count > 0).then(|| half_up(counted.iter().sum(), whole * count)),
        agreement: agreement(&counted, whole),
        rank: 0,
        by_organization,
    }
}

/// The nomination by which a voter speaks: its own, else the newest of those that it answers for.
fn voice(voters: &[Voter], voter: Uuid, given: &[&nomination::Model]) -> Option<Uuid> {
    let own = given.iter().find(|nomination| nomination.organization_id == voter);
    let newest = || given.iter().rev().find(|nomination| voter_of(voters, nomination.organization_id) == Some(voter));
    own.or_else(newest).map(|nomination| nomination.id)
}

/// The scores times the weights, in millionths; a criterion without a score counts nothing.
fn weighted(criteria: &[Criterion], nomination: &nomination::Model) -> i128 {
    let score = |criterion: &Criterion| nomination.scores.0.iter().find(|score| score.criterion == criterion.code);
    criteria.iter().filter_map(|criterion| Some(i128::from(criterion.weight) * i128::from(score(criterion)?.score))).sum()
}

/// The first place first; those that are equal in both of what is ranked by share a place. What is compared is what is shown.
pub fn place(mut rows: Vec<Ranked>, by: RankBy) -> Vec<Ranked> {
    let key = |row: &Ranked| match by {
        RankBy::WeightedMean => (row.weighted_mean, Some(row.support)),
        RankBy::Support => (Some(row.support), row.weighted_mean),
    };
    rows.sort_by(|one, other| key(other).cmp(&key(one)).then(one.objective_number.cmp(&other.objective_number)));
    let mut before = None;
    for (row, at) in rows.iter_mut().zip(1..) {
        row.rank = match before {
            Some((equal, rank)) if equal == key(row) => rank,
            _ => at,
        };
        before = Some((key(row), row.rank));
    }
    rows
}

/// The voters without a nomination that counts.
pub fn missing(voters: &[Voter], ranking: &[Ranked]) -> Vec<Uuid> {
    let heard = |voter: Uuid| ranking.iter().flat_map(|row| &row.by_organization).any(|ballot| ballot.voter_id == Some(voter));
    voters.iter().map(|voter| voter.organization_id).filter(|voter| !heard(*voter)).collect()
}
