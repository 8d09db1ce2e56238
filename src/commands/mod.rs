//! One file per command.

pub mod account;
pub mod audit;
pub mod backup;
pub mod contract;
pub mod database;
pub mod erase;
pub mod health;
pub mod keys;
pub mod serve;
pub mod settings;
mod stop;
pub mod transfer;
pub mod waiting;
