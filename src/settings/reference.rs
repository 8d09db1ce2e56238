//! The reference for operators, and what one installation has set.

use std::fmt::Write as _;

use super::{Origin, Settings, SettingsError, Source, read, table, value::Raw};

const INTRODUCTION: &str = "\
# Settings

Written by `gcm-api settings`; a test holds it against the program. `gcm-api settings --check` shows what an installation has set, where, and whether it is good.

Three layers, the later wins: the defaults, the settings file (TOML), the environment. The file is the one that `--config FILE` or `GCM_CONFIG` names, else
`gcm-api.toml` in the data directory, else `./gcm-api.toml`. A dot in a name divides table and key: `instance.country` is `country` under `[instance]`. A variable that is
empty counts as not set. Lists are divided by commas in a variable, and may be lists in the file. An unknown name is an error that says which one was meant.
Each secret can stand in a file of its own, which `<name>_file` or `<VARIABLE>_FILE` names instead; a newline at its end does not count.

| in the file | variable | default | meaning |
|---|---|---|---|
";

/// One setting as it is in force.
#[derive(Debug)]
pub struct InForce {
    pub name: String,
    /// As it was written; of a secret only that there is one.
    pub value: String,
    pub origin: Origin,
}

/// Every setting, as Markdown.
pub fn reference() -> String {
    let code = |text: &str| if text.is_empty() { String::new() } else { format!("`{text}`") };
    table::KEYS.iter().fold(INTRODUCTION.to_owned(), |mut text, key| {
        let secret = if key.secret { "**Secret.** " } else { "" };
        // Writing into a string cannot fail.
        let _done = writeln!(text, "| `{}` | `{}` | {} | {secret}{} |", key.name, key.variable, code(key.default), key.meaning);
        text
    })
}

impl Settings {
    /// Every setting as it is in force, in the order of the reference; the faults when they cannot be used.
    pub fn in_force(source: &Source) -> Result<Vec<InForce>, SettingsError> {
        Self::load(source)?;
        let (_, entries, _) = read::layers(source, &table::defaults().data_dir)?;
        let mut all = Vec::new();
        for key in &table::KEYS {
            let of_key = || entries.iter().filter(|(name, _)| table::find(name).is_some_and(|found| found.name == key.name));
            for (name, entry) in of_key() {
                let value = match &entry.value {
                    _ if key.secret => "[hidden]".to_owned(),
                    Raw::Text(text) => text.clone(),
                    Raw::List(items) => items.join(","),
                };
                all.push(InForce { name: name.clone(), value, origin: entry.origin.clone() });
            }
            if of_key().next().is_none() {
                all.push(InForce { name: key.name.to_owned(), value: key.default.to_owned(), origin: Origin::Default });
            }
        }
        Ok(all)
    }
}
