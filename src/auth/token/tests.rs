use super::*;
use crate::auth::secret_key::{MasterKey, SecretKeys};

const ISSUER: &str = "https://gcm.example";
const AUDIENCE: &str = "gcm-api";

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
}

fn claims() -> Claims {
    Claims::new(ISSUER, AUDIENCE, Uuid::from_u128(1), Uuid::from_u128(3), Uuid::from_u128(2), at(0))
}

fn verifier(keys: &[&SigningKey]) -> Verifier {
    Verifier::new(keys.iter().map(|key| key.public()), ISSUER, AUDIENCE)
}

fn sealer() -> Sealer {
    let current = MasterKey::parse(MasterKey::generate().unwrap().expose()).unwrap();
    Sealer::new(&SecretKeys { current, old: Vec::new() }).unwrap()
}

/// Signs any header and claims with a key, as an attacker with a key of ours never could: for what only the
/// checks after the signature refuse.
fn signed(key: &SigningKey, header: &str, claims: &str) -> String {
    let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
    let pair = Ed25519KeyPair::from_pkcs8(key.private.as_bytes()).unwrap();
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(pair.sign(message.as_bytes())))
}

fn header(key: &SigningKey) -> String {
    format!(r#"{{"typ":"at+jwt","alg":"EdDSA","kid":"{}"}}"#, key.kid())
}

#[test]
fn issued_and_verified() {
    let key = SigningKey::generate().unwrap();
    let token = key.issue(&claims()).unwrap();
    assert_eq!(verifier(&[&key]).verify(&token, at(1)).map(|good| good.claims), Ok(claims()));
    let header = jsonwebtoken::decode_header(&token).unwrap();
    assert_eq!((header.typ.as_deref(), header.alg), (Some("at+jwt"), Algorithm::EdDSA));
    assert_eq!(header.kid.as_deref(), Some(key.kid()));
    assert!(token.len() < 600, "{}", token.len());
    let own = signed(&key, &self::header(&key), &serde_json::to_string(&claims()).unwrap());
    assert!(verifier(&[&key]).verify(&own, at(1)).is_ok(), "the helper of the tests below signs rightly");
}

#[test]
fn times() {
    let key = SigningKey::generate().unwrap();
    let token = key.issue(&claims()).unwrap();
    let verify = |seconds| verifier(&[&key]).verify(&token, at(seconds)).map(|_| ());
    assert_eq!(verify(-LEEWAY_SECONDS - 1), Err(TokenFault::NotYet));
    assert_eq!(verify(-LEEWAY_SECONDS), Ok(()));
    assert_eq!(verify(ACCESS_TOKEN_SECONDS + LEEWAY_SECONDS - 1), Ok(()));
    assert_eq!(verify(ACCESS_TOKEN_SECONDS + LEEWAY_SECONDS), Err(TokenFault::Expired));
    assert_eq!(verifier(&[]).verify(&token, at(999_999)), Err(TokenFault::Invalid), "not Expired: not ours");
}

#[test]
fn other_keys_are_not_accepted() {
    let (first, second) = (SigningKey::generate().unwrap(), SigningKey::generate().unwrap());
    let token = first.issue(&claims()).unwrap();
    assert_eq!(verifier(&[&second]).verify(&token, at(1)), Err(TokenFault::Invalid), "unknown kid");
    assert!(verifier(&[&second, &first]).verify(&token, at(1)).is_ok());
    let body = serde_json::to_string(&claims()).unwrap();
    let lying = signed(&second, &header(&first), &body);
    assert_eq!(verifier(&[&first, &second]).verify(&lying, at(1)), Err(TokenFault::Invalid));
}

#[test]
fn altered_and_malformed() {
    let key = SigningKey::generate().unwrap();
    let verifier = verifier(&[&key]);
    let token = key.issue(&claims()).unwrap();
    let parts: Vec<&str> = token.split('.').collect();
    let other = URL_SAFE_NO_PAD.encode(serde_json::to_string(&Claims { sub: Uuid::from_u128(9), ..claims() }).unwrap());
    let long = "a".repeat(5000);
    let bad = [
        String::new(),
        "..".to_owned(),
        "a.b.c".to_owned(),
        "ທ.ທ.ທ".to_owned(),
        format!("{}.{other}.{}", parts[0], parts[2]),
        format!("{}.{}.", parts[0], parts[1]),
        format!("{}.{}", parts[0], parts[1]),
        format!("{token}.x"),
        format!(" {token}"),
        format!("{token}{long}"),
    ];
    for token in bad {
        assert_eq!(verifier.verify(&token, at(1)), Err(TokenFault::Invalid), "{token}");
    }
}

#[test]
fn headers_are_fixed() {
    let key = SigningKey::generate().unwrap();
    let body = serde_json::to_string(&claims()).unwrap();
    let kid = key.kid();
    let bad = [
        format!(r#"{{"typ":"JWT","alg":"EdDSA","kid":"{kid}"}}"#),
        format!(r#"{{"alg":"EdDSA","kid":"{kid}"}}"#),
        r#"{"typ":"at+jwt","alg":"EdDSA"}"#.to_owned(),
        format!(r#"{{"typ":"at+jwt","alg":"none","kid":"{kid}"}}"#),
        format!(r#"{{"typ":"at+jwt","alg":"ES256","kid":"{kid}"}}"#),
        format!(r#"{{"typ":"at+jwt","alg":"EdDSA","kid":"{kid}","crit":["x"],"x":1}}"#),
    ];
    for header in bad {
        assert_eq!(verifier(&[&key]).verify(&signed(&key, &header, &body), at(1)), Err(TokenFault::Invalid), "{header}");
    }
    // The classic: the public key taken for the secret of an HMAC.
    let mut header = Header::new(Algorithm::HS256);
    (header.typ, header.kid) = (Some(TYPE.to_owned()), Some(kid.to_owned()));
    let secret = URL_SAFE_NO_PAD.decode(key.public().jwk().x).unwrap();
    let token = jsonwebtoken::encode(&header, &claims(), &EncodingKey::from_secret(&secret)).unwrap();
    assert_eq!(verifier(&[&key]).verify(&token, at(1)), Err(TokenFault::Invalid));
}

#[test]
fn claims_are_all_needed_and_ours() {
    let key = SigningKey::generate().unwrap();
    let good = serde_json::to_value(claims()).unwrap();
    for name in ["iss", "aud", "sub", "exp", "nbf", "iat", "jti"] {
        let mut body = good.clone();
        body.as_object_mut().unwrap().remove(name);
        let token = signed(&key, &header(&key), &body.to_string());
        assert_eq!(verifier(&[&key]).verify(&token, at(1)), Err(TokenFault::Invalid), "{name}");
    }
    let wrong = [
        ("iss", serde_json::json!("https://other.example")),
        ("aud", serde_json::json!("other")),
        ("aud", serde_json::json!(["other", AUDIENCE])),
        ("sub", serde_json::json!("somebody")),
        ("exp", serde_json::json!("1800000900")),
    ];
    for (name, value) in wrong {
        let mut body = good.clone();
        body[name] = value;
        let token = signed(&key, &header(&key), &body.to_string());
        assert_eq!(verifier(&[&key]).verify(&token, at(1)), Err(TokenFault::Invalid), "{name}");
    }
    let mut extreme = good;
    (extreme["exp"], extreme["nbf"]) = (i64::MAX.into(), i64::MIN.into());
    let token = signed(&key, &header(&key), &extreme.to_string());
    // A negative nbf is refused by the library; what matters is that nothing overflows.
    assert_eq!(verifier(&[&key]).verify(&token, at(1)), Err(TokenFault::Invalid));
}

#[test]
fn kept_sealed() {
    let (key, sealer) = (SigningKey::generate().unwrap(), sealer());
    let sealed = key.sealed(&sealer).unwrap();
    let again = SigningKey::opened(&sealer, key.kid(), &sealed).unwrap();
    assert_eq!(again.public(), key.public());
    let token = again.issue(&claims()).unwrap();
    assert!(verifier(&[&key]).verify(&token, at(1)).is_ok());
    let other = SigningKey::generate().unwrap();
    assert!(SigningKey::opened(&sealer, other.kid(), &sealed).is_err(), "moved to another row");
    assert!(SigningKey::opened(&self::sealer(), key.kid(), &sealed).is_err(), "another master key");
    assert_eq!(format!("{key:?}"), format!("SigningKey({})", key.kid()));
}

#[test]
fn published() {
    let key = SigningKey::generate().unwrap();
    let document: Jwks = [key.public()].into_iter().collect();
    let json = serde_json::to_value(&document).unwrap();
    let x = &key.public().x;
    let expected = serde_json::json!({"keys": [{
        "kty": "OKP", "crv": "Ed25519", "x": x, "kid": key.kid(), "use": "sig", "alg": "EdDSA"
    }]});
    assert_eq!(json, expected);
    // RFC 8037, appendix A.3.
    let public = URL_SAFE_NO_PAD.decode("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo").unwrap();
    assert_eq!(PublicKey::new(&public).kid(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
}

#[test]
fn a_key_is_taken_until_its_end() {
    let (old, new) = (SigningKey::generate().unwrap(), SigningKey::generate().unwrap());
    let verifier = verifier(&[&old, &new]).until(old.kid(), at(100)).until("unknown", at(0));
    let verify = |key: &SigningKey, seconds| verifier.verify(&key.issue(&claims()).unwrap(), at(seconds)).map(|_| ());
    assert_eq!((verify(&old, 99), verify(&old, 100)), (Ok(()), Err(TokenFault::Expired)));
    assert_eq!(verify(&new, 100), Ok(()));
}

#[test]
fn what_a_key_signed_after_its_end_is_not_believed() {
    let key = SigningKey::generate().unwrap();
    let token = key.issue(&claims()).unwrap();
    let signed = |end| verifier(&[&key]).until(key.kid(), at(end)).signed(&token).map(|claims| claims.jti);
    assert_eq!((signed(0), signed(1)), (None, Some(claims().jti)));
}
