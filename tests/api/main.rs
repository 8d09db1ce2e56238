//! The API as its users meet it: over HTTP, on both engines, every answer held against the contract.

mod harness;

mod access;
mod audit;
mod concurrency;
mod contract;
mod coverage;
mod front;
mod lists;
mod limits;
mod objectives;
mod organizations;
mod readme;
mod search;
mod tokens;
mod transitions;
mod writing;
