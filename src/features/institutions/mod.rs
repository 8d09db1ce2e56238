//! The institutions that take part, and the bodies in which they coordinate.

pub mod coordination_bodies;
pub mod coordination_body_members;
pub mod duties;
pub mod focal_points;
pub mod lead_ministry;
pub mod ministries;
pub mod organizations;
pub mod successions;
pub mod un_network_members;

use crate::http::mount::Mount;

pub fn mount(config: &mut Mount<'_>) {
    organizations::mount(config);
    ministries::mount(config);
    duties::mount(config);
    coordination_bodies::mount(config);
    coordination_body_members::mount(config);
    successions::mount(config);
    focal_points::mount(config);
    un_network_members::mount(config);
}
