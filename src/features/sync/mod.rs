//! For other systems: their ids.

pub mod external_ids;
