//! Proposed priorities on which the caller's institution is asked for its word and has not given it.

use std::collections::HashMap;

use super::{Look, Task, TaskSubject};
use crate::{entity::objective, features::prioritization::endorsements::count::waiting_for, kind::Kind, problem::Problem};

/// For the substance as it reads now: a word that was given on another one does not count.
pub(super) async fn open(look: &Look<'_>) -> Result<Vec<Task>, Problem> {
    let Some(organization) = look.institution() else { return Ok(Vec::new()) };
    let mut rows = waiting_for(look.store, organization, look.here.today()).await?;
    rows.retain(|row| look.actor.sight().sees(row.audience, row.owner_id));
    let named = look.store.all(objective::Entity::all()).await?;
    let named: HashMap<_, _> = named.into_iter().map(|row| (row.number, row.title)).collect();
    let tasks = rows.iter().filter_map(|row| {
        Some(Task {
            task: "endorsement_open",
            subject: TaskSubject::new(Kind::Priority, row.id),
            title: named.get(&row.objective_number)?.widened(),
            due_on: None,
            since: row.asked_at.unwrap_or(row.created_at),
            reason: None,
        })
    });
    Ok(tasks.collect())
}
