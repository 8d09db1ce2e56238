//! Objectives that the country chose to work on first, from the proposal to the act that adopts them.

pub mod filter;
pub mod inputs;
pub mod origin;
pub mod rules;

use actix_web::{delete, get, patch, post, put, web::Data};
use filter::PriorityFilter;
use inputs::{NewPriority, PriorityPatch};
use sea_orm::{ColumnTrait, Condition};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    auth::{Action, Subject},
    clock::Timestamp,
    entity::{
        objective::ObjectiveNumber,
        prioritization::{Cluster, Rationale},
        priority::{Act, Column, Entity, Model, PriorityState},
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
    store::{Answer, ExternalId, Provenance, Store},
    text::Text,
};

/// An objective that the country chose to work on first, with who leads the work. It comes from a round of prioritization; how it came about is
/// told at `origin`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PriorityView {
    /// Identifies the priority for ever.
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
    /// The review cycle that it was chosen in; `null` when it belongs to none.
    pub cycle_id: Option<Uuid>,
    /// The round that it comes from. The organizations that decided there are asked for their word on it.
    pub prioritization_id: Uuid,
    /// The objective that was chosen.
    #[schema(value_type = ObjectiveNumber)]
    pub objective_number: i16,
    /// Its place among the priorities of its round; the first one is 1.
    #[schema(minimum = 1)]
    pub rank: i16,
    /// Why it was chosen, by language.
    pub rationale: Option<Rationale>,
    /// The thematic area of the country that it belongs to, by language.
    pub cluster: Option<Cluster>,
    /// The organization that leads the work.
    pub lead_id: Option<Uuid>,
    /// The organizations that work on it together with the lead.
    pub supporting_ids: Vec<Uuid>,
    /// Counts what organizations are asked about. It rises when the objective, the lead, the supporting organizations, the cluster or an existing
    /// text of the rationale changes; then the priority is proposed anew, and the words given before stay on record under the old number.
    #[schema(minimum = 1)]
    pub substance: i64,
    /// Why it was agreed although not every organization was for it, as the lead ministry said then; `null` when all that were
    /// asked answered and none objected.
    pub agreed_against: Option<Text<1000>>,
    /// The act by which it was adopted; needed before the move to `adopted`.
    pub adoption_act: Option<Act>,
    /// Where the priority stands; moved at `transitions`.
    pub state: PriorityState,
}

impl From<Model> for PriorityView {
    fn from(row: Model) -> Self {
        let adoption_act = row.adoption_act();
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
            cycle_id,
            prioritization_id,
            objective_number,
            rank,
            rationale,
            cluster,
            lead_id,
            supporting_ids,
            substance,
            asked_at: _,
            agreed_against,
            adoption_number: _,
            adoption_date: _,
            adoption_authority: _,
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
            cycle_id,
            prioritization_id,
            objective_number,
            rank,
            rationale,
            cluster,
            lead_id,
            supporting_ids: supporting_ids.0,
            substance,
            agreed_against,
            adoption_act,
            state,
        }
    }
}

impl View for PriorityView {
    type Entity = Entity;
    const PATH: &'static str = "/v1/priorities";

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn revision(&self) -> i64 {
        self.revision
    }
}

impl Refers for PriorityView {
    fn refers(&self) -> Vec<(Kind, Uuid)> {
        let organizations = self.lead_id.iter().chain(&self.supporting_ids).map(|id| (Kind::Organization, *id));
        organizations.chain([(Kind::Prioritization, self.prioritization_id)]).collect()
    }

    fn refers_by_number(&self) -> Vec<(Kind, i16)> {
        vec![(Kind::Objective, self.objective_number)]
    }
}

pub fn mount(config: &mut Mount<'_>) {
    config
        .service(list_priorities)
        .service(create_priority)
        .service(transition_priorities)
        .service(get_priority_by_external_id)
        .service(upsert_priority_by_external_id)
        .service(get_priority)
        .service(update_priority)
        .service(archive_priority)
        .service(restore_priority)
        .service(get_priority_history)
        .service(origin::get_priority_origin)
        .service(list_priority_transitions)
        .service(transition_priority)
        .service(set_priority_external_id)
        .service(delete_priority_external_id);
}

