//! Answers kept in memory: the bytes of a shared read stand for everybody who sees the same, until anything is written.

use std::sync::Arc;

use actix_web::{
    Error, HttpMessage, HttpResponse,
    body::{BoxBody, MessageBody, to_bytes},
    dev::{ServiceRequest, ServiceResponse},
    http::{
        StatusCode, header,
        header::{HeaderMap, HeaderName, HeaderValue},
    },
    middleware::Next,
    web::{Bytes, Data},
};
use quick_cache::{Weighter, sync::Cache};

use super::{
    context::{Context, Here},
    flights::{Flights, Lead, Turn},
    listing::sight_tag,
    reply::{is_among, not_modified},
};
use crate::{metrics::Metrics, problem::Problem};

/// A query or header that is longer than any client of ours sends is not made a key.
const LONGEST_KEY: usize = 4096;
/// What an entry takes beside its bytes, more or less.
const OVERHEAD: u64 = 1024;
/// About how long an answer is: for the number of entries that room is made for.
const USUAL_ANSWER: u64 = 16 * 1024;

/// The answers that are kept.
pub struct Answers {
    kept: Option<Cache<String, Arc<Kept>, Weight>>,
    flights: Flights<Arc<Kept>>,
    metrics: Arc<Metrics>,
}

/// One answer, as it went out.
struct Kept {
    /// The number of the last change before it was read: it stands while this is the last one.
    seq: i64,
    headers: Vec<(HeaderName, HeaderValue)>,
    body: Bytes,
}

#[derive(Clone)]
struct Weight;

impl Weighter<String, Arc<Kept>> for Weight {
    fn weight(&self, key: &String, kept: &Arc<Kept>) -> u64 {
        u64::try_from(key.len().saturating_add(kept.body.len())).map_or(u64::MAX, |bytes| bytes.saturating_add(OVERHEAD))
    }
}

impl Answers {
    /// Keeps so many bytes of answers; none keeps nothing.
    pub fn new(bytes: u64, metrics: Arc<Metrics>) -> Self {
        let entries = usize::try_from(bytes / USUAL_ANSWER).unwrap_or(usize::MAX).clamp(16, 16_384);
        Self { kept: (bytes > 0).then(|| Cache::with_weighter(entries, bytes, Weight)), flights: Flights::default(), metrics }
    }

    fn give(&self, known: &Kept, request: ServiceRequest) -> ServiceResponse<BoxBody> {
        self.metrics.cache_hits.inc();
        let answer = known.answer(request.headers().get_all(header::IF_NONE_MATCH));
        request.into_response(answer)
    }

    /// What is kept and still stands.
    fn standing(&self, (key, seq): &(String, i64)) -> Option<Arc<Kept>> {
        self.kept.as_ref()?.get(key).filter(|known| known.seq == *seq)
    }

    fn keep(&self, (key, _): (String, i64), fresh: &Arc<Kept>) {
        let Some(kept) = &self.kept else { return };
        kept.insert(key, Arc::clone(fresh));
        self.metrics.cache_entries.set(i64::try_from(kept.len()).unwrap_or(i64::MAX));
        self.metrics.cache_bytes.set(i64::try_from(kept.weight()).unwrap_or(i64::MAX));
    }

    /// Lets go of all of them.
    pub fn forget(&self) {
        self.kept.iter().for_each(Cache::clear);
    }
}

/// Stands in the extensions of an answer about what is the caller's own: others may see the same and speak for somebody else, so that it is not kept.
pub struct Own;

/// The layer behind the front and outside compression: gives the bytes that are kept, or keeps those that come. Of many who ask for what is not kept one
/// has it reckoned, and the others are given its bytes.
pub async fn cache(
    answers: Data<Answers>,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let Some(key) = key(&request).filter(|_| answers.kept.is_some()) else {
        return Ok(next.call(request).await?.map_into_boxed_body());
    };
    if let Some(known) = answers.standing(&key) {
        return Ok(answers.give(&known, request));
    }
    match answers.flights.join(&key).await {
        Turn::Given(fresh) => Ok(answers.give(&fresh, request)),
        Turn::Alone => reckon(&answers, key, None, request, next).await,
        Turn::Lead(lead) => match answers.standing(&key) {
            // Somebody else was ready between the look and the lead.
            Some(known) => {
                lead.give(Arc::clone(&known));
                Ok(answers.give(&known, request))
            }
            None => reckon(&answers, key, Some(lead), request, next).await,
        },
    }
}

