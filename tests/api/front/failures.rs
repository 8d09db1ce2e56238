//! When something breaks: a problem all the same, and work again afterwards.

use std::{future::Future, pin::Pin, sync::Arc, time::Duration};

use actix_web::{App, HttpResponse, body::to_bytes, get, middleware::from_fn, test::TestRequest, web::Data};
use gcm_api::{
    clock::Clock,
    http::{
        authenticate::{Admitted, Doorkeeper},
        front::{House, front},
        limits::Limits,
        routes::Routes,
    },
    metrics::Metrics,
    problem::{Code, Problem},
    store::Engine,
};
use serde_json::{Value, json};

use crate::{
    harness::{Who, both, promise::faults},
    rows::{ORGANIZATIONS, assert_whole, at, organization},
};

#[actix_web::test]
async fn a_database_that_is_gone_is_said_and_when_to_come_back() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let path = at(ORGANIZATIONS, &bench.organization("moh").await);
        bench.parts.store.clone().close().await.unwrap();
        for call in [
            coordinator.get(ORGANIZATIONS),
            coordinator.get(&path),
            coordinator.get("/v1/organizations?format=csv"),
            coordinator.get("/v1/audit/head"),
            coordinator.get("/health/ready"),
            coordinator.get("/v1/instance"),
            coordinator.post(ORGANIZATIONS, organization("lost")),
            coordinator.patch(&path, "\"1\"", json!({"acronym": "X"})),
            bench
                .nobody()
                .request("POST", "/v1/auth/token")
                .body("grant_type=password&username=a&password=b", "application/x-www-form-urlencoded"),
        ] {
            let reply = call.expect(503).await;
            assert!(["database_unavailable", "writer_busy"].contains(&reply.code().as_str()), "{reply}");
            let seconds: u32 = reply.header("retry-after").unwrap().parse().unwrap();
            assert!((1..60).contains(&seconds));
            for inside in ["sqlx", "pool", "Pool", "SELECT", "/home", "/tmp"] {
                assert!(!reply.text().contains(inside), "{reply}");
            }
        }
        bench.nobody().get("/health/live").expect(200).await;
        bench.nobody().get("/openapi.json").expect(200).await;
    })
    .await;
}

#[actix_web::test]
async fn connections_that_the_server_cut_are_made_anew() {
    both(async |bench| {
        if bench.engine != Engine::Postgres {
            return;
        }
        let coordinator = bench.sign_in(Who::Coordinator).await;
        futures_util::future::join_all((0..20).map(|_| coordinator.get(ORGANIZATIONS).send())).await;
        bench
            .sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
            .await;
        let mut lost = 0;
        for n in 0..40 {
            let read = coordinator.get(ORGANIZATIONS).send().await;
            let write = coordinator.post(ORGANIZATIONS, organization(&format!("after-{n}"))).send().await;
            for reply in [&read, &write] {
                assert!([200, 201, 503].contains(&reply.status), "{reply}");
                lost += i32::from(reply.status == 503);
            }
            if n >= 30 {
                assert_eq!((read.status, write.status), (200, 201), "still lost after {n} rounds");
            }
        }
        assert!(lost < 40, "{lost} answers were lost");
        assert_whole(&bench).await;
    })
    .await;
}

struct Nobody;

impl Doorkeeper for Nobody {
    fn actor<'a>(&'a self, _token: &'a str) -> Pin<Box<dyn Future<Output = Result<Admitted, Problem>> + 'a>> {
        Box::pin(async { Err(Problem::new(Code::Unauthenticated)) })
    }
}

#[get("/panics")]
async fn panics() -> HttpResponse {
    panic!("the secret of the house")
}

#[get("/sleeps")]
async fn sleeps() -> HttpResponse {
    tokio::time::sleep(Duration::from_secs(600)).await;
    HttpResponse::Ok().finish()
}

#[get("/fails")]
async fn fails() -> Result<HttpResponse, Problem> {
    Err(Problem::internal("the secret of the house"))
}

#[get("/foreign")]
async fn foreign() -> Result<HttpResponse, actix_web::Error> {
    Err(actix_web::error::ErrorImATeapot("the secret of the house"))
}

/// The front around handlers that break; returns status, headers and problem.
async fn behind_the_front(path: &str) -> (u16, actix_web::http::header::HeaderMap, Value) {
    use actix_web::dev::Service as _;

    let open = json!({"get": {"security": [], "responses": {}}});
    let contract = json!({"paths": {"/panics": open, "/sleeps": open, "/fails": open, "/foreign": open}});
    let settings = gcm_api::settings::Settings::load(&gcm_api::settings::Source::default()).unwrap();
    let house = House {
        routes: Routes::new(&contract, &[]),
        doorkeeper: std::sync::Arc::new(Nobody),
        body_limit: 1_000,
        timeout: Duration::from_millis(50),
        limits: Limits::new(&settings.rates, Clock::system()),
        trusted_proxies: Vec::new(),
        https: false,
        metrics: Arc::new(Metrics::new().unwrap()),
        metrics_here: true,
        exporter: None,
        clock: Clock::system(),
    };
    let app = App::new().app_data(Data::new(house)).service(panics).service(sleeps).service(fails).service(foreign).wrap(from_fn(front));
    let service = actix_web::test::init_service(app).await;
    let request = TestRequest::with_uri(path).insert_header(("accept-language", "lo")).to_request();
    let response = match service.call(request).await {
        Ok(response) => response.into_parts().1,
        Err(error) => error.error_response(),
    };
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let body = to_bytes(response.into_body()).await.unwrap_or_else(|_| panic!("the body can be read"));
    (status, headers, serde_json::from_slice(&body).unwrap())
}

#[actix_web::test]
async fn a_handler_that_breaks_is_a_problem_without_its_secrets() {
    for (path, status, code) in [
        ("/panics", 500, "internal_error"),
        ("/fails", 500, "internal_error"),
        ("/sleeps", 503, "too_slow"),
        ("/foreign", 400, "bad_request"),
    ] {
        let (answered, headers, problem) = behind_the_front(path).await;
        assert_eq!((answered, &problem["code"], &problem["status"]), (status, &json!(code), &json!(status)), "{path}");
        assert_eq!(faults(&json!({"$ref": "#/components/schemas/Problem"}), &problem), Vec::<String>::new());
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        assert_eq!((header("content-type"), header("content-language")), (Some("application/problem+json"), Some("lo")));
        assert_eq!(header("x-request-id"), problem["request_id"].as_str());
        assert_eq!(header("retry-after").is_some(), status == 503);
        assert!(!problem.to_string().contains("secret"), "{problem}");
    }
}
