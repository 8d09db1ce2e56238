//! The 23 objectives of the Compact.

use actix_web::{delete, get, patch, put, web::Data};
use sea_orm::{ColumnTrait, Condition, QueryFilter, Select};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::{
    auth::Action,
    clock::Timestamp,
    entity::objective::{self, Column, Entity, Model, Note, ObjectiveAction, ObjectiveCluster, Summary, Title},
    features::{
        Listed,
        history::{History, HistoryQuery, history},
        references,
        sync::external_ids::{self, ExternalIdInput},
    },
    http::{
        Api,
        context::Here,
        extract::{Ask, Caller, IfMatch, Json, MaybeIfMatch, Path, Query, sent},
        listing::{Filter, Listing, Refers, any_of, whether},
        mount::Mount,
        reply::{Document, Found, Saved, View},
    },
    kind::Kind,
    problem::{Fault, FaultCode, Problem},
    store::{Answer, ExternalId, Provenance, Sort, Store},
    text::LocalizedPatch,
};

/// One of the 23 objectives of the Global Compact for Safe, Orderly and Regular Migration (A/RES/73/195).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ObjectiveView {
    /// The number that the Compact gives it, 1 to 23; it identifies the objective for ever.
    #[schema(minimum = 1, maximum = 23, examples(6))]
    pub number: i16,
    /// Counts the changes; the same as in the ETag.
    #[schema(minimum = 1)]
    pub revision: i64,
    /// When it was entered.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// Always `null`: the Compact is fixed.
    pub archived_at: Option<Timestamp>,
    /// Where the row came from.
    pub provenance: Provenance,
    /// The ids that other systems know it by.
    pub external_ids: Vec<ExternalId>,
    /// The heading of the objective in the resolution, by language.
    pub title: Title,
    /// A few words for menus and charts, by language.
    pub short_title: Title,
    /// What the objective is about, in our own words, by language.
    pub summary: Summary,
    /// The lettered actions by which States mean to reach it.
    pub actions: Vec<ObjectiveAction>,
    /// The groups it belongs to, one for each scheme of grouping.
    pub clusters: Vec<ObjectiveCluster>,
    /// Targets of the Sustainable Development Goals that it is connected with in a published source.
    #[schema(examples("10.7"))]
    pub sdg_target_codes: Vec<String>,
    /// The organization that leads on it in this country; `null` while that is not decided.
    pub national_lead_id: Option<Uuid>,
    /// What the country wants to say about it, by language.
    pub national_note: Option<Note>,
}

impl From<Model> for ObjectiveView {
    fn from(row: Model) -> Self {
        let Model {
            id: _,
            revision,
            audience: _,
            owner_id: _,
            created_at,
            updated_at,
            archived_at,
            provenance,
            external_ids,
            number,
            title,
            short_title,
            summary,
            actions,
            clusters,
            sdg_target_codes,
            national_lead_id,
            national_note,
        } = row;
        Self {
            number,
            revision,
            created_at,
            updated_at,
            archived_at,
            provenance,
            external_ids: external_ids.0,
            title,
            short_title,
            summary,
            actions: actions.0,
            clusters: clusters.0,
            sdg_target_codes: sdg_target_codes.0,
            national_lead_id,
            national_note,
        }
    }
}

impl View for ObjectiveView {
    type Entity = Entity;
    const PATH: &'static str = "/v1/objectives";

    fn key(&self) -> String {
        self.number.to_string()
    }

    fn revision(&self) -> i64 {
        self.revision
    }
}

impl Refers for ObjectiveView {
    fn refers(&self) -> Vec<(Kind, Uuid)> {
        self.national_lead_id.into_iter().map(|id| (Kind::Organization, id)).collect()
    }
}

/// Changes to an objective: absent stays, `null` clears, a value sets; texts are merged by language.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
pub struct ObjectivePatch {
    /// The heading of the objective, by language.
    #[schema(value_type = LocalizedPatch<300>, required = false)]
    title: Option<LocalizedPatch<300>>,
    /// A few words for menus and charts, by language.
    #[schema(value_type = LocalizedPatch<300>, required = false)]
    short_title: Option<LocalizedPatch<300>>,
    /// What the objective is about, by language.
    #[schema(value_type = LocalizedPatch<2000>, required = false)]
    summary: Option<LocalizedPatch<2000>>,
    /// Labels of actions, by language; actions and languages that are not named stay as they are; `null` changes nothing.
    #[schema(max_items = 26)]
    actions: Option<Vec<ObjectiveActionPatch>>,
    /// The organization that leads on it in this country; `null` while that is not decided.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<Uuid>)]
    national_lead_id: Option<Option<Uuid>>,
    /// What the country wants to say about it, by language.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<LocalizedPatch<4000>>)]
    national_note: Option<Option<LocalizedPatch<4000>>>,
}

