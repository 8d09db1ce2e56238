//! The contract as the validator of bodies: every fault at once, each with its pointer, and no limit stated twice.

use std::{collections::BTreeMap, sync::OnceLock};

use jsonschema::{
    JsonType, Keyword, ValidationError, Validator,
    error::{TypeKind, ValidationErrorKind as Broken},
};
use serde_json::{Value, json};

use crate::{
    problem::{Fault, FaultCode, MOST_FAULTS, Problem},
    text::{LANGUAGES_KEYWORD, MONEY_KEYWORD, Money},
};

/// A validator for each schema of the contract, made when it is first asked for.
pub struct Schemas {
    components: Value,
    languages: Vec<String>,
    made: BTreeMap<String, OnceLock<Result<Validator, String>>>,
}

impl Schemas {
    pub fn new(contract: &Value, languages: &[String]) -> Self {
        let components = contract.get("components").cloned().unwrap_or_default();
        let names = components.get("schemas").and_then(Value::as_object).into_iter().flat_map(|schemas| schemas.keys().cloned());
        let made = names.map(|name| (name, OnceLock::new())).collect();
        Self { components, languages: languages.to_vec(), made }
    }

    /// Every fault of the value against the schema of this name, up to a hundred.
    pub fn faults(&self, name: &str, value: &Value) -> Result<Vec<Fault>, Problem> {
        let made = self.made.get(name).ok_or_else(|| Problem::internal(format!("the contract has no schema {name}")))?;
        let validator = made.get_or_init(|| self.make(name)).as_ref().map_err(Problem::internal)?;
        Ok(validator.iter_errors(value).flat_map(|error| self.explain(&error)).take(MOST_FAULTS).collect())
    }

    fn make(&self, name: &str) -> Result<Validator, String> {
        let schema = json!({"$ref": format!("#/components/schemas/{name}"), "components": self.components});
        let languages = self.languages.clone();
        jsonschema::draft202012::options()
            .should_validate_formats(true)
            .with_keyword(LANGUAGES_KEYWORD, move |_, _, _| Ok(Box::new(Languages(languages.clone()))))
            .with_keyword(MONEY_KEYWORD, |_, _, _| Ok(Box::new(OfItsCurrency)))
            .build(&schema)
            .map_err(|error| error.to_string())
    }

    fn explain(&self, error: &ValidationError<'_>) -> Vec<Fault> {
        let at = error.instance_path().to_string();
        let inside = |name: &str| format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"));
        let one = |code: FaultCode| Fault::at(at.clone(), code);
        match error.kind() {
            Broken::AdditionalProperties { unexpected } | Broken::UnevaluatedProperties { unexpected } => {
                unexpected.iter().map(|name| Fault::at(inside(name), FaultCode::UnknownField)).collect()
            }
            Broken::Required { property } => vec![Fault::at(inside(property.as_str().unwrap_or_default()), FaultCode::Required)],
            // A nullable reference: what is wrong with the branch that is not null.
            Broken::OneOfNotValid { context } | Broken::AnyOf { context } => {
                let only_null =
                    |error: &ValidationError<'_>| matches!(error.kind(), Broken::Type { kind: TypeKind::Single(JsonType::Null) });
                let solid = context.iter().find(|branch| !branch.iter().all(only_null));
                solid.into_iter().flatten().flat_map(|error| self.explain(error)).collect()
            }
            Broken::Type { kind } => vec![one(FaultCode::WrongType).with("expected", type_names(kind))],
            Broken::MaxLength { limit } => vec![one(FaultCode::TooLong).with("limit", *limit)],
            Broken::MinLength { limit } => vec![one(FaultCode::TooShort).with("limit", *limit)],
            Broken::MaxItems { limit } => vec![one(FaultCode::TooMany).with("limit", *limit)],
            Broken::MinItems { limit } => vec![one(FaultCode::TooFew).with("limit", *limit)],
            Broken::MinProperties { .. } => vec![one(FaultCode::NoLanguageLeft)],
            Broken::Minimum { limit }
            | Broken::Maximum { limit }
            | Broken::ExclusiveMinimum { limit }
            | Broken::ExclusiveMaximum { limit } => {
                vec![one(FaultCode::OutOfRange).with("limit", limit.clone())]
            }
            Broken::Pattern { pattern } => vec![one(FaultCode::Form).with("form", pattern.clone())],
            Broken::Format { format } => vec![one(FaultCode::Form).with("form", format.clone())],
            Broken::Enum { options } => vec![one(FaultCode::UnknownValue).with("allowed", options.as_ref().clone())],
            Broken::UniqueItems => vec![one(FaultCode::NotUnique)],
            Broken::PropertyNames { error } => {
                let name = error.instance().as_str().unwrap_or_default().to_owned();
                vec![Fault::at(inside(&name), FaultCode::LanguageNotOffered).with("allowed", self.languages.clone())]
            }
            Broken::Custom { keyword, .. } if keyword == MONEY_KEYWORD => Money::fault(error.instance(), &at).into_iter().collect(),
            Broken::Custom { message, .. } => {
                vec![Fault::at(inside(message), FaultCode::LanguageNotOffered).with("allowed", self.languages.clone())]
            }
            other => vec![one(FaultCode::Unreadable).with("why", other.keyword())],
        }
    }
}

fn type_names(kind: &TypeKind) -> String {
    let name = |kind: JsonType| match kind {
        JsonType::Array => "a list",
        JsonType::Boolean => "true or false",
        JsonType::Integer => "a whole number",
        JsonType::Null => "null",
        JsonType::Number => "a number",
        JsonType::Object => "an object",
        JsonType::String => "text",
    };
    match kind {
        TypeKind::Single(kind) => name(*kind).to_owned(),
        TypeKind::Multiple(kinds) => kinds.iter().map(name).collect::<Vec<_>>().join(" or "),
    }
}

/// The keys of a localized text must be languages of the instance.
struct Languages(Vec<String>);

impl Languages {
    fn strange<'v>(&self, value: &'v Value) -> Option<&'v str> {
        value.as_object()?.keys().map(String::as_str).find(|key| !self.0.iter().any(|language| language == key))
    }
}

impl<'i> Keyword<'i> for Languages {
    fn validate(&self, instance: &'i Value) -> Result<(), ValidationError<'i>> {
        match self.strange(instance) {
            None => Ok(()),
            Some(key) => Err(ValidationError::custom(key)),
        }
    }

    fn is_valid(&self, instance: &'i Value) -> bool {
        self.strange(instance).is_none()
    }
}

/// An amount must be in a currency that amounts are written in, and have no more decimals than it.
struct OfItsCurrency;

impl<'i> Keyword<'i> for OfItsCurrency {
    fn validate(&self, instance: &'i Value) -> Result<(), ValidationError<'i>> {
        if self.is_valid(instance) { Ok(()) } else { Err(ValidationError::custom(String::new())) }
    }

    fn is_valid(&self, instance: &'i Value) -> bool {
        Money::fault(instance, "").is_none()
    }
}
