//! Access tokens: JWT of type `at+jwt` (RFC 9068), signed with Ed25519.
//!
//! A token proves who is calling (`sub`) and in which session (the first half of `jti`), nothing else: role and organization are
//! read from the account, and whether the session is still open from its row. The time is always passed in; the library's own clock is not
//! used.

use std::collections::HashMap;
use std::fmt;
use std::ops::Range;

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::secret_key::{Purpose, SealFault, Sealer};

/// How long an access token is good for, in seconds.
pub const ACCESS_TOKEN_SECONDS: i64 = 15 * 60;
/// How far clocks of two servers may be apart, in seconds.
pub const LEEWAY_SECONDS: i64 = 5;

const TYPE: &str = "at+jwt";
/// A head of the change log is no access token and is never taken for one.
const HEAD_TYPE: &str = "change-head+jwt";
/// Ours are about 500 bytes; anything much longer is not worth reading.
const LONGEST_TOKEN: usize = 2048;

/// What a token says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// Who issued it: this service.
    pub iss: String,
    /// For whom: this service.
    pub aud: String,
    /// The account that is calling.
    pub sub: Uuid,
    /// Not good from this moment on, in seconds since 1970.
    pub exp: i64,
    /// Not good before this moment, in seconds since 1970.
    pub nbf: i64,
    /// When it was issued, in seconds since 1970.
    pub iat: i64,
    /// This token: the session that it belongs to, a point, and an id of its own.
    pub jti: String,
}

impl Claims {
    /// Claims good from `now` for [`ACCESS_TOKEN_SECONDS`].
    pub fn new(issuer: &str, audience: &str, account: Uuid, session: Uuid, token: Uuid, now: DateTime<Utc>) -> Self {
        let now = now.timestamp();
        Self {
            iss: issuer.to_owned(),
            aud: audience.to_owned(),
            sub: account,
            exp: now.saturating_add(ACCESS_TOKEN_SECONDS),
            nbf: now,
            iat: now,
            jti: format!("{}.{}", session.simple(), token.simple()),
        }
    }

    /// The session that it belongs to.
    pub fn session(&self) -> Option<Uuid> {
        let (session, _) = self.jti.split_once('.')?;
        Uuid::try_parse(session).ok().filter(|id| id.simple().to_string() == session)
    }
}

/// A token that is accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Good {
    /// What it says.
    pub claims: Claims,
    /// When it is accepted.
    pub window: Range<DateTime<Utc>>,
}

/// Why a token is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenFault {
    /// It was good once: the client should refresh.
    #[error("the access token has expired")]
    Expired,
    /// It will be good later: a clock is wrong.
    #[error("the access token is not valid yet")]
    NotYet,
    /// Not a token of this service.
    #[error("the access token is not valid")]
    Invalid,
}

/// Why a signing key cannot be made, kept or used.
#[derive(Debug, thiserror::Error)]
pub enum SigningKeyFault {
    /// The cryptographic library failed to make a key.
    #[error("a signing key could not be made")]
    Generate,
    /// It is sealed under another master key, or altered.
    #[error("signing key {kid}: {source}")]
    Seal {
        /// The key.
        kid: String,
        /// What went wrong.
        source: SealFault,
    },
    /// What was sealed is not this key.
    #[error("signing key {0}: what is stored is not this key")]
    Stored(String),
    /// Signing failed.
    #[error("an access token could not be signed: {0}")]
    Sign(#[from] jsonwebtoken::errors::Error),
}

/// The public half of a signing key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey {
    kid: String,
    x: String,
}

impl PublicKey {
    fn new(bytes: &[u8]) -> Self {
        let x = URL_SAFE_NO_PAD.encode(bytes);
        // RFC 7638: the members of the key, sorted, without spaces.
        let thumbprint = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#);
        let kid = URL_SAFE_NO_PAD.encode(digest(&SHA256, thumbprint.as_bytes()));
        Self { kid, x }
    }

    /// Its name: the thumbprint of RFC 7638, 43 characters.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// As published at `/.well-known/jwks.json`.
    pub fn jwk(&self) -> Jwk {
        Jwk { kty: "OKP", crv: "Ed25519", x: self.x.clone(), kid: self.kid.clone(), purpose: "sig", alg: "EdDSA" }
    }
}

