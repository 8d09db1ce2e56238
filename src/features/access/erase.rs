//! Erasing what the record says of a person, at the operator's word: from every table, every history and every kept answer.
//!
//! What was done stays, under an id that says nothing.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{ColumnTrait, Condition};
use uuid::Uuid;

use super::accounts::rules::keeps_an_administrator;
use crate::{
    auth::Action,
    entity::{account, credential, focal_point, focal_point_contact, known_network, password_link, session},
    features::institutions::focal_points,
    problem::Problem,
    store::{Tracked, Tx},
};

/// What became of a wish to erase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Erasure {
    /// With so many appointments as a focal point.
    Done { appointments: usize },
    /// There was nothing left to erase.
    Nothing,
}

/// Erases the holder of an account: the account, what they sign in with, where they are signed in, and their appointments.
pub async fn account(tx: &mut Tx<'_>, row: account::Model) -> Result<Erasure, Problem> {
    keeps_an_administrator(tx, &row).await?;
    let mut appointments = 0;
    for appointment in tx.all(focal_point::Entity::of_account(row.id)).await? {
        appointments += usize::from(focal_point(tx, appointment).await? != Erasure::Nothing);
    }
    appointments += former_appointments(tx, row.id).await?;
    let grant = tx.may(Action::Erase, &account::Entity::subject(&row))?;
    let holder = tx.private_of(row.id, Some(&grant))?;
    // The credential first: a sign-in that is under way holds it until its session has begun. Sessions take their refresh tokens with them.
    let gone = tx.delete_private::<credential::Entity>(holder, Condition::all()).await?
        + tx.delete_private::<session::Entity>(holder, Condition::all()).await?
        + tx.delete_private::<known_network::Entity>(holder, Condition::all()).await?
        + tx.delete_private::<password_link::Entity>(holder, Condition::all()).await?;
    tx.forget_answers_to(holder).await?;
    let after = row.clone().erased(tx.now());
    let erased = tx.erase::<account::Entity>(&grant, row, after).await?;
    Ok(if erased || appointments > 0 || gone > 0 { Erasure::Done { appointments } } else { Erasure::Nothing })
}

/// Appointments that went from this account to another, or to none: their history holds the person. What such a row says now stays, unless it still
/// bears the name that it had with this account. Says how many there were.
async fn former_appointments(tx: &mut Tx<'_>, account: Uuid) -> Result<usize, Problem> {
    let mut names: BTreeMap<Uuid, BTreeSet<String>> = BTreeMap::new();
    for once in tx.formerly_naming::<focal_point::Entity>(account).await? {
        if once.account_id == Some(account) {
            names.entry(once.id).or_default().insert(once.name.to_string());
        }
    }
    let mut found = 0;
    for row in tx.all(focal_point::Entity::by_ids(names.keys().copied())).await? {
        let same_person = names.get(&row.id).is_some_and(|names| names.contains(row.name.as_str()));
        let erased = if same_person {
            focal_point(tx, row).await? != Erasure::Nothing
        } else {
            let grant = tx.may(Action::Erase, &focal_point::Entity::subject(&row))?;
            tx.erase::<focal_point::Entity>(&grant, row.clone(), row).await?
        };
        found += usize::from(erased);
    }
    Ok(found)
}

/// Erases the person of an appointment: name, position, how to reach them, and which account is theirs.
pub async fn focal_point(tx: &mut Tx<'_>, row: focal_point::Model) -> Result<Erasure, Problem> {
    let grant = tx.may(Action::Erase, &focal_point::Entity::subject(&row))?;
    let contact = focal_point_contact::Column::FocalPointId.eq(row.id);
    let gone = tx.erase_private::<focal_point::Entity, focal_point_contact::Entity>(&grant, &row, contact).await?;
    let at = row.erased_at.unwrap_or(tx.now());
    let after = focal_points::erased(row.clone(), at);
    let erased = tx.erase::<focal_point::Entity>(&grant, row, after).await?;
    Ok(if erased || gone { Erasure::Done { appointments: 1 } } else { Erasure::Nothing })
}
