//! Lists of facts that come with the program: no table and no revision, but the same parameters, pages and answers as any other list.

use std::{
    future::{Ready, ready},
    mem::discriminant,
};

use actix_web::{FromRequest, HttpRequest, HttpResponse, Responder, body::BoxBody, dev::Payload, web::Bytes};
use aws_lc_rs::digest;
use serde::{Serialize, de::DeserializeOwned};
use utoipa::{
    IntoParams, IntoResponses, ToSchema,
    openapi::{
        RefOr, Response,
        path::{Parameter, ParameterIn},
    },
};
use uuid::Uuid;

use super::{
    context::Here,
    csv,
    listing::{Common, Format, LIMIT, List, PageInfo, common_parameters, next_link, scope_of, sheet_headers},
    query::{all_good, pairs, typed},
    reply::{Responses, Tagged, body, documented_not_modified, has, json_text, not_modified, single, tagged, text_header},
};
use crate::{
    problem::{Code, Fault, FaultCode, Problem},
    store::{Key, change_log::hex, read_cursor, write_cursor},
    text::fold,
};

/// One fact of a list.
pub trait Fact: Serialize + ToSchema {
    /// The property that tells the facts of a list apart, and the one key they are sorted by.
    const KEY: &'static str;

    fn key(&self) -> Key;
    /// What `q` looks for.
    fn texts(&self) -> Vec<&str>;
}

/// The filters of such a list.
pub trait Sieve: DeserializeOwned + IntoParams {
    type Fact: Fact;

    fn keeps(&self, fact: &Self::Fact) -> bool;
}

/// Whether a value is one of these; none asked for means any.
pub fn any_of<T: PartialEq<U>, U: ?Sized>(asked: &[T], value: &U) -> bool {
    asked.is_empty() || asked.iter().any(|asked| asked == value)
}

/// What was asked of a list of facts.
pub struct Catalogue<S> {
    sieve: S,
    limit: usize,
    cursor: Option<String>,
    descending: bool,
    with_total: bool,
    q: String,
    format: Format,
    scope: String,
    path: String,
    pairs: Vec<(String, String)>,
    languages: Vec<String>,
}

impl<S: Sieve> FromRequest for Catalogue<S> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        ready(Here::of(request).and_then(|here| read::<S>(request.path(), request.query_string(), here)))
    }
}

fn sorts<S: Sieve>() -> Vec<String> {
    let key = <S::Fact as Fact>::KEY;
    vec![key.to_owned(), format!("-{key}")]
}

fn read<S: Sieve>(path: &str, query: &str, here: &Here) -> Result<Catalogue<S>, Problem> {
    let mut faults = Vec::new();
    let pairs = pairs(query, &Catalogue::<S>::into_params(|| Some(ParameterIn::Query)), &mut faults)?;
    let common: Common = typed(&pairs, |name| Common::NAMES.contains(&name), &mut faults)?;
    let sieve: S = typed(&pairs, |name| !Common::NAMES.contains(&name), &mut faults)?;
    if common.sort.as_ref().is_some_and(|sort| !sorts::<S>().contains(sort)) {
        faults.push(Fault::parameter("sort", FaultCode::UnknownValue).with("allowed", sorts::<S>()));
    }
    all_good(faults)?;
    let descending = common.sort.is_some_and(|sort| sort.starts_with('-'));
    Ok(Catalogue {
        sieve,
        limit: usize::try_from(common.limit.unwrap_or(LIMIT)).map_err(Problem::internal)?,
        cursor: common.cursor,
        descending,
        with_total: common.with_total.unwrap_or_default(),
        q: fold(&common.q.unwrap_or_default()),
        format: common.format.unwrap_or_default(),
        scope: scope_of(path, <S::Fact as Fact>::KEY, descending, &pairs),
        path: path.to_owned(),
        pairs,
        languages: here.instance.languages.clone(),
    })
}

