//! Members of the UN Network, and for trying out: more of them, and focal points who are nobody.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use sea_orm::{ActiveValue::Set, ColumnTrait, QueryFilter};
use serde::Deserialize;
use tracing::warn;
use uuid::Uuid;

use super::{institutions, organizations};
use crate::{
    auth::{Action, Subject},
    entity::{
        account,
        focal_point::{self, FocalPointRole},
        focal_point_contact,
        un_network_member::{self, NetworkRole, Offer},
    },
    features::writing,
    http::context::Here,
    kind::Kind,
    problem::Problem,
    store::{Intent, Origin, Provenance, Store, Tracked, Tx},
    text::{Code, Items, Text},
};

const MEMBERS: &str = include_str!("un_network_members.json");
const DEMO: &str = include_str!("demo_people.json");

#[derive(Deserialize)]
struct SeedMember {
    organization_code: Code,
    roles: Vec<NetworkRole>,
    #[serde(default)]
    joined_on: Option<NaiveDate>,
    #[serde(default)]
    working_groups: Vec<Text<100>>,
    #[serde(default)]
    objective_numbers: Vec<i16>,
    #[serde(default)]
    offers: Vec<Offer>,
}

#[derive(Deserialize)]
struct SeedFocalPoint {
    organization_code: Code,
    name: Text<100>,
    position: Option<Text<200>>,
    role: FocalPointRole,
    username: Option<String>,
    starts_on: NaiveDate,
    ends_on: Option<NaiveDate>,
    email: Option<String>,
}

#[derive(Deserialize)]
struct Demo {
    un_network_members: Vec<SeedMember>,
    focal_points: Vec<SeedFocalPoint>,
}

/// Enters the members that public sources name, where the organization has no membership yet.
pub async fn members(tx: &mut Tx<'_>, here: &Here) -> Result<usize, Problem> {
    let rows: Vec<SeedMember> = serde_json::from_str(MEMBERS).map_err(Problem::internal)?;
    let ids = institutions(tx).await?;
    let mut new = 0;
    for row in rows {
        new += usize::from(member(tx, here, &ids, row).await?);
    }
    Ok(new)
}

/// Enters invented people and memberships once, and institutions that no source was seen for: an instance that has any is left as it is.
pub async fn demo(store: &Store, here: &Here) -> Result<(), Problem> {
    let demo: Demo = serde_json::from_str(DEMO).map_err(Problem::internal)?;
    let intent = Intent { provenance: Provenance::Illustrative, ..Intent::system(Origin::Seed) };
    store
        .write(&intent, async |tx| {
            organizations(tx, Provenance::Illustrative).await?;
            let ids = institutions(tx).await?;
            let invented = un_network_member::Column::Provenance.eq(Provenance::Illustrative);
            if tx.first(un_network_member::Entity::all().filter(invented)).await?.is_none() {
                for row in demo.un_network_members {
                    member(tx, here, &ids, row).await?;
                }
            }
            let invented = focal_point::Column::Provenance.eq(Provenance::Illustrative);
            if tx.first(focal_point::Entity::all().filter(invented)).await?.is_none() {
                for row in demo.focal_points {
                    focal_point(tx, &ids, row).await?;
                }
            }
            Ok(())
        })
        .await?;
    Ok(())
}

/// Enters a membership and says that it did, unless the organization has or had one, or it does not fit the record as it is by now.
async fn member(tx: &mut Tx<'_>, here: &Here, ids: &BTreeMap<String, Uuid>, new: SeedMember) -> Result<bool, Problem> {
    let SeedMember { organization_code, roles, joined_on, working_groups, objective_numbers, offers } = new;
    let Some(&organization_id) = ids.get(organization_code.as_str()) else { return Ok(false) };
    let known = un_network_member::Entity::all().filter(un_network_member::Column::OrganizationId.eq(organization_id));
    if tx.first(known).await?.is_some() {
        return Ok(false);
    }
    let row = un_network_member::Model {
        organization_id,
        roles: Items(roles),
        joined_on,
        working_groups: Items(working_groups),
        objective_numbers: Items(objective_numbers),
        offers: Items(offers),
        ..un_network_member::Model::default()
    };
    let grant = tx.may(Action::Create, &Subject::new(Kind::UnNetworkMember))?;
    match writing::enter::<un_network_member::Entity>(tx, here, &grant, row.sorted()).await {
        Ok(_entered) => Ok(true),
        Err(problem) if problem.status() < 500 => {
            warn!("a membership of the seed does not fit the record and is left out: {problem}");
            Ok(false)
        }
        Err(problem) => Err(problem),
    }
}

async fn focal_point(tx: &mut Tx<'_>, ids: &BTreeMap<String, Uuid>, new: SeedFocalPoint) -> Result<(), Problem> {
    let SeedFocalPoint { organization_code, name, position, role, username, starts_on, ends_on, email } = new;
    let Some(&organization_id) = ids.get(organization_code.as_str()) else { return Ok(()) };
    let account_id = match username {
        Some(username) => tx.first(account::Entity::by_username(&username)).await?.map(|account| account.id),
        None => None,
    };
    let blank = focal_point::Model::default();
    let row = focal_point::Model { organization_id, name, position, role, account_id, starts_on, ends_on, ..blank }.sorted();
    let grant = tx.may(Action::Create, &Subject::new(Kind::FocalPoint))?;
    let row = tx.insert::<focal_point::Entity>(&grant, row).await?;
    let Some(email) = email else { return Ok(()) };
    let contact = focal_point_contact::ActiveModel {
        focal_point_id: Set(row.id),
        email: Set(Some(email)),
        phone: Set(None),
        revision: Set(1),
        updated_at: Set(tx.now()),
    };
    let grant = tx.may(Action::SetContact, &focal_point::Entity::subject(&row))?;
    tx.put_secret::<focal_point::Entity, focal_point_contact::Entity>(&grant, &row, contact).await
}
