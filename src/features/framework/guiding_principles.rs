//! The ten guiding principles of the Compact.

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

static PRINCIPLES: Facts<GuidingPrincipleView> = Facts::new(include_str!("data/guiding_principles.json"));

/// One of the ten guiding principles on which the Compact is based (paragraph 15 of A/RES/73/195).
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct GuidingPrincipleView {
    /// The letter that paragraph 15 gives it, `a` to `j`.
    #[schema(examples("h"))]
    letter: String,
    /// A word for it that never changes.
    #[schema(examples("child_sensitive"))]
    code: String,
    /// What the resolution calls it, by language.
    title: LocalizedText<300>,
    /// What it asks for, in our own words, by language.
    summary: LocalizedText<2000>,
    /// Whether letter and title were seen together in the text of the resolution; otherwise the letter follows the order of another document.
    verified: bool,
}

impl Fact for GuidingPrincipleView {
    const KEY: &'static str = "letter";

    fn key(&self) -> Key {
        Key::Text(self.letter.clone())
    }

    fn texts(&self) -> Vec<&str> {
        self.title.values().chain(self.summary.values()).chain([self.code.as_str()]).collect()
    }
}

/// Which guiding principles are listed.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct GuidingPrincipleFilter {
    /// Only these letters.
    #[serde(default)]
    letter: Vec<String>,
    /// Only these codes.
    #[serde(default)]
    code: Vec<String>,
}

impl Sieve for GuidingPrincipleFilter {
    type Fact = GuidingPrincipleView;

    fn keeps(&self, fact: &GuidingPrincipleView) -> bool {
        let Self { letter, code } = self;
        any_of(letter, &fact.letter) && any_of(code, &fact.code)
    }
}

pub fn mount(config: &mut Mount<'_>) {
    config.service(list_guiding_principles).service(get_guiding_principle);
}

/// List guiding principles
///
/// The ten cross-cutting and interdependent principles on which the Compact is based. They change with the program only.
#[utoipa::path(tag = "Reference data", params(Catalogue<GuidingPrincipleFilter>))]
#[get("/v1/guiding-principles")]
async fn list_guiding_principles(ask: Catalogue<GuidingPrincipleFilter>) -> Api<Catalogued<GuidingPrincipleView>> {
    ask.answer(PRINCIPLES.all()?)
}

/// Read a guiding principle
///
/// One guiding principle by its letter.
#[utoipa::path(tag = "Reference data", params(("letter" = String, Path, description = "Letter of the principle, `a` to `j`.", pattern = "^[a-j]$", example = "h")))]
#[get("/v1/guiding-principles/{letter}")]
async fn get_guiding_principle(letter: Path<String>) -> Api<Known<GuidingPrincipleView>> {
    PRINCIPLES.one(|principle| principle.letter == letter.0).map(Known)
}