impl<S: Sieve> Catalogue<S> {
    /// Answers with one page of these facts, or with all of them as CSV.
    pub fn answer<I: Serialize>(self, mut facts: Vec<S::Fact>) -> Result<Catalogued<S::Fact, I>, Problem> {
        facts.retain(|fact| self.sieve.keeps(fact) && fact.texts().iter().any(|text| fold(text).contains(&self.q)));
        facts.sort_by_key(Fact::key);
        if self.descending {
            facts.reverse();
        }
        if self.format == Format::Csv {
            let sheet = csv::whole(&facts, <S::Fact as Fact>::KEY, &self.languages)?;
            return Ok(Catalogued::Csv { tag: format!("W/{}", tag_of(&sheet)), path: self.path, sheet });
        }
        let total = self.with_total.then(|| u64::try_from(facts.len())).transpose().map_err(Problem::internal)?;
        if let Some(cursor) = &self.cursor {
            let behind = self.behind(cursor, &facts)?;
            facts.retain(|fact| if self.descending { fact.key() < behind } else { fact.key() > behind });
        }
        let has_more = facts.len() > self.limit;
        facts.truncate(self.limit);
        let last = facts.last().filter(|_| has_more);
        let next_cursor = last.map(|last| write_cursor(&self.scope, last.key(), Uuid::nil())).transpose()?;
        let next = next_cursor.as_deref().map(|cursor| next_link(&self.path, &self.pairs, cursor)).transpose()?;
        let body = List { data: facts, page: PageInfo { next_cursor, has_more, total }, included: None };
        let tag = format!("W/{}", tag_of(json_text(&body)?.as_bytes()));
        Ok(Catalogued::Page(Tagged { body, tag, next }))
    }

    /// The key that a cursor stands behind; a number among texts was not written by us.
    fn behind(&self, cursor: &str, facts: &[S::Fact]) -> Result<Key, Problem> {
        let (key, id) = read_cursor(&self.scope, cursor)?;
        let alike = facts.first().is_none_or(|fact| discriminant(&fact.key()) == discriminant(&key));
        if id.is_nil() && alike { Ok(key) } else { Err(Problem::new(Code::CursorInvalid)) }
    }
}

/// A tag of the version of the program and of these bytes.
fn tag_of(bytes: &[u8]) -> String {
    let mut context = digest::Context::new(&digest::SHA256);
    context.update(env!("CARGO_PKG_VERSION").as_bytes());
    context.update(bytes);
    let digest = hex(context.finish().as_ref());
    format!("\"{}\"", digest.chars().take(16).collect::<String>())
}

impl<S: Sieve> IntoParams for Catalogue<S> {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let mut parameters = S::into_params(|| Some(ParameterIn::Query));
        let common = common_parameters(sorts::<S>());
        // Facts are never archived, and in the languages that there are.
        parameters.extend(common.into_iter().filter(|common| !matches!(common.name.as_str(), "archived" | "missing_language")));
        parameters
    }
}

/// One page as JSON, or the whole list as CSV.
pub enum Catalogued<V, I> {
    Page(Tagged<List<V, I>>),
    Csv { tag: String, path: String, sheet: Bytes },
}

impl<V: Serialize, I: Serialize> Responder for Catalogued<V, I> {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        match self {
            Self::Page(page) => page.respond_to(request),
            Self::Csv { tag, .. } if has(request, &tag) => not_modified(&tag),
            Self::Csv { tag, path, sheet } => sheet_headers(&path, tag).body(sheet),
        }
    }
}

impl<V: ToSchema, I: ToSchema> IntoResponses for Catalogued<V, I> {
    fn responses() -> std::collections::BTreeMap<String, RefOr<Response>> {
        List::<V, I>::responses()
    }
}

/// 200 with one fact, or 304 when the caller has it already.
pub struct Known<V>(pub V);

impl<V: Serialize> Responder for Known<V> {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        match json_text(&self.0) {
            Ok(text) => tagged(request, &tag_of(text.as_bytes()), None, || Ok(text)),
            Err(problem) => HttpResponse::from_error(problem),
        }
    }
}

impl<V: ToSchema> IntoResponses for Known<V> {
    fn responses() -> Responses {
        let etag = text_header(
            "The version of this answer: send it back as If-None-Match to hear whether it changed, which is when the program does.",
            "\"3f2a9c0d51e7b846\"",
        );
        let mut responses = single("200", body::<V>("As this version of the program knows it.").header("ETag", etag));
        responses.append(&mut documented_not_modified());
        responses
    }
}
