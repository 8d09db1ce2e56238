//! The national workplan: what is planned, how it goes, what it costs.

pub mod planning;

use crate::http::mount::Mount;

pub fn mount(_config: &mut Mount<'_>) {}
