//! Replies that tell the truth: status, headers, body and documentation all come from the type that a handler returns.

mod documented;

use std::marker::PhantomData;

use actix_web::{
    HttpRequest, HttpResponse, Responder,
    body::BoxBody,
    http::{StatusCode, header, header::HeaderValue},
};
pub use documented::{CARRIED_SCHEMAS, body, carry_anew};
pub(super) use documented::{Responses, documented_not_modified, is_first, replay_headers, single, text_header};
use sea_orm::EntityTrait;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    problem::Problem,
    store::{Answer, Keepable, Kept, Tracked},
};

/// What clients see of one row: a pure function of the row.
pub trait View: Serialize + ToSchema + From<<Self::Entity as EntityTrait>::Model> {
    type Entity: Tracked;
    /// The path of the collection; of rows that stand below another row, the end of it.
    const PATH: &'static str;

    /// The name of the row in its address.
    fn key(&self) -> String;
    fn revision(&self) -> i64;

    fn etag(&self) -> String {
        format!("\"{}\"", self.revision())
    }

    /// The address of the row.
    fn location(&self) -> String {
        format!("{}/{}", Self::PATH, self.key())
    }
}

/// 200 with one row, or 304 when the caller has it already.
#[derive(Debug)]
pub struct Found<V>(pub V);

/// 201 with the new row and its address.
#[derive(Debug)]
pub struct Created<V>(pub V);

/// 200 with the row as it is now.
#[derive(Debug)]
pub struct Saved<V>(pub V);

/// 201 or 200 with the row, and whether anything changed.
#[derive(Debug)]
pub struct Upserted<V> {
    pub view: V,
    pub created: bool,
    pub changed: bool,
}

/// 200 with a document that is no row: it has no revision and is never stored.
#[derive(Debug)]
pub struct Document<T>(pub T);

/// 200 with a document that never changes, as it was kept: always the same bytes.
#[derive(Debug)]
pub struct Frozen<T> {
    body: String,
    tag: String,
    shape: PhantomData<T>,
}

impl<T> Frozen<T> {
    /// `text` is JSON of the shape `T`; `digest` is another one for every other text.
    pub fn new(text: String, digest: &str) -> Self {
        Self { body: text, tag: format!("\"{digest}\""), shape: PhantomData }
    }
}

/// 204: done, and there is nothing to show.
#[derive(Clone, Copy, Debug)]
pub struct Done;

/// 201 with something that is shown this once. A replay, and a write that was only tried out, show it without its secrets.
#[derive(Debug)]
pub struct ShownOnce<T>(pub T);

/// What is left to show of it later: secrets are `null`.
pub trait Hides: Serialize {
    #[must_use]
    fn hidden(&self) -> Self;
}

/// An answer that carries a weak ETag: good for 304, and for nothing else.
#[derive(Debug)]
pub struct Tagged<T> {
    pub body: T,
    pub tag: String,
    pub next: Option<String>,
}

pub(super) fn json_text(value: &impl Serialize) -> Result<String, Problem> {
    serde_json::to_string(value).map_err(Problem::internal)
}

impl<V: View> Keepable for Created<V> {
    fn kept(&self) -> Result<Kept, Problem> {
        let headers = vec![("location".to_owned(), self.0.location()), ("etag".to_owned(), self.0.etag())];
        Ok(Kept { status: 201, headers, body: Some(json_text(&self.0)?) })
    }
}

impl<V: View> Keepable for Saved<V> {
    fn kept(&self) -> Result<Kept, Problem> {
        Ok(Kept { status: 200, headers: vec![("etag".to_owned(), self.0.etag())], body: Some(json_text(&self.0)?) })
    }
}

impl<V: View> Keepable for Upserted<V> {
    fn kept(&self) -> Result<Kept, Problem> {
        let mut headers = vec![("etag".to_owned(), self.view.etag()), ("x-changed".to_owned(), self.changed.to_string())];
        if self.created {
            headers.push(("location".to_owned(), self.view.location()));
        }
        Ok(Kept { status: if self.created { 201 } else { 200 }, headers, body: Some(json_text(&self.view)?) })
    }
}

impl<T: Serialize> Keepable for Document<T> {
    fn kept(&self) -> Result<Kept, Problem> {
        Ok(Kept { status: 200, headers: Vec::new(), body: Some(json_text(&self.0)?) })
    }
}

