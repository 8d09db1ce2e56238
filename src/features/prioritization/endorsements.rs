//! The word of each organization on what it is asked about.

pub mod count;
pub mod filter;
pub mod inputs;
pub mod rules;

use actix_web::{delete, get, patch, post, put, web::Data};
use filter::EndorsementFilter;
use inputs::{EndorsementPatch, NewEndorsement};
use sea_orm::{ColumnTrait, Condition};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    auth::{Action, Subject},
    clock::Timestamp,
    entity::endorsement::{Column, EndorsedKind, EndorsementDecision, Entity, Model, Remark},
    features::{
        Listed,
        history::{History, HistoryQuery, history},
        lifecycle,
        sync::external_ids::{self, ExternalIdInput, Upsert},
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

/// What one organization answered when it was asked about a priority, a workplan or a revision of one: that it is for it, against it, or neither. Whoever takes part reads them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct EndorsementView {
    /// Identifies the endorsement for ever.
    pub id: Uuid,
    /// Counts the changes; the same as in the ETag.
    #[schema(minimum = 1)]
    pub revision: i64,
    /// When it was entered.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// When it was archived; `null` while it is in use. What is archived does not count.
    pub archived_at: Option<Timestamp>,
    /// Where the row came from.
    pub provenance: Provenance,
    /// The ids that other systems know it by; written at `external-ids`.
    pub external_ids: Vec<ExternalId>,
    /// What kind of row it is about; more kinds may come.
    #[schema(value_type = String, examples("priority"))]
    pub subject_kind: EndorsedKind,
    /// The row that it is about.
    pub subject_id: Uuid,
    /// The `substance` of that row that it is about. A word on an old one stays on record and counts no more.
    #[schema(minimum = 1)]
    pub substance: i64,
    /// The organization that gave its word.
    pub organization_id: Uuid,
    /// For it, against it, or neither.
    pub decision: EndorsementDecision,
    /// What the organization says to that, by language.
    pub comment: Option<Remark>,
}

impl From<Model> for EndorsementView {
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
            substance,
            organization_id,
            decision,
            comment,
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
            substance,
            organization_id,
            decision,
            comment,
        }
    }
}

impl View for EndorsementView {
    type Entity = Entity;
    const PATH: &'static str = "/v1/endorsements";

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn revision(&self) -> i64 {
        self.revision
    }
}

impl Refers for EndorsementView {
    fn refers(&self) -> Vec<(Kind, Uuid)> {
        vec![(Kind::Organization, self.organization_id)]
    }
}

pub fn mount(config: &mut Mount<'_>) {
    config
        .service(list_endorsements)
        .service(create_endorsement)
        .service(get_endorsement_by_external_id)
        .service(upsert_endorsement_by_external_id)
        .service(get_endorsement)
        .service(update_endorsement)
        .service(archive_endorsement)
        .service(restore_endorsement)
        .service(get_endorsement_history)
        .service(set_endorsement_external_id)
        .service(delete_endorsement_external_id);
}

/// List endorsements
///
/// What each organization answered, to every wording (`substance`); `subject_id=` lists those of one row. For whoever takes part; readers and administrators see none.
#[utoipa::path(tag = "Endorsements", params(Listing<EndorsementFilter>))]
#[get("/v1/endorsements")]
async fn list_endorsements(store: Data<Store>, caller: Caller, ask: Listing<EndorsementFilter>) -> Api<Listed<EndorsementView>> {
    ask.answer(&store, &caller).await
}

/// Read an endorsement
///
/// One endorsement as it is now, archived ones included.
#[utoipa::path(tag = "Endorsements")]
#[get("/v1/endorsements/{id}")]
async fn get_endorsement(store: Data<Store>, caller: Caller, id: Path<Uuid>) -> Api<Found<EndorsementView>> {
    store.find::<Entity>(&caller, Column::Id.eq(id.0)).await.map(EndorsementView::from).map(Found)
}

/// Give an endorsement
///
/// Each organization that has a vote in the round answers once to each wording (`substance`) of a priority while it is `proposed`, of a workplan or a
/// workplan revision while it is `in_review`: it is for it (`endorsed`), against it (`objected`) or neither (`abstained`). For one that ended, the organization that took its place answers. Who is not asked: 403 `voters_endorse`. Closed, or another text by now: 409 `question_closed`. Given already: 409
/// `word_given`.
#[utoipa::path(tag = "Endorsements", params(Ask))]
#[post("/v1/endorsements")]
async fn create_endorsement(
    store: Data<Store>,
    here: Data<Here>,
    body: Json<NewEndorsement>,
    ask: Ask,
) -> Api<Answer<Created<EndorsementView>>> {
    store
        .write(&ask, async |tx| {
            let grant = tx.may(Action::Create, &Subject::new(Kind::Endorsement))?;
            let row = writing::enter::<Entity>(tx, &here, &grant, body.read()?.into()).await?;
            Ok(Created(row.into()))
        })
        .await
}

