//! Calling the service, and its answers.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr},
    rc::Rc,
};

use actix_web::{
    body::to_bytes,
    http::{Method, header::HeaderMap},
    test::TestRequest,
    web::Bytes,
};
use futures_util::future::LocalBoxFuture;
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::promise;

/// The service as one process runs it, without a socket.
pub type Service = Rc<dyn Fn(TestRequest) -> LocalBoxFuture<'static, (u16, HeaderMap, Result<Bytes, String>)>>;

/// Somebody who calls the service. Clones may call at the same time.
#[derive(Clone)]
pub struct Client {
    pub(super) service: Service,
    pub(super) token: Option<String>,
    pub(super) account: Option<Uuid>,
    pub(super) name: String,
    pub(super) secret: Option<(String, String)>,
}

impl Client {
    /// The account behind it.
    pub fn account_id(&self) -> Uuid {
        self.account.expect("this client has an account")
    }

    /// The user name, or the name of the machine account.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The access token that it sends.
    pub fn token(&self) -> &str {
        self.token.as_deref().expect("this client has a token")
    }

    /// Of a machine account: client id and secret.
    pub fn secret(&self) -> (&str, &str) {
        let (id, secret) = self.secret.as_ref().expect("this client is a machine");
        (id, secret)
    }

    /// A call with any method, without a body.
    pub fn request(&self, method: &str, path: impl AsRef<str>) -> Call {
        let target = path.as_ref().to_owned();
        // Answered to programs on the same machine only.
        let peer = (target == "/metrics").then_some(IpAddr::V4(Ipv4Addr::LOCALHOST));
        let sent = Sent { method: method.to_owned(), target, headers: Vec::new(), body: Bytes::new(), peer };
        let call = Call { service: Rc::clone(&self.service), sent };
        match &self.token {
            Some(token) => call.header("authorization", format!("Bearer {token}")),
            None => call,
        }
    }

    pub fn get(&self, path: impl AsRef<str>) -> Call {
        self.request("GET", path)
    }

    pub fn head(&self, path: impl AsRef<str>) -> Call {
        self.request("HEAD", path)
    }

    pub fn post(&self, path: impl AsRef<str>, json: impl Serialize) -> Call {
        self.request("POST", path).json(json)
    }

    /// A POST without a body, as archive and restore take it.
    pub fn post_if(&self, path: impl AsRef<str>, etag: impl AsRef<str>) -> Call {
        self.request("POST", path).header("if-match", etag)
    }

    pub fn put(&self, path: impl AsRef<str>, json: impl Serialize) -> Call {
        self.request("PUT", path).json(json)
    }

    pub fn patch(&self, path: impl AsRef<str>, etag: impl AsRef<str>, json: impl Serialize) -> Call {
        self.request("PATCH", path).header("if-match", etag).json(json)
    }

    pub fn delete(&self, path: impl AsRef<str>, etag: impl AsRef<str>) -> Call {
        self.request("DELETE", path).header("if-match", etag)
    }
}

/// What is sent, for checking and for messages.
#[derive(Clone, Debug)]
pub struct Sent {
    pub method: String,
    /// Path and query.
    pub target: String,
    pub headers: Vec<(String, String)>,
    pub body: Bytes,
    /// The address at the other end of the line.
    pub peer: Option<IpAddr>,
}

impl Sent {
    pub fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    /// The names of the query's parameters, however they were spelled.
    pub fn query_names(&self) -> Vec<String> {
        let query = self.target.split_once('?').map_or("", |(_, query)| query);
        let pairs: Vec<(String, String)> = serde_html_form::from_str(query).unwrap();
        pairs.into_iter().map(|(name, _value)| name).collect()
    }

    pub fn content_type(&self) -> &str {
        self.headers.iter().find(|(name, _)| name == "content-type").map_or("", |(_, value)| value)
    }
}

impl fmt::Display for Sent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "> {} {}", self.method, self.target)?;
        for (name, value) in self.headers.iter().filter(|(name, _)| name != "authorization") {
            writeln!(f, "> {name}: {value}")?;
        }
        write!(f, "> {}", shortened(&self.body))
    }
}

/// A call that is still to be made.
pub struct Call {
    service: Service,
    sent: Sent,
}

