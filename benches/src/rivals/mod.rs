//! `gcm-bench serve-rivals`: what the service is measured against, in one process with as many workers as the service has.
//!
//! Behind the service's own layers, at addresses that need a token and are never kept by the response cache:
//!
//! | | |
//! |---|---|
//! | `GET /v1/me` | the bytes of a page, or 304 when `If-None-Match` is sent: the ceiling |
//! | `GET /v1/me/sessions` | the list of organizations, by hand |
//! | `GET /v1/organizations/{id}/history` | one organization, by hand |
//! | `PATCH /v1/organizations/{id}` | a new website for an organization, by hand |
//!
//! Every other address is the service's own, so that one can sign in. The bare ceiling, the same bytes without any layer, listens beside it.

mod database;
mod postgres;
mod rows;
mod sqlite;
mod statements;

use std::{net::SocketAddr, path::PathBuf, sync::Arc};

use actix_web::{
    App, HttpRequest, HttpResponse, HttpServer,
    http::header,
    web::{self, Bytes, Data},
};
use clap::Args;
use database::{Database, Write};
use gcm_api::{
    app::{Parts, app_of},
    clock::Clock,
    http::{Api, context::Context, listing::weak_tag},
    problem::Problem,
    settings::{Settings, Source},
    telemetry,
};
use serde::Deserialize;
use uuid::Uuid;

use crate::{Outcome, say};

#[derive(Args)]
pub struct ServeRivals {
    /// The bytes that the ceilings answer with: a page of the service.
    #[arg(long, value_name = "FILE")]
    page: PathBuf,
    /// Where the bare ceiling listens.
    #[arg(long, value_name = "ADDRESS")]
    bare: SocketAddr,
    /// Read from this SQLite file instead of the one in the settings, which only one process may open for writing.
    #[arg(long, value_name = "FILE")]
    read_from: Option<PathBuf>,
}

/// What the handlers share.
struct Rival {
    page: Bytes,
    database: Database,
    clock: Clock,
}

impl ServeRivals {
    pub fn run(self) -> Outcome {
        let settings = Settings::load(&Source::from_process(None, false)?)?;
        telemetry::init(&settings)?;
        actix_web::rt::System::new().block_on(self.serve(settings))
    }

    async fn serve(self, settings: Settings) -> Outcome {
        let page = Bytes::from(std::fs::read(&self.page)?);
        let parts = Parts::open(&settings, Clock::system()).await?;
        let database = Database::open(&settings, self.read_from.as_deref()).await?;
        let rival = Data::from(Arc::new(Rival { page: page.clone(), database, clock: Clock::system() }));
        let bare = HttpServer::new(move || App::new().service(bare_page(page.clone()))).bind(self.bare)?.run();
        let behind = HttpServer::new(move || app_of(&parts, &|config| mount(config, &rival))).bind(settings.listen)?.run();
        say(format_args!("the rivals listen on http://{}, the bare ceiling on http://{}", settings.listen, self.bare));
        let (bare, behind) = tokio::join!(bare, behind);
        Ok(bare.and(behind)?)
    }
}

fn bare_page(page: Bytes) -> actix_web::Resource {
    let answer = move || {
        let page = page.clone();
        async { HttpResponse::Ok().content_type(header::ContentType::json()).body(page) }
    };
    web::resource("/").route(web::get().to(answer))
}

fn mount(config: &mut web::ServiceConfig, rival: &Data<Rival>) {
    config
        .app_data(rival.clone())
        .service(web::resource("/v1/me").route(web::get().to(fixed)))
        .service(web::resource("/v1/me/sessions").route(web::get().to(list)))
        .service(web::resource("/v1/organizations/{id}/history").route(web::get().to(read)))
        .service(web::resource("/v1/organizations/{id}").route(web::patch().to(write)));
}

const TAG: &str = "W/\"fixed\"";

async fn fixed(rival: Data<Rival>, request: HttpRequest) -> HttpResponse {
    if request.headers().contains_key(header::IF_NONE_MATCH) {
        return HttpResponse::NotModified().insert_header((header::ETAG, TAG)).finish();
    }
    HttpResponse::Ok().insert_header((header::ETAG, TAG)).content_type(header::ContentType::json()).body(rival.page.clone())
}

#[derive(Deserialize)]
struct Filter {
    kind: Option<String>,
}

async fn list(rival: Data<Rival>, request: HttpRequest, filter: web::Query<Filter>) -> Api<HttpResponse> {
    let actor = Context::actor(&request)?;
    let here = gcm_api::http::context::Here::of(&request)?;
    let (head, rows) = rival.database.list(filter.kind.as_deref()).await.map_err(Problem::internal)?;
    let list = rows::page(rows).map_err(Problem::internal)?;
    let mut answer = HttpResponse::Ok();
    answer.insert_header((header::ETAG, weak_tag(head, &actor, here))).content_type(header::ContentType::json());
    if let Some(cursor) = &list.page.next_cursor {
        answer.insert_header((header::LINK, format!("</v1/organizations?cursor={cursor}>; rel=\"next\"")));
    }
    Ok(answer.body(serde_json::to_string(&list).map_err(Problem::internal)?))
}

async fn read(rival: Data<Rival>, id: web::Path<Uuid>) -> Api<HttpResponse> {
    let row = rival.database.read(*id).await.map_err(Problem::internal)?.ok_or_else(Problem::not_found)?;
    answer_with(row)
}

fn answer_with(row: rows::Organization) -> Api<HttpResponse> {
    let tag = format!("\"{}\"", row.revision);
    let body = serde_json::to_string(&row.view()).map_err(Problem::internal)?;
    Ok(HttpResponse::Ok().insert_header((header::ETAG, tag)).content_type(header::ContentType::json()).body(body))
}

#[derive(Deserialize)]
struct Patch {
    website: String,
}

async fn write(rival: Data<Rival>, request: HttpRequest, id: web::Path<Uuid>, body: Bytes) -> Api<HttpResponse> {
    let context = Context::of(&request)?;
    let patch: Patch = serde_json::from_slice(&body).map_err(Problem::internal)?;
    let actor = Context::actor(&request)?;
    let write = Write { id: *id, website: patch.website, now: rival.clock.now(), actor, request_id: context.request_id };
    let row = rival.database.write(write).await.map_err(Problem::internal)?.ok_or_else(Problem::not_found)?;
    answer_with(row)
}
