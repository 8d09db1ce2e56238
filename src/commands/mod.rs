//! One file per command.

pub mod account;
pub mod audit;
pub mod contract;
pub mod database;
pub mod erase;
pub mod keys;
pub mod serve;
pub mod settings;
mod stop;
