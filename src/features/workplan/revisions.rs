//! The draft of the next version of an approved or active workplan: it stands beside the plan in force until it is approved.

pub mod applied;
pub mod filter;
pub mod inputs;
pub mod rules;

use actix_web::{get, patch, post, web::Data};
use chrono::NaiveDate;
use filter::WorkplanRevisionFilter;
use inputs::{NewRevision, WorkplanRevisionPatch};
use sea_orm::ColumnTrait;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{planning, workplans};
use crate::{
    auth::{Action, Subject},
    clock::Timestamp,
    entity::{
        effort::{Passage, Title},
        priority::Act,
        workplan,
        workplan_revision::{Column, Entity, Model, RevisionState},
    },
    features::{
        Listed,
        history::{History, HistoryQuery, history},
        transitions::{self, TransitionInput, TransitionResults, Transitions, TransitionsInput},
        writing,
    },
    http::{
        Api,
        context::Here,
        extract::{Ask, Caller, IfMatch, Json, Path, Query},
        listing::{Listing, Refers},
        mount::Mount,
        reply::{Created, Document, Found, Saved, View},
    },
    kind::Kind,
    problem::{Code, Problem},
    store::{Answer, ExternalId, Provenance, Store},
    text::{Interval, Text},
};

/// The draft of the next version of an approved or active workplan. What it would change of activities that are in force stands in activity proposals
/// (`GET /v1/activity-proposals?workplan_revision_id=`); activities that it adds are entered at `POST /v1/activities`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct WorkplanRevisionView {
    /// Identifies the revision of the workplan for ever.
    pub id: Uuid,
    /// Counts the changes of this row; the same as in the ETag.
    #[schema(minimum = 1)]
    pub revision: i64,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// When it was archived; always `null`: a revision that is given up is withdrawn.
    pub archived_at: Option<Timestamp>,
    /// Where the row came from.
    pub provenance: Provenance,
    /// The ids that other systems know it by; none are kept of revisions.
    pub external_ids: Vec<ExternalId>,
    /// The workplan that it revises.
    pub workplan_id: Uuid,
    /// The number of the version that its approval makes.
    #[schema(minimum = 2)]
    pub version: i64,
    /// Why the plan is revised, by language.
    pub note: Option<Passage>,
    /// What the plan is to be called, by language.
    pub title: Title,
    /// The first day that the plan is to have.
    #[schema(examples("2026-01-01"))]
    pub starts_on: NaiveDate,
    /// The last day that the plan is to have.
    #[schema(examples("2029-06-30"))]
    pub ends_on: NaiveDate,
    /// How often its activities are to be reported on.
    pub reporting_interval: Interval,
    /// The priorities that the plan is to carry out.
    pub priority_ids: Vec<Uuid>,
    /// The act by which the new version was approved; needed before the move to `approved`.
    pub approval_act: Option<Act>,
    /// Counts what organizations are asked about. It rises when something that the revision plans changes after they were asked: then it is a draft
    /// again, and the words given before stay on record under the old number.
    #[schema(minimum = 1)]
    pub substance: i64,
    /// Why it was approved although not every organization was for it, as the lead ministry said then; `null` when all that were asked answered and
    /// none objected.
    pub agreed_against: Option<Text<1000>>,
    /// Where the revision stands; moved at `transitions`.
    pub state: RevisionState,
}

impl From<Model> for WorkplanRevisionView {
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
            workplan_id,
            version,
            note,
            title,
            starts_on,
            ends_on,
            reporting_interval,
            priority_ids,
            approval_number: _,
            approval_date: _,
            approval_authority: _,
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
            workplan_id,
            version,
            note,
            title,
            starts_on,
            ends_on,
            reporting_interval,
            priority_ids: priority_ids.0,
            approval_act,
            substance,
            agreed_against,
            state,
        }
    }
}

impl View for WorkplanRevisionView {
    type Entity = Entity;
    const PATH: &'static str = "/v1/workplan-revisions";

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn revision(&self) -> i64 {
        self.revision
    }
}

impl Refers for WorkplanRevisionView {
    fn refers(&self) -> Vec<(Kind, Uuid)> {
        let priorities = self.priority_ids.iter().map(|id| (Kind::Priority, *id));
        priorities.chain([(Kind::Workplan, self.workplan_id)]).collect()
    }
}

pub fn mount(config: &mut Mount<'_>) {
    config
        .service(list_workplan_revisions)
        .service(transition_workplan_revisions)
        .service(get_workplan_revision)
        .service(update_workplan_revision)
        .service(get_workplan_revision_history)
        .service(list_workplan_revision_transitions)
        .service(transition_workplan_revision);
}

/// Revise a workplan
///
/// Opens the draft of the next version of an approved or active plan: it starts as a copy of the plan in force. The plan goes on as it is until the
/// revision is approved. One revision of a plan is open at a time (409 `revision_open`). A plan that is not approved yet needs none, as it can be
/// changed directly, and a closed one cannot be changed any more: both are 409 `plan_not_active`.
#[utoipa::path(tag = "Workplans", params(Ask))]
#[post("/v1/workplans/{id}/revise")]
pub(super) async fn revise_workplan(
    store: Data<Store>,
    here: Data<Here>,
    id: Path<Uuid>,
    body: Json<NewRevision>,
    ask: Ask,
) -> Api<Answer<Created<WorkplanRevisionView>>> {
    store
        .write(&ask, async |tx| {
            let plan = tx.find::<workplan::Entity>(workplan::Column::Id.eq(id.0)).await?.ok_or_else(Problem::not_found)?;
            let grant = tx.may(Action::Create, &Subject::new(Kind::WorkplanRevision))?;
            let NewRevision { note } = body.read()?;
            if plan.archived_at.is_some() {
                return Err(Problem::new(Code::Archived));
            }
            planning::must_be_approved(&plan)?;
            workplans::rules::without_revision(tx, &plan).await?;
            let row = writing::enter::<Entity>(tx, &here, &grant, Model { note, ..Model::of(&plan) }).await?;
            Ok(Created(row.into()))
        })
        .await
}

