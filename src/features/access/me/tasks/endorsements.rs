//! Proposed priorities on which the caller's institution is asked for its word and has not given it.

use super::{Look, Task, TaskSubject};
use crate::{
    clock::Timestamp, entity::priority::Model, features::prioritization::endorsements::count::waiting_for, kind::Kind, problem::Problem,
};

/// For the substance as it reads now: a word that was given on another one does not count.
pub(super) async fn open(look: &Look<'_>) -> Result<Vec<Task>, Problem> {
    let Some(organization) = look.organization() else { return Ok(Vec::new()) };
    let rows = waiting_for(look.store, organization, look.here.today()).await?;
    let ids: Vec<String> = rows.iter().map(|row| row.id.to_string()).collect();
    let moved = look.store.newest_moves(Kind::Priority, &ids).await?;
    let sight = look.actor.sight();
    let seen = rows.into_iter().filter(|row| sight.sees(row.audience, row.owner_id));
    Ok(seen.map(|row| task(moved.get(&row.id.to_string()).map_or(row.created_at, |moved| moved.at), row)).collect())
}
