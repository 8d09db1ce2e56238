//! Who is calling and what they may do. Pure: no database, no HTTP.

pub mod actor;
pub mod audience;
pub mod password;
pub mod policy;
pub mod secret_key;
pub mod token;

pub use actor::{Actor, ActorKind, Role, Scope};
pub use audience::{Acquaintance, Audience, audience};
pub use policy::{Action, Decision, Grant, Party, Subject, decide};
