//! What the contract says of each reply.

use std::{
    cell::RefCell,
    collections::{BTreeMap, HashSet},
};

use serde_json::{Value, json, to_value};
use utoipa::{
    IntoResponses, PartialSchema, ToSchema,
    openapi::{
        ContentBuilder, Header, HeaderBuilder, ObjectBuilder, Ref, RefOr, Response, ResponseBuilder, Schema, Type,
        extensions::{Extensions, ExtensionsBuilder},
    },
};

use super::{Created, Document, Done, Found, Frozen, Saved, ShownOnce, Tagged, Upserted, View};
use crate::{
    problem::{Code, Language, Problem, ProblemDocument},
    store::Answer,
};

/// The extension under which a response carries its schemas to the contract; the contract moves them and takes it away.
pub const CARRIED_SCHEMAS: &str = "x-schemas";

thread_local! {
    /// The types whose schemas were carried already while one contract is made: most of them stand in hundreds of responses.
    static CARRIED: RefCell<HashSet<&'static str>> = RefCell::default();
}

/// To be called before a contract is made: each schema is carried once.
pub fn carry_anew() {
    CARRIED.with_borrow_mut(HashSet::clear);
}

/// Whether the schemas of this type are still to be carried.
pub(in crate::http) fn is_first<S>() -> bool {
    CARRIED.with_borrow_mut(|carried| carried.insert(std::any::type_name::<S>()))
}

fn carry<S: ToSchema>() -> Option<Extensions> {
    if !is_first::<S>() {
        return None;
    }
    let mut all = vec![(S::name().into_owned(), S::schema())];
    S::schemas(&mut all);
    let mut schemas = BTreeMap::<String, Value>::new();
    for (name, schema) in all {
        schemas.insert(name, to_value(schema).unwrap_or_default());
    }
    Some(ExtensionsBuilder::new().add(CARRIED_SCHEMAS, json!(schemas)).build())
}

/// A response with this body, which carries its schemas to the contract.
pub fn body<S: ToSchema>(description: &str) -> ResponseBuilder {
    let schema = RefOr::Ref(Ref::from_schema_name(S::name()));
    ResponseBuilder::new()
        .description(description)
        .content("application/json", ContentBuilder::new().schema(Some(schema)).build())
        .extensions(carry::<S>())
}

pub(in crate::http) fn text_header(description: &str, example: &str) -> Header {
    let schema = ObjectBuilder::new().schema_type(Type::String).examples([example]).build();
    HeaderBuilder::new().schema(Some(Schema::Object(schema))).description(Some(description)).build()
}

fn etag() -> Header {
    text_header(
        "The version of this answer: send it back as If-None-Match to hear whether it changed, or as If-Match to change the row.",
        "\"7\"",
    )
}

pub(in crate::http) fn replay_headers(response: ResponseBuilder) -> ResponseBuilder {
    response
        .header(
            "Idempotency-Replayed",
            text_header("`true` when this answer was kept from the first time the request came with this Idempotency-Key.", "true"),
        )
        .header("Dry-Run", text_header("`true` when nothing was kept because `dry_run=true` was asked for.", "true"))
}

fn location() -> Header {
    text_header("The address of the new row.", "/v1/organizations/01920000-0000-7000-8000-000000000001")
}

pub(in crate::http) type Responses = BTreeMap<String, RefOr<Response>>;

pub(in crate::http) fn single(status: &str, response: ResponseBuilder) -> Responses {
    BTreeMap::from([(status.to_owned(), RefOr::T(response.build()))])
}

pub(in crate::http) fn documented_not_modified() -> Responses {
    single("304", ResponseBuilder::new().description("You have it already: the ETag in If-None-Match still stands.").header("ETag", etag()))
}

impl<V: View> IntoResponses for Found<V> {
    fn responses() -> Responses {
        let mut responses = single("200", body::<V>("The row as it is now.").header("ETag", etag()));
        responses.append(&mut documented_not_modified());
        responses
    }
}