/// List priorities
///
/// What the country chose to work on first. Everybody who is signed in sees those that are agreed or adopted; whoever takes part sees the proposed
/// and the withdrawn ones, too.
#[utoipa::path(tag = "Priorities", params(Listing<PriorityFilter>))]
#[get("/v1/priorities")]
async fn list_priorities(store: Data<Store>, caller: Caller, ask: Listing<PriorityFilter>) -> Api<Listed<PriorityView>> {
    ask.answer(&store, &caller).await
}

/// Read a priority
///
/// One priority as it is now, archived ones included.
#[utoipa::path(tag = "Priorities")]
#[get("/v1/priorities/{id}")]
async fn get_priority(store: Data<Store>, caller: Caller, id: Path<Uuid>) -> Api<Found<PriorityView>> {
    store.find::<Entity>(&caller, Column::Id.eq(id.0)).await.map(PriorityView::from).map(Found)
}

/// Propose a priority
///
/// Finalizing a round proposes those that were selected there; this is for one that came about otherwise. It names a finalized round all the same:
/// the organizations that decided there are asked for their word on it.
#[utoipa::path(tag = "Priorities", params(Ask))]
#[post("/v1/priorities")]
async fn create_priority(store: Data<Store>, here: Data<Here>, body: Json<NewPriority>, ask: Ask) -> Api<Answer<Created<PriorityView>>> {
    store
        .write(&ask, async |tx| {
            let grant = tx.may(Action::Create, &Subject::new(Kind::Priority))?;
            let row = writing::enter::<Entity>(tx, &here, &grant, body.read()?.into()).await?;
            Ok(Created(row.into()))
        })
        .await
}

/// Change a priority
///
/// Another objective, lead, supporting organization, cluster or rationale is another question to the organizations that decide: `substance` rises, the
/// priority goes back to `proposed`, `agreed_against` and `adoption_act` are emptied, and the words given before stay under the old number. A
/// translation that was missing, the rank, the cycle and the act of adoption change nothing of that. Of a withdrawn priority only missing
/// translations can still be added.
#[utoipa::path(tag = "Priorities", params(Ask, IfMatch))]
#[patch("/v1/priorities/{id}")]
async fn update_priority(
    store: Data<Store>,
    here: Data<Here>,
    id: Path<Uuid>,
    body: Json<PriorityPatch>,
    ask: Ask,
    seen: IfMatch,
) -> Api<Answer<Saved<PriorityView>>> {
    store
        .write(&ask, async |tx| {
            let (row, grant) = tx.open::<Entity>(Column::Id.eq(id.0), &seen.0, Action::Update).await?;
            let patch = body.patch(&grant, &PriorityView::from(row.clone()))?;
            let row = writing::change::<Entity>(tx, &here, &grant, row, patch).await?;
            Ok(Saved(row.into()))
        })
        .await
}

/// Archive a priority
///
/// Takes a priority that was entered by mistake out of use; it keeps its history. One that was given up is not archived: move it to `withdrawn`.
#[utoipa::path(tag = "Priorities", params(Ask, IfMatch))]
#[post("/v1/priorities/{id}/archive")]
async fn archive_priority(store: Data<Store>, id: Path<Uuid>, ask: Ask, seen: IfMatch) -> Api<Answer<Saved<PriorityView>>> {
    lifecycle::archive(&store, &ask, Column::Id.eq(id.0), &seen.0, async |_tx, _row| Ok(())).await
}

/// Restore a priority
///
/// Takes an archived priority back into use.
#[utoipa::path(tag = "Priorities", params(Ask, IfMatch))]
#[post("/v1/priorities/{id}/restore")]
async fn restore_priority(store: Data<Store>, id: Path<Uuid>, ask: Ask, seen: IfMatch) -> Api<Answer<Saved<PriorityView>>> {
    lifecycle::restore(&store, &ask, Column::Id.eq(id.0), &seen.0).await
}

/// Read the history of a priority
///
/// Who changed what and when, the newest change first.
#[utoipa::path(tag = "Priorities", params(HistoryQuery))]
#[get("/v1/priorities/{id}/history")]
async fn get_priority_history(
    store: Data<Store>,
    caller: Caller,
    id: Path<Uuid>,
    query: Query<HistoryQuery>,
) -> Api<Document<History<PriorityView>>> {
    let row = store.find::<Entity>(&caller, Column::Id.eq(id.0)).await?;
    history(&store, &caller, &row, &query.0).await
}

