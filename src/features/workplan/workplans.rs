//! The national workplan: which priorities are carried out from when to when, from the draft to its end.

pub mod filter;
pub mod inputs;
pub mod rules;

use actix_web::{delete, get, patch, post, put, web::Data};
use chrono::NaiveDate;
use filter::WorkplanFilter;
use inputs::{NewWorkplan, WorkplanPatch};
use sea_orm::{ColumnTrait, Condition};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{revisions, versions};
use crate::{
    auth::{Action, Subject},
    clock::Timestamp,
    entity::{
        effort::Title,
        priority::Act,
        workplan::{Column, Entity, Model, WorkplanState},
    },
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
    store::{Answer, ExternalId, Provenance, Store, Tx},
    text::{Interval, Text},
};

/// A national workplan: the activities by which the country carries its priorities out, from its first day to its last. The activities are rows of
/// their own, listed at `GET /v1/activities?workplan_id=`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct WorkplanView {
    /// Identifies the workplan for ever.
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
    /// What it is called, by language.
    pub title: Title,
    /// The first day.
    #[schema(examples("2026-01-01"))]
    pub starts_on: NaiveDate,
    /// The last day.
    #[schema(examples("2028-12-31"))]
    pub ends_on: NaiveDate,
    /// How often its activities are reported on; a report is due 15 days after the month, quarter, half-year or year of the calendar.
    pub reporting_interval: Interval,
    /// The priorities that it carries out. The organizations that decided in the rounds that these come from are asked for their word on the plan.
    pub priority_ids: Vec<Uuid>,
    /// The act by which the version in force was approved; needed before the move to `approved`.
    pub approval_act: Option<Act>,
    /// The version in force, readable for ever at `versions/{version}`; `null` until one was approved. A revision that is approved makes the next one.
    #[schema(minimum = 1)]
    pub version: Option<i64>,
    /// SHA-256 of the answer at `versions/{version}`, in hexadecimal digits; `null` until a version was approved.
    #[schema(examples("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"))]
    pub version_sha256: Option<String>,
    /// Counts what organizations are asked about. It rises when something that is planned changes after they were asked: then the plan is a draft
    /// again, and the words given before stay on record under the old number.
    #[schema(minimum = 1)]
    pub substance: i64,
    /// Why the version in force was approved although not every organization was for it, as the lead ministry said then; `null` when all that were
    /// asked answered and none objected.
    pub agreed_against: Option<Text<1000>>,
    /// Where the workplan stands; moved at `transitions`.
    pub state: WorkplanState,
}

impl From<Model> for WorkplanView {
    fn from(row: Model) -> Self {
        let approval_act = row.approval_act();
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
            title,
            starts_on,
            ends_on,
            reporting_interval,
            priority_ids,
            approval_number: _,
            approval_date: _,
            approval_authority: _,
            version,
            version_sha256,
            substance,
            asked_at: _,
            agreed_against,
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
            title,
            starts_on,
            ends_on,
            reporting_interval,
            priority_ids: priority_ids.0,
            approval_act,
            version,
            version_sha256,
            substance,
            agreed_against,
            state,
        }
    }
}

impl View for WorkplanView {
    type Entity = Entity;
    const PATH: &'static str = "/v1/workplans";

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn revision(&self) -> i64 {
        self.revision
    }
}

impl Refers for WorkplanView {
    fn refers(&self) -> Vec<(Kind, Uuid)> {
        self.priority_ids.iter().map(|id| (Kind::Priority, *id)).collect()
    }
}

pub fn mount(config: &mut Mount<'_>) {
    config
        .service(list_workplans)
        .service(create_workplan)
        .service(transition_workplans)
        .service(get_workplan_by_external_id)
        .service(upsert_workplan_by_external_id)
        .service(get_workplan)
        .service(update_workplan)
        .service(archive_workplan)
        .service(restore_workplan)
        .service(get_workplan_history)
        .service(revisions::revise_workplan)
        .service(versions::get_workplan_versions)
        .service(versions::get_workplan_version)
        .service(versions::diff::get_workplan_diff)
        .service(list_workplan_transitions)
        .service(transition_workplan)
        .service(set_workplan_external_id)
        .service(delete_workplan_external_id);
}

/// List workplans
///
/// The national workplans. Everybody who is signed in sees those that are approved, active or closed; coordinators, focal points and network
/// members see drafts and plans in review, too.
#[utoipa::path(tag = "Workplans", params(Listing<WorkplanFilter>))]
#[get("/v1/workplans")]
async fn list_workplans(store: Data<Store>, caller: Caller, ask: Listing<WorkplanFilter>) -> Api<Listed<WorkplanView>> {
    ask.answer(&store, &caller).await
}

