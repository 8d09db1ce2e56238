//! Milestones: what an activity is to reach and by when. Rows below their activity.

pub mod filter;
pub mod inputs;
pub mod rules;
mod view;

use actix_web::{delete, get, patch, post, put, web::Data};
use filter::MilestoneFilter;
use inputs::{MilestonePatch, NewMilestone};
use sea_orm::{ColumnTrait, Condition, QueryFilter};
use uuid::Uuid;
pub use view::MilestoneView;

use crate::{
    auth::{Action, Subject},
    entity::{
        activity,
        milestone::{Column, Entity, Model},
    },
    features::{
        Listed,
        history::{History, HistoryQuery, history},
        lifecycle,
        sync::external_ids::{self, ExternalIdInput},
        workplan::below,
        writing::{change, enter},
    },
    http::{
        Api,
        context::Here,
        extract::{Ask, Caller, IfMatch, Json, MaybeIfMatch, Path, Query},
        listing::Listing,
        mount::Mount,
        reply::{Created, Document, Found, Saved},
    },
    kind::Kind,
    store::{Answer, Store, Tx, visible},
};

/// The milestone at this address: one of another activity is not there.
fn one((activity, id): (Uuid, Uuid)) -> Condition {
    Condition::all().add(Column::Id.eq(id)).add(Column::ActivityId.eq(activity))
}

pub fn mount(config: &mut Mount<'_>) {
    config
        .service(list_milestones)
        .service(create_milestone)
        .service(get_milestone)
        .service(update_milestone)
        .service(archive_milestone)
        .service(restore_milestone)
        .service(get_milestone_history)
        .service(set_milestone_external_id)
        .service(delete_milestone_external_id);
}

/// List the milestones of an activity
///
/// What it is to reach and by when, and what was reached. Of an activity that you cannot see: 404.
#[utoipa::path(tag = "Activities", params(Listing<MilestoneFilter>))]
#[get("/v1/activities/{id}/milestones")]
async fn list_milestones(store: Data<Store>, caller: Caller, id: Path<Uuid>, ask: Listing<MilestoneFilter>) -> Api<Listed<MilestoneView>> {
    store.find::<activity::Entity>(&caller, activity::Column::Id.eq(id.0)).await?;
    ask.answer_from(visible::<Entity>(&caller)?.filter(Column::ActivityId.eq(id.0)), &store, &caller).await
}

/// Enter a milestone
///
/// The lead ministry plans it, until the activity is part of an approved version of the plan; then 409 `not_editable_in_state`, and a revision of the plan
/// adds it. The revision of the activity rises.
#[utoipa::path(tag = "Activities", params(Ask))]
#[post("/v1/activities/{id}/milestones")]
async fn create_milestone(
    store: Data<Store>,
    here: Data<Here>,
    id: Path<Uuid>,
    new: Json<NewMilestone>,
    ask: Ask,
) -> Api<Answer<Created<MilestoneView>>> {
    store
        .write(&ask, async |tx| {
            below::seen(tx, id.0).await?;
            let grant = tx.may(Action::Create, &Subject::new(Kind::Milestone))?;
            let row = enter::<Entity>(tx, &here, &grant, new.read()?.of(id.0)).await?;
            Ok(Created(row.into()))
        })
        .await
}

/// Read a milestone
///
/// One milestone as it is now, archived ones included.
#[utoipa::path(tag = "Activities")]
#[get("/v1/activities/{id}/milestones/{milestone_id}")]
async fn get_milestone(store: Data<Store>, caller: Caller, key: Path<(Uuid, Uuid)>) -> Api<Found<MilestoneView>> {
    store.find::<Entity>(&caller, one(key.0)).await.map(MilestoneView::from).map(Found)
}

