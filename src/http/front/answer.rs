//! Answers as they go out: an error of whatever origin becomes a problem document, and every answer is logged and marked.

use actix_cors::CorsError;
use actix_web::{
    Error, HttpResponse, ResponseError,
    body::{BoxBody, MessageBody},
    dev::ServiceResponse,
    http::{StatusCode, header, header::HeaderValue},
};
use serde_json::json;
use tracing::{error, field::display, info, warn};

use super::{REQUEST_ID, visit::Visit};
use crate::{
    http::guard::guard,
    problem::{Code, Problem},
};

/// Where OAuth clients ask: they read a refusal in the shape of RFC 6749.
const OAUTH: [&str; 2] = ["/v1/auth/token", "/v1/auth/revoke"];

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// Only a sketch: [`super::front`] knows the request and writes the document.
    fn error_response(&self) -> HttpResponse<BoxBody> {
        HttpResponse::new(self.status_code())
    }
}

impl Visit<'_> {
    /// The answer as it goes out: an error of whatever origin becomes a problem document.
    pub fn finish(&self, response: ServiceResponse<impl MessageBody + 'static>) -> ServiceResponse<BoxBody> {
        let status = response.status();
        let spoken = response.headers().contains_key(header::CONTENT_TYPE);
        let problem = response.response().error().map(problem_of);
        match problem {
            // Whatever text it came with: only ours is known to tell nothing of the inside.
            Some(problem) => response.into_response(self.write(&problem)),
            None if status.as_u16() >= 400 && !spoken => response.into_response(self.write(&by_status(status))),
            _ => {
                let mut response = response.map_into_boxed_body();
                self.mark(response.headers_mut());
                let (account, milliseconds) = (self.account.map(display), self.done(status.as_u16()));
                info!(
                    operation = &*self.operation.id,
                    account,
                    method = %self.method,
                    path = %self.path,
                    status = status.as_u16(),
                    duration_ms = milliseconds,
                    "answered"
                );
                response
            }
        }
    }

    pub fn write(&self, problem: &Problem) -> HttpResponse {
        self.log(problem);
        let status = problem.status_code();
        let mut answer = HttpResponse::build(status);
        answer.insert_header((header::CONTENT_LANGUAGE, self.language.tag()));
        if let Some(seconds) = problem.retry_after() {
            answer.insert_header((header::RETRY_AFTER, seconds.to_string()));
        }
        if let Some(allow) = problem.allow() {
            answer.insert_header((header::ALLOW, allow));
        }
        if status == StatusCode::UNAUTHORIZED {
            let challenge = match problem.code() {
                Code::TokenExpired => "Bearer realm=\"gcm-api\", error=\"invalid_token\", error_description=\"expired\"",
                _ => "Bearer realm=\"gcm-api\"",
            };
            answer.insert_header((header::WWW_AUTHENTICATE, challenge));
        }
        let mut answer = match problem.code() {
            Code::TooManyRequests if OAUTH.contains(&self.path.as_str()) => {
                answer.insert_header((header::CACHE_CONTROL, "no-store"));
                let (code, text) = (problem.code().row().slug, problem.detail(self.language));
                answer.json(json!({"error": code, "error_description": text, "code": code, "request_id": self.request_id}))
            }
            _ => {
                let mut answer = answer.json(problem.document(self.language, &self.path, &self.request_id));
                answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
                answer
            }
        };
        self.mark(answer.headers_mut());
        answer
    }

    fn log(&self, problem: &Problem) {
        let (status, code) = (problem.status(), problem.code().row().slug);
        let cause = problem.cause().unwrap_or_default();
        let (account, duration_ms, operation) = (self.account.map(display), self.done(status), &*self.operation.id);
        if let (Code::TooManyRequests, Some(policy)) = (problem.code(), problem.param("policy")) {
            self.house.metrics.rate_limited(policy.as_str().unwrap_or_default());
        }
        match status {
            500 => {
                error!(operation, account, method = %self.method, path = %self.path, status, code, duration_ms, cause, "failed")
            }
            501.. => {
                warn!(operation, account, method = %self.method, path = %self.path, status, code, duration_ms, cause, "could not be answered")
            }
            _ => info!(operation, account, method = %self.method, path = %self.path, status, code, duration_ms, "refused"),
        }
    }

    fn mark(&self, headers: &mut header::HeaderMap) {
        if let Ok(id) = HeaderValue::from_str(&self.request_id) {
            headers.insert(REQUEST_ID, id);
        }
        headers.insert(header::VARY, HeaderValue::from_static("Authorization, Accept-Encoding, Accept-Language"));
        if let Some(standing) = self.standing {
            standing.mark(headers);
        }
        guard(headers, &self.path, self.house.https);
    }
}

pub fn problem_of(error: &Error) -> Problem {
    match error.as_error::<Problem>() {
        Some(problem) => problem.again(),
        None => match error.as_error::<CorsError>() {
            Some(refused) => Problem::new(Code::BadRequest).with("why", refused.to_string()),
            None => by_status(error.as_response_error().status_code()).because(error),
        },
    }
}

fn by_status(status: StatusCode) -> Problem {
    match status.as_u16() {
        404 => Problem::new(Code::UnknownPath),
        408 => Problem::new(Code::RequestTimeout),
        413 => Problem::new(Code::BodyTooLarge),
        415 => Problem::new(Code::UnsupportedMediaType).with("allowed", "application/json"),
        400..500 => Problem::new(Code::BadRequest).with("why", status.canonical_reason().unwrap_or_default()),
        503 => Problem::new(Code::DatabaseUnavailable),
        _ => Problem::new(Code::InternalError),
    }
}
