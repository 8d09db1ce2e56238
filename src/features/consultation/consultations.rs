//! Workshops and meetings: who convened them, who came, and what was talked about.

pub mod filter;
pub mod inputs;
pub mod rules;

use actix_web::{delete, get, patch, post, put, web::Data};
use chrono::NaiveDate;
use filter::ConsultationFilter;
use inputs::{ConsultationPatch, NewConsultation};
use sea_orm::{ColumnTrait, Condition};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    auth::{Action, Subject},
    clock::Timestamp,
    entity::consultation::{AgendaItem, Chair, Column, Entity, Group, Model, Participant, Place, Programme, SdgGoalNumber, Title},
    features::{
        Listed,
        history::{History, HistoryQuery, history},
        lifecycle,
        sync::external_ids::{self, ExternalIdInput, Upsert},
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
    text::{DatePrecision, Term},
};

/// A workshop or meeting about the Compact. What it left to be done stands in `GET /v1/outcomes?consultation_id=`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ConsultationView {
    /// Identifies the consultation for ever.
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
    /// Which one of a series it is, such as 2 for the second national workshop; `null` when it belongs to none.
    #[schema(minimum = 1, maximum = 999)]
    pub series_number: Option<i16>,
    /// What sort of consultation it is, such as `national_workshop`; the vocabulary `consultation_kinds` may grow.
    #[schema(examples("national_workshop"))]
    pub kind: Term,
    /// How people came together, such as `hybrid`; `null` when that is not known. The vocabulary `consultation_modes` may grow.
    #[schema(examples("hybrid"))]
    pub mode: Option<Term>,
    /// Whether it took place: `planned`, `held` or `cancelled`; the vocabulary `consultation_statuses` may grow.
    #[schema(examples("held"))]
    pub status: Term,
    /// The first day; of which only the month or year counts where `date_precision` says so.
    #[schema(examples("2024-08-20"))]
    pub starts_on: NaiveDate,
    /// The last day; of which only the month or year counts where `date_precision` says so.
    #[schema(examples("2024-08-21"))]
    pub ends_on: NaiveDate,
    /// How exactly the two dates are known: to the day, or only to the month or year; then they are its first and its last day.
    pub date_precision: DatePrecision,
    /// Where it took place, by language; `null` when that is not known.
    pub place: Option<Place>,
    /// The organizations that called it, the first one first.
    pub convenor_ids: Vec<Uuid>,
    /// Who was in the chair.
    pub chairs: Vec<Chair>,
    /// Whom organizations sent, where that is known.
    pub participants: Vec<Participant>,
    /// How many people took part, whether or not it is known who; `null` when it is not known.
    #[schema(minimum = 0, maximum = 1_000_000)]
    pub participant_total: Option<i64>,
    /// `true`: there were at least `participant_total` people, and the exact number is not known.
    pub participant_total_at_least: bool,
    /// The organizations that paid for it.
    pub funder_ids: Vec<Uuid>,
    /// The programme under which it was held, by language.
    pub programme: Option<Programme>,
    /// The Sustainable Development Goals that it was linked with, in rising order.
    #[schema(value_type = Vec<SdgGoalNumber>)]
    pub sdg_goal_numbers: Vec<i16>,
    /// The points of the agenda in their order, each by language.
    pub agenda: Vec<AgendaItem>,
    /// The groups that discussed apart.
    pub groups: Vec<Group>,
    /// The review cycle that it belongs to; `null` when it belongs to none.
    pub cycle_id: Option<Uuid>,
    /// When the names of those in the chair were erased, for ever; `null` when they were not.
    pub names_erased_at: Option<Timestamp>,
}

impl From<Model> for ConsultationView {
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
            sort_title: _,
            series_number,
            kind,
            mode,
            status,
            starts_on,
            ends_on,
            date_precision,
            place,
            convenor_ids,
            chairs,
            participants,
            participant_total,
            participant_total_at_least,
            funder_ids,
            programme,
            sdg_goal_numbers,
            agenda,
            groups,
            cycle_id,
            names_erased_at,
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
            series_number,
            kind,
            mode,
            status,
            starts_on,
            ends_on,
            date_precision,
            place,
            convenor_ids: convenor_ids.0,
            chairs: chairs.0,
            participants: participants.0,
            participant_total,
            participant_total_at_least,
            funder_ids: funder_ids.0,
            programme,
            sdg_goal_numbers: sdg_goal_numbers.0,
            agenda: agenda.0,
            groups: groups.0,
            cycle_id,
            names_erased_at,
        }
    }
}

