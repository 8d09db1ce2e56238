//! One file per table: the columns, what makes a row tracked or private, and the queries that have a name.

#![expect(clippy::disallowed_methods, reason = "named queries begin here; tests/architecture.rs sees to it that nothing here writes")]

pub mod account;
pub mod coordination_body;
pub mod coordination_body_chair;
pub mod coordination_body_member;
pub mod credential;
pub mod focal_point;
pub mod focal_point_contact;
pub mod known_network;
pub mod objective;
pub mod objective_cluster;
pub mod objective_sdg_target;
pub mod organization;
pub mod password_link;
pub mod refresh_token;
pub mod review_cycle;
pub mod revoked_token;
pub mod service_account;
pub mod service_secret;
pub mod session;
pub mod signing_key;
pub mod succession;
pub mod succession_party;
pub mod un_network_member;
pub mod un_network_member_objective;
pub mod un_network_member_role;
