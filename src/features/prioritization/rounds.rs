//! Rounds of prioritization: who is asked, by which criteria, until when, and what was chosen.

pub mod filter;
pub mod inputs;
pub mod rules;

use actix_web::{delete, get, patch, post, put, web::Data};
use chrono::NaiveDate;
use filter::PrioritizationFilter;
use inputs::{NewPrioritization, PrioritizationPatch};
use sea_orm::{ColumnTrait, Condition};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::numbers::{Weight, half_up, shown};
use crate::{
    auth::{Action, Subject},
    clock::Timestamp,
    entity::prioritization::{Column, Criterion, Entity, Model, RoundState, Selected, Title},
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
    text::{LocalizedText, Term},
};

/// A criterion by which every nomination is scored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CriterionView {
    /// The criterion, one of `GET /v1/vocabularies/prioritization_criteria`.
    #[schema(examples("urgency"))]
    pub code: Term,
    /// How it was put to the electorate, by language; `null`: as the vocabulary has it.
    pub title: Option<LocalizedText<200>>,
    /// How much it counts beside the others; any sum.
    pub weight: Weight,
    /// Its weight as a share of all weights, to six decimals.
    #[schema(minimum = 0, maximum = 1, examples(0.333333))]
    pub weight_share: f64,
}

/// A round in which institutions nominate objectives and score them, so that a country can agree on what comes first. The lead ministry prepares it
/// as a draft, opens and closes it, chooses from the results, and finalizes it: each chosen objective becomes a proposed priority.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PrioritizationView {
    /// Identifies the round for ever.
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
    /// The name of the round, by language.
    pub title: Title,
    /// The review cycle that it prepares; `null` for none.
    pub cycle_id: Option<Uuid>,
    /// The consultation in which it was held or prepared; `null` for none.
    pub consultation_id: Option<Uuid>,
    /// The day on which it was announced to open. The state alone opens it.
    #[schema(examples("2026-09-01"))]
    pub opens_on: Option<NaiveDate>,
    /// The last day on which nominations are taken; `null`: until it is closed.
    #[schema(examples("2026-09-30"))]
    pub closes_on: Option<NaiveDate>,
    /// The institutions that are asked. For one that ended meanwhile, the institution that took its place nominates.
    pub electorate_ids: Vec<Uuid>,
    /// What nominations are scored by.
    pub criteria: Vec<CriterionView>,
    /// The objectives that were chosen; empty until the round is closed.
    pub selection: Vec<Selected>,
    /// Where the round stands; moved at `transitions`.
    pub state: RoundState,
}

impl From<Model> for PrioritizationView {
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
            title,
            cycle_id,
            consultation_id,
            opens_on,
            closes_on,
            electorate_ids,
            criteria,
            selection,
            state,
            opened: _,
            ranking: _,
            missing_organization_ids: _,
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
            cycle_id,
            consultation_id,
            opens_on,
            closes_on,
            electorate_ids: electorate_ids.0,
            criteria: shares(criteria.0),
            selection: selection.0,
            state,
        }
    }
}

fn shares(criteria: Vec<Criterion>) -> Vec<CriterionView> {
    let whole = criteria.iter().map(|criterion| i128::from(criterion.weight)).sum::<i128>().max(1);
    let view = |Criterion { code, title, weight }| CriterionView {
        code,
        title,
        weight: Weight(weight),
        weight_share: shown(half_up(i128::from(weight), whole)),
    };
    criteria.into_iter().map(view).collect()
}

impl View for PrioritizationView {
    type Entity = Entity;
    const PATH: &'static str = "/v1/prioritizations";

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn revision(&self) -> i64 {
        self.revision
    }
}

impl Refers for PrioritizationView {
    fn refers(&self) -> Vec<(Kind, Uuid)> {
        let chosen = self.selection.iter().flat_map(|chosen| chosen.lead_id.iter().chain(&chosen.supporting_ids));
        let organizations = self.electorate_ids.iter().chain(chosen).map(|id| (Kind::Organization, *id));
        organizations.chain(self.cycle_id.map(|id| (Kind::ReviewCycle, id))).collect()
    }

    fn refers_by_number(&self) -> Vec<(Kind, i16)> {
        self.selection.iter().map(|chosen| (Kind::Objective, chosen.objective_number)).collect()
    }
}

pub fn mount(config: &mut Mount<'_>) {
    config
        .service(list_prioritizations)
        .service(create_prioritization)
        .service(transition_prioritizations)
        .service(get_prioritization_by_external_id)
        .service(upsert_prioritization_by_external_id)
        .service(get_prioritization)
        .service(update_prioritization)
        .service(archive_prioritization)
        .service(restore_prioritization)
        .service(get_prioritization_history)
        .service(list_prioritization_transitions)
        .service(transition_prioritization)
        .service(set_prioritization_external_id)
        .service(delete_prioritization_external_id);
}

