//! Who speaks for an institution, and from when until when.

use crate::{clock::Timestamp, entity::focal_point::Model};

/// What stands for the name of a person whose data were erased.
pub const ERASED_NAME: &str = "(erased)";

/// The appointment without what it says of the person; the institution, the role and the dates stay.
pub fn erased(row: Model, at: Timestamp) -> Model {
    let name = ERASED_NAME.parse().unwrap_or_default();
    Model { name, position: None, account_id: None, erased_at: Some(at), ..row }.sorted()
}
