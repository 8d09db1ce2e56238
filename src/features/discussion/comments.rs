//! What is said about efforts, nominations, priorities, workplans and activities.

pub mod filter;
pub mod inputs;
pub mod rules;

use actix_web::{delete, get, patch, post, put, web::Data};
use filter::CommentFilter;
use inputs::{CommentPatch, NewComment};
use sea_orm::{ColumnTrait, Condition};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    auth::{Action, Subject},
    clock::Timestamp,
    entity::comment::{Body, Column, CommentState, CommentedKind, Entity, Model},
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
};

/// Something that was said about a row. Whoever sees the row sees it, and nobody else.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CommentView {
    /// Identifies the comment for ever.
    pub id: Uuid,
    /// Counts the changes; the same as in the ETag.
    #[schema(minimum = 1)]
    pub revision: i64,
    /// When it was written.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// When it was archived; `null` while it is in use.
    pub archived_at: Option<Timestamp>,
    /// Where the row came from.
    pub provenance: Provenance,
    /// The ids that other systems know it by; written at `external-ids`.
    pub external_ids: Vec<ExternalId>,
    /// What kind of row it is about; more kinds may come.
    #[schema(value_type = String, examples("priority"))]
    pub subject_kind: CommentedKind,
    /// The row that it is about.
    pub subject_id: Uuid,
    /// The comment that it answers; `null` when it begins a thread.
    pub parent_id: Option<Uuid>,
    /// The account that wrote it; `null` for the system itself.
    pub author_id: Option<Uuid>,
    /// The organization that the author spoke for then.
    pub organization_id: Option<Uuid>,
    /// What is said.
    pub body: Body,
    /// The language that it is written in.
    #[schema(examples("en"))]
    pub language: String,
    /// When its author last edited it; `null` when nobody did.
    pub edited_at: Option<Timestamp>,
    /// When it was resolved; `null` while it is open.
    pub resolved_at: Option<Timestamp>,
    /// Whether what it asks for is done with; moved at `transitions`.
    pub state: CommentState,
}

impl From<Model> for CommentView {
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
            subject_kind,
            subject_id,
            parent_id,
            author_id,
            organization_id,
            body,
            language,
            edited_at,
            resolved_at,
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
            subject_kind,
            subject_id,
            parent_id,
            author_id,
            organization_id,
            body,
            language,
            edited_at,
            resolved_at,
            state,
        }
    }
}

impl View for CommentView {
    type Entity = Entity;
    const PATH: &'static str = "/v1/comments";

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn revision(&self) -> i64 {
        self.revision
    }
}

impl Refers for CommentView {
    fn refers(&self) -> Vec<(Kind, Uuid)> {
        self.organization_id.map(|id| (Kind::Organization, id)).into_iter().collect()
    }
}

pub fn mount(config: &mut Mount<'_>) {
    config
        .service(list_comments)
        .service(create_comment)
        .service(transition_comments)
        .service(get_comment_by_external_id)
        .service(upsert_comment_by_external_id)
        .service(get_comment)
        .service(update_comment)
        .service(archive_comment)
        .service(restore_comment)
        .service(get_comment_history)
        .service(list_comment_transitions)
        .service(transition_comment)
        .service(set_comment_external_id)
        .service(delete_comment_external_id);
}

/// List comments
///
/// What is said about the rows that you see; `subject_id=` lists the comments on one of them, the oldest first. Comments on a row that you do not see
/// are in no list and no count.
#[utoipa::path(tag = "Comments", params(Listing<CommentFilter>))]
#[get("/v1/comments")]
async fn list_comments(store: Data<Store>, caller: Caller, ask: Listing<CommentFilter>) -> Api<Listed<CommentView>> {
    ask.answer(&store, &caller).await
}

/// Read a comment
///
/// One comment as it is now, archived ones included.
#[utoipa::path(tag = "Comments")]
#[get("/v1/comments/{id}")]
async fn get_comment(store: Data<Store>, caller: Caller, id: Path<Uuid>) -> Api<Found<CommentView>> {
    store.find::<Entity>(&caller, Column::Id.eq(id.0)).await.map(CommentView::from).map(Found)
}

/// Write a comment
///
/// On an effort, nomination, priority, workplan or activity that you see, or in answer to a comment there. It is seen by whoever sees that row, also when the row moves
/// on: what is said about a draft is read by everybody once the draft is accepted.
#[utoipa::path(tag = "Comments", params(Ask))]
#[post("/v1/comments")]
async fn create_comment(store: Data<Store>, here: Data<Here>, body: Json<NewComment>, ask: Ask) -> Api<Answer<Created<CommentView>>> {
    store
        .write(&ask, async |tx| {
            let grant = tx.may(Action::Create, &Subject::new(Kind::Comment))?;
            let row = writing::enter::<Entity>(tx, &here, &grant, body.read()?.into()).await?;
            Ok(Created(row.into()))
        })
        .await
}

/// Edit a comment
///
/// By its author, for 15 minutes after it was written: later 409 `too_late_to_edit`.
#[utoipa::path(tag = "Comments", params(Ask, IfMatch))]
#[patch("/v1/comments/{id}")]
async fn update_comment(
    store: Data<Store>,
    here: Data<Here>,
    id: Path<Uuid>,
    body: Json<CommentPatch>,
    ask: Ask,
    seen: IfMatch,
) -> Api<Answer<Saved<CommentView>>> {
    store
        .write(&ask, async |tx| {
            let (row, grant) = tx.open::<Entity>(Column::Id.eq(id.0), &seen.0, Action::Update).await?;
            let patch = body.patch(&grant, &CommentView::from(row.clone()))?;
            let row = writing::change::<Entity>(tx, &here, &grant, row, patch).await?;
            Ok(Saved(row.into()))
        })
        .await
}

