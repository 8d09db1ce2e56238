//! The cycles in which implementation of the Compact is reviewed: in the region, at the United Nations, in the country.

pub mod filter;
pub mod inputs;
pub mod rules;

use actix_web::{delete, get, patch, post, put, web::Data};
use chrono::NaiveDate;
use filter::ReviewCycleFilter;
use inputs::{NewReviewCycle, ReviewCyclePatch};
use sea_orm::{ColumnTrait, Condition};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    auth::{Action, Subject},
    clock::Timestamp,
    entity::review_cycle::{Column, DateStatus, Entity, Model, Title},
    features::{
        Listed,
        history::{History, HistoryQuery, history},
        lifecycle,
        sync::external_ids::{self, ExternalIdInput, Upsert},
        writing::{change, enter},
    },
    http::{
        Api,
        context::Here,
        extract::{Ask, Caller, IfMatch, Json, MaybeIfMatch, Path, Query},
        listing::{Computed, Listing, Refers},
        mount::Mount,
        reply::{Created, Document, Found, Saved, Upserted, View},
    },
    kind::Kind,
    store::{Answer, ExternalId, Provenance, Store},
    text::{Code, DatePrecision, Term},
};

/// A round of review of the Compact: a regional review, the International Migration Review Forum (IMRF) of the United Nations, or a review of
/// the country's own. It runs from `starts_on` to `ends_on`: the period that the review looks at, which ends with the last day of the review
/// event itself. What the country did in a cycle is what overlaps that period. Cycles of different kinds overlap each other.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ReviewCycleView {
    /// Identifies the cycle for ever.
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
    /// Short, stable name for addresses and spreadsheets.
    pub code: Code,
    /// The name of the review, by language.
    pub title: Title,
    /// What sort of review it is, such as `regional_review`, `imrf` or `national`; the vocabulary `review_cycle_kinds` may grow.
    pub kind: Term,
    /// The first day of the period that the review looks at; of which only the month or year counts where `date_precision` says so.
    #[schema(examples("2026-01-01"))]
    pub starts_on: NaiveDate,
    /// The last day of that period, which is the last day of the review event itself; of which only the month or year counts where
    /// `date_precision` says so.
    #[schema(examples("2028-06-30"))]
    pub ends_on: NaiveDate,
    /// How exactly the two dates are known: to the day, or only to the month or year; then they are its first and its last day.
    pub date_precision: DatePrecision,
    /// Whether the dates are settled: `confirmed` by whoever sets them, or `tentative`, announced or expected only.
    pub date_status: DateStatus,
    /// The day by which the country's review is due; `null` when that is not known.
    #[schema(examples("2028-05-31"))]
    pub submission_due_on: Option<NaiveDate>,
}

impl From<Model> for ReviewCycleView {
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
            code,
            title,
            kind,
            starts_on,
            ends_on,
            date_precision,
            date_status,
            submission_due_on,
        } = row;
        Self {
            id,
            revision,
            created_at,
            updated_at,
            archived_at,
            provenance,
            external_ids: external_ids.0,
            code,
            title,
            kind,
            starts_on,
            ends_on,
            date_precision,
            date_status,
            submission_due_on,
        }
    }
}

impl View for ReviewCycleView {
    type Entity = Entity;
    const PATH: &'static str = "/v1/review-cycles";

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn revision(&self) -> i64 {
        self.revision
    }
}

impl Refers for ReviewCycleView {
    fn computed(&self, today: NaiveDate) -> Computed {
        let current = self.starts_on <= today && today <= self.ends_on;
        Computed { current: Some(current), ..Computed::default() }
    }
}

pub fn mount(config: &mut Mount<'_>) {
    config
        .service(list_review_cycles)
        .service(create_review_cycle)
        .service(get_review_cycle_by_external_id)
        .service(upsert_review_cycle_by_external_id)
        .service(get_review_cycle)
        .service(update_review_cycle)
        .service(archive_review_cycle)
        .service(restore_review_cycle)
        .service(get_review_cycle_history)
        .service(set_review_cycle_external_id)
        .service(delete_review_cycle_external_id);
}

/// List review cycles
///
/// Past, running and coming rounds of review of the Compact; `current=true` lists those that run today. Dates that are not settled are
/// `tentative`.
#[utoipa::path(tag = "Review cycles", params(Listing<ReviewCycleFilter>))]
#[get("/v1/review-cycles")]
async fn list_review_cycles(store: Data<Store>, caller: Caller, ask: Listing<ReviewCycleFilter>) -> Api<Listed<ReviewCycleView>> {
    ask.answer(&store, &caller).await
}

/// Read a review cycle
///
/// One cycle as it is now, archived ones included.
#[utoipa::path(tag = "Review cycles")]
#[get("/v1/review-cycles/{id}")]
async fn get_review_cycle(store: Data<Store>, caller: Caller, id: Path<Uuid>) -> Api<Found<ReviewCycleView>> {
    store.find::<Entity>(&caller, Column::Id.eq(id.0)).await.map(ReviewCycleView::from).map(Found)
}

/// Enter a review cycle
///
/// The lead ministry keeps the calendar of reviews. With `date_precision` `month` or `year`, `starts_on` and `ends_on` are the first and the last
/// day of a month or year (422 `period_not_whole`).
#[utoipa::path(tag = "Review cycles", params(Ask))]
#[post("/v1/review-cycles")]
async fn create_review_cycle(
    store: Data<Store>,
    here: Data<Here>,
    body: Json<NewReviewCycle>,
    ask: Ask,
) -> Api<Answer<Created<ReviewCycleView>>> {
    store
        .write(&ask, async |tx| {
            let grant = tx.may(Action::Create, &Subject::new(Kind::ReviewCycle))?;
            let row = enter::<Entity>(tx, &here, &grant, body.read()?.into()).await?;
            Ok(Created(row.into()))
        })
        .await
}

