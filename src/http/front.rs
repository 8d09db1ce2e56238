//! The front of the house: every request passes here first and every answer last.

use std::{
    net::IpAddr,
    panic::AssertUnwindSafe,
    pin::Pin,
    sync::Arc,
    time::{Duration, Instant},
};

use actix_cors::CorsError;
use actix_web::{
    Error, HttpMessage, HttpResponse, ResponseError,
    body::{BoxBody, MessageBody},
    dev::{Payload, ServiceRequest, ServiceResponse},
    error::InternalError,
    http::{Method, StatusCode, header, header::HeaderValue},
    middleware::Next,
    web::{Bytes, BytesMut, Data},
};
use futures_util::{FutureExt, StreamExt};
use serde_json::{Value, json};
use tracing::{Instrument as _, error, error_span, field::display, info, warn};
use uuid::Uuid;

use super::{
    authenticate::{self, Admitted, Doorkeeper},
    context::{Context, negotiate},
    guard::{guard, is_documentation},
    limits::{Limits, Standing},
    network::{self, is_this_machine},
    routes::{Door, Operation, Routes},
    unread,
};
use crate::{
    clock::Clock,
    metrics::Metrics,
    problem::{Code, Language, Problem},
    settings::{Block, Settings},
    telemetry::{
        REQUEST, Trace,
        otlp::{Exporter, Span},
    },
};

/// Where the service tells how it is doing: not for everybody.
const METRICS: &str = "/metrics";

/// Where OAuth clients ask: they read a refusal in the shape of RFC 6749.
const OAUTH: [&str; 2] = ["/v1/auth/token", "/v1/auth/revoke"];

const REQUEST_ID: header::HeaderName = header::HeaderName::from_static("x-request-id");

/// What the front needs to know.
pub struct House {
    pub routes: Routes,
    pub doorkeeper: Arc<dyn Doorkeeper>,
    pub body_limit: usize,
    pub timeout: Duration,
    pub limits: Limits,
    pub trusted_proxies: Vec<Block>,
    /// Clients reach the service by https.
    pub https: bool,
    pub metrics: Arc<Metrics>,
    /// `/metrics` is answered here, to this machine; else it has an address of its own.
    pub metrics_here: bool,
    pub exporter: Option<Exporter>,
    pub clock: Clock,
}

impl House {
    /// One that lets nobody in: for answering while there is no database.
    pub fn closed(settings: &Settings, clock: Clock) -> Result<Self, Problem> {
        Ok(Self {
            routes: Routes::new(&Value::Null, &[]),
            doorkeeper: Arc::new(Closed),
            body_limit: settings.body_limit_bytes,
            timeout: settings.request_timeout,
            limits: Limits::new(&settings.rates, clock.clone()),
            trusted_proxies: settings.trusted_proxies.clone(),
            https: settings.is_https(),
            metrics: Arc::new(Metrics::new().map_err(Problem::internal)?),
            metrics_here: false,
            exporter: None,
            clock,
        })
    }
}

/// Nobody is let in where there is no database to ask.
struct Closed;

impl Doorkeeper for Closed {
    fn actor<'a>(&'a self, _token: &'a str) -> Pin<Box<dyn Future<Output = Result<Admitted, Problem>> + 'a>> {
        Box::pin(async { Err(Problem::new(Code::DatabaseUnavailable)) })
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// Only a sketch: [`front`] knows the request and writes the document.
    fn error_response(&self) -> HttpResponse<BoxBody> {
        HttpResponse::new(self.status_code())
    }
}

/// What is remembered of a request for its answer.
struct Visit<'a> {
    house: &'a House,
    began: Instant,
    trace: Trace,
    operation: &'a Operation,
    request_id: String,
    account: Option<Uuid>,
    network: Option<IpAddr>,
    language: Language,
    method: Method,
    path: String,
    /// How the caller stands with the limit that this request was counted against.
    standing: Option<Standing>,
}

/// The outermost layer but CORS.
pub async fn front(
    house: Data<House>,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let visit = Visit::of(&house, &request);
    let span = visit.span();
    attend(&house, visit, request, next).instrument(span).await
}

