//! Whether the process lives, and whether it can do its work.

use actix_web::{get, web::Data};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    http::{Api, draining::Draining, mount::Mount, reply::Document},
    store::Store,
};

/// How it is.
#[derive(Debug, Serialize, ToSchema)]
pub struct Health {
    /// Always `ok`: anything else is answered as a problem.
    #[schema(examples("ok"))]
    status: &'static str,
}

pub fn mount(config: &mut Mount<'_>) {
    config.service(get_live).service(get_ready);
}

/// Whether the process lives
///
/// For restarting it when it does not answer.
#[utoipa::path(tag = "Instance", security(()))]
#[get("/health/live")]
pub async fn get_live() -> Api<Document<Health>> {
    Ok(Document(Health { status: "ok" }))
}

/// Whether the service can do its work
///
/// For load balancers: 200 while requests may be sent here, 503 while they should go elsewhere. Then `code` says why: `database_unavailable` (the service
/// cannot reach its database) or `shutting_down` (it was told to stop and soon will). A portal need not ask: when something is wrong, its own requests are
/// answered with a problem.
#[utoipa::path(tag = "Instance", security(()))]
#[get("/health/ready")]
pub async fn get_ready(store: Data<Store>, draining: Data<Draining>) -> Api<Document<Health>> {
    draining.check()?;
    store.head().await?;
    Ok(Document(Health { status: "ok" }))
}
