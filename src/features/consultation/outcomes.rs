//! What consultations left: decisions, recommendations, and what is to be done by whom.

pub mod filter;
pub mod inputs;
pub mod rules;

use actix_web::{delete, get, patch, post, put, web::Data};
use chrono::NaiveDate;
use filter::OutcomeFilter;
use inputs::{NewOutcome, OutcomePatch};
use sea_orm::{ColumnTrait, Condition};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    auth::{Action, Subject},
    clock::Timestamp,
    entity::{
        objective::ObjectiveNumber,
        outcome::{Column, Entity, Model, OutcomeState, OutcomeText},
    },
    features::{
        Listed,
        history::{History, HistoryQuery, history},
        lifecycle,
        sync::external_ids::{self, ExternalIdInput, Upsert},
        transitions::{self, TransitionInput, TransitionResults, Transitions, TransitionsInput},
        writing::{change, enter},
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
    text::Term,
};

/// What a consultation left: a decision, a recommendation or an action point.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct OutcomeView {
    /// Identifies the outcome for ever.
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
    /// The consultation that left it.
    pub consultation_id: Uuid,
    /// What sort of outcome it is, such as `decision`, `recommendation` or `action_point`; the vocabulary `outcome_kinds` may grow.
    #[schema(examples("action_point"))]
    pub kind: Term,
    /// What was decided, recommended, or is to be done, by language.
    pub text: OutcomeText,
    /// The objectives that it is about, in rising order.
    #[schema(value_type = Vec<ObjectiveNumber>)]
    pub objective_numbers: Vec<i16>,
    /// The organization that sees to it; `null` when nobody does.
    pub responsible_id: Option<Uuid>,
    /// The day by which it is to be done; `null` when none was set.
    #[schema(examples("2024-12-31"))]
    pub due_on: Option<NaiveDate>,
    /// Where it stands; moved at `transitions`.
    pub state: OutcomeState,
}

impl From<Model> for OutcomeView {
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
            consultation_id,
            kind,
            text,
            objective_numbers,
            responsible_id,
            due_on,
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
            consultation_id,
            kind,
            text,
            objective_numbers: objective_numbers.0,
            responsible_id,
            due_on,
            state,
        }
    }
}

impl View for OutcomeView {
    type Entity = Entity;
    const PATH: &'static str = "/v1/outcomes";

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn revision(&self) -> i64 {
        self.revision
    }
}

impl Refers for OutcomeView {
    fn refers(&self) -> Vec<(Kind, Uuid)> {
        let consultation = (Kind::Consultation, self.consultation_id);
        std::iter::once(consultation).chain(self.responsible_id.map(|id| (Kind::Organization, id))).collect()
    }

    fn refers_by_number(&self) -> Vec<(Kind, i16)> {
        self.objective_numbers.iter().map(|number| (Kind::Objective, *number)).collect()
    }
}

pub fn mount(config: &mut Mount<'_>) {
    config
        .service(list_outcomes)
        .service(create_outcome)
        .service(transition_outcomes)
        .service(get_outcome_by_external_id)
        .service(upsert_outcome_by_external_id)
        .service(get_outcome)
        .service(update_outcome)
        .service(archive_outcome)
        .service(restore_outcome)
        .service(get_outcome_history)
        .service(list_outcome_transitions)
        .service(transition_outcome)
        .service(set_outcome_external_id)
        .service(delete_outcome_external_id);
}

/// List outcomes of consultations
///
/// What workshops and meetings decided, recommended or left to be done, by whom and by when.
#[utoipa::path(tag = "Outcomes", params(Listing<OutcomeFilter>))]
#[get("/v1/outcomes")]
async fn list_outcomes(store: Data<Store>, caller: Caller, ask: Listing<OutcomeFilter>) -> Api<Listed<OutcomeView>> {
    ask.answer(&store, &caller).await
}

