//! How the schema moves while several versions of the program use it: first something is added, and one release later what nobody needs any more is
//! taken away. The name of a migration says which of the two it is: `m<date>_<number>_contract_<needed>_<what>` takes something away, and whoever
//! does not know the migration with the number `<needed>` may still need it; every other name only adds.

use std::num::ParseIntError;

use sea_orm_migration::MigratorTrait as _;

use crate::Migrator;

const CONTRACT: &str = "contract_";

/// The first of the applied migrations after which this program cannot work with the database.
pub fn beyond(applied: &[String]) -> Option<&str> {
    let migrations = Migrator::migrations();
    let known = |name: &str| migrations.iter().any(|migration| migration.name() == name);
    let last = migrations.iter().filter_map(|migration| number(migration.name())).max().unwrap_or_default();
    let past = |name: &&String| !known(name) && needed(name).is_some_and(|needed| needed.map_or(true, |needed| needed > last));
    applied.iter().find(past).map(String::as_str)
}

/// The number of a migration; they count up, whatever the date.
pub fn number(name: &str) -> Option<u32> {
    name.split('_').nth(1)?.parse().ok()
}

/// The number of the migration that a program must know to go on after this one; none when it takes nothing away. What cannot be read is not
/// guessed at.
pub fn needed(name: &str) -> Option<Result<u32, ParseIntError>> {
    let what = name.splitn(3, '_').nth(2)?.strip_prefix(CONTRACT)?;
    Some(what.split('_').next().unwrap_or_default().parse())
}
