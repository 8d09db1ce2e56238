//! Signing in: the OAuth 2.0 token endpoint, and what others need to check our tokens.

use std::{collections::BTreeMap, sync::Arc};

use actix_web::{
    HttpRequest, HttpResponse, Responder, get,
    http::{StatusCode, header},
    post,
    web::{self, Data},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use sea_orm::{ColumnTrait, QueryFilter};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::sync::Semaphore;
use tracing::info;
use utoipa::{
    IntoResponses, ToSchema,
    openapi::{RefOr, Response},
};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::{door::Door, keys::Keys};
use crate::{
    auth::{password, token::ACCESS_TOKEN_SECONDS},
    entity::{account, credential, service_account, service_secret},
    http::{
        context::Context,
        reply::{Document, body},
    },
    problem::Problem,
    store::{Store, fresh_id},
};

/// How many passwords are checked at once: each takes 19 MiB and a core.
pub struct Checking(pub Semaphore);

/// A request for an access token; the fields depend on `grant_type`.
#[derive(Deserialize, ToSchema)]
pub struct TokenRequest {
    /// `password` for people, `client_credentials` for machine accounts.
    #[serde(default)]
    #[schema(required = true, examples("password"))]
    grant_type: String,
    /// The user name, with `password`.
    #[schema(value_type = String, required = false, examples("mofa.coordinator"))]
    username: Option<String>,
    /// The password, with `password`.
    #[schema(value_type = String, required = false, format = Password)]
    password: Option<String>,
    /// The machine account, with `client_credentials`; or send it as HTTP basic authentication.
    #[schema(value_type = String, required = false)]
    client_id: Option<String>,
    /// Its secret, with `client_credentials`; or send it as HTTP basic authentication.
    #[schema(value_type = String, required = false, format = Password)]
    client_secret: Option<String>,
    /// Taken and not used: what an account may do is said by the account.
    #[schema(value_type = String, required = false)]
    #[expect(dead_code, reason = "OAuth clients send it; it changes nothing")]
    scope: Option<String>,
}

/// An access token.
#[derive(Serialize, ToSchema)]
pub struct TokenAnswer {
    /// Send it as `Authorization: Bearer …`.
    access_token: String,
    /// Always `Bearer`.
    #[schema(examples("Bearer"))]
    token_type: &'static str,
    /// After so many seconds a new one is needed.
    #[schema(minimum = 1, examples(900))]
    expires_in: u32,
}

/// Why no token was given, as RFC 6749 says it.
#[derive(Debug, Serialize, ToSchema)]
pub struct TokenProblem {
    /// The kind of refusal by RFC 6749.
    #[schema(examples("invalid_grant"))]
    error: &'static str,
    /// What to do about it.
    error_description: String,
    /// The kind of refusal as a word of this API that never changes.
    code: &'static str,
    /// Names this request in the operator's log.
    request_id: String,
}

/// The answer of the token endpoint.
pub enum TokenReply {
    Granted(TokenAnswer),
    Refused { status: u16, problem: TokenProblem },
}

impl Responder for TokenReply {
    type Body = actix_web::body::BoxBody;

    fn respond_to(self, _request: &HttpRequest) -> HttpResponse {
        let no_store = (header::CACHE_CONTROL, "no-store");
        match self {
            Self::Granted(answer) => HttpResponse::Ok().insert_header(no_store).json(answer),
            Self::Refused { status, problem } => {
                let mut refusal = HttpResponse::build(StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST));
                if status == 401 {
                    refusal.insert_header((header::WWW_AUTHENTICATE, "Basic realm=\"gcm-api\""));
                }
                refusal.insert_header(no_store).json(problem)
            }
        }
    }
}

impl IntoResponses for TokenReply {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let refused = || RefOr::T(body::<TokenProblem>("No token was given: `error` says why, as in RFC 6749.").build());
        BTreeMap::from([
            ("200".to_owned(), RefOr::T(body::<TokenAnswer>("An access token.").build())),
            ("400".to_owned(), refused()),
            ("401".to_owned(), refused()),
        ])
    }
}

pub fn mount(config: &mut ServiceConfig<'_>) {
    config.service(request_token).service(get_jwks).service(get_authorization_server);
}

