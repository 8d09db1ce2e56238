//! Answers to requests whose body nobody will read.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use actix_web::{
    HttpResponse,
    body::{BodySize, BoxBody, MessageBody},
    dev::{Payload, ServiceRequest},
    http::header,
    web::Bytes,
};

/// An answer that holds what is unread of its request. A chunked body that was let go of, actix reads to its end, which may never come; one that somebody
/// still holds when the answer begins makes it hang up after the answer.
struct Held {
    answer: BoxBody,
    _unread: Payload,
}

impl MessageBody for Held {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.answer.size()
    }

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.answer).poll_next(context)
    }
}

/// The same answer, after which the connection ends.
pub fn hang_up_after(answer: HttpResponse, unread: Payload) -> HttpResponse {
    answer.map_body(|_, answer| BoxBody::new(Held { answer, _unread: unread }))
}

/// Whether so much of the body may be still to come that it is better to hang up than to read on for the sake of the connection.
pub fn is_endless(request: &ServiceRequest) -> bool {
    const WORTH_READING: u64 = 64 * 1024;
    let length = request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    length.map_or(request.headers().contains_key(header::TRANSFER_ENCODING), |length| length > WORTH_READING)
}
