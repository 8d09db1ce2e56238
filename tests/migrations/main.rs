//! The schema: made on both engines, told apart from what is not ours, and the same as the entities say.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails where it stands; what it stands on is part of it"
)]

#[path = "../api/harness/postgres.rs"]
mod postgres;

mod empty;
mod opening;
mod steps;
mod tables;
