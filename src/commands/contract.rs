//! `gcm-api openapi`

use std::path::PathBuf;

use gcm_api::{features::operations::contract::pretty, openapi};

use crate::{Failure, say};

pub fn print(file: Option<PathBuf>) -> Result<(), Failure> {
    let contract = pretty(&openapi::contract());
    match file {
        Some(file) => std::fs::write(&file, contract).map_err(|error| Failure::Other(format!("{}: {error}", file.display()))),
        None => say(contract.trim_end()),
    }
}
