//! Erasing what the record says of a person, at the operator's word: from every table, every history and every kept answer.
//!
//! What was done stays, under an id that says nothing.

mod former;

pub use former::in_doubt;
use sea_orm::{ColumnTrait, Condition};

use super::accounts::rules::keeps_an_administrator;
use crate::{
    auth::Action,
    entity::{account, consultation, credential, focal_point, focal_point_contact, known_network, password_link, session},
    features::institutions::focal_points,
    problem::Problem,
    store::{Tracked, Tx},
};

/// What became of a wish to erase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Erasure {
    /// With so many appointments as a focal point, where a person was erased.
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
    appointments += former::appointments(tx, &row).await?;
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

/// Erases the names of those who were in the chair of a consultation. The offices that they held stay, and so do the ids that other systems have for
/// the consultation: they say nothing of a person.
pub async fn consultation_names(tx: &mut Tx<'_>, row: consultation::Model) -> Result<Erasure, Problem> {
    let grant = tx.may(Action::Erase, &consultation::Entity::subject(&row))?;
    let after = row.clone().without_names(tx.now());
    let erased = tx.erase::<consultation::Entity>(&grant, row, after).await?;
    Ok(if erased { Erasure::Done { appointments: 0 } } else { Erasure::Nothing })
}
