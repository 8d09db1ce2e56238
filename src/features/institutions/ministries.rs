//! Ministries: the organizations of that kind, under an address of their own. Same rows, same ids, same ETags, same history.

use actix_web::{delete, get, patch, post, put, web::Data};
use chrono::NaiveDate;
use sea_orm::{ColumnTrait, Condition, Select};
use serde::{Deserialize, Serialize};
use utoipa::{
    IntoParams, PartialSchema, ToSchema,
    openapi::{
        RefOr, Schema,
        path::{Parameter, ParameterIn},
    },
};
use uuid::Uuid;

use super::organizations::{
    OrganizationView,
    filter::OrganizationFilter,
    inputs::{NewOrganization, OrganizationPatch},
    rules,
};
use crate::{
    auth::{Action, Subject},
    entity::organization::{Column, Entity, Mandate, Model, Name},
    features::{
        Listed,
        history::{History, HistoryQuery, history},
        lifecycle, references,
        sync::external_ids::{self, ExternalIdInput, Upsert},
        writing::{Changes, change, enter},
    },
    http::{
        Api,
        context::Here,
        extract::{Ask, Caller, IfMatch, Json, MaybeIfMatch, Path, Query, sent},
        listing::{Computed, Filter, Listing, Refers},
        mount::Mount,
        reply::{Created, Document, Found, Saved, Upserted, View},
    },
    kind::Kind,
    problem::{Fault, Problem},
    store::{Answer, Sort, Store},
    text::{self, CountryCode, LocalizedPatch, Text, WebAddress},
};

const MINISTRY: &str = "ministry";

/// The ministry of this id.
fn ministry(id: Uuid) -> Condition {
    Condition::all().add(Column::Id.eq(id)).add(Column::Kind.eq(MINISTRY))
}

/// A ministry: the same row as the organization of the same id.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MinistryView(OrganizationView);

impl ToSchema for MinistryView {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        OrganizationView::schemas(schemas);
    }
}

impl PartialSchema for MinistryView {
    fn schema() -> RefOr<Schema> {
        match OrganizationView::schema() {
            RefOr::T(Schema::Object(mut object)) => {
                object.description = Some("A ministry: the same row as the organization of the same id.".to_owned());
                RefOr::T(Schema::Object(object))
            }
            other => other,
        }
    }
}

impl From<Model> for MinistryView {
    fn from(row: Model) -> Self {
        Self(row.into())
    }
}

impl View for MinistryView {
    type Entity = Entity;
    const PATH: &'static str = "/v1/ministries";

    fn key(&self) -> String {
        self.0.key()
    }

    fn revision(&self) -> i64 {
        self.0.revision
    }
}

impl Refers for MinistryView {
    fn refers(&self) -> Vec<(Kind, Uuid)> {
        self.0.refers()
    }

    fn computed(&self, today: NaiveDate) -> Computed {
        self.0.computed(today)
    }
}

/// A new ministry.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct NewMinistry {
    /// Short, stable name for addresses and spreadsheets; nobody else may have it.
    pub code: text::Code,
    /// The usual abbreviation.
    pub acronym: Option<Text<32>>,
    /// The name, by language.
    pub name: Name,
    /// What the ministry is responsible for in migration, by language.
    pub mandate: Option<Mandate>,
    /// The institution that it belongs to.
    pub parent_id: Option<Uuid>,
    /// The country whose ministry it is.
    pub country: Option<CountryCode>,
    /// Its web site.
    pub website: Option<WebAddress>,
    /// The first day on which it existed.
    #[schema(examples("2011-06-15"))]
    pub valid_from: Option<NaiveDate>,
    /// The first day on which it existed no more.
    #[schema(examples("2025-03-20"))]
    pub valid_to: Option<NaiveDate>,
}

impl From<NewMinistry> for Model {
    fn from(new: NewMinistry) -> Self {
        let NewMinistry { code, acronym, name, mandate, parent_id, country, website, valid_from, valid_to } = new;
        let kind = MINISTRY.parse().unwrap_or_default();
        NewOrganization { kind, code, acronym, name, mandate, parent_id, country, website, valid_from, valid_to }.into()
    }
}

