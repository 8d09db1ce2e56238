//! Ways of grouping the 23 objectives.

use actix_web::get;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::facts::Facts;
use crate::{
    features::Catalogued,
    http::{
        Api,
        catalogue::{Catalogue, Fact, Known, Sieve, any_of},
        extract::Path,
        mount::Mount,
    },
    store::Key,
    text::LocalizedText,
};

static SCHEMES: Facts<ClusterSchemeView> = Facts::new(include_str!("data/cluster_schemes.json"));

/// A way of grouping the 23 objectives into clusters, for reviews, funding or a country's own use.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ClusterSchemeView {
    /// A word for it that never changes; `cluster` of `GET /v1/objectives` takes it.
    #[schema(examples("imrf_round_tables"))]
    code: String,
    /// What it is called, by language.
    title: LocalizedText<300>,
    /// What it is used for, and what is known of its source, by language.
    note: LocalizedText<2000>,
    /// The code of another scheme whose clusters it uses; its own `clusters` are empty then.
    #[schema(examples(json!(null), "imrf_round_tables"))]
    same_as: Option<String>,
    /// Its clusters, in the order of their numbers; empty where it uses those of another scheme, or none are defined yet.
    clusters: Vec<ClusterView>,
}

/// One cluster of a scheme.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ClusterView {
    /// Its number within the scheme.
    #[schema(minimum = 1, examples(1))]
    number: i16,
    /// Its title, by language.
    title: LocalizedText<300>,
    /// The objectives that belong to it.
    #[schema(examples(2))]
    objective_numbers: Vec<i16>,
    /// Whether both the title and the membership were found in a source; otherwise they are from memory.
    verified: bool,
}

impl Fact for ClusterSchemeView {
    const KEY: &'static str = "code";

    fn key(&self) -> Key {
        Key::Text(self.code.clone())
    }

    fn texts(&self) -> Vec<&str> {
        let clusters = self.clusters.iter().flat_map(|cluster| cluster.title.values());
        self.title.values().chain(self.note.values()).chain(clusters).chain([self.code.as_str()]).collect()
    }
}

/// Which cluster schemes are listed.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ClusterSchemeFilter {
    /// Only these codes.
    #[serde(default)]
    code: Vec<String>,
    /// Only schemes that use the clusters of one of these others.
    #[serde(default)]
    same_as: Vec<String>,
}

impl Sieve for ClusterSchemeFilter {
    type Fact = ClusterSchemeView;

    fn keeps(&self, fact: &ClusterSchemeView) -> bool {
        let Self { code, same_as } = self;
        any_of(code, &fact.code) && any_of(same_as, fact.same_as.as_deref().unwrap_or_default())
    }
}

pub fn mount(config: &mut Mount<'_>) {
    config.service(list_cluster_schemes).service(get_cluster_scheme);
}

/// List cluster schemes
///
/// The ways of grouping the 23 objectives, with the objectives of each cluster. `verified` says of each cluster whether it was found in a source.
#[utoipa::path(tag = "Reference data", params(Catalogue<ClusterSchemeFilter>))]
#[get("/v1/cluster-schemes")]
async fn list_cluster_schemes(ask: Catalogue<ClusterSchemeFilter>) -> Api<Catalogued<ClusterSchemeView>> {
    ask.answer(SCHEMES.all()?)
}

/// Read a cluster scheme
///
/// One way of grouping the objectives by its code.
#[utoipa::path(tag = "Reference data", params(("code" = String, Path, description = "Code of the scheme.", pattern = "^[a-z][a-z0-9_]*$", example = "imrf_round_tables")))]
#[get("/v1/cluster-schemes/{code}")]
async fn get_cluster_scheme(code: Path<String>) -> Api<Known<ClusterSchemeView>> {
    SCHEMES.one(|scheme| scheme.code == code.0).map(Known)
}
