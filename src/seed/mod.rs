//! The facts that every instance begins with: the Compact, and the institutions of the first country. Running it again changes nothing.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use chrono::NaiveDate;
use sea_orm::ActiveValue::Set;
use serde::Deserialize;
use tracing::warn;
use uuid::Uuid;

use crate::{
    auth::{Action, Subject},
    entity::{
        objective::{self, ObjectiveAction, ObjectiveCluster},
        objective_cluster, objective_sdg_target, organization,
    },
    http::context::Here,
    kind::Kind,
    problem::Problem,
    store::{Intent, Origin, Provenance, Savepoint, Store, Tx},
    text::{Code, CountryCode, Items, LocalizedText, Term, Text, WebAddress},
};

mod bodies;
mod consultations;
pub mod demo;
mod efforts;
mod people;
mod priorities;
mod rounds;
mod successions;
mod workplan;

pub use successions::successions;

const OBJECTIVES: &str = include_str!("objectives.json");
/// What has no code is known again by this name for us, whatever it is called by then.
const SYSTEM: &str = "gcm-seed";

const ORGANIZATIONS: &str = include_str!("organizations.json");

#[derive(Deserialize)]
struct SeedObjective {
    number: i16,
    title: LocalizedText<300>,
    short_title: LocalizedText<300>,
    summary: LocalizedText<2000>,
    actions: Vec<ObjectiveAction>,
    clusters: Vec<ObjectiveCluster>,
    sdg_target_codes: Vec<String>,
}

#[derive(Deserialize)]
struct SeedOrganization {
    code: Code,
    kind: Term,
    acronym: Option<Text<32>>,
    name: LocalizedText<200>,
    mandate: Option<LocalizedText<4000>>,
    parent_code: Option<String>,
    country: Option<CountryCode>,
    website: Option<WebAddress>,
    valid_from: Option<NaiveDate>,
    valid_to: Option<NaiveDate>,
    provenance: Provenance,
}

/// How many rows were new.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seeded {
    pub objectives: usize,
    pub organizations: usize,
    pub successions: usize,
    pub coordination_bodies: usize,
    pub review_cycles: usize,
    pub un_network_members: usize,
    pub consultations: usize,
    pub outcomes: usize,
}

impl fmt::Display for Seeded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            objectives,
            organizations,
            successions,
            coordination_bodies,
            review_cycles,
            un_network_members,
            consultations,
            outcomes,
        } = self;
        write!(f, "{objectives} objectives, {organizations} organizations, {successions} successions, ")?;
        write!(f, "{coordination_bodies} coordination bodies, {review_cycles} review cycles, ")?;
        write!(f, "{un_network_members} members of the UN Network, {consultations} consultations, {outcomes} outcomes")
    }
}

/// Enters what is missing: the facts, and then what became of the institutions.
pub async fn seed(store: &Store, here: &Here) -> Result<Seeded, Problem> {
    let seeded = facts(store, here).await?;
    Ok(Seeded { successions: successions(store, here).await?, ..seeded })
}

/// The facts without what became of the institutions: a demonstration puts people into them first.
pub async fn facts(store: &Store, here: &Here) -> Result<Seeded, Problem> {
    let intent = Intent { provenance: Provenance::PublicSource, ..Intent::system(Origin::Seed) };
    let mut seeded = Seeded::default();
    store
        .write(&intent, async |tx| {
            seeded.organizations = organizations(tx, Provenance::PublicSource).await?;
            seeded.objectives = objectives(tx).await?;
            seeded.coordination_bodies = bodies::bodies(tx).await?;
            seeded.review_cycles = bodies::cycles(tx).await?;
            seeded.un_network_members = people::members(tx, here).await?;
            let entered = consultations::consultations(tx, here).await?;
            (seeded.consultations, seeded.outcomes) = (entered.consultations, entered.outcomes);
            Ok(())
        })
        .await?;
    Ok(seeded)
}

/// What was entered since, or nothing: the record may know better by now, and what does not fit it is left out.
async fn fitting<R>(tx: &mut Tx<'_>, since: Savepoint, done: Result<R, Problem>, what: &str) -> Result<Option<R>, Problem> {
    match tx.settle(since, done).await {
        Ok(done) => Ok(Some(done)),
        Err(problem) if problem.status() < 500 => {
            warn!("{what} does not fit the record and is left out: {problem}");
            Ok(None)
        }
        Err(problem) => Err(problem),
    }
}

