//! What handlers are given.

use std::{
    future::{Ready, ready},
    ops::Deref,
    sync::Arc,
};

use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    http::{Method, header},
    web::{self, Data},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use serde_path_to_error::Segment;
use utoipa::{
    IntoParams, ToSchema,
    openapi::{
        ObjectBuilder, Required, Type,
        path::{Parameter, ParameterBuilder, ParameterIn},
    },
};

use super::{context::Context, listing::properties, query::read_query, schemas::Schemas};
use crate::{
    auth::{Actor, Grant, secret_key::Sealer},
    problem::{Code, Fault, FaultCode, Place, Problem},
    store::{Intent, Origin, Provenance, Repeat, Seen},
};

/// Who is calling.
#[derive(Clone, Debug)]
pub struct Caller(pub Arc<Actor>);

impl Deref for Caller {
    type Target = Actor;

    fn deref(&self) -> &Actor {
        &self.0
    }
}

impl FromRequest for Caller {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        ready(Context::actor(request).map(Self))
    }
}

/// The key of a row in its address. One that cannot be read names no row: 404.
#[derive(Clone, Copy, Debug)]
pub struct Path<T>(pub T);

impl<T: DeserializeOwned> FromRequest for Path<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let read = web::Path::<T>::from_request(request, payload).into_inner();
        ready(read.map(|path| Self(path.into_inner())).map_err(|error| Problem::not_found().because(error)))
    }
}

/// The parameters of a read that is no list.
#[derive(Debug)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned + IntoParams> FromRequest for Query<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        ready(read_query(request.query_string()).map(Self))
    }
}

/// The revision that the caller saw, from `If-Match`.
#[derive(Clone, Debug)]
pub struct IfMatch(pub Seen);

impl FromRequest for IfMatch {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        let sent: Vec<_> = request.headers().get_all(header::IF_MATCH).map(|value| value.to_str().unwrap_or("\u{fffd}")).collect();
        ready(if sent.is_empty() { Ok(Self(Seen::Nothing)) } else { seen(&sent).map(Self) })
    }
}

/// As [`IfMatch`], for writes that may do without: absent means whichever revision there is.
#[derive(Clone, Debug)]
pub struct MaybeIfMatch(pub Seen);

impl FromRequest for MaybeIfMatch {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        ready(IfMatch::from_request(request, payload).into_inner().map(|IfMatch(seen)| Self(seen)))
    }
}

fn seen(sent: &[&str]) -> Result<Seen, Problem> {
    let mut revisions = Vec::new();
    for tag in sent.iter().flat_map(|value| value.split(',')).map(str::trim) {
        if tag == "*" {
            return Ok(Seen::Any);
        }
        let bare = tag.strip_prefix("W/").unwrap_or(tag);
        let quoted = bare.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        let Some(inner) = quoted else {
            return Err(Problem::new(Code::InvalidHeader)
                .with("header", "If-Match")
                .with("why", "send an ETag in double quotes, such as \"7\""));
        };
        // A tag of another form was never given out for a row: it matches nothing, which is 412 and not 400.
        revisions.extend(inner.parse::<i64>().ok().filter(|revision| revision.to_string() == inner));
    }
    Ok(Seen::Revisions(revisions))
}

fn if_match(required: Required, description: &str) -> Vec<Parameter> {
    let tag = ObjectBuilder::new().schema_type(Type::String).examples(["\"7\""]);
    let parameter = ParameterBuilder::new().name("If-Match").parameter_in(ParameterIn::Header).required(required);
    vec![parameter.description(Some(description)).schema(Some(tag)).build()]
}

impl IntoParams for IfMatch {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        if_match(
            Required::True,
            "The ETag of the row as you saw it, such as `\"7\"`, or `*` for whichever there is. Without it: 428. A row that changed meanwhile: 412.",
        )
    }
}

impl IntoParams for MaybeIfMatch {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        if_match(Required::False, "The ETag of the row as you saw it, such as `\"7\"`, if a row that changed meanwhile shall answer 412.")
    }
}

/// A wish to write: the caller, the `Idempotency-Key`, and whether it is only tried out.
#[derive(Clone, Debug)]
pub struct Ask(pub Intent);

impl Deref for Ask {
    type Target = Intent;

    fn deref(&self) -> &Intent {
        &self.0
    }
}

impl FromRequest for Ask {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        ready(ask(request).map(Self))
    }
}

