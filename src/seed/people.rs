//! Members of the UN Network, and for trying out: more of them, and focal points who are nobody.

use chrono::NaiveDate;
use sea_orm::{ActiveValue::Set, ColumnTrait, QueryFilter};
use serde::Deserialize;
use uuid::Uuid;

use crate::{
    auth::{Action, Subject},
    entity::{
        account,
        focal_point::{self, FocalPointRole},
        focal_point_contact, organization,
        un_network_member::{self, NetworkRole, Offer},
    },
    features::writing::Written,
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
pub async fn members(tx: &mut Tx<'_>) -> Result<usize, Problem> {
    let rows: Vec<SeedMember> = serde_json::from_str(MEMBERS).map_err(Problem::internal)?;
    let mut new = 0;
    for row in rows {
        new += usize::from(member(tx, row).await?);
    }
    Ok(new)
}

/// Enters invented people and memberships once: an instance that has any is left as it is.
pub async fn demo(store: &Store) -> Result<(), Problem> {
    let demo: Demo = serde_json::from_str(DEMO).map_err(Problem::internal)?;
    let intent = Intent { provenance: Provenance::Illustrative, ..Intent::system(Origin::Seed) };
    store
        .write(&intent, async |tx| {
            let invented = un_network_member::Column::Provenance.eq(Provenance::Illustrative);
            if tx.first(un_network_member::Entity::all().filter(invented)).await?.is_none() {
                for row in demo.un_network_members {
                    member(tx, row).await?;
                }
            }
            let invented = focal_point::Column::Provenance.eq(Provenance::Illustrative);
            if tx.first(focal_point::Entity::all().filter(invented)).await?.is_none() {
                for row in demo.focal_points {
                    focal_point(tx, row).await?;
                }
            }
            Ok(())
        })
        .await?;
    Ok(())
}

async fn id_of(tx: &Tx<'_>, code: &Code) -> Result<Uuid, Problem> {
    let found = tx.first(organization::Entity::by_code(code)).await?;
    found.map(|row| row.id).ok_or_else(|| Problem::internal(format!("the seed names the organization {code}, which is not there")))
}

/// Enters a membership and says that it did, unless the organization has or had one.
async fn member(tx: &mut Tx<'_>, new: SeedMember) -> Result<bool, Problem> {
    let SeedMember { organization_code, roles, joined_on, working_groups, objective_numbers, offers } = new;
    let organization_id = id_of(tx, &organization_code).await?;
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
    let row = tx.insert::<un_network_member::Entity>(&grant, row.sorted()).await?;
    un_network_member::Entity::link(tx, &row).await?;
    Ok(true)
}

async fn focal_point(tx: &mut Tx<'_>, new: SeedFocalPoint) -> Result<(), Problem> {
    let SeedFocalPoint { organization_code, name, position, role, username, starts_on, ends_on, email } = new;
    let organization_id = id_of(tx, &organization_code).await?;
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
