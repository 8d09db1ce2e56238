//! Efforts of the caller's institution that the lead ministry sent back.

use sea_orm::QueryFilter;

use super::{Look, Task, TaskSubject};
use crate::{
    entity::effort::{Entity, Model, returned_to},
    kind::Kind,
    problem::Problem,
    store::{change_log::Moved, visible},
};

/// The reason of the return is the reason of the task.
pub(super) async fn returned(look: &Look<'_>) -> Result<Vec<Task>, Problem> {
    let Some(organization) = look.organization() else { return Ok(Vec::new()) };
    let rows = look.store.all(visible::<Entity>(look.actor)?.filter(returned_to(organization))).await?;
    let ids: Vec<String> = rows.iter().map(|row| row.id.to_string()).collect();
    let moved = look.store.newest_moves(Kind::Effort, &ids).await?;
    Ok(rows.iter().map(|row| task(row, moved.get(&row.id.to_string()))).collect())
}

fn task(row: &Model, moved: Option<&Moved>) -> Task {
    Task {
        task: "effort_returned",
        subject: TaskSubject::new(Kind::Effort, row.id),
        title: row.title.widened(),
        due_on: None,
        since: moved.map_or(row.updated_at, |moved| moved.at),
        reason: moved.and_then(|moved| moved.reason.clone()),
    }
}
