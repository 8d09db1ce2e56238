//! The master key of an installation and what is sealed with it.
//!
//! One key protects signing keys and stored secrets in the database: a copy of the database alone opens neither.
//! For each purpose a key of its own is derived (HKDF-SHA256), so that what was sealed for one purpose cannot be
//! passed off as another.

mod sealer;

use std::fmt;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use aws_lc_rs::error::Unspecified;
use aws_lc_rs::rand;
use base64::Engine as _;
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD, URL_SAFE_NO_PAD};

use crate::settings::{Engine, Secret, Settings};

pub use sealer::{Purpose, SealFault, Sealer};

/// Fewest bytes of a master key.
pub const KEY_BYTES: usize = 32;
/// The file made in the data directory.
pub const KEY_FILE: &str = "secret.key";

/// Random bytes use about 30 different values in 32; a typed or repeated text far fewer.
const FEWEST_DIFFERENT_BYTES: usize = 16;

/// Why there is no usable master key. No message quotes a key, or a path that might be one given in its place.
#[derive(Debug, thiserror::Error)]
pub enum SecretKeyError {
    /// Nothing configured where nothing may be made.
    #[error(
        "no secret key is configured: with PostgreSQL every process needs the same one, so none is made here; set \
         GCM_SECRET_KEY or GCM_SECRET_KEY_FILE to at least 32 random bytes (openssl rand -base64 32)"
    )]
    Missing,
    /// A key that cannot be used.
    #[error("{origin} is not a usable key: {fault}; give at least 32 random bytes as base64 or hexadecimal text (openssl rand -base64 32)")]
    Unusable {
        /// The setting or file.
        origin: String,
        /// What is wrong with it.
        fault: KeyFault,
    },
    /// A file that cannot be read or made.
    #[error("{origin} cannot be {action}: {source}")]
    File {
        /// The setting or file.
        origin: String,
        /// "read" or "made".
        action: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// The system gave no random bytes.
    #[error("the system gave no random bytes for a new secret key")]
    Random,
}

/// What is wrong with the text of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyFault {
    /// Neither notation.
    #[error("it is neither base64 nor hexadecimal")]
    Notation,
    /// Fewer than [`KEY_BYTES`].
    #[error("it has {0} bytes")]
    Short(usize),
    /// Too few different bytes to be random.
    #[error("its bytes are not random")]
    NotRandom,
}

/// One master key. Never printed.
#[derive(Clone)]
pub struct MasterKey(Vec<u8>);

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[hidden]")
    }
}

impl MasterKey {
    /// Reads base64 (either alphabet, with or without padding) or hexadecimal text. What could be both, is
    /// hexadecimal, the reading that gives fewer bytes.
    pub fn parse(text: &str) -> Result<Self, KeyFault> {
        let text = text.trim();
        let bytes = hexadecimal(text).or_else(|| from_base64(text)).ok_or(KeyFault::Notation)?;
        if bytes.len() < KEY_BYTES {
            return Err(KeyFault::Short(bytes.len()));
        }
        let different: std::collections::BTreeSet<u8> = bytes.iter().copied().collect();
        if different.len() < FEWEST_DIFFERENT_BYTES {
            return Err(KeyFault::NotRandom);
        }
        Ok(Self(bytes))
    }

    /// New random bytes, as the text that [`MasterKey::parse`] reads.
    pub fn generate() -> Result<Secret, SecretKeyError> {
        let mut bytes = [0_u8; KEY_BYTES];
        rand::fill(&mut bytes).map_err(|Unspecified| SecretKeyError::Random)?;
        Ok(Secret::new(STANDARD.encode(bytes)))
    }

    fn read(origin: &str, text: &str) -> Result<Self, SecretKeyError> {
        Self::parse(text).map_err(|fault| SecretKeyError::Unusable { origin: origin.to_owned(), fault })
    }
}

fn hexadecimal(text: &str) -> Option<Vec<u8>> {
    if text.is_empty() || !text.len().is_multiple_of(2) || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let pairs = (0..text.len()).step_by(2);
    pairs.map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok()).collect()
}

