//! Progress reports: what happened in an activity over one period, and how the activity stands by it.

pub mod filter;
pub mod inputs;
pub mod rules;
mod view;

use actix_web::{delete, get, patch, post, put, web::Data};
use filter::ProgressReportFilter;
use inputs::{NewProgressReport, ProgressReportPatch};
use sea_orm::{ColumnTrait, Condition};
use uuid::Uuid;
pub use view::ProgressReportView;

use crate::{
    auth::{Action, Subject},
    entity::progress_report::{Column, Entity, Model},
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
        .service(list_progress_reports)
        .service(create_progress_report)
        .service(transition_progress_reports)
        .service(get_progress_report_by_external_id)
        .service(upsert_progress_report_by_external_id)
        .service(get_progress_report)
        .service(update_progress_report)
        .service(archive_progress_report)
        .service(restore_progress_report)
        .service(get_progress_report_history)
        .service(list_progress_report_transitions)
        .service(transition_progress_report)
        .service(set_progress_report_external_id)
        .service(delete_progress_report_external_id);
}

/// List progress reports
///
/// How the activities of the workplan go, as told by those who carry them out; what is due first stands first. Everybody who is signed in sees accepted
/// and superseded ones; coordinators, focal points and network members see submitted ones; drafts and returned ones are seen by their own organization
/// and the lead ministry.
#[utoipa::path(tag = "Progress reports", params(Listing<ProgressReportFilter>))]
#[get("/v1/progress-reports")]
async fn list_progress_reports(store: Data<Store>, caller: Caller, ask: Listing<ProgressReportFilter>) -> Api<Listed<ProgressReportView>> {
    ask.answer(&store, &caller).await
}

/// Read a progress report
///
/// One progress report as it is now, archived ones included.
#[utoipa::path(tag = "Progress reports")]
#[get("/v1/progress-reports/{id}")]
async fn get_progress_report(store: Data<Store>, caller: Caller, id: Path<Uuid>) -> Api<Found<ProgressReportView>> {
    store.find::<Entity>(&caller, Column::Id.eq(id.0)).await.map(ProgressReportView::from).map(Found)
}

/// Enter a progress report
///
/// Those who lead or co-lead an activity report on it, and members of the UN Network that implement it, each organization for itself (403 `forbidden`
/// for everybody else, the lead ministry among them where it does not lead). It begins as a draft and counts once it was submitted and accepted, at
/// `transitions`. The plan of the activity must be active (409 `plan_not_active`), and the activity
/// in an approved version of it (409 `not_editable_in_state`).
#[utoipa::path(tag = "Progress reports", params(Ask))]
#[post("/v1/progress-reports")]
async fn create_progress_report(
    store: Data<Store>,
    here: Data<Here>,
    body: Json<NewProgressReport>,
    ask: Ask,
) -> Api<Answer<Created<ProgressReportView>>> {
    store
        .write(&ask, async |tx| {
            let grant = tx.may(Action::Create, &Subject::new(Kind::ProgressReport))?;
            let row = writing::enter::<Entity>(tx, &here, &grant, body.read()?.into()).await?;
            Ok(Created(row.into()))
        })
        .await
}

/// Change a progress report
///
/// Its organization changes it while it is a draft or was returned, and while the plan is active (409 `plan_not_active`); otherwise 409
/// `not_editable_in_state`. Whose it is and on which activity stays. Texts are merged by language, the amount is replaced whole.
#[utoipa::path(tag = "Progress reports", params(Ask, IfMatch))]
#[patch("/v1/progress-reports/{id}")]
async fn update_progress_report(
    store: Data<Store>,
    here: Data<Here>,
    id: Path<Uuid>,
    body: Json<ProgressReportPatch>,
    ask: Ask,
    seen: IfMatch,
) -> Api<Answer<Saved<ProgressReportView>>> {
    store
        .write(&ask, async |tx| {
            let (row, grant) = tx.open::<Entity>(Column::Id.eq(id.0), &seen.0, Action::Update).await?;
            let patch = body.patch(&grant, &ProgressReportView::from(row.clone()))?;
            let row = writing::change::<Entity>(tx, &here, &grant, row, patch).await?;
            Ok(Saved(row.into()))
        })
        .await
}

/// Archive a progress report
///
/// The lead ministry takes out of use what was entered by mistake or twice; it counts no more and keeps its history. The accepted report that the
/// progress of the activity comes from stays (409 `has_dependants`): accept another one, or write the progress at the activity, before that.
#[utoipa::path(tag = "Progress reports", params(Ask, IfMatch))]
#[post("/v1/progress-reports/{id}/archive")]
async fn archive_progress_report(store: Data<Store>, id: Path<Uuid>, ask: Ask, seen: IfMatch) -> Api<Answer<Saved<ProgressReportView>>> {
    lifecycle::archive(&store, &ask, Column::Id.eq(id.0), &seen.0, async |tx, row| rules::may_go(tx, row).await).await
}

/// Restore a progress report
///
/// Takes an archived report back into use, in the state in which it was. An accepted one comes back only while no other counts for its period (409
/// `period_reported`), and the progress of the activity stays as it is. A submitted one comes back only while its workplan is active (409
/// `plan_not_active`): afterwards nobody accepts or returns it.
#[utoipa::path(tag = "Progress reports", params(Ask, IfMatch))]
#[post("/v1/progress-reports/{id}/restore")]
async fn restore_progress_report(store: Data<Store>, id: Path<Uuid>, ask: Ask, seen: IfMatch) -> Api<Answer<Saved<ProgressReportView>>> {
    lifecycle::restore_if(&store, &ask, Column::Id.eq(id.0), &seen.0, async |tx, row| rules::may_return(tx, row).await).await
}

