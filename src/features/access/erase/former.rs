//! Appointments that were linked to an account once and are not any more: of the same person, of another, or linked by mistake.

use std::collections::BTreeSet;

use sea_orm::{ColumnTrait, Condition};
use uuid::Uuid;

use super::{Erasure, focal_point as erase_person};
use crate::{
    auth::Action,
    clock::Timestamp,
    entity::{
        account, focal_point,
        focal_point_contact::{self, Column},
    },
    problem::Problem,
    store::{Tracked, Tx},
    text::{Items, fold},
};

/// Erases what such appointments hold of the person of this account, and says how many did. One that nobody else is linked to and that bears a name of
/// the account is theirs. One that somebody else is linked to by now, under another name, forgets what it was before. Where neither is so, the
/// record does not say whose it is: nothing is taken from it, see [`in_doubt`].
pub async fn appointments(tx: &mut Tx<'_>, account: &account::Model) -> Result<usize, Problem> {
    let names: BTreeSet<String> =
        tx.revisions_of::<account::Entity>(account).await?.iter().map(|then| fold(then.display_name.as_str())).collect();
    let mut erased = 0;
    for row in formerly_linked(tx, account.id).await? {
        let done = match row.account_id {
            None if names.contains(&row.sort_name) => erase_person(tx, row).await? != Erasure::Nothing,
            Some(_other) => forget_predecessor(tx, row, account.id).await?,
            None => false,
        };
        erased += usize::from(done);
    }
    Ok(erased)
}

/// Appointments that were linked to the account once, and of which nothing was erased: whoever knows the people decides.
pub async fn in_doubt(tx: &Tx<'_>, account: Uuid) -> Result<Vec<Uuid>, Problem> {
    Ok(formerly_linked(tx, account).await?.into_iter().map(|row| row.id).collect())
}

async fn formerly_linked(tx: &Tx<'_>, account: Uuid) -> Result<Vec<focal_point::Model>, Problem> {
    let then = tx.formerly_naming::<focal_point::Entity>(account).await?;
    let ids: BTreeSet<Uuid> = then.iter().filter(|then| then.account_id == Some(account)).map(|then| then.id).collect();
    let now = tx.all(focal_point::Entity::by_ids(ids)).await?;
    Ok(now.into_iter().filter(|now| now.account_id != Some(account)).collect())
}

/// Empties the history of an appointment that bore another name with this account, and takes a contact away that was written then.
async fn forget_predecessor(tx: &mut Tx<'_>, row: focal_point::Model, account: Uuid) -> Result<bool, Problem> {
    let revisions = tx.revisions_of::<focal_point::Entity>(&row).await?;
    let linked = |then: &&focal_point::Model| then.account_id == Some(account);
    if revisions.iter().filter(linked).all(|then| then.sort_name == row.sort_name) {
        return Ok(false);
    }
    let after = revisions.iter().rev().take_while(|then| !linked(then)).last();
    let went_over: Timestamp = after.map_or(row.updated_at, |then| then.updated_at);
    let grant = tx.may(Action::Erase, &focal_point::Entity::subject(&row))?;
    let of_before = Condition::all().add(Column::FocalPointId.eq(row.id)).add(Column::UpdatedAt.lte(went_over));
    tx.erase_private::<focal_point::Entity, focal_point_contact::Entity>(&grant, &row, of_before).await?;
    let after = focal_point::Model { external_ids: Items::default(), ..row.clone() };
    tx.erase::<focal_point::Entity>(&grant, row, after).await
}
