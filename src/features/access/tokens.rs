//! Signing in and staying signed in: the OAuth 2.0 token endpoint.

use std::{collections::BTreeMap, sync::Arc};

use actix_web::{
    HttpRequest, HttpResponse, Responder,
    http::{StatusCode, header},
    post,
    web::Data,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use tracing::info;
use utoipa::{
    IntoResponses, ToSchema,
    openapi::{RefOr, Response},
};

use super::{
    clerk::{Clerk, Refusal},
    door::Door,
    keys::Keys,
    passwords::Checking,
    sessions::Visitor,
    throttle::Throttle,
};
use crate::{
    http::{context::Context, mount::Mount, reply::body},
    problem::Problem,
    store::Store,
};

/// A request for an access token; the fields depend on `grant_type`.
#[derive(Deserialize, ToSchema)]
pub struct TokenRequest {
    /// `password` or `refresh_token` for people, `client_credentials` for machine accounts.
    #[serde(default)]
    #[schema(required = true, examples("password"))]
    pub grant_type: String,
    /// The user name, with `password`.
    #[schema(value_type = String, required = false, examples("mofa.coordinator"))]
    pub username: Option<String>,
    /// The password, with `password`.
    #[schema(value_type = String, required = false, format = Password, examples("river-Stone-lantern-47"))]
    pub password: Option<String>,
    /// What the last answer gave, with `refresh_token`.
    #[schema(value_type = String, required = false, format = Password, examples("gcmr_AZqx…"))]
    pub refresh_token: Option<String>,
    /// The machine account, with `client_credentials`; or send it as HTTP basic authentication.
    #[schema(value_type = String, required = false, examples("gcm-0192f3a4b5c67d8e9f01a2b3c4d5e6f7"))]
    pub client_id: Option<String>,
    /// Its secret, with `client_credentials`; or send it as HTTP basic authentication.
    #[schema(value_type = String, required = false, format = Password, examples("gcm_Zm9yIHRoZSBleGFtcGxlIG9mIHRoZSBjb250cmFjdCE"))]
    pub client_secret: Option<String>,
    /// Taken and not used: what an account may do is said by the account.
    #[schema(value_type = String, required = false, examples("read write"))]
    #[expect(dead_code, reason = "OAuth clients send it; it changes nothing")]
    scope: Option<String>,
}

/// An access token, and for people what renews it. As RFC 6749 has it, what there is none of is left out.
#[derive(Serialize, ToSchema)]
pub struct TokenAnswer {
    /// Send it as `Authorization: Bearer …`.
    #[schema(examples("eyJ0eXAiOiJhdCtqd3QiLCJhbGciOiJFZERTQSIsImtpZCI6Ii4uLiJ9…"))]
    pub access_token: String,
    /// Always `Bearer`.
    #[schema(examples("Bearer"))]
    pub token_type: &'static str,
    /// After so many seconds a new one is needed.
    #[schema(minimum = 1, examples(900))]
    pub expires_in: u32,
    /// For `grant_type=refresh_token`: good once, and the answer holds the next one. Only people get one. Send it to `/v1/auth/revoke` to sign
    /// out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false, examples("gcmr_AZqx…"))]
    pub refresh_token: Option<String>,
    /// After so many seconds without a refresh, sign in again.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = u32, required = false, minimum = 1, examples(1_209_600))]
    pub refresh_expires_in: Option<u32>,
}

/// Why no token was given, as RFC 6749 says it.
#[derive(Debug, Serialize, ToSchema)]
pub struct TokenProblem {
    /// The kind of refusal by RFC 6749.
    #[schema(examples("invalid_grant"))]
    error: &'static str,
    /// What to do about it.
    #[schema(examples("The user name or the password is wrong."))]
    error_description: String,
    /// The kind of refusal as a word of this API that never changes.
    #[schema(examples("invalid_grant"))]
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

/// What is said of 429 where OAuth clients ask.
pub const TOO_MANY: &str = "Too many requests, or too many wrong sign-ins: send it again after the seconds in Retry-After.";

impl IntoResponses for TokenReply {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let refused = || RefOr::T(body::<TokenProblem>("No token was given: `error` says why, as in RFC 6749.").build());
        BTreeMap::from([
            ("200".to_owned(), RefOr::T(body::<TokenAnswer>("An access token.").build())),
            ("400".to_owned(), refused()),
            ("401".to_owned(), refused()),
            ("429".to_owned(), RefOr::T(body::<TokenProblem>(TOO_MANY).build())),
        ])
    }
}

pub fn mount(config: &mut Mount<'_>) {
    config.service(request_token);
}

/// Get an access token
///
/// OAuth 2.0 token endpoint (RFC 6749): people send `grant_type=password` with `username` and `password`, machine accounts
/// `grant_type=client_credentials` with their id and secret. No client id for people.
///
/// People get a refresh token besides. Send it with `grant_type=refresh_token` for the next access token: it is good once, and the answer holds the
/// one for the next time. When two tabs or a lost answer send one token twice within 30 seconds, both get an answer and both go on. Whoever sends
/// one that was used longer ago, or whose successor was used, ends the session: then either side is a thief. A session ends after 14 days without a
/// refresh, and after 90 days in any case.
///
/// Wrong passwords are counted, by network and by user name, and too many are 429 with `Retry-After`: wait that long, a minute at most, then send
/// it again. What is right counts for nothing, and nobody elsewhere uses up the tries that an account has where it usually signs
/// in.
#[utoipa::path(tag = "Access", security(()), request_body(content = TokenRequest, content_type = "application/x-www-form-urlencoded"))]
#[post("/v1/auth/token")]
async fn request_token(
    request: HttpRequest,
    store: Data<Store>,
    keys: Data<Arc<Keys>>,
    door: Data<Door>,
    checking: Data<Checking>,
    throttle: Data<Throttle>,
) -> Result<TokenReply, Problem> {
    let context = Context::of(&request)?;
    let visitor = Visitor::new(header_text(&request, header::USER_AGENT), context.network);
    let clerk = Clerk { store: &store, keys: &keys, door: &door, checking: &checking, throttle: &throttle, context: &context, visitor };
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
    info!(error, "no token was given");
    let status = if error == "invalid_client" { 401 } else { 400 };
    TokenReply::Refused { status, problem: TokenProblem::new(error, text, context) }
}

impl TokenProblem {
    pub fn new(error: &'static str, text: &str, context: &Context) -> Self {
        Self { error, error_description: text.to_owned(), code: error, request_id: context.request_id.clone() }
    }
}

fn header_text(request: &HttpRequest, name: header::HeaderName) -> Option<&str> {
    request.headers().get(name).and_then(|value| value.to_str().ok())
}

/// A form as OAuth clients send it.
pub fn read<T: DeserializeOwned>(request: &HttpRequest, context: &Context) -> Result<T, String> {
    let sent = header_text(request, header::CONTENT_TYPE).unwrap_or_default();
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