/// Read a workplan
///
/// One workplan as it is now, archived ones included.
#[utoipa::path(tag = "Workplans")]
#[get("/v1/workplans/{id}")]
async fn get_workplan(store: Data<Store>, caller: Caller, id: Path<Uuid>) -> Api<Found<WorkplanView>> {
    store.find::<Entity>(&caller, Column::Id.eq(id.0)).await.map(WorkplanView::from).map(Found)
}

/// Enter a workplan
///
/// It begins as a draft; its activities are entered at `POST /v1/activities`.
#[utoipa::path(tag = "Workplans", params(Ask))]
#[post("/v1/workplans")]
async fn create_workplan(store: Data<Store>, here: Data<Here>, body: Json<NewWorkplan>, ask: Ask) -> Api<Answer<Created<WorkplanView>>> {
    store
        .write(&ask, async |tx| {
            let grant = tx.may(Action::Create, &Subject::new(Kind::Workplan))?;
            let row = writing::enter::<Entity>(tx, &here, &grant, body.read()?.into()).await?;
            Ok(Created(row.into()))
        })
        .await
}

/// Change a workplan
///
/// While it is a draft, in review or returned. A change after organizations were asked lets `substance` rise and makes a plan in review a draft again;
/// `approval_act` and a language that the title lacked change nothing of that.
/// What is approved stands: 409 `not_editable_in_state`; `revise` opens the draft of its next version.
#[utoipa::path(tag = "Workplans", params(Ask, IfMatch))]
#[patch("/v1/workplans/{id}")]
async fn update_workplan(
    store: Data<Store>,
    here: Data<Here>,
    id: Path<Uuid>,
    body: Json<WorkplanPatch>,
    ask: Ask,
    seen: IfMatch,
) -> Api<Answer<Saved<WorkplanView>>> {
    store
        .write(&ask, async |tx| {
            let (row, grant) = tx.open::<Entity>(Column::Id.eq(id.0), &seen.0, Action::Update).await?;
            let patch = body.patch(&grant, &WorkplanView::from(row.clone()))?;
            let row = writing::change::<Entity>(tx, &here, &grant, row, patch).await?;
            Ok(Saved(row.into()))
        })
        .await
}

/// Archive a workplan
///
/// Takes a draft or returned workplan out of use. Its activities are not archived: they can be read, and writes to them are 409 `archived`.
#[utoipa::path(tag = "Workplans", params(Ask, IfMatch))]
#[post("/v1/workplans/{id}/archive")]
async fn archive_workplan(store: Data<Store>, id: Path<Uuid>, ask: Ask, seen: IfMatch) -> Api<Answer<Saved<WorkplanView>>> {
    lifecycle::archive(&store, &ask, Column::Id.eq(id.0), &seen.0, async |_tx, row: &Model| rules::may_go(row)).await
}

/// Restore a workplan
///
/// Takes an archived workplan back into use; 409 `institution_ended` when an organization that takes part in one of its activities has ended meanwhile.
#[utoipa::path(tag = "Workplans", params(Ask, IfMatch))]
#[post("/v1/workplans/{id}/restore")]
async fn restore_workplan(
    store: Data<Store>,
    here: Data<Here>,
    id: Path<Uuid>,
    ask: Ask,
    seen: IfMatch,
) -> Api<Answer<Saved<WorkplanView>>> {
    let check = async |tx: &Tx<'_>, row: &Model| rules::may_return(tx, &here, row).await;
    lifecycle::restore_if(&store, &ask, Column::Id.eq(id.0), &seen.0, check).await
}

/// Read the history of a workplan
///
/// Who changed what and when, the newest change first.
#[utoipa::path(tag = "Workplans", params(HistoryQuery))]
#[get("/v1/workplans/{id}/history")]
async fn get_workplan_history(
    store: Data<Store>,
    caller: Caller,
    id: Path<Uuid>,
    query: Query<HistoryQuery>,
) -> Api<Document<History<WorkplanView>>> {
    let row = store.find::<Entity>(&caller, Column::Id.eq(id.0)).await?;
    history(&store, &caller, &row, &query.0).await
}

/// List the transitions of a workplan
///
/// The moves that were made, and those that can be made from here with whether you may make them. A plan in review that became a draft again because
/// something in it changed stands there among the moves.
#[utoipa::path(tag = "Workplans")]
#[get("/v1/workplans/{id}/transitions")]
async fn list_workplan_transitions(store: Data<Store>, caller: Caller, id: Path<Uuid>) -> Api<Document<Transitions>> {
    transitions::list::<WorkplanView>(&store, &caller, Column::Id.eq(id.0)).await
}

