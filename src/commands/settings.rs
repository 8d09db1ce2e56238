//! `gcm-api settings`

use gcm_api::settings::{Settings, Source, reference};

use crate::{Failure, say};

/// Prints the reference, or with a source what is in force there.
pub fn print(source: Option<&Source>) -> Result<(), Failure> {
    let Some(source) = source else { return say(reference().trim_end()) };
    let all = Settings::in_force(source).map_err(|error| Failure::Settings(error.to_string()))?;
    let (names, values) = all.iter().fold((0, 0), |(name, value), one| (name.max(one.name.len()), value.max(one.value.len().min(40))));
    all.iter().try_for_each(|one| say(format!("{:names$}  {:values$}  {}", one.name, one.value, one.origin)))
}
