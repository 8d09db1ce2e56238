//! The nominations and priorities of the cells.

use sea_orm::{ColumnTrait, QueryFilter};
use uuid::Uuid;

use super::{
    CoverageBy,
    counting::{Across, Cells, Scope, clusters_of, narrowed},
};
use crate::{
    auth::Actor,
    entity::{
        nomination::{self, Given},
        objective,
        prioritization::RoundState,
        priority::{self, Led, PriorityState},
    },
    problem::Problem,
    store::{Store, visible},
};

/// The states of rounds in which a nomination stands.
const HELD: [RoundState; 3] = [RoundState::Open, RoundState::Closed, RoundState::Finalized];

/// The states of priorities that were not given up.
const STANDING: [PriorityState; 3] = [PriorityState::Proposed, PriorityState::Agreed, PriorityState::Adopted];

/// Adds what the caller may see, as in the lists that the cells lead to.
pub async fn count(store: &Store, actor: &Actor, scope: &Scope, objectives: &[objective::Model], cells: &mut Cells) -> Result<(), Problem> {
    if scope.by == CoverageBy::SdgTarget {
        return Ok(());
    }
    for Given { objective_number, organization_id, many } in given(store, actor, scope).await? {
        for across in crossed(scope.by, objectives, objective_number, Some(organization_id)) {
            cells.cells.entry((objective_number, across)).or_default().nominations += many;
        }
    }
    for Led { objective_number, lead_id, many } in led(store, actor, scope).await? {
        for across in crossed(scope.by, objectives, objective_number, lead_id) {
            cells.cells.entry((objective_number, across)).or_default().priorities += many;
        }
    }
    Ok(())
}

async fn given(store: &Store, actor: &Actor, scope: &Scope) -> Result<Vec<Given>, Problem> {
    use nomination::Column;

    let mut seen = visible::<nomination::Entity>(actor)?.filter(Column::ArchivedAt.is_null()).filter(Column::RoundState.is_in(HELD));
    if let Some(cycle) = scope.cycle_id {
        seen = seen.filter(nomination::in_cycles(vec![cycle]));
    }
    store.tally(nomination::counted(seen)).await
}

async fn led(store: &Store, actor: &Actor, scope: &Scope) -> Result<Vec<Led>, Problem> {
    use priority::Column;

    let mut seen = visible::<priority::Entity>(actor)?.filter(Column::ArchivedAt.is_null()).filter(Column::State.is_in(STANDING));
    if let Some(cycle) = scope.cycle_id {
        seen = seen.filter(Column::CycleId.eq(cycle));
    }
    store.tally(priority::counted(seen)).await
}

/// The cells of an objective in which something stands that names an organization and no more.
fn crossed(by: CoverageBy, objectives: &[objective::Model], number: i16, organization: Option<Uuid>) -> Vec<Across> {
    match by {
        CoverageBy::Organization => organization.map(Across::Organization).into_iter().collect(),
        CoverageBy::Cluster => clusters_of(objectives, number).collect(),
        CoverageBy::SdgTarget => Vec::new(),
    }
}

pub fn nominations_href(scope: &Scope, number: i16, across: &Across) -> Option<String> {
    let states = repeated("prioritization_state", HELD.map(RoundState::name));
    across.may_be_chosen().then(|| format!("/v1/nominations?{states}objective_number={number}{}{}", narrowed(across), in_cycle(scope)))
}

pub fn priorities_href(scope: &Scope, number: i16, across: &Across) -> Option<String> {
    let lead = match across {
        Across::Organization(id) => format!("&lead_id={id}"),
        Across::Cluster(..) | Across::SdgTarget(_) => String::new(),
    };
    let states = repeated("state", STANDING.map(PriorityState::name));
    across.may_be_chosen().then(|| format!("/v1/priorities?{states}objective_number={number}{lead}{}", in_cycle(scope)))
}

fn repeated(parameter: &str, values: [&str; 3]) -> String {
    values.map(|value| format!("{parameter}={value}&")).concat()
}

fn in_cycle(scope: &Scope) -> String {
    scope.cycle_id.map(|id| format!("&cycle_id={id}")).unwrap_or_default()
}
