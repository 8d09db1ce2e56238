//! The addresses of the contract, for the answers that must come before anything else: 404, 405, and who needs a token.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use actix_web::dev::ResourceDef;
use serde_json::Value;

use crate::{
    metrics::Durations,
    problem::{Code, Problem},
};

/// What a method of an address asks for before it is carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    Public,
    SignedIn,
}

/// What a request asks for, as it is named where requests are counted.
#[derive(Debug)]
pub struct Operation {
    /// Its operationId.
    pub id: Arc<str>,
    /// Method and pattern of the address.
    pub name: Arc<str>,
    pub durations: Durations,
}

/// A method of an address.
#[derive(Debug)]
pub struct Place {
    pub door: Door,
    /// Everybody who sees the same gets the same answer.
    pub shared: bool,
    pub operation: Operation,
}

/// The pattern of an address and its methods.
type Address = (ResourceDef, BTreeMap<String, Place>);

/// Every address of the contract with its methods.
pub struct Routes {
    /// By what their addresses begin with: so few of them that trying each costs nothing.
    paths: HashMap<String, Vec<Address>>,
    /// What is in no contract: all of it under one name each, however many addresses somebody makes up.
    pub unknown: Operation,
    pub documentation: Operation,
    pub preflight: Operation,
}

impl Operation {
    fn new(id: &str, name: &str) -> Self {
        Self { id: Arc::from(id), name: Arc::from(name), durations: Durations::of(id) }
    }
}

impl Routes {
    /// `shared`: the addresses whose GET gives everybody who sees the same the same answer.
    pub fn new(contract: &Value, shared: &[&str]) -> Self {
        let mut paths: HashMap<String, Vec<Address>> = HashMap::new();
        for (path, item) in contract.get("paths").and_then(Value::as_object).into_iter().flatten() {
            let methods = methods(path, item, shared.contains(&path.as_str()));
            paths.entry(beginning(path).to_owned()).or_default().push((ResourceDef::new(path.as_str()), methods));
        }
        Self {
            paths,
            unknown: Operation::new("unknown", "unknown"),
            documentation: Operation::new("documentation", "GET /docs/"),
            preflight: Operation::new("preflight", "OPTIONS"),
        }
    }

    /// What this method of an address is, and from whom it is taken. HEAD is answered as GET.
    pub fn place(&self, path: &str, method: &str) -> Result<&Place, Problem> {
        let method = if method == "HEAD" { "GET" } else { method };
        let mut allow = Vec::new();
        for (pattern, methods) in self.paths.get(beginning(path)).into_iter().flatten() {
            if pattern.is_match(path) {
                if let Some(place) = methods.get(method) {
                    return Ok(place);
                }
                allow.extend(methods.keys().cloned());
            }
        }
        if allow.is_empty() {
            return Err(Problem::new(Code::UnknownPath));
        }
        if allow.iter().any(|allowed| allowed == "GET") {
            allow.push("HEAD".to_owned());
        }
        allow.sort();
        Err(Problem::new(Code::MethodNotAllowed).with("allow", allow))
    }
}

/// What is fixed in every address of the contract: its version and the name of the resource, or without a version the first segment.
fn beginning(path: &str) -> &str {
    let segments = if path.starts_with("/v1/") { 2 } else { 1 };
    path.match_indices('/').nth(segments).and_then(|(end, _)| path.get(..end)).unwrap_or(path)
}

fn methods(path: &str, item: &Value, shared: bool) -> BTreeMap<String, Place> {
    let operations = item.as_object().into_iter().flatten();
    let door = |operation: &Value| match operation.get("security").and_then(Value::as_array) {
        Some(ways) if ways.iter().all(|way| way.as_object().is_some_and(serde_json::Map::is_empty)) => Door::Public,
        _ => Door::SignedIn,
    };
    let place = |(method, spec): (&String, &Value)| {
        let shared = shared && method == "get";
        let method = method.to_ascii_uppercase();
        let name = format!("{method} {path}");
        let id = spec.get("operationId").and_then(Value::as_str).unwrap_or(&name);
        let operation = Operation::new(id, &name);
        (method, Place { door: door(spec), shared, operation })
    };
    operations.filter(|(_, spec)| spec.get("responses").is_some()).map(place).collect()
}
