//! Reporting on the Compact: the cycles of review.

pub mod cycles;

use utoipa_actix_web::service_config::ServiceConfig;

pub fn mount(config: &mut ServiceConfig<'_>) {
    cycles::mount(config);
}
