//! Who gives out tokens: looks at what was sent, asks the tables, begins and renews sessions.

use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, QueryFilter};
use uuid::Uuid;

use super::{
    door::Door,
    keys::Keys,
    passwords::Checking,
    security::{Event, event},
    sessions::{self, Lease, Renewal, Visitor},
    throttle::{Place, Throttle},
    tokens::{TokenAnswer, TokenRequest},
};
use crate::{
    auth::{password, token::ACCESS_TOKEN_SECONDS},
    entity::{account, credential, service_account, service_secret},
    http::context::Context,
    problem::Problem,
    store::{Store, fresh_id},
};

/// Why no token is given.
pub enum Refusal {
    /// In the words of RFC 6749: the kind, and what to do about it.
    Here(&'static str, &'static str),
    Problem(Problem),
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

const WRONG_PASSWORD: Refusal = Refusal::Here("invalid_grant", "The user name or the password is wrong, or the account may not sign in.");
const WRONG_SECRET: Refusal =
    Refusal::Here("invalid_client", "The client id or its secret is wrong, or the machine account may not sign in.");

const WRONG_REFRESH: Refusal =
    Refusal::Here("invalid_grant", "The refresh token is unknown, used up or too old, or its session has ended: sign in again.");

/// Who gives out tokens.
pub struct Clerk<'a> {
    pub store: &'a Store,
    pub keys: &'a Keys,
    pub door: &'a Door,
    pub checking: &'a Checking,
    pub throttle: &'a Throttle,
    pub context: &'a Context,
    pub visitor: Visitor,
}

