//! Verification of the whole record: the chain of changes, and the tables against it.

use crate::{
    entity::{account, objective, objective_cluster, objective_sdg_target, organization, service_account},
    kind::Kind,
    problem::Problem,
    store::{
        Audit, LastChanges, Store,
        change_log::{Verified, Walk, change},
    },
};

/// What no change covers, and so no verification: said in every report.
pub const NOT_COVERED: &str = "Not covered: passwords, client secrets and signing keys themselves, kept answers of repeated requests, and the database's own programs (triggers, rights).";

/// Walks the chain; with `bodies`, every digest is recomputed and every tracked row held against its last change, and what is derived from rows
/// against them. All of it at one moment, so that writers need not wait.
pub async fn verify(
    store: &Store,
    bodies: bool,
    anchor: Option<(i64, String)>,
    progress: &mut dyn FnMut(i64),
) -> Result<Verified, Problem> {
    let audit = store.audit().await?;
    let mut last = LastChanges::default();
    let mut each = |row: &change::Model| {
        if bodies {
            last.saw(row);
        }
        progress(row.seq);
    };
    let mut found = audit.chain(Walk::new(bodies, anchor, &mut each)).await?;
    if bodies {
        for kind in Kind::ALL {
            match kind {
                Kind::Objective => {
                    audit.rows::<objective::Entity>(&mut last, &mut found.faults).await?;
                    found.faults.extend(objective_lists(&audit).await?);
                }
                Kind::Organization => audit.rows::<organization::Entity>(&mut last, &mut found.faults).await?,
                Kind::Account => audit.rows::<account::Entity>(&mut last, &mut found.faults).await?,
                Kind::ServiceAccount => audit.rows::<service_account::Entity>(&mut last, &mut found.faults).await?,
            }
        }
        found.faults.extend(audit.gone(last).await?);
    }
    Ok(found)
}

/// The tables by which objectives are filtered, against the lists in their rows.
async fn objective_lists(audit: &Audit) -> Result<Vec<String>, Problem> {
    let clusters = audit.all(objective_cluster::Entity::all()).await?;
    let targets = audit.all(objective_sdg_target::Entity::all()).await?;
    let mut faults = Vec::new();
    for row in audit.all(objective::Entity::all()).await? {
        let mut in_row: Vec<_> = row.clusters.0.iter().map(|cluster| (cluster.scheme.as_str(), cluster.number)).collect();
        let of_row = clusters.iter().filter(|cluster| cluster.objective_id == row.id);
        let mut in_table: Vec<_> = of_row.map(|cluster| (cluster.scheme.as_str(), cluster.number)).collect();
        in_row.sort_unstable();
        in_table.sort_unstable();
        let mut codes: Vec<_> = row.sdg_target_codes.0.iter().map(String::as_str).collect();
        let mut coded: Vec<_> = targets.iter().filter(|target| target.objective_id == row.id).map(|target| target.code.as_str()).collect();
        codes.sort_unstable();
        coded.sort_unstable();
        if in_row != in_table || codes != coded {
            faults.push(format!("objective {}: the tables it is filtered by differ from the row", row.number));
        }
    }
    Ok(faults)
}