/// Move a workplan
///
/// `draft` or `returned` to `in_review`: organizations answer at `POST /v1/endorsements` with `subject_kind=workplan` and its `substance`. `in_review` to `returned`, with a reason; or to `approved` when every
/// organization that decides has given its word and none objects: otherwise 409 `transition_incomplete` names those that did not answer and those that
/// object, and the move needs a reason, which everybody reads as `agreed_against`. It needs `approval_act`, too, and every priority of the plan
/// must be agreed or adopted (`priority_not_agreed` at `/priority_ids`). It writes version 1. Of a plan without priorities nobody is asked, and it takes a
/// reason. Faults at `/activities/…` name the activities in `params.activity_codes`. `approved` to
/// `active`, while no other plan is active on one of its days (409 `workplan_active`); `active` to `closed`,
/// while no revision is open (409 `revision_open`) and no submitted report waits (`reports_undecided` at `/progress_reports`, unless a reason is
/// given): afterwards none can be accepted or returned.
#[utoipa::path(tag = "Workplans", params(Ask, IfMatch))]
#[post("/v1/workplans/{id}/transitions")]
async fn transition_workplan(
    store: Data<Store>,
    here: Data<Here>,
    id: Path<Uuid>,
    body: Json<TransitionInput>,
    ask: Ask,
    seen: IfMatch,
) -> Api<Answer<Saved<WorkplanView>>> {
    transitions::one(&store, &here, &ask, Column::Id.eq(id.0), &seen.0, &body).await
}

/// Move many workplans
///
/// All or none, or each for itself; the answer says what became of each. A reason goes for all of them.
#[utoipa::path(tag = "Workplans", params(Ask))]
#[post("/v1/workplans/transitions")]
async fn transition_workplans(
    store: Data<Store>,
    here: Data<Here>,
    body: Json<TransitionsInput>,
    ask: Ask,
) -> Api<Answer<Document<TransitionResults>>> {
    transitions::many::<WorkplanView>(&store, &here, &ask, &body).await
}

/// Set an external id of a workplan
///
/// The id that another system knows the workplan by; one for each system. A machine account writes those of its own systems.
#[utoipa::path(tag = "Workplans", params(Ask, MaybeIfMatch))]
#[put("/v1/workplans/{id}/external-ids/{system}")]
async fn set_workplan_external_id(
    store: Data<Store>,
    path: Path<(Uuid, String)>,
    body: Json<ExternalIdInput>,
    ask: Ask,
    seen: MaybeIfMatch,
) -> Api<Answer<Saved<WorkplanView>>> {
    external_ids::put(&store, &ask, Column::Id.eq(path.0.0), &path.0.1, seen.0, body).await
}

/// Remove an external id of a workplan
///
/// The other system's id is free again for another row.
#[utoipa::path(tag = "Workplans", params(Ask, IfMatch))]
#[delete("/v1/workplans/{id}/external-ids/{system}")]
async fn delete_workplan_external_id(
    store: Data<Store>,
    path: Path<(Uuid, String)>,
    ask: Ask,
    seen: IfMatch,
) -> Api<Answer<Saved<WorkplanView>>> {
    external_ids::remove(&store, &ask, Column::Id.eq(path.0.0), &path.0.1, seen.0).await
}

/// Read a workplan by external id
///
/// The workplan that another system knows by this id.
#[utoipa::path(tag = "Workplans")]
#[get("/v1/workplans/by-external-id/{system}/{id}")]
async fn get_workplan_by_external_id(store: Data<Store>, caller: Caller, key: Path<(String, String)>) -> Api<Found<WorkplanView>> {
    external_ids::find(&store, &caller, &key.0, Condition::all()).await
}

/// Enter or change a workplan by external id
///
/// Enters the workplan when the id is not known, otherwise changes what differs: absent stays, `null` clears. Safe to send again.
#[utoipa::path(tag = "Workplans", params(Ask, MaybeIfMatch))]
#[put("/v1/workplans/by-external-id/{system}/{id}")]
async fn upsert_workplan_by_external_id(
    store: Data<Store>,
    here: Data<Here>,
    key: Path<(String, String)>,
    body: Json<NewWorkplan>,
    ask: Ask,
    seen: MaybeIfMatch,
) -> Api<Answer<Upserted<WorkplanView>>> {
    let sent = Upsert { key: &key.0, seen: &seen.0, among: Condition::all(), body: &body };
    external_ids::upsert::<NewWorkplan, WorkplanPatch, _>(&store, &here, &ask, sent, Model::from).await
}