/// The institutions by the code with which the seed entered them, whatever it is by now; those of others by the code that they have.
async fn institutions(tx: &Tx<'_>) -> Result<BTreeMap<String, Uuid>, Problem> {
    let mut ids = entered(tx).await?;
    for row in tx.all(organization::Entity::all()).await? {
        ids.entry(row.code.to_string()).or_insert(row.id);
    }
    Ok(ids)
}

/// The institutions that the seed entered, by the code that it gave them.
async fn entered(tx: &Tx<'_>) -> Result<BTreeMap<String, Uuid>, Problem> {
    let rows = tx.as_entered_from::<organization::Entity>(Origin::Seed).await?;
    Ok(rows.into_iter().map(|row| (row.code.to_string(), row.id)).collect())
}

/// Enters the institutions of this provenance that are missing: those that no source was seen for are there for trying out only.
async fn organizations(tx: &mut Tx<'_>, of: Provenance) -> Result<usize, Problem> {
    let rows: Vec<SeedOrganization> = serde_json::from_str(ORGANIZATIONS).map_err(Problem::internal)?;
    let mut ids = institutions(tx).await?;
    let mut new = 0;
    for row in rows {
        if row.provenance != of || ids.contains_key(row.code.as_str()) {
            continue;
        }
        let SeedOrganization { code, kind, acronym, name, mandate, parent_code, country, website, valid_from, valid_to, provenance: _ } =
            row;
        let parent_id = parent_code.and_then(|code| ids.get(&code).copied());
        let blank = organization::Model::default();
        let row =
            organization::Model { code, kind, acronym, name, mandate, parent_id, country, website, valid_from, valid_to, ..blank }.sorted();
        let grant = tx.may(Action::Create, &Subject::new(Kind::Organization))?;
        let row = tx.insert::<organization::Entity>(&grant, row).await?;
        ids.insert(row.code.to_string(), row.id);
        new += 1;
    }
    Ok(new)
}

async fn objectives(tx: &mut Tx<'_>) -> Result<usize, Problem> {
    let rows: Vec<SeedObjective> = serde_json::from_str(OBJECTIVES).map_err(Problem::internal)?;
    let known: BTreeSet<i16> = tx.all(objective::Entity::all()).await?.into_iter().map(|row| row.number).collect();
    let mut new = 0;
    for row in rows.into_iter().filter(|row| !known.contains(&row.number)) {
        let SeedObjective { number, title, short_title, summary, actions, clusters, sdg_target_codes } = row;
        let row = objective::Model {
            number,
            title,
            short_title,
            summary,
            actions: Items(actions),
            clusters: Items(clusters.clone()),
            sdg_target_codes: Items(sdg_target_codes.clone()),
            ..objective::Model::default()
        };
        let grant = tx.may(Action::Create, &Subject::new(Kind::Objective))?;
        let row = tx.insert::<objective::Entity>(&grant, row).await?;
        link(tx, row.id, clusters, sdg_target_codes).await?;
        new += 1;
    }
    Ok(new)
}

/// The lists of an objective once more in tables, for filtering.
async fn link(tx: &mut Tx<'_>, id: Uuid, clusters: Vec<ObjectiveCluster>, targets: Vec<String>) -> Result<(), Problem> {
    let cluster = |cluster: ObjectiveCluster| objective_cluster::ActiveModel {
        objective_id: Set(id),
        scheme: Set(cluster.scheme),
        number: Set(cluster.number),
    };
    let clusters = clusters.into_iter().map(cluster).collect();
    tx.replace_owned::<objective_cluster::Entity>(objective_cluster::Column::ObjectiveId, id, clusters).await?;
    let target = |code| objective_sdg_target::ActiveModel { objective_id: Set(id), code: Set(code) };
    let targets = targets.into_iter().map(target).collect();
    tx.replace_owned::<objective_sdg_target::Entity>(objective_sdg_target::Column::ObjectiveId, id, targets).await
}
