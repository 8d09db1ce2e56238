//! From many wishes to agreed priorities: rounds in which institutions nominate and score objectives, and what came of them.

pub mod endorsements;
pub mod nominations;
pub mod numbers;
pub mod priorities;
pub mod results;
pub mod rounds;
pub mod voters;

use crate::http::mount::Mount;

pub fn mount(config: &mut Mount<'_>) {
    rounds::mount(config);
    nominations::mount(config);
    results::mount(config);
    priorities::mount(config);
    endorsements::mount(config);
}
