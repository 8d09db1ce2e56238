//! What institutions nominate in a round, and how they score it.

pub mod filter;
pub mod inputs;
pub mod rules;

use std::collections::BTreeMap;

use actix_web::{delete, get, patch, post, put, web::Data};
use filter::NominationFilter;
use inputs::{NewNomination, NominationPatch};
pub use inputs::{ScoresSchema, by_criterion};
use sea_orm::{ColumnTrait, Condition};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    auth::{Action, Subject},
    clock::Timestamp,
    entity::{
        nomination::{Column, Entity, Model},
        objective::{ActionCode, ObjectiveNumber},
        prioritization::Rationale,
    },
    features::{
        Listed,
        history::{History, HistoryQuery, history},
        lifecycle,
        sync::external_ids::{self, ExternalIdInput, Upsert},
        writing,
    },
    http::{
        Api,
        context::Here,
        extract::{Ask, Caller, IfMatch, Json, MaybeIfMatch, Path, Query},
        listing::{Listing, Refers},
        mount::Mount,
        reply::{Created, Document, Done, Found, Saved, Upserted, View},
    },
    kind::Kind,
    store::{Answer, ExternalId, Provenance, Store, Tx},
    text::Text,
};

/// One institution's word that an objective should come first, with its scores. While the round is open it is between the institution and the lead
/// ministry; once the round is closed, whoever takes part sees it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct NominationView {
    /// Identifies the nomination for ever.
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
    /// The round in which it was given.
    pub prioritization_id: Uuid,
    /// The institution that gave it. It stays when the institution ends; results say who answers for it then.
    pub organization_id: Uuid,
    /// Number of the objective.
    #[schema(value_type = ObjectiveNumber)]
    pub objective_number: i16,
    /// A whole number from 1 (least) to 5 (most) for each criterion of the round, by its code.
    #[schema(value_type = ScoresSchema)]
    pub scores: BTreeMap<String, i16>,
    /// Why it should come first, by language.
    pub rationale: Option<Rationale>,
    /// The actions of the objective that matter most, by code.
    #[schema(value_type = Vec<ActionCode>)]
    pub action_codes: Vec<String>,
    /// How the lead ministry came by it when it entered it for another institution; `null` when that gave it itself.
    pub on_behalf_note: Option<Text<1000>>,
}

impl From<Model> for NominationView {
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
            prioritization_id,
            organization_id,
            objective_number,
            scores,
            rationale,
            action_codes,
            on_behalf_note,
            round_state: _,
            taken_over: _,
        } = row;
        Self {
            id,
            revision,
            created_at,
            updated_at,
            archived_at,
            provenance,
            external_ids: external_ids.0,
            prioritization_id,
            organization_id,
            objective_number,
            scores: by_criterion(&scores.0),
            rationale,
            action_codes: action_codes.0,
            on_behalf_note,
        }
    }
}

impl View for NominationView {
    type Entity = Entity;
    const PATH: &'static str = "/v1/nominations";

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn revision(&self) -> i64 {
        self.revision
    }
}

impl Refers for NominationView {
    fn refers(&self) -> Vec<(Kind, Uuid)> {
        vec![(Kind::Organization, self.organization_id), (Kind::Prioritization, self.prioritization_id)]
    }

    fn refers_by_number(&self) -> Vec<(Kind, i16)> {
        vec![(Kind::Objective, self.objective_number)]
    }
}

pub fn mount(config: &mut Mount<'_>) {
    config
        .service(list_nominations)
        .service(create_nomination)
        .service(get_nomination_by_external_id)
        .service(upsert_nomination_by_external_id)
        .service(get_nomination)
        .service(update_nomination)
        .service(delete_nomination)
        .service(archive_nomination)
        .service(restore_nomination)
        .service(get_nomination_history)
        .service(set_nomination_external_id)
        .service(delete_nomination_external_id);
}

/// List nominations
///
/// While a round is open an institution sees its own and the lead ministry all; once it is closed, whoever takes part sees all of them.
#[utoipa::path(tag = "Nominations", params(Listing<NominationFilter>))]
#[get("/v1/nominations")]
async fn list_nominations(store: Data<Store>, caller: Caller, ask: Listing<NominationFilter>) -> Api<Listed<NominationView>> {
    ask.answer(&store, &caller).await
}

/// Read a nomination
///
/// One nomination as it is now, archived ones included.
#[utoipa::path(tag = "Nominations")]
#[get("/v1/nominations/{id}")]
async fn get_nomination(store: Data<Store>, caller: Caller, id: Path<Uuid>) -> Api<Found<NominationView>> {
    store.find::<Entity>(&caller, Column::Id.eq(id.0)).await.map(NominationView::from).map(Found)
}

/// Nominate an objective
///
/// An institution of the electorate, or one that answers for a member that has ended, nominates an objective and scores it by every criterion of
/// the round: once for each objective, while the round is open (409 `round_not_open`) and up to its `closes_on` (409
/// `round_past_closing_date`). The lead ministry enters what another gave on paper, with `on_behalf_note`.
#[utoipa::path(tag = "Nominations", params(Ask))]
#[post("/v1/nominations")]
async fn create_nomination(
    store: Data<Store>,
    here: Data<Here>,
    body: Json<NewNomination>,
    ask: Ask,
) -> Api<Answer<Created<NominationView>>> {
    store
        .write(&ask, async |tx| {
            let grant = tx.may(Action::Create, &Subject::new(Kind::Nomination))?;
            let row = writing::enter::<Entity>(tx, &here, &grant, body.read()?.into()).await?;
            Ok(Created(row.into()))
        })
        .await
}

