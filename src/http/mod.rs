//! HTTP: what comes in is read here, what goes out is written here. No handler maps an error or sets a status.

pub mod authenticate;
pub mod buckets;
pub mod cache;
pub mod catalogue;
pub mod context;
pub mod csv;
pub mod draining;
pub mod extract;
pub mod figures;
mod flights;
pub mod front;
pub mod guard;
pub mod guarded;
pub mod limits;
pub mod listing;
pub mod mount;
pub mod network;
pub mod query;
pub mod reply;
pub mod routes;
pub mod schemas;

use crate::problem::Problem;

/// What every handler returns.
pub type Api<T> = Result<T, Problem>;