/// List rounds of prioritization
///
/// Rounds from their opening on; who takes part sees drafts, too.
#[utoipa::path(tag = "Prioritizations", params(Listing<PrioritizationFilter>))]
#[get("/v1/prioritizations")]
async fn list_prioritizations(store: Data<Store>, caller: Caller, ask: Listing<PrioritizationFilter>) -> Api<Listed<PrioritizationView>> {
    ask.answer(&store, &caller).await
}

/// Read a round of prioritization
///
/// One round as it is now, archived ones included. What it came to stands at `results`.
#[utoipa::path(tag = "Prioritizations")]
#[get("/v1/prioritizations/{id}")]
async fn get_prioritization(store: Data<Store>, caller: Caller, id: Path<Uuid>) -> Api<Found<PrioritizationView>> {
    store.find::<Entity>(&caller, Column::Id.eq(id.0)).await.map(PrioritizationView::from).map(Found)
}

/// Enter a round of prioritization
///
/// The lead ministry enters it as a draft; nobody is asked until it is opened at `transitions`.
#[utoipa::path(tag = "Prioritizations", params(Ask))]
#[post("/v1/prioritizations")]
async fn create_prioritization(
    store: Data<Store>,
    here: Data<Here>,
    body: Json<NewPrioritization>,
    ask: Ask,
) -> Api<Answer<Created<PrioritizationView>>> {
    store
        .write(&ask, async |tx| {
            let grant = tx.may(Action::Create, &Subject::new(Kind::Prioritization))?;
            let row = writing::enter::<Entity>(tx, &here, &grant, body.read()?.into()).await?;
            Ok(Created(row.into()))
        })
        .await
}

/// Change a round of prioritization
///
/// A draft: everything but the selection. While it is open: the title, what it belongs to and `closes_on`; electorate and criteria are frozen. Once it is
/// closed: the title, what it belongs to and `selection`. Finalized or cancelled: the title. Anything else is 409 `not_editable_in_state`.
#[utoipa::path(tag = "Prioritizations", params(Ask, IfMatch))]
#[patch("/v1/prioritizations/{id}")]
async fn update_prioritization(
    store: Data<Store>,
    here: Data<Here>,
    id: Path<Uuid>,
    body: Json<PrioritizationPatch>,
    ask: Ask,
    seen: IfMatch,
) -> Api<Answer<Saved<PrioritizationView>>> {
    store
        .write(&ask, async |tx| {
            let (row, grant) = tx.open::<Entity>(Column::Id.eq(id.0), &seen.0, Action::Update).await?;
            let patch = body.patch(&grant, &PrioritizationView::from(row.clone()))?;
            let row = writing::change::<Entity>(tx, &here, &grant, row, patch).await?;
            Ok(Saved(row.into()))
        })
        .await
}

/// Archive a round of prioritization
///
/// Takes a draft or a cancelled round out of use. Others are under way or history: 409 `not_editable_in_state`.
#[utoipa::path(tag = "Prioritizations", params(Ask, IfMatch))]
#[post("/v1/prioritizations/{id}/archive")]
async fn archive_prioritization(store: Data<Store>, id: Path<Uuid>, ask: Ask, seen: IfMatch) -> Api<Answer<Saved<PrioritizationView>>> {
    lifecycle::archive(&store, &ask, Column::Id.eq(id.0), &seen.0, rules::out_of_the_way).await
}

/// Restore a round of prioritization
///
/// Takes an archived round back into use.
#[utoipa::path(tag = "Prioritizations", params(Ask, IfMatch))]
#[post("/v1/prioritizations/{id}/restore")]
async fn restore_prioritization(store: Data<Store>, id: Path<Uuid>, ask: Ask, seen: IfMatch) -> Api<Answer<Saved<PrioritizationView>>> {
    lifecycle::restore(&store, &ask, Column::Id.eq(id.0), &seen.0).await
}

/// Read the history of a round of prioritization
///
/// Who changed what and when, the newest change first.
#[utoipa::path(tag = "Prioritizations", params(HistoryQuery))]
#[get("/v1/prioritizations/{id}/history")]
async fn get_prioritization_history(
    store: Data<Store>,
    caller: Caller,
    id: Path<Uuid>,
    query: Query<HistoryQuery>,
) -> Api<Document<History<PrioritizationView>>> {
    let row = store.find::<Entity>(&caller, Column::Id.eq(id.0)).await?;
    history(&store, &caller, &row, &query.0).await
}