/// Read an outcome
///
/// One outcome as it is now, archived ones included.
#[utoipa::path(tag = "Outcomes")]
#[get("/v1/outcomes/{id}")]
async fn get_outcome(store: Data<Store>, caller: Caller, id: Path<Uuid>) -> Api<Found<OutcomeView>> {
    store.find::<Entity>(&caller, Column::Id.eq(id.0)).await.map(OutcomeView::from).map(Found)
}

/// Enter an outcome
///
/// The lead ministry keeps the list. A new outcome is `open`.
#[utoipa::path(tag = "Outcomes", params(Ask))]
#[post("/v1/outcomes")]
async fn create_outcome(store: Data<Store>, here: Data<Here>, body: Json<NewOutcome>, ask: Ask) -> Api<Answer<Created<OutcomeView>>> {
    store
        .write(&ask, async |tx| {
            let grant = tx.may(Action::Create, &Subject::new(Kind::Outcome))?;
            let row = enter::<Entity>(tx, &here, &grant, body.read()?.into()).await?;
            Ok(Created(row.into()))
        })
        .await
}

/// Change an outcome
///
/// The lead ministry changes every field while the outcome is open. Afterwards only `text` can be changed, for a translation or a spelling: 409
/// `not_editable_in_state`.
#[utoipa::path(tag = "Outcomes", params(Ask, IfMatch))]
#[patch("/v1/outcomes/{id}")]
async fn update_outcome(
    store: Data<Store>,
    here: Data<Here>,
    id: Path<Uuid>,
    body: Json<OutcomePatch>,
    ask: Ask,
    seen: IfMatch,
) -> Api<Answer<Saved<OutcomeView>>> {
    store
        .write(&ask, async |tx| {
            let (row, grant) = tx.open::<Entity>(Column::Id.eq(id.0), &seen.0, Action::Update).await?;
            let patch = body.patch(&grant, &OutcomeView::from(row.clone()))?;
            let row = change::<Entity>(tx, &here, &grant, row, patch).await?;
            Ok(Saved(row.into()))
        })
        .await
}

/// Archive an outcome
///
/// Takes an outcome that was entered by mistake out of use. One that was given up is not archived: move it to `dropped`.
#[utoipa::path(tag = "Outcomes", params(Ask, IfMatch))]
#[post("/v1/outcomes/{id}/archive")]
async fn archive_outcome(store: Data<Store>, id: Path<Uuid>, ask: Ask, seen: IfMatch) -> Api<Answer<Saved<OutcomeView>>> {
    lifecycle::archive(&store, &ask, Column::Id.eq(id.0), &seen.0, async |_tx, _row| Ok(())).await
}

/// Restore an outcome
///
/// Takes an archived outcome back into use, if its consultation is in use.
#[utoipa::path(tag = "Outcomes", params(Ask, IfMatch))]
#[post("/v1/outcomes/{id}/restore")]
async fn restore_outcome(store: Data<Store>, here: Data<Here>, id: Path<Uuid>, ask: Ask, seen: IfMatch) -> Api<Answer<Saved<OutcomeView>>> {
    lifecycle::restore_if(&store, &ask, Column::Id.eq(id.0), &seen.0, async |tx, row: &Model| rules::may_return(tx, &here, row).await).await
}

/// Read the history of an outcome
///
/// Who changed what and when, the newest change first.
#[utoipa::path(tag = "Outcomes", params(HistoryQuery))]
#[get("/v1/outcomes/{id}/history")]
async fn get_outcome_history(
    store: Data<Store>,
    caller: Caller,
    id: Path<Uuid>,
    query: Query<HistoryQuery>,
) -> Api<Document<History<OutcomeView>>> {
    let row = store.find::<Entity>(&caller, Column::Id.eq(id.0)).await?;
    history(&store, &caller, &row, &query.0).await
}

/// List the transitions of an outcome
///
/// The moves that were made, and those that can be made from here with whether you may make them.
#[utoipa::path(tag = "Outcomes")]
#[get("/v1/outcomes/{id}/transitions")]
async fn list_outcome_transitions(store: Data<Store>, caller: Caller, id: Path<Uuid>) -> Api<Document<Transitions>> {
    transitions::list::<OutcomeView>(&store, &caller, Column::Id.eq(id.0)).await
}

