//! The national workplan: what is planned, how it goes, what it costs.

pub mod activities;
pub mod below;
pub mod budget_lines;
pub mod milestones;
pub mod owed;
pub mod planning;
pub mod progress_reports;
pub mod proposals;
pub mod revisions;
pub mod versions;
pub mod workplans;

use crate::http::mount::Mount;

pub fn mount(config: &mut Mount<'_>) {
    workplans::mount(config);
    revisions::mount(config);
    proposals::mount(config);
    activities::mount(config);
    milestones::mount(config);
    budget_lines::mount(config);
    progress_reports::mount(config);
}
