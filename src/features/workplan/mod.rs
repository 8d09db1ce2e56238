//! The national workplan: what is planned, how it goes, what it costs.

pub mod owed;
pub mod planning;
pub mod progress_reports;

use crate::http::mount::Mount;

pub fn mount(config: &mut Mount<'_>) {
    progress_reports::mount(config);
}
