//! The national workplan: what is planned, how it goes, what it costs.

pub mod planning;
pub mod revisions;
pub mod versions;
pub mod workplans;

use crate::http::mount::Mount;

pub fn mount(config: &mut Mount<'_>) {
    workplans::mount(config);
    revisions::mount(config);
}
