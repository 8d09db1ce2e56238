//! Proof that the record was not altered.

use std::sync::Arc;

use actix_web::{get, web::Data};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    clock::Timestamp,
    features::access::keys::Keys,
    http::{Api, extract::Caller, mount::Mount, reply::Document},
    store::Store,
};

/// Where the change log stands, signed by the instance.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditHead {
    /// Number of the last change, as text since it may outgrow a JSON number.
    #[schema(examples("1042"))]
    seq: String,
    /// Hash of the last change, over all before it: SHA-256 in lower-case hexadecimal.
    #[schema(examples("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"))]
    hash: String,
    /// When this was signed.
    at: Timestamp,
    /// The same as a signed token (JWS, EdDSA): keep it outside, and `gcm-api audit verify --anchor` holds the log against it.
    #[schema(examples("eyJ0eXAiOiJhdWRpdC1oZWFkK2p3dCIsImFsZyI6IkVkRFNBIn0…"))]
    signed: String,
}

pub fn mount(config: &mut Mount<'_>) {
    config.service(get_audit_head);
}

/// Read the head of the change log
///
/// Number and hash of the last change, signed. Whoever keeps it can prove later that nothing recorded before it was altered or taken away.
#[utoipa::path(tag = "Audit")]
#[get("/v1/audit/head")]
async fn get_audit_head(store: Data<Store>, keys: Data<Arc<Keys>>, _caller: Caller) -> Api<Document<AuditHead>> {
    let head = store.change_head().await?;
    let at = store.clock().now();
    let signed = keys.sign_head(head.seq, &head.hash, at)?;
    Ok(Document(AuditHead { seq: head.seq.to_string(), hash: head.hash, at, signed }))
}
