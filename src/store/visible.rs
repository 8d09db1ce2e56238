//! Seeing: every read of a tracked row starts here.

use sea_orm::{ColumnTrait, Condition, QueryFilter, Select};

use super::tracked::Tracked;
use crate::{
    auth::{Actor, Audience},
    problem::Problem,
};

/// The rows that this caller may see.
#[expect(clippy::disallowed_methods, reason = "the one place where a read of tracked rows begins")]
pub fn visible<E: Tracked>(actor: &Actor) -> Result<Select<E>, Problem> {
    let sight = actor.sight();
    let audience = E::column("audience")?;
    let mut seen = Condition::any().add(audience.is_in(sight.whole));
    if let Some(own) = sight.own {
        seen = seen.add(Condition::all().add(audience.eq(Audience::Organization)).add(E::column("owner_id")?.eq(own)));
    }
    Ok(E::find().filter(seen))
}