/// Get an access token
///
/// OAuth 2.0 token endpoint (RFC 6749): people send `grant_type=password` with `username` and `password`, machine accounts
/// `grant_type=client_credentials` with their id and secret. No client id for people.
#[utoipa::path(tag = "Access", security(()), request_body(content = TokenRequest, content_type = "application/x-www-form-urlencoded"))]
#[post("/v1/auth/token")]
async fn request_token(
    request: HttpRequest,
    store: Data<Store>,
    keys: Data<Arc<Keys>>,
    door: Data<Door>,
    checking: Data<Checking>,
) -> Result<TokenReply, Problem> {
    let context = Context::of(&request)?;
    let clerk = Clerk { store: &store, keys: &keys, door: &door, checking: &checking };
    match read(&request, &context).map(|form| (form, basic(&request))) {
        Ok((form, basic)) => match clerk.grant(form, basic).await {
            Ok(answer) => Ok(TokenReply::Granted(answer)),
            Err(Refusal::Here(error, text)) => Ok(refuse(error, text, &context)),
            Err(Refusal::Problem(problem)) => Err(problem),
        },
        Err(text) => Ok(refuse("invalid_request", &text, &context)),
    }
}

fn refuse(error: &'static str, text: &str, context: &Context) -> TokenReply {
    info!(request_id = %context.request_id, error, "no token was given");
    let status = if error == "invalid_client" { 401 } else { 400 };
    let problem = TokenProblem { error, error_description: text.to_owned(), code: error, request_id: context.request_id.clone() };
    TokenReply::Refused { status, problem }
}

fn read(request: &HttpRequest, context: &Context) -> Result<TokenRequest, String> {
    let sent = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = sent.split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Err("Send the form as application/x-www-form-urlencoded.".to_owned());
    }
    serde_html_form::from_bytes(&context.body).map_err(|error| format!("The form cannot be read: {error}."))
}

/// The id and secret of HTTP basic authentication, each form-encoded as RFC 6749 section 2.3.1 asks.
fn basic(request: &HttpRequest) -> Option<(String, String)> {
    let header = request.headers().get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, encoded) = header.split_once(' ')?;
    let decoded = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (id, secret) = decoded.split_once(':')?;
    let plain = |text: &str| {
        let pairs: Vec<(String, String)> =
            serde_html_form::from_str(&format!("v={}", text.replace('&', "%26").replace('=', "%3D"))).ok()?;
        pairs.into_iter().next().map(|(_, value)| value)
    };
    (scheme.eq_ignore_ascii_case("basic") && !id.is_empty()).then_some((plain(id)?, plain(secret)?))
}

enum Refusal {
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

struct Clerk<'a> {
    store: &'a Store,
    keys: &'a Keys,
    door: &'a Door,
    checking: &'a Checking,
}

