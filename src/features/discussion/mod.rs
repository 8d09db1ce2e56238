//! What is said about rows, by whoever sees them.

pub mod comments;

pub use comments::rules::follow;

use crate::http::mount::Mount;

pub fn mount(config: &mut Mount<'_>) {
    comments::mount(config);
}