/// A public key as JSON (RFC 8037).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Jwk {
    /// Always `OKP`.
    pub kty: &'static str,
    /// Always `Ed25519`.
    pub crv: &'static str,
    /// The key, base64url.
    pub x: String,
    /// Its name.
    pub kid: String,
    /// Always `sig`.
    #[serde(rename = "use")]
    pub purpose: &'static str,
    /// Always `EdDSA`.
    pub alg: &'static str,
}

/// The document at `/.well-known/jwks.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Jwks {
    /// Keys that sign, will sign, or signed tokens still good.
    pub keys: Vec<Jwk>,
}

impl<'a> FromIterator<&'a PublicKey> for Jwks {
    fn from_iter<I: IntoIterator<Item = &'a PublicKey>>(keys: I) -> Self {
        Self { keys: keys.into_iter().map(PublicKey::jwk).collect() }
    }
}

/// Where the change log stood at one moment; kept outside, it proves that nothing before it was altered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedHead {
    /// The instance whose log it is.
    pub iss: String,
    /// Number of the last change.
    pub seq: i64,
    /// Hash of the last change.
    pub hash: String,
    /// When it was signed, in seconds since 1970.
    pub iat: i64,
}

impl SignedHead {
    /// Reads a head that one of `keys` signed; when, does not matter.
    pub fn read<'a>(keys: impl IntoIterator<Item = &'a PublicKey>, text: &str) -> Option<Self> {
        let header = jsonwebtoken::decode_header(text).ok()?;
        if header.typ.as_deref() != Some(HEAD_TYPE) || header.crit.is_some() {
            return None;
        }
        let key = keys.into_iter().find(|key| Some(&key.kid) == header.kid.as_ref())?;
        let key = DecodingKey::from_ed_components(&key.x).ok()?;
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.validate_exp = false;
        validation.validate_aud = false;
        validation.required_spec_claims.clear();
        jsonwebtoken::decode(text, &key, &validation).ok().map(|data| data.claims)
    }
}

/// A private key that signs access tokens.
#[derive(Clone)]
pub struct SigningKey {
    public: PublicKey,
    /// PKCS#8 v2 in DER, which is what the library signs with.
    private: EncodingKey,
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({})", self.kid())
    }
}

impl SigningKey {
    /// A new one.
    pub fn generate() -> Result<Self, SigningKeyFault> {
        let pair = Ed25519KeyPair::generate().map_err(|_unspecified| SigningKeyFault::Generate)?;
        let document = pair.to_pkcs8().map_err(|_unspecified| SigningKeyFault::Generate)?;
        Ok(Self::of(&pair, document.as_ref()))
    }

    fn of(pair: &Ed25519KeyPair, pkcs8: &[u8]) -> Self {
        let public = PublicKey::new(pair.public_key().as_ref());
        Self { public, private: EncodingKey::from_ed_der(pkcs8) }
    }

    /// Its name.
    pub fn kid(&self) -> &str {
        self.public.kid()
    }

    /// Its public half.
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    /// For storing.
    pub fn sealed(&self, sealer: &Sealer) -> Result<String, SigningKeyFault> {
        sealer
            .seal(Purpose::SigningKey, self.private.as_bytes(), self.kid().as_bytes())
            .map_err(|source| SigningKeyFault::Seal { kid: self.kid().to_owned(), source })
    }

    /// From what was stored under the name `kid`.
    pub fn opened(sealer: &Sealer, kid: &str, sealed: &str) -> Result<Self, SigningKeyFault> {
        let bytes = sealer
            .open(Purpose::SigningKey, sealed, kid.as_bytes())
            .map_err(|source| SigningKeyFault::Seal { kid: kid.to_owned(), source })?;
        let pair = Ed25519KeyPair::from_pkcs8(&bytes).map_err(|_rejected| SigningKeyFault::Stored(kid.to_owned()))?;
        let key = Self::of(&pair, &bytes);
        if key.kid() == kid { Ok(key) } else { Err(SigningKeyFault::Stored(kid.to_owned())) }
    }

