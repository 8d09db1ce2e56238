//! What the caller's institution is asked about and has not given its word on: proposed priorities, workplans and their revisions in review.

use std::collections::HashMap;

use super::{Look, Task, TaskSubject, Title};
use crate::{
    entity::objective,
    features::prioritization::endorsements::count::{Asked, waiting_for},
    problem::Problem,
};

/// For the substance as it reads now: a word that was given on another one does not count.
pub(super) async fn open(look: &Look<'_>) -> Result<Vec<Task>, Problem> {
    let Some(organization) = look.institution() else { return Ok(Vec::new()) };
    let mut rows = waiting_for(look.store, organization, look.here.today()).await?;
    rows.retain(|row| look.actor.sight().sees(row.audience(), None));
    let named = look.store.all(objective::Entity::all()).await?;
    let named: HashMap<_, _> = named.into_iter().map(|row| (row.number, row.title.widened())).collect();
    Ok(rows.iter().filter_map(|row| task(row, &named)).collect())
}

fn task(asked: &Asked, objectives: &HashMap<i16, Title>) -> Option<Task> {
    let title = match asked {
        Asked::Priority(row) => objectives.get(&row.objective_number)?.clone(),
        Asked::Workplan(row) => row.title.widened(),
        Asked::Revision(row) => row.title.widened(),
    };
    let subject = TaskSubject::new(asked.kind().kind(), asked.id());
    Some(Task { task: "endorsement_open", subject, title, due_on: None, since: asked.since(), reason: None })
}
