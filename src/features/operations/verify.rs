//! Verification of the whole record: the chain of changes, and the tables against it.

use std::collections::{BTreeMap, HashMap};

use sea_orm::{EntityTrait, Select};
use serde_json::to_value;

use crate::{
    entity::{account, objective, organization, service_account},
    kind::Kind,
    problem::Problem,
    store::{
        Store, Tracked,
        canonical::canonical,
        change_log::{Op, Verified, Walk, change},
    },
};

/// Walks the chain; with `bodies`, every digest is recomputed and every tracked row held against its last change.
pub async fn verify(
    store: &Store,
    bodies: bool,
    anchor: Option<(i64, String)>,
    progress: &mut dyn FnMut(i64),
) -> Result<Verified, Problem> {
    let mut last: HashMap<(String, String), (Op, Option<String>)> = HashMap::new();
    let mut each = |row: &change::Model| {
        if bodies && row.op != Op::Audience {
            last.insert((row.kind.clone(), row.resource_id.clone()), (row.op, row.body.clone()));
        }
        progress(row.seq);
    };
    let mut found = store.verify_changes(Walk::new(bodies, anchor, &mut each)).await?;
    if bodies {
        let mut expected: BTreeMap<(String, String), String> =
            last.into_iter().filter(|(_, (op, _))| *op != Op::Delete).filter_map(|(row, (_, body))| body.map(|body| (row, body))).collect();
        for kind in Kind::ALL {
            let faults = match kind {
                Kind::Objective => rows::<objective::Entity>(store, objective::Entity::all(), &mut expected).await?,
                Kind::Organization => rows::<organization::Entity>(store, organization::Entity::all(), &mut expected).await?,
                Kind::Account => rows::<account::Entity>(store, account::Entity::all(), &mut expected).await?,
                Kind::ServiceAccount => rows::<service_account::Entity>(store, service_account::Entity::all(), &mut expected).await?,
            };
            found.faults.extend(faults);
        }
        found.faults.extend(expected.into_keys().map(|(kind, id)| format!("{kind} {id}: the row is gone, but no deletion is in the log")));
    }
    Ok(found)
}

async fn rows<E: Tracked>(
    store: &Store,
    all: Select<E>,
    expected: &mut BTreeMap<(String, String), String>,
) -> Result<Vec<String>, Problem> {
    let mut faults = Vec::new();
    for row in store.all(all).await? {
        let id = E::public_id(&row)?;
        let name = format!("{} {id}", E::KIND);
        let body = canonical(&to_value::<<E as EntityTrait>::Model>(row).map_err(Problem::internal)?)?;
        match expected.remove(&(E::KIND.name().to_owned(), id)) {
            None => faults.push(format!("{name}: the row is there, but no change made it")),
            Some(logged) if logged != body => faults.push(format!("{name}: the row differs from its last change")),
            Some(_) => {}
        }
    }
    Ok(faults)
}
