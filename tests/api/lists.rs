//! Lists: pages that lose nothing, filters that mean what they say, and indexes behind every sort.

mod broad;
mod computed;
mod csv;
mod exchange;
mod filters;
mod many;
mod plans;
