//! Versions of workplans: each must be what its digest says, and the newest the one that its plan names.

use std::collections::HashMap;

use uuid::Uuid;

use crate::{
    auth::password::sha256_hex,
    entity::{workplan, workplan_version},
    problem::Problem,
    store::Audit,
};

pub(super) async fn kept(audit: &Audit) -> Result<Vec<String>, Problem> {
    let mut faults = Vec::new();
    let mut newest: HashMap<Uuid, (i64, String)> = HashMap::new();
    for row in audit.all(workplan_version::Entity::all()).await? {
        let found = sha256_hex(&row.content);
        if found != row.sha256 {
            faults.push(format!("workplan {}: version {} is not what was approved", row.workplan_id, row.version));
        }
        let known = newest.entry(row.workplan_id).or_insert((row.version, found.clone()));
        if known.0 < row.version {
            *known = (row.version, found);
        }
    }
    for plan in audit.all(workplan::Entity::all()).await? {
        if newest.get(&plan.id).cloned() != plan.version.zip(plan.version_sha256) {
            faults.push(format!("workplan {}: it names another version than the newest that was approved", plan.id));
        }
    }
    Ok(faults)
}