fn from_base64(text: &str) -> Option<Vec<u8>> {
    let lenient = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let alphabet = if text.contains(['-', '_']) { alphabet::URL_SAFE } else { alphabet::STANDARD };
    GeneralPurpose::new(&alphabet, lenient).decode(text).ok()
}

/// The master key that seals, and former ones that still open.
#[derive(Debug, Clone)]
pub struct SecretKeys {
    /// Seals and opens.
    pub current: MasterKey,
    /// Only open.
    pub old: Vec<MasterKey>,
}

impl SecretKeys {
    /// From the settings; makes `<data_dir>/secret.key` when nothing is configured and one process owns the data
    /// (SQLite, or `--demo`).
    pub fn load(settings: &Settings) -> Result<Self, SecretKeyError> {
        let current = match &settings.secret_key {
            Some(text) => MasterKey::read("secret_key (GCM_SECRET_KEY or GCM_SECRET_KEY_FILE)", text.expose())?,
            None if settings.demo || settings.engine() == Engine::Sqlite => made_once(&settings.data_dir)?,
            None => return Err(SecretKeyError::Missing),
        };
        let old = settings.old_secret_keys.iter().enumerate().map(|(index, text)| {
            let origin = format!("number {} of old_secret_keys (GCM_OLD_SECRET_KEYS)", index + 1);
            MasterKey::read(&origin, text.expose())
        });
        Ok(Self { current, old: old.collect::<Result<_, _>>()? })
    }
}

fn read_file(path: &Path, origin: &str) -> Result<MasterKey, SecretKeyError> {
    let text = fs::read_to_string(path).map_err(file_fault(origin, "read"))?;
    MasterKey::read(origin, &text)
}

fn file_fault(origin: &str, action: &'static str) -> impl FnOnce(io::Error) -> SecretKeyError {
    move |source| SecretKeyError::File { origin: origin.to_owned(), action, source }
}

/// Reads the key file, making it first if need be. It appears whole or not at all: it is written under another
/// name and then linked, which fails when another process was quicker; both then read the same file.
fn made_once(data_dir: &Path) -> Result<MasterKey, SecretKeyError> {
    let path = data_dir.join(KEY_FILE);
    let origin = path.display().to_string();
    if !path.try_exists().map_err(file_fault(&origin, "read"))? {
        let text = MasterKey::generate()?;
        match make(&path, text.expose()) {
            Ok(()) => tracing::info!(file = %origin, "made a secret key; keep a copy of it apart from the database"),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(file_fault(&origin, "made")(error)),
        }
    }
    warn_if_readable_by_others(&path);
    read_file(&path, &origin)
}

fn make(path: &Path, text: &str) -> io::Result<()> {
    let folder = path.parent().unwrap_or_else(|| Path::new("."));
    private_folder(folder)?;
    let mut unique = [0_u8; 8];
    rand::fill(&mut unique).map_err(|Unspecified| io::Error::other("no random bytes"))?;
    let draft: PathBuf = folder.join(format!(".{KEY_FILE}.{}", URL_SAFE_NO_PAD.encode(unique)));
    let linked = write_private(&draft, text).and_then(|()| fs::hard_link(&draft, path));
    // The draft goes in every case; a failure to remove it must not hide what happened before.
    let removed = fs::remove_file(&draft);
    linked?;
    removed?;
    // Makes the new name itself last through a power cut.
    File::open(folder)?.sync_all()
}

fn write_private(path: &Path, text: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    writeln!(file, "{text}")?;
    file.sync_all()
}