/// Changes to a ministry: absent stays, `null` clears, a value sets; texts are merged by language.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
pub struct MinistryPatch {
    /// Short, stable name for addresses and spreadsheets; nobody else may have it.
    #[schema(value_type = text::Code, required = false)]
    pub code: Option<text::Code>,
    /// The usual abbreviation.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<Text<32>>)]
    pub acronym: Option<Option<Text<32>>>,
    /// The name, by language.
    #[schema(value_type = LocalizedPatch<200>, required = false)]
    pub name: Option<LocalizedPatch<200>>,
    /// What the ministry is responsible for in migration, by language.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<LocalizedPatch<4000>>)]
    pub mandate: Option<Option<LocalizedPatch<4000>>>,
    /// The institution that it belongs to.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<Uuid>)]
    pub parent_id: Option<Option<Uuid>>,
    /// The country whose ministry it is.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<CountryCode>)]
    pub country: Option<Option<CountryCode>>,
    /// Its web site.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<WebAddress>)]
    pub website: Option<Option<WebAddress>>,
    /// The first day on which it existed; `null` when that is not known.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<NaiveDate>, examples("2011-06-15"))]
    pub valid_from: Option<Option<NaiveDate>>,
    /// The first day on which it existed no more; `null` while it does.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<NaiveDate>, examples("2025-03-20"))]
    pub valid_to: Option<Option<NaiveDate>>,
}

impl Changes<Entity> for MinistryPatch {
    fn apply(self, row: &Model) -> (Model, Vec<Fault>) {
        let Self { code, acronym, name, mandate, parent_id, country, website, valid_from, valid_to } = self;
        OrganizationPatch { kind: None, code, acronym, name, mandate, parent_id, country, website, valid_from, valid_to }.apply(row)
    }
}

/// Which ministries are listed: the filters of organizations, but for the kind, which is fixed.
#[derive(Debug, Default, Deserialize)]
#[serde(transparent)]
pub struct MinistryFilter(OrganizationFilter);

impl IntoParams for MinistryFilter {
    fn into_params(place: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let mut parameters = OrganizationFilter::into_params(place);
        parameters.retain(|parameter| parameter.name != "kind");
        for parameter in &mut parameters {
            parameter.description = parameter.description.take().map(|text| text.replace("institutions", "ministries"));
        }
        parameters
    }
}

impl Filter for MinistryFilter {
    type Entity = Entity;
    const SORTS: &'static [Sort<Column>] = OrganizationFilter::SORTS;
    const INCLUDES: &'static [Kind] = OrganizationFilter::INCLUDES;
    const COMPUTES: bool = OrganizationFilter::COMPUTES;

    fn apply(self, query: Select<Entity>, here: &Here) -> Result<Select<Entity>, Problem> {
        OrganizationFilter { kind: vec![MINISTRY.to_owned()], ..self.0 }.apply(query, here)
    }
}

pub fn mount(config: &mut Mount<'_>) {
    config
        .service(list_ministries)
        .service(create_ministry)
        .service(get_ministry_by_external_id)
        .service(upsert_ministry_by_external_id)
        .service(get_ministry)
        .service(update_ministry)
        .service(archive_ministry)
        .service(restore_ministry)
        .service(get_ministry_history)
        .service(set_ministry_external_id)
        .service(delete_ministry_external_id);
}

/// List ministries
///
/// Every ministry, past ones included: `active=true` gives those of today.
#[utoipa::path(tag = "Ministries", params(Listing<MinistryFilter>))]
#[get("/v1/ministries")]
async fn list_ministries(store: Data<Store>, caller: Caller, ask: Listing<MinistryFilter>) -> Api<Listed<MinistryView>> {
    ask.answer(&store, &caller).await
}

/// Read a ministry
///
/// One ministry as it is now, archived ones included.
#[utoipa::path(tag = "Ministries")]
#[get("/v1/ministries/{id}")]
async fn get_ministry(store: Data<Store>, caller: Caller, id: Path<Uuid>) -> Api<Found<MinistryView>> {
    store.find::<Entity>(&caller, ministry(id.0)).await.map(MinistryView::from).map(Found)
}

/// Enter a ministry
///
/// The lead ministry keeps the register of institutions.
#[utoipa::path(tag = "Ministries", params(Ask))]
#[post("/v1/ministries")]
async fn create_ministry(store: Data<Store>, here: Data<Here>, body: Json<NewMinistry>, ask: Ask) -> Api<Answer<Created<MinistryView>>> {
    store
        .write(&ask, async |tx| {
            let grant = tx.may(Action::Create, &Subject::new(Kind::Organization))?;
            let row = enter::<Entity>(tx, &here, &grant, Model::from(body.read()?)).await?;
            Ok(Created(row.into()))
        })
        .await
}

/// Change a ministry
///
/// The lead ministry changes every field; a ministry's own focal points its mandate and website. A ministry that ends keeps its duties when you set
/// `valid_to` here: plan a succession instead, which says who takes them over; one that is effective on that very day still can. A day that a
/// succession set stays.
#[utoipa::path(tag = "Ministries", params(Ask, IfMatch))]
#[patch("/v1/ministries/{id}")]
async fn update_ministry(
    store: Data<Store>,
    here: Data<Here>,
    id: Path<Uuid>,
    body: Json<MinistryPatch>,
    ask: Ask,
    seen: IfMatch,
) -> Api<Answer<Saved<MinistryView>>> {
    store
        .write(&ask, async |tx| {
            let (row, grant) = tx.open::<Entity>(ministry(id.0), &seen.0, Action::Update).await?;
            let patch = body.patch(&grant, &MinistryView::from(row.clone()))?;
            let row = change::<Entity>(tx, &here, &grant, row, patch).await?;
            Ok(Saved(row.into()))
        })
        .await
}