    /// Signs a token.
    pub fn issue(&self, claims: &Claims) -> Result<String, SigningKeyFault> {
        self.sign(TYPE, claims)
    }

    /// Signs where the change log stands.
    pub fn sign_head(&self, head: &SignedHead) -> Result<String, SigningKeyFault> {
        self.sign(HEAD_TYPE, head)
    }

    fn sign(&self, kind: &str, claims: &impl Serialize) -> Result<String, SigningKeyFault> {
        let mut header = Header::new(Algorithm::EdDSA);
        header.typ = Some(kind.to_owned());
        header.kid = Some(self.kid().to_owned());
        Ok(jsonwebtoken::encode(&header, claims, &self.private)?)
    }
}

/// Checks tokens against the keys of this service. Cheap to keep, to be made anew when keys change.
#[derive(Clone)]
pub struct Verifier {
    /// By name; with the moment from which tokens of a key are taken no more.
    keys: HashMap<String, (DecodingKey, Option<DateTime<Utc>>)>,
    validation: Validation,
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier").field("kids", &self.keys.keys()).finish_non_exhaustive()
    }
}

impl Verifier {
    /// Accepts tokens signed with one of `keys`, issued by `issuer` for `audience`.
    pub fn new<'a>(keys: impl IntoIterator<Item = &'a PublicKey>, issuer: &str, audience: &str) -> Self {
        let read = |key: &PublicKey| {
            // Our own text, so it always reads; a key that did not would only be unknown.
            let decoding = DecodingKey::from_ed_components(&key.x).ok()?;
            Some((key.kid.clone(), (decoding, None)))
        };
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_issuer(&[issuer]);
        validation.set_audience(&[audience]);
        validation.set_required_spec_claims(&["iss", "aud", "sub", "exp", "nbf"]);
        // The library would ask the system's clock; `verify` compares with the time it is given.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        Self { keys: keys.into_iter().filter_map(read).collect(), validation }
    }

    /// Takes tokens of this key until then only; afterwards they count as expired, so that clients renew them.
    #[must_use]
    pub fn until(mut self, kid: &str, end: DateTime<Utc>) -> Self {
        if let Some((_, until)) = self.keys.get_mut(kid) {
            *until = Some(end);
        }
        self
    }

    /// What a good token says, and when it is good. Only what is rightly signed can be `Expired` or `NotYet`.
    pub fn verify(&self, token: &str, now: DateTime<Utc>) -> Result<Good, TokenFault> {
        let (claims, until) = self.read(token).ok_or(TokenFault::Invalid)?;
        let moment = |seconds| DateTime::from_timestamp(seconds, 0).ok_or(TokenFault::Invalid);
        let end = moment(claims.exp.saturating_add(LEEWAY_SECONDS))?;
        let window = moment(claims.nbf.saturating_sub(LEEWAY_SECONDS))?..until.map_or(end, |until| until.min(end));
        if now >= window.end {
            return Err(TokenFault::Expired);
        }
        if now < window.start {
            return Err(TokenFault::NotYet);
        }
        Ok(Good { claims, window })
    }

    /// The claims of a token that we signed, however old it is: for ending what it belongs to, never for letting anyone in. Somebody else signed what was
    /// signed after the end of its key.
    pub fn signed(&self, token: &str) -> Option<Claims> {
        let (claims, until) = self.read(token)?;
        until.is_none_or(|until| claims.iat < until.timestamp()).then_some(claims)
    }

    fn read(&self, token: &str) -> Option<(Claims, Option<DateTime<Utc>>)> {
        if token.len() > LONGEST_TOKEN {
            return None;
        }
        let header = jsonwebtoken::decode_header(token).ok()?;
        // `crit` names extensions one must understand, and we know none.
        if header.typ.as_deref() != Some(TYPE) || header.crit.is_some() {
            return None;
        }
        let (key, until) = self.keys.get(&header.kid?)?;
        jsonwebtoken::decode(token, key, &self.validation).ok().map(|data| (data.claims, *until))
    }
}

#[cfg(test)]
mod tests;
