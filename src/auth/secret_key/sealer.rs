//! Sealing small texts with keys derived from the master key.

use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::hkdf;
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::{KEY_FILE, MasterKey, SecretKeys};

const VERSION: &str = "v1";

/// What a text is sealed for. Each purpose has a key of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Private keys that sign access tokens.
    SigningKey,
    /// Secrets that sign webhook deliveries.
    WebhookSecret,
    /// What tells two requests with one idempotency key apart.
    Fingerprint,
    /// What stands for the network of a sign-in.
    KnownNetwork,
}

impl Purpose {
    /// Part of the derived key: never to be changed once something is sealed.
    fn label(self) -> &'static str {
        match self {
            Self::SigningKey => "gcm-api v1 signing key",
            Self::WebhookSecret => "gcm-api v1 webhook secret",
            Self::Fingerprint => "gcm-api v1 fingerprint",
            Self::KnownNetwork => "gcm-api v1 known network",
        }
    }
}

/// Why something was not sealed or not opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SealFault {
    /// Not a text that [`Sealer::seal`] makes.
    #[error("this is not a sealed text")]
    Malformed,
    /// Sealed with a key that is not configured.
    #[error(
        "this was sealed with the secret key {0}, which is not configured; add the former key to GCM_OLD_SECRET_KEYS (a lost {KEY_FILE} comes back from its copy)"
    )]
    UnknownKey(String),
    /// Altered, or sealed for another purpose or place.
    #[error("this sealed text was altered or belongs elsewhere")]
    Broken,
    /// The cryptographic library failed.
    #[error("sealing failed")]
    Failed,
}

/// Seals small texts (AES-256-GCM, random nonce) and opens them again, also with former keys.
#[derive(Debug, Clone)]
pub struct Sealer {
    current: Deriver,
    old: Vec<Deriver>,
}

impl Sealer {
    /// Derives what is needed from the master keys.
    pub fn new(keys: &SecretKeys) -> Result<Self, SealFault> {
        let old = keys.old.iter().map(Deriver::new).collect::<Result<_, _>>()?;
        Ok(Self { current: Deriver::new(&keys.current)?, old })
    }

    /// Seals `plaintext`. `aad` names the place it belongs to (a row's id, say) and must be given again to open
    /// it: so nobody can move a sealed text from one row to another.
    pub fn seal(&self, purpose: Purpose, plaintext: &[u8], aad: &[u8]) -> Result<String, SealFault> {
        let mut body = plaintext.to_vec();
        let key = self.current.key(purpose)?;
        let nonce = key.seal_in_place_append_tag(Aad::from(aad), &mut body).map_err(|Unspecified| SealFault::Failed)?;
        let mut bytes = nonce.as_ref().to_vec();
        bytes.append(&mut body);
        Ok(format!("{VERSION}.{}.{}", self.current.id, URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// Opens what [`Sealer::seal`] made for the same purpose and place.
    pub fn open(&self, purpose: Purpose, sealed: &str, aad: &[u8]) -> Result<Vec<u8>, SealFault> {
        let (id, body) = parts(sealed)?;
        let deriver = std::iter::once(&self.current).chain(&self.old).find(|deriver| deriver.id == id);
        let deriver = deriver.ok_or_else(|| SealFault::UnknownKey(id.chars().take(16).collect()))?;
        let mut bytes = URL_SAFE_NO_PAD.decode(body).map_err(|_error| SealFault::Malformed)?;
        let (nonce, content) = bytes.split_at_mut_checked(NONCE_LEN).ok_or(SealFault::Malformed)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|Unspecified| SealFault::Malformed)?;
        let key = deriver.key(purpose)?;
        let plain = key.open_in_place(nonce, Aad::from(aad), content).map_err(|Unspecified| SealFault::Broken)?;
        Ok(plain.to_vec())
    }

    /// A name for `text` that nobody can make, or guess the text by, without the key (HMAC-SHA256, base64url).
    pub fn name(&self, purpose: Purpose, text: &[u8]) -> Result<String, SealFault> {
        self.current.name(purpose, text)
    }

    /// The names that former keys gave to `text`.
    pub fn former_names(&self, purpose: Purpose, text: &[u8]) -> Result<Vec<String>, SealFault> {
        self.old.iter().map(|deriver| deriver.name(purpose, text)).collect()
    }

    /// False when a former key sealed it: sealing it anew lets that key be removed from the settings.
    pub fn is_current(&self, sealed: &str) -> bool {
        parts(sealed).is_ok_and(|(id, _)| id == self.current.id)
    }
}

fn parts(sealed: &str) -> Result<(&str, &str), SealFault> {
    let rest = sealed.strip_prefix(VERSION).and_then(|rest| rest.strip_prefix('.'));
    rest.and_then(|rest| rest.split_once('.')).ok_or(SealFault::Malformed)
}

/// One master key, ready to derive from.
#[derive(Clone)]
struct Deriver {
    /// Derived too, so it tells nothing of the key.
    id: String,
    prk: hkdf::Prk,
}

impl fmt::Debug for Deriver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Deriver({})", self.id)
    }
}

