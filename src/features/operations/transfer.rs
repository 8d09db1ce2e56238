//! The whole record from an SQLite file to PostgreSQL: every table, those first that others point at.

use crate::{
    auth::secret_key::Sealer,
    entity::{
        account, activity, activity_action, activity_dependency, activity_objective, activity_party, activity_proposal, activity_province,
        activity_sdg_target, budget_line, comment, consultation, consultation_objective, consultation_party, consultation_sdg_goal,
        coordination_body, coordination_body_chair, coordination_body_member, credential, effort, effort_action, effort_objective,
        effort_party, effort_province, effort_sdg_target, endorsement, focal_point, focal_point_contact, known_network, milestone,
        nomination, objective, objective_cluster, objective_sdg_target, organization, outcome, outcome_objective, password_link,
        prioritization, prioritization_elector, priority, priority_supporter, progress_report, refresh_token, review_cycle, revoked_token,
        service_account, service_secret, session, signing_key, succession, succession_party, un_network_member,
        un_network_member_objective, un_network_member_role, workplan, workplan_priority, workplan_revision, workplan_version,
    },
    features::access::keys,
    problem::Problem,
    store::{Plan, Store, Transfer, TransferError},
};

/// The name of a signing key that the secret key does not open: the service could not sign with it at the other end.
pub async fn sealed_otherwise(from: &Store, sealer: &Sealer) -> Result<Option<String>, Problem> {
    keys::sealed_otherwise(from, sealer).await
}

/// Carries everything over, or nothing; tells which tables there were.
pub async fn transfer(from: &Store, to: &Store, told: &mut dyn FnMut(&str, u64)) -> Result<Vec<String>, TransferError> {
    let mut transfer = Transfer::begin(from, to, told).await?;
    institutions(&mut transfer).await?;
    framework(&mut transfer).await?;
    stocktaking(&mut transfer).await?;
    consultation(&mut transfer).await?;
    access(&mut transfer).await?;
    people(&mut transfer).await?;
    rounds(&mut transfer).await?;
    decisions(&mut transfer).await?;
    plans(&mut transfer).await?;
    activities(&mut transfer).await?;
    transfer.tables_of_the_store().await?;
    transfer.keep().await
}

async fn institutions(transfer: &mut Transfer<'_>) -> Result<(), TransferError> {
    transfer.table(Plan::<organization::Entity>::with_parent(organization::Column::ParentId)).await?;
    transfer.table(Plan::<succession::Entity>::plain()).await?;
    transfer.table(Plan::<succession_party::Entity>::plain()).await?;
    transfer.table(Plan::<un_network_member::Entity>::plain()).await?;
    transfer.table(Plan::<un_network_member_role::Entity>::plain()).await?;
    transfer.table(Plan::<un_network_member_objective::Entity>::plain()).await?;
    transfer.table(Plan::<coordination_body::Entity>::with_parent(coordination_body::Column::ParentId)).await?;
    transfer.table(Plan::<coordination_body_chair::Entity>::plain()).await?;
    transfer.table(Plan::<coordination_body_member::Entity>::plain()).await
}

async fn framework(transfer: &mut Transfer<'_>) -> Result<(), TransferError> {
    transfer.table(Plan::<objective::Entity>::plain()).await?;
    transfer.table(Plan::<objective_cluster::Entity>::plain()).await?;
    transfer.table(Plan::<objective_sdg_target::Entity>::plain()).await?;
    transfer.table(Plan::<review_cycle::Entity>::plain()).await
}

async fn stocktaking(transfer: &mut Transfer<'_>) -> Result<(), TransferError> {
    transfer.table(Plan::<effort::Entity>::plain()).await?;
    transfer.table(Plan::<effort_party::Entity>::plain()).await?;
    transfer.table(Plan::<effort_objective::Entity>::plain()).await?;
    transfer.table(Plan::<effort_action::Entity>::plain()).await?;
    transfer.table(Plan::<effort_sdg_target::Entity>::plain()).await?;
    transfer.table(Plan::<effort_province::Entity>::plain()).await
}

