//! Activities: what the country does to carry out its workplan, who takes part, and how far it is.

mod facts;
pub mod filter;
pub mod inputs;
pub mod plan;
pub mod rules;
mod view;
mod waiting;

use actix_web::{delete, get, patch, post, put, web::Data};
use filter::ActivityFilter;
use inputs::{ActivityPatch, ActivityTrackingPatch, NewActivity};
use sea_orm::{ColumnTrait, Condition};
use uuid::Uuid;
pub use view::ActivityView;

use crate::{
    auth::{Action, Subject},
    entity::activity::{Column, Entity, Model},
    features::{
        Listed,
        history::{History, HistoryQuery, history},
        lifecycle,
        sync::external_ids::{self, ExternalIdInput, Upsert},
        writing::{self, Changes as _},
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
    problem::{Fault, FaultCode, Problem},
    store::{Answer, Store, Tx},
};

pub fn mount(config: &mut Mount<'_>) {
    config
        .service(list_activities)
        .service(create_activity)
        .service(get_activity_by_external_id)
        .service(upsert_activity_by_external_id)
        .service(get_activity)
        .service(update_activity)
        .service(archive_activity)
        .service(restore_activity)
        .service(get_activity_history)
        .service(update_activity_tracking)
        .service(set_activity_external_id)
        .service(delete_activity_external_id);
}

/// List activities
///
/// Everybody who is signed in sees those of an approved version of a workplan; coordinators, focal points and network members see drafts, too.
/// `include=computed` says which are overdue, which wait for another one, and what of their costs nobody has committed yet.
#[utoipa::path(tag = "Activities", params(Listing<ActivityFilter>))]
#[get("/v1/activities")]
async fn list_activities(store: Data<Store>, caller: Caller, ask: Listing<ActivityFilter>) -> Api<Listed<ActivityView>> {
    ask.answer(&store, &caller).await
}

/// Read an activity
///
/// One activity as it is now, archived ones included.
#[utoipa::path(tag = "Activities")]
#[get("/v1/activities/{id}")]
async fn get_activity(store: Data<Store>, caller: Caller, id: Path<Uuid>) -> Api<Found<ActivityView>> {
    store.find::<Entity>(&caller, Column::Id.eq(id.0)).await.map(ActivityView::from).map(Found)
}

/// Enter an activity
///
/// In a workplan that is not approved yet, or in one that has an open revision: there it is part of the next version. Otherwise 409
/// `not_editable_in_state`. When organizations were asked about the plan or the revision already, they are asked anew.
#[utoipa::path(tag = "Activities", params(Ask))]
#[post("/v1/activities")]
async fn create_activity(store: Data<Store>, here: Data<Here>, body: Json<NewActivity>, ask: Ask) -> Api<Answer<Created<ActivityView>>> {
    store
        .write(&ask, async |tx| {
            let grant = tx.may(Action::Create, &Subject::new(Kind::Activity))?;
            let row = writing::enter::<Entity>(tx, &here, &grant, body.read()?.into()).await?;
            Ok(Created(row.into()))
        })
        .await
}

/// Change what is planned of an activity
///
/// Until it is part of an approved version of the plan; from then on 409 `not_editable_in_state`, and a revision of the plan proposes changes. Those who lead
/// it may write its description. Texts are merged by language, lists are replaced whole. How far it is, is written at `tracking`.
#[utoipa::path(tag = "Activities", params(Ask, IfMatch))]
#[patch("/v1/activities/{id}")]
async fn update_activity(
    store: Data<Store>,
    here: Data<Here>,
    id: Path<Uuid>,
    body: Json<ActivityPatch>,
    ask: Ask,
    seen: IfMatch,
) -> Api<Answer<Saved<ActivityView>>> {
    store
        .write(&ask, async |tx| {
            let (row, grant) = tx.open::<Entity>(Column::Id.eq(id.0), &seen.0, Action::Update).await?;
            let patch = body.patch(&grant, &ActivityView::from(row.clone()))?;
            let row = writing::change::<Entity>(tx, &here, &grant, row, patch).await?;
            Ok(Saved(row.into()))
        })
        .await
}

/// Say how far an activity is
///
/// The lead ministry writes it with a reason, which everybody reads as `tracking_reason`, while the plan is active (409 `plan_not_active`). Usually it comes
/// from a progress report that was accepted; the next report that is accepted overwrites what was written here, unless one on a
/// later period was accepted before.
#[utoipa::path(tag = "Activities", params(Ask, IfMatch))]
#[patch("/v1/activities/{id}/tracking")]
async fn update_activity_tracking(
    store: Data<Store>,
    id: Path<Uuid>,
    body: Json<ActivityTrackingPatch>,
    ask: Ask,
    seen: IfMatch,
) -> Api<Answer<Saved<ActivityView>>> {
    store
        .write(&ask, async |tx| {
            let (row, grant) = tx.open::<Entity>(Column::Id.eq(id.0), &seen.0, Action::Update).await?;
            rules::may_track(&grant)?;
            let patch = body.read()?;
            rules::may_be_tracked(tx, &row).await?;
            let Some(reason) = patch.reason.as_ref().map(|reason| reason.as_str().to_owned()) else {
                return Err(Problem::invalid(vec![Fault::at("/reason", FaultCode::Required)]));
            };
            let (after, _) = patch.apply(&row);
            let row = tx.update_because::<Entity>(&grant, row, after, reason).await?;
            Ok(Saved(row.into()))
        })
        .await
}

/// Archive an activity
///
/// Takes one that is in no approved version out of use. While others wait for it: 409 `has_dependants`. One that is in an approved version leaves the plan by a
/// revision: 409 `not_editable_in_state`.
#[utoipa::path(tag = "Activities", params(Ask, IfMatch))]
#[post("/v1/activities/{id}/archive")]
async fn archive_activity(store: Data<Store>, id: Path<Uuid>, ask: Ask, seen: IfMatch) -> Api<Answer<Saved<ActivityView>>> {
    let (check, then) = (
        async |tx: &Tx<'_>, row: &Model| rules::may_go(tx, row).await,
        async |tx: &mut Tx<'_>, row: &Model| rules::came_or_went(tx, row).await,
    );
    lifecycle::archive_then(&store, &ask, Column::Id.eq(id.0), &seen.0, check, then).await
}

/// Restore an activity
///
/// Takes an archived draft back into use, as long as its plan or the revision is open. While an activity that it waits for is archived: 409
/// `awaited_archived`.
#[utoipa::path(tag = "Activities", params(Ask, IfMatch))]
#[post("/v1/activities/{id}/restore")]
async fn restore_activity(
    store: Data<Store>,
    here: Data<Here>,
    id: Path<Uuid>,
    ask: Ask,
    seen: IfMatch,
) -> Api<Answer<Saved<ActivityView>>> {
    let (check, then) = (
        async |tx: &Tx<'_>, row: &Model| rules::may_return(tx, &here, row).await,
        async |tx: &mut Tx<'_>, row: &Model| rules::came_or_went(tx, row).await,
    );
    lifecycle::restore_then(&store, &ask, Column::Id.eq(id.0), &seen.0, check, then).await
}

/// Read the history of an activity
///
/// Who changed what and when, the newest change first: what is planned, how far it is and why, and each time that one of its milestones or budget lines was
/// written.
#[utoipa::path(tag = "Activities", params(HistoryQuery))]
#[get("/v1/activities/{id}/history")]
async fn get_activity_history(
    store: Data<Store>,
    caller: Caller,
    id: Path<Uuid>,
    query: Query<HistoryQuery>,
) -> Api<Document<History<ActivityView>>> {
    let row = store.find::<Entity>(&caller, Column::Id.eq(id.0)).await?;
    history(&store, &caller, &row, &query.0).await
}

/// Set an external id of an activity
///
/// The id that another system knows the activity by; one for each system. A machine account writes those of its own systems.
#[utoipa::path(tag = "Activities", params(Ask, MaybeIfMatch))]
#[put("/v1/activities/{id}/external-ids/{system}")]
async fn set_activity_external_id(
    store: Data<Store>,
    path: Path<(Uuid, String)>,
    body: Json<ExternalIdInput>,
    ask: Ask,
    seen: MaybeIfMatch,
) -> Api<Answer<Saved<ActivityView>>> {
    external_ids::put(&store, &ask, Column::Id.eq(path.0.0), &path.0.1, seen.0, body).await
}

/// Remove an external id of an activity
///
/// The other system's id is free again for another row.
#[utoipa::path(tag = "Activities", params(Ask, IfMatch))]
#[delete("/v1/activities/{id}/external-ids/{system}")]
async fn delete_activity_external_id(
    store: Data<Store>,
    path: Path<(Uuid, String)>,
    ask: Ask,
    seen: IfMatch,
) -> Api<Answer<Saved<ActivityView>>> {
    external_ids::remove(&store, &ask, Column::Id.eq(path.0.0), &path.0.1, seen.0).await
}

/// Read an activity by external id
///
/// The activity that another system knows by this id.
#[utoipa::path(tag = "Activities")]
#[get("/v1/activities/by-external-id/{system}/{id}")]
async fn get_activity_by_external_id(store: Data<Store>, caller: Caller, key: Path<(String, String)>) -> Api<Found<ActivityView>> {
    external_ids::find(&store, &caller, &key.0, Condition::all()).await
}

/// Enter or change an activity by external id
///
/// Enters the activity when the id is not known, otherwise changes what differs: absent stays, `null` clears. Safe to send again.
#[utoipa::path(tag = "Activities", params(Ask, MaybeIfMatch))]
#[put("/v1/activities/by-external-id/{system}/{id}")]
async fn upsert_activity_by_external_id(
    store: Data<Store>,
    here: Data<Here>,
    key: Path<(String, String)>,
    body: Json<NewActivity>,
    ask: Ask,
    seen: MaybeIfMatch,
) -> Api<Answer<Upserted<ActivityView>>> {
    let sent = Upsert { key: &key.0, seen: &seen.0, among: Condition::all(), body: &body };
    Box::pin(external_ids::upsert::<NewActivity, ActivityPatch, _>(&store, &here, &ask, sent, Model::from)).await
}
