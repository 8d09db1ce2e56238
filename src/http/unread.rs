//! Answers to requests whose body nobody will read.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use actix_web::{
    HttpResponse,
    body::{BodySize, BoxBody, MessageBody},
    dev::Payload,
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
pub(super) fn hang_up_after(answer: HttpResponse, unread: Payload) -> HttpResponse {
    answer.map_body(|_, answer| BoxBody::new(Held { answer, _unread: unread }))
}
