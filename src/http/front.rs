//! The front of the house: every request passes here first and every answer last.

mod answer;
mod body;
mod closed;
mod unread;
mod visit;

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use actix_web::{
    Error, HttpMessage,
    body::{BoxBody, MessageBody},
    dev::{Payload, ServiceRequest, ServiceResponse},
    error::InternalError,
    http::{Method, header},
    middleware::Next,
    web::{Bytes, Data},
};
use answer::problem_of;
pub use closed::while_away;
use futures_util::FutureExt;
use tracing::Instrument as _;
use visit::Visit;

use super::{
    authenticate::{self, Admitted, Doorkeeper},
    context::Context,
    guard::is_documentation,
    limits::Limits,
    network::is_this_machine,
    routes::{Door, Routes},
};
use crate::{
    clock::Clock,
    metrics::Metrics,
    problem::{Code, Problem},
    settings::Block,
    telemetry::otlp::Exporter,
};

/// Where the service tells how it is doing: not for everybody.
const METRICS: &str = "/metrics";

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
        let answer = if unread::is_endless(&request) { unread::hang_up_after(answer, request.take_payload()) } else { answer };
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
    let admitted = admit(house, visit, request, door).await?;
    if visit.method == Method::HEAD {
        request.head_mut().method = Method::GET;
    }
    let body = match visit.method {
        Method::GET | Method::HEAD => Bytes::new(),
        _ => body::collect(request, house).await?,
    };
    request.set_payload(Payload::from(body.clone()));
    let (request_id, language, network) = (visit.request_id.clone(), visit.language, visit.network);
    let (seq, session) = (admitted.as_ref().map(|admitted| admitted.seq), admitted.as_ref().and_then(|admitted| admitted.session));
    let epoch = admitted.as_ref().map_or(0, |admitted| admitted.epoch);
    let actor = admitted.map(|admitted| admitted.actor);
    let metrics = Arc::clone(&house.metrics);
    Context { request_id, language, actor, session, seq, epoch, shared, network, body, metrics }.put(request);
    Ok(())
}

/// Who comes in by this door; everybody is counted but those who watch over the service, who ask often.
async fn admit(house: &House, visit: &mut Visit<'_>, request: &ServiceRequest, door: Door) -> Result<Option<Admitted>, Problem> {
    match door {
        Door::Public if visit.path.starts_with("/health/") || visit.path == METRICS => Ok(None),
        Door::Public => {
            visit.count(house.limits.network(visit.network))?;
            Ok(None)
        }
        Door::SignedIn => {
            let asking = authenticate::caller(house.doorkeeper.as_ref(), request.headers());
            let admitted = tokio::time::timeout(house.timeout, asking).await.map_err(|_elapsed| Problem::new(Code::TooSlow))??;
            visit.account = admitted.actor.account_id;
            visit.count(house.limits.account(visit.account))?;
            authenticate::may_enter(&admitted.actor, &visit.method, &visit.path)?;
            Ok(Some(admitted))
        }
    }
}
