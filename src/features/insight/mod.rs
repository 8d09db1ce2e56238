//! Figures over the whole record: each counts what its caller may see, and leads to the rows.

pub mod coverage;

use crate::http::mount::Mount;

pub fn mount(config: &mut Mount<'_>) {
    coverage::mount(config);
}
