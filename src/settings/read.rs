//! Reading the file and the environment into one list of named values, with where each came from.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use toml::de::{DeTable, DeValue};

use super::fault::{Fault, Origin, SettingsError, Wrong, nearest};
use super::value::Raw;
use super::{Source, table};

/// Variables that begin with our prefix and are not settings: which file to read, and the test suite's own.
const NOT_SETTINGS: [&str; 2] = [CONFIG, "GCM_REQUIRE_POSTGRES"];
const CONFIG: &str = "GCM_CONFIG";
const DATA_DIR: &str = "GCM_DATA_DIR";
const FILE_NAME: &str = "gcm-api.toml";

/// One value that somebody set.
pub(super) struct Entry {
    pub(super) value: Raw,
    pub(super) origin: Origin,
}

/// Name of the setting, as in the file, -> its value in the last layer that has one.
pub(super) type Entries = BTreeMap<String, Entry>;

/// Is this variable read by us, or meant to be?
pub(super) fn is_ours(variable: &str) -> bool {
    variable.starts_with("GCM_") || table::by_variable(variable).is_some()
}

/// The file, if any, and all values; a file that cannot be read ends it at once.
pub(super) fn layers(source: &Source, default_data_dir: &Path) -> Result<(Option<PathBuf>, Entries, Vec<Fault>), SettingsError> {
    let mut entries = Entries::new();
    let mut faults = Vec::new();
    let file = find_file(source, default_data_dir)?;
    if let Some(path) = &file {
        let text = read(path)?;
        let document = DeTable::parse(&text).map_err(|error| syntax(path, &text, &error))?;
        let mut layer = FileLayer { path, text: &text, entries: &mut entries, faults: &mut faults };
        layer.table("", document.get_ref());
    }
    environment(source, &mut entries, &mut faults);
    secrets_from_files(&mut entries, &mut faults);
    Ok((file, entries, faults))
}

fn given<'a>(source: &'a Source, variable: &str) -> Option<&'a str> {
    let (_, value) = source.environment.iter().rfind(|(name, _)| name == variable)?;
    Some(value.trim()).filter(|text| !text.is_empty())
}

fn find_file(source: &Source, default_data_dir: &Path) -> Result<Option<PathBuf>, SettingsError> {
    let named = match (&source.file, given(source, CONFIG)) {
        (Some(path), _) => Some((path.clone(), Origin::Option("--config"))),
        (None, Some(path)) => Some((PathBuf::from(path), Origin::Variable(CONFIG.to_owned()))),
        (None, None) => None,
    };
    if let Some((path, origin)) = named {
        if path.is_file() {
            return Ok(Some(path));
        }
        let what = format!("there is no settings file {}", path.display());
        let wrong = Wrong::new(what, "name one that exists, or leave this out");
        return Err(Fault::new("", origin, wrong).into());
    }
    let data_dir = given(source, DATA_DIR).map_or(default_data_dir, Path::new);
    let places = [data_dir.join(FILE_NAME), PathBuf::from(FILE_NAME)];
    Ok(places.into_iter().find(|path| path.is_file()))
}

fn read(path: &Path) -> Result<String, SettingsError> {
    std::fs::read_to_string(path).map_err(|error| {
        let wrong = Wrong::new(format!("the file cannot be read: {error}"), "make it UTF-8 text that the account of the service may read");
        Fault::new("", Origin::File(path.to_owned(), 1), wrong).into()
    })
}

/// The parser's own report quotes the line, which may hold a password: only its message and line are kept.
fn syntax(path: &Path, text: &str, error: &toml::de::Error) -> SettingsError {
    let line = line_of(text, error.span().map_or(0, |span| span.start));
    let wrong = Wrong::new(format!("is not TOML: {}", error.message()), "correct this line");
    Fault::new("", Origin::File(path.to_owned(), line), wrong).into()
}

fn line_of(text: &str, offset: usize) -> usize {
    1 + text.bytes().take(offset).filter(|byte| *byte == b'\n').count()
}

struct FileLayer<'a> {
    path: &'a Path,
    text: &'a str,
    entries: &'a mut Entries,
    faults: &'a mut Vec<Fault>,
}

