//! What the open revision of a plan would change of one activity: it stands beside the activity until the revision is approved.

pub mod filter;
pub mod inputs;
pub mod rules;

use actix_web::{delete, get, patch, post, web::Data};
use filter::ActivityProposalFilter;
use inputs::{ActivityProposalPatch, NewActivityProposal};
use sea_orm::ColumnTrait;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    auth::{Action, Subject},
    clock::Timestamp,
    entity::{
        activity::Plan,
        activity_proposal::{Column, Entity, Model, PlannedBudgetLine, PlannedMilestone},
    },
    features::{
        Listed,
        history::{History, HistoryQuery, history},
        writing::{change, enter},
    },
    http::{
        Api,
        context::Here,
        extract::{Ask, Caller, IfMatch, Json, Path, Query},
        listing::{Listing, Refers},
        mount::Mount,
        reply::{Created, Document, Done, Found, Saved, View},
    },
    kind::Kind,
    store::{Answer, ExternalId, Provenance, Store},
};

/// What an open revision of the workplan would make of one activity that is in force. The activity itself stays as it was approved until the revision
/// is approved; then it becomes what is said here.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ActivityProposalView {
    /// Identifies the proposal for ever.
    pub id: Uuid,
    /// Counts the changes; the same as in the ETag.
    #[schema(minimum = 1)]
    pub revision: i64,
    /// When it was entered.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// When it was archived; always `null`: a proposal that is given up is deleted.
    pub archived_at: Option<Timestamp>,
    /// Where the row came from.
    pub provenance: Provenance,
    /// The ids that other systems know it by; none are kept of proposals.
    pub external_ids: Vec<ExternalId>,
    /// The revision of the workplan that it belongs to.
    pub workplan_revision_id: Uuid,
    /// The activity that it would change.
    pub activity_id: Uuid,
    /// Whether the activity would leave the plan; then `plan`, `milestones` and `budget_lines` are ignored.
    pub removes: bool,
    /// What would be planned of the activity: all of it, not only what differs. `GET /v1/workplans/{id}/diff?against=revision`
    /// tells what differs.
    pub plan: Plan,
    /// The milestones that the activity would have. One that it has and that is not among them would go.
    pub milestones: Vec<PlannedMilestone>,
    /// What the activity would require. A budget line of the kind `required` that it has and that is not among them would go.
    pub budget_lines: Vec<PlannedBudgetLine>,
}

impl From<Model> for ActivityProposalView {
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
            workplan_revision_id,
            activity_id,
            removes,
            plan,
            milestones,
            budget_lines,
        } = row;
        Self {
            id,
            revision,
            created_at,
            updated_at,
            archived_at,
            provenance,
            external_ids: external_ids.0,
            workplan_revision_id,
            activity_id,
            removes,
            plan: plan.0,
            milestones: milestones.0,
            budget_lines: budget_lines.0,
        }
    }
}

impl View for ActivityProposalView {
    type Entity = Entity;
    const PATH: &'static str = "/v1/activity-proposals";

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn revision(&self) -> i64 {
        self.revision
    }
}

impl Refers for ActivityProposalView {
    fn refers(&self) -> Vec<(Kind, Uuid)> {
        let organizations = self.plan.parties.iter().map(|party| (Kind::Organization, party.organization_id));
        organizations.chain([(Kind::Activity, self.activity_id)]).collect()
    }

    fn refers_by_number(&self) -> Vec<(Kind, i16)> {
        self.plan.objective_numbers.iter().map(|number| (Kind::Objective, *number)).collect()
    }
}

pub fn mount(config: &mut Mount<'_>) {
    config
        .service(list_activity_proposals)
        .service(create_activity_proposal)
        .service(get_activity_proposal)
        .service(update_activity_proposal)
        .service(delete_activity_proposal)
        .service(get_activity_proposal_history);
}

