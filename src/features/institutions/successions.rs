//! What becomes of institutions: merged, split, renamed, dissolved, or relieved of a function.

pub mod filter;
pub mod inputs;
pub mod rules;

use actix_web::{delete, get, patch, post, put, web::Data};
use chrono::NaiveDate;
use filter::SuccessionFilter;
use inputs::{NewSuccession, SuccessionPatch};
use sea_orm::{ColumnTrait, Condition};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    auth::{Action, Subject},
    clock::Timestamp,
    entity::succession::{Column, Entity, Model, MovedFunction, Note, Reassignment, SuccessionState},
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
        listing::{Listing, Refers},
        mount::Mount,
        reply::{Created, Document, Found, Saved, Upserted, View},
    },
    kind::Kind,
    store::{Answer, ExternalId, Provenance, Store},
    text::Term,
};

/// An act by which institutions end, go on under others, or give functions away.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SuccessionView {
    /// Identifies the succession for ever.
    pub id: Uuid,
    /// Counts the changes; the same as in the ETag.
    #[schema(minimum = 1)]
    pub revision: i64,
    /// When it was entered.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// When it was archived; `null` while it is in use.
    pub archived_at: Option<Timestamp>,
    /// Where the row came from.
    pub provenance: Provenance,
    /// The ids that other systems know it by; written at `external-ids`.
    pub external_ids: Vec<ExternalId>,
    /// What sort of change it is, one of `GET /v1/vocabularies/succession_kinds`.
    #[schema(examples("merge"))]
    pub kind: Term,
    /// The institutions that end; with `function_moved`, those that give a function away.
    pub predecessor_ids: Vec<Uuid>,
    /// The institutions that go on in their place.
    pub successor_ids: Vec<Uuid>,
    /// The day of the decision.
    #[schema(examples("2025-03-20"))]
    pub decided_on: Option<NaiveDate>,
    /// The first day on which the predecessors exist no more.
    #[schema(examples("2025-03-20"))]
    pub effective_on: Option<NaiveDate>,
    /// The tasks of the State that moved, where it is known.
    pub functions: Vec<MovedFunction>,
    /// What else there is to say about it, by language.
    pub note: Option<Note>,
    /// Who takes over each duty of the predecessors.
    pub reassignments: Vec<Reassignment>,
    /// How many duties were openly left without an heir.
    #[schema(minimum = 0)]
    pub unassigned: i16,
    /// Where the succession stands; moved at `transitions`.
    pub state: SuccessionState,
}

impl From<Model> for SuccessionView {
    fn from(row: Model) -> Self {
        let Model {
            id,
            revision,
            audience: _,
            owner_id: _,
            created_at,
            updated_at,
            archived_at,
            provenance,
            external_ids,
            kind,
            predecessor_ids,
            successor_ids,
            decided_on,
            effective_on,
            functions,
            note,
            reassignments,
            unassigned,
            state,
        } = row;
        Self {
            id,
            revision,
            created_at,
            updated_at,
            archived_at,
            provenance,
            external_ids: external_ids.0,
            kind,
            predecessor_ids: predecessor_ids.0,
            successor_ids: successor_ids.0,
            decided_on,
            effective_on,
            functions: functions.0,
            note,
            reassignments: reassignments.0,
            unassigned,
            state,
        }
    }
}

impl View for SuccessionView {
    type Entity = Entity;
    const PATH: &'static str = "/v1/successions";

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn revision(&self) -> i64 {
        self.revision
    }
}

impl Refers for SuccessionView {
    fn refers(&self) -> Vec<(Kind, Uuid)> {
        let functions = self.functions.iter().flat_map(|function| std::iter::once(function.from_id).chain(function.to_id));
        let heirs = self.reassignments.iter().filter_map(|entry| entry.to_id);
        let parties = self.predecessor_ids.iter().chain(&self.successor_ids).copied();
        parties.chain(functions).chain(heirs).map(|id| (Kind::Organization, id)).collect()
    }
}

pub fn mount(config: &mut Mount<'_>) {
    config
        .service(list_successions)
        .service(create_succession)
        .service(transition_successions)
        .service(get_succession_by_external_id)
        .service(upsert_succession_by_external_id)
        .service(get_succession)
        .service(update_succession)
        .service(archive_succession)
        .service(restore_succession)
        .service(get_succession_history)
        .service(list_succession_transitions)
        .service(transition_succession)
        .service(set_succession_external_id)
        .service(delete_succession_external_id);
}