/// A new label for one action.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct ObjectiveActionPatch {
    /// The action.
    #[schema(examples("6.c"), pattern = "^[0-9]{1,2}\\.[a-z]$")]
    code: String,
    /// What the action is about, by language.
    label: LocalizedPatch<300>,
}

/// Merges labels into the actions of the Compact, which are fixed themselves.
fn relabel(actions: &mut [ObjectiveAction], patches: Vec<ObjectiveActionPatch>, faults: &mut Vec<Fault>) {
    let allowed: Vec<String> = actions.iter().map(|action| action.code.clone()).collect();
    for (at, ObjectiveActionPatch { code, label }) in patches.into_iter().enumerate() {
        match actions.iter_mut().find(|action| action.code == code) {
            None => faults.push(Fault::at(format!("/actions/{at}/code"), FaultCode::UnknownValue).with("allowed", allowed.clone())),
            Some(action) => {
                if let Some(label) = label.onto(Some(&action.label), &format!("/actions/{at}/label"), faults) {
                    action.label = label;
                }
            }
        }
    }
}

impl ObjectivePatch {
    fn apply(self, row: &Model) -> (Model, Vec<Fault>) {
        let Self { title, short_title, summary, actions, national_lead_id, national_note } = self;
        let mut faults = Vec::new();
        let mut row = row.clone();
        if let Some(patch) = title {
            row.title = patch.onto(Some(&row.title), "/title", &mut faults).unwrap_or(row.title);
        }
        if let Some(patch) = short_title {
            row.short_title = patch.onto(Some(&row.short_title), "/short_title", &mut faults).unwrap_or(row.short_title);
        }
        if let Some(patch) = summary {
            row.summary = patch.onto(Some(&row.summary), "/summary", &mut faults).unwrap_or(row.summary);
        }
        if let Some(patches) = actions {
            relabel(&mut row.actions.0, patches, &mut faults);
        }
        if let Some(patch) = national_note {
            row.national_note = patch.and_then(|patch| patch.onto(row.national_note.as_ref(), "/national_note", &mut faults));
        }
        row.national_lead_id = national_lead_id.unwrap_or(row.national_lead_id);
        (row, faults)
    }
}

/// Which objectives are listed.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ObjectiveFilter {
    /// Only these numbers.
    #[serde(default)]
    number: Vec<i16>,
    /// Only objectives in one of these clusters, written as `scheme` or `scheme:number`, such as `imrf_round_tables:3`. The schemes are those of
    /// `GET /v1/cluster-schemes` that have clusters of their own.
    #[serde(default)]
    cluster: Vec<String>,
    /// Only objectives connected with one of these targets of the Sustainable Development Goals, such as `10.7`; they are at `GET /v1/sdg-goals`.
    #[serde(default)]
    sdg_target_code: Vec<String>,
    /// Only objectives that one of these organizations leads on.
    #[serde(default)]
    national_lead_id: Vec<Uuid>,
    /// `true`: only objectives with a national lead; `false`: only those without.
    has_national_lead: Option<bool>,
    /// Only rows of this provenance.
    #[serde(default)]
    provenance: Vec<Provenance>,
}

impl Filter for ObjectiveFilter {
    type Entity = Entity;
    const SORTS: &'static [Sort<Column>] =
        &[Sort { name: "number", column: Column::Number }, Sort { name: "updated_at", column: Column::UpdatedAt }];
    const INCLUDES: &'static [Kind] = &[Kind::Organization];

    fn apply(self, mut query: Select<Entity>, _here: &Here) -> Result<Select<Entity>, Problem> {
        let Self { number, cluster, sdg_target_code, national_lead_id, has_national_lead, provenance } = self;
        query = any_of(query, Column::Number, number);
        query = any_of(query, Column::NationalLeadId, national_lead_id);
        query = any_of(query, Column::Provenance, provenance);
        if !sdg_target_code.is_empty() {
            query = query.filter(objective::with_sdg_target(sdg_target_code));
        }
        if !cluster.is_empty() {
            let (schemes, numbered) = clusters(cluster)?;
            query = query.filter(objective::in_clusters(schemes, numbered));
        }
        Ok(whether(query, has_national_lead, Column::NationalLeadId.is_not_null()))
    }
}

/// Whole schemes, and single clusters of a scheme.
type Clusters = (Vec<String>, Vec<(String, i16)>);

fn clusters(asked: Vec<String>) -> Result<Clusters, Problem> {
    let (mut schemes, mut numbered) = (Vec::new(), Vec::new());
    for cluster in asked {
        match cluster.split_once(':') {
            None => schemes.push(cluster),
            Some((scheme, number)) => {
                let fault = || Fault::parameter("cluster", FaultCode::Form).with("form", "scheme or scheme:number");
                let number = number.parse().map_err(|_number| Problem::bad_query(vec![fault()]))?;
                numbered.push((scheme.to_owned(), number));
            }
        }
    }
    Ok((schemes, numbered))
}

