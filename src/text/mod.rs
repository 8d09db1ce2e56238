//! Text that was checked once. Each type states its limit in one place: the schema that clients see and the check
//! on input both read it from there.

mod fold;
mod interval;
mod money;
mod period;
mod stored;

use std::{borrow::Cow, collections::BTreeMap, str::FromStr};

pub use fold::fold;
pub use interval::{Days, Interval};
pub use money::{Currency, MONEY_KEYWORD, Money, MoneyFault};
pub use period::DatePrecision;
use serde::{Deserialize, Serialize};
pub use stored::{Held, Items, Stored};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{Object, ObjectBuilder, RefOr, Schema, Type, extensions::ExtensionsBuilder, schema::AdditionalProperties},
};

use crate::problem::{Fault, FaultCode};

/// One line of text: no control characters, and something in it that can be seen.
const LINE: &str =
    r"^[^\u0000-\u001F\u007F-\u009F]*[^\s\u0000-\u001F\u007F-\u009F\u200B-\u200F\u2060\uFEFF][^\u0000-\u001F\u007F-\u009F]*$";
/// As [`LINE`], but tabs and line breaks are welcome.
const LINES: &str = r"^[^\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F]*[^\s\u0000-\u001F\u007F-\u009F\u200B-\u200F\u2060\uFEFF][^\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F]*$";

/// The keyword by which the schema of a localized text tells the validator to hold its keys against the languages of the instance.
pub const LANGUAGES_KEYWORD: &str = "x-instance-languages";

/// Why a text was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextFault {
    #[error("is empty")]
    Blank,
    #[error("is too long")]
    TooLong,
    #[error("holds a control character")]
    Control,
    #[error("does not have the form that is asked for")]
    Form,
}

fn check(text: &str, max: usize, lines: bool) -> Result<(), TextFault> {
    if text.chars().any(|c| c.is_control() && !(lines && matches!(c, '\n' | '\r' | '\t'))) {
        Err(TextFault::Control)
    } else if text.trim().is_empty() {
        Err(TextFault::Blank)
    } else if text.chars().count() > max {
        Err(TextFault::TooLong)
    } else {
        Ok(())
    }
}

fn line_schema(max: usize) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)).max_length(Some(max)).pattern(Some(LINE))
}

/// One line of at most `MAX` characters.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Hash)]
#[serde(transparent)]
pub struct Text<const MAX: usize>(String);

impl<const MAX: usize> Text<MAX> {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<const MAX: usize> FromStr for Text<MAX> {
    type Err = TextFault;

    fn from_str(text: &str) -> Result<Self, TextFault> {
        check(text, MAX, false)?;
        Ok(Self(text.to_owned()))
    }
}

impl<const MAX: usize> PartialSchema for Text<MAX> {
    fn schema() -> RefOr<Schema> {
        line_schema(MAX).into()
    }
}

impl<const MAX: usize> ToSchema for Text<MAX> {
    fn name() -> Cow<'static, str> {
        format!("Text{MAX}").into()
    }
}

/// Text of at most `MAX` characters whose tabs and line breaks are kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Prose<const MAX: usize>(String);

impl<const MAX: usize> Prose<MAX> {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<const MAX: usize> FromStr for Prose<MAX> {
    type Err = TextFault;

    fn from_str(text: &str) -> Result<Self, TextFault> {
        check(text, MAX, true)?;
        Ok(Self(text.to_owned()))
    }
}

impl<const MAX: usize> PartialSchema for Prose<MAX> {
    fn schema() -> RefOr<Schema> {
        line_schema(MAX).pattern(Some(LINES)).into()
    }
}

impl<const MAX: usize> ToSchema for Prose<MAX> {
    fn name() -> Cow<'static, str> {
        format!("Prose{MAX}").into()
    }
}

/// A slug: the stable name of a row in addresses and other systems.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Code(String);