async fn consultation(transfer: &mut Transfer<'_>) -> Result<(), TransferError> {
    transfer.table(Plan::<consultation::Entity>::plain()).await?;
    transfer.table(Plan::<consultation_party::Entity>::plain()).await?;
    transfer.table(Plan::<consultation_objective::Entity>::plain()).await?;
    transfer.table(Plan::<consultation_sdg_goal::Entity>::plain()).await?;
    transfer.table(Plan::<outcome::Entity>::plain()).await?;
    transfer.table(Plan::<outcome_objective::Entity>::plain()).await
}

async fn access(transfer: &mut Transfer<'_>) -> Result<(), TransferError> {
    transfer.table(Plan::<account::Entity>::plain()).await?;
    transfer.table(Plan::<credential::Entity>::plain()).await?;
    transfer.table(Plan::<service_account::Entity>::plain()).await?;
    transfer.table(Plan::<service_secret::Entity>::plain()).await?;
    transfer.table(Plan::<signing_key::Entity>::plain()).await?;
    transfer.table(Plan::<session::Entity>::plain()).await?;
    transfer.table(Plan::<refresh_token::Entity>::plain()).await?;
    transfer.table(Plan::<revoked_token::Entity>::plain()).await?;
    transfer.table(Plan::<password_link::Entity>::plain()).await?;
    transfer.table(Plan::<known_network::Entity>::plain()).await
}

async fn people(transfer: &mut Transfer<'_>) -> Result<(), TransferError> {
    transfer.table(Plan::<focal_point::Entity>::plain()).await?;
    transfer.table(Plan::<focal_point_contact::Entity>::plain()).await
}

async fn decisions(transfer: &mut Transfer<'_>) -> Result<(), TransferError> {
    transfer.table(Plan::<priority::Entity>::plain()).await?;
    transfer.table(Plan::<priority_supporter::Entity>::plain()).await?;
    transfer.table(Plan::<endorsement::Entity>::plain()).await?;
    transfer.table(Plan::<comment::Entity>::with_parent(comment::Column::ParentId)).await
}

async fn rounds(transfer: &mut Transfer<'_>) -> Result<(), TransferError> {
    transfer.table(Plan::<prioritization::Entity>::plain()).await?;
    transfer.table(Plan::<prioritization_elector::Entity>::plain()).await?;
    transfer.table(Plan::<nomination::Entity>::plain()).await
}

async fn plans(transfer: &mut Transfer<'_>) -> Result<(), TransferError> {
    transfer.table(Plan::<workplan::Entity>::plain()).await?;
    transfer.table(Plan::<workplan_priority::Entity>::plain()).await?;
    transfer.table(Plan::<workplan_version::Entity>::plain()).await?;
    transfer.table(Plan::<workplan_revision::Entity>::plain()).await
}

async fn activities(transfer: &mut Transfer<'_>) -> Result<(), TransferError> {
    transfer.table(Plan::<activity::Entity>::plain()).await?;
    transfer.table(Plan::<activity_party::Entity>::plain()).await?;
    transfer.table(Plan::<activity_objective::Entity>::plain()).await?;
    transfer.table(Plan::<activity_action::Entity>::plain()).await?;
    transfer.table(Plan::<activity_sdg_target::Entity>::plain()).await?;
    transfer.table(Plan::<activity_province::Entity>::plain()).await?;
    transfer.table(Plan::<activity_dependency::Entity>::plain()).await?;
    transfer.table(Plan::<milestone::Entity>::plain()).await?;
    transfer.table(Plan::<budget_line::Entity>::plain()).await?;
    transfer.table(Plan::<activity_proposal::Entity>::plain()).await?;
    transfer.table(Plan::<progress_report::Entity>::plain()).await
}
