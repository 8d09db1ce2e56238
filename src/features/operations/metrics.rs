//! What the service counts about itself.

use std::collections::BTreeMap;

use actix_web::{HttpRequest, HttpResponse, Responder, body::BoxBody, get, http::header, web::Data};
use utoipa::{
    IntoResponses,
    openapi::{ContentBuilder, ObjectBuilder, RefOr, Response, ResponseBuilder, Type},
};

use crate::{
    http::{Api, mount::Mount},
    metrics::MEDIA_TYPE,
    problem::Problem,
    store::Store,
};

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
        let text = ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some("A line `name{labels} value` for each figure: the Prometheus text format 0.0.4."))
            .build();
        let example =
            "# HELP gcm_change_head Number of the last change that was committed.\n# TYPE gcm_change_head gauge\ngcm_change_head 1042\n";
        let content = ContentBuilder::new().schema(Some(text)).example(Some(example.into())).build();
        let response = ResponseBuilder::new()
            .description("The figures as they are now; each comes with a line `# HELP` that says what it counts.")
            .content("text/plain", content)
            .build();
        BTreeMap::from([("200".to_owned(), RefOr::T(response))])
    }
}

pub fn mount(config: &mut Mount<'_>) {
    config.service(get_metrics);
}

/// Figures for the operator's monitoring
///
/// How many requests were answered and how fast, whether the database can be reached, the number of the last change on record: in the text format of
/// Prometheus (0.0.4), not in JSON. Nothing that a portal needs. Answered only to programs that run on the same machine as the service, and to everybody
/// else with 404; where the operator set a separate address for it (`GCM_METRICS_LISTEN`), it is answered there, and with 404 here.
#[utoipa::path(tag = "Instance", security(()))]
#[get("/metrics")]
pub async fn get_metrics(store: Data<Store>) -> Api<Figures> {
    store.look().await;
    store.metrics().text().map(Figures).map_err(Problem::internal)
}
