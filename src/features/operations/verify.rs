//! Verification of the whole record: the chain of changes, and the tables against it.

mod followers;
mod lists;
mod versions;

use crate::{
    entity::{
        account, activity, activity_proposal, budget_line, comment, consultation, coordination_body, coordination_body_member, effort,
        endorsement, focal_point, milestone, nomination, objective, organization, outcome, prioritization, priority, progress_report,
        review_cycle, service_account, succession, un_network_member, workplan, workplan_revision,
    },
    kind::Kind,
    problem::Problem,
    store::{Store, Verified, Walk},
};

/// What no change covers, and so no verification: said in every report.
pub const NOT_COVERED: &str = "Not covered: passwords, client secrets, contacts and signing keys themselves, kept answers of repeated requests, and the database's own programs (triggers, rights).";

/// Walks the chain; with `bodies`, every digest is recomputed and every tracked row held against its last change, and what is derived from rows
/// against them. All of it at one moment, so that writers need not wait.
pub async fn verify(
    store: &Store,
    bodies: bool,
    anchor: Option<(i64, String)>,
    progress: impl FnMut(i64) + Send + 'static,
) -> Result<Verified, Problem> {
    let audit = store.audit().await?;
    let (mut found, mut last) = audit.chain(Walk { bodies, anchor, progress: Box::new(progress) }).await?;
    if bodies {
        for kind in Kind::ALL {
            match kind {
                Kind::Objective => {
                    audit.rows::<objective::Entity>(&mut last, &mut found.faults).await?;
                    found.faults.extend(lists::objectives(&audit).await?);
                }
                Kind::Organization => audit.rows::<organization::Entity>(&mut last, &mut found.faults).await?,
                Kind::Account => audit.rows::<account::Entity>(&mut last, &mut found.faults).await?,
                Kind::ServiceAccount => audit.rows::<service_account::Entity>(&mut last, &mut found.faults).await?,
                Kind::FocalPoint => audit.rows::<focal_point::Entity>(&mut last, &mut found.faults).await?,
                Kind::UnNetworkMember => {
                    audit.rows::<un_network_member::Entity>(&mut last, &mut found.faults).await?;
                    found.faults.extend(lists::un_network_members(&audit).await?);
                }
                Kind::CoordinationBody => {
                    audit.rows::<coordination_body::Entity>(&mut last, &mut found.faults).await?;
                    found.faults.extend(lists::coordination_bodies(&audit).await?);
                }
                Kind::CoordinationBodyMember => audit.rows::<coordination_body_member::Entity>(&mut last, &mut found.faults).await?,
                Kind::ReviewCycle => audit.rows::<review_cycle::Entity>(&mut last, &mut found.faults).await?,
                Kind::Succession => {
                    audit.rows::<succession::Entity>(&mut last, &mut found.faults).await?;
                    found.faults.extend(lists::successions(&audit).await?);
                }
                Kind::Effort => {
                    audit.rows::<effort::Entity>(&mut last, &mut found.faults).await?;
                    found.faults.extend(lists::efforts(&audit).await?);
                }
                Kind::Consultation => {
                    audit.rows::<consultation::Entity>(&mut last, &mut found.faults).await?;
                    found.faults.extend(lists::consultations(&audit).await?);
                }
                Kind::Outcome => {
                    audit.rows::<outcome::Entity>(&mut last, &mut found.faults).await?;
                    found.faults.extend(lists::outcomes(&audit).await?);
                }
                Kind::Priority => {
                    audit.rows::<priority::Entity>(&mut last, &mut found.faults).await?;
                    found.faults.extend(lists::priorities(&audit).await?);
                }
                Kind::Endorsement => audit.rows::<endorsement::Entity>(&mut last, &mut found.faults).await?,
                Kind::Comment => {
                    audit.rows::<comment::Entity>(&mut last, &mut found.faults).await?;
                    found.faults.extend(followers::comments(&audit).await?);
                }
                Kind::Prioritization => {
                    audit.rows::<prioritization::Entity>(&mut last, &mut found.faults).await?;
                    found.faults.extend(lists::prioritizations(&audit).await?);
                }
                Kind::Nomination => {
                    audit.rows::<nomination::Entity>(&mut last, &mut found.faults).await?;
                    found.faults.extend(followers::nominations(&audit).await?);
                }
                Kind::Workplan => {
                    audit.rows::<workplan::Entity>(&mut last, &mut found.faults).await?;
                    found.faults.extend(lists::workplans(&audit).await?);
                    found.faults.extend(versions::kept(&audit).await?);
                }
                Kind::WorkplanRevision => audit.rows::<workplan_revision::Entity>(&mut last, &mut found.faults).await?,
                Kind::Activity => {
                    audit.rows::<activity::Entity>(&mut last, &mut found.faults).await?;
                    found.faults.extend(lists::activities(&audit).await?);
                }
                Kind::ActivityProposal => audit.rows::<activity_proposal::Entity>(&mut last, &mut found.faults).await?,
                Kind::Milestone => {
                    audit.rows::<milestone::Entity>(&mut last, &mut found.faults).await?;
                    found.faults.extend(followers::milestones(&audit).await?);
                }
                Kind::BudgetLine => {
                    audit.rows::<budget_line::Entity>(&mut last, &mut found.faults).await?;
                    found.faults.extend(followers::budget_lines(&audit).await?);
                }
                Kind::ProgressReport => {
                    audit.rows::<progress_report::Entity>(&mut last, &mut found.faults).await?;
                    found.faults.extend(followers::progress_reports(&audit).await?);
                }
            }
        }
        found.faults.extend(audit.gone(last).await?);
    }
    Ok(found)
}
