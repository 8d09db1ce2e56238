//! Outcomes of consultations that the caller's institution is to carry out.

use sea_orm::QueryFilter;

use super::{Look, Task, TaskSubject};
use crate::{
    entity::outcome::{Entity, Model, waiting_for},
    kind::Kind,
    problem::Problem,
    store::visible,
};

pub(super) async fn due(look: &Look<'_>) -> Result<Vec<Task>, Problem> {
    let Some(organization) = look.organization() else { return Ok(Vec::new()) };
    let rows = look.store.all(visible::<Entity>(look.actor)?.filter(waiting_for(organization))).await?;
    Ok(rows.iter().map(task).collect())
}

fn task(row: &Model) -> Task {
    Task {
        task: "outcome_due",
        subject: TaskSubject::new(Kind::Outcome, row.id),
        title: row.text.clone(),
        due_on: row.due_on,
        since: row.created_at,
        reason: None,
    }
}