/// List successions
///
/// What became of institutions and what is planned: mergers, splits, new names, dissolutions, functions that moved.
#[utoipa::path(tag = "Successions", params(Listing<SuccessionFilter>))]
#[get("/v1/successions")]
async fn list_successions(store: Data<Store>, caller: Caller, ask: Listing<SuccessionFilter>) -> Api<Listed<SuccessionView>> {
    ask.answer(&store, &caller).await
}

/// Read a succession
///
/// One succession as it is now, archived ones included.
#[utoipa::path(tag = "Successions")]
#[get("/v1/successions/{id}")]
async fn get_succession(store: Data<Store>, caller: Caller, id: Path<Uuid>) -> Api<Found<SuccessionView>> {
    store.find::<Entity>(&caller, Column::Id.eq(id.0)).await.map(SuccessionView::from).map(Found)
}

/// Plan a succession
///
/// The lead ministry plans it; nothing happens to the institutions until it is made effective at `transitions`.
#[utoipa::path(tag = "Successions", params(Ask))]
#[post("/v1/successions")]
async fn create_succession(
    store: Data<Store>,
    here: Data<Here>,
    body: Json<NewSuccession>,
    ask: Ask,
) -> Api<Answer<Created<SuccessionView>>> {
    store
        .write(&ask, async |tx| {
            let grant = tx.may(Action::Create, &Subject::new(Kind::Succession))?;
            let row = writing::enter::<Entity>(tx, &here, &grant, body.read()?.into()).await?;
            Ok(Created(row.into()))
        })
        .await
}

/// Change a succession
///
/// While it is planned, everything; once it is effective, only the note: what happened is history.
#[utoipa::path(tag = "Successions", params(Ask, IfMatch))]
#[patch("/v1/successions/{id}")]
async fn update_succession(
    store: Data<Store>,
    here: Data<Here>,
    id: Path<Uuid>,
    body: Json<SuccessionPatch>,
    ask: Ask,
    seen: IfMatch,
) -> Api<Answer<Saved<SuccessionView>>> {
    store
        .write(&ask, async |tx| {
            let (row, grant) = tx.open::<Entity>(Column::Id.eq(id.0), &seen.0, Action::Update).await?;
            let patch = body.patch(&grant, &SuccessionView::from(row.clone()))?;
            let row = writing::change::<Entity>(tx, &here, &grant, row, patch).await?;
            Ok(Saved(row.into()))
        })
        .await
}

/// Archive a succession
///
/// Takes a plan that was given up out of use. One that is effective is history and stays: 409 `not_editable_in_state`.
#[utoipa::path(tag = "Successions", params(Ask, IfMatch))]
#[post("/v1/successions/{id}/archive")]
async fn archive_succession(store: Data<Store>, id: Path<Uuid>, ask: Ask, seen: IfMatch) -> Api<Answer<Saved<SuccessionView>>> {
    lifecycle::archive(&store, &ask, Column::Id.eq(id.0), &seen.0, rules::still_planned).await
}

/// Restore a succession
///
/// Takes an archived plan back into use.
#[utoipa::path(tag = "Successions", params(Ask, IfMatch))]
#[post("/v1/successions/{id}/restore")]
async fn restore_succession(store: Data<Store>, id: Path<Uuid>, ask: Ask, seen: IfMatch) -> Api<Answer<Saved<SuccessionView>>> {
    lifecycle::restore(&store, &ask, Column::Id.eq(id.0), &seen.0).await
}

/// Read the history of a succession
///
/// Who changed what and when, the newest change first.
#[utoipa::path(tag = "Successions", params(HistoryQuery))]
#[get("/v1/successions/{id}/history")]
async fn get_succession_history(
    store: Data<Store>,
    caller: Caller,
    id: Path<Uuid>,
    query: Query<HistoryQuery>,
) -> Api<Document<History<SuccessionView>>> {
    let row = store.find::<Entity>(&caller, Column::Id.eq(id.0)).await?;
    history(&store, &caller, &row, &query.0).await
}