impl Code {
    pub const MAX: usize = 64;
    pub const PATTERN: &str = "^[a-z0-9]+(-[a-z0-9]+)*$";

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Code {
    type Err = TextFault;

    fn from_str(text: &str) -> Result<Self, TextFault> {
        let word = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        if text.len() > Self::MAX {
            Err(TextFault::TooLong)
        } else if text.split('-').all(word) {
            Ok(Self(text.to_owned()))
        } else {
            Err(TextFault::Form)
        }
    }
}

impl PartialSchema for Code {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .min_length(Some(1))
            .max_length(Some(Self::MAX))
            .pattern(Some(Self::PATTERN))
            .examples(["mofa"])
            .into()
    }
}

impl ToSchema for Code {}

/// A word of a vocabulary, such as a kind of institution.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Hash)]
#[serde(transparent)]
pub struct Term(String);

impl Term {
    const MAX: usize = 64;
    const PATTERN: &str = "^[a-z][a-z0-9_]*$";

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Term {
    type Err = TextFault;

    fn from_str(text: &str) -> Result<Self, TextFault> {
        let form = text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        match text.bytes().next() {
            Some(first) if first.is_ascii_lowercase() && form && text.len() <= Self::MAX => Ok(Self(text.to_owned())),
            _ => Err(TextFault::Form),
        }
    }
}

impl PartialSchema for Term {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .min_length(Some(1))
            .max_length(Some(Self::MAX))
            .pattern(Some(Self::PATTERN))
            .examples(["ministry"])
            .into()
    }
}

impl ToSchema for Term {}

/// A two-letter country code, ISO 3166-1 alpha-2.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct CountryCode(String);

impl FromStr for CountryCode {
    type Err = TextFault;

    fn from_str(text: &str) -> Result<Self, TextFault> {
        let form = text.len() == 2 && text.bytes().all(|b| b.is_ascii_uppercase());
        if form { Ok(Self(text.to_owned())) } else { Err(TextFault::Form) }
    }
}

impl PartialSchema for CountryCode {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new().schema_type(Type::String).pattern(Some("^[A-Z]{2}$")).examples(["LA"]).into()
    }
}

impl ToSchema for CountryCode {}

/// A web address that a browser may follow: `http` or `https` only.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct WebAddress(String);

impl WebAddress {
    const MAX: usize = 500;
    const PATTERN: &str = r#"^https?://[^\s\u0000-\u001F\u007F<>"]+$"#;
}

impl FromStr for WebAddress {
    type Err = TextFault;

    fn from_str(text: &str) -> Result<Self, TextFault> {
        check(text, Self::MAX, false)?;
        let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
        match rest {
            Some(rest) if !rest.is_empty() && !rest.contains(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"')) => {
                Ok(Self(text.to_owned()))
            }
            _ => Err(TextFault::Form),
        }
    }
}

impl PartialSchema for WebAddress {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .max_length(Some(Self::MAX))
            .pattern(Some(Self::PATTERN))
            .examples(["https://www.mofa.gov.la"])
            .into()
    }
}

impl ToSchema for WebAddress {}

/// The same text in one or more languages, by BCP 47 language tag; at least one language.
///
/// Kept as canonical JSON text in both engines: the bytes that are compared are the bytes that are stored.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct LocalizedText<const MAX: usize>(BTreeMap<String, String>);

impl<const MAX: usize> LocalizedText<MAX> {
    /// One of the program's own texts: language and text.
    pub fn of(texts: impl IntoIterator<Item = (String, String)>) -> Self {
        Self(texts.into_iter().collect())
    }

    /// Without languages that are not these; English stays.
    #[must_use]
    pub fn within(mut self, languages: &[String]) -> Self {
        self.0.retain(|language, _| language == "en" || languages.contains(language));
        self
    }

    pub fn get(&self, language: &str) -> Option<&str> {
        self.0.get(language).map(String::as_str)
    }

    pub fn values(&self) -> impl Iterator<Item = &str> {
        self.0.values().map(String::as_str)
    }

