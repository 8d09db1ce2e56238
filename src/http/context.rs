//! What the front of the house learnt of a request, for those behind it.

use std::{net::IpAddr, sync::Arc};

use actix_web::{HttpMessage, HttpRequest, dev::ServiceRequest, web::Bytes};
use chrono::NaiveDate;
use uuid::Uuid;

use crate::{
    auth::Actor,
    clock::Clock,
    metrics::Metrics,
    problem::{Language, Problem},
    settings::Instance,
};

/// The facts of one request.
#[derive(Clone, Debug)]
pub struct Context {
    pub request_id: String,
    pub language: Language,
    pub actor: Option<Arc<Actor>>,
    /// The sign-in of a person that the token belongs to.
    pub session: Option<Uuid>,
    /// The number of the last change when the caller was let in; `None` without a token.
    pub seq: Option<i64>,
    /// Of which row of numbers that is.
    pub epoch: u64,
    /// The answer is the same for everybody who sees the same: it may be kept and given to others.
    pub shared: bool,
    /// The address of the client, behind the proxies that are trusted.
    pub network: Option<IpAddr>,
    pub body: Bytes,
    pub metrics: Arc<Metrics>,
}

impl Context {
    pub fn of(request: &HttpRequest) -> Result<Self, Problem> {
        request.extensions().get::<Self>().cloned().ok_or_else(|| Problem::internal("a request came in past the front"))
    }

    pub fn actor(request: &HttpRequest) -> Result<Arc<Actor>, Problem> {
        Self::of(request)?.actor.ok_or_else(|| Problem::internal("an operation that needs a caller was mounted as public"))
    }

    /// Where the record stood when the caller was let in.
    pub fn seq(request: &HttpRequest) -> Result<i64, Problem> {
        let seq = request.extensions().get::<Self>().and_then(|context| context.seq);
        seq.ok_or_else(|| Problem::internal("an operation that needs a caller was mounted as public"))
    }

    pub fn put(self, request: &ServiceRequest) {
        request.extensions_mut().insert(self);
    }
}

/// The instance: whose record this is, and what day it is there.
#[derive(Clone, Debug)]
pub struct Here {
    pub instance: Arc<Instance>,
    pub clock: Clock,
}

impl Here {
    pub fn today(&self) -> NaiveDate {
        self.clock.today(self.instance.timezone)
    }

    /// The same with a clock that stands still, for an answer that asks for the day more than once.
    #[must_use]
    pub fn at_this_moment(&self) -> Self {
        let now = self.clock.now();
        Self { instance: Arc::clone(&self.instance), clock: Clock::from_fn(move || now.0) }
    }

    pub fn of(request: &HttpRequest) -> Result<&Self, Problem> {
        request
            .app_data::<actix_web::web::Data<Self>>()
            .map(|here| here.get_ref())
            .ok_or_else(|| Problem::internal("the app has no instance"))
    }
}

/// The language for problem texts: the first that is spoken here, by the caller's order of liking.
pub fn negotiate(accept_language: Option<&str>) -> Language {
    let mut liked: Vec<(i32, Language)> = accept_language
        .unwrap_or_default()
        .split(',')
        .filter_map(|range| {
            let mut parts = range.split(';');
            let tag = parts.next()?.trim().to_ascii_lowercase();
            let weight = parts.find_map(|part| part.trim().strip_prefix("q=")?.parse::<f32>().ok()).unwrap_or(1.0);
            let language = match tag.split('-').next()? {
                "lo" => Language::Lao,
                "en" | "*" => Language::English,
                _ => return None,
            };
            #[expect(clippy::cast_possible_truncation, reason = "a weight between 0 and 1, in thousandths")]
            let thousandths = (weight.clamp(0.0, 1.0) * 1000.0) as i32;
            (thousandths > 0).then_some((thousandths, language))
        })
        .collect();
    liked.sort_by_key(|(weight, _)| -weight);
    liked.first().map_or(Language::English, |(_, language)| *language)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_follows_the_weights() {
        assert_eq!(negotiate(None), Language::English);
        assert_eq!(negotiate(Some("lo-LA,lo;q=0.9,en;q=0.8")), Language::Lao);
        assert_eq!(negotiate(Some("en;q=0.5, lo")), Language::Lao);
        assert_eq!(negotiate(Some("fr, en;q=0.1, lo;q=0")), Language::English);
    }
}