/// Has the answer worked out, and keeps it. Whoever leads and is given up, or fails on our side, leaves that to the next; every other answer that is not
/// kept lets all go on at once.
async fn reckon(
    answers: &Answers,
    key: (String, i64),
    lead: Option<Lead<'_, Arc<Kept>>>,
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    // A 304 holds nothing to keep: the whole answer is asked for, and its tag looked at afterwards.
    let tags: Vec<HeaderValue> = request.headers_mut().remove(header::IF_NONE_MATCH).collect();
    let response = next.call(request).await?;
    if !keepable(&response) {
        lead.into_iter().filter(|_| !response.status().is_server_error()).for_each(Lead::release);
        return Ok(response.map_into_boxed_body());
    }
    let whose_own = response.response().extensions().contains::<Own>();
    let (request, response) = response.into_parts();
    let headers = every(response.headers());
    let body = to_bytes(response.into_body()).await.map_err(|error| Problem::internal(error.into()))?;
    let fresh = Arc::new(Kept { seq: key.1, headers, body });
    answers.metrics.cache_misses.inc();
    if whose_own {
        lead.into_iter().for_each(Lead::release);
    } else {
        answers.keep(key, &fresh);
        lead.into_iter().for_each(|lead| lead.give(Arc::clone(&fresh)));
    }
    Ok(ServiceResponse::new(request, fresh.answer(tags.iter())))
}

impl Kept {
    fn answer<'a>(&self, tags: impl Iterator<Item = &'a HeaderValue>) -> HttpResponse {
        let tag = self.headers.iter().find(|(name, _)| name == header::ETAG).and_then(|(_, value)| value.to_str().ok());
        if let Some(tag) = tag.filter(|tag| is_among(tags, tag)) {
            return not_modified(tag);
        }
        let mut answer = HttpResponse::with_body(StatusCode::OK, BoxBody::new(self.body.clone()));
        for (name, value) in &self.headers {
            answer.headers_mut().append(name.clone(), value.clone());
        }
        answer
    }
}

fn every(headers: &HeaderMap) -> Vec<(HeaderName, HeaderValue)> {
    headers.iter().map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// What decides an answer beside the data: what the caller may see, the day, the encoding, and the address; and where the data stands. `None`: it is not
/// shared. A CSV is not: it is as long as the list, and goes out while it is read.
fn key(request: &ServiceRequest) -> Option<(String, i64)> {
    let extensions = request.extensions();
    let context = extensions.get::<Context>().filter(|context| context.shared)?;
    let (actor, seq) = (context.actor.as_ref()?, context.seq?);
    let today = request.app_data::<Data<Here>>()?.today();
    let mut encodings = request.headers().get_all(header::ACCEPT_ENCODING);
    // Without the header anything may be sent, and with an empty one nothing but the plain bytes.
    let encoding = encodings.next().map_or(Some("any"), |value| value.to_str().ok())?;
    if encodings.next().is_some() {
        return None;
    }
    let (path, query) = (request.path(), request.query_string());
    let kept = path.len() + query.len() + encoding.len() <= LONGEST_KEY && !query.contains("format");
    kept.then(|| (format!("{} {today} {} {encoding}\n{path}?{query}", sight_tag(actor), context.epoch), seq))
}

fn keepable<B>(response: &ServiceResponse<B>) -> bool {
    let kind = response.headers().get(header::CONTENT_TYPE).map(HeaderValue::as_bytes);
    response.status() == StatusCode::OK && kind.is_some_and(|kind| kind.starts_with(b"application/json"))
}
