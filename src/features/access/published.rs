//! What others need to check our tokens, and to find out how to get one.

use std::sync::Arc;

use actix_web::{get, web::Data};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::keys::Keys;
use crate::{
    http::{mount::Mount, reply::Document},
    problem::Problem,
};

pub fn mount(config: &mut Mount<'_>) {
    config.service(get_jwks).service(get_authorization_server);
}

/// Public keys of access tokens
///
/// JSON Web Key Set (RFC 7517): the keys with which the signature of an access token can be checked. A new key stands here before it signs.
#[utoipa::path(tag = "Access", security(()))]
#[get("/.well-known/jwks.json")]
async fn get_jwks(keys: Data<Arc<Keys>>) -> Result<Document<JsonWebKeySet>, Problem> {
    keys.keep_up().await?;
    let jwks = serde_json::to_value(keys.published().await).map_err(Problem::internal)?;
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
        revocation_endpoint: format!("{issuer}/v1/auth/revoke"),
        jwks_uri: format!("{issuer}/.well-known/jwks.json"),
        grant_types_supported: json!(["password", "refresh_token", "client_credentials"]),
        token_endpoint_auth_methods_supported: json!(["client_secret_basic", "client_secret_post", "none"]),
        revocation_endpoint_auth_methods_supported: json!(["none"]),
        response_types_supported: json!([]),
        issuer,
    }))
}

/// OAuth 2.0 authorization server metadata (RFC 8414).
#[derive(Serialize, ToSchema)]
pub struct AuthorizationServer {
    /// The address of this instance, as it stands in `iss` of its tokens.
    #[schema(examples("https://gcm.example.org"))]
    issuer: String,
    /// Where tokens are given out.
    #[schema(examples("https://gcm.example.org/v1/auth/token"))]
    token_endpoint: String,
    /// Where tokens are taken back.
    #[schema(examples("https://gcm.example.org/v1/auth/revoke"))]
    revocation_endpoint: String,
    /// Where the public keys stand.
    #[schema(examples("https://gcm.example.org/.well-known/jwks.json"))]
    jwks_uri: String,
    /// The grants that are taken.
    #[schema(value_type = Vec<String>)]
    grant_types_supported: Value,
    /// How a machine account may show its secret.
    #[schema(value_type = Vec<String>)]
    token_endpoint_auth_methods_supported: Value,
    /// How a client shows who it is when it takes a token back: not at all, holding the token is enough.
    #[schema(value_type = Vec<String>)]
    revocation_endpoint_auth_methods_supported: Value,
    /// None: there is no authorization endpoint.
    #[schema(value_type = Vec<String>)]
    response_types_supported: Value,
}