fn ask(request: &HttpRequest) -> Result<Intent, Problem> {
    let context = Context::of(request)?;
    let dry_run = dry_run(request.query_string())?;
    let mut keys = request.headers().get_all("idempotency-key");
    let repeat = match (keys.next(), keys.next()) {
        (None, _) => None,
        (Some(_), Some(_)) => {
            return Err(Problem::new(Code::InvalidHeader).with("header", "Idempotency-Key").with("why", "it was sent twice"));
        }
        (Some(value), None) => {
            let key = value.to_str().ok().filter(|key| (1..=255).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_graphic()));
            let key = key.ok_or_else(|| {
                Problem::new(Code::InvalidHeader).with("header", "Idempotency-Key").with("why", "it must be 1 to 255 visible characters")
            })?;
            let (method, path) = (request.method().as_str(), request.path());
            let sealer = request.app_data::<Data<Sealer>>().ok_or_else(|| Problem::internal("the app has no sealer"))?;
            Some(Repeat::new(sealer, key.to_owned(), [method, path, request.query_string()], &context.body)?)
        }
    };
    Ok(Intent {
        actor: Actor::clone(&*Context::actor(request)?),
        origin: Origin::Api,
        request_id: Some(context.request_id),
        repeat,
        dry_run,
        alone: false,
        provenance: Provenance::Entered,
    })
}

/// `dry_run` is the one parameter of a write; any other is refused, so that no wish is lost in silence.
fn dry_run(query: &str) -> Result<bool, Problem> {
    let pairs: Vec<(String, String)> =
        serde_html_form::from_str(query).map_err(|error| Problem::new(Code::BadRequest).with("why", error.to_string()))?;
    let mut faults = Vec::new();
    let mut dry_run = false;
    if pairs.iter().filter(|(name, _)| name == "dry_run").count() > 1 {
        faults.push(Fault::parameter("dry_run", FaultCode::TooMany).with("limit", 1));
    }
    for (name, value) in pairs {
        match (name.as_str(), value.as_str()) {
            ("dry_run", "true") => dry_run = true,
            ("dry_run", "false") => dry_run = false,
            ("dry_run", _) => faults.push(Fault::parameter(name, FaultCode::UnknownValue).with("allowed", vec!["true", "false"])),
            _ => faults.push(Fault::parameter(name, FaultCode::UnknownParameter).with("allowed", vec!["dry_run"])),
        }
    }
    if faults.is_empty() { Ok(dry_run) } else { Err(Problem::bad_query(faults)) }
}

impl IntoParams for Ask {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let key = ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)).max_length(Some(255)).pattern(Some("^[!-~]+$"));
        vec![
            ParameterBuilder::new()
                .name("dry_run")
                .parameter_in(ParameterIn::Query)
                .required(Required::False)
                .description(Some("`true` tries the write out: all checks, the status and the body as they would be, and nothing is kept."))
                .schema(Some(ObjectBuilder::new().schema_type(Type::Boolean).default(Some(Value::Bool(false)))))
                .build(),
            ParameterBuilder::new()
                .name("Idempotency-Key")
                .parameter_in(ParameterIn::Header)
                .required(Required::False)
                .description(Some(
                    "A key of your own choice, such as a UUID, that makes the write safe to send again: for 24 hours the same request gets the first \
                     answer, and nothing is written twice.",
                ))
                .schema(Some(key.examples(["6f1f7b0e-8c1c-4b0a-9a53-5d1b7d6f0c11"])))
                .build(),
        ]
    }
}

/// A JSON body. It is checked before the handler runs and takes the writer lock; what is wrong with it is said when the handler asks
/// for it, so that who may not write hears that first.
pub struct Json<T> {
    value: Value,
    faults: Vec<Fault>,
    shape: std::marker::PhantomData<T>,
}

impl<T: ToSchema> FromRequest for Json<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        ready(read_json(request))
    }
}

/// How many values one body may hold: enough for every form, and few enough to be checked at once.
const MOST_NODES: usize = 10_000;

/// What is left of a budget of values after this one; counting stops when it is used up.
fn nodes(value: &Value, budget: usize) -> usize {
    let budget = budget.saturating_sub(1);
    match value {
        Value::Array(items) => items.iter().fold(budget, |left, item| if left == 0 { 0 } else { nodes(item, left) }),
        Value::Object(members) => members.values().fold(budget, |left, member| if left == 0 { 0 } else { nodes(member, left) }),
        _ => budget,
    }
}

fn read_json<T: ToSchema>(request: &HttpRequest) -> Result<Json<T>, Problem> {
    let allowed: &[&str] = match *request.method() {
        Method::PATCH => &["application/merge-patch+json", "application/json"],
        _ => &["application/json"],
    };
    let sent = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = sent.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if !allowed.contains(&essence.as_str()) {
        return Err(Problem::new(Code::UnsupportedMediaType).with("allowed", allowed.to_vec()));
    }
    let body = Context::of(request)?.body;
    let value = serde_json::from_slice(&body).map_err(|error| Problem::new(Code::MalformedJson).with("why", error.to_string()))?;
    let schemas = request.app_data::<web::Data<Schemas>>().ok_or_else(|| Problem::internal("the app has no schemas"))?;
    let faults = match nodes(&value, MOST_NODES) {
        0 => vec![Fault::at("", FaultCode::TooMany).with("limit", MOST_NODES)],
        _ => schemas.faults(&T::name(), &value)?,
    };
    Ok(Json { value, faults, shape: std::marker::PhantomData })
}

