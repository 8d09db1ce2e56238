//! What is done already: the stock-taking of efforts.

pub mod efforts;

use crate::http::mount::Mount;

pub fn mount(config: &mut Mount<'_>) {
    efforts::mount(config);
}
