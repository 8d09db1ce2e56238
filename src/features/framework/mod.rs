//! The Compact itself: its objectives and the words it is described with.

pub mod objectives;
pub mod vocabularies;

use utoipa_actix_web::service_config::ServiceConfig;

pub fn mount(config: &mut ServiceConfig<'_>) {
    objectives::mount(config);
}