/// Move an outcome
///
/// `open` to `done`, by the organization that is responsible; `done` to `verified`, by the lead ministry, unless it is responsible itself; either
/// to `dropped`, by the lead ministry with a reason.
#[utoipa::path(tag = "Outcomes", params(Ask, IfMatch))]
#[post("/v1/outcomes/{id}/transitions")]
async fn transition_outcome(
    store: Data<Store>,
    here: Data<Here>,
    id: Path<Uuid>,
    body: Json<TransitionInput>,
    ask: Ask,
    seen: IfMatch,
) -> Api<Answer<Saved<OutcomeView>>> {
    transitions::one(&store, &here, &ask, Column::Id.eq(id.0), &seen.0, &body).await
}

/// Move many outcomes
///
/// All or none, or each for itself; the answer says what became of each.
#[utoipa::path(tag = "Outcomes", params(Ask))]
#[post("/v1/outcomes/transitions")]
async fn transition_outcomes(
    store: Data<Store>,
    here: Data<Here>,
    body: Json<TransitionsInput>,
    ask: Ask,
) -> Api<Answer<Document<TransitionResults>>> {
    transitions::many::<OutcomeView>(&store, &here, &ask, &body).await
}

/// Set an external id of an outcome
///
/// The id that another system knows the outcome by; one for each system. A machine account writes those of its own systems.
#[utoipa::path(tag = "Outcomes", params(Ask, MaybeIfMatch))]
#[put("/v1/outcomes/{id}/external-ids/{system}")]
async fn set_outcome_external_id(
    store: Data<Store>,
    path: Path<(Uuid, String)>,
    body: Json<ExternalIdInput>,
    ask: Ask,
    seen: MaybeIfMatch,
) -> Api<Answer<Saved<OutcomeView>>> {
    external_ids::put(&store, &ask, Column::Id.eq(path.0.0), &path.0.1, seen.0, body).await
}

/// Remove an external id of an outcome
///
/// The other system's id is free again for another row.
#[utoipa::path(tag = "Outcomes", params(Ask, IfMatch))]
#[delete("/v1/outcomes/{id}/external-ids/{system}")]
async fn delete_outcome_external_id(
    store: Data<Store>,
    path: Path<(Uuid, String)>,
    ask: Ask,
    seen: IfMatch,
) -> Api<Answer<Saved<OutcomeView>>> {
    external_ids::remove(&store, &ask, Column::Id.eq(path.0.0), &path.0.1, seen.0).await
}

/// Read an outcome by external id
///
/// The outcome that another system knows by this id.
#[utoipa::path(tag = "Outcomes")]
#[get("/v1/outcomes/by-external-id/{system}/{id}")]
async fn get_outcome_by_external_id(store: Data<Store>, caller: Caller, key: Path<(String, String)>) -> Api<Found<OutcomeView>> {
    external_ids::find(&store, &caller, &key.0, Condition::all()).await
}

/// Enter or change an outcome by external id
///
/// Makes the outcome when the id is not known, otherwise changes what differs: absent stays, `null` clears. Safe to send again.
#[utoipa::path(tag = "Outcomes", params(Ask, MaybeIfMatch))]
#[put("/v1/outcomes/by-external-id/{system}/{id}")]
async fn upsert_outcome_by_external_id(
    store: Data<Store>,
    here: Data<Here>,
    key: Path<(String, String)>,
    body: Json<NewOutcome>,
    ask: Ask,
    seen: MaybeIfMatch,
) -> Api<Answer<Upserted<OutcomeView>>> {
    let sent = Upsert { key: &key.0, seen: &seen.0, among: Condition::all(), body: &body };
    external_ids::upsert::<NewOutcome, OutcomePatch, _>(&store, &here, &ask, sent, Model::from).await
}
