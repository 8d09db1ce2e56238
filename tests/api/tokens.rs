//! Signing in: who gets a token, what it is worth, and what is said to those who get none.

mod access;
pub mod endpoint;
mod forged;
mod keys;
mod throttle;