pub fn mount(config: &mut Mount<'_>) {
    config
        .service(list_objectives)
        .service(get_objective_by_external_id)
        .service(get_objective)
        .service(update_objective)
        .service(get_objective_history)
        .service(set_objective_external_id)
        .service(delete_objective_external_id);
}

/// List objectives
///
/// The 23 objectives of the Compact with their actions, clusters and SDG targets.
#[utoipa::path(tag = "Objectives", params(Listing<ObjectiveFilter>))]
#[get("/v1/objectives")]
async fn list_objectives(store: Data<Store>, caller: Caller, ask: Listing<ObjectiveFilter>) -> Api<Listed<ObjectiveView>> {
    ask.answer(&store, &caller).await
}

/// Read an objective
///
/// One objective by its number.
#[utoipa::path(tag = "Objectives")]
#[get("/v1/objectives/{number}")]
async fn get_objective(store: Data<Store>, caller: Caller, number: Path<i16>) -> Api<Found<ObjectiveView>> {
    store.find::<Entity>(&caller, Column::Number.eq(number.0)).await.map(ObjectiveView::from).map(Found)
}

/// Change an objective
///
/// The lead ministry names the national lead, writes the national note and adds translations; the Compact itself is fixed.
#[utoipa::path(tag = "Objectives", params(Ask, IfMatch))]
#[patch("/v1/objectives/{number}")]
async fn update_objective(
    store: Data<Store>,
    here: Data<Here>,
    number: Path<i16>,
    body: Json<ObjectivePatch>,
    ask: Ask,
    seen: IfMatch,
) -> Api<Answer<Saved<ObjectiveView>>> {
    store
        .write(&ask, async |tx| {
            let (row, grant) = tx.open::<Entity>(Column::Number.eq(number.0), &seen.0, Action::Update).await?;
            let (after, mut faults) = body.patch(&grant, &ObjectiveView::from(row.clone()))?.apply(&row);
            if let Some(lead) = after.national_lead_id.filter(|lead| row.national_lead_id != Some(*lead)) {
                faults.extend(references::organization(tx, &here, lead, "/national_lead_id").await?);
            }
            if !faults.is_empty() {
                return Err(Problem::invalid(faults));
            }
            let row = tx.update::<Entity>(&grant, row, after).await?;
            Ok(Saved(row.into()))
        })
        .await
}

/// Read the history of an objective
///
/// Who changed what and when, the newest change first.
#[utoipa::path(tag = "Objectives", params(HistoryQuery))]
#[get("/v1/objectives/{number}/history")]
async fn get_objective_history(
    store: Data<Store>,
    caller: Caller,
    number: Path<i16>,
    query: Query<HistoryQuery>,
) -> Api<Document<History<ObjectiveView>>> {
    let row = store.find::<Entity>(&caller, Column::Number.eq(number.0)).await?;
    history(&store, &caller, &row, &query.0).await
}

/// Read an objective by external id
///
/// The objective that another system knows by this id.
#[utoipa::path(tag = "Objectives")]
#[get("/v1/objectives/by-external-id/{system}/{id}")]
async fn get_objective_by_external_id(store: Data<Store>, caller: Caller, key: Path<(String, String)>) -> Api<Found<ObjectiveView>> {
    external_ids::find(&store, &caller, &key.0, Condition::all()).await
}

/// Set an external id of an objective
///
/// The id that another system knows the objective by; one for each system. A machine account writes those of its own systems.
#[utoipa::path(tag = "Objectives", params(Ask, MaybeIfMatch))]
#[put("/v1/objectives/{number}/external-ids/{system}")]
async fn set_objective_external_id(
    store: Data<Store>,
    path: Path<(i16, String)>,
    body: Json<ExternalIdInput>,
    ask: Ask,
    seen: MaybeIfMatch,
) -> Api<Answer<Saved<ObjectiveView>>> {
    external_ids::put(&store, &ask, Column::Number.eq(path.0.0), &path.0.1, seen.0, body).await
}

/// Remove an external id of an objective
///
/// The other system's id is free again for another row.
#[utoipa::path(tag = "Objectives", params(Ask, IfMatch))]
#[delete("/v1/objectives/{number}/external-ids/{system}")]
async fn delete_objective_external_id(
    store: Data<Store>,
    path: Path<(i16, String)>,
    ask: Ask,
    seen: IfMatch,
) -> Api<Answer<Saved<ObjectiveView>>> {
    external_ids::remove(&store, &ask, Column::Number.eq(path.0.0), &path.0.1, seen.0).await
}
