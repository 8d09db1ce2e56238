//! Workshops and meetings, and what they left to be done.

pub mod consultations;
pub mod outcomes;

use crate::http::mount::Mount;

pub fn mount(config: &mut Mount<'_>) {
    consultations::mount(config);
    outcomes::mount(config);
}
