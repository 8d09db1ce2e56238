//! The keys that sign access tokens: rows of the database, sealed by the instance's secret key, kept open in the process.

mod turning;

use std::sync::{Arc, PoisonError, RwLock};

use sea_orm::{ActiveModelTrait as _, IntoActiveModel as _};
use tokio::sync::Mutex;
use tracing::warn;
pub use turning::{Turn, Turned, since};
use uuid::Uuid;

use crate::{
    auth::{
        secret_key::Sealer,
        token::{Claims, Good, Jwks, PublicKey, SignedHead, SigningKey, TokenFault, Verifier},
    },
    clock::Timestamp,
    entity::signing_key::{self, KeyState, Model},
    problem::{Code, Problem},
    store::{Answer, Intent, Origin, Pulse, Store},
};

/// Who these tokens are for.
pub const AUDIENCE: &str = "gcm-api";

/// The opened keys of one moment.
struct Ring {
    current: SigningKey,
    /// Each with the moment from which its tokens are taken no more.
    public: Vec<(PublicKey, Option<Timestamp>)>,
    verifier: Verifier,
}

/// The keys of the instance.
pub struct Keys {
    issuer: String,
    sealer: Sealer,
    store: Store,
    ring: RwLock<Arc<Ring>>,
    /// Where the record stood when the keys were read.
    read_at: std::sync::Mutex<Pulse>,
    reading: Mutex<()>,
}

impl Keys {
    /// Opens the keys of the database; a database without any gets its first two.
    pub async fn open(store: Store, sealer: Sealer, issuer: String) -> Result<Self, Problem> {
        ensure(&store, &sealer).await?;
        let read_at = std::sync::Mutex::new(store.pulse().await?);
        let ring = RwLock::new(Arc::new(read(&store, &sealer, &issuer).await?));
        Ok(Self { issuer, sealer, store, ring, read_at, reading: Mutex::new(()) })
    }

