//! What browsers are told not to do with our answers.

use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};

/// Answers are data: nothing in them runs, loads anything, or stands in another page.
const DATA: &str = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
/// The documentation runs what this service sends with it, and nothing else; its program sets styles of its own.
const DOCUMENTATION: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; \
    frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/// Whether this is a page of the documentation.
pub fn is_documentation(path: &str) -> bool {
    path == "/docs" || path.starts_with("/docs/")
}

/// Puts on every answer what it does not say already. `https`: the service is reached by it.
///
/// `Cross-Origin-Resource-Policy` keeps other sites from drawing our answers in without asking, as images or scripts; a portal that asks (CORS) is not
/// touched by it.
pub fn guard(headers: &mut HeaderMap, path: &str, https: bool) {
    let policy = if is_documentation(path) { DOCUMENTATION } else { DATA };
    let mut put = |name: HeaderName, value: &'static str| {
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    };
    put(header::CACHE_CONTROL, "private, no-cache");
    put(header::CONTENT_SECURITY_POLICY, policy);
    put(header::CROSS_ORIGIN_OPENER_POLICY, "same-origin");
    put(header::CROSS_ORIGIN_RESOURCE_POLICY, "same-origin");
    put(header::PERMISSIONS_POLICY, "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()");
    put(header::REFERRER_POLICY, "no-referrer");
    put(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    put(header::X_FRAME_OPTIONS, "DENY");
    if https {
        put(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    }
}