async fn attend<'a>(
    house: &'a House,
    mut visit: Visit<'a>,
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let _in_flight = house.metrics.in_flight();
    if let Err(problem) = enter(house, &mut visit, &mut request).await {
        let answer = visit.write(&problem);
        let answer = if is_endless(&request) { unread::hang_up_after(answer, request.take_payload()) } else { answer };
        return Ok(request.into_response(answer));
    }
    let work = AssertUnwindSafe(tokio::time::timeout(house.timeout, next.call(request))).catch_unwind();
    let failed = match work.await {
        Ok(Ok(Ok(response))) => return Ok(visit.finish(response)),
        Ok(Ok(Err(error))) => visit.write(&problem_of(&error)),
        Ok(Err(_elapsed)) => visit.write(&Problem::new(Code::TooSlow)),
        Err(panic) => {
            let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
            visit.write(&Problem::internal(format!("panic: {}", text.unwrap_or("of an unknown kind"))))
        }
    };
    // The request is gone with the call that was given up; actix takes an answer as an error, too.
    Err(InternalError::from_response("answered", failed).into())
}

/// The layer outside CORS: what that answers to a browser's question before the request becomes an answer of ours.
pub async fn preflight(
    house: Data<House>,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let asks = *request.method() == Method::OPTIONS && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    let visit = asks.then(|| Visit { operation: &house.routes.preflight, ..Visit::of(&house, &request) });
    let response = next.call(request).await?;
    Ok(match visit {
        // Who asks without an origin is no browser, and was answered by the front.
        Some(visit) if !response.headers().contains_key(REQUEST_ID) => visit.span().in_scope(|| visit.finish(response)),
        _ => response.map_into_boxed_body(),
    })
}

/// What every request is told while the database cannot be opened: the process lives, and when to come back for everything else.
pub fn while_away(request: ServiceRequest) -> ServiceResponse<BoxBody> {
    let Some(house) = request.app_data::<Data<House>>().cloned() else {
        return request.into_response(HttpResponse::ServiceUnavailable().finish());
    };
    let visit = Visit::of(&house, &request);
    if visit.path == "/health/live" {
        return visit.finish(request.into_response(HttpResponse::Ok().json(json!({"status": "ok"}))));
    }
    let answer = visit.write(&Problem::new(Code::DatabaseUnavailable));
    request.into_response(answer)
}

/// 404, 405, 401, 429, 413, in this order, before any handler or extractor runs.
async fn enter<'a>(house: &'a House, visit: &mut Visit<'a>, request: &mut ServiceRequest) -> Result<(), Problem> {
    if visit.path == METRICS && !(house.metrics_here && is_this_machine(request, &house.trusted_proxies)) {
        return Err(Problem::new(Code::UnknownPath));
    }
    let (door, shared) = if is_documentation(&visit.path) {
        visit.operation = &house.routes.documentation;
        (Door::Public, false)
    } else {
        let place = house.routes.place(&visit.path, visit.method.as_str())?;
        visit.operation = &place.operation;
        (place.door, place.shared)
    };
    let admitted = match door {
        // Whoever watches over the service asks often.
        Door::Public if visit.path.starts_with("/health/") || visit.path == METRICS => None,
        Door::Public => {
            visit.count(house.limits.network(visit.network))?;
            None
        }
        Door::SignedIn => {
            let asking = authenticate::caller(house.doorkeeper.as_ref(), request.headers());
            let admitted = tokio::time::timeout(house.timeout, asking).await.map_err(|_elapsed| Problem::new(Code::TooSlow))??;
            visit.account = admitted.actor.account_id;
            visit.count(house.limits.account(visit.account))?;
            authenticate::may_enter(&admitted.actor, &visit.method, &visit.path)?;
            Some(admitted)
        }
    };
    if visit.method == Method::HEAD {
        request.head_mut().method = Method::GET;
    }
    let body = match visit.method {
        Method::GET | Method::HEAD => Bytes::new(),
        _ => collect(request, house).await?,
    };
    request.set_payload(Payload::from(body.clone()));
    let (request_id, language, network) = (visit.request_id.clone(), visit.language, visit.network);
    let (seq, session) = (admitted.as_ref().map(|admitted| admitted.seq), admitted.as_ref().and_then(|admitted| admitted.session));
    let actor = admitted.map(|admitted| admitted.actor);
    let metrics = Arc::clone(&house.metrics);
    Context { request_id, language, actor, session, seq, shared, network, body, metrics }.put(request);
    Ok(())
}

