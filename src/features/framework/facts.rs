//! Facts that come with the program, as JSON beside the code. Each file says in its `meta` where they come from and which are not verified.

use std::sync::OnceLock;

use serde::{Deserialize, de::DeserializeOwned};

use crate::problem::Problem;

/// One file of facts, read when it is first asked for.
pub(super) struct Facts<T> {
    file: &'static str,
    read: OnceLock<Result<Vec<T>, String>>,
}

#[derive(Deserialize)]
struct File<T> {
    data: Vec<T>,
}

impl<T: DeserializeOwned + Clone> Facts<T> {
    pub const fn new(file: &'static str) -> Self {
        Self { file, read: OnceLock::new() }
    }

    pub fn all(&self) -> Result<Vec<T>, Problem> {
        let read = || serde_json::from_str(self.file).map(|file: File<T>| file.data).map_err(|error| error.to_string());
        self.read.get_or_init(read).clone().map_err(Problem::internal)
    }

    /// The fact that is asked for, or 404.
    pub fn one(&self, wanted: impl Fn(&T) -> bool) -> Result<T, Problem> {
        self.all()?.into_iter().find(wanted).ok_or_else(Problem::not_found)
    }
}
