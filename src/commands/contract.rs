//! `gcm-api openapi`

use std::path::PathBuf;

use gcm_api::openapi;

use crate::{Failure, say};

pub fn print(file: Option<PathBuf>) -> Result<(), Failure> {
    let contract = openapi::pretty(&openapi::contract());
    match file {
        Some(file) => std::fs::write(&file, contract).map_err(|error| Failure::Other(format!("{}: {error}", file.display()))),
        None => say(contract.trim_end()),
    }
}
