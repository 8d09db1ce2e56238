//! The limits, as every operation that has them documents them.

use serde_json::{Value, json};

/// The headers that many answers share.
pub fn headers() -> Value {
    let header = |description: &str, example: &str| json!({"description": description, "schema": {"type": "string"}, "example": example});
    json!({
        "RateLimit": header(
            "How you stand with the limit that this request was counted against (draft-ietf-httpapi-ratelimit-headers): `r` requests are left, and after \
             `t` seconds there is one more.",
            "\"default\";r=599;t=1",
        ),
        "RateLimit-Policy": header(
            "The limit: `q` requests, regained over `w` seconds. `default` is counted by account, `public` (without a token) by network.",
            "\"default\";q=600;w=60",
        ),
        "Retry-After": {
            "description": "After so many seconds it is worth trying again; comes with 429 and 503.",
            "schema": {"type": "integer", "minimum": 1},
            "example": 2,
        },
    })
}

/// Names the headers in every response that may carry them. `/health/*` and `/metrics` are never limited.
pub fn document(contract: &mut Value) {
    let paths = contract.get_mut("paths").and_then(Value::as_object_mut).into_iter().flatten();
    for (path, item) in paths {
        let limited = !path.starts_with("/health/") && path != "/metrics";
        let operations = item.as_object_mut().into_iter().flat_map(|item| item.values_mut());
        let responses = operations.filter_map(|operation| operation.get_mut("responses")?.as_object_mut()).flatten();
        for (status, response) in responses {
            let again = status.starts_with('4') || status.starts_with('5');
            let names = [("RateLimit", limited), ("RateLimit-Policy", limited), ("Retry-After", again)];
            let Some(response) = response.as_object_mut() else { continue };
            let headers = response.entry("headers").or_insert_with(|| json!({}));
            let Some(headers) = headers.as_object_mut() else { continue };
            for (name, _) in names.into_iter().filter(|(_, carried)| *carried) {
                headers.insert(name.to_owned(), json!({"$ref": format!("#/components/headers/{name}")}));
            }
        }
    }
}
