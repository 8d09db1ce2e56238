//! Efforts: what an organization does already for the objectives of the Compact.

pub mod filter;
pub mod inputs;
pub mod rules;
mod view;

use actix_web::{delete, get, patch, post, put, web::Data};
use filter::EffortFilter;
use inputs::{EffortPatch, NewEffort};
use sea_orm::{ColumnTrait, Condition};
use uuid::Uuid;
pub use view::EffortView;

use crate::{
    auth::{Action, Subject},
    entity::effort::{Column, Entity, Model},
    features::{
        Listed,
        history::{History, HistoryQuery, history},
        lifecycle,
        sync::external_ids::{self, ExternalIdInput, Upsert},
        transitions::{self, TransitionInput, TransitionResults, Transitions, TransitionsInput},
        writing,
    },
    http::{
        Api,
        context::Here,
        extract::{Ask, Caller, IfMatch, Json, MaybeIfMatch, Path, Query},
        listing::Listing,
        mount::Mount,
        reply::{Created, Document, Found, Saved, Upserted},
    },
    kind::Kind,
    store::{Answer, Store},
};

pub fn mount(config: &mut Mount<'_>) {
    config
        .service(list_efforts)
        .service(create_effort)
        .service(transition_efforts)
        .service(get_effort_by_external_id)
        .service(upsert_effort_by_external_id)
        .service(get_effort)
        .service(update_effort)
        .service(archive_effort)
        .service(restore_effort)
        .service(get_effort_history)
        .service(list_effort_transitions)
        .service(transition_effort)
        .service(set_effort_external_id)
        .service(delete_effort_external_id);
}

/// List efforts
///
/// Those that you may see: accepted ones everybody, submitted ones whoever takes part for the country, drafts and returned ones their own organization and
/// the lead ministry. With `cycle_id` those whose dates overlap the cycle's; efforts without any date are in no cycle, and `undated=true` lists them.
#[utoipa::path(tag = "Efforts", params(Listing<EffortFilter>))]
#[get("/v1/efforts")]
async fn list_efforts(store: Data<Store>, caller: Caller, ask: Listing<EffortFilter>) -> Api<Listed<EffortView>> {
    ask.answer(&store, &caller).await
}

/// Read an effort
///
/// One effort as it is now, archived ones included.
#[utoipa::path(tag = "Efforts")]
#[get("/v1/efforts/{id}")]
async fn get_effort(store: Data<Store>, caller: Caller, id: Path<Uuid>) -> Api<Found<EffortView>> {
    store.find::<Entity>(&caller, Column::Id.eq(id.0)).await.map(EffortView::from).map(Found)
}

/// Enter an effort
///
/// An organization enters what it does as a draft of its own; the lead ministry may enter one for any. It counts once it was submitted and accepted, at
/// `transitions`.
#[utoipa::path(tag = "Efforts", params(Ask))]
#[post("/v1/efforts")]
async fn create_effort(store: Data<Store>, here: Data<Here>, body: Json<NewEffort>, ask: Ask) -> Api<Answer<Created<EffortView>>> {
    store
        .write(&ask, async |tx| {
            let grant = tx.may(Action::Create, &Subject::new(Kind::Effort))?;
            let row = writing::enter::<Entity>(tx, &here, &grant, body.read()?.into()).await?;
            Ok(Created(row.into()))
        })
        .await
}

/// Change an effort
///
/// A draft or a returned effort can be changed. One that is submitted or accepted is 409 `not_editable_in_state`, but for a language that one of its texts
/// lacks, which can be added at any time; the lead ministry may mend accepted ones. Texts are merged by language, lists and amounts are replaced whole.
#[utoipa::path(tag = "Efforts", params(Ask, IfMatch))]
#[patch("/v1/efforts/{id}")]
async fn update_effort(
    store: Data<Store>,
    here: Data<Here>,
    id: Path<Uuid>,
    body: Json<EffortPatch>,
    ask: Ask,
    seen: IfMatch,
) -> Api<Answer<Saved<EffortView>>> {
    store
        .write(&ask, async |tx| {
            let (row, grant) = tx.open::<Entity>(Column::Id.eq(id.0), &seen.0, Action::Update).await?;
            let patch = body.patch(&grant, &EffortView::from(row.clone()))?;
            let row = writing::change::<Entity>(tx, &here, &grant, row, patch).await?;
            Ok(Saved(row.into()))
        })
        .await
}

/// Archive an effort
///
/// The lead ministry takes out of use what was entered by mistake or twice; it counts no more and keeps its history.
#[utoipa::path(tag = "Efforts", params(Ask, IfMatch))]
#[post("/v1/efforts/{id}/archive")]
async fn archive_effort(store: Data<Store>, id: Path<Uuid>, ask: Ask, seen: IfMatch) -> Api<Answer<Saved<EffortView>>> {
    lifecycle::archive(&store, &ask, Column::Id.eq(id.0), &seen.0, async |_tx, _row| Ok(())).await
}

