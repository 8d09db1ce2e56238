//! Queries, read with care: every parameter is known, typed and without control characters, or refused by name.

use serde::de::DeserializeOwned;
use utoipa::{
    IntoParams,
    openapi::{
        KnownFormat, RefOr, Schema, SchemaFormat,
        path::{Parameter, ParameterIn},
    },
};

use crate::problem::{Code, Fault, FaultCode, MOST_FAULTS, Place, Problem};

/// How many values one parameter takes: each is a term of the statement.
pub const MOST_VALUES: usize = 100;

/// Any other query, read with the same care.
pub fn read_query<T: DeserializeOwned + IntoParams>(query: &str) -> Result<T, Problem> {
    typed_pairs(&pairs(query, &T::into_params(|| Some(ParameterIn::Query)))?)
}

/// One parameter that cannot be taken.
pub(super) fn one(fault: Fault) -> Problem {
    Problem::bad_query(vec![fault])
}

/// The query as pairs: brackets taken off, lists with commas taken apart, unknown names and control characters refused.
pub(super) fn pairs(query: &str, parameters: &[Parameter]) -> Result<Vec<(String, String)>, Problem> {
    let raw: Vec<(String, String)> =
        serde_html_form::from_str(query).map_err(|error| Problem::new(Code::BadRequest).with("why", error.to_string()))?;
    let names: Vec<&str> = parameters.iter().map(|parameter| parameter.name.as_str()).collect();
    let mut pairs = Vec::with_capacity(raw.len());
    let mut faults = Vec::new();
    for (name, value) in raw {
        let name = name.strip_suffix("[]").unwrap_or(&name).to_owned();
        let Some(parameter) = parameters.iter().find(|parameter| parameter.name == name) else {
            faults.push(Fault::parameter(name, FaultCode::UnknownParameter).with("allowed", names.clone()));
            continue;
        };
        if value.chars().any(char::is_control) {
            faults.push(Fault::parameter(name, FaultCode::Form).with("form", "text without control characters"));
            continue;
        }
        if let Some(RefOr::T(Schema::Object(text))) = &parameter.schema
            && let Some(limit) = text.max_length
            && value.chars().count() > limit
        {
            faults.push(Fault::parameter(name, FaultCode::TooLong).with("limit", limit));
            continue;
        }
        if is_date(parameter) && value.split('-').map(str::len).ne([4, 2, 2]) {
            faults.push(Fault::parameter(name, FaultCode::Form).with("form", "YYYY-MM-DD"));
            continue;
        }
        match &parameter.schema {
            Some(RefOr::T(Schema::Array(_))) => {
                pairs.extend(value.split(',').map(str::trim).filter(|part| !part.is_empty()).map(|part| (name.clone(), part.to_owned())));
            }
            _ => pairs.push((name, value)),
        }
    }
    let many = parameters.iter().filter(|parameter| pairs.iter().filter(|(name, _)| *name == parameter.name).count() > MOST_VALUES);
    faults.extend(many.map(|parameter| Fault::parameter(parameter.name.as_str(), FaultCode::TooMany).with("limit", MOST_VALUES)));
    faults.truncate(MOST_FAULTS);
    if faults.is_empty() { Ok(pairs) } else { Err(Problem::bad_query(faults)) }
}

/// Whether a parameter is a date; those have four digits for the year, so that both engines know them.
fn is_date(parameter: &Parameter) -> bool {
    let Some(RefOr::T(Schema::Object(schema))) = &parameter.schema else { return false };
    matches!(&schema.format, Some(SchemaFormat::KnownFormat(KnownFormat::Date)))
}

pub(super) fn typed<T: DeserializeOwned>(pairs: &[(String, String)], names: &[&str]) -> Result<T, Problem> {
    let mine: Vec<_> = pairs.iter().filter(|(name, _)| names.contains(&name.as_str())).cloned().collect();
    typed_pairs(&mine)
}

pub(super) fn typed_pairs<T: DeserializeOwned>(pairs: &[(String, String)]) -> Result<T, Problem> {
    let encoded = serde_html_form::to_string(pairs).map_err(Problem::internal)?;
    let deserializer = serde_html_form::Deserializer::from_bytes(encoded.as_bytes());
    serde_path_to_error::deserialize(deserializer).map_err(|error| {
        let path = error.path().to_string();
        let name = path.split(['[', '.']).next().unwrap_or_default().to_owned();
        one(Fault::new(Place::Parameter(name), FaultCode::Unreadable).with("why", error.inner().to_string()))
    })
}