/// Archive a comment
///
/// Its author or the lead ministry takes it out of use; answers to it stay.
#[utoipa::path(tag = "Comments", params(Ask, IfMatch))]
#[post("/v1/comments/{id}/archive")]
async fn archive_comment(store: Data<Store>, id: Path<Uuid>, ask: Ask, seen: IfMatch) -> Api<Answer<Saved<CommentView>>> {
    lifecycle::archive(&store, &ask, Column::Id.eq(id.0), &seen.0, async |_tx, _row| Ok(())).await
}

/// Restore a comment
///
/// The lead ministry takes an archived comment back into use; its author does not.
#[utoipa::path(tag = "Comments", params(Ask, IfMatch))]
#[post("/v1/comments/{id}/restore")]
async fn restore_comment(store: Data<Store>, id: Path<Uuid>, ask: Ask, seen: IfMatch) -> Api<Answer<Saved<CommentView>>> {
    lifecycle::restore(&store, &ask, Column::Id.eq(id.0), &seen.0).await
}

/// Read the history of a comment
///
/// Who changed what and when, the newest change first.
#[utoipa::path(tag = "Comments", params(HistoryQuery))]
#[get("/v1/comments/{id}/history")]
async fn get_comment_history(
    store: Data<Store>,
    caller: Caller,
    id: Path<Uuid>,
    query: Query<HistoryQuery>,
) -> Api<Document<History<CommentView>>> {
    let row = store.find::<Entity>(&caller, Column::Id.eq(id.0)).await?;
    history(&store, &caller, &row, &query.0).await
}

/// List the transitions of a comment
///
/// The moves that were made, and those that can be made from here with whether you may make them.
#[utoipa::path(tag = "Comments")]
#[get("/v1/comments/{id}/transitions")]
async fn list_comment_transitions(store: Data<Store>, caller: Caller, id: Path<Uuid>) -> Api<Document<Transitions>> {
    transitions::list::<CommentView>(&store, &caller, Column::Id.eq(id.0)).await
}

/// Resolve or reopen a comment
///
/// `open` to `resolved` and back, by its author, the organization that the row belongs to, or the lead ministry.
#[utoipa::path(tag = "Comments", params(Ask, IfMatch))]
#[post("/v1/comments/{id}/transitions")]
async fn transition_comment(
    store: Data<Store>,
    here: Data<Here>,
    id: Path<Uuid>,
    body: Json<TransitionInput>,
    ask: Ask,
    seen: IfMatch,
) -> Api<Answer<Saved<CommentView>>> {
    transitions::one(&store, &here, &ask, Column::Id.eq(id.0), &seen.0, &body).await
}

/// Resolve or reopen many comments
///
/// All or none, or each for itself; the answer says what became of each.
#[utoipa::path(tag = "Comments", params(Ask))]
#[post("/v1/comments/transitions")]
async fn transition_comments(
    store: Data<Store>,
    here: Data<Here>,
    body: Json<TransitionsInput>,
    ask: Ask,
) -> Api<Answer<Document<TransitionResults>>> {
    transitions::many::<CommentView>(&store, &here, &ask, &body).await
}

/// Set an external id of a comment
///
/// The id that another system knows the comment by; one for each system. A machine account writes those of its own systems.
#[utoipa::path(tag = "Comments", params(Ask, MaybeIfMatch))]
#[put("/v1/comments/{id}/external-ids/{system}")]
async fn set_comment_external_id(
    store: Data<Store>,
    path: Path<(Uuid, String)>,
    body: Json<ExternalIdInput>,
    ask: Ask,
    seen: MaybeIfMatch,
) -> Api<Answer<Saved<CommentView>>> {
    external_ids::put(&store, &ask, Column::Id.eq(path.0.0), &path.0.1, seen.0, body).await
}

/// Remove an external id of a comment
///
/// The other system's id is free again for another row.
#[utoipa::path(tag = "Comments", params(Ask, IfMatch))]
#[delete("/v1/comments/{id}/external-ids/{system}")]
async fn delete_comment_external_id(
    store: Data<Store>,
    path: Path<(Uuid, String)>,
    ask: Ask,
    seen: IfMatch,
) -> Api<Answer<Saved<CommentView>>> {
    external_ids::remove(&store, &ask, Column::Id.eq(path.0.0), &path.0.1, seen.0).await
}

/// Read a comment by external id
///
/// The comment that another system knows by this id.
#[utoipa::path(tag = "Comments")]
#[get("/v1/comments/by-external-id/{system}/{id}")]
async fn get_comment_by_external_id(store: Data<Store>, caller: Caller, key: Path<(String, String)>) -> Api<Found<CommentView>> {
    external_ids::find(&store, &caller, &key.0, Condition::all()).await
}

/// Write or edit a comment by external id
///
/// Writes it when the id is not known, otherwise edits what differs. Safe to send again.
#[utoipa::path(tag = "Comments", params(Ask, MaybeIfMatch))]
#[put("/v1/comments/by-external-id/{system}/{id}")]
async fn upsert_comment_by_external_id(
    store: Data<Store>,
    here: Data<Here>,
    key: Path<(String, String)>,
    body: Json<NewComment>,
    ask: Ask,
    seen: MaybeIfMatch,
) -> Api<Answer<Upserted<CommentView>>> {
    let sent = Upsert { key: &key.0, seen: &seen.0, among: Condition::all(), body: &body };
    external_ids::upsert::<NewComment, CommentPatch, _>(&store, &here, &ask, sent, Model::from).await
}