impl Keepable for Done {
    fn kept(&self) -> Result<Kept, Problem> {
        Ok(Kept { status: 204, headers: Vec::new(), body: None })
    }
}

impl<T: Hides> ShownOnce<T> {
    fn made(body: &T) -> Result<Kept, Problem> {
        let headers = vec![("cache-control".to_owned(), "no-store".to_owned())];
        Ok(Kept { status: 201, headers, body: Some(json_text(body)?) })
    }
}

impl<T: Hides> Keepable for ShownOnce<T> {
    fn kept(&self) -> Result<Kept, Problem> {
        Self::made(&self.0.hidden())
    }

    fn shown(&self) -> Result<Kept, Problem> {
        Self::made(&self.0)
    }
}

fn write(kept: Kept) -> Result<HttpResponse, Problem> {
    let mut response = HttpResponse::build(StatusCode::from_u16(kept.status).map_err(Problem::internal)?);
    for (name, value) in kept.headers {
        response.insert_header((name, value));
    }
    Ok(match kept.body {
        Some(body) => response.content_type(header::ContentType::json()).body(body),
        None => response.finish(),
    })
}

fn respond(response: Result<HttpResponse, Problem>) -> HttpResponse {
    response.unwrap_or_else(HttpResponse::from_error)
}

impl<R: Keepable> Responder for Answer<R> {
    type Body = BoxBody;

    fn respond_to(self, _request: &HttpRequest) -> HttpResponse {
        respond(match self {
            Self::Replayed(mut kept) => {
                kept.headers.push(("idempotency-replayed".to_owned(), "true".to_owned()));
                write(kept)
            }
            Self::Fresh { reply, dry_run: false } => reply.shown().and_then(write),
            Self::Fresh { reply, dry_run: true } => reply.kept().and_then(|mut kept| {
                kept.headers.retain(|(name, _)| name != "location" && name != "etag");
                kept.headers.push(("dry-run".to_owned(), "true".to_owned()));
                write(kept)
            }),
        })
    }
}

/// Whether the caller already has what this tag stands for.
pub(super) fn has(request: &HttpRequest, tag: &str) -> bool {
    is_among(request.headers().get_all(header::IF_NONE_MATCH), tag)
}

/// Weak comparison: the value counts, `W/` does not.
pub(super) fn is_among<'a>(mut sent: impl Iterator<Item = &'a HeaderValue>, tag: &str) -> bool {
    let bare = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    let names = |value: &HeaderValue| {
        value.to_str().is_ok_and(|value| value.split(',').any(|known| known.trim() == "*" || bare(known) == bare(tag)))
    };
    sent.any(names)
}

pub(super) fn not_modified(tag: &str) -> HttpResponse {
    HttpResponse::NotModified().insert_header((header::ETAG, tag)).finish()
}

pub(super) fn tagged(
    request: &HttpRequest,
    tag: &str,
    next: Option<String>,
    body: impl FnOnce() -> Result<String, Problem>,
) -> HttpResponse {
    if has(request, tag) {
        return not_modified(tag);
    }
    let mut response = HttpResponse::Ok();
    response.insert_header((header::ETAG, tag)).content_type(header::ContentType::json());
    if let Some(next) = next {
        response.insert_header((header::LINK, format!("<{next}>; rel=\"next\"")));
    }
    respond(body().map(|body| response.body(body)))
}

impl<V: View> Responder for Found<V> {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        tagged(request, &self.0.etag(), None, || json_text(&self.0))
    }
}

impl<T: Serialize> Responder for Tagged<T> {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        tagged(request, &self.tag, self.next, || json_text(&self.body))
    }
}

impl<T> Responder for Frozen<T> {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        tagged(request, &self.tag, None, || Ok(self.body))
    }
}

impl Responder for Done {
    type Body = BoxBody;

    fn respond_to(self, _request: &HttpRequest) -> HttpResponse {
        respond(self.kept().and_then(write))
    }
}

impl<T: Serialize> Responder for Document<T> {
    type Body = BoxBody;

    fn respond_to(self, _request: &HttpRequest) -> HttpResponse {
        respond(self.kept().and_then(write))
    }
}