impl<T: ToSchema> IntoResponses for Frozen<T> {
    fn responses() -> Responses {
        let tag = text_header(
            "SHA-256 of the answer, in hexadecimal digits: send it back as If-None-Match to be spared the answer.",
            "\"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\"",
        );
        let mut responses = single("200", body::<T>("As it was kept: always the same bytes.").header("ETag", tag));
        responses.append(&mut documented_not_modified());
        responses
    }
}

impl<T: ToSchema> IntoResponses for Tagged<T> {
    fn responses() -> Responses {
        let next = text_header("The address of the next page, when there is one.", "</v1/ministries?cursor=eyJ>; rel=\"next\"");
        let mut responses = single("200", body::<T>("One page of the list.").header("ETag", etag()).header("Link", next));
        responses.append(&mut documented_not_modified());
        responses
    }
}

impl<V: View> IntoResponses for Answer<Created<V>> {
    fn responses() -> Responses {
        single("201", replay_headers(body::<V>("The row was made.").header("ETag", etag()).header("Location", location())))
    }
}

impl<V: View> IntoResponses for Answer<Saved<V>> {
    fn responses() -> Responses {
        single(
            "200",
            replay_headers(body::<V>("The row as it is now; its revision is unchanged when nothing differed.").header("ETag", etag())),
        )
    }
}

impl<V: View> IntoResponses for Answer<Upserted<V>> {
    fn responses() -> Responses {
        let changed = || text_header("`false` when the row already was as sent: nothing was written.", "true");
        let with = |text: &str| replay_headers(body::<V>(text).header("ETag", etag()).header("X-Changed", changed()));
        let mut responses = single("200", with("The row was known by this external id; it is now as sent."));
        responses.append(&mut single("201", with("The row was made and is known by this external id.").header("Location", location())));
        responses
    }
}

impl<T: ToSchema> IntoResponses for Answer<ShownOnce<T>> {
    fn responses() -> Responses {
        single(
            "201",
            replay_headers(body::<T>("It was made. Its secrets are shown this once: keep them. A replay shows `null` in their place.")),
        )
    }
}

impl<T: ToSchema> IntoResponses for Answer<Document<T>> {
    fn responses() -> Responses {
        single("200", replay_headers(body::<T>("What became of it.")))
    }
}

impl IntoResponses for Answer<Done> {
    fn responses() -> Responses {
        single("204", replay_headers(ResponseBuilder::new().description("Done; there is nothing to show.")))
    }
}

impl IntoResponses for Done {
    fn responses() -> Responses {
        single("204", ResponseBuilder::new().description("Done; there is nothing to show."))
    }
}

impl<T: ToSchema> IntoResponses for Document<T> {
    fn responses() -> Responses {
        single("200", body::<T>("As it is now."))
    }
}

impl IntoResponses for Problem {
    fn responses() -> Responses {
        let problem = |description: &str, example: Option<Value>| {
            let schema = RefOr::Ref(Ref::from_schema_name(ProblemDocument::name()));
            ResponseBuilder::new()
                .description(description)
                .content("application/problem+json", ContentBuilder::new().schema(Some(schema)).example(example).build())
                .extensions(carry::<ProblemDocument>())
        };
        // The example of the schema is a 412, which no fault of ours is.
        let away = Problem::new(Code::DatabaseUnavailable).document(Language::English, "/v1/ministries", "0197a3f0c5d17c4e9c4b");
        let mut responses = single("4XX", problem("Something about the request: `code` says what, /problems/{code} explains it.", None));
        responses.append(&mut single("5XX", problem("Something on our side; 503 comes with Retry-After.", Some(json!(away)))));
        responses
    }
}

impl PartialSchema for Problem {
    fn schema() -> RefOr<Schema> {
        ProblemDocument::schema()
    }
}
