//! What a migration may do.

use migration::{
    Migrator, MigratorTrait as _,
    steps::{needed, number},
};

#[test]
fn an_interrupted_migration_leaves_nothing_behind() {
    // Without this, SQLite keeps the tables of half a migration and the next start fails on them.
    for migration in Migrator::migrations() {
        assert_eq!(migration.use_transaction(), Some(true), "{}", migration.name());
    }
}

/// Expand first, contract one release later (docs/adr/0010): what a migration does is in its name.
#[test]
fn a_migration_only_adds_unless_its_name_says_otherwise() {
    let mut last = 0;
    for migration in Migrator::migrations() {
        let name = migration.name();
        let text = std::fs::read_to_string(format!("migration/src/{name}.rs")).unwrap().to_uppercase();
        let number = number(name).unwrap_or_else(|| panic!("{name} has no number"));
        assert!(number >= last, "{name}: numbers count up");
        last = number;
        match needed(name) {
            Some(needed) => {
                assert!(needed.is_ok_and(|needed| needed < number), "{name} names the migration that must be known, an older one")
            }
            None => {
                for word in ["DROP ", "RENAME ", "SET NOT NULL", "ALTER COLUMN", "DELETE FROM"] {
                    assert!(!text.contains(word), "{name}: {word}takes away what an older program may need");
                }
                for line in text.lines().filter(|line| line.contains("ADD COLUMN") && line.contains("NOT NULL")) {
                    assert!(line.contains("DEFAULT"), "{name}: an older program enters rows without this column: {line}");
                }
            }
        }
    }
}
