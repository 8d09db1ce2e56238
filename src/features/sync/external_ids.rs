//! The ids that other systems know a row by.

use sea_orm::{ColumnTrait, sea_query::IntoCondition};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    auth::{Action, Actor, ActorKind},
    http::{
        Api,
        extract::{Ask, Json},
        reply::{Found, Saved, View},
    },
    problem::{Code, Problem},
    store::{Answer, ExternalIdChange, Seen, Store, Tracked, Tx},
};

/// The id of the row in the other system.
#[derive(Debug, Deserialize, ToSchema)]
pub struct ExternalIdInput {
    /// The id there, as that system writes it.
    #[schema(min_length = 1, max_length = 200, pattern = "^[^\\u0000-\\u001F\\u007F-\\u009F]+$", examples("LAO-17"))]
    pub id: String,
}

/// The address of a row by its external id: the system, and the id there.
pub type ExternalKey = (String, String);

/// `[a-z0-9-]{2,32}`; any other name is no address: 404.
pub fn check_system(system: &str) -> Result<&str, Problem> {
    let fits = (2..=32).contains(&system.len()) && system.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if fits { Ok(system) } else { Err(Problem::not_found()) }
}

/// A usable key: the system's name and 1 to 200 characters without control characters.
pub fn check_key((system, id): &ExternalKey) -> Result<(&str, &str), Problem> {
    let fits = (1..=200).contains(&id.chars().count()) && !id.chars().any(char::is_control);
    if fits { Ok((check_system(system)?, id)) } else { Err(Problem::not_found()) }
}

/// A machine account writes the ids of its own systems; the lead ministry those of any.
fn may_write(actor: &Actor, system: &str) -> Result<(), Problem> {
    let restricted = actor.kind == ActorKind::Machine;
    if restricted && !actor.external_systems.iter().any(|own| own == system) {
        return Err(Problem::new(Code::ExternalSystemNotYours).with("system", system));
    }
    Ok(())
}

/// The row that another system knows by this id.
pub async fn find<V: View>(store: &Store, actor: &Actor, key: &ExternalKey, among: impl IntoCondition) -> Api<Found<V>> {
    let (system, id) = check_key(key)?;
    store.find_by_external_id::<V::Entity>(actor, system, id, among).await.map(V::from).map(Found)
}

/// Sets the id that another system has for the row.
pub async fn put<V: View>(
    store: &Store,
    ask: &Ask,
    which: impl IntoCondition,
    system: &str,
    seen: Seen,
    body: Json<ExternalIdInput>,
) -> Api<Answer<Saved<V>>> {
    change::<V>(store, ask, which, system, seen.or_any(), || Ok(ExternalIdChange::Set(body.read()?.id))).await
}

/// Removes the id that another system has for the row.
pub async fn remove<V: View>(store: &Store, ask: &Ask, which: impl IntoCondition, system: &str, seen: Seen) -> Api<Answer<Saved<V>>> {
    change::<V>(store, ask, which, system, seen, || Ok(ExternalIdChange::Removed)).await
}

async fn change<V: View>(
    store: &Store,
    ask: &Ask,
    which: impl IntoCondition,
    system: &str,
    seen: Seen,
    read: impl FnOnce() -> Result<ExternalIdChange, Problem>,
) -> Api<Answer<Saved<V>>> {
    let system = check_system(system)?;
    let which = which.into_condition();
    store
        .write(ask, async |tx| {
            let (row, grant) = tx.open::<V::Entity>(which, &seen, Action::SetExternalId).await?;
            may_write(tx.actor(), system)?;
            let row = tx.set_external_id::<V::Entity>(&grant, row, system, read()?).await?;
            Ok(Saved(V::from(row)))
        })
        .await
}

/// The row that an upsert means: known by the id, or not there yet. An id of a row that the caller may not see is refused without detail.
pub async fn upserted<E: Tracked>(tx: &Tx<'_>, system: &str, id: &str, among: impl IntoCondition) -> Result<Option<E::Model>, Problem> {
    may_write(tx.actor(), system)?;
    let Some(row_id) = tx.external_row(E::KIND, system, id).await? else { return Ok(None) };
    let which = among.into_condition().add(E::column("id")?.eq(row_id));
    match tx.find::<E>(which).await? {
        Some(row) => Ok(Some(row)),
        None => Err(Problem::new(Code::ExternalIdTaken).with("system", system)),
    }
}
