//! One file per table: the columns, what makes a row tracked or private, and the queries that have a name.

#![expect(clippy::disallowed_methods, reason = "named queries begin here; tests/architecture.rs sees to it that nothing here writes")]

pub mod account;
pub mod credential;
pub mod objective;
pub mod objective_cluster;
pub mod objective_sdg_target;
pub mod organization;
pub mod service_account;
pub mod service_secret;
pub mod signing_key;
