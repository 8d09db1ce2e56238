//! Figures over the whole record: each counts what its caller may see, and leads to the rows.

pub mod coverage;
pub mod funding;
mod keys;
mod plans;
pub mod progress;
pub mod timeline;

use crate::http::mount::Mount;

pub fn mount(config: &mut Mount<'_>) {
    coverage::mount(config);
    progress::mount(config);
    funding::mount(config);
    timeline::mount(config);
}
