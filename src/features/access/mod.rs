//! Who is let in, and what they may do.

pub mod accounts;
pub mod clerk;
pub mod door;
pub mod enrol;
pub mod erase;
pub mod housekeeping;
pub mod keys;
pub mod links;
pub mod me;
pub mod passwords;
pub mod published;
pub mod revoke;
pub mod security;
pub mod service_accounts;
pub mod sessions;
pub mod throttle;
pub mod tokens;

use crate::http::mount::Mount;

pub fn mount(config: &mut Mount<'_>) {
    tokens::mount(config);
    revoke::mount(config);
    links::mount(config);
    published::mount(config);
    me::mount(config);
    accounts::mount(config);
    service_accounts::mount(config);
}
