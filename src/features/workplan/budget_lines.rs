//! Budget lines: what an activity costs, who committed what, and what was paid. Rows below their activity.

pub mod filter;
pub mod inputs;
pub mod rules;
mod view;

use actix_web::{delete, get, patch, post, put, web::Data};
use filter::BudgetLineFilter;
use inputs::{BudgetLinePatch, NewBudgetLine};
use sea_orm::{ColumnTrait, Condition, QueryFilter};
use uuid::Uuid;
pub use view::BudgetLineView;

use crate::{
    auth::{Action, Subject},
    entity::{
        activity,
        budget_line::{Column, Entity, Model},
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

/// The budget line at this address: one of another activity is not there.
fn one((activity, id): (Uuid, Uuid)) -> Condition {
    Condition::all().add(Column::Id.eq(id)).add(Column::ActivityId.eq(activity))
}

pub fn mount(config: &mut Mount<'_>) {
    config
        .service(list_budget_lines)
        .service(create_budget_line)
        .service(get_budget_line)
        .service(update_budget_line)
        .service(archive_budget_line)
        .service(restore_budget_line)
        .service(get_budget_line_history)
        .service(set_budget_line_external_id)
        .service(delete_budget_line_external_id);
}

/// List the budget lines of an activity
///
/// What it costs, who committed what, and what was paid. Of an activity that you cannot see: 404.
#[utoipa::path(tag = "Activities", params(Listing<BudgetLineFilter>))]
#[get("/v1/activities/{id}/budget-lines")]
async fn list_budget_lines(
    store: Data<Store>,
    caller: Caller,
    id: Path<Uuid>,
    ask: Listing<BudgetLineFilter>,
) -> Api<Listed<BudgetLineView>> {
    store.find::<activity::Entity>(&caller, activity::Column::Id.eq(id.0)).await?;
    ask.answer_from(visible::<Entity>(&caller)?.filter(Column::ActivityId.eq(id.0)), &store, &caller).await
}

/// Enter a budget line
///
/// What is `required` is part of the plan and the lead ministry's; once the activity is in an approved version: 409 `not_editable_in_state`. What is
/// `committed` and `disbursed` is entered until the plan is closed: by members of the UN Network for their own organization, by the lead ministry for
/// everybody. The revision of the activity rises.
#[utoipa::path(tag = "Activities", params(Ask))]
#[post("/v1/activities/{id}/budget-lines")]
async fn create_budget_line(
    store: Data<Store>,
    here: Data<Here>,
    id: Path<Uuid>,
    new: Json<NewBudgetLine>,
    ask: Ask,
) -> Api<Answer<Created<BudgetLineView>>> {
    store
        .write(&ask, async |tx| {
            below::seen(tx, id.0).await?;
            let grant = tx.may(Action::Create, &Subject::new(Kind::BudgetLine))?;
            let row = enter::<Entity>(tx, &here, &grant, new.read()?.of(id.0)).await?;
            Ok(Created(row.into()))
        })
        .await
}

/// Read a budget line
///
/// One budget line as it is now, archived ones included.
#[utoipa::path(tag = "Activities")]
#[get("/v1/activities/{id}/budget-lines/{budget_line_id}")]
async fn get_budget_line(store: Data<Store>, caller: Caller, key: Path<(Uuid, Uuid)>) -> Api<Found<BudgetLineView>> {
    store.find::<Entity>(&caller, one(key.0)).await.map(BudgetLineView::from).map(Found)
}

/// Change a budget line
///
/// A line that is `required`, or becomes it, changes only until the activity is in an approved version of the plan; others until the plan is closed.
/// The revision of the activity rises.
#[utoipa::path(tag = "Activities", params(Ask, IfMatch))]
#[patch("/v1/activities/{id}/budget-lines/{budget_line_id}")]
async fn update_budget_line(
    store: Data<Store>,
    here: Data<Here>,
    key: Path<(Uuid, Uuid)>,
    patch: Json<BudgetLinePatch>,
    ask: Ask,
    seen: IfMatch,
) -> Api<Answer<Saved<BudgetLineView>>> {
    store
        .write(&ask, async |tx| {
            let (row, grant) = tx.open::<Entity>(one(key.0), &seen.0, Action::Update).await?;
            let patch = patch.patch(&grant, &BudgetLineView::from(row.clone()))?;
            let row = change::<Entity>(tx, &here, &grant, row, patch).await?;
            Ok(Saved(row.into()))
        })
        .await
}

/// Archive a budget line
///
/// Takes a line out of use; it counts no more and keeps its history. What is `required` stays once the activity is in an approved version of the plan. The
/// revision of the activity rises.
#[utoipa::path(tag = "Activities", params(Ask, IfMatch))]
#[post("/v1/activities/{id}/budget-lines/{budget_line_id}/archive")]
async fn archive_budget_line(store: Data<Store>, key: Path<(Uuid, Uuid)>, ask: Ask, seen: IfMatch) -> Api<Answer<Saved<BudgetLineView>>> {
    let check = async |tx: &Tx<'_>, row: &Model| rules::may_go(tx, row).await;
    let then = async |tx: &mut Tx<'_>, row: &Model| rules::came_or_went(tx, row).await;
    lifecycle::archive_then(&store, &ask, one(key.0), &seen.0, check, then).await
}

/// Restore a budget line
///
/// Takes an archived line back into use. When the sum of its kind and currency would be more than can be kept: 409 `sum_out_of_range`. The revision of
/// the activity rises.
#[utoipa::path(tag = "Activities", params(Ask, IfMatch))]
#[post("/v1/activities/{id}/budget-lines/{budget_line_id}/restore")]
async fn restore_budget_line(
    store: Data<Store>,
    here: Data<Here>,
    key: Path<(Uuid, Uuid)>,
    ask: Ask,
    seen: IfMatch,
) -> Api<Answer<Saved<BudgetLineView>>> {
    let check = async |tx: &Tx<'_>, row: &Model| rules::may_return(tx, &here, row).await;
    let then = async |tx: &mut Tx<'_>, row: &Model| rules::came_or_went(tx, row).await;
    lifecycle::restore_then(&store, &ask, one(key.0), &seen.0, check, then).await
}

/// Read the history of a budget line
///
/// Who changed what about it and when, the newest change first.
#[utoipa::path(tag = "Activities", params(HistoryQuery))]
#[get("/v1/activities/{id}/budget-lines/{budget_line_id}/history")]
async fn get_budget_line_history(
    store: Data<Store>,
    caller: Caller,
    key: Path<(Uuid, Uuid)>,
    query: Query<HistoryQuery>,
) -> Api<Document<History<BudgetLineView>>> {
    let row = store.find::<Entity>(&caller, one(key.0)).await?;
    history(&store, &caller, &row, &query.0).await
}

/// Set an external id of a budget line
///
/// The id that another system knows it by; one for each system. A machine account writes those of its own systems.
#[utoipa::path(tag = "Activities", params(Ask, MaybeIfMatch))]
#[put("/v1/activities/{id}/budget-lines/{budget_line_id}/external-ids/{system}")]
async fn set_budget_line_external_id(
    store: Data<Store>,
    path: Path<(Uuid, Uuid, String)>,
    body: Json<ExternalIdInput>,
    ask: Ask,
    seen: MaybeIfMatch,
) -> Api<Answer<Saved<BudgetLineView>>> {
    let (of, id, system) = path.0;
    external_ids::put(&store, &ask, one((of, id)), &system, seen.0, body).await
}

/// Remove an external id of a budget line
///
/// The other system's id is free again for another row.
#[utoipa::path(tag = "Activities", params(Ask, IfMatch))]
#[delete("/v1/activities/{id}/budget-lines/{budget_line_id}/external-ids/{system}")]
async fn delete_budget_line_external_id(
    store: Data<Store>,
    path: Path<(Uuid, Uuid, String)>,
    ask: Ask,
    seen: IfMatch,
) -> Api<Answer<Saved<BudgetLineView>>> {
    let (of, id, system) = path.0;
    external_ids::remove(&store, &ask, one((of, id)), &system, seen.0).await
}
