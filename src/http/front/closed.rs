//! The front while there is no database: nobody is let in, and every request is told when to come back.

use std::{pin::Pin, sync::Arc};

use actix_web::{
    HttpResponse,
    body::BoxBody,
    dev::{ServiceRequest, ServiceResponse},
    web::Data,
};
use serde_json::{Value, json};

use super::{House, visit::Visit};
use crate::{
    clock::Clock,
    http::{
        authenticate::{Admitted, Doorkeeper},
        limits::Limits,
        routes::Routes,
    },
    metrics::Metrics,
    problem::{Code, Problem},
    settings::Settings,
};

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
