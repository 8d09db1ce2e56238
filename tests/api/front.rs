//! The front of the house: what every answer has in common, and what becomes of requests that no handler sees.

mod answers;
mod browsers;
mod failures;
mod guard;
mod limits;
mod refusals;