    /// Whether everything that the other says stands here as it was: languages may have come, none went or changed.
    pub fn only_adds_to(&self, before: &Self) -> bool {
        before.0.iter().all(|(language, text)| self.0.get(language) == Some(text))
    }

    /// The same text where a longer one might stand.
    #[must_use]
    pub fn widened<const MORE: usize>(&self) -> LocalizedText<MORE> {
        const { assert!(MAX <= MORE, "a text does not fit where only a shorter one may stand") };
        LocalizedText(self.0.clone())
    }

    /// The text in this language, or in whichever there is.
    pub fn any(&self, preferred: &str) -> &str {
        self.get(preferred).or_else(|| self.values().next()).unwrap_or_default()
    }
}

/// Whether a text that may be absent says what it said before: at most languages have come.
pub fn only_adds<const MAX: usize>(after: Option<&LocalizedText<MAX>>, before: Option<&LocalizedText<MAX>>) -> bool {
    match (after, before) {
        (Some(after), Some(before)) => after.only_adds_to(before),
        (after, before) => after == before,
    }
}

impl<'de, const MAX: usize> Deserialize<'de> for LocalizedText<MAX> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        BTreeMap::deserialize(deserializer).map(Self)
    }
}

fn localized_schema(max: usize, nullable: bool) -> ObjectBuilder {
    let text = ObjectBuilder::new().min_length(Some(1)).max_length(Some(max)).pattern(Some(LINES));
    let text = match nullable {
        true => text.schema_type(utoipa::openapi::schema::SchemaType::from_iter([Type::String, Type::Null])),
        false => text.schema_type(Type::String),
    };
    ObjectBuilder::new()
        .additional_properties(Some(AdditionalProperties::RefOr(RefOr::T(text.into()))))
        .property_names(Some(Schema::Object(
            ObjectBuilder::new().schema_type(Type::String).pattern(Some("^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")).build(),
        )))
        .extensions(Some(ExtensionsBuilder::new().add(LANGUAGES_KEYWORD, true).build()))
}

fn localized(schema: ObjectBuilder) -> Object {
    schema.examples([serde_json::json!({"en": "Ministry of Foreign Affairs"})]).build()
}

impl<const MAX: usize> PartialSchema for LocalizedText<MAX> {
    fn schema() -> RefOr<Schema> {
        RefOr::T(Schema::Object(localized(localized_schema(MAX, false).min_properties(Some(1)))))
    }
}

impl<const MAX: usize> ToSchema for LocalizedText<MAX> {
    fn name() -> Cow<'static, str> {
        format!("LocalizedText{MAX}").into()
    }
}

/// Changes to a localized text: languages that are named are set, or removed with `null`; the others stay.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LocalizedPatch<const MAX: usize>(BTreeMap<String, Option<String>>);

impl<const MAX: usize> LocalizedPatch<MAX> {
    /// What it makes of a text, by language. No language left is a fault.
    pub fn onto(self, text: Option<&LocalizedText<MAX>>, pointer: &str, faults: &mut Vec<Fault>) -> Option<LocalizedText<MAX>> {
        let mut merged = text.map(|text| text.0.clone()).unwrap_or_default();
        for (language, text) in self.0 {
            match text {
                Some(text) => merged.insert(language, text),
                None => merged.remove(&language),
            };
        }
        if merged.is_empty() {
            faults.push(Fault::at(pointer, FaultCode::NoLanguageLeft));
            return None;
        }
        Some(LocalizedText(merged))
    }
}

impl<'de, const MAX: usize> Deserialize<'de> for LocalizedPatch<MAX> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        BTreeMap::deserialize(deserializer).map(Self)
    }
}

impl<const MAX: usize> PartialSchema for LocalizedPatch<MAX> {
    fn schema() -> RefOr<Schema> {
        RefOr::T(Schema::Object(localized(localized_schema(MAX, true))))
    }
}

impl<const MAX: usize> ToSchema for LocalizedPatch<MAX> {
    fn name() -> Cow<'static, str> {
        format!("LocalizedPatch{MAX}").into()
    }
}
