//! Reporting on the Compact: the cycles of review.

pub mod cycles;

use crate::http::mount::Mount;

pub fn mount(config: &mut Mount<'_>) {
    cycles::mount(config);
}
