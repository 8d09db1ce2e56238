//! The API as its users meet it: over HTTP, on both engines, every answer held against the contract.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails where it stands; the harness is part of it"
)]

mod harness;

mod access;
mod accounts;
mod activities;
mod adversity;
mod audit;
mod away;
mod budget_lines;
mod command_line;
mod comments;
mod concurrency;
mod consultations;
mod contacts;
mod contract;
mod coordination_bodies;
mod coverage;
mod demo;
mod efforts;
mod endorsements;
mod figures;
mod flights;
mod focal_points;
mod front;
mod guide;
mod insights;
mod kernel;
mod limits;
mod listening;
mod lists;
mod memory;
mod milestones;
mod nominations;
mod objectives;
mod operations;
mod organizations;
mod outcomes;
mod priorities;
mod prioritizations;
mod progress_reports;
mod readme;
mod reference;
mod results;
mod review_cycles;
mod rows;
mod search;
mod sessions;
mod story;
mod successions;
mod tasks;
mod together;
mod tokens;
mod transfer;
mod transitions;
mod un_network_members;
mod workplans;
mod writing;