    fn ring(&self) -> Arc<Ring> {
        Arc::clone(&self.ring.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The keys as they are now, also when another process turned them: one small read, and the keys again only when something about access
    /// moved since. Of many requests at once one reads, and the others wait for it.
    pub async fn keep_up(&self) -> Result<(), Problem> {
        self.keep_up_to(self.store.pulse().await?).await
    }

    /// As [`Keys::keep_up`], for whoever knows where access stands.
    pub async fn keep_up_to(&self, now: Pulse) -> Result<(), Problem> {
        if self.knows(now) {
            return Ok(());
        }
        let _turn = self.reading.lock().await;
        if !self.knows(now) {
            self.read_again().await?;
            *self.read_at.lock().unwrap_or_else(PoisonError::into_inner) = now;
        }
        Ok(())
    }

    fn knows(&self, now: Pulse) -> bool {
        let read = *self.read_at.lock().unwrap_or_else(PoisonError::into_inner);
        read.epoch == now.epoch && read.access_seq >= now.access_seq
    }

    /// Reads the keys again.
    pub async fn refresh(&self) -> Result<(), Problem> {
        let _turn = self.reading.lock().await;
        self.read_again().await
    }

    async fn read_again(&self) -> Result<(), Problem> {
        let fresh = Arc::new(read(&self.store, &self.sealer, &self.issuer).await?);
        *self.ring.write().unwrap_or_else(PoisonError::into_inner) = fresh;
        Ok(())
    }

    pub fn issue(&self, account: Uuid, session: Uuid, token: Uuid, now: Timestamp) -> Result<String, Problem> {
        let claims = Claims::new(&self.issuer, AUDIENCE, account, session, token, now.0);
        self.ring().current.issue(&claims).map_err(Problem::internal)
    }

    pub fn verify(&self, token: &str, now: Timestamp) -> Result<Good, Problem> {
        self.ring().verifier.verify(token, now.0).map_err(|fault| match fault {
            TokenFault::Expired => Problem::new(Code::TokenExpired),
            TokenFault::NotYet | TokenFault::Invalid => Problem::new(Code::Unauthenticated),
        })
    }

    /// The claims of a token of ours, however old: for ending what it belongs to.
    pub fn signed(&self, token: &str) -> Option<Claims> {
        self.ring().verifier.signed(token)
    }

    /// The keys whose tokens are taken now or will be, for whoever checks tokens: as the database has them, or while that is away as they were last
    /// known.
    pub async fn published(&self) -> Jwks {
        if let Err(problem) = self.keep_up().await {
            warn!(cause = problem.cause().unwrap_or_default(), "the signing keys could not be read again");
        }
        let now = self.store.clock().now();
        self.ring().public.iter().filter(|(_, until)| until.is_none_or(|until| now < until)).map(|(key, _)| key).collect()
    }

    /// The rows of all keys, the oldest first.
    pub async fn rows(&self) -> Result<Vec<Model>, Problem> {
        self.store.all(signing_key::Entity::all()).await
    }

    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Signs where the change log stands.
    pub fn sign_head(&self, seq: i64, hash: &str, now: Timestamp) -> Result<String, Problem> {
        let head = SignedHead { iss: self.issuer.clone(), seq, hash: hash.to_owned(), iat: now.seconds() };
        self.ring().current.sign_head(&head).map_err(Problem::internal)
    }

    /// Every public key, retired ones included: what they signed stays signed.
    pub fn public_keys(&self) -> Vec<PublicKey> {
        self.ring().public.iter().map(|(key, _)| key.clone()).collect()
    }
}

/// Makes the current and the next key, once, however many processes start at the same time.
async fn ensure(store: &Store, sealer: &Sealer) -> Result<(), Problem> {
    if !store.all(signing_key::Entity::all()).await?.is_empty() {
        return Ok(());
    }
    let answer = store
        .write(&Intent::system(Origin::CommandLine), async |tx| {
            if !tx.all(signing_key::Entity::all()).await?.is_empty() {
                return Ok(());
            }
            for state in [KeyState::Current, KeyState::Next] {
                let row = fresh(sealer, state, tx.now())?;
                tx.put_private::<signing_key::Entity>(row.into_active_model().reset_all()).await?;
            }
            Ok(())
        })
        .await?;
    match answer {
        Answer::Fresh { .. } | Answer::Replayed(_) => Ok(()),
    }
}

/// The name of a key in use that was sealed with another secret key than this.
pub async fn sealed_otherwise(store: &Store, sealer: &Sealer) -> Result<Option<String>, Problem> {
    let mut rows = store.all(signing_key::Entity::all()).await?.into_iter().filter(|row| row.state != KeyState::Retired);
    Ok(rows.find(|row| SigningKey::opened(sealer, &row.kid, &row.sealed).is_err()).map(|row| row.kid))
}

fn fresh(sealer: &Sealer, state: KeyState, now: Timestamp) -> Result<Model, Problem> {
    let key = SigningKey::generate().map_err(Problem::internal)?;
    Ok(Model {
        kid: key.kid().to_owned(),
        state,
        public_key: serde_json::to_string(&key.public().jwk()).map_err(Problem::internal)?,
        sealed: key.sealed(sealer).map_err(Problem::internal)?,
        created_at: now,
        retired_at: None,
        revoked_at: None,
    })
}

async fn read(store: &Store, sealer: &Sealer, issuer: &str) -> Result<Ring, Problem> {
    let rows = store.all(signing_key::Entity::all()).await?;
    let mut current = None;
    let mut public = Vec::with_capacity(rows.len());
    for row in &rows {
        let key = match SigningKey::opened(sealer, &row.kid, &row.sealed) {
            Ok(key) => key,
            // Its tokens are over; whoever took its secret key out of the settings knows that heads signed with it cannot be checked.
            Err(fault) if row.state == KeyState::Retired => {
                warn!(kid = row.kid, %fault, "a retired signing key cannot be opened: nothing that it signed can be checked");
                continue;
            }
            Err(fault) => {
                return Err(Problem::internal(format!(
                    "the signing key {} cannot be opened with this GCM_SECRET_KEY ({fault}): use the key it was sealed with",
                    row.kid
                )));
            }
        };
        public.push((key.public().clone(), row.taken_until()));
        if row.state == KeyState::Current {
            current = Some(key);
        }
    }
    let current = current.ok_or_else(|| Problem::internal("the database has no current signing key"))?;
    let verifier = Verifier::new(public.iter().map(|(key, _)| key), issuer, AUDIENCE);
    let ends = public.iter().filter_map(|(key, until)| Some((key.kid().to_owned(), (*until)?)));
    let verifier = ends.fold(verifier, |verifier, (kid, until)| verifier.until(&kid, until.0));
    Ok(Ring { current, public, verifier })
}
