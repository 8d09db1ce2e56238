//! Progress reports that the caller's institution owes, and those of its own that the lead ministry sent back.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use sea_orm::{ColumnTrait, QueryFilter};
use uuid::Uuid;

use super::{Look, Task, TaskSubject, first_moment_after};
use crate::{
    entity::{
        activity::{self, ActivityRole},
        progress_report::{self, Model, due_on, returned_to},
        workplan, workplan_version,
    },
    features::workplan::owed::owed,
    kind::Kind,
    problem::Problem,
    store::{change_log::Moved, visible},
};

/// For whoever leads an activity: each period that has ended and on which nobody has submitted a report.
pub(super) async fn due(look: &Look<'_>) -> Result<Vec<Task>, Problem> {
    let Some(organization) = look.institution() else { return Ok(Vec::new()) };
    let today = look.here.today();
    let mut tasks = Vec::new();
    for plan in look.store.all(visible::<workplan::Entity>(look.actor)?.filter(workplan::carried_out())).await? {
        let mut activities = look.store.all(activity::Entity::led_by(plan.id, organization)).await?;
        activities.retain(|row| look.actor.sight().sees(row.audience, row.owner_id));
        let approved = approvals(look, plan.id).await?;
        let mut told: HashMap<Uuid, Vec<Model>> = HashMap::new();
        for report in look.store.all(progress_report::Entity::of(activities.iter().map(|row| row.id))).await? {
            told.entry(report.activity_id).or_default().push(report);
        }
        for row in &activities {
            let approved_on = row.added_in_version.and_then(|version| approved.get(&version)).copied();
            let reports = told.get(&row.id).map(Vec::as_slice).unwrap_or_default();
            tasks.extend(owed(&plan, approved_on, row, reports, today).into_iter().map(|(_, end)| due_task(look, row, end)));
        }
    }
    Ok(tasks)
}

/// The day on which each version of a plan was approved.
async fn approvals(look: &Look<'_>, plan: Uuid) -> Result<HashMap<i64, NaiveDate>, Problem> {
    let heads: Vec<workplan_version::Head> = look.store.tally(workplan_version::Entity::heads(plan)).await?;
    Ok(heads.into_iter().map(|head| (head.version, head.approved_on)).collect())
}

fn due_task(look: &Look<'_>, row: &activity::Model, period_end: NaiveDate) -> Task {
    Task {
        task: "report_due",
        subject: TaskSubject::new(Kind::Activity, row.id),
        title: row.title.widened(),
        due_on: Some(due_on(period_end)),
        since: first_moment_after(look, period_end).unwrap_or(row.updated_at),
        reason: None,
    }
}

/// For whoever reported: what came back, as long as it can be sent in again. The reason of the return is the reason of the task.
pub(super) async fn returned(look: &Look<'_>) -> Result<Vec<Task>, Problem> {
    let Some(organization) = look.organization() else { return Ok(Vec::new()) };
    let mut rows = look.store.all(visible::<progress_report::Entity>(look.actor)?.filter(returned_to(organization))).await?;
    rows.retain(|row| reports(row, organization));
    let ids: HashSet<Uuid> = rows.iter().map(|row| row.activity_id).collect();
    let named = look.store.all(visible::<activity::Entity>(look.actor)?.filter(activity::Column::Id.is_in(ids))).await?;
    let named: HashMap<Uuid, activity::Model> = named.into_iter().map(|row| (row.id, row)).collect();
    let ids: Vec<String> = rows.iter().map(|row| row.id.to_string()).collect();
    let moved = look.store.newest_moves(Kind::ProgressReport, &ids).await?;
    let task = |row: &Model| Some(returned_task(row, named.get(&row.activity_id)?, moved.get(&row.id.to_string())));
    Ok(rows.iter().filter_map(task).collect())
}

/// Whether the organization still takes part in the activity in a way in which one reports.
fn reports(row: &Model, organization: Uuid) -> bool {
    let reporting = [ActivityRole::Lead, ActivityRole::CoLead, ActivityRole::Implementing];
    row.parties.0.iter().any(|party| party.organization_id == organization && reporting.contains(&party.role))
}

fn returned_task(row: &Model, activity: &activity::Model, moved: Option<&Moved>) -> Task {
    Task {
        task: "report_returned",
        subject: TaskSubject::new(Kind::ProgressReport, row.id),
        title: activity.title.widened(),
        due_on: Some(row.due_on),
        since: moved.map_or(row.updated_at, |moved| moved.at),
        reason: moved.and_then(|moved| moved.reason.clone()),
    }
}