/// Read the history of a progress report
///
/// Who changed what and when, the newest change first. What you could not see at its time is withheld: drafts of others stay their own also when the
/// report was accepted later. A report that was superseded names the one that took its place as the reason.
#[utoipa::path(tag = "Progress reports", params(HistoryQuery))]
#[get("/v1/progress-reports/{id}/history")]
async fn get_progress_report_history(
    store: Data<Store>,
    caller: Caller,
    id: Path<Uuid>,
    query: Query<HistoryQuery>,
) -> Api<Document<History<ProgressReportView>>> {
    let row = store.find::<Entity>(&caller, Column::Id.eq(id.0)).await?;
    history(&store, &caller, &row, &query.0).await
}

/// List the transitions of a progress report
///
/// The moves that were made, and those that can be made from here with whether you may make them.
#[utoipa::path(tag = "Progress reports")]
#[get("/v1/progress-reports/{id}/transitions")]
async fn list_progress_report_transitions(store: Data<Store>, caller: Caller, id: Path<Uuid>) -> Api<Document<Transitions>> {
    transitions::list::<ProgressReportView>(&store, &caller, Column::Id.eq(id.0)).await
}

/// Move a progress report
///
/// `draft` or `returned` to `submitted`: its organization. `submitted` to `accepted`, or to `returned` with a reason: the lead ministry. Acceptance
/// writes `implementation`, `progress_percent` and `rating` of the activity at the same time, unless a report on a later period counts already, and
/// moves the report that counted for this period before to `superseded`; there is no other way to that state. All of it only while the plan is active
/// (409 `plan_not_active`).
#[utoipa::path(tag = "Progress reports", params(Ask, IfMatch))]
#[post("/v1/progress-reports/{id}/transitions")]
async fn transition_progress_report(
    store: Data<Store>,
    here: Data<Here>,
    id: Path<Uuid>,
    body: Json<TransitionInput>,
    ask: Ask,
    seen: IfMatch,
) -> Api<Answer<Saved<ProgressReportView>>> {
    transitions::one(&store, &here, &ask, Column::Id.eq(id.0), &seen.0, &body).await
}

/// Move many progress reports
///
/// All or none, or each for itself; the answer says what became of each.
#[utoipa::path(tag = "Progress reports", params(Ask))]
#[post("/v1/progress-reports/transitions")]
async fn transition_progress_reports(
    store: Data<Store>,
    here: Data<Here>,
    body: Json<TransitionsInput>,
    ask: Ask,
) -> Api<Answer<Document<TransitionResults>>> {
    transitions::many::<ProgressReportView>(&store, &here, &ask, &body).await
}

/// Set an external id of a progress report
///
/// The id that another system knows the report by; one for each system. A machine account writes those of its own systems.
#[utoipa::path(tag = "Progress reports", params(Ask, MaybeIfMatch))]
#[put("/v1/progress-reports/{id}/external-ids/{system}")]
async fn set_progress_report_external_id(
    store: Data<Store>,
    path: Path<(Uuid, String)>,
    body: Json<ExternalIdInput>,
    ask: Ask,
    seen: MaybeIfMatch,
) -> Api<Answer<Saved<ProgressReportView>>> {
    external_ids::put(&store, &ask, Column::Id.eq(path.0.0), &path.0.1, seen.0, body).await
}

/// Remove an external id of a progress report
///
/// The other system's id is free again for another row.
#[utoipa::path(tag = "Progress reports", params(Ask, IfMatch))]
#[delete("/v1/progress-reports/{id}/external-ids/{system}")]
async fn delete_progress_report_external_id(
    store: Data<Store>,
    path: Path<(Uuid, String)>,
    ask: Ask,
    seen: IfMatch,
) -> Api<Answer<Saved<ProgressReportView>>> {
    external_ids::remove(&store, &ask, Column::Id.eq(path.0.0), &path.0.1, seen.0).await
}

/// Read a progress report by external id
///
/// The report that another system knows by this id.
#[utoipa::path(tag = "Progress reports")]
#[get("/v1/progress-reports/by-external-id/{system}/{id}")]
async fn get_progress_report_by_external_id(
    store: Data<Store>,
    caller: Caller,
    key: Path<(String, String)>,
) -> Api<Found<ProgressReportView>> {
    external_ids::find(&store, &caller, &key.0, Condition::all()).await
}

/// Enter or change a progress report by external id
///
/// Makes the progress report when the id is not known, otherwise changes what differs: absent stays, `null` clears. Safe to send again.
#[utoipa::path(tag = "Progress reports", params(Ask, MaybeIfMatch))]
#[put("/v1/progress-reports/by-external-id/{system}/{id}")]
async fn upsert_progress_report_by_external_id(
    store: Data<Store>,
    here: Data<Here>,
    key: Path<(String, String)>,
    body: Json<NewProgressReport>,
    ask: Ask,
    seen: MaybeIfMatch,
) -> Api<Answer<Upserted<ProgressReportView>>> {
    let sent = Upsert { key: &key.0, seen: &seen.0, among: Condition::all(), body: &body };
    Box::pin(external_ids::upsert::<NewProgressReport, ProgressReportPatch, _>(&store, &here, &ask, sent, Model::from)).await
}