/// List the transitions of a round of prioritization
///
/// The moves that were made, and those that can be made from here with whether you may make them.
#[utoipa::path(tag = "Prioritizations")]
#[get("/v1/prioritizations/{id}/transitions")]
async fn list_prioritization_transitions(store: Data<Store>, caller: Caller, id: Path<Uuid>) -> Api<Document<Transitions>> {
    transitions::list::<PrioritizationView>(&store, &caller, Column::Id.eq(id.0)).await
}

/// Move a round of prioritization
///
/// `draft` to `open`: needs electorate and criteria, which are frozen from then on. `open` to `closed`: nominations are taken no more, and whoever takes
/// part sees them. `closed` back to `open`: with a reason. `closed` to `finalized`: needs a selection; the ranking is frozen as it is today, and each
/// chosen objective becomes a proposed priority, in one step. Any of the first three to `cancelled`: with a reason. What is missing is 409
/// `transition_incomplete`.
#[utoipa::path(tag = "Prioritizations", params(Ask, IfMatch))]
#[post("/v1/prioritizations/{id}/transitions")]
async fn transition_prioritization(
    store: Data<Store>,
    here: Data<Here>,
    id: Path<Uuid>,
    body: Json<TransitionInput>,
    ask: Ask,
    seen: IfMatch,
) -> Api<Answer<Saved<PrioritizationView>>> {
    transitions::one(&store, &here, &ask, Column::Id.eq(id.0), &seen.0, &body).await
}

/// Move many rounds of prioritization
///
/// All or none, or each for itself; the answer says what became of each.
#[utoipa::path(tag = "Prioritizations", params(Ask))]
#[post("/v1/prioritizations/transitions")]
async fn transition_prioritizations(
    store: Data<Store>,
    here: Data<Here>,
    body: Json<TransitionsInput>,
    ask: Ask,
) -> Api<Answer<Document<TransitionResults>>> {
    transitions::many::<PrioritizationView>(&store, &here, &ask, &body).await
}

/// Set an external id of a round of prioritization
///
/// The id that another system knows the round by; one for each system. A machine account writes those of its own systems.
#[utoipa::path(tag = "Prioritizations", params(Ask, MaybeIfMatch))]
#[put("/v1/prioritizations/{id}/external-ids/{system}")]
async fn set_prioritization_external_id(
    store: Data<Store>,
    path: Path<(Uuid, String)>,
    body: Json<ExternalIdInput>,
    ask: Ask,
    seen: MaybeIfMatch,
) -> Api<Answer<Saved<PrioritizationView>>> {
    external_ids::put(&store, &ask, Column::Id.eq(path.0.0), &path.0.1, seen.0, body).await
}

/// Remove an external id of a round of prioritization
///
/// The other system's id is free again for another row.
#[utoipa::path(tag = "Prioritizations", params(Ask, IfMatch))]
#[delete("/v1/prioritizations/{id}/external-ids/{system}")]
async fn delete_prioritization_external_id(
    store: Data<Store>,
    path: Path<(Uuid, String)>,
    ask: Ask,
    seen: IfMatch,
) -> Api<Answer<Saved<PrioritizationView>>> {
    external_ids::remove(&store, &ask, Column::Id.eq(path.0.0), &path.0.1, seen.0).await
}

/// Read a round of prioritization by external id
///
/// The round that another system knows by this id.
#[utoipa::path(tag = "Prioritizations")]
#[get("/v1/prioritizations/by-external-id/{system}/{id}")]
async fn get_prioritization_by_external_id(
    store: Data<Store>,
    caller: Caller,
    key: Path<(String, String)>,
) -> Api<Found<PrioritizationView>> {
    external_ids::find(&store, &caller, &key.0, Condition::all()).await
}

/// Enter or change a round of prioritization by external id
///
/// Makes the round when the id is not known, otherwise changes what differs: absent stays, `null` clears. Safe to send again.
#[utoipa::path(tag = "Prioritizations", params(Ask, MaybeIfMatch))]
#[put("/v1/prioritizations/by-external-id/{system}/{id}")]
async fn upsert_prioritization_by_external_id(
    store: Data<Store>,
    here: Data<Here>,
    key: Path<(String, String)>,
    body: Json<NewPrioritization>,
    ask: Ask,
    seen: MaybeIfMatch,
) -> Api<Answer<Upserted<PrioritizationView>>> {
    let sent = Upsert { key: &key.0, seen: &seen.0, among: Condition::all(), body: &body };
    external_ids::upsert::<NewPrioritization, PrioritizationPatch, _>(&store, &here, &ask, sent, Model::from).await
}
