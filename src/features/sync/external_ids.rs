//! The ids that other systems know a row by.

use sea_orm::{ColumnTrait, Condition, EntityTrait, sea_query::IntoCondition};
use serde::{Deserialize, de::DeserializeOwned};
use utoipa::ToSchema;

use crate::{
    auth::{Action, Actor, ActorKind, Subject},
    features::writing::{Changes, Written, change, ready},
    http::{
        Api,
        context::Here,
        extract::{Ask, Json},
        reply::{Found, Saved, Upserted, View},
    },
    problem::{Code, Problem},
    store::{Answer, ExternalId, ExternalIdChange, Seen, Store, Tracked, Tx},
};

type Row<V> = <<V as View>::Entity as EntityTrait>::Model;

/// The id of the row in the other system.
#[derive(Debug, Deserialize, ToSchema)]
pub struct ExternalIdInput {
    /// The id there, as that system writes it.
    #[schema(min_length = 1, max_length = 200, pattern = "^[^\\u0000-\\u001F\\u007F-\\u009F]+$", examples("LAO-17"))]
    pub id: String,
}

/// The address of a row by its external id: the system, and the id there.
pub type ExternalKey = (String, String);

/// The form of the names of other systems.
pub const SYSTEM: &str = "^[a-z0-9-]{2,32}$";

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
    set::<V>(store, ask, which, system, seen.or_any(), || Ok(ExternalIdChange::Set(body.read()?.id))).await
}

/// Removes the id that another system has for the row.
pub async fn remove<V: View>(store: &Store, ask: &Ask, which: impl IntoCondition, system: &str, seen: Seen) -> Api<Answer<Saved<V>>> {
    set::<V>(store, ask, which, system, seen, || Ok(ExternalIdChange::Removed)).await
}

async fn set<V: View>(
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

/// A row as another system sends it under its own id.
pub struct Upsert<'a, N> {
    pub key: &'a ExternalKey,
    pub seen: &'a Seen,
    /// The rows that the address reaches: all of the kind, or some.
    pub among: Condition,
    pub body: &'a Json<N>,
}

/// Enters or changes the row that another system knows by this id: the body is read as a new row, of which `make` makes the row, or as the
/// patch `P` of the one that is there.
pub async fn upsert<N, P, V>(
    store: &Store,
    here: &Here,
    ask: &Ask,
    sent: Upsert<'_, N>,
    make: impl FnOnce(N) -> Row<V>,
) -> Api<Answer<Upserted<V>>>
where
    N: DeserializeOwned + ToSchema,
    P: Changes<V::Entity>,
    V: View<Entity: Written>,
{
    let Upsert { key, seen, among, body } = sent;
    let (system, id) = check_key(key)?;
    store
        .write(ask, async |tx| {
            let Some(known) = known::<V::Entity>(tx, system, id, among).await? else {
                let grant = tx.may(Action::Create, &Subject::new(V::Entity::KIND))?;
                tx.may(Action::SetExternalId, &Subject::new(V::Entity::KIND))?;
                if *seen != Seen::Nothing {
                    return Err(Problem::new(Code::NothingToMatch));
                }
                let row = ready::<V::Entity>(tx, here, make(body.read()?)).await?;
                let known_as = ExternalId { system: system.to_owned(), id: id.to_owned() };
                let row = tx.insert_known_as::<V::Entity>(&grant, row, known_as).await?;
                V::Entity::link(tx, &row).await?;
                V::Entity::tell(tx, None, &row).await?;
                return Ok(Upserted { view: V::from(row), created: true, changed: true });
            };
            let (row, grant) = tx.open::<V::Entity>(known, &seen.or_any(), Action::Update).await?;
            body.within(&grant, &V::from(row.clone()))?;
            let patch = body.read_as::<P>()?;
            // Nothing differs: said so in every state, archived ones included.
            let (after, faults) = patch.clone().apply(&row);
            if after == row && faults.is_empty() {
                return Ok(Upserted { created: false, changed: false, view: V::from(row) });
            }
            let row = change(tx, here, &grant, row, patch).await?;
            Ok(Upserted { created: false, changed: true, view: V::from(row) })
        })
        .await
}

/// Names the row that an upsert means, or none when it is not there yet. An id of a row that the caller may not see is refused without detail.
async fn known<E: Tracked>(tx: &Tx<'_>, system: &str, id: &str, among: Condition) -> Result<Option<Condition>, Problem> {
    may_write(tx.actor(), system)?;
    let Some(row_id) = tx.external_row(E::KIND, system, id).await? else { return Ok(None) };
    let which = among.add(E::column("id")?.eq(row_id));
    match tx.find::<E>(which.clone()).await? {
        Some(_row) => Ok(Some(which)),
        None => {
            // Whoever could not enter it under this id is told the same as of an id that is free.
            tx.may(Action::Create, &Subject::new(E::KIND))?;
            tx.may(Action::SetExternalId, &Subject::new(E::KIND))?;
            Err(Problem::new(Code::ExternalIdTaken).with("system", system))
        }
    }
}