/// Change an endorsement
///
/// While what it is about is still `proposed` with the same substance; afterwards 409 `question_closed`.
#[utoipa::path(tag = "Endorsements", params(Ask, IfMatch))]
#[patch("/v1/endorsements/{id}")]
async fn update_endorsement(
    store: Data<Store>,
    here: Data<Here>,
    id: Path<Uuid>,
    body: Json<EndorsementPatch>,
    ask: Ask,
    seen: IfMatch,
) -> Api<Answer<Saved<EndorsementView>>> {
    store
        .write(&ask, async |tx| {
            let (row, grant) = tx.open::<Entity>(Column::Id.eq(id.0), &seen.0, Action::Update).await?;
            let patch = body.patch(&grant, &EndorsementView::from(row.clone()))?;
            let row = writing::change::<Entity>(tx, &here, &grant, row, patch).await?;
            Ok(Saved(row.into()))
        })
        .await
}

/// Take an endorsement back
///
/// Takes an endorsement that was given by mistake out of use, while what it is about is still `proposed` with the same substance; the organization is asked again.
#[utoipa::path(tag = "Endorsements", params(Ask, IfMatch))]
#[post("/v1/endorsements/{id}/archive")]
async fn archive_endorsement(store: Data<Store>, id: Path<Uuid>, ask: Ask, seen: IfMatch) -> Api<Answer<Saved<EndorsementView>>> {
    lifecycle::archive(&store, &ask, Column::Id.eq(id.0), &seen.0, rules::may_still_answer).await
}

/// Restore an endorsement
///
/// Takes an archived endorsement back into use, while it still can be given and no other was given meanwhile.
#[utoipa::path(tag = "Endorsements", params(Ask, IfMatch))]
#[post("/v1/endorsements/{id}/restore")]
async fn restore_endorsement(store: Data<Store>, id: Path<Uuid>, ask: Ask, seen: IfMatch) -> Api<Answer<Saved<EndorsementView>>> {
    lifecycle::restore_if(&store, &ask, Column::Id.eq(id.0), &seen.0, rules::may_still_answer).await
}

/// Read the history of an endorsement
///
/// Who changed what and when, the newest change first.
#[utoipa::path(tag = "Endorsements", params(HistoryQuery))]
#[get("/v1/endorsements/{id}/history")]
async fn get_endorsement_history(
    store: Data<Store>,
    caller: Caller,
    id: Path<Uuid>,
    query: Query<HistoryQuery>,
) -> Api<Document<History<EndorsementView>>> {
    let row = store.find::<Entity>(&caller, Column::Id.eq(id.0)).await?;
    history(&store, &caller, &row, &query.0).await
}

/// Set an external id of an endorsement
///
/// The id that another system knows the endorsement by; one for each system. A machine account writes those of its own systems.
#[utoipa::path(tag = "Endorsements", params(Ask, MaybeIfMatch))]
#[put("/v1/endorsements/{id}/external-ids/{system}")]
async fn set_endorsement_external_id(
    store: Data<Store>,
    path: Path<(Uuid, String)>,
    body: Json<ExternalIdInput>,
    ask: Ask,
    seen: MaybeIfMatch,
) -> Api<Answer<Saved<EndorsementView>>> {
    external_ids::put(&store, &ask, Column::Id.eq(path.0.0), &path.0.1, seen.0, body).await
}

/// Remove an external id of an endorsement
///
/// The other system's id is free again for another row.
#[utoipa::path(tag = "Endorsements", params(Ask, IfMatch))]
#[delete("/v1/endorsements/{id}/external-ids/{system}")]
async fn delete_endorsement_external_id(
    store: Data<Store>,
    path: Path<(Uuid, String)>,
    ask: Ask,
    seen: IfMatch,
) -> Api<Answer<Saved<EndorsementView>>> {
    external_ids::remove(&store, &ask, Column::Id.eq(path.0.0), &path.0.1, seen.0).await
}

/// Read an endorsement by external id
///
/// The endorsement that another system knows by this id.
#[utoipa::path(tag = "Endorsements")]
#[get("/v1/endorsements/by-external-id/{system}/{id}")]
async fn get_endorsement_by_external_id(store: Data<Store>, caller: Caller, key: Path<(String, String)>) -> Api<Found<EndorsementView>> {
    external_ids::find(&store, &caller, &key.0, Condition::all()).await
}

/// Give or change an endorsement by external id
///
/// Gives it when the id is not known, otherwise changes what differs: absent stays, `null` clears. Safe to send again.
#[utoipa::path(tag = "Endorsements", params(Ask, MaybeIfMatch))]
#[put("/v1/endorsements/by-external-id/{system}/{id}")]
async fn upsert_endorsement_by_external_id(
    store: Data<Store>,
    here: Data<Here>,
    key: Path<(String, String)>,
    body: Json<NewEndorsement>,
    ask: Ask,
    seen: MaybeIfMatch,
) -> Api<Answer<Upserted<EndorsementView>>> {
    let sent = Upsert { key: &key.0, seen: &seen.0, among: Condition::all(), body: &body };
    external_ids::upsert::<NewEndorsement, EndorsementPatch, _>(&store, &here, &ask, sent, Model::from).await
}