/// Change a nomination
///
/// Scores, rationale and actions, while the round takes nominations. Who gives it, in which round and for which objective stays: take it back and give
/// another one.
#[utoipa::path(tag = "Nominations", params(Ask, IfMatch))]
#[patch("/v1/nominations/{id}")]
async fn update_nomination(
    store: Data<Store>,
    here: Data<Here>,
    id: Path<Uuid>,
    body: Json<NominationPatch>,
    ask: Ask,
    seen: IfMatch,
) -> Api<Answer<Saved<NominationView>>> {
    store
        .write(&ask, async |tx| {
            let (row, grant) = tx.open::<Entity>(Column::Id.eq(id.0), &seen.0, Action::Update).await?;
            let patch = body.patch(&grant, &NominationView::from(row.clone()))?;
            let row = writing::change::<Entity>(tx, &here, &grant, row, patch).await?;
            Ok(Saved(row.into()))
        })
        .await
}

/// Take a nomination back
///
/// While its round is open the nomination can be taken back for good; the objective can then be nominated anew. That it was there stays on record.
#[utoipa::path(tag = "Nominations", params(Ask, IfMatch))]
#[delete("/v1/nominations/{id}")]
async fn delete_nomination(store: Data<Store>, here: Data<Here>, id: Path<Uuid>, ask: Ask, seen: IfMatch) -> Api<Answer<Done>> {
    let check = async |tx: &Tx<'_>, row: &Model| rules::still_taken(tx, &here, row).await;
    lifecycle::delete::<NominationView>(&store, &ask, Column::Id.eq(id.0), &seen.0, check).await
}

/// Archive a nomination
///
/// Takes it out of use while the round takes nominations: it counts no more, and keeps its place.
#[utoipa::path(tag = "Nominations", params(Ask, IfMatch))]
#[post("/v1/nominations/{id}/archive")]
async fn archive_nomination(
    store: Data<Store>,
    here: Data<Here>,
    id: Path<Uuid>,
    ask: Ask,
    seen: IfMatch,
) -> Api<Answer<Saved<NominationView>>> {
    lifecycle::archive(&store, &ask, Column::Id.eq(id.0), &seen.0, async |tx, row| rules::still_taken(tx, &here, row).await).await
}

/// Restore a nomination
///
/// Takes an archived nomination back into use while the round takes nominations.
#[utoipa::path(tag = "Nominations", params(Ask, IfMatch))]
#[post("/v1/nominations/{id}/restore")]
async fn restore_nomination(
    store: Data<Store>,
    here: Data<Here>,
    id: Path<Uuid>,
    ask: Ask,
    seen: IfMatch,
) -> Api<Answer<Saved<NominationView>>> {
    lifecycle::restore_if(&store, &ask, Column::Id.eq(id.0), &seen.0, async |tx, row| rules::still_taken(tx, &here, row).await).await
}

/// Read the history of a nomination
///
/// Who changed what and when, the newest change first.
#[utoipa::path(tag = "Nominations", params(HistoryQuery))]
#[get("/v1/nominations/{id}/history")]
async fn get_nomination_history(
    store: Data<Store>,
    caller: Caller,
    id: Path<Uuid>,
    query: Query<HistoryQuery>,
) -> Api<Document<History<NominationView>>> {
    let row = store.find::<Entity>(&caller, Column::Id.eq(id.0)).await?;
    history(&store, &caller, &row, &query.0).await
}

/// Set an external id of a nomination
///
/// The id that another system knows the nomination by; one for each system. A machine account writes those of its own systems.
#[utoipa::path(tag = "Nominations", params(Ask, MaybeIfMatch))]
#[put("/v1/nominations/{id}/external-ids/{system}")]
async fn set_nomination_external_id(
    store: Data<Store>,
    path: Path<(Uuid, String)>,
    body: Json<ExternalIdInput>,
    ask: Ask,
    seen: MaybeIfMatch,
) -> Api<Answer<Saved<NominationView>>> {
    external_ids::put(&store, &ask, Column::Id.eq(path.0.0), &path.0.1, seen.0, body).await
}

/// Remove an external id of a nomination
///
/// The other system's id is free again for another row.
#[utoipa::path(tag = "Nominations", params(Ask, IfMatch))]
#[delete("/v1/nominations/{id}/external-ids/{system}")]
async fn delete_nomination_external_id(
    store: Data<Store>,
    path: Path<(Uuid, String)>,
    ask: Ask,
    seen: IfMatch,
) -> Api<Answer<Saved<NominationView>>> {
    external_ids::remove(&store, &ask, Column::Id.eq(path.0.0), &path.0.1, seen.0).await
}

/// Read a nomination by external id
///
/// The nomination that another system knows by this id.
#[utoipa::path(tag = "Nominations")]
#[get("/v1/nominations/by-external-id/{system}/{id}")]
async fn get_nomination_by_external_id(store: Data<Store>, caller: Caller, key: Path<(String, String)>) -> Api<Found<NominationView>> {
    external_ids::find(&store, &caller, &key.0, Condition::all()).await
}

/// Enter or change a nomination by external id
///
/// Makes the nomination when the id is not known, otherwise changes what differs: absent stays, `null` clears. Safe to send again.
#[utoipa::path(tag = "Nominations", params(Ask, MaybeIfMatch))]
#[put("/v1/nominations/by-external-id/{system}/{id}")]
async fn upsert_nomination_by_external_id(
    store: Data<Store>,
    here: Data<Here>,
    key: Path<(String, String)>,
    body: Json<NewNomination>,
    ask: Ask,
    seen: MaybeIfMatch,
) -> Api<Answer<Upserted<NominationView>>> {
    let sent = Upsert { key: &key.0, seen: &seen.0, among: Condition::all(), body: &body };
    external_ids::upsert::<NewNomination, NominationPatch, _>(&store, &here, &ask, sent, Model::from).await
}
