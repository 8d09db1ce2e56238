//! The cells of a coverage, counted by the database.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{ColumnTrait, Condition, QueryFilter, Select};
use uuid::Uuid;

use super::{CoverageBy, chosen};
use crate::{
    auth::Actor,
    entity::{
        effort::{self, ByOrganization, BySdgTarget, Column, EffortState, Entity, Implementation, Plain},
        objective,
    },
    problem::Problem,
    store::{Store, visible},
};

/// What is counted, and for whom.
pub struct Scope {
    pub by: CoverageBy,
    pub cycle_id: Option<Uuid>,
    /// The organization that the caller speaks for.
    pub own: Option<Uuid>,
    pub mine: bool,
}

/// What was counted for one cell.
#[derive(Clone, Debug, Default)]
pub struct Counted {
    pub efforts: BTreeMap<Implementation, i64>,
    pub undated: i64,
    pub nominations: i64,
    pub priorities: i64,
    pub own_drafts: i64,
}

/// What a cell is about beside its objective.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Across {
    Organization(Uuid),
    Cluster(String, i16),
    SdgTarget(String),
}

impl Across {
    /// Whether nominations and priorities say anything of it.
    pub const fn may_be_chosen(&self) -> bool {
        !matches!(self, Self::SdgTarget(_))
    }
}

/// All cells, by objective and by what it is crossed with; and the objectives that an effort serves at all.
pub struct Cells {
    pub cells: BTreeMap<(i16, Across), Counted>,
    pub served: BTreeSet<i16>,
}

/// One group: an objective, what it is crossed with, how far the efforts are, and how many.
type Group = (i16, Across, Implementation, i64);

impl Scope {
    /// The list of the efforts of a cell, or of a whole objective.
    pub fn href(&self, number: i16, across: Option<&Across>) -> String {
        let cycle = self.cycle_id.map(|id| format!("&cycle_id={id}")).unwrap_or_default();
        format!("/v1/efforts?state=accepted&objective_number={number}{}{cycle}", across.map(narrowed).unwrap_or_default())
    }

    pub fn undated_href(&self, number: i16, across: &Across) -> String {
        format!("/v1/efforts?state=accepted&objective_number={number}{}&undated=true", narrowed(across))
    }

    /// With a cycle, drafts without a date are among them: their dates are still to come.
    pub fn own_drafts_href(&self, number: i16, across: &Across) -> Option<String> {
        let own = self.own.filter(|own| !matches!(across, Across::Organization(id) if id != own))?;
        let across = if matches!(across, Across::Organization(_)) { String::new() } else { narrowed(across) };
        Some(format!("/v1/efforts?state=draft&state=returned&objective_number={number}&organization_id={own}{across}"))
    }
}

/// The filter of the list that keeps to what an objective is crossed with; a cluster is the objective's own.
pub(super) fn narrowed(across: &Across) -> String {
    match across {
        Across::Organization(id) => format!("&organization_id={id}"),
        Across::Cluster(..) => String::new(),
        Across::SdgTarget(code) => format!("&sdg_target_code={code}"),
    }
}

/// Counts the cells. Only what the caller may see is counted, as in the lists that the cells lead to.
pub async fn count(store: &Store, actor: &Actor, scope: &Scope, objectives: &[objective::Model]) -> Result<Cells, Problem> {
    let accepted = || visible::<Entity>(actor).map(|seen| in_use(seen).filter(Column::State.eq(EffortState::Accepted)));
    let within = match scope.cycle_id {
        Some(id) => accepted()?.filter(effort::in_cycles(vec![id])),
        None => accepted()?,
    };
    let found = groups(store, within.clone(), scope.by, objectives).await?;
    let served = match scope.by {
        // Every effort has an organization, so that nothing is missing from these groups.
        CoverageBy::Organization => found.iter().map(|(number, ..)| *number).collect(),
        CoverageBy::Cluster | CoverageBy::SdgTarget => served(store, within).await?,
    };
    let mut cells = Cells { cells: BTreeMap::new(), served };
    if scope.by == CoverageBy::Cluster {
        for (number, across) in objectives.iter().flat_map(clusters) {
            cells.cells.entry((number, across)).or_default();
        }
    }
    for (number, across, implementation, many) in found {
        *cells.cells.entry((number, across)).or_default().efforts.entry(implementation).or_default() += many;
    }
    if scope.cycle_id.is_some() {
        for (number, across, _, many) in groups(store, accepted()?.filter(effort::undated()), scope.by, objectives).await? {
            cells.cells.entry((number, across)).or_default().undated += many;
        }
    }
    chosen::count(store, actor, scope, objectives, &mut cells).await?;
    if let Some(own) = scope.own.filter(|_| scope.mine) {
        let unfinished = Column::State.is_in([EffortState::Draft, EffortState::Returned]);
        let drafts = in_use(visible::<Entity>(actor)?).filter(Condition::all().add(Column::OrganizationId.eq(own)).add(unfinished));
        for (number, across, _, many) in groups(store, drafts, scope.by, objectives).await? {
            cells.cells.entry((number, across)).or_default().own_drafts += many;
        }
    }
    Ok(cells)
}

/// The objectives that an effort serves at all.
async fn served(store: &Store, efforts: Select<Entity>) -> Result<BTreeSet<i16>, Problem> {
    Ok(store.tally::<_, Plain>(effort::by_objective(efforts)).await?.into_iter().map(|group| group.number).collect())
}

fn in_use(seen: Select<Entity>) -> Select<Entity> {
    seen.filter(Column::ArchivedAt.is_null())
}

async fn groups(store: &Store, efforts: Select<Entity>, by: CoverageBy, objectives: &[objective::Model]) -> Result<Vec<Group>, Problem> {
    Ok(match by {
        CoverageBy::Organization => {
            let groups = store.tally::<_, ByOrganization>(effort::by_organization(efforts)).await?;
            let group =
                |group: ByOrganization| (group.number, Across::Organization(group.organization_id), group.implementation, group.many);
            groups.into_iter().map(group).collect()
        }
        CoverageBy::SdgTarget => {
            let groups = store.tally::<_, BySdgTarget>(effort::by_sdg_target(efforts)).await?;
            groups.into_iter().map(|group| (group.number, Across::SdgTarget(group.code), group.implementation, group.many)).collect()
        }
        CoverageBy::Cluster => {
            let groups = store.tally::<_, Plain>(effort::by_objective(efforts)).await?;
            let crossed = groups.into_iter().flat_map(|group| {
                clusters_of(objectives, group.number).map(move |across| (group.number, across, group.implementation, group.many))
            });
            crossed.collect()
        }
    })
}

/// The clusters that an objective belongs to, one of each scheme.
fn clusters(objective: &objective::Model) -> impl Iterator<Item = (i16, Across)> {
    let across = |cluster: &objective::ObjectiveCluster| Across::Cluster(cluster.scheme.clone(), cluster.number);
    objective.clusters.0.iter().map(move |cluster| (objective.number, across(cluster)))
}

/// The clusters of the objective with this number.
pub(super) fn clusters_of(objectives: &[objective::Model], number: i16) -> impl Iterator<Item = Across> {
    objectives.iter().filter(move |objective| objective.number == number).flat_map(clusters).map(|(_, across)| across)
}
