//! Passwords of people (Argon2id) and secrets of machines (SHA-256 of 256 random bits).
//!
//! Hashing takes about 20 ms and 19 MiB on purpose: call it inside `web::block`, never inside a transaction.

use std::fmt;
use std::sync::{Mutex, PoisonError};

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{ARGON2ID_IDENT, Algorithm, Argon2, Block, Params, Version};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest;
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::rand;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use unicode_normalization::UnicodeNormalization as _;
use uuid::Uuid;
use zxcvbn::feedback::Warning;
use zxcvbn::matching::patterns::MatchPattern;
use zxcvbn::{Entropy, Score};

use crate::settings::Secret;

/// Fewest characters of a password.
pub const MIN_CHARACTERS: usize = 12;
/// Most characters of a password.
pub const MAX_CHARACTERS: usize = 128;

/// Characters that must be left when names and the like are taken out.
const FEWEST_OWN_CHARACTERS: usize = 6;
/// How much of the beginning is estimated: 100 characters made for it keep the estimate busy for seconds, and
/// a good password is good within 32.
const ESTIMATED_CHARACTERS: usize = 32;

/// OWASP's first choice for Argon2id: 19 MiB, two passes, one lane. Written out, not the library's default, so
/// that an update of the library does not change it.
const PARAMS: Params = match Params::new(19 * 1024, 2, 1, None) {
    Ok(params) => params,
    Err(_) => Params::DEFAULT,
};

/// Why no hash or secret could be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordFault {
    /// Out of memory, or no random bytes for the salt.
    #[error("the password could not be hashed")]
    Hash,
    /// The system gave no random bytes.
    #[error("the system gave no random bytes")]
    Random,
}

/// The 19 MiB of each hash that is under way, kept for the next one: given back to the allocator each time, they stay with whichever thread had
/// them, and a few wrong sign-ins would hold a gigabyte for good.
static MEMORY: Mutex<Vec<Vec<Block>>> = Mutex::new(Vec::new());

/// Argon2id of the password into `out`.
fn derive(params: Params, password: &[u8], salt: &[u8], out: &mut [u8]) -> Result<(), argon2::Error> {
    let pool = || MEMORY.lock().unwrap_or_else(PoisonError::into_inner);
    let mut memory = pool().pop().unwrap_or_default();
    memory.resize(params.block_count(), Block::default());
    let done = Argon2::new(Algorithm::Argon2id, Version::V0x13, params).hash_password_into_with_memory(password, salt, out, &mut memory);
    pool().push(memory);
    done
}

/// One way to write what looks the same: a keyboard that sends an accent as a character of its own types the same password. Not NFKC, which
/// would make different characters equal.
fn normalized(password: &str) -> String {
    password.nfc().collect()
}

/// A PHC string with its own salt: what is stored for an account.
pub fn hash(password: &str) -> Result<String, PasswordFault> {
    let mut salt = [0_u8; 16];
    rand::fill(&mut salt).map_err(|Unspecified| PasswordFault::Random)?;
    let mut out = [0_u8; Params::DEFAULT_OUTPUT_LEN];
    derive(PARAMS, normalized(password).as_bytes(), &salt, &mut out).map_err(|_error| PasswordFault::Hash)?;
    let hash = PasswordHash {
        algorithm: ARGON2ID_IDENT,
        version: Some(Version::V0x13.into()),
        params: ParamsString::try_from(&PARAMS).map_err(|_error| PasswordFault::Hash)?,
        salt: Some(Salt::new(&salt).map_err(|_error| PasswordFault::Hash)?),
        hash: Some(Output::new(&out).map_err(|_error| PasswordFault::Hash)?),
    };
    Ok(hash.to_string())
}

/// Is this the password that was hashed? What can never match costs the same time as a wrong password.
pub fn verify(password: &str, phc: &str) -> bool {
    match PasswordHash::new(phc) {
        Ok(hash) if password.chars().count() <= MAX_CHARACTERS => is_of(&normalized(password), &hash),
        _ => {
            waste();
            false
        }
    }
}

fn is_of(password: &str, known: &PasswordHash) -> bool {
    let (Some(salt), Some(hash), Ok(params)) = (&known.salt, &known.hash, Params::try_from(known)) else { return false };
    if known.algorithm != ARGON2ID_IDENT || known.version != Some(Version::V0x13.into()) {
        return false;
    }
    let mut out = vec![0_u8; hash.len()];
    derive(params, password.as_bytes(), salt.as_ref(), &mut out).is_ok() && verify_slices_are_equal(&out, hash.as_bytes()).is_ok()
}