/// List revisions of workplans
///
/// The drafts of next versions, and those that were approved or withdrawn. Everybody who is signed in sees those that were approved; coordinators,
/// focal points and network members see all.
#[utoipa::path(tag = "Workplans", params(Listing<WorkplanRevisionFilter>))]
#[get("/v1/workplan-revisions")]
async fn list_workplan_revisions(
    store: Data<Store>,
    caller: Caller,
    ask: Listing<WorkplanRevisionFilter>,
) -> Api<Listed<WorkplanRevisionView>> {
    ask.answer(&store, &caller).await
}

/// Read a revision of a workplan
///
/// One revision as it is now.
#[utoipa::path(tag = "Workplans")]
#[get("/v1/workplan-revisions/{id}")]
async fn get_workplan_revision(store: Data<Store>, caller: Caller, id: Path<Uuid>) -> Api<Found<WorkplanRevisionView>> {
    store.find::<Entity>(&caller, Column::Id.eq(id.0)).await.map(WorkplanRevisionView::from).map(Found)
}

/// Change a revision of a workplan
///
/// Until it is approved or withdrawn (then 409 `revision_not_open`). A change after organizations were asked lets `substance` rise and makes a revision
/// in review a draft again; the note and the act of approval change nothing of that.
#[utoipa::path(tag = "Workplans", params(Ask, IfMatch))]
#[patch("/v1/workplan-revisions/{id}")]
async fn update_workplan_revision(
    store: Data<Store>,
    here: Data<Here>,
    id: Path<Uuid>,
    body: Json<WorkplanRevisionPatch>,
    ask: Ask,
    seen: IfMatch,
) -> Api<Answer<Saved<WorkplanRevisionView>>> {
    store
        .write(&ask, async |tx| {
            let (row, grant) = tx.open::<Entity>(Column::Id.eq(id.0), &seen.0, Action::Update).await?;
            let patch = body.patch(&grant, &WorkplanRevisionView::from(row.clone()))?;
            let row = writing::change::<Entity>(tx, &here, &grant, row, patch).await?;
            Ok(Saved(row.into()))
        })
        .await
}

/// Read the history of a revision of a workplan
///
/// Who changed what and when, the newest change first.
#[utoipa::path(tag = "Workplans", params(HistoryQuery))]
#[get("/v1/workplan-revisions/{id}/history")]
async fn get_workplan_revision_history(
    store: Data<Store>,
    caller: Caller,
    id: Path<Uuid>,
    query: Query<HistoryQuery>,
) -> Api<Document<History<WorkplanRevisionView>>> {
    let row = store.find::<Entity>(&caller, Column::Id.eq(id.0)).await?;
    history(&store, &caller, &row, &query.0).await
}

/// List the transitions of a revision of a workplan
///
/// The moves that were made, and those that can be made from here with whether you may make them.
#[utoipa::path(tag = "Workplans")]
#[get("/v1/workplan-revisions/{id}/transitions")]
async fn list_workplan_revision_transitions(store: Data<Store>, caller: Caller, id: Path<Uuid>) -> Api<Document<Transitions>> {
    transitions::list::<WorkplanRevisionView>(&store, &caller, Column::Id.eq(id.0)).await
}

/// Move a revision of a workplan
///
/// `draft` or `returned` to `in_review`: organizations answer at `POST /v1/endorsements` with `subject_kind=workplan_revision` and its `substance`. `in_review` to `returned`, with a reason; or to `approved`, which makes
/// it the plan: in one step the plan, its activities, their milestones and what they require become what the revision says, and the next version is
/// written. It needs `approval_act`, and the word of every organization that decides or a reason. Priorities that it adds to the plan must be
/// agreed or adopted (`priority_not_agreed` at `/priority_ids`). Until it is approved, it can move to `withdrawn`, with a reason.
#[utoipa::path(tag = "Workplans", params(Ask, IfMatch))]
#[post("/v1/workplan-revisions/{id}/transitions")]
async fn transition_workplan_revision(
    store: Data<Store>,
    here: Data<Here>,
    id: Path<Uuid>,
    body: Json<TransitionInput>,
    ask: Ask,
    seen: IfMatch,
) -> Api<Answer<Saved<WorkplanRevisionView>>> {
    transitions::one(&store, &here, &ask, Column::Id.eq(id.0), &seen.0, &body).await
}

/// Move many revisions of workplans
///
/// All or none, or each for itself; the answer says what became of each. A reason goes for all of them.
#[utoipa::path(tag = "Workplans", params(Ask))]
#[post("/v1/workplan-revisions/transitions")]
async fn transition_workplan_revisions(
    store: Data<Store>,
    here: Data<Here>,
    body: Json<TransitionsInput>,
    ask: Ask,
) -> Api<Answer<Document<TransitionResults>>> {
    transitions::many::<WorkplanRevisionView>(&store, &here, &ask, &body).await
}