/// List activity proposals
///
/// What revisions of workplans would change of activities, or changed. Seen by coordinators, focal points and network members.
#[utoipa::path(tag = "Workplans", params(Listing<ActivityProposalFilter>))]
#[get("/v1/activity-proposals")]
async fn list_activity_proposals(
    store: Data<Store>,
    caller: Caller,
    ask: Listing<ActivityProposalFilter>,
) -> Api<Listed<ActivityProposalView>> {
    ask.answer(&store, &caller).await
}

/// Read an activity proposal
///
/// One proposal as it is now.
#[utoipa::path(tag = "Workplans")]
#[get("/v1/activity-proposals/{id}")]
async fn get_activity_proposal(store: Data<Store>, caller: Caller, id: Path<Uuid>) -> Api<Found<ActivityProposalView>> {
    store.find::<Entity>(&caller, Column::Id.eq(id.0)).await.map(ActivityProposalView::from).map(Found)
}

/// Propose a change of an activity
///
/// For the open revision of the activity's workplan (409 `revision_not_open` without one, `plan_not_active` when the workplan is closed); one for each
/// activity (409 `proposal_made`). What is not sent begins as it is in force. An activity that is in no approved version yet is changed with
/// `PATCH /v1/activities/{id}`; here it is 422 `not_in_the_plan`.
#[utoipa::path(tag = "Workplans", params(Ask))]
#[post("/v1/activity-proposals")]
async fn create_activity_proposal(
    store: Data<Store>,
    here: Data<Here>,
    body: Json<NewActivityProposal>,
    ask: Ask,
) -> Api<Answer<Created<ActivityProposalView>>> {
    store
        .write(&ask, async |tx| {
            let grant = tx.may(Action::Create, &Subject::new(Kind::ActivityProposal))?;
            let row = rules::begun(tx, body.read()?).await?;
            let row = enter::<Entity>(tx, &here, &grant, row).await?;
            Ok(Created(row.into()))
        })
        .await
}

/// Change an activity proposal
///
/// While its revision is open. A change after organizations were asked lets the `substance` of the revision rise and makes a revision in review a draft
/// again.
#[utoipa::path(tag = "Workplans", params(Ask, IfMatch))]
#[patch("/v1/activity-proposals/{id}")]
async fn update_activity_proposal(
    store: Data<Store>,
    here: Data<Here>,
    id: Path<Uuid>,
    body: Json<ActivityProposalPatch>,
    ask: Ask,
    seen: IfMatch,
) -> Api<Answer<Saved<ActivityProposalView>>> {
    store
        .write(&ask, async |tx| {
            let (row, grant) = tx.open::<Entity>(Column::Id.eq(id.0), &seen.0, Action::Update).await?;
            let patch = body.patch(&grant, &ActivityProposalView::from(row.clone()))?;
            let row = change::<Entity>(tx, &here, &grant, row, patch).await?;
            Ok(Saved(row.into()))
        })
        .await
}

/// Delete an activity proposal
///
/// While its revision is open: the activity stays in the next version as it is in force.
#[utoipa::path(tag = "Workplans", params(Ask, IfMatch))]
#[delete("/v1/activity-proposals/{id}")]
async fn delete_activity_proposal(store: Data<Store>, id: Path<Uuid>, ask: Ask, seen: IfMatch) -> Api<Answer<Done>> {
    store
        .write(&ask, async |tx| {
            let (row, grant) = tx.open::<Entity>(Column::Id.eq(id.0), &seen.0, Action::Delete).await?;
            let revision = rules::open_revision(tx, &row).await?;
            tx.delete::<Entity>(&grant, row).await?;
            revision.replanned(tx).await?;
            Ok(Done)
        })
        .await
}

/// Read the history of an activity proposal
///
/// Who changed what and when, the newest change first.
#[utoipa::path(tag = "Workplans", params(HistoryQuery))]
#[get("/v1/activity-proposals/{id}/history")]
async fn get_activity_proposal_history(
    store: Data<Store>,
    caller: Caller,
    id: Path<Uuid>,
    query: Query<HistoryQuery>,
) -> Api<Document<History<ActivityProposalView>>> {
    let row = store.find::<Entity>(&caller, Column::Id.eq(id.0)).await?;
    history(&store, &caller, &row, &query.0).await
}
