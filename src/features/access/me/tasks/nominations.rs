//! Rounds in which the caller's institution has a voice and nominated nothing yet.

use std::collections::HashSet;

use sea_orm::QueryFilter;
use uuid::Uuid;

use super::{Look, Task, TaskSubject};
use crate::{
    clock::Timestamp,
    entity::{
        nomination,
        prioritization::{Entity, Model, taking_nominations},
    },
    features::prioritization::voters::{Voter, voters},
    kind::Kind,
    problem::Problem,
    store::visible,
};

/// Until the round closes or its closing date has passed: then there is nothing to be given any more.
pub(super) async fn missing(look: &Look<'_>) -> Result<Vec<Task>, Problem> {
    let Some(organization) = look.institution() else { return Ok(Vec::new()) };
    let today = look.here.today();
    let rounds = look.store.all(visible::<Entity>(look.actor)?.filter(taking_nominations(today))).await?;
    let ids: Vec<String> = rounds.iter().map(|row| row.id.to_string()).collect();
    let moved = look.store.newest_moves(Kind::Prioritization, &ids).await?;
    let mut tasks = Vec::new();
    for row in rounds {
        let asked = voters(look.store, &row.electorate_ids.0, row.id, today).await?;
        let Some(voter) = asked.iter().find(|voter| voter.organization_id == organization) else { continue };
        let given = look.store.all(nomination::Entity::of_round(row.id)).await?;
        let given = given.iter().filter(|row| row.archived_at.is_none()).map(|row| row.organization_id).collect();
        if is_silent(voter, &given) {
            let since = moved.get(&row.id.to_string()).map_or(row.created_at, |moved| moved.at);
            tasks.push(task(row, since));
        }
    }
    Ok(tasks)
}

/// Whether neither the voter nor any of those that it answers for is among those who gave something.
fn is_silent(voter: &Voter, given: &HashSet<Uuid>) -> bool {
    !given.contains(&voter.organization_id) && voter.stands_for.iter().all(|member| !given.contains(member))
}

fn task(row: Model, since: Timestamp) -> Task {
    Task {
        task: "nomination_missing",
        subject: TaskSubject::new(Kind::Prioritization, row.id),
        title: row.title.widened(),
        due_on: row.closes_on,
        since,
        reason: None,
    }
}