impl Call {
    /// One more header.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl AsRef<str>) -> Self {
        self.sent.headers.push((name.to_ascii_lowercase(), value.as_ref().to_owned()));
        self
    }

    /// As if it came from this address.
    #[must_use]
    pub fn from(mut self, address: &str) -> Self {
        self.sent.peer = Some(address.parse().expect("an address"));
        self
    }

    /// Takes a header back.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.sent.headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        self
    }

    #[must_use]
    pub fn json(self, json: impl Serialize) -> Self {
        let body = serde_json::to_vec(&json).expect("what tests send can be JSON");
        self.body(body, "application/json")
    }

    /// Another body; an empty content type sends none.
    #[must_use]
    pub fn body(self, bytes: impl Into<Bytes>, content_type: &str) -> Self {
        let mut call = self.without("content-type");
        call.sent.body = bytes.into();
        if content_type.is_empty() { call } else { call.header("content-type", content_type) }
    }

    /// Sends it, and holds the answer against the contract.
    pub async fn send(self) -> Reply {
        let sent = self.sent.clone();
        let reply = self.glance().await;
        promise::check(&sent, &reply);
        reply
    }

    /// Sends it only: for the many that are like one that was held against the contract.
    pub async fn glance(self) -> Reply {
        let method = Method::from_bytes(self.sent.method.as_bytes()).expect("a method");
        let mut request = TestRequest::with_uri(&self.sent.target).method(method);
        for (name, value) in &self.sent.headers {
            request = request.append_header((name.as_str(), value.as_str()));
        }
        if let Some(peer) = self.sent.peer {
            request = request.peer_addr((peer, 40_000).into());
        }
        if !self.sent.body.is_empty() {
            request = request.set_payload(self.sent.body.clone());
        }
        let (status, headers, body) = (self.service)(request).await;
        let body = body.unwrap_or_else(|error| panic!("{}\nthe answer {status} broke off: {error}", self.sent));
        Reply { status, headers, body }
    }

    /// Sends it, and fails the test when the status is another one.
    pub async fn expect(self, status: u16) -> Reply {
        let sent = self.sent.clone();
        let reply = self.send().await;
        assert!(reply.status == status, "{sent}\n{reply}\nwas expected to be {status}");
        reply
    }
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Reply {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{self}\nis not JSON: {error}"))
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("answers are UTF-8")
    }

    /// The first header of this name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().expect("headers are visible characters"))
    }

    pub fn etag(&self) -> String {
        self.header("etag").unwrap_or_else(|| panic!("{self}\nhas no ETag")).to_owned()
    }

    /// The code of the problem.
    pub fn code(&self) -> String {
        self.problem_code().unwrap_or_else(|| panic!("{self}\nis no problem"))
    }

    pub(super) fn problem_code(&self) -> Option<String> {
        let problem: Value = serde_json::from_slice(&self.body).ok()?;
        problem["code"].as_str().map(str::to_owned)
    }

    /// The faults of a problem, as (pointer, parameter or header; code).
    pub fn faults(&self) -> Vec<(String, String)> {
        let place = |fault: &Value| ["pointer", "parameter", "header"].iter().find_map(|place| fault[*place].as_str().map(str::to_owned));
        let fault = |fault: &Value| (place(fault).unwrap_or_default(), fault["code"].as_str().unwrap_or_default().to_owned());
        self.json()["errors"].as_array().into_iter().flatten().map(fault).collect()
    }
}

impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "< {}", self.status)?;
        for (name, value) in &self.headers {
            writeln!(f, "< {name}: {}", value.to_str().unwrap_or("?"))?;
        }
        write!(f, "< {}", shortened(&self.body))
    }
}

fn shortened(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    if text.chars().count() > 3000 { format!("{} …", text.chars().take(3000).collect::<String>()) } else { text.into_owned() }
}

/// The service as a function that can be kept.
pub async fn service(parts: &gcm_api::app::Parts) -> Service {
    service_of(parts, &|_nothing| {}).await
}

/// As [`service`], with other handlers in front of ours and behind the same layers.
pub async fn service_of(parts: &gcm_api::app::Parts, first: &dyn Fn(&mut actix_web::web::ServiceConfig)) -> Service {
    use actix_web::dev::Service as _;

    let service = Rc::new(actix_web::test::init_service(gcm_api::app::app_of(parts, first)).await);
    Rc::new(move |request: TestRequest| {
        let service = Rc::clone(&service);
        let request = request.to_request();
        let head = request.method() == Method::HEAD;
        Box::pin(async move {
            // What actix's own server does with an error of the outermost layer.
            let response = match service.call(request).await {
                Ok(response) => response.into_parts().1.map_into_boxed_body(),
                Err(error) => error.error_response(),
            };
            let (status, headers) = (response.status().as_u16(), response.headers().clone());
            let body = to_bytes(response.into_body()).await.map_err(|error| error.to_string());
            // And with the body of an answer to HEAD.
            let body = if head { Ok(Bytes::new()) } else { body };
            (status, headers, body)
        })
    })
}