impl View for ConsultationView {
    type Entity = Entity;
    const PATH: &'static str = "/v1/consultations";

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn revision(&self) -> i64 {
        self.revision
    }
}

impl Refers for ConsultationView {
    fn refers(&self) -> Vec<(Kind, Uuid)> {
        let chairs = self.chairs.iter().map(|chair| chair.organization_id);
        let participants = self.participants.iter().map(|sent| sent.organization_id);
        let facilitators = self.groups.iter().filter_map(|group| group.facilitator_id);
        let parties = self.convenor_ids.iter().chain(&self.funder_ids).copied().chain(chairs).chain(participants).chain(facilitators);
        parties.map(|id| (Kind::Organization, id)).chain(self.cycle_id.map(|id| (Kind::ReviewCycle, id))).collect()
    }

    fn refers_by_number(&self) -> Vec<(Kind, i16)> {
        self.groups.iter().flat_map(|group| &group.objective_numbers).map(|number| (Kind::Objective, *number)).collect()
    }
}

pub fn mount(config: &mut Mount<'_>) {
    config
        .service(list_consultations)
        .service(create_consultation)
        .service(get_consultation_by_external_id)
        .service(upsert_consultation_by_external_id)
        .service(get_consultation)
        .service(update_consultation)
        .service(archive_consultation)
        .service(restore_consultation)
        .service(get_consultation_history)
        .service(set_consultation_external_id)
        .service(delete_consultation_external_id);
}

/// List consultations
///
/// Workshops and meetings about the Compact, held, planned and cancelled, with who convened, chaired, took part and paid.
#[utoipa::path(tag = "Consultations", params(Listing<ConsultationFilter>))]
#[get("/v1/consultations")]
async fn list_consultations(store: Data<Store>, caller: Caller, ask: Listing<ConsultationFilter>) -> Api<Listed<ConsultationView>> {
    ask.answer(&store, &caller).await
}

/// Read a consultation
///
/// One consultation as it is now, archived ones included.
#[utoipa::path(tag = "Consultations")]
#[get("/v1/consultations/{id}")]
async fn get_consultation(store: Data<Store>, caller: Caller, id: Path<Uuid>) -> Api<Found<ConsultationView>> {
    store.find::<Entity>(&caller, Column::Id.eq(id.0)).await.map(ConsultationView::from).map(Found)
}

/// Enter a consultation
///
/// The lead ministry keeps the record. With `date_precision` `month` or `year`, `starts_on` and `ends_on` are the first and the last day of a month
/// or year (422 `period_not_whole`). Organizations are those of the time: one that ended later may be named, one that began later may not.
#[utoipa::path(tag = "Consultations", params(Ask))]
#[post("/v1/consultations")]
async fn create_consultation(
    store: Data<Store>,
    here: Data<Here>,
    body: Json<NewConsultation>,
    ask: Ask,
) -> Api<Answer<Created<ConsultationView>>> {
    store
        .write(&ask, async |tx| {
            let grant = tx.may(Action::Create, &Subject::new(Kind::Consultation))?;
            let row = enter::<Entity>(tx, &here, &grant, body.read()?.into()).await?;
            Ok(Created(row.into()))
        })
        .await
}

/// Change a consultation
///
/// The lead ministry changes every field. A date that becomes known is sent together with its new `date_precision`. Names of people that were erased
/// are not written again (409 `erased`).
#[utoipa::path(tag = "Consultations", params(Ask, IfMatch))]
#[patch("/v1/consultations/{id}")]
async fn update_consultation(
    store: Data<Store>,
    here: Data<Here>,
    id: Path<Uuid>,
    body: Json<ConsultationPatch>,
    ask: Ask,
    seen: IfMatch,
) -> Api<Answer<Saved<ConsultationView>>> {
    store
        .write(&ask, async |tx| {
            let (row, grant) = tx.open::<Entity>(Column::Id.eq(id.0), &seen.0, Action::Update).await?;
            let patch = body.patch(&grant, &ConsultationView::from(row.clone()))?;
            let row = change::<Entity>(tx, &here, &grant, row, patch).await?;
            Ok(Saved(row.into()))
        })
        .await
}