/// Spends what one [`verify`] spends: for unknown accounts, so that the time of an answer does not tell whether
/// an account exists.
pub fn waste() {
    let mut out = [0_u8; Params::DEFAULT_OUTPUT_LEN];
    let result = derive(PARAMS, b"no such account", b"no such salt 16b", &mut out);
    // Keeps the compiler from leaving out work whose result nobody reads.
    std::hint::black_box((result.is_ok(), out));
}

/// Why a password is refused, with what a message in any language needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weakness {
    /// Fewer than [`MIN_CHARACTERS`].
    TooShort {
        /// Its length in characters.
        characters: usize,
    },
    /// More than [`MAX_CHARACTERS`].
    TooLong {
        /// Its length in characters.
        characters: usize,
    },
    /// Has a character that cannot be typed, such as a line end.
    ControlCharacter,
    /// Could be guessed with fewer than 10^8 tries.
    Guessable(Guess),
}

/// The main thing that makes a password guessable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guess {
    /// It is built on the user name, the person's name or the service.
    Context,
    /// It is, or is like, a password many people use.
    Common,
    /// A single word.
    Word,
    /// Names of people.
    Name,
    /// A date or year.
    Date,
    /// Repeated characters or words.
    Repeat,
    /// A sequence such as abc or 6543.
    Sequence,
    /// Neighbouring keys.
    Keyboard,
    /// Too little variety in all.
    Simple,
}

impl fmt::Display for Weakness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooShort { characters } => write!(f, "it has {characters} characters, and at least {MIN_CHARACTERS} are needed"),
            Self::TooLong { characters } => write!(f, "it has {characters} characters, and at most {MAX_CHARACTERS} are taken"),
            Self::ControlCharacter => f.write_str("it holds a character that cannot be typed"),
            Self::Guessable(guess) => f.write_str(match guess {
                Guess::Context => "it is built on the name of its holder or of the service",
                Guess::Common => "it is like one that many people use",
                Guess::Word => "it is a single word",
                Guess::Name => "it is made of names of people",
                Guess::Date => "it is a date",
                Guess::Repeat => "it repeats itself",
                Guess::Sequence => "it is a sequence such as abc or 6543",
                Guess::Keyboard => "its keys lie side by side",
                Guess::Simple => "it has too little variety",
            }),
        }
    }
}

/// Refuses what is easily guessed. `context_words`: user name, names, e-mail address, organization; they are
/// also taken apart into words.
pub fn check_strength(password: &str, context_words: &[&str]) -> Result<(), Weakness> {
    let password = &normalized(password);
    let characters = password.chars().count();
    if characters < MIN_CHARACTERS {
        return Err(Weakness::TooShort { characters });
    }
    if characters > MAX_CHARACTERS {
        return Err(Weakness::TooLong { characters });
    }
    if password.chars().any(char::is_control) {
        return Err(Weakness::ControlCharacter);
    }
    let context = words_of(context_words);
    if without(password, &context).chars().count() < FEWEST_OWN_CHARACTERS {
        return Err(Weakness::Guessable(Guess::Context));
    }
    let context: Vec<&str> = context.iter().map(String::as_str).collect();
    let beginning: String = password.chars().take(ESTIMATED_CHARACTERS).collect();
    let found = zxcvbn::zxcvbn(&beginning, &context);
    if found.score() >= Score::Three { Ok(()) } else { Err(Weakness::Guessable(guess(&found, &context))) }
}

/// Whole texts and their words of three characters and more, in small letters, the longest first.
fn words_of(texts: &[&str]) -> Vec<String> {
    let parts = texts.iter().flat_map(|text| text.split(|c: char| !c.is_alphanumeric()));
    let all = texts.iter().copied().chain(parts).filter(|word| word.chars().count() >= 3);
    let mut words: Vec<String> = all.map(str::to_lowercase).collect();
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    words.dedup();
    words
}

/// What is left of a password when the words an attacker tries first are taken out. The estimate alone takes
/// "somchai-vong" for three independent parts and calls it strong.
fn without(password: &str, words: &[String]) -> String {
    words.iter().fold(password.to_lowercase(), |rest, word| rest.replace(word.as_str(), ""))
}

