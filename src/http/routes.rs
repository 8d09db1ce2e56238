//! The addresses of the contract, for the answers that must come before anything else: 404, 405, and who needs a token.

use std::collections::BTreeMap;

use actix_web::dev::ResourceDef;
use serde_json::Value;

use crate::problem::{Code, Problem};

/// What a method of an address asks for before it is carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    Public,
    SignedIn,
}

/// A method of an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route {
    pub door: Door,
    /// Everybody who sees the same gets the same answer.
    pub shared: bool,
}

/// Every address of the contract with its methods.
pub struct Routes(Vec<(ResourceDef, BTreeMap<String, Route>)>);

impl Routes {
    /// `shared`: the addresses whose GET gives everybody who sees the same the same answer.
    pub fn new(contract: &Value, shared: &[&str]) -> Self {
        let paths = contract.get("paths").and_then(Value::as_object).into_iter().flatten();
        let routes = paths.map(|(path, item)| (ResourceDef::new(path.as_str()), methods(item, shared.contains(&path.as_str()))));
        Self(routes.collect())
    }

    /// What an address asks of this method. HEAD is answered as GET.
    pub fn route(&self, path: &str, method: &str) -> Result<Route, Problem> {
        let method = if method == "HEAD" { "GET" } else { method };
        let mut allow = Vec::new();
        for (pattern, methods) in &self.0 {
            if pattern.is_match(path) {
                if let Some(route) = methods.get(method) {
                    return Ok(*route);
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

fn methods(item: &Value, shared: bool) -> BTreeMap<String, Route> {
    let operations = item.as_object().into_iter().flatten();
    let door = |operation: &Value| match operation.get("security").and_then(Value::as_array) {
        Some(ways) if ways.iter().all(|way| way.as_object().is_some_and(serde_json::Map::is_empty)) => Door::Public,
        _ => Door::SignedIn,
    };
    operations
        .filter(|(_, operation)| operation.get("responses").is_some())
        .map(|(method, operation)| (method.to_ascii_uppercase(), Route { door: door(operation), shared: shared && method == "get" }))
        .collect()
}