impl FileLayer<'_> {
    /// Tables become dotted names: `[instance] country` is `instance.country`.
    fn table(&mut self, prefix: &str, content: &DeTable<'_>) {
        for (key, value) in content.iter() {
            let name = match prefix {
                "" => key.get_ref().to_string(),
                _ => format!("{prefix}.{}", key.get_ref()),
            };
            match value.get_ref() {
                DeValue::Table(inner) => self.table(&name, inner),
                other => self.value(name, key.span().start, other),
            }
        }
    }

    fn value(&mut self, name: String, offset: usize, value: &DeValue<'_>) {
        let origin = Origin::File(self.path.to_owned(), line_of(self.text, offset));
        let wrong = match (table::is_known(&name), raw(value)) {
            (true, Some(value)) => {
                self.entries.insert(name, Entry { value, origin });
                return;
            }
            (true, None) => Wrong::new("holds lists or tables in a list", "write plain values"),
            (false, _) => {
                let names = table::KEYS.iter().map(|key| key.name.replace("<language>", "en"));
                let names: Vec<String> = names.chain(table::secrets().map(|(_, file, _)| file)).collect();
                unknown("setting", nearest(&name, names.iter().map(String::as_str)))
            }
        };
        self.faults.push(Fault::new(&name, origin, wrong));
    }
}

fn raw(value: &DeValue<'_>) -> Option<Raw> {
    match value {
        DeValue::Array(items) => items.iter().map(|item| scalar(item.get_ref())).collect::<Option<_>>().map(Raw::List),
        other => scalar(other).map(Raw::Text),
    }
}

fn scalar(value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Integer(number) => Some(
            i64::from_str_radix(number.as_str(), number.radix()).map_or_else(|_| number.as_str().to_owned(), |number| number.to_string()),
        ),
        DeValue::Float(number) => Some(number.as_str().to_owned()),
        DeValue::Boolean(flag) => Some(flag.to_string()),
        DeValue::Datetime(moment) => Some(moment.to_string()),
        DeValue::Array(_) | DeValue::Table(_) => None,
    }
}

fn environment(source: &Source, entries: &mut Entries, faults: &mut Vec<Fault>) {
    for (variable, value) in &source.environment {
        if !is_ours(variable) || NOT_SETTINGS.contains(&variable.as_str()) {
            continue;
        }
        let origin = Origin::Variable(variable.clone());
        match table::by_variable(variable) {
            None => {
                let known = table::KEYS.iter().map(|key| key.variable.replace("<LANGUAGE>", "EN"));
                let known = known.chain(table::secrets().map(|(_, _, variable)| variable));
                let known: Vec<String> = known.chain(NOT_SETTINGS.map(str::to_owned)).collect();
                let wrong = unknown("variable", nearest(variable, known.iter().map(String::as_str)));
                faults.push(Fault::new("", origin, wrong));
            }
            Some(_) if value.trim().is_empty() => {}
            Some(name) => {
                let value = Raw::Text(value.trim().to_owned());
                entries.insert(name, Entry { value, origin });
            }
        }
    }
}

/// Puts in the place of each `<secret>_file` what stands in that file, so that a secret need not stand in the environment.
fn secrets_from_files(entries: &mut Entries, faults: &mut Vec<Fault>) {
    for (key, name, _) in table::secrets() {
        let Some(Entry { value, origin }) = entries.remove(&name) else { continue };
        let text = match entries.contains_key(key.name) {
            true => Err(Wrong::new(format!("is set, and so is {}", key.name), "keep one of the two")),
            false => value.path().and_then(|path| secret_in(&path)),
        };
        match text {
            Ok(text) => drop(entries.insert(key.name.to_owned(), Entry { value: Raw::Text(text), origin })),
            Err(wrong) => faults.push(Fault::new(&name, origin, wrong)),
        }
    }
}

/// The path is not told: it could be the secret itself, given in the wrong place.
fn secret_in(path: &Path) -> Result<String, Wrong> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        let remedy =
            "name a file that the account of the service may read (its name is not shown here because it might be the secret itself)";
        Wrong::new(format!("names a file that cannot be read: {error}"), remedy)
    })?;
    let text = text.trim_end_matches(['\r', '\n']);
    match text.trim().is_empty() {
        true => Err(Wrong::new("names a file that is empty", "write the secret into it")),
        false => Ok(text.to_owned()),
    }
}

fn unknown(noun: &str, near: Option<&str>) -> Wrong {
    let remedy = match near {
        Some(near) => format!("did you mean {near}?"),
        None => "remove it, or look it up in the reference of settings".to_owned(),
    };
    Wrong::new(format!("is an unknown {noun}"), remedy)
}
