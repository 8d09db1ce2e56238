//! `gcm-api backup` and `gcm-api restore`: the record of an SQLite installation as one file.

use std::{
    fs::{self, File, OpenOptions},
    io,
    path::{Path, PathBuf},
};

use gcm_api::{
    app::database as options,
    clock::Clock,
    settings::{Engine, Settings},
    store::{Access, FileLock, backup, sqlite_file},
};

use crate::{Failure, say};

const NOT_IN_IT: &str = "The secret key (GCM_SECRET_KEY, or secret.key in the data directory) is not in it: keep that apart. Without it nobody's token can be signed.";

/// Writes the record into a file, while the service goes on.
pub async fn backup(settings: &Settings, file: &Path) -> Result<(), Failure> {
    let source = record(settings)?;
    if !source.exists() {
        return Err(Failure::Database(format!("there is no database at {}: check GCM_DATA_DIR", source.display())));
    }
    refuse_existing(file)?;
    let draft = beside(file, "part");
    let made = write_backup(settings, file, &draft).await;
    if made.is_err() {
        // What came to nothing is not left lying about; why it came to nothing is what is told.
        let _gone = fs::remove_file(&draft);
    }
    made
}

async fn write_backup(settings: &Settings, file: &Path, draft: &Path) -> Result<(), Failure> {
    drop(private(draft)?);
    backup::copy(&options(settings, Access::Read).url, draft).await?;
    File::open(draft)?.sync_all()?;
    let head = backup::inspect(draft).await?;
    let size = fs::metadata(draft)?.len();
    refuse_existing(file)?;
    fs::rename(draft, file)?;
    settle_names(file)?;
    say(format!("{}: {size} bytes, {} changes; the head is {}", file.display(), head.seq, shown(&head.hash)))?;
    say(NOT_IN_IT)
}

/// Puts a backup in the place of the record.
pub async fn restore(settings: &Settings, file: &Path, replace: bool) -> Result<(), Failure> {
    let target = record(settings)?;
    super::serve::make_data_dir(settings)?;
    let _lock = FileLock::take(&target)?;
    if target.exists() && !replace {
        return Err(Failure::Refused(format!(
            "there is a database at {}: give --replace to put the backup in its place; the old one is kept beside it",
            target.display()
        )));
    }
    let draft = beside(&target, "restored");
    let done = put_in_place(file, &draft, &target).await;
    if done.is_err() {
        let _gone = fs::remove_file(&draft);
    }
    done
}

async fn put_in_place(file: &Path, draft: &Path, target: &Path) -> Result<(), Failure> {
    let mut from = File::open(file).map_err(|error| Failure::Other(format!("{}: {error}", file.display())))?;
    let mut to = private(draft)?;
    io::copy(&mut from, &mut to)?;
    to.sync_all()?;
    drop(to);
    let head = backup::inspect(draft).await?;
    let kept = if target.exists() { Some(put_aside(target).await?) } else { None };
    // A log without its file would be read into the new one.
    for ending in LOGS {
        remove(&with_ending(target, ending))?;
    }
    fs::rename(draft, target)?;
    settle_names(target)?;
    say(format!("{} holds {} changes now; the head is {}", target.display(), head.seq, shown(&head.hash)))?;
    if let Some(kept) = kept {
        say(format!("What was there is kept as {}.", kept.display()))?;
    }
    say(
        "Prove it with `gcm-api audit verify --bodies`, erase again whom you erased since the backup was made, and start the service with the secret key that it had then.",
    )
}

/// The files that SQLite keeps beside its own.
const LOGS: [&str; 2] = ["-wal", "-shm"];

/// Gives the old record a second name, under which it stays when the first one is given to the new: at no moment is there none.
async fn put_aside(target: &Path) -> Result<PathBuf, Failure> {
    let now = Clock::system().now().0.format("%Y%m%dT%H%M%SZ");
    let kept = with_ending(target, &format!(".before-{now}"));
    refuse_existing(&kept)?;
    if backup::settle(target).await.is_err() {
        // A file that cannot be opened any more keeps its log, for whoever tries to mend it.
        for ending in LOGS {
            let (from, to) = (with_ending(target, ending), with_ending(&kept, ending));
            if from.exists() {
                fs::rename(from, to)?;
            }
        }
    }
    fs::hard_link(target, &kept).or_else(|_unsupported| fs::copy(target, &kept).map(drop))?;
    Ok(kept)
}

/// The file of the record; a server has its own tools.
fn record(settings: &Settings) -> Result<PathBuf, Failure> {
    if settings.engine() == Engine::Postgres {
        let text = "the record is on PostgreSQL: use pg_dump and pg_restore (docs/guides/operators.md, \"Backups\")";
        return Err(Failure::Refused(text.to_owned()));
    }
    Ok(sqlite_file(&options(settings, Access::Read).url)?)
}

fn refuse_existing(file: &Path) -> Result<(), Failure> {
    match file.try_exists()? {
        true => Err(Failure::Refused(format!("{} is there already: choose another name", file.display()))),
        false => Ok(()),
    }
}

/// A name in the same folder, so that it can be renamed, which nobody else uses.
fn beside(file: &Path, what: &str) -> PathBuf {
    with_ending(file, &format!(".{what}-{}", std::process::id()))
}

fn with_ending(file: &Path, ending: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

/// A new file that its owner alone may read.
fn private(file: &Path) -> Result<File, Failure> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file).map_err(|error| Failure::Other(format!("{}: {error}", file.display())))
}

fn remove(file: &Path) -> Result<(), Failure> {
    match fs::remove_file(file) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

/// Makes a new name last through a power cut.
fn settle_names(file: &Path) -> Result<(), Failure> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    Ok(File::open(folder)?.sync_all()?)
}

fn shown(hash: &str) -> &str {
    if hash.is_empty() { "empty" } else { hash }
}
