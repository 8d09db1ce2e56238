//! The institutions that take part.

pub mod duties;
pub mod focal_points;
pub mod ministries;
pub mod organizations;
pub mod successions;

use utoipa_actix_web::service_config::ServiceConfig;

pub fn mount(config: &mut ServiceConfig<'_>) {
    organizations::mount(config);
    ministries::mount(config);
    duties::mount(config);
    successions::mount(config);
}