/// Change a review cycle
///
/// The lead ministry changes every field. A date that becomes known is sent together with its new `date_precision` and `date_status`.
#[utoipa::path(tag = "Review cycles", params(Ask, IfMatch))]
#[patch("/v1/review-cycles/{id}")]
async fn update_review_cycle(
    store: Data<Store>,
    here: Data<Here>,
    id: Path<Uuid>,
    body: Json<ReviewCyclePatch>,
    ask: Ask,
    seen: IfMatch,
) -> Api<Answer<Saved<ReviewCycleView>>> {
    store
        .write(&ask, async |tx| {
            let (row, grant) = tx.open::<Entity>(Column::Id.eq(id.0), &seen.0, Action::Update).await?;
            let patch = body.patch(&grant, &ReviewCycleView::from(row.clone()))?;
            let row = change::<Entity>(tx, &here, &grant, row, patch).await?;
            Ok(Saved(row.into()))
        })
        .await
}

/// Archive a review cycle
///
/// Takes a cycle that was entered by mistake out of use; it keeps its code and its history. A cycle that is over is not archived.
#[utoipa::path(tag = "Review cycles", params(Ask, IfMatch))]
#[post("/v1/review-cycles/{id}/archive")]
async fn archive_review_cycle(store: Data<Store>, id: Path<Uuid>, ask: Ask, seen: IfMatch) -> Api<Answer<Saved<ReviewCycleView>>> {
    lifecycle::archive(&store, &ask, Column::Id.eq(id.0), &seen.0, async |_tx, _row| Ok(())).await
}

/// Restore a review cycle
///
/// Takes an archived cycle back into use.
#[utoipa::path(tag = "Review cycles", params(Ask, IfMatch))]
#[post("/v1/review-cycles/{id}/restore")]
async fn restore_review_cycle(store: Data<Store>, id: Path<Uuid>, ask: Ask, seen: IfMatch) -> Api<Answer<Saved<ReviewCycleView>>> {
    lifecycle::restore(&store, &ask, Column::Id.eq(id.0), &seen.0).await
}

/// Read the history of a review cycle
///
/// Who changed what and when, the newest change first.
#[utoipa::path(tag = "Review cycles", params(HistoryQuery))]
#[get("/v1/review-cycles/{id}/history")]
async fn get_review_cycle_history(
    store: Data<Store>,
    caller: Caller,
    id: Path<Uuid>,
    query: Query<HistoryQuery>,
) -> Api<Document<History<ReviewCycleView>>> {
    let row = store.find::<Entity>(&caller, Column::Id.eq(id.0)).await?;
    history(&store, &caller, &row, &query.0).await
}

/// Set an external id of a review cycle
///
/// The id that another system knows the cycle by; one for each system. A machine account writes those of its own systems.
#[utoipa::path(tag = "Review cycles", params(Ask, MaybeIfMatch))]
#[put("/v1/review-cycles/{id}/external-ids/{system}")]
async fn set_review_cycle_external_id(
    store: Data<Store>,
    path: Path<(Uuid, String)>,
    body: Json<ExternalIdInput>,
    ask: Ask,
    seen: MaybeIfMatch,
) -> Api<Answer<Saved<ReviewCycleView>>> {
    external_ids::put(&store, &ask, Column::Id.eq(path.0.0), &path.0.1, seen.0, body).await
}

/// Remove an external id of a review cycle
///
/// The other system's id is free again for another row.
#[utoipa::path(tag = "Review cycles", params(Ask, IfMatch))]
#[delete("/v1/review-cycles/{id}/external-ids/{system}")]
async fn delete_review_cycle_external_id(
    store: Data<Store>,
    path: Path<(Uuid, String)>,
    ask: Ask,
    seen: IfMatch,
) -> Api<Answer<Saved<ReviewCycleView>>> {
    external_ids::remove(&store, &ask, Column::Id.eq(path.0.0), &path.0.1, seen.0).await
}

/// Read a review cycle by external id
///
/// The cycle that another system knows by this id.
#[utoipa::path(tag = "Review cycles")]
#[get("/v1/review-cycles/by-external-id/{system}/{id}")]
async fn get_review_cycle_by_external_id(store: Data<Store>, caller: Caller, key: Path<(String, String)>) -> Api<Found<ReviewCycleView>> {
    external_ids::find(&store, &caller, &key.0, Condition::all()).await
}

/// Enter or change a review cycle by external id
///
/// Makes the cycle when the id is not known, otherwise changes what differs: absent stays, `null` clears. Safe to send again.
#[utoipa::path(tag = "Review cycles", params(Ask, MaybeIfMatch))]
#[put("/v1/review-cycles/by-external-id/{system}/{id}")]
async fn upsert_review_cycle_by_external_id(
    store: Data<Store>,
    here: Data<Here>,
    key: Path<(String, String)>,
    body: Json<NewReviewCycle>,
    ask: Ask,
    seen: MaybeIfMatch,
) -> Api<Answer<Upserted<ReviewCycleView>>> {
    let sent = Upsert { key: &key.0, seen: &seen.0, among: Condition::all(), body: &body };
    external_ids::upsert::<NewReviewCycle, ReviewCyclePatch, _>(&store, &here, &ask, sent, Model::from).await
}