/// List the transitions of a succession
///
/// The moves that were made, and those that can be made from here with whether you may make them.
#[utoipa::path(tag = "Successions")]
#[get("/v1/successions/{id}/transitions")]
async fn list_succession_transitions(store: Data<Store>, caller: Caller, id: Path<Uuid>) -> Api<Document<Transitions>> {
    transitions::list::<SuccessionView>(&store, &caller, Column::Id.eq(id.0)).await
}

/// Make a succession effective
///
/// `planned` to `effective`, for ever. Needs `effective_on`, a day that has come, and a reassignment for every duty of every predecessor: 409
/// `transition_incomplete` names each that is missing. In one transaction every duty goes to its heir or is openly left, and the predecessors get
/// `valid_to`; they are not archived, and what is past keeps pointing at them.
#[utoipa::path(tag = "Successions", params(Ask, IfMatch))]
#[post("/v1/successions/{id}/transitions")]
async fn transition_succession(
    store: Data<Store>,
    here: Data<Here>,
    id: Path<Uuid>,
    body: Json<TransitionInput>,
    ask: Ask,
    seen: IfMatch,
) -> Api<Answer<Saved<SuccessionView>>> {
    transitions::one(&store, &here, &ask, Column::Id.eq(id.0), &seen.0, &body).await
}

/// Make many successions effective
///
/// All or none, or each for itself; the answer says what became of each.
#[utoipa::path(tag = "Successions", params(Ask))]
#[post("/v1/successions/transitions")]
async fn transition_successions(
    store: Data<Store>,
    here: Data<Here>,
    body: Json<TransitionsInput>,
    ask: Ask,
) -> Api<Answer<Document<TransitionResults>>> {
    transitions::many::<SuccessionView>(&store, &here, &ask, &body).await
}

/// Set an external id of a succession
///
/// The id that another system knows the succession by; one for each system. A machine account writes those of its own systems.
#[utoipa::path(tag = "Successions", params(Ask, MaybeIfMatch))]
#[put("/v1/successions/{id}/external-ids/{system}")]
async fn set_succession_external_id(
    store: Data<Store>,
    path: Path<(Uuid, String)>,
    body: Json<ExternalIdInput>,
    ask: Ask,
    seen: MaybeIfMatch,
) -> Api<Answer<Saved<SuccessionView>>> {
    external_ids::put(&store, &ask, Column::Id.eq(path.0.0), &path.0.1, seen.0, body).await
}

/// Remove an external id of a succession
///
/// The other system's id is free again for another row.
#[utoipa::path(tag = "Successions", params(Ask, IfMatch))]
#[delete("/v1/successions/{id}/external-ids/{system}")]
async fn delete_succession_external_id(
    store: Data<Store>,
    path: Path<(Uuid, String)>,
    ask: Ask,
    seen: IfMatch,
) -> Api<Answer<Saved<SuccessionView>>> {
    external_ids::remove(&store, &ask, Column::Id.eq(path.0.0), &path.0.1, seen.0).await
}

/// Read a succession by external id
///
/// The succession that another system knows by this id.
#[utoipa::path(tag = "Successions")]
#[get("/v1/successions/by-external-id/{system}/{id}")]
async fn get_succession_by_external_id(store: Data<Store>, caller: Caller, key: Path<(String, String)>) -> Api<Found<SuccessionView>> {
    external_ids::find(&store, &caller, &key.0, Condition::all()).await
}

/// Enter or change a succession by external id
///
/// Makes the succession when the id is not known, otherwise changes what differs: absent stays, `null` clears. Safe to send again.
#[utoipa::path(tag = "Successions", params(Ask, MaybeIfMatch))]
#[put("/v1/successions/by-external-id/{system}/{id}")]
async fn upsert_succession_by_external_id(
    store: Data<Store>,
    here: Data<Here>,
    key: Path<(String, String)>,
    body: Json<NewSuccession>,
    ask: Ask,
    seen: MaybeIfMatch,
) -> Api<Answer<Upserted<SuccessionView>>> {
    let sent = Upsert { key: &key.0, seen: &seen.0, among: Condition::all(), body: &body };
    external_ids::upsert::<NewSuccession, SuccessionPatch, _>(&store, &here, &ask, sent, Model::from).await
}