/// Restore an effort
///
/// Takes an archived effort back into use, in the state in which it was.
#[utoipa::path(tag = "Efforts", params(Ask, IfMatch))]
#[post("/v1/efforts/{id}/restore")]
async fn restore_effort(store: Data<Store>, id: Path<Uuid>, ask: Ask, seen: IfMatch) -> Api<Answer<Saved<EffortView>>> {
    lifecycle::restore(&store, &ask, Column::Id.eq(id.0), &seen.0).await
}

/// Read the history of an effort
///
/// Who changed what and when, the newest change first. What you could not see at its time is withheld: drafts of others stay their own also when the
/// effort was accepted later.
#[utoipa::path(tag = "Efforts", params(HistoryQuery))]
#[get("/v1/efforts/{id}/history")]
async fn get_effort_history(
    store: Data<Store>,
    caller: Caller,
    id: Path<Uuid>,
    query: Query<HistoryQuery>,
) -> Api<Document<History<EffortView>>> {
    let row = store.find::<Entity>(&caller, Column::Id.eq(id.0)).await?;
    history(&store, &caller, &row, &query.0).await
}

/// List the transitions of an effort
///
/// The moves that were made, and those that can be made from here with whether you may make them.
#[utoipa::path(tag = "Efforts")]
#[get("/v1/efforts/{id}/transitions")]
async fn list_effort_transitions(store: Data<Store>, caller: Caller, id: Path<Uuid>) -> Api<Document<Transitions>> {
    transitions::list::<EffortView>(&store, &caller, Column::Id.eq(id.0)).await
}

/// Move an effort
///
/// `draft` or `returned` to `submitted`, and back to `draft` as long as nobody decided: its organization. `submitted` to `accepted`, or to `returned` with a
/// reason: the lead ministry. `accepted` to `draft` with a reason: its organization or the lead ministry; others do not see it then, and it does not count
/// until it is accepted again. The lead ministry may make every move.
#[utoipa::path(tag = "Efforts", params(Ask, IfMatch))]
#[post("/v1/efforts/{id}/transitions")]
async fn transition_effort(
    store: Data<Store>,
    here: Data<Here>,
    id: Path<Uuid>,
    body: Json<TransitionInput>,
    ask: Ask,
    seen: IfMatch,
) -> Api<Answer<Saved<EffortView>>> {
    transitions::one(&store, &here, &ask, Column::Id.eq(id.0), &seen.0, &body).await
}

/// Move many efforts
///
/// All or none, or each for itself; the answer says what became of each.
#[utoipa::path(tag = "Efforts", params(Ask))]
#[post("/v1/efforts/transitions")]
async fn transition_efforts(
    store: Data<Store>,
    here: Data<Here>,
    body: Json<TransitionsInput>,
    ask: Ask,
) -> Api<Answer<Document<TransitionResults>>> {
    transitions::many::<EffortView>(&store, &here, &ask, &body).await
}

/// Set an external id of an effort
///
/// The id that another system knows the effort by; one for each system. A machine account writes those of its own systems.
#[utoipa::path(tag = "Efforts", params(Ask, MaybeIfMatch))]
#[put("/v1/efforts/{id}/external-ids/{system}")]
async fn set_effort_external_id(
    store: Data<Store>,
    path: Path<(Uuid, String)>,
    body: Json<ExternalIdInput>,
    ask: Ask,
    seen: MaybeIfMatch,
) -> Api<Answer<Saved<EffortView>>> {
    external_ids::put(&store, &ask, Column::Id.eq(path.0.0), &path.0.1, seen.0, body).await
}

/// Remove an external id of an effort
///
/// The other system's id is free again for another row.
#[utoipa::path(tag = "Efforts", params(Ask, IfMatch))]
#[delete("/v1/efforts/{id}/external-ids/{system}")]
async fn delete_effort_external_id(
    store: Data<Store>,
    path: Path<(Uuid, String)>,
    ask: Ask,
    seen: IfMatch,
) -> Api<Answer<Saved<EffortView>>> {
    external_ids::remove(&store, &ask, Column::Id.eq(path.0.0), &path.0.1, seen.0).await
}

/// Read an effort by external id
///
/// The effort that another system knows by this id.
#[utoipa::path(tag = "Efforts")]
#[get("/v1/efforts/by-external-id/{system}/{id}")]
async fn get_effort_by_external_id(store: Data<Store>, caller: Caller, key: Path<(String, String)>) -> Api<Found<EffortView>> {
    external_ids::find(&store, &caller, &key.0, Condition::all()).await
}

/// Enter or change an effort by external id
///
/// Makes the effort when the id is not known, otherwise changes what differs: absent stays, `null` clears. Safe to send again.
#[utoipa::path(tag = "Efforts", params(Ask, MaybeIfMatch))]
#[put("/v1/efforts/by-external-id/{system}/{id}")]
async fn upsert_effort_by_external_id(
    store: Data<Store>,
    here: Data<Here>,
    key: Path<(String, String)>,
    body: Json<NewEffort>,
    ask: Ask,
    seen: MaybeIfMatch,
) -> Api<Answer<Upserted<EffortView>>> {
    let sent = Upsert { key: &key.0, seen: &seen.0, among: Condition::all(), body: &body };
    Box::pin(external_ids::upsert::<NewEffort, EffortPatch, _>(&store, &here, &ask, sent, Model::from)).await
}
