//! The Compact itself: its objectives and the words it is described with.

pub mod cluster_schemes;
mod facts;
pub mod guiding_principles;
pub mod objectives;
pub mod sdg_goals;
pub mod vocabularies;

use crate::http::mount::Mount;

pub fn mount(config: &mut Mount<'_>) {
    objectives::mount(config);
    guiding_principles::mount(config);
    cluster_schemes::mount(config);
    sdg_goals::mount(config);
    vocabularies::mount(config);
}
