//! What the API offers, one file per resource, grouped as in the menu of a portal.

pub mod access;
pub mod framework;
pub mod history;
pub mod included;
pub mod institutions;
pub mod lifecycle;
pub mod operations;
pub mod references;
pub mod review;
pub mod sync;
pub mod transitions;
pub mod writing;

use utoipa_actix_web::service_config::ServiceConfig;

/// A list whose `included` may hold any kind of row.
pub type Listed<V> = crate::http::listing::Listed<V, included::Included>;

/// As [`Listed`], of facts that come with the program; nothing is ever included.
pub type Catalogued<V> = crate::http::catalogue::Catalogued<V, included::Included>;

/// Mounts every operation. What is not mounted here is neither served nor in the contract.
pub fn mount(config: &mut ServiceConfig<'_>) {
    access::mount(config);
    framework::mount(config);
    institutions::mount(config);
    review::mount(config);
    operations::mount(config);
}
