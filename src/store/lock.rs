//! One writing process per SQLite file. The engine lets several in; what a process remembers of the record would not hear of the others' writes.

use std::{
    collections::HashMap,
    fs::{File, OpenOptions, TryLockError},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, OnceLock, PoisonError, Weak},
};

use super::{Engine, change_log::Head, connect::OpenError, pulse::Heard};

/// The lock of the operating system on `<file>.lock`, which goes with the process however that ends. Not on the file itself: the locks that SQLite
/// holds there would go when any descriptor of the file is closed.
#[derive(Debug)]
pub struct FileLock {
    #[expect(dead_code, reason = "an open file is what holds the lock")]
    file: File,
    /// Shared with the lock: what one store of this process commits, all of them have heard.
    heard: OnceLock<Arc<Heard>>,
}

/// The locks of this process: its stores share them, since the lock is about other processes.
static HELD: Mutex<Option<HashMap<PathBuf, Weak<FileLock>>>> = Mutex::new(None);

impl FileLock {
    /// Waits for nobody: another process that has the file is an error.
    pub fn take(database: &Path) -> Result<Arc<Self>, OpenError> {
        let beside = sidecar(database);
        let away = |error: &std::io::Error| OpenError::Away(format!("{}: {error}", beside.display()));
        let mut held = HELD.lock().unwrap_or_else(PoisonError::into_inner);
        let held = held.get_or_insert_default();
        let file = private().open(&beside).map_err(|error| away(&error))?;
        let name = beside.canonicalize().map_err(|error| away(&error))?;
        if let Some(lock) = held.get(&name).and_then(Weak::upgrade) {
            return Ok(lock);
        }
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(OpenError::InUse(database.to_owned())),
            Err(TryLockError::Error(error)) => return Err(away(&error)),
        }
        let lock = Arc::new(Self { file, heard: OnceLock::new() });
        held.retain(|_, lock| lock.strong_count() > 0);
        held.insert(name, Arc::downgrade(&lock));
        Ok(lock)
    }

    /// What this process has heard of the record in the file.
    pub(super) fn heard(&self, head: &Head) -> Arc<Heard> {
        Arc::clone(self.heard.get_or_init(|| Heard::new(Engine::Sqlite, head)))
    }
}

/// `gcm.sqlite.lock`. It stays when nobody holds it: a name that is taken away could be locked by one process and made anew by another.
fn sidecar(database: &Path) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(".lock");
    PathBuf::from(name)
}

fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}
