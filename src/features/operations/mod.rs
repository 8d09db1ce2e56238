//! The instance itself: what it is, how it is, and what is recorded of it.

pub mod audit;
pub mod contract;
pub mod health;
pub mod instance;
pub mod metrics;
pub mod transfer;
pub mod verify;

use crate::http::mount::Mount;

pub fn mount(config: &mut Mount<'_>) {
    instance::mount(config);
    audit::mount(config);
    health::mount(config);
    metrics::mount(config);
    contract::mount(config);
}