fn private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Restoring a copy often loses the mode; the key still works, so this is said and no more.
fn warn_if_readable_by_others(path: &Path) {
    #[cfg(unix)]
    if let Ok(metadata) = fs::metadata(path)
        && std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o077 != 0
    {
        tracing::warn!(file = %path.display(), "others on this machine may read the secret key; set its mode to 0600");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Source;

    const OTHER: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

    fn settings(data_dir: &Path, more: &[(&str, &str)]) -> Settings {
        let mut source = Source::of([("GCM_DATA_DIR", data_dir.to_str().unwrap())]);
        source.environment.extend(more.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())));
        Settings::load(&source).unwrap()
    }

    #[test]
    fn key_texts() {
        let bytes: Vec<u8> = (0..32).map(|n| n * 8 + 7).collect();
        let padded = STANDARD.encode(&bytes);
        for text in [padded.as_str(), padded.trim_end_matches('='), &URL_SAFE_NO_PAD.encode(&bytes), &format!(" {padded}\n")] {
            assert_eq!(MasterKey::parse(text).unwrap().0, bytes, "{text}");
        }
        assert_eq!(MasterKey::parse(OTHER).unwrap().0, (0..32).collect::<Vec<u8>>());
        assert_eq!(MasterKey::parse("not a key!").unwrap_err(), KeyFault::Notation);
        assert_eq!(MasterKey::parse("").unwrap_err(), KeyFault::Short(0));
        assert_eq!(MasterKey::parse("abcdef").unwrap_err(), KeyFault::Short(3));
        assert_eq!(MasterKey::parse(&"ab".repeat(22)).unwrap_err(), KeyFault::Short(22));
        assert_eq!(MasterKey::parse(&"00".repeat(32)).unwrap_err(), KeyFault::NotRandom);
    }

    #[test]
    fn made_at_the_first_start_and_kept() {
        let folder = tempfile::tempdir().unwrap();
        let data_dir = folder.path().join("new/data");
        let settings = settings(&data_dir, &[]);
        let first = SecretKeys::load(&settings).unwrap();
        let second = SecretKeys::load(&settings).unwrap();
        assert_eq!(first.current.0, second.current.0);
        assert_eq!(fs::read_dir(&data_dir).unwrap().count(), 1, "no draft is left");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = fs::metadata(data_dir.join(KEY_FILE)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }

    #[test]
    fn many_first_starts_end_with_one_key() {
        for _ in 0..20 {
            let folder = tempfile::tempdir().unwrap();
            let start = std::sync::Barrier::new(8);
            let found: Vec<Vec<u8>> = std::thread::scope(|scope| {
                let load = || {
                    start.wait();
                    made_once(folder.path()).unwrap().0
                };
                let threads: Vec<_> = (0..8).map(|_| scope.spawn(load)).collect();
                threads.into_iter().map(|thread| thread.join().unwrap()).collect()
            });
            assert!(found.windows(2).all(|pair| pair[0] == pair[1]));
            assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        }
    }

    #[test]
    fn configured_keys() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("key");
        fs::write(&file, format!("{OTHER}\n")).unwrap();
        let given = SecretKeys::load(&settings(folder.path(), &[("GCM_SECRET_KEY", OTHER)])).unwrap();
        let read = settings(folder.path(), &[("GCM_SECRET_KEY_FILE", file.to_str().unwrap())]);
        assert_eq!(given.current.0, SecretKeys::load(&read).unwrap().current.0);
        assert!(!folder.path().join(KEY_FILE).exists(), "nothing is made when a key is given");
        let postgres = settings(folder.path(), &[("DATABASE_URL", "postgres://u:p@h/d")]);
        let error = SecretKeys::load(&postgres).unwrap_err();
        assert!(matches!(error, SecretKeyError::Missing), "{error}");
        let demo = SecretKeys::load(&Settings { demo: true, ..postgres });
        assert!(demo.is_ok());
    }

    #[test]
    fn faults_name_the_setting_and_hide_the_key() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("key");
        fs::write(&file, "hunter2-hunter2").unwrap();
        let faults = [
            ("GCM_SECRET_KEY", "hunter2-hunter2"),
            ("GCM_SECRET_KEY_FILE", file.to_str().unwrap()),
            ("GCM_OLD_SECRET_KEYS", "hunter2-hunter2"),
        ];
        for (variable, value) in faults {
            let error = SecretKeys::load(&settings(folder.path(), &[(variable, value)])).unwrap_err();
            let said = format!("{error} {error:?}");
            assert!(said.contains(variable) && !said.contains("hunter2"), "{said}");
        }
        assert_eq!(format!("{:?}", MasterKey::parse(OTHER).unwrap()), "[hidden]");
    }
}
