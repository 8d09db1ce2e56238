//! The national system of record for implementing the Global Compact for Safe, Orderly and Regular Migration.

pub mod app;
pub mod auth;
pub mod clock;
pub mod entity;
pub mod features;
pub mod http;
pub mod kind;
pub mod metrics;
pub mod openapi;
pub mod problem;
pub mod seed;
pub mod settings;
pub mod store;
pub mod telemetry;
pub mod text;
