//! One fault at one place of a request.

use std::{collections::BTreeMap, fmt};

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

mod codes;

pub use codes::FaultCode;

use super::Language;

/// Where a fault is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// JSON pointer into the body, without the leading `#`.
    Body(String),
    Parameter(String),
    Header(&'static str),
}

#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    pub place: Place,
    pub code: FaultCode,
    params: BTreeMap<&'static str, Value>,
}

impl Fault {
    pub fn new(place: Place, code: FaultCode) -> Self {
        Self { place, code, params: BTreeMap::new() }
    }

    /// A fault in the body, at this JSON pointer.
    pub fn at(pointer: impl Into<String>, code: FaultCode) -> Self {
        Self::new(Place::Body(pointer.into()), code)
    }

    pub fn parameter(name: impl Into<String>, code: FaultCode) -> Self {
        Self::new(Place::Parameter(name.into()), code)
    }

    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.params.insert(name, value.into());
        self
    }

    /// The same fault of what stands below this JSON pointer.
    #[must_use]
    pub fn below(self, pointer: &str) -> Self {
        match self.place {
            Place::Body(at) => Self { place: Place::Body(format!("{pointer}{at}")), ..self },
            place => Self { place, ..self },
        }
    }

    pub(super) fn document(&self, language: Language) -> FaultDocument {
        let (slug, words) = self.code.row();
        let (mut pointer, mut parameter, mut header) = (None, None, None);
        match &self.place {
            Place::Body(at) => pointer = Some(format!("#{at}")),
            Place::Parameter(name) => parameter = Some(name.clone()),
            Place::Header(name) => header = Some((*name).to_owned()),
        }
        FaultDocument {
            pointer,
            parameter,
            header,
            code: slug.to_owned(),
            detail: words.say(language, &self.params),
            params: self.params.clone(),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (slug, words) = self.code.row();
        write!(f, "{:?} {slug}: {}", self.place, words.say(Language::English, &self.params))
    }
}

/// One fault at one place of the request; exactly one of `pointer`, `parameter` and `header` says where.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "Fault", as = Fault)]
pub struct FaultDocument {
    /// JSON pointer to the field of the body, such as `#/title/lo`.
    #[schema(required)]
    pub pointer: Option<String>,
    /// Name of the query parameter.
    #[schema(required)]
    pub parameter: Option<String>,
    /// Name of the header.
    #[schema(required)]
    pub header: Option<String>,
    /// The kind of fault as a word that never changes.
    pub code: String,
    /// What is wrong with it, in the language of the caller.
    pub detail: String,
    /// The values that stand inside `detail`.
    #[schema(value_type = Object)]
    pub params: BTreeMap<&'static str, Value>,
}
