//! The contract and its explanations, served by the instance itself.

use std::collections::BTreeMap;

use actix_web::{
    HttpRequest, HttpResponse, Responder, get,
    http::header,
    web::{Bytes, Data},
};
use serde::Serialize;
use utoipa::{
    IntoResponses, ToSchema,
    openapi::{ContentBuilder, ObjectBuilder, RefOr, Response, ResponseBuilder, Type},
};

use crate::{
    http::{Api, extract::Path, mount::Mount, reply::Document},
    problem::{Code, Language, Problem},
    text::LocalizedText,
};

/// Version of the contract.
pub const CONTRACT_VERSION: &str = "1.0.0";

/// The contract as text.
pub struct Contract(pub Bytes);

/// The contract, as it is.
pub struct ContractReply(Data<Contract>);

impl Responder for ContractReply {
    type Body = actix_web::body::BoxBody;

    fn respond_to(self, _request: &HttpRequest) -> HttpResponse {
        HttpResponse::Ok()
            .content_type(header::ContentType::json())
            .insert_header((header::CACHE_CONTROL, "public, max-age=300"))
            .body(self.0.0.clone())
    }
}

impl IntoResponses for ContractReply {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let document = ObjectBuilder::new().schema_type(Type::Object).description(Some("An OpenAPI 3.1 document.")).build();
        let content = ContentBuilder::new().schema(Some(document)).example(Some(serde_json::json!({"openapi": "3.1.0"}))).build();
        let response = ResponseBuilder::new().description("The contract.").content("application/json", content).build();
        BTreeMap::from([("200".to_owned(), RefOr::T(response))])
    }
}

/// What a kind of problem means.
#[derive(Debug, Serialize, ToSchema)]
#[schema(examples(json!({
    "code": "stale_revision", "status": 412, "title": {"en": "Changed by someone else"},
    "detail": {"en": "The row is at revision {revision} now."}
})))]
pub struct ProblemKind {
    /// The word by which programs tell problems apart.
    #[schema(examples("stale_revision"))]
    code: String,
    /// The HTTP status it comes with.
    #[schema(minimum = 400, maximum = 599, examples(412))]
    status: u16,
    /// The problem in a few words, by language.
    #[schema(value_type = LocalizedText<300>)]
    title: BTreeMap<String, String>,
    /// What happened and what to do, by language; words in braces stand for values that differ each time.
    #[schema(value_type = LocalizedText<300>)]
    detail: BTreeMap<String, String>,
}

pub fn mount(config: &mut Mount<'_>) {
    config.service(get_contract).service(get_problem);
}

/// The contract
///
/// This document. `/docs` shows it for people.
#[utoipa::path(tag = "Instance", security(()))]
#[get("/openapi.json")]
async fn get_contract(contract: Data<Contract>) -> Api<ContractReply> {
    Ok(ContractReply(contract))
}

/// Explain a problem
///
/// What a `code` of a problem means and what to do about it; `type` of every problem leads here.
#[utoipa::path(tag = "Instance", security(()))]
#[get("/problems/{code}")]
async fn get_problem(code: Path<String>) -> Api<Document<ProblemKind>> {
    let row = Code::from_slug(&code.0).ok_or_else(Problem::not_found)?.row();
    let both = |words: crate::problem::Words| {
        BTreeMap::from([(Language::English.tag().to_owned(), words.en.to_owned()), (Language::Lao.tag().to_owned(), words.lo.to_owned())])
    };
    Ok(Document(ProblemKind { code: row.slug.to_owned(), status: row.status, title: both(row.title), detail: both(row.detail) }))
}
