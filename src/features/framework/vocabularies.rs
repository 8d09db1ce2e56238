//! Open lists of words, with labels: what the rules check against is what clients are shown.

mod languages;
mod own;

use actix_web::{get, web::Data};
use own::{OWN, Word};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::facts::Facts;
use crate::{
    features::Catalogued,
    http::{
        Api,
        catalogue::{Catalogue, Fact, Sieve, any_of},
        context::Here,
        extract::Path,
        mount::Mount,
    },
    problem::{Fault, FaultCode, Problem},
    store::Key,
    text::{LocalizedText, Term},
};

static CRITERIA: Facts<Listed> = Facts::new(include_str!("data/prioritization_criteria.json"));
static CURRENCIES: Facts<Listed> = Facts::new(include_str!("data/currencies.json"));
static PROVINCES: Facts<Listed> = Facts::new(include_str!("data/provinces.json"));

/// The lists that are not the program's own words: name, title, and what must be known of it.
const OTHERS: &[(&str, &str, &str)] = &[
    (
        "currencies",
        "Currencies",
        "ISO 4217: every active code, with the number of decimals that amounts have. Amounts are never written in those without.",
    ),
    (
        "languages",
        "Languages",
        "The languages of this instance, by BCP 47 tag, in order of presentation. One that the program has no name for goes by its tag.",
    ),
    (
        "prioritization_criteria",
        "Criteria for prioritization",
        "Criteria to begin a prioritization round with: our own synthesis of how countries described their choices, not an official list.",
    ),
    (
        "provinces",
        "Provinces",
        "The provinces of the country of this instance, by ISO 3166-2. The program knows those of Lao PDR; in any other country the list is empty.",
    ),
];

/// What is wrong with a word at this place of a body: it must be one of the vocabulary.
///
/// A vocabulary that does not exist takes no word, so that a misspelt name cannot pass unseen.
pub fn check(vocabulary: &str, term: &Term, pointer: &str) -> Option<Fault> {
    let allowed: Vec<String> = match OWN.iter().find(|own| own.name == vocabulary) {
        Some(own) => own.words.iter().map(|word| word.code.to_owned()).collect(),
        None if vocabulary == "prioritization_criteria" => CRITERIA.all().unwrap_or_default().into_iter().map(|word| word.code).collect(),
        None => Vec::new(),
    };
    (!allowed.iter().any(|code| code == term.as_str())).then(|| Fault::at(pointer, FaultCode::UnknownValue).with("allowed", allowed))
}

/// What is wrong with a list of codes: those that are none of these.
pub(super) fn unknown(codes: &[String], allowed: Vec<String>, pointer: &str) -> Vec<Fault> {
    let strange = codes.iter().enumerate().filter(|(_, code)| !allowed.contains(code));
    strange.map(|(at, _)| Fault::at(format!("{pointer}/{at}"), FaultCode::UnknownValue).with("allowed", allowed.clone())).collect()
}

/// What is wrong with a list of provinces: those that this country has not.
pub fn unknown_provinces(here: &Here, codes: &[String], pointer: &str) -> Result<Vec<Fault>, Problem> {
    Ok(unknown(codes, words("provinces", here)?.into_iter().map(|word| word.code).collect(), pointer))
}

/// A word as the files have it.
#[derive(Clone, Deserialize)]
struct Listed {
    code: String,
    label: LocalizedText<300>,
    description: Option<LocalizedText<2000>>,
    pcode: Option<String>,
    minor_unit: Option<u8>,
    /// The country that the word belongs to; without it, every one.
    country: Option<String>,
}

impl Listed {
    fn new(code: &str, label: LocalizedText<300>) -> Self {
        Self { code: code.to_owned(), label, description: None, pcode: None, minor_unit: None, country: None }
    }
}

impl From<&Word> for Listed {
    fn from(word: &Word) -> Self {
        let texts = [("en", Some(word.en)), ("lo", word.lo)];
        let label = texts.into_iter().filter_map(|(language, text)| Some((language.to_owned(), text?.to_owned())));
        Self::new(word.code, LocalizedText::of(label))
    }
}

/// The words of a vocabulary, or 404.
fn words(name: &str, here: &Here) -> Result<Vec<VocabularyEntryView>, Problem> {
    let languages = &here.instance.languages;
    let words = match name {
        "currencies" => CURRENCIES.all()?,
        "languages" => languages.iter().map(|tag| Listed::new(tag, languages::label(tag))).collect(),
        "prioritization_criteria" => CRITERIA.all()?,
        "provinces" => PROVINCES.all()?,
        _ => OWN.iter().find(|own| own.name == name).ok_or_else(Problem::not_found)?.words.iter().map(Listed::from).collect(),
    };
    let ours = words.into_iter().filter(|word| word.country.as_ref().is_none_or(|country| *country == here.instance.country));
    let entry = |(position, Listed { code, label, description, pcode, minor_unit, country: _ })| VocabularyEntryView {
        position,
        code,
        label: label.within(languages),
        description,
        pcode,
        minor_unit,
    };
    Ok((1..).zip(ours).map(entry).collect())
}