/// Archive a consultation
///
/// Takes a consultation that was entered by mistake out of use. Refused while it has outcomes (409 `has_dependants`). One that did not take place is
/// not archived: set `status`.
#[utoipa::path(tag = "Consultations", params(Ask, IfMatch))]
#[post("/v1/consultations/{id}/archive")]
async fn archive_consultation(store: Data<Store>, id: Path<Uuid>, ask: Ask, seen: IfMatch) -> Api<Answer<Saved<ConsultationView>>> {
    lifecycle::archive(&store, &ask, Column::Id.eq(id.0), &seen.0, rules::no_outcomes).await
}

/// Restore a consultation
///
/// Takes an archived consultation back into use.
#[utoipa::path(tag = "Consultations", params(Ask, IfMatch))]
#[post("/v1/consultations/{id}/restore")]
async fn restore_consultation(store: Data<Store>, id: Path<Uuid>, ask: Ask, seen: IfMatch) -> Api<Answer<Saved<ConsultationView>>> {
    lifecycle::restore(&store, &ask, Column::Id.eq(id.0), &seen.0).await
}

/// Read the history of a consultation
///
/// Who changed what and when, the newest change first.
#[utoipa::path(tag = "Consultations", params(HistoryQuery))]
#[get("/v1/consultations/{id}/history")]
async fn get_consultation_history(
    store: Data<Store>,
    caller: Caller,
    id: Path<Uuid>,
    query: Query<HistoryQuery>,
) -> Api<Document<History<ConsultationView>>> {
    let row = store.find::<Entity>(&caller, Column::Id.eq(id.0)).await?;
    history(&store, &caller, &row, &query.0).await
}

/// Set an external id of a consultation
///
/// The id that another system knows the consultation by; one for each system. A machine account writes those of its own systems.
#[utoipa::path(tag = "Consultations", params(Ask, MaybeIfMatch))]
#[put("/v1/consultations/{id}/external-ids/{system}")]
async fn set_consultation_external_id(
    store: Data<Store>,
    path: Path<(Uuid, String)>,
    body: Json<ExternalIdInput>,
    ask: Ask,
    seen: MaybeIfMatch,
) -> Api<Answer<Saved<ConsultationView>>> {
    external_ids::put(&store, &ask, Column::Id.eq(path.0.0), &path.0.1, seen.0, body).await
}

/// Remove an external id of a consultation
///
/// The other system's id is free again for another row.
#[utoipa::path(tag = "Consultations", params(Ask, IfMatch))]
#[delete("/v1/consultations/{id}/external-ids/{system}")]
async fn delete_consultation_external_id(
    store: Data<Store>,
    path: Path<(Uuid, String)>,
    ask: Ask,
    seen: IfMatch,
) -> Api<Answer<Saved<ConsultationView>>> {
    external_ids::remove(&store, &ask, Column::Id.eq(path.0.0), &path.0.1, seen.0).await
}

/// Read a consultation by external id
///
/// The cycle that another system knows by this id.
#[utoipa::path(tag = "Consultations")]
#[get("/v1/consultations/by-external-id/{system}/{id}")]
async fn get_consultation_by_external_id(store: Data<Store>, caller: Caller, key: Path<(String, String)>) -> Api<Found<ConsultationView>> {
    external_ids::find(&store, &caller, &key.0, Condition::all()).await
}

/// Enter or change a consultation by external id
///
/// Makes the consultation when the id is not known, otherwise changes what differs: absent stays, `null` clears. Safe to send again.
#[utoipa::path(tag = "Consultations", params(Ask, MaybeIfMatch))]
#[put("/v1/consultations/by-external-id/{system}/{id}")]
async fn upsert_consultation_by_external_id(
    store: Data<Store>,
    here: Data<Here>,
    key: Path<(String, String)>,
    body: Json<NewConsultation>,
    ask: Ask,
    seen: MaybeIfMatch,
) -> Api<Answer<Upserted<ConsultationView>>> {
    let sent = Upsert { key: &key.0, seen: &seen.0, among: Condition::all(), body: &body };
    // A wide row: its future would weigh on every worker's stack.
    Box::pin(external_ids::upsert::<NewConsultation, ConsultationPatch, _>(&store, &here, &ask, sent, Model::from)).await
}
