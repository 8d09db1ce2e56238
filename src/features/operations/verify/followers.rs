//! Rows that are seen as another row is: they must have followed it wherever it went.

use std::collections::HashMap;

use uuid::Uuid;

use crate::{
    auth::Audience,
    entity::{
        activity, budget_line,
        comment::{self, CommentedKind},
        effort, milestone, nomination, prioritization, priority, progress_report, workplan,
    },
    problem::Problem,
    store::{Audit, Stamp, Tracked},
};

fn fault(kind: &str, id: Uuid, followed: &str) -> String {
    format!("{kind} {id}: it is seen otherwise than the {followed} that it follows")
}

pub(super) async fn nominations(audit: &Audit) -> Result<Vec<String>, Problem> {
    let rounds = audit.all(prioritization::Entity::all()).await?;
    let states: HashMap<Uuid, _> = rounds.into_iter().map(|round| (round.id, round.state)).collect();
    let rows = audit.all(nomination::Entity::all()).await?;
    let astray = rows.into_iter().filter(|row| states.get(&row.prioritization_id) != Some(&row.round_state));
    Ok(astray.map(|row| fault("nomination", row.id, "round")).collect())
}

/// A comment on a row that was deleted since is seen as that was in the end.
pub(super) async fn comments(audit: &Audit) -> Result<Vec<String>, Problem> {
    let mut sights = sights(CommentedKind::Effort, audit.all(effort::Entity::all()).await?)?;
    sights.extend(self::sights(CommentedKind::Nomination, audit.all(nomination::Entity::all()).await?)?);
    sights.extend(self::sights(CommentedKind::Priority, audit.all(priority::Entity::all()).await?)?);
    sights.extend(self::sights(CommentedKind::Workplan, audit.all(workplan::Entity::all()).await?)?);
    sights.extend(self::sights(CommentedKind::Activity, audit.all(activity::Entity::all()).await?)?);
    let rows = audit.all(comment::Entity::all()).await?;
    let astray = rows.into_iter().filter(|row| {
        let subject = sights.get(&(row.subject_kind, row.subject_id));
        subject.is_some_and(|sight| *sight != (row.owner_id, row.audience))
    });
    Ok(astray.map(|row| fault("comment", row.id, row.subject_kind.kind().name())).collect())
}

type Sights = HashMap<(CommentedKind, Uuid), (Option<Uuid>, Audience)>;

fn sights<M: sea_orm::ModelTrait<Entity: Tracked<Model = M>>>(kind: CommentedKind, rows: Vec<M>) -> Result<Sights, Problem> {
    let sight = |row: &M| Stamp::of::<M::Entity>(row).map(|stamp| ((kind, stamp.id), (stamp.owner_id, stamp.audience)));
    rows.iter().map(sight).collect()
}

/// Each activity by its id.
async fn activities(audit: &Audit) -> Result<HashMap<Uuid, activity::Model>, Problem> {
    Ok(audit.all(activity::Entity::all()).await?.into_iter().map(|row| (row.id, row)).collect())
}

pub(super) async fn milestones(audit: &Audit) -> Result<Vec<String>, Problem> {
    let activities = activities(audit).await?;
    let rows = audit.all(milestone::Entity::all()).await?.into_iter();
    let astray = rows.filter(|row| {
        activities.get(&row.activity_id).is_none_or(|activity| (activity.audience, &activity.parties) != (row.audience, &row.parties))
    });
    Ok(astray.map(|row| fault("milestone", row.id, "activity")).collect())
}

pub(super) async fn budget_lines(audit: &Audit) -> Result<Vec<String>, Problem> {
    let activities = activities(audit).await?;
    let rows = audit.all(budget_line::Entity::all()).await?.into_iter();
    let astray = rows.filter(|row| activities.get(&row.activity_id).is_none_or(|activity| activity.audience != row.audience));
    Ok(astray.map(|row| fault("budget_line", row.id, "activity")).collect())
}

pub(super) async fn progress_reports(audit: &Audit) -> Result<Vec<String>, Problem> {
    let activities = activities(audit).await?;
    let rows = audit.all(progress_report::Entity::all()).await?.into_iter();
    let astray = rows.filter(|row| activities.get(&row.activity_id).is_none_or(|activity| activity.parties != row.parties));
    Ok(astray.map(|row| fault("progress_report", row.id, "activity")).collect())
}
