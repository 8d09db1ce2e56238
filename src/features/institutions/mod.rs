//! The institutions that take part.

pub mod focal_points;
pub mod ministries;
pub mod organizations;

use utoipa_actix_web::service_config::ServiceConfig;

pub fn mount(config: &mut ServiceConfig<'_>) {
    organizations::mount(config);
    ministries::mount(config);
}
