//! Every kind of problem that this API can answer with: one variant, one row.

mod caller;
mod prioritization;
mod record;
mod request;
mod service;
mod workplan;

use super::Words;

/// A kind of problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Code {
    MalformedJson,
    InvalidQuery,
    InvalidHeader,
    CursorInvalid,
    CursorMismatch,
    BadRequest,
    Unauthenticated,
    TokenExpired,
    Forbidden,
    InsufficientScope,
    FieldNotWritable,
    ExternalIdTaken,
    ExternalSystemNotYours,
    NotFound,
    UnknownPath,
    MethodNotAllowed,
    RequestTimeout,
    Archived,
    NotArchived,
    CodeTaken,
    HasDependants,
    Erased,
    MembershipOpen,
    CoordinatorNamed,
    TransitionNotAllowed,
    TransitionIncomplete,
    TransitionsRefused,
    NotEditableInState,
    QuestionClosed,
    WordGiven,
    TooLateToEdit,
    InstitutionEnded,
    RoundNotOpen,
    RoundPastClosingDate,
    NominationGiven,
    ResultsNotReady,
    PlanNotActive,
    PeriodReported,
    LastAdministrator,
    TwoLiveSecrets,
    AnswerErased,
    StaleRevision,
    NothingToMatch,
    BodyTooLarge,
    UnsupportedMediaType,
    ValidationFailed,
    IdempotencyKeyReused,
    PreconditionRequired,
    TooManyRequests,
    InternalError,
    DatabaseUnavailable,
    WriterBusy,
    SignInBusy,
    QueryTooBroad,
    TooSlow,
    ShuttingDown,
}

/// What the contract says of one kind of problem.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    pub slug: &'static str,
    pub status: u16,
    pub retry_after: Option<u32>,
    pub title: Words,
    pub detail: Words,
}

const fn row(status: u16, slug: &'static str, title: [&'static str; 2], detail: [&'static str; 2]) -> Row {
    let [en, lo] = title;
    let title = Words { en, lo };
    let [en, lo] = detail;
    let retry_after = match status {
        503 => Some(2),
        429 => Some(1),
        _ => None,
    };
    Row { slug, status, retry_after, title, detail: Words { en, lo } }
}

impl Code {
    pub const ALL: &[Self] = &[
        Self::MalformedJson,
        Self::InvalidQuery,
        Self::InvalidHeader,
        Self::CursorInvalid,
        Self::CursorMismatch,
        Self::BadRequest,
        Self::Unauthenticated,
        Self::TokenExpired,
        Self::Forbidden,
        Self::InsufficientScope,
        Self::FieldNotWritable,
        Self::ExternalIdTaken,
        Self::ExternalSystemNotYours,
        Self::NotFound,
        Self::UnknownPath,
        Self::MethodNotAllowed,
        Self::RequestTimeout,
        Self::Archived,
        Self::NotArchived,
        Self::CodeTaken,
        Self::HasDependants,
        Self::Erased,
        Self::MembershipOpen,
        Self::CoordinatorNamed,
        Self::TransitionNotAllowed,
        Self::TransitionIncomplete,
        Self::TransitionsRefused,
        Self::NotEditableInState,
        Self::QuestionClosed,
        Self::WordGiven,
        Self::TooLateToEdit,
        Self::InstitutionEnded,
        Self::RoundNotOpen,
        Self::RoundPastClosingDate,
        Self::NominationGiven,
        Self::ResultsNotReady,
        Self::PlanNotActive,
        Self::PeriodReported,
        Self::LastAdministrator,
        Self::TwoLiveSecrets,
        Self::AnswerErased,
        Self::StaleRevision,
        Self::NothingToMatch,
        Self::BodyTooLarge,
        Self::UnsupportedMediaType,
        Self::ValidationFailed,
        Self::IdempotencyKeyReused,
        Self::PreconditionRequired,
        Self::TooManyRequests,
        Self::InternalError,
        Self::DatabaseUnavailable,
        Self::WriterBusy,
        Self::SignInBusy,
        Self::QueryTooBroad,
        Self::TooSlow,
        Self::ShuttingDown,
    ];