impl Clerk<'_> {
    async fn grant(&self, form: TokenRequest, basic: Option<(String, String)>) -> Result<TokenAnswer, Refusal> {
        let account = match form.grant_type.as_str() {
            "password" => match (form.username, form.password) {
                (Some(username), Some(password)) => self.person(&username, password).await?,
                _ => return Err(Refusal::Here("invalid_request", "grant_type=password needs username and password.")),
            },
            "client_credentials" => match basic.or(form.client_id.zip(form.client_secret)) {
                Some((id, secret)) => self.machine(&id, &secret).await?,
                None => return Err(Refusal::Here("invalid_client", "grant_type=client_credentials needs a client id and its secret.")),
            },
            "" => return Err(Refusal::Here("invalid_request", "grant_type is missing: send password or client_credentials.")),
            _ => return Err(Refusal::Here("unsupported_grant_type", "Send grant_type=password or grant_type=client_credentials.")),
        };
        let now = self.store.clock().now();
        let access_token = self.keys.issue(account, fresh_id(now), now)?;
        Ok(TokenAnswer { access_token, token_type: "Bearer", expires_in: u32::try_from(ACCESS_TOKEN_SECONDS).unwrap_or_default() })
    }

    /// An unknown account costs the same time as a wrong password.
    async fn person(&self, username: &str, password: String) -> Result<Uuid, Refusal> {
        if username.contains('\0') {
            return Err(WRONG_PASSWORD);
        }
        let row = self.store.first(account::Entity::by_username(username)).await?.filter(|row| self.door.lets_in_person(row));
        let known = match &row {
            Some(row) => self.store.first(credential::Entity::of(row.id)).await?.map(|credential| credential.password_hash),
            None => None,
        };
        let _turn = self.checking.0.acquire().await.map_err(Problem::internal)?;
        let fits = web::block(move || match known {
            Some(hash) => password::verify(&password, &hash),
            None => {
                password::waste();
                false
            }
        });
        match (fits.await.map_err(Problem::internal)?, row) {
            (true, Some(row)) => Ok(row.id),
            _ => Err(WRONG_PASSWORD),
        }
    }

    async fn machine(&self, client_id: &str, secret: &str) -> Result<Uuid, Refusal> {
        if client_id.contains('\0') {
            return Err(WRONG_SECRET);
        }
        let row = self.store.first(service_account::Entity::by_client_id(client_id)).await?;
        let row = row.filter(|row| self.door.lets_in_machine(row)).ok_or(WRONG_SECRET)?;
        let digest = password::sha256_hex(secret);
        let now = self.store.clock().now();
        let secrets = self.store.all(service_secret::Entity::of(row.id).filter(service_secret::Column::Digest.eq(digest.as_str()))).await?;
        let live =
            secrets.iter().any(|known| password::same_digest(&known.digest, &digest) && known.expires_at.is_none_or(|end| end > now));
        if live { Ok(row.id) } else { Err(WRONG_SECRET) }
    }
}

/// Public keys of access tokens
///
/// JSON Web Key Set (RFC 7517): the keys with which the signature of an access token can be checked. A new key stands here before it signs.
#[utoipa::path(tag = "Access", security(()))]
#[get("/.well-known/jwks.json")]
async fn get_jwks(keys: Data<Arc<Keys>>) -> Result<Document<JsonWebKeySet>, Problem> {
    let jwks = serde_json::to_value(keys.jwks()).map_err(Problem::internal)?;
    let keys = jwks.get("keys").and_then(Value::as_array).cloned().unwrap_or_default();
    Ok(Document(JsonWebKeySet { keys }))
}

/// A JSON Web Key Set (RFC 7517).
#[derive(Serialize, ToSchema)]
pub struct JsonWebKeySet {
    /// The public keys: Ed25519, for EdDSA signatures (RFC 8037).
    #[schema(value_type = Vec<Object>)]
    keys: Vec<Value>,
}

/// What this authorization server offers
///
/// OAuth 2.0 authorization server metadata (RFC 8414).
#[utoipa::path(tag = "Access", security(()))]
#[get("/.well-known/oauth-authorization-server")]
async fn get_authorization_server(keys: Data<Arc<Keys>>) -> Result<Document<AuthorizationServer>, Problem> {
    let issuer = keys.issuer().to_owned();
    Ok(Document(AuthorizationServer {
        token_endpoint: format!("{issuer}/v1/auth/token"),
        jwks_uri: format!("{issuer}/.well-known/jwks.json"),
        grant_types_supported: json!(["password", "client_credentials"]),
        token_endpoint_auth_methods_supported: json!(["client_secret_basic", "client_secret_post", "none"]),
        response_types_supported: json!([]),
        issuer,
    }))
}

/// OAuth 2.0 authorization server metadata (RFC 8414).
#[derive(Serialize, ToSchema)]
pub struct AuthorizationServer {
    /// The address of this instance, as it stands in `iss` of its tokens.
    issuer: String,
    /// Where tokens are given out.
    token_endpoint: String,
    /// Where the public keys stand.
    jwks_uri: String,
    /// The grants that are taken.
    #[schema(value_type = Vec<String>)]
    grant_types_supported: Value,
    /// How a machine account may show its secret.
    #[schema(value_type = Vec<String>)]
    token_endpoint_auth_methods_supported: Value,
    /// None: there is no authorization endpoint.
    #[schema(value_type = Vec<String>)]
    response_types_supported: Value,
}
