//! Duties that a succession left openly without an heir, and that nobody has taken up since.

use std::collections::HashMap;

use sea_orm::{ColumnTrait, Condition, QueryFilter};
use uuid::Uuid;

use super::{Look, Task, TaskSubject, Title};
use crate::{
    auth::Role,
    clock::Timestamp,
    entity::{
        account, activity, objective, organization, outcome, service_account,
        succession::{self, Model},
    },
    features::institutions::duties::DutyKind,
    kind::Kind,
    problem::Problem,
    store::{Tracked, visible},
};

/// What was left, by kind and row: the act that left it, and when.
type Left = HashMap<(DutyKind, String), (Uuid, Timestamp)>;

/// Duties that stay when the institution ends.
const LASTING: [DutyKind; 6] =
    [DutyKind::ObjectiveLead, DutyKind::Outcome, DutyKind::Parent, DutyKind::Account, DutyKind::ServiceAccount, DutyKind::ActivityParty];

/// To whoever can give it to somebody: accounts to administrators, everything else to the lead ministry. What ended with its institution, such as a
/// membership, waits for nobody.
pub(super) async fn duties(look: &Look<'_>) -> Result<Vec<Task>, Problem> {
    let (content, accounts) = (look.is(Role::Coordinator), look.is(Role::Administrator));
    if !content && !accounts {
        return Ok(Vec::new());
    }
    let acts = look.store.all(visible::<succession::Entity>(look.actor)?.filter(succession::leaving_duties())).await?;
    let ids: Vec<String> = acts.iter().map(|act| act.id.to_string()).collect();
    let moved = look.store.newest_moves(Kind::Succession, &ids).await?;
    let left = left(&acts, |act| moved.get(&act.id.to_string()).map_or(act.updated_at, |moved| moved.at));
    let mut tasks = Vec::new();
    if content {
        tasks.extend(objectives(look, &left).await?);
        tasks.extend(outcomes(look, &left).await?);
        tasks.extend(parents(look, &left).await?);
        tasks.extend(activities(look, &left).await?);
    } else {
        tasks.extend(people(look, &left).await?);
        tasks.extend(machines(look, &left).await?);
    }
    Ok(tasks)
}

/// What these acts left; of two that name the same, the later one counts.
fn left(acts: &[Model], since: impl Fn(&Model) -> Timestamp) -> Left {
    let mut left = Left::new();
    for act in acts {
        let at = since(act);
        for entry in act.reassignments.0.iter().filter(|entry| entry.to_id.is_none()) {
            let Some(kind) = LASTING.iter().find(|kind| kind.name() == entry.kind.as_str()) else { continue };
            let known = left.entry((*kind, entry.id.clone())).or_insert((act.id, at));
            if known.1 < at {
                *known = (act.id, at);
            }
        }
    }
    left
}

async fn objectives(look: &Look<'_>, left: &Left) -> Result<Vec<Task>, Problem> {
    let numbers: Vec<i16> = keys(left, DutyKind::ObjectiveLead);
    let open = Condition::all().add(objective::Column::Number.is_in(numbers)).add(objective::Column::NationalLeadId.is_null());
    let rows = rows::<objective::Entity>(look, open).await?;
    Ok(tasks(left, DutyKind::ObjectiveLead, Kind::Objective, rows.iter().map(|row| (row.number.to_string(), row.title.widened()))))
}

async fn outcomes(look: &Look<'_>, left: &Left) -> Result<Vec<Task>, Problem> {
    let ids: Vec<Uuid> = keys(left, DutyKind::Outcome);
    let open = outcome::waiting().add(outcome::Column::Id.is_in(ids)).add(outcome::Column::ResponsibleId.is_null());
    let rows = rows::<outcome::Entity>(look, open).await?;
    Ok(tasks(left, DutyKind::Outcome, Kind::Outcome, rows.iter().map(|row| (row.id.to_string(), row.text.clone()))))
}

async fn parents(look: &Look<'_>, left: &Left) -> Result<Vec<Task>, Problem> {
    let ids: Vec<Uuid> = keys(left, DutyKind::Parent);
    let open = organization::in_use_on(look.here.today());
    let open = open.add(organization::Column::Id.is_in(ids)).add(organization::Column::ParentId.is_null());
    let rows = rows::<organization::Entity>(look, open).await?;
    Ok(tasks(left, DutyKind::Parent, Kind::Organization, rows.iter().map(|row| (row.id.to_string(), row.name.widened()))))
}

/// Activities that nobody leads; without another of its parties an activity goes on.
async fn activities(look: &Look<'_>, left: &Left) -> Result<Vec<Task>, Problem> {
    let ids: Vec<Uuid> = keys(left, DutyKind::ActivityParty);
    let rows = rows::<activity::Entity>(look, activity::those_of(ids).add(activity::leaderless())).await?;
    Ok(tasks(left, DutyKind::ActivityParty, Kind::Activity, rows.iter().map(|row| (row.id.to_string(), row.title.widened()))))
}

async fn people(look: &Look<'_>, left: &Left) -> Result<Vec<Task>, Problem> {
    use account::Column;

    let ids: Vec<Uuid> = keys(left, DutyKind::Account);
    let open = Condition::all().add(Column::Id.is_in(ids)).add(Column::OrganizationId.is_null()).add(Column::ArchivedAt.is_null());
    let rows = rows::<account::Entity>(look, open).await?;
    let rows = rows.iter().filter(|row| row.role.needs_organization());
    Ok(tasks(left, DutyKind::Account, Kind::Account, rows.map(|row| (row.id.to_string(), look.name(row.display_name.as_str())))))
}

async fn machines(look: &Look<'_>, left: &Left) -> Result<Vec<Task>, Problem> {
    use service_account::Column;

    let ids: Vec<Uuid> = keys(left, DutyKind::ServiceAccount);
    let open = Condition::all().add(Column::Id.is_in(ids)).add(Column::OrganizationId.is_null()).add(Column::ArchivedAt.is_null());
    let rows = rows::<service_account::Entity>(look, open).await?;
    let rows = rows.iter().filter(|row| row.role.needs_organization());
    Ok(tasks(left, DutyKind::ServiceAccount, Kind::ServiceAccount, rows.map(|row| (row.id.to_string(), look.name(row.name.as_str())))))
}

async fn rows<E: Tracked>(look: &Look<'_>, which: Condition) -> Result<Vec<E::Model>, Problem> {
    look.store.all(visible::<E>(look.actor)?.filter(which)).await
}

/// The rows of this kind that were left, by the key that their column has.
fn keys<K: std::str::FromStr>(left: &Left, of: DutyKind) -> Vec<K> {
    left.keys().filter(|(kind, _)| *kind == of).filter_map(|(_, id)| id.parse().ok()).collect()
}

fn tasks(left: &Left, duty: DutyKind, kind: Kind, rows: impl Iterator<Item = (String, Title)>) -> Vec<Task> {
    rows.filter_map(|(id, title)| {
        let (act, since) = *left.get(&(duty, id.clone()))?;
        let subject = TaskSubject::new(kind, id);
        Some(Task { task: "duty_unassigned", subject, title, due_on: None, since, reason: Some(format!("succession {act}")) })
    })
    .collect()
}
