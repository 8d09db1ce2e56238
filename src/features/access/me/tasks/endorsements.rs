//! Proposed priorities on which the caller's institution is asked for its word.

use std::collections::HashMap;

use super::{Look, Task, TaskSubject};
use crate::{entity::objective, features::prioritization::endorsements::count::waiting_for, kind::Kind, problem::Problem};

pub(super) async fn open(look: &Look<'_>) -> Result<Vec<Task>, Problem> {
    let Some(organization) = look.organization() else { return Ok(Vec::new()) };
    let waiting = waiting_for(look.store, organization, look.here.today()).await?;
    let named = look.store.all(objective::Entity::all()).await?;
    let named: HashMap<_, _> = named.into_iter().map(|row| (row.number, row.title)).collect();
    let tasks = waiting.iter().filter_map(|row| {
        Some(Task {
            task: "endorsement_open",
            subject: TaskSubject::new(Kind::Priority, row.id),
            title: named.get(&row.objective_number)?.widened(),
            due_on: None,
            since: row.updated_at,
            reason: None,
        })
    });
    Ok(tasks.collect())
}