fn guess(found: &Entropy, context: &[&str]) -> Guess {
    let from_context = found.sequence().iter().any(|part| match &part.pattern {
        MatchPattern::Dictionary(word) => context.contains(&word.matched_word.as_str()),
        _ => false,
    });
    if from_context {
        return Guess::Context;
    }
    match found.feedback().and_then(|feedback| feedback.warning()) {
        Some(
            Warning::ThisIsATop10Password
            | Warning::ThisIsATop100Password
            | Warning::ThisIsACommonPassword
            | Warning::ThisIsSimilarToACommonlyUsedPassword,
        ) => Guess::Common,
        Some(Warning::AWordByItselfIsEasyToGuess) => Guess::Word,
        Some(Warning::NamesAndSurnamesByThemselvesAreEasyToGuess | Warning::CommonNamesAndSurnamesAreEasyToGuess) => Guess::Name,
        Some(Warning::RecentYearsAreEasyToGuess | Warning::DatesAreOftenEasyToGuess) => Guess::Date,
        Some(Warning::RepeatsLikeAaaAreEasyToGuess | Warning::RepeatsLikeAbcAbcAreOnlySlightlyHarderToGuess) => Guess::Repeat,
        Some(Warning::SequencesLikeAbcAreEasyToGuess) => Guess::Sequence,
        Some(Warning::StraightRowsOfKeysAreEasyToGuess | Warning::ShortKeyboardPatternsAreEasyToGuess) => Guess::Keyboard,
        None => Guess::Simple,
    }
}

/// Small letters and digits that are not mistaken for one another.
const READABLE: &[u8; 31] = b"abcdefghjkmnpqrstuvwxyz23456789";

/// Four groups of four, like `k7fm-q3xw-9rda-h2tp`: 79 bits, passes [`check_strength`].
pub fn random_password() -> Result<Secret, PasswordFault> {
    loop {
        let mut text = String::with_capacity(19);
        for group in 0..4 {
            if group > 0 {
                text.push('-');
            }
            for _ in 0..4 {
                text.push(readable_character()?);
            }
        }
        if check_strength(&text, &[]).is_ok() {
            return Ok(Secret::new(text));
        }
    }
}

/// Every character equally often: five random bits, drawn again when they point past the end.
fn readable_character() -> Result<char, PasswordFault> {
    loop {
        let [byte] = random::<1>()?;
        if let Some(found) = READABLE.get(usize::from(byte & 31)) {
            return Ok(char::from(*found));
        }
    }
}

fn random<const N: usize>() -> Result<[u8; N], PasswordFault> {
    let mut bytes = [0_u8; N];
    rand::fill(&mut bytes).map_err(|Unspecified| PasswordFault::Random)?;
    Ok(bytes)
}

/// 256 random bits as 43 base64url characters: refresh tokens and the like.
pub fn random_token() -> Result<Secret, PasswordFault> {
    Ok(Secret::new(URL_SAFE_NO_PAD.encode(random::<32>()?)))
}

/// SHA-256 as 64 hexadecimal characters. Right for 256 random bits, never for a password.
pub fn sha256_hex(text: &str) -> String {
    let digest = digest::digest(&digest::SHA256, text.as_bytes());
    digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What stands for this secret in the tokens that it was used for: half of its digest.
pub fn secret_id(digest: &str) -> Option<Uuid> {
    Uuid::try_parse(digest.get(..32)?).ok()
}

/// Compares two digests in a time that does not depend on where they differ.
pub fn same_digest(a: &str, b: &str) -> bool {
    verify_slices_are_equal(a.as_bytes(), b.as_bytes()).is_ok()
}

/// The secret of a service account: `gcm_` and 43 base64url characters. Shown once, stored as its digest.
#[derive(Clone)]
pub struct ClientSecret(String);

impl fmt::Debug for ClientSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ClientSecret({}…)", self.prefix())
    }
}

impl ClientSecret {
    const MARK: &'static str = "gcm_";

    /// A new one.
    pub fn generate() -> Result<Self, PasswordFault> {
        Ok(Self(format!("{}{}", Self::MARK, random_token()?.expose())))
    }

    /// What a client sent; None when it cannot be one of ours.
    pub fn parse(text: &str) -> Option<Self> {
        let rest = text.strip_prefix(Self::MARK)?;
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        (rest.len() == 43 && rest.bytes().all(plain)).then(|| Self(text.to_owned()))
    }

    /// The text, for handing it out once.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The first 8 characters after the mark: enough to find it, too few to guess it.
    pub fn prefix(&self) -> &str {
        self.0.get(Self::MARK.len()..Self::MARK.len() + 8).unwrap_or("")
    }

    /// What is stored.
    pub fn digest(&self) -> String {
        sha256_hex(&self.0)
    }

    /// Is this the secret whose digest was stored?
    pub fn matches(&self, digest: &str) -> bool {
        same_digest(&self.digest(), digest)
    }
}

#[cfg(test)]
mod tests;
