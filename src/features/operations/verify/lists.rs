//! Lists that stand in their row and once more in a table for filtering: both must say the same.

use std::{collections::HashMap, hash::Hash};

use uuid::Uuid;

use crate::{
    entity::{
        activity, activity_action, activity_dependency, activity_objective, activity_party, activity_province, activity_sdg_target,
        consultation, consultation_objective, consultation_party, consultation_sdg_goal, coordination_body, coordination_body_chair,
        effort, effort_action, effort_objective, effort_party, effort_province, effort_sdg_target, objective, objective_cluster,
        objective_sdg_target, outcome, outcome_objective, prioritization, prioritization_elector, priority, priority_supporter, succession,
        succession_party, un_network_member, un_network_member_objective, un_network_member_role, workplan, workplan_priority,
    },
    problem::Problem,
    store::Audit,
};

/// The entries of the table by the row that they belong to.
fn grouped<T>(entries: impl Iterator<Item = (Uuid, T)>) -> HashMap<Uuid, Vec<T>> {
    let mut groups: HashMap<Uuid, Vec<T>> = HashMap::new();
    entries.for_each(|(row, entry)| groups.entry(row).or_default().push(entry));
    groups
}

/// Whether both hold the same entries, in whatever order; the table holds each once.
fn same<T: Eq + Hash>(in_row: impl Iterator<Item = T>, in_table: Option<Vec<T>>) -> bool {
    let in_row: std::collections::HashSet<T> = in_row.collect();
    let in_table = in_table.unwrap_or_default();
    in_row.len() == in_table.len() && in_table.iter().all(|entry| in_row.contains(entry))
}

fn fault(kind: &str, id: impl std::fmt::Display) -> String {
    format!("{kind} {id}: the tables it is filtered by differ from the row")
}

pub(super) async fn objectives(audit: &Audit) -> Result<Vec<String>, Problem> {
    let clusters = audit.all(objective_cluster::Entity::all()).await?;
    let targets = audit.all(objective_sdg_target::Entity::all()).await?;
    let mut clusters = grouped(clusters.into_iter().map(|row| (row.objective_id, (row.scheme, row.number))));
    let mut targets = grouped(targets.into_iter().map(|row| (row.objective_id, row.code)));
    let mut faults = Vec::new();
    for row in audit.all(objective::Entity::all()).await? {
        let in_row = row.clusters.0.into_iter().map(|cluster| (cluster.scheme, cluster.number));
        if !same(in_row, clusters.remove(&row.id)) || !same(row.sdg_target_codes.0.into_iter(), targets.remove(&row.id)) {
            faults.push(fault("objective", row.number));
        }
    }
    Ok(faults)
}

pub(super) async fn un_network_members(audit: &Audit) -> Result<Vec<String>, Problem> {
    let roles = audit.all(un_network_member_role::Entity::all()).await?;
    let objectives = audit.all(un_network_member_objective::Entity::all()).await?;
    let mut roles = grouped(roles.into_iter().map(|row| (row.member_id, row.role)));
    let mut objectives = grouped(objectives.into_iter().map(|row| (row.member_id, row.number)));
    let mut faults = Vec::new();
    for row in audit.all(un_network_member::Entity::all()).await? {
        if !same(row.roles.0.into_iter(), roles.remove(&row.id)) || !same(row.objective_numbers.0.into_iter(), objectives.remove(&row.id)) {
            faults.push(fault("un_network_member", row.id));
        }
    }
    Ok(faults)
}

pub(super) async fn coordination_bodies(audit: &Audit) -> Result<Vec<String>, Problem> {
    let chairs = audit.all(coordination_body_chair::Entity::all()).await?;
    let mut chairs = grouped(chairs.into_iter().map(|row| (row.body_id, row.organization_id)));
    let rows = audit.all(coordination_body::Entity::all()).await?;
    let differing = rows
        .into_iter()
        .filter_map(|row| (!same(row.chair_ids.0.into_iter(), chairs.remove(&row.id))).then(|| fault("coordination_body", row.id)));
    Ok(differing.collect())
}

pub(super) async fn successions(audit: &Audit) -> Result<Vec<String>, Problem> {
    let parties = audit.all(succession_party::Entity::all()).await?;
    let mut parties = grouped(parties.into_iter().map(|row| (row.succession_id, (row.organization_id, row.side))));
    let rows = audit.all(succession::Entity::all()).await?;
    let differing = rows.into_iter().filter_map(|row| (!same(row.parties(), parties.remove(&row.id))).then(|| fault("succession", row.id)));
    Ok(differing.collect())
}

pub(super) async fn efforts(audit: &Audit) -> Result<Vec<String>, Problem> {
    let parties = audit.all(effort_party::Entity::all()).await?;
    let objectives = audit.all(effort_objective::Entity::all()).await?;
    let actions = audit.all(effort_action::Entity::all()).await?;
    let targets = audit.all(effort_sdg_target::Entity::all()).await?;
    let provinces = audit.all(effort_province::Entity::all()).await?;
    let mut parties = grouped(parties.into_iter().map(|row| (row.effort_id, (row.organization_id, row.role))));
    let mut objectives = grouped(objectives.into_iter().map(|row| (row.effort_id, row.number)));
    let mut actions = grouped(actions.into_iter().map(|row| (row.effort_id, row.code)));
    let mut targets = grouped(targets.into_iter().map(|row| (row.effort_id, row.code)));
    let mut provinces = grouped(provinces.into_iter().map(|row| (row.effort_id, row.code)));
    let mut faults = Vec::new();
    for row in audit.all(effort::Entity::all()).await? {
        let same = same(row.parties(), parties.remove(&row.id))
            && same(row.objective_numbers.0.into_iter(), objectives.remove(&row.id))
            && same(row.action_codes.0.into_iter(), actions.remove(&row.id))
            && same(row.sdg_target_codes.0.into_iter(), targets.remove(&row.id))
            && same(row.provinces.0.into_iter(), provinces.remove(&row.id));
        if !same {
            faults.push(fault("effort", row.id));
        }
    }
    Ok(faults)
}

