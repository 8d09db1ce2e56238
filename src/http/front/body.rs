//! The body of a request, collected before any handler runs.

use actix_web::{
    HttpMessage,
    dev::ServiceRequest,
    http::header,
    web::{Bytes, BytesMut},
};
use futures_util::StreamExt;

use super::House;
use crate::problem::{Code, Problem};

/// The whole body, before the handler: its limit, its time and its fingerprint are the same for every operation.
pub async fn collect(request: &mut ServiceRequest, house: &House) -> Result<Bytes, Problem> {
    let too_large = || Problem::new(Code::BodyTooLarge).with("limit", house.body_limit);
    let declared = request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if declared.is_some_and(|length| length > house.body_limit) {
        return Err(too_large());
    }
    let mut payload = request.take_payload();
    let arrive = async {
        let mut body = BytesMut::new();
        while let Some(chunk) = payload.next().await {
            let chunk = chunk.map_err(|error| Problem::new(Code::BadRequest).with("why", error.to_string()))?;
            if body.len() + chunk.len() > house.body_limit {
                return Err(too_large());
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body.freeze())
    };
    let arrived = tokio::time::timeout(house.timeout, arrive).await.map_err(|_elapsed| Problem::new(Code::RequestTimeout));
    // Of a body that is refused the rest may still be to come.
    request.set_payload(payload);
    arrived?
}