impl Deriver {
    fn new(key: &MasterKey) -> Result<Self, SealFault> {
        let prk = hkdf::Salt::new(hkdf::HKDF_SHA256, b"gcm-api").extract(&key.0);
        let id = URL_SAFE_NO_PAD.encode(expand::<6>(&prk, "gcm-api v1 key id")?);
        Ok(Self { id, prk })
    }

    fn name(&self, purpose: Purpose, text: &[u8]) -> Result<String, SealFault> {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &expand::<32>(&self.prk, purpose.label())?);
        Ok(URL_SAFE_NO_PAD.encode(hmac::sign(&key, text)))
    }

    fn key(&self, purpose: Purpose) -> Result<RandomizedNonceKey, SealFault> {
        let bytes = expand::<32>(&self.prk, purpose.label())?;
        RandomizedNonceKey::new(&AES_256_GCM, &bytes).map_err(|Unspecified| SealFault::Failed)
    }
}

/// Asks HKDF for `N` bytes.
struct Length<const N: usize>;

impl<const N: usize> hkdf::KeyType for Length<N> {
    fn len(&self) -> usize {
        N
    }
}

fn expand<const N: usize>(prk: &hkdf::Prk, label: &str) -> Result<[u8; N], SealFault> {
    let mut bytes = [0_u8; N];
    let info = [label.as_bytes()];
    let filled = prk.expand(&info, Length::<N>).and_then(|okm| okm.fill(&mut bytes));
    filled.map_err(|Unspecified| SealFault::Failed)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OTHER: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

    fn keys(current: &str, old: &[&str]) -> SecretKeys {
        let parse = |text: &&str| MasterKey::parse(text).unwrap();
        SecretKeys { current: parse(&current), old: old.iter().map(parse).collect() }
    }

    #[test]
    fn sealed_and_opened() {
        let sealer = Sealer::new(&keys(OTHER, &[])).unwrap();
        let sealed = sealer.seal(Purpose::SigningKey, b"plain", b"row 1").unwrap();
        assert_eq!(sealer.open(Purpose::SigningKey, &sealed, b"row 1").unwrap(), b"plain");
        assert_ne!(sealed, sealer.seal(Purpose::SigningKey, b"plain", b"row 1").unwrap(), "random nonce");
        assert_eq!(sealer.open(Purpose::SigningKey, &sealed, b"row 2"), Err(SealFault::Broken));
        assert_eq!(sealer.open(Purpose::WebhookSecret, &sealed, b"row 1"), Err(SealFault::Broken));
        let last = if sealed.ends_with('A') { 'Q' } else { 'A' };
        let altered = format!("{}{last}", &sealed[..sealed.len() - 1]);
        assert!(sealer.open(Purpose::SigningKey, &altered, b"row 1").is_err());
        for broken in ["", "v1", "v1..", "v2.a.b", "plain"] {
            assert!(sealer.open(Purpose::SigningKey, broken, b"").is_err(), "{broken}");
        }
        let short = format!("{}.AAAA", sealed.rsplit_once('.').unwrap().0);
        assert_eq!(sealer.open(Purpose::SigningKey, &short, b""), Err(SealFault::Malformed));
    }

    #[test]
    fn former_keys_open_and_do_not_seal() {
        let new = MasterKey::generate().unwrap();
        let before = Sealer::new(&keys(OTHER, &[])).unwrap();
        let after = Sealer::new(&keys(new.expose(), &[OTHER])).unwrap();
        let without = Sealer::new(&keys(new.expose(), &[])).unwrap();
        let sealed = before.seal(Purpose::WebhookSecret, b"x", b"").unwrap();
        assert_eq!(after.open(Purpose::WebhookSecret, &sealed, b"").unwrap(), b"x");
        assert!(before.is_current(&sealed) && !after.is_current(&sealed));
        assert!(matches!(without.open(Purpose::WebhookSecret, &sealed, b""), Err(SealFault::UnknownKey(_))));
        assert!(without.is_current(&after.seal(Purpose::WebhookSecret, b"x", b"").unwrap()));
    }

    #[test]
    fn a_name_depends_on_the_key_the_purpose_and_the_text() {
        let sealer = Sealer::new(&keys(OTHER, &[])).unwrap();
        let name = sealer.name(Purpose::Fingerprint, b"text").unwrap();
        assert_eq!(name, sealer.name(Purpose::Fingerprint, b"text").unwrap());
        assert_ne!(name, sealer.name(Purpose::Fingerprint, b"texts").unwrap());
        assert_ne!(name, sealer.name(Purpose::WebhookSecret, b"text").unwrap());
        let other = Sealer::new(&keys(MasterKey::generate().unwrap().expose(), &[])).unwrap();
        assert_ne!(name, other.name(Purpose::Fingerprint, b"text").unwrap());
    }

    #[test]
    fn sealed_text_of_this_version_stays_readable() {
        let sealer = Sealer::new(&keys(OTHER, &[])).unwrap();
        let sealed = "v1.bW9mzEuJ.TUCUJysGHn_FRnoT_uZ9rQcyXeEkBNN8YHYwJOqaYIY";
        assert_eq!(sealer.open(Purpose::SigningKey, sealed, b"place").unwrap(), b"kept");
    }
}