pub(super) async fn consultations(audit: &Audit) -> Result<Vec<String>, Problem> {
    let parties = audit.all(consultation_party::Entity::all()).await?;
    let objectives = audit.all(consultation_objective::Entity::all()).await?;
    let goals = audit.all(consultation_sdg_goal::Entity::all()).await?;
    let mut parties = grouped(parties.into_iter().map(|row| (row.consultation_id, (row.organization_id, row.part))));
    let mut objectives = grouped(objectives.into_iter().map(|row| (row.consultation_id, row.number)));
    let mut goals = grouped(goals.into_iter().map(|row| (row.consultation_id, row.number)));
    let mut faults = Vec::new();
    for row in audit.all(consultation::Entity::all()).await? {
        let whole = same(row.parties().into_iter(), parties.remove(&row.id))
            && same(row.objective_numbers().into_iter(), objectives.remove(&row.id))
            && same(row.sdg_goal_numbers.0.into_iter(), goals.remove(&row.id));
        if !whole {
            faults.push(fault("consultation", row.id));
        }
    }
    Ok(faults)
}

pub(super) async fn outcomes(audit: &Audit) -> Result<Vec<String>, Problem> {
    let objectives = audit.all(outcome_objective::Entity::all()).await?;
    let mut objectives = grouped(objectives.into_iter().map(|row| (row.outcome_id, row.number)));
    let rows = audit.all(outcome::Entity::all()).await?;
    let differing = rows
        .into_iter()
        .filter_map(|row| (!same(row.objective_numbers.0.into_iter(), objectives.remove(&row.id))).then(|| fault("outcome", row.id)));
    Ok(differing.collect())
}

pub(super) async fn priorities(audit: &Audit) -> Result<Vec<String>, Problem> {
    let supporters = audit.all(priority_supporter::Entity::all()).await?;
    let mut supporters = grouped(supporters.into_iter().map(|row| (row.priority_id, row.organization_id)));
    let rows = audit.all(priority::Entity::all()).await?;
    let differing = rows
        .into_iter()
        .filter_map(|row| (!same(row.supporting_ids.0.into_iter(), supporters.remove(&row.id))).then(|| fault("priority", row.id)));
    Ok(differing.collect())
}

pub(super) async fn prioritizations(audit: &Audit) -> Result<Vec<String>, Problem> {
    let electors = audit.all(prioritization_elector::Entity::all()).await?;
    let mut electors = grouped(electors.into_iter().map(|row| (row.prioritization_id, row.organization_id)));
    let rows = audit.all(prioritization::Entity::all()).await?;
    let differing = rows
        .into_iter()
        .filter_map(|row| (!same(row.electorate_ids.0.into_iter(), electors.remove(&row.id))).then(|| fault("prioritization", row.id)));
    Ok(differing.collect())
}

pub(super) async fn workplans(audit: &Audit) -> Result<Vec<String>, Problem> {
    let priorities = audit.all(workplan_priority::Entity::all()).await?;
    let mut priorities = grouped(priorities.into_iter().map(|row| (row.workplan_id, row.priority_id)));
    let rows = audit.all(workplan::Entity::all()).await?;
    let differing = rows
        .into_iter()
        .filter_map(|row| (!same(row.priority_ids.0.into_iter(), priorities.remove(&row.id))).then(|| fault("workplan", row.id)));
    Ok(differing.collect())
}

pub(super) async fn activities(audit: &Audit) -> Result<Vec<String>, Problem> {
    let parties = audit.all(activity_party::Entity::all()).await?;
    let objectives = audit.all(activity_objective::Entity::all()).await?;
    let actions = audit.all(activity_action::Entity::all()).await?;
    let targets = audit.all(activity_sdg_target::Entity::all()).await?;
    let provinces = audit.all(activity_province::Entity::all()).await?;
    let dependencies = audit.all(activity_dependency::Entity::all()).await?;
    let mut parties = grouped(parties.into_iter().map(|row| (row.activity_id, (row.organization_id, row.role))));
    let mut objectives = grouped(objectives.into_iter().map(|row| (row.activity_id, row.number)));
    let mut actions = grouped(actions.into_iter().map(|row| (row.activity_id, row.code)));
    let mut targets = grouped(targets.into_iter().map(|row| (row.activity_id, row.code)));
    let mut provinces = grouped(provinces.into_iter().map(|row| (row.activity_id, row.code)));
    let mut dependencies = grouped(dependencies.into_iter().map(|row| (row.activity_id, row.on_id)));
    let mut faults = Vec::new();
    for row in audit.all(activity::Entity::all()).await? {
        let same = same(row.parties.0.into_iter().map(|party| (party.organization_id, party.role)), parties.remove(&row.id))
            && same(row.objective_numbers.0.into_iter(), objectives.remove(&row.id))
            && same(row.action_codes.0.into_iter(), actions.remove(&row.id))
            && same(row.sdg_target_codes.0.into_iter(), targets.remove(&row.id))
            && same(row.provinces.0.into_iter(), provinces.remove(&row.id))
            && same(row.depends_on.0.into_iter(), dependencies.remove(&row.id));
        if !same {
            faults.push(fault("activity", row.id));
        }
    }
    Ok(faults)
}
