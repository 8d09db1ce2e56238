//! Queries, read with care: every parameter is known, typed and without control characters, or refused by name.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use utoipa::{
    IntoParams, Number,
    openapi::{
        KnownFormat, RefOr, Schema, SchemaFormat, Type,
        path::{Parameter, ParameterIn},
        schema::{ArrayItems, SchemaType},
    },
};
use uuid::Uuid;

use crate::problem::{Code, Fault, FaultCode, MOST_FAULTS, Problem};

/// How many values one parameter takes: each is a term of the statement.
pub const MOST_VALUES: usize = 100;

/// Any other query, read with the same care.
pub fn read_query<T: DeserializeOwned + IntoParams>(query: &str) -> Result<T, Problem> {
    let mut faults = Vec::new();
    let pairs = pairs(query, &T::into_params(|| Some(ParameterIn::Query)), &mut faults)?;
    let read = typed(&pairs, |_name| true, &mut faults)?;
    all_good(faults)?;
    Ok(read)
}

/// Refuses a query with these faults, if there are any.
pub(super) fn all_good(mut faults: Vec<Fault>) -> Result<(), Problem> {
    faults.truncate(MOST_FAULTS);
    if faults.is_empty() { Ok(()) } else { Err(Problem::bad_query(faults)) }
}

/// The query as pairs: brackets taken off, lists with commas taken apart; what cannot be taken is left out and named.
pub(super) fn pairs(query: &str, parameters: &[Parameter], faults: &mut Vec<Fault>) -> Result<Vec<(String, String)>, Problem> {
    let raw: Vec<(String, String)> =
        serde_html_form::from_str(query).map_err(|error| Problem::new(Code::BadRequest).with("why", error.to_string()))?;
    let names: Vec<&str> = parameters.iter().map(|parameter| parameter.name.as_str()).collect();
    let mut pairs = Vec::with_capacity(raw.len());
    for (name, value) in raw {
        let name = name.strip_suffix("[]").unwrap_or(&name).to_owned();
        let Some(parameter) = parameters.iter().find(|parameter| parameter.name == name) else {
            faults.push(Fault::parameter(name, FaultCode::UnknownParameter).with("allowed", names.clone()));
            continue;
        };
        let values: Vec<String> = match &parameter.schema {
            Some(RefOr::T(Schema::Array(_))) => {
                value.split(',').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
            }
            _ => vec![value],
        };
        if values.is_empty() {
            faults.push(Fault::parameter(name.as_str(), FaultCode::TooFew).with("limit", 1));
        }
        for value in values {
            match parameter.schema.as_ref().and_then(|schema| fault_of(schema, &value)) {
                Some((code, key, limit)) => faults.push(Fault::parameter(name.as_str(), code).with(key, limit)),
                None => pairs.push((name.clone(), value)),
            }
        }
    }
    let many = parameters.iter().filter(|parameter| pairs.iter().filter(|(name, _)| *name == parameter.name).count() > MOST_VALUES);
    faults.extend(many.map(|parameter| Fault::parameter(parameter.name.as_str(), FaultCode::TooMany).with("limit", MOST_VALUES)));
    Ok(pairs)
}

/// What is wrong with one value, by the schema that the contract shows of its parameter.
fn fault_of(schema: &RefOr<Schema>, value: &str) -> Option<(FaultCode, &'static str, Value)> {
    let form = |form: &str| Some((FaultCode::Form, "form", json!(form)));
    if value.chars().any(char::is_control) {
        return form("text without control characters");
    }
    let schema = match schema {
        RefOr::T(Schema::Array(list)) => match &list.items {
            ArrayItems::RefOrSchema(items) => return fault_of(items, value),
            ArrayItems::False => return None,
        },
        RefOr::T(Schema::Object(schema)) => schema,
        // A named enum: reading it as its type tells.
        _ => return None,
    };
    if let Some(allowed) = &schema.enum_values
        && !allowed.iter().any(|word| word == value)
    {
        return Some((FaultCode::UnknownValue, "allowed", json!(allowed)));
    }
    if let Some(limit) = schema.max_length.filter(|limit| value.chars().count() > *limit) {
        return Some((FaultCode::TooLong, "limit", json!(limit)));
    }
    match (&schema.schema_type, &schema.format) {
        (SchemaType::Type(Type::Boolean), _) if !matches!(value, "true" | "false") => {
            Some((FaultCode::UnknownValue, "allowed", json!(["true", "false"])))
        }
        (SchemaType::Type(Type::Integer), _) => {
            let range = (schema.minimum.as_ref().map(whole), schema.maximum.as_ref().map(whole));
            let (least, most) = (range.0.unwrap_or(i64::MIN), range.1.unwrap_or(i64::MAX));
            let fits = value.parse::<i64>().is_ok_and(|number| (least..=most).contains(&number));
            (!fits).then(|| (FaultCode::OutOfRange, "limit", json!(format!("{least} to {most}"))))
        }
        (_, Some(SchemaFormat::KnownFormat(KnownFormat::Uuid))) if value.parse::<Uuid>().is_err() => form("uuid"),
        // Four digits for the year: dates that both engines know.
        (_, Some(SchemaFormat::KnownFormat(KnownFormat::Date)))
            if value.split('-').map(str::len).ne([4, 2, 2]) || value.parse::<NaiveDate>().is_err() =>
        {
            form("YYYY-MM-DD")
        }
        _ => None,
    }
}

fn whole(number: &Number) -> i64 {
    match number {
        Number::Int(number) => i64::try_from(*number).unwrap_or(i64::MAX),
        Number::UInt(number) => i64::try_from(*number).unwrap_or(i64::MAX),
        #[expect(clippy::cast_possible_truncation, reason = "limits of whole numbers are whole")]
        Number::Float(number) => *number as i64,
    }
}

/// Those of these names as a type. When they cannot be read, each is tried alone: so every one that is wrong is named, and the others
/// are read.
pub(super) fn typed<T: DeserializeOwned>(
    pairs: &[(String, String)],
    mine: impl Fn(&str) -> bool,
    faults: &mut Vec<Fault>,
) -> Result<T, Problem> {
    let mut pairs: Vec<_> = pairs.iter().filter(|(name, _)| mine(name)).cloned().collect();
    if let Ok(read) = decode(&pairs) {
        return Ok(read);
    }
    let names: BTreeSet<String> = pairs.iter().map(|(name, _)| name.clone()).collect();
    for name in names {
        let alone: Vec<_> = pairs.iter().filter(|(other, _)| *other == name).cloned().collect();
        if let Err(why) = decode::<T>(&alone) {
            faults.push(Fault::parameter(name.as_str(), FaultCode::Unreadable).with("why", why));
            pairs.retain(|(other, _)| *other != name);
        }
    }
    decode(&pairs).map_err(Problem::internal)
}

fn decode<T: DeserializeOwned>(pairs: &[(String, String)]) -> Result<T, String> {
    let encoded = serde_html_form::to_string(pairs).map_err(|error| error.to_string())?;
    serde_html_form::from_str(&encoded).map_err(|error| error.to_string())
}
