//! What the contract says of the parameters of lists, and of the columns of their CSV.

use serde_json::{Value, to_value};
use utoipa::{
    IntoParams, ToSchema,
    openapi::{
        KnownFormat, ObjectBuilder, SchemaFormat, Type,
        path::{Parameter, ParameterBuilder, ParameterIn},
        schema::ArrayBuilder,
    },
};

use super::{Filter, LIMIT, Listing, include_names, sort_names};
use crate::store::Tracked;

const INCLUDE: &str = "Kinds of rows that the listed ones point at, to be added under `included`. A CSV has rows alone.";
const AND_COMPUTED: &str = " `computed` adds what follows from today's date and from other rows, by the id of the row.";

impl<F: Filter> IntoParams for Listing<F> {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let mut parameters = F::into_params(|| Some(ParameterIn::Query));
        let translated = !<F::Entity as Tracked>::LOCALIZED.is_empty();
        let taken = |common: &Parameter| match common.name.as_str() {
            "missing_language" => translated,
            "q" => F::SEARCHES,
            _ => true,
        };
        parameters.extend(common_parameters(sort_names::<F>()).into_iter().filter(taken));
        let names = include_names::<F>();
        if !names.is_empty() {
            let names = text().enum_values(Some(names));
            let schema = ArrayBuilder::new().items(names).build();
            let told = if F::COMPUTES { [INCLUDE, AND_COMPUTED].concat() } else { INCLUDE.to_owned() };
            parameters.push(query("include", &told).schema(Some(schema)).build());
        }
        parameters
    }
}

fn text() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String)
}

/// What the contract says of the parameters that lists have in common.
pub(in crate::http) fn common_parameters(sorts: Vec<String>) -> Vec<Parameter> {
    let mut parameters = Vec::new();
    let mut add = |name: &str, description: &str, schema: ObjectBuilder| {
        parameters.push(query(name, description).schema(Some(schema.build())).build());
    };
    let limit = ObjectBuilder::new().schema_type(Type::Integer).format(Some(SchemaFormat::KnownFormat(KnownFormat::Int32)));
    add("limit", "How many rows a page holds.", limit.minimum(Some(1)).maximum(Some(200)).default(Some(LIMIT.into())));
    add("cursor", "`page.next_cursor` of the page before; with the same sort and filters.", text());
    let default = sorts.first().cloned().unwrap_or_default();
    add(
        "sort",
        "The order; `-` for descending. Rows with the same key stand in the order of their id.",
        text().enum_values(Some(sorts)).default(Some(default.into())),
    );
    add(
        "with_total",
        "`true` counts the whole list into `page.total`.",
        ObjectBuilder::new().schema_type(Type::Boolean).default(Some(false.into())),
    );
    add(
        "archived",
        "Whether archived rows are listed.",
        text().enum_values(Some(["exclude", "include", "only"])).default(Some("exclude".into())),
    );
    add("missing_language", "Only rows with a text that lacks this language of the instance.", text().examples(["lo"]));
    add("q", "Only rows whose names and texts hold this, in any language; upper and lower case are alike.", text().max_length(Some(200)));
    add(
        "format",
        "`csv` answers with all rows of the list instead of one page.",
        text().enum_values(Some(["json", "csv"])).default(Some("json".into())),
    );
    parameters
}

fn query(name: &str, description: &str) -> ParameterBuilder {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Query)
        .required(utoipa::openapi::Required::False)
        .description(Some(description))
}

/// The properties of a view in the contract.
pub(in crate::http) fn properties<V: ToSchema>() -> Vec<(String, Value)> {
    let schema = to_value(V::schema()).unwrap_or_default();
    let properties = schema.get("properties").and_then(Value::as_object).cloned().unwrap_or_default();
    properties.into_iter().collect()
}

/// Whether a schema is an object of texts by language.
pub(in crate::http) fn is_localized(schema: &Value) -> bool {
    is_called("/LocalizedText", schema)
}

/// Whether a schema is an amount of money.
pub(in crate::http) fn is_money(schema: &Value) -> bool {
    is_called("/Money", schema)
}

fn is_called(name: &str, schema: &Value) -> bool {
    let named = schema.get("$ref").and_then(Value::as_str).is_some_and(|target| target.contains(name));
    named || schema.get("oneOf").and_then(Value::as_array).is_some_and(|branches| branches.iter().any(|branch| is_called(name, branch)))
}
