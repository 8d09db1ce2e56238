//! Writing: what every resource takes, refuses and keeps, tried on organizations and ministries.

mod dry_run;
mod external_ids;
mod faults;
mod idempotency;
mod order;
mod patch;
mod preconditions;