    pub fn from_slug(slug: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.row().slug == slug)
    }

    pub const fn row(self) -> Row {
        match self {
            Self::MalformedJson => request::MALFORMED_JSON,
            Self::InvalidQuery => request::INVALID_QUERY,
            Self::InvalidHeader => request::INVALID_HEADER,
            Self::CursorInvalid => request::CURSOR_INVALID,
            Self::CursorMismatch => request::CURSOR_MISMATCH,
            Self::BadRequest => request::BAD_REQUEST,
            Self::Unauthenticated => caller::UNAUTHENTICATED,
            Self::TokenExpired => caller::TOKEN_EXPIRED,
            Self::Forbidden => caller::FORBIDDEN,
            Self::InsufficientScope => caller::INSUFFICIENT_SCOPE,
            Self::FieldNotWritable => caller::FIELD_NOT_WRITABLE,
            Self::ExternalIdTaken => caller::EXTERNAL_ID_TAKEN,
            Self::ExternalSystemNotYours => caller::EXTERNAL_SYSTEM_NOT_YOURS,
            Self::NotFound => caller::NOT_FOUND,
            Self::UnknownPath => request::UNKNOWN_PATH,
            Self::MethodNotAllowed => request::METHOD_NOT_ALLOWED,
            Self::RequestTimeout => request::REQUEST_TIMEOUT,
            Self::Archived => record::ARCHIVED,
            Self::NotArchived => record::NOT_ARCHIVED,
            Self::CodeTaken => record::CODE_TAKEN,
            Self::HasDependants => record::HAS_DEPENDANTS,
            Self::Erased => record::ERASED,
            Self::MembershipOpen => record::MEMBERSHIP_OPEN,
            Self::CoordinatorNamed => record::COORDINATOR_NAMED,
            Self::TransitionNotAllowed => record::TRANSITION_NOT_ALLOWED,
            Self::TransitionIncomplete => record::TRANSITION_INCOMPLETE,
            Self::TransitionsRefused => record::TRANSITIONS_REFUSED,
            Self::NotEditableInState => record::NOT_EDITABLE_IN_STATE,
            Self::QuestionClosed => record::QUESTION_CLOSED,
            Self::WordGiven => record::WORD_GIVEN,
            Self::TooLateToEdit => record::TOO_LATE_TO_EDIT,
            Self::InstitutionEnded => record::INSTITUTION_ENDED,
            Self::RoundNotOpen => prioritization::ROUND_NOT_OPEN,
            Self::RoundPastClosingDate => prioritization::ROUND_PAST_CLOSING_DATE,
            Self::NominationGiven => prioritization::NOMINATION_GIVEN,
            Self::ResultsNotReady => prioritization::RESULTS_NOT_READY,
            Self::PlanNotActive => workplan::PLAN_NOT_ACTIVE,
            Self::PeriodReported => workplan::PERIOD_REPORTED,
            Self::LastAdministrator => record::LAST_ADMINISTRATOR,
            Self::TwoLiveSecrets => record::TWO_LIVE_SECRETS,
            Self::AnswerErased => record::ANSWER_ERASED,
            Self::StaleRevision => record::STALE_REVISION,
            Self::NothingToMatch => record::NOTHING_TO_MATCH,
            Self::BodyTooLarge => request::BODY_TOO_LARGE,
            Self::UnsupportedMediaType => request::UNSUPPORTED_MEDIA_TYPE,
            Self::ValidationFailed => request::VALIDATION_FAILED,
            Self::IdempotencyKeyReused => request::IDEMPOTENCY_KEY_REUSED,
            Self::PreconditionRequired => request::PRECONDITION_REQUIRED,
            Self::TooManyRequests => caller::TOO_MANY_REQUESTS,
            Self::InternalError => service::INTERNAL_ERROR,
            Self::DatabaseUnavailable => service::DATABASE_UNAVAILABLE,
            Self::WriterBusy => service::WRITER_BUSY,
            Self::SignInBusy => service::SIGN_IN_BUSY,
            Self::QueryTooBroad => service::QUERY_TOO_BROAD,
            Self::TooSlow => service::TOO_SLOW,
            Self::ShuttingDown => service::SHUTTING_DOWN,
        }
    }
}
