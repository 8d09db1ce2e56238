//! What the service counts about itself.

use std::collections::BTreeMap;

use actix_web::{HttpRequest, HttpResponse, Responder, body::BoxBody, get, http::header, web::Data};
use utoipa::{
    IntoResponses,
    openapi::{ContentBuilder, ObjectBuilder, RefOr, Response, ResponseBuilder, Type},
};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{http::Api, metrics::MEDIA_TYPE, problem::Problem, store::Store};

/// Figures as Prometheus reads them.
pub struct Figures(String);

impl Responder for Figures {
    type Body = BoxBody;

    fn respond_to(self, _request: &HttpRequest) -> HttpResponse {
        HttpResponse::Ok().content_type(MEDIA_TYPE).insert_header((header::CACHE_CONTROL, "no-store")).body(self.0)
    }
}

impl IntoResponses for Figures {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let text = ObjectBuilder::new().schema_type(Type::String).description(Some("Figures in the Prometheus text format 0.0.4.")).build();
        let example =
            "# HELP gcm_change_head Number of the last change that was committed.\n# TYPE gcm_change_head gauge\ngcm_change_head 1042\n";
        let content = ContentBuilder::new().schema(Some(text)).example(Some(example.into())).build();
        let response = ResponseBuilder::new().description("As it is now.").content("text/plain", content).build();
        BTreeMap::from([("200".to_owned(), RefOr::T(response))])
    }
}

pub fn mount(config: &mut ServiceConfig<'_>) {
    config.service(get_metrics);
}

/// How it is doing, in figures
///
/// For Prometheus and what reads its text format (0.0.4). Answered to programs on the machine of the service only, and on an address of its own when the
/// operator gave it one; for everybody else there is nothing here (404).
#[utoipa::path(tag = "Instance", security(()))]
#[get("/metrics")]
pub async fn get_metrics(store: Data<Store>) -> Api<Figures> {
    store.look().await;
    store.metrics().text().map(Figures).map_err(Problem::internal)
}