impl<T: DeserializeOwned + ToSchema> Json<T> {
    /// The body as its type, or 422 with every fault.
    pub fn read(&self) -> Result<T, Problem> {
        self.read_as::<T>()
    }

    /// One member of the body, whatever else is wrong with it.
    pub fn member(&self, name: &str) -> Option<&Value> {
        self.value.get(name)
    }

    /// The same body read as another type: an upsert is a new row or a patch of the one that is there.
    pub fn read_as<S: DeserializeOwned>(&self) -> Result<S, Problem> {
        if !self.faults.is_empty() {
            return Err(Problem::invalid(self.faults.clone()));
        }
        self.typed::<S>()
    }

    fn typed<S: DeserializeOwned>(&self) -> Result<S, Problem> {
        let mut track = serde_path_to_error::Track::new();
        let tracked = serde_path_to_error::Deserializer::new(self.value.clone(), &mut track);
        S::deserialize(tracked).map_err(|error| {
            let step = |segment: &Segment| match segment {
                Segment::Seq { index } => format!("/{index}"),
                other => format!("/{other}"),
            };
            let pointer: String = track.path().iter().map(step).collect();
            Problem::invalid(vec![Fault::at(pointer, FaultCode::Unreadable).with("why", error.to_string())])
        })
    }

    /// A patch of `view`: 403 for fields outside the grant that would change, then 422 for whatever is wrong with the body.
    pub fn patch(&self, grant: &Grant, view: &impl Serialize) -> Result<T, Problem> {
        self.within(grant, view)?;
        let now = serde_json::to_value(view).map_err(Problem::internal)?;
        let faults: Vec<_> = self.faults.iter().filter_map(|fault| self.unless_read_only(fault, &now)).collect();
        if faults.is_empty() { self.typed() } else { Err(Problem::invalid(faults)) }
    }

    /// A member that the view has and the patch does not: sent back unchanged it is no fault, otherwise it is the server's to set.
    fn unless_read_only(&self, fault: &Fault, now: &Value) -> Option<Fault> {
        let Place::Body(pointer) = &fault.place else { return Some(fault.clone()) };
        let name = pointer.strip_prefix('/').filter(|name| fault.code == FaultCode::UnknownField && !name.contains('/'));
        match name.and_then(|name| now.get(name).zip(self.value.get(name))) {
            None => Some(fault.clone()),
            Some((now, sent)) if now == sent => None,
            Some(_) => Some(Fault::at(pointer.as_str(), FaultCode::ReadOnly)),
        }
    }

    /// Refuses fields outside the grant that would change; sending back what one read is no change. What is no field at all is left to 422.
    pub fn within(&self, grant: &Grant, view: &impl Serialize) -> Result<(), Problem> {
        let now = serde_json::to_value(view).map_err(Problem::internal)?;
        let sent = self.value.as_object().into_iter().flatten();
        let fields = properties::<T>();
        let outside: Vec<_> = sent
            .filter(|(name, _)| fields.iter().any(|(field, _)| field == *name) && !grant.reaches(name))
            .filter(|(name, value)| now.get(*name).is_some_and(|now| merged(now, value) != *now))
            .map(|(name, _)| Fault::at(format!("/{name}"), FaultCode::NotWritable))
            .collect();
        if outside.is_empty() {
            return Ok(());
        }
        Err(outside.into_iter().fold(Problem::new(Code::FieldNotWritable).with("rule", grant.rule()), Problem::fault))
    }
}

/// RFC 7396: what a merge patch makes of a value.
fn merged(now: &Value, patch: &Value) -> Value {
    match (now, patch) {
        (Value::Object(now), Value::Object(patch)) => {
            let mut merged_now = now.clone();
            for (name, value) in patch {
                match value {
                    Value::Null => merged_now.remove(name),
                    value => merged_now.insert(name.clone(), merged(now.get(name).unwrap_or(&Value::Null), value)),
                };
            }
            Value::Object(merged_now)
        }
        _ => patch.clone(),
    }
}

/// For fields of a patch that may be `null`: absent, `null` and a value are three different things.
pub fn sent<'de, T, D>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    T: serde::Deserialize<'de>,
    D: serde::Deserializer<'de>,
{
    serde::Deserialize::deserialize(deserializer).map(Some)
}
