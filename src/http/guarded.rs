//! Replies about what nobody may keep on the way: contacts of people.

use std::collections::BTreeMap;

use actix_web::{HttpRequest, HttpResponse, Responder, body::BoxBody, http::header};
use serde::Serialize;
use utoipa::{
    IntoResponses, ToSchema,
    openapi::{Header, RefOr, Response, ResponseBuilder},
};

use super::reply::{body, replay_headers, text_header};
use crate::store::{Answer, Keepable, Kept};

type Responses = BTreeMap<String, RefOr<Response>>;

/// 200 with what no cache may keep, and the revision to change it by.
#[derive(Debug)]
pub struct Guarded<T> {
    pub body: T,
    pub revision: i64,
}

/// 204 with the new revision: what was written is not sent back, and so not kept with an Idempotency-Key.
#[derive(Debug)]
pub struct Written {
    pub revision: i64,
}

fn tag(revision: i64) -> String {
    format!("\"{revision}\"")
}

impl<T: Serialize> Responder for Guarded<T> {
    type Body = BoxBody;

    fn respond_to(self, _request: &HttpRequest) -> HttpResponse {
        HttpResponse::Ok()
            .insert_header((header::ETAG, tag(self.revision)))
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .json(self.body)
    }
}

impl Keepable for Written {
    fn kept(&self) -> Result<Kept, crate::problem::Problem> {
        Ok(Kept { status: 204, headers: vec![("etag".to_owned(), tag(self.revision))], body: None })
    }
}

fn etag() -> Header {
    text_header("The version of this answer: send it back as If-Match to change what it holds.", "\"2\"")
}

fn single(status: &str, response: ResponseBuilder) -> Responses {
    BTreeMap::from([(status.to_owned(), RefOr::T(response.build()))])
}

impl<T: ToSchema> IntoResponses for Guarded<T> {
    fn responses() -> Responses {
        single("200", body::<T>("As it is now; not to be kept by anybody on the way.").header("ETag", etag()))
    }
}

impl IntoResponses for Answer<Written> {
    fn responses() -> Responses {
        let done = ResponseBuilder::new().description("It is written; what was sent is not sent back.");
        single("204", replay_headers(done.header("ETag", etag())))
    }
}
