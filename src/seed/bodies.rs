//! The bodies in which institutions of the first country coordinate, and the cycles of review that it takes part in.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde::Deserialize;
use uuid::Uuid;

use super::{SYSTEM, institutions};
use crate::{
    auth::{Action, Subject},
    entity::{
        coordination_body,
        coordination_body_member::{self, BodyRole},
        review_cycle,
    },
    kind::Kind,
    problem::Problem,
    store::{ExternalId, Tx},
    text::{Code, DatePrecision, Term},
};

const CYCLES: &str = include_str!("review_cycles.json");
const BODIES: &str = include_str!("coordination_bodies.json");

#[derive(Deserialize)]
struct SeedCycle {
    code: Code,
    kind: Term,
    title: review_cycle::Title,
    starts_on: NaiveDate,
    ends_on: NaiveDate,
    date_precision: DatePrecision,
    date_status: review_cycle::DateStatus,
}

#[derive(Deserialize)]
struct SeedBody {
    slug: String,
    level: Term,
    name: coordination_body::Name,
    terms_of_reference: coordination_body::TermsOfReference,
    /// Codes of the organizations of its secretariat.
    secretariat: Vec<String>,
}

/// Enters the review cycles that are missing.
pub(super) async fn cycles(tx: &mut Tx<'_>) -> Result<usize, Problem> {
    let rows: Vec<SeedCycle> = serde_json::from_str(CYCLES).map_err(Problem::internal)?;
    let known: BTreeSet<Code> = tx.all(review_cycle::Entity::all()).await?.into_iter().map(|row| row.code).collect();
    let mut new = 0;
    for row in rows.into_iter().filter(|row| !known.contains(&row.code)) {
        let SeedCycle { code, kind, title, starts_on, ends_on, date_precision, date_status } = row;
        let blank = review_cycle::Model::default();
        let row = review_cycle::Model { code, kind, title, starts_on, ends_on, date_precision, date_status, ..blank };
        let grant = tx.may(Action::Create, &Subject::new(Kind::ReviewCycle))?;
        tx.insert::<review_cycle::Entity>(&grant, row).await?;
        new += 1;
    }
    Ok(new)
}

/// Enters the bodies that are missing, each with its members; of a body that is there already the members are the country's to keep.
pub(super) async fn bodies(tx: &mut Tx<'_>) -> Result<usize, Problem> {
    let rows: Vec<SeedBody> = serde_json::from_str(BODIES).map_err(Problem::internal)?;
    let organizations = institutions(tx).await?;
    let names: BTreeSet<_> = tx.all(coordination_body::Entity::all()).await?.into_iter().map(|row| row.sort_name).collect();
    let mut new = 0;
    for row in rows {
        let SeedBody { slug, level, name, terms_of_reference, secretariat } = row;
        let blank = coordination_body::Model::default();
        let row = coordination_body::Model { level, name, terms_of_reference: Some(terms_of_reference), ..blank }.sorted();
        if tx.external_row(Kind::CoordinationBody, SYSTEM, &slug).await?.is_some() || names.contains(&row.sort_name) {
            continue;
        }
        let grant = tx.may(Action::Create, &Subject::new(Kind::CoordinationBody))?;
        let known_as = ExternalId { system: SYSTEM.to_owned(), id: slug };
        let body = tx.insert_known_as::<coordination_body::Entity>(&grant, row, known_as).await?;
        for organization_id in secretariat.iter().filter_map(|code| organizations.get(code)) {
            member(tx, body.id, *organization_id).await?;
        }
        new += 1;
    }
    Ok(new)
}

async fn member(tx: &mut Tx<'_>, body_id: Uuid, organization_id: Uuid) -> Result<(), Problem> {
    let role = BodyRole::Secretariat;
    let row = coordination_body_member::Model { body_id, organization_id, role, ..coordination_body_member::Model::default() };
    let grant = tx.may(Action::Create, &Subject::new(Kind::CoordinationBodyMember))?;
    tx.insert::<coordination_body_member::Entity>(&grant, row).await?;
    Ok(())
}