/// A list of words that a field takes; it may grow, so treat the words as text.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct VocabularyView {
    /// What it goes by.
    #[schema(examples("organization_kinds"))]
    name: String,
    /// What it lists, by language.
    title: LocalizedText<300>,
    /// What must be known of it, by language.
    description: Option<LocalizedText<2000>>,
}

impl Fact for VocabularyView {
    const KEY: &'static str = "name";

    fn key(&self) -> Key {
        Key::Text(self.name.clone())
    }

    fn texts(&self) -> Vec<&str> {
        let description = self.description.iter().flat_map(LocalizedText::values);
        self.title.values().chain(description).chain([self.name.as_str()]).collect()
    }
}

/// A word of a vocabulary.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct VocabularyEntryView {
    /// Where it stands in its list, from 1: the order for menus.
    #[schema(minimum = 1)]
    position: i32,
    /// What fields hold and take.
    #[schema(examples("ministry"))]
    code: String,
    /// What to show for it, by language; English is always there.
    label: LocalizedText<300>,
    /// More about it, by language.
    description: Option<LocalizedText<2000>>,
    /// Provinces: the humanitarian P-code. From memory and not verified: check it before another system relies on it. Elsewhere `null`.
    #[schema(examples(json!(null), "LA01"))]
    pcode: Option<String>,
    /// Currencies: how many decimals amounts have; `null` where none are written, as for gold. Elsewhere `null`.
    #[schema(minimum = 0, maximum = 4, examples(json!(null), 2))]
    minor_unit: Option<u8>,
}

impl Fact for VocabularyEntryView {
    const KEY: &'static str = "position";

    fn key(&self) -> Key {
        Key::Number(self.position.into())
    }

    fn texts(&self) -> Vec<&str> {
        let description = self.description.iter().flat_map(LocalizedText::values);
        self.label.values().chain(description).chain(self.pcode.as_deref()).chain([self.code.as_str()]).collect()
    }
}

/// Which vocabularies are listed.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct VocabularyFilter {
    /// Only these names.
    #[serde(default)]
    name: Vec<String>,
}

impl Sieve for VocabularyFilter {
    type Fact = VocabularyView;

    fn keeps(&self, fact: &VocabularyView) -> bool {
        any_of(&self.name, &fact.name)
    }
}

/// Which words of a vocabulary are listed.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct VocabularyEntryFilter {
    /// Only these codes.
    #[serde(default)]
    code: Vec<String>,
    /// Only provinces with these P-codes.
    #[serde(default)]
    pcode: Vec<String>,
}

impl Sieve for VocabularyEntryFilter {
    type Fact = VocabularyEntryView;

    fn keeps(&self, fact: &VocabularyEntryView) -> bool {
        let Self { code, pcode } = self;
        any_of(code, &fact.code) && any_of(pcode, fact.pcode.as_deref().unwrap_or_default())
    }
}

pub fn mount(config: &mut Mount<'_>) {
    config.service(list_vocabularies).service(list_vocabulary_entries);
}

/// List vocabularies
///
/// The lists of words that fields take, such as the kinds of institutions. The words themselves are at `/v1/vocabularies/{name}`.
#[utoipa::path(tag = "Reference data", params(Catalogue<VocabularyFilter>))]
#[get("/v1/vocabularies")]
async fn list_vocabularies(ask: Catalogue<VocabularyFilter>) -> Api<Catalogued<VocabularyView>> {
    let own = OWN.iter().map(|own| (own.name, own.title, None));
    let others = OTHERS.iter().map(|(name, title, description)| (*name, *title, Some(*description)));
    let view = |(name, title, description): (&str, &str, Option<&str>)| VocabularyView {
        name: name.to_owned(),
        title: LocalizedText::of([("en".to_owned(), title.to_owned())]),
        description: description.map(|text| LocalizedText::of([("en".to_owned(), text.to_owned())])),
    };
    ask.answer(own.chain(others).map(view).collect())
}

/// List the words of a vocabulary
///
/// The words with their labels, in the order for menus. Languages and provinces are those of this instance; the program knows the provinces of Lao PDR, and
/// for any other country the list is empty.
#[utoipa::path(
    tag = "Reference data",
    params(("name" = String, Path, description = "Name of the vocabulary.", pattern = "^[a-z][a-z0-9_]*$", example = "organization_kinds"), Catalogue<VocabularyEntryFilter>)
)]
#[get("/v1/vocabularies/{name}")]
async fn list_vocabulary_entries(
    here: Data<Here>,
    name: Path<String>,
    ask: Catalogue<VocabularyEntryFilter>,
) -> Api<Catalogued<VocabularyEntryView>> {
    ask.answer(words(&name.0, &here)?)
}