/// List the transitions of a priority
///
/// The moves that were made, and those that can be made from here with whether you may make them. A priority that went back to `proposed` because it
/// was changed stands there among the moves.
#[utoipa::path(tag = "Priorities")]
#[get("/v1/priorities/{id}/transitions")]
async fn list_priority_transitions(store: Data<Store>, caller: Caller, id: Path<Uuid>) -> Api<Document<Transitions>> {
    transitions::list::<PriorityView>(&store, &caller, Column::Id.eq(id.0)).await
}

/// Move a priority
///
/// `proposed` to `agreed` when every organization that decides has given its word and none objects; otherwise 409 `transition_incomplete` names those
/// that did not answer and those that object, and the move needs a reason, which everybody reads as `agreed_against`. `agreed` to `adopted` needs
/// `adoption_act`. Each of them to `withdrawn`, with a reason.
#[utoipa::path(tag = "Priorities", params(Ask, IfMatch))]
#[post("/v1/priorities/{id}/transitions")]
async fn transition_priority(
    store: Data<Store>,
    here: Data<Here>,
    id: Path<Uuid>,
    body: Json<TransitionInput>,
    ask: Ask,
    seen: IfMatch,
) -> Api<Answer<Saved<PriorityView>>> {
    transitions::one(&store, &here, &ask, Column::Id.eq(id.0), &seen.0, &body).await
}

/// Move many priorities
///
/// All or none, or each for itself; the answer says what became of each. A reason goes for all of them.
#[utoipa::path(tag = "Priorities", params(Ask))]
#[post("/v1/priorities/transitions")]
async fn transition_priorities(
    store: Data<Store>,
    here: Data<Here>,
    body: Json<TransitionsInput>,
    ask: Ask,
) -> Api<Answer<Document<TransitionResults>>> {
    transitions::many::<PriorityView>(&store, &here, &ask, &body).await
}

/// Set an external id of a priority
///
/// The id that another system knows the priority by; one for each system. A machine account writes those of its own systems.
#[utoipa::path(tag = "Priorities", params(Ask, MaybeIfMatch))]
#[put("/v1/priorities/{id}/external-ids/{system}")]
async fn set_priority_external_id(
    store: Data<Store>,
    path: Path<(Uuid, String)>,
    body: Json<ExternalIdInput>,
    ask: Ask,
    seen: MaybeIfMatch,
) -> Api<Answer<Saved<PriorityView>>> {
    external_ids::put(&store, &ask, Column::Id.eq(path.0.0), &path.0.1, seen.0, body).await
}

/// Remove an external id of a priority
///
/// The other system's id is free again for another row.
#[utoipa::path(tag = "Priorities", params(Ask, IfMatch))]
#[delete("/v1/priorities/{id}/external-ids/{system}")]
async fn delete_priority_external_id(
    store: Data<Store>,
    path: Path<(Uuid, String)>,
    ask: Ask,
    seen: IfMatch,
) -> Api<Answer<Saved<PriorityView>>> {
    external_ids::remove(&store, &ask, Column::Id.eq(path.0.0), &path.0.1, seen.0).await
}

/// Read a priority by external id
///
/// The priority that another system knows by this id.
#[utoipa::path(tag = "Priorities")]
#[get("/v1/priorities/by-external-id/{system}/{id}")]
async fn get_priority_by_external_id(store: Data<Store>, caller: Caller, key: Path<(String, String)>) -> Api<Found<PriorityView>> {
    external_ids::find(&store, &caller, &key.0, Condition::all()).await
}

/// Enter or change a priority by external id
///
/// Proposes the priority when the id is not known, otherwise changes what differs: absent stays, `null` clears. Safe to send again.
#[utoipa::path(tag = "Priorities", params(Ask, MaybeIfMatch))]
#[put("/v1/priorities/by-external-id/{system}/{id}")]
async fn upsert_priority_by_external_id(
    store: Data<Store>,
    here: Data<Here>,
    key: Path<(String, String)>,
    body: Json<NewPriority>,
    ask: Ask,
    seen: MaybeIfMatch,
) -> Api<Answer<Upserted<PriorityView>>> {
    let sent = Upsert { key: &key.0, seen: &seen.0, among: Condition::all(), body: &body };
    external_ids::upsert::<NewPriority, PriorityPatch, _>(&store, &here, &ask, sent, Model::from).await
}