/// Archive a ministry
///
/// Takes a ministry that was entered by mistake out of use; it keeps its code and its history. Refused while others depend on it.
/// A ministry that ceased to exist is not archived: plan a succession.
#[utoipa::path(tag = "Ministries", params(Ask, IfMatch))]
#[post("/v1/ministries/{id}/archive")]
async fn archive_ministry(
    store: Data<Store>,
    here: Data<Here>,
    id: Path<Uuid>,
    ask: Ask,
    seen: IfMatch,
) -> Api<Answer<Saved<MinistryView>>> {
    lifecycle::archive(&store, &ask, ministry(id.0), &seen.0, async |tx, row| rules::no_dependants(tx, &here, row).await).await
}

/// Restore a ministry
///
/// Takes an archived ministry back into use.
#[utoipa::path(tag = "Ministries", params(Ask, IfMatch))]
#[post("/v1/ministries/{id}/restore")]
async fn restore_ministry(
    store: Data<Store>,
    here: Data<Here>,
    id: Path<Uuid>,
    ask: Ask,
    seen: IfMatch,
) -> Api<Answer<Saved<MinistryView>>> {
    lifecycle::restore_if(&store, &ask, ministry(id.0), &seen.0, async |tx, row: &Model| references::go_on(tx, &here, row.parent_id).await)
        .await
}

/// Read the history of a ministry
///
/// Who changed what and when, the newest change first.
#[utoipa::path(tag = "Ministries", params(HistoryQuery))]
#[get("/v1/ministries/{id}/history")]
async fn get_ministry_history(
    store: Data<Store>,
    caller: Caller,
    id: Path<Uuid>,
    query: Query<HistoryQuery>,
) -> Api<Document<History<MinistryView>>> {
    let row = store.find::<Entity>(&caller, ministry(id.0)).await?;
    history(&store, &caller, &row, &query.0).await
}

/// Set an external id of a ministry
///
/// The id that another system knows the ministry by; one for each system. A machine account writes those of its own systems.
#[utoipa::path(tag = "Ministries", params(Ask, MaybeIfMatch))]
#[put("/v1/ministries/{id}/external-ids/{system}")]
async fn set_ministry_external_id(
    store: Data<Store>,
    path: Path<(Uuid, String)>,
    body: Json<ExternalIdInput>,
    ask: Ask,
    seen: MaybeIfMatch,
) -> Api<Answer<Saved<MinistryView>>> {
    external_ids::put(&store, &ask, ministry(path.0.0), &path.0.1, seen.0, body).await
}

/// Remove an external id of a ministry
///
/// The other system's id is free again for another row.
#[utoipa::path(tag = "Ministries", params(Ask, IfMatch))]
#[delete("/v1/ministries/{id}/external-ids/{system}")]
async fn delete_ministry_external_id(
    store: Data<Store>,
    path: Path<(Uuid, String)>,
    ask: Ask,
    seen: IfMatch,
) -> Api<Answer<Saved<MinistryView>>> {
    external_ids::remove(&store, &ask, ministry(path.0.0), &path.0.1, seen.0).await
}

/// Read a ministry by external id
///
/// The ministry that another system knows by this id.
#[utoipa::path(tag = "Ministries")]
#[get("/v1/ministries/by-external-id/{system}/{id}")]
async fn get_ministry_by_external_id(store: Data<Store>, caller: Caller, key: Path<(String, String)>) -> Api<Found<MinistryView>> {
    external_ids::find(&store, &caller, &key.0, Column::Kind.eq(MINISTRY)).await
}

/// Enter or change a ministry by external id
///
/// Makes the ministry when the id is not known, otherwise changes what differs: absent stays, `null` clears. Safe to send again.
#[utoipa::path(tag = "Ministries", params(Ask, MaybeIfMatch))]
#[put("/v1/ministries/by-external-id/{system}/{id}")]
async fn upsert_ministry_by_external_id(
    store: Data<Store>,
    here: Data<Here>,
    key: Path<(String, String)>,
    body: Json<NewMinistry>,
    ask: Ask,
    seen: MaybeIfMatch,
) -> Api<Answer<Upserted<MinistryView>>> {
    let sent = Upsert { key: &key.0, seen: &seen.0, among: Condition::all().add(Column::Kind.eq(MINISTRY)), body: &body };
    external_ids::upsert::<NewMinistry, MinistryPatch, _>(&store, &here, &ask, sent, Model::from).await
}