/// Change a milestone
///
/// Those who lead the activity say when it was reached, until the plan is closed. Its title and its day are part of the plan: once that is approved,
/// changing them is 409 `not_editable_in_state`. The revision of the activity rises.
#[utoipa::path(tag = "Activities", params(Ask, IfMatch))]
#[patch("/v1/activities/{id}/milestones/{milestone_id}")]
async fn update_milestone(
    store: Data<Store>,
    here: Data<Here>,
    key: Path<(Uuid, Uuid)>,
    patch: Json<MilestonePatch>,
    ask: Ask,
    seen: IfMatch,
) -> Api<Answer<Saved<MilestoneView>>> {
    store
        .write(&ask, async |tx| {
            let (row, grant) = tx.open::<Entity>(one(key.0), &seen.0, Action::Update).await?;
            let patch = patch.patch(&grant, &MilestoneView::from(row.clone()))?;
            let row = change::<Entity>(tx, &here, &grant, row, patch).await?;
            Ok(Saved(row.into()))
        })
        .await
}

/// Archive a milestone
///
/// Takes one that was planned by mistake out of use, until the activity is part of an approved version of the plan. The revision of the activity rises.
#[utoipa::path(tag = "Activities", params(Ask, IfMatch))]
#[post("/v1/activities/{id}/milestones/{milestone_id}/archive")]
async fn archive_milestone(store: Data<Store>, key: Path<(Uuid, Uuid)>, ask: Ask, seen: IfMatch) -> Api<Answer<Saved<MilestoneView>>> {
    let check = async |tx: &Tx<'_>, row: &Model| rules::may_go(tx, row).await;
    let then = async |tx: &mut Tx<'_>, row: &Model| rules::came_or_went(tx, row).await;
    lifecycle::archive_then(&store, &ask, one(key.0), &seen.0, check, then).await
}

/// Restore a milestone
///
/// Takes an archived milestone back into use, until the activity is part of an approved version of the plan. The revision of the activity rises.
#[utoipa::path(tag = "Activities", params(Ask, IfMatch))]
#[post("/v1/activities/{id}/milestones/{milestone_id}/restore")]
async fn restore_milestone(store: Data<Store>, key: Path<(Uuid, Uuid)>, ask: Ask, seen: IfMatch) -> Api<Answer<Saved<MilestoneView>>> {
    let check = async |tx: &Tx<'_>, row: &Model| rules::may_return(tx, row).await;
    let then = async |tx: &mut Tx<'_>, row: &Model| rules::came_or_went(tx, row).await;
    lifecycle::restore_then(&store, &ask, one(key.0), &seen.0, check, then).await
}

/// Read the history of a milestone
///
/// Who changed what about it and when, the newest change first.
#[utoipa::path(tag = "Activities", params(HistoryQuery))]
#[get("/v1/activities/{id}/milestones/{milestone_id}/history")]
async fn get_milestone_history(
    store: Data<Store>,
    caller: Caller,
    key: Path<(Uuid, Uuid)>,
    query: Query<HistoryQuery>,
) -> Api<Document<History<MilestoneView>>> {
    let row = store.find::<Entity>(&caller, one(key.0)).await?;
    history(&store, &caller, &row, &query.0).await
}

/// Set an external id of a milestone
///
/// The id that another system knows it by; one for each system. A machine account writes those of its own systems.
#[utoipa::path(tag = "Activities", params(Ask, MaybeIfMatch))]
#[put("/v1/activities/{id}/milestones/{milestone_id}/external-ids/{system}")]
async fn set_milestone_external_id(
    store: Data<Store>,
    path: Path<(Uuid, Uuid, String)>,
    body: Json<ExternalIdInput>,
    ask: Ask,
    seen: MaybeIfMatch,
) -> Api<Answer<Saved<MilestoneView>>> {
    let (of, id, system) = path.0;
    external_ids::put(&store, &ask, one((of, id)), &system, seen.0, body).await
}

/// Remove an external id of a milestone
///
/// The other system's id is free again for another row.
#[utoipa::path(tag = "Activities", params(Ask, IfMatch))]
#[delete("/v1/activities/{id}/milestones/{milestone_id}/external-ids/{system}")]
async fn delete_milestone_external_id(
    store: Data<Store>,
    path: Path<(Uuid, Uuid, String)>,
    ask: Ask,
    seen: IfMatch,
) -> Api<Answer<Saved<MilestoneView>>> {
    let (of, id, system) = path.0;
    external_ids::remove(&store, &ask, one((of, id)), &system, seen.0).await
}