impl Clerk<'_> {
    pub async fn grant(&self, form: TokenRequest, basic: Option<(String, String)>) -> Result<TokenAnswer, Refusal> {
        self.keys.keep_up().await?;
        match form.grant_type.as_str() {
            "password" => match (form.username, form.password) {
                (Some(username), Some(password)) => self.of_lease(self.person(&username, password).await?),
                _ => Err(Refusal::Here("invalid_request", "grant_type=password needs username and password.")),
            },
            "refresh_token" => match form.refresh_token {
                Some(token) => self.of_lease(self.counted(self.renewal(&token).await)?),
                None => Err(Refusal::Here("invalid_request", "grant_type=refresh_token needs refresh_token.")),
            },
            "client_credentials" => match basic.or(form.client_id.zip(form.client_secret)) {
                Some((id, secret)) => {
                    let (account, session) = self.counted(self.machine(&id, &secret).await)?;
                    self.answer(account, session)
                }
                None => Err(Refusal::Here("invalid_client", "grant_type=client_credentials needs a client id and its secret.")),
            },
            "" => Err(Refusal::Here("invalid_request", "grant_type is missing: send password, refresh_token or client_credentials.")),
            _ => Err(Refusal::Here(
                "unsupported_grant_type",
                "Send grant_type=password, grant_type=refresh_token or grant_type=client_credentials.",
            )),
        }
    }

    fn answer(&self, account: Uuid, session: Uuid) -> Result<TokenAnswer, Refusal> {
        let now = self.store.clock().now();
        let access_token = self.keys.issue(account, session, fresh_id(now), now)?;
        let expires_in = u32::try_from(ACCESS_TOKEN_SECONDS).unwrap_or_default();
        Ok(TokenAnswer { access_token, token_type: "Bearer", expires_in, refresh_token: None, refresh_expires_in: None })
    }

    fn of_lease(&self, lease: Lease) -> Result<TokenAnswer, Refusal> {
        let left = lease.expires_at.seconds() - self.store.clock().now().seconds();
        let renewal = (Some(lease.refresh_token.expose().to_owned()), u32::try_from(left.max(1)).ok());
        let answer = self.answer(lease.account, lease.session)?;
        Ok(TokenAnswer { refresh_token: renewal.0, refresh_expires_in: renewal.1, ..answer })
    }

    fn event(&self, what: Event, account: Option<Uuid>, detail: &str) {
        event(what, account, self.context, detail);
    }

    /// What was wrong counts against the network that it came from.
    fn counted<T>(&self, given: Result<T, Refusal>) -> Result<T, Refusal> {
        if matches!(given, Err(Refusal::Here(..))) {
            self.throttle.wrong(self.context)?;
        }
        given
    }

    /// An unknown account costs the same time as a wrong password.
    async fn person(&self, username: &str, password: String) -> Result<Lease, Refusal> {
        if username.contains('\0') {
            return Err(WRONG_PASSWORD);
        }
        let attempt = self.throttle.password(self.context, username).await?;
        let found = self.store.first(account::Entity::by_username(username)).await?;
        let known = match found.as_ref().filter(|row| self.door.lets_in_person(row)) {
            Some(row) => self.store.first(credential::Entity::of(row.id)).await?,
            None => None,
        };
        let hash = known.as_ref().map(|credential| credential.password_hash.clone());
        let fits = match self.checking.fits(password, hash).await {
            Ok(fits) => fits,
            Err(busy) => {
                // Nobody found out whether it was wrong.
                attempt.give_back();
                return Err(busy.into());
            }
        };
        let lease = match known.filter(|_| fits) {
            Some(known) => self.begin(&known, attempt.right()).await?,
            None => None,
        };
        match (&lease, found) {
            (Some(lease), _) => self.event(Event::SignedIn, Some(lease.account), "password"),
            (None, Some(row)) if !self.door.lets_in_person(&row) => {
                self.event(Event::SignInFailed, Some(row.id), "the account may not sign in")
            }
            (None, Some(row)) => self.event(Event::SignInFailed, Some(row.id), "wrong password"),
            (None, None) => self.event(Event::SignInFailed, None, "no such account"),
        }
        lease.ok_or(WRONG_PASSWORD)
    }

    /// Begins a session for whoever showed this password. A password that was changed meanwhile begins none: the credential is held until the
    /// commit, and whoever changes it afterwards finds the session and ends it.
    async fn begin(&self, known: &credential::Model, place: Option<Place>) -> Result<Option<Lease>, Problem> {
        sessions::make_room(self.store, known.account_id).await?;
        let held = credential::ActiveModel { changed_at: Set(known.changed_at), ..credential::ActiveModel::default() };
        let same = || {
            let account = credential::Column::AccountId.eq(known.account_id);
            Condition::all().add(account).add(credential::Column::PasswordHash.eq(known.password_hash.as_str()))
        };
        self.store
            .aside(async |aside| match aside.update::<credential::Entity>(held.clone(), same()).await? {
                0 => Ok(None),
                _ => {
                    let lease = sessions::begin(aside, known.account_id, &self.visitor).await?;
                    if let Some(place) = &place {
                        place.remember(aside, known.account_id).await?;
                    }
                    Ok(Some(lease))
                }
            })
            .await
    }

    async fn renewal(&self, token: &str) -> Result<Lease, Refusal> {
        match sessions::renew(self.store, self.door, token).await? {
            Renewal::Given(lease) => Ok(lease),
            Renewal::Refused => Err(WRONG_REFRESH),
            Renewal::Reused { session, account } => {
                self.event(Event::RefreshTokenReused, Some(account), "its session ends");
                sessions::end_now(self.store, account, &[session]).await?;
                Err(WRONG_REFRESH)
            }
        }
    }

    /// The machine account, and what stands for the secret that it showed.
    async fn machine(&self, client_id: &str, secret: &str) -> Result<(Uuid, Uuid), Refusal> {
        if client_id.contains('\0') {
            return Err(WRONG_SECRET);
        }
        let row = self.store.first(service_account::Entity::by_client_id(client_id)).await?;
        let account = row.as_ref().map(|row| row.id);
        let session = match row.filter(|row| self.door.lets_in_machine(row)) {
            Some(row) => self.secret(row.id, secret).await?,
            None => None,
        };
        match account.zip(session) {
            Some((account, session)) => {
                self.event(Event::SignedIn, Some(account), "client secret");
                Ok((account, session))
            }
            None => {
                self.event(Event::SignInFailed, account, if account.is_some() { "wrong client secret" } else { "no such machine account" });
                Err(WRONG_SECRET)
            }
        }
    }

    async fn secret(&self, account: Uuid, secret: &str) -> Result<Option<Uuid>, Problem> {
        let digest = password::sha256_hex(secret);
        let now = self.store.clock().now();
        let same = service_secret::Entity::of(account).filter(service_secret::Column::Digest.eq(digest.as_str()));
        let live = self.store.first(same).await?.is_some_and(|known| known.expires_at.is_none_or(|end| end > now));
        Ok(password::secret_id(&digest).filter(|_| live))
    }
}