/// Whether so much of the body may be still to come that it is better to hang up than to read on for the sake of the connection.
fn is_endless(request: &ServiceRequest) -> bool {
    const WORTH_READING: u64 = 64 * 1024;
    let length = request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    length.map_or(request.headers().contains_key(header::TRANSFER_ENCODING), |length| length > WORTH_READING)
}

/// The whole body, before the handler: its limit, its time and its fingerprint are the same for every operation.
async fn collect(request: &mut ServiceRequest, house: &House) -> Result<Bytes, Problem> {
    let too_large = || Problem::new(Code::BodyTooLarge).with("limit", house.body_limit);
    let declared = request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if declared.is_some_and(|length| length > house.body_limit) {
        return Err(too_large());
    }
    let mut payload = request.take_payload();
    let arrive = async {
        let mut body = BytesMut::new();
        while let Some(chunk) = payload.next().await {
            let chunk = chunk.map_err(|error| Problem::new(Code::BadRequest).with("why", error.to_string()))?;
            if body.len() + chunk.len() > house.body_limit {
                return Err(too_large());
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body.freeze())
    };
    let arrived = tokio::time::timeout(house.timeout, arrive).await.map_err(|_elapsed| Problem::new(Code::RequestTimeout));
    // Of a body that is refused the rest may still be to come.
    request.set_payload(payload);
    arrived?
}

fn problem_of(error: &Error) -> Problem {
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

impl<'a> Visit<'a> {
    fn of(house: &'a House, request: &ServiceRequest) -> Self {
        let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
        let given = header("x-request-id")
            .filter(|id| (1..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b)));
        let mut traces = request.headers().get_all("traceparent");
        let traceparent = traces.next().filter(|_| traces.next().is_none()).and_then(|value| value.to_str().ok());
        Self {
            house,
            began: Instant::now(),
            trace: Trace::of(traceparent),
            operation: &house.routes.unknown,
            account: None,
            network: network::client(request, &house.trusted_proxies),
            standing: None,
            request_id: given.map_or_else(|| Uuid::now_v7().simple().to_string(), str::to_owned),
            language: negotiate(header("accept-language")),
            method: request.method().clone(),
            path: request.path().to_owned(),
        }
    }

    /// What every line of the log carries that is written for this request. No address: only security events tell one.
    fn span(&self) -> tracing::Span {
        let Trace { trace_id, span_id, parent, .. } = self.trace;
        let parent = parent.map(|parent| display(format!("{parent:016x}")));
        error_span!(
            target: REQUEST,
            "request",
            request_id = %self.request_id,
            trace_id = format_args!("{trace_id:032x}"),
            span_id = format_args!("{span_id:016x}"),
            parent_span_id = parent,
        )
    }

    fn count(&mut self, standing: Standing) -> Result<(), Problem> {
        self.standing = Some(standing);
        standing.check()
    }

    /// The answer as it goes out: an error of whatever origin becomes a problem document.
    fn finish(&self, response: ServiceResponse<impl MessageBody + 'static>) -> ServiceResponse<BoxBody> {
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

    fn write(&self, problem: &Problem) -> HttpResponse {
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

    /// The answer is known: counts it, tells the collector, and says how many milliseconds it took.
    fn done(&self, status: u16) -> f64 {
        let took = self.began.elapsed();
        self.operation.durations.observe(&self.house.metrics, status, took.as_secs_f64());
        if let Some(exporter) = self.house.exporter.as_ref().filter(|_| self.trace.sampled) {
            exporter.tell(Span {
                trace: self.trace,
                name: Arc::clone(&self.operation.name),
                operation: Arc::clone(&self.operation.id),
                request_id: self.request_id.clone(),
                status,
                began: self.house.clock.now().micros().saturating_sub(i64::try_from(took.as_micros()).unwrap_or_default()),
                took,
            });
        }
        (took.as_secs_f64() * 1e6).round() / 1e3
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
