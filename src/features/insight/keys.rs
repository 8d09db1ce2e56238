//! What cells are about: a plan, an objective, a cluster of objectives, an organization that leads, a province.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{FromQueryResult, Select, TryGetable};
use uuid::Uuid;

use super::plans::Plans;
use crate::{
    auth::Actor,
    entity::{
        activity,
        activity::figures::{Group, Grouping},
        objective,
    },
    problem::Problem,
    store::{Store, visible},
    text::Items,
};

/// What activities are counted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    Plan,
    Objective,
    Cluster,
    Organization,
    Province,
}

/// What one cell is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    /// Everything that is counted, each activity once.
    All,
    Plan(Uuid),
    Objective(i16),
    Cluster(String, i16),
    Organization(Uuid),
    Province(String),
}

impl Key {
    pub const fn workplan_id(&self) -> Option<Uuid> {
        if let Self::Plan(id) = self { Some(*id) } else { None }
    }

    pub const fn objective_number(&self) -> Option<i16> {
        if let Self::Objective(number) = self { Some(*number) } else { None }
    }

    pub fn cluster(&self) -> (Option<String>, Option<i16>) {
        if let Self::Cluster(scheme, number) = self { (Some(scheme.clone()), Some(*number)) } else { (None, None) }
    }

    pub const fn organization_id(&self) -> Option<Uuid> {
        if let Self::Organization(id) = self { Some(*id) } else { None }
    }

    pub fn province(&self) -> Option<String> {
        if let Self::Province(code) = self { Some(code.clone()) } else { None }
    }
}

/// The cells that there are, and which activities each holds.
pub struct Cells<'a> {
    pub by: By,
    pub plans: &'a Plans,
    /// The objectives of each cluster.
    clusters: BTreeMap<(String, i16), BTreeSet<i16>>,
}

/// What was reckoned of activities that are in all of these cells.
pub type Reckoned<R> = (BTreeSet<Key>, R);

impl<'a> Cells<'a> {
    pub async fn of(store: &Store, actor: &Actor, by: By, plans: &'a Plans) -> Result<Self, Problem> {
        let mut clusters: BTreeMap<_, BTreeSet<i16>> = BTreeMap::new();
        if by == By::Cluster {
            for objective in store.all(visible::<objective::Entity>(actor)?).await? {
                for cluster in objective.clusters.0 {
                    clusters.entry((cluster.scheme, cluster.number)).or_default().insert(objective.number);
                }
            }
        }
        Ok(Self { by, plans, clusters })
    }

    /// Those that are there with nothing in them as well, as long as there is a plan that their lists can name.
    pub fn always(&self) -> impl Iterator<Item = Key> {
        let plans = self.plans.ids.iter().filter(|_| self.by == By::Plan).map(|id| Key::Plan(*id));
        let clusters = self.clusters.keys().filter(|_| !self.plans.ids.is_empty());
        plans.chain(clusters.map(|(scheme, number)| Key::Cluster(scheme.clone(), *number)))
    }

    /// The list that holds the activities of a cell.
    pub fn href(&self, key: &Key) -> String {
        let all = self.plans.href(key.workplan_id());
        match key {
            Key::All | Key::Plan(_) => all,
            Key::Objective(number) => format!("{all}&objective_number={number}"),
            Key::Cluster(scheme, number) => {
                let objectives = self.clusters.get(&(scheme.clone(), *number)).into_iter().flatten();
                objectives.fold(all, |href, number| format!("{href}&objective_number={number}"))
            }
            Key::Organization(id) => format!("{all}&lead_id={id}"),
            Key::Province(code) => format!("{all}&province={code}"),
        }
    }

    const fn grouping(&self) -> Grouping {
        match self.by {
            By::Plan => Grouping::Workplan,
            By::Objective | By::Cluster => Grouping::Objectives,
            By::Organization => Grouping::Lead,
            By::Province => Grouping::Provinces,
        }
    }

    /// Has the database reckon this of the activities, and tells which cells each part goes to.
    pub async fn reckon<R: FromQueryResult + Send + Sync>(
        &self,
        store: &Store,
        query: impl FnOnce(Grouping) -> Select<activity::Entity>,
    ) -> Result<Vec<Reckoned<R>>, Problem> {
        let query = query(self.grouping());
        match self.by {
            By::Plan => self.parts(store, query, |id: Uuid| vec![Key::Plan(id)]).await,
            By::Organization => self.parts(store, query, |id: Option<Uuid>| id.into_iter().map(Key::Organization).collect()).await,
            By::Objective => {
                let each = |numbers: Items<i16>| numbers.0.into_iter().map(Key::Objective).collect();
                self.parts(store, query, each).await
            }
            By::Cluster => self.parts(store, query, |numbers: Items<i16>| self.clusters_of(&numbers.0)).await,
            By::Province => {
                let each = |codes: Items<String>| codes.0.into_iter().map(Key::Province).collect();
                self.parts(store, query, each).await
            }
        }
    }

    async fn parts<K: TryGetable + Send + Sync, R: FromQueryResult + Send + Sync>(
        &self,
        store: &Store,
        query: Select<activity::Entity>,
        keys: impl Fn(K) -> Vec<Key>,
    ) -> Result<Vec<Reckoned<R>>, Problem> {
        let groups = store.tally::<_, Group<K, R>>(query).await?;
        let part = |group: Group<K, R>| (keys(group.key).into_iter().chain([Key::All]).collect(), group.reckoned);
        Ok(groups.into_iter().map(part).collect())
    }

    /// The clusters that hold one of these objectives.
    fn clusters_of(&self, numbers: &[i16]) -> Vec<Key> {
        let holds = |objectives: &BTreeSet<i16>| numbers.iter().any(|number| objectives.contains(number));
        let held = self.clusters.iter().filter(|(_, objectives)| holds(objectives));
        held.map(|((scheme, number), _)| Key::Cluster(scheme.clone(), *number)).collect()
    }
}
