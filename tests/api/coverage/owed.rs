//! The problems that each operation can answer with, read off its place in the contract.

use gcm_api::problem::Code;

use crate::harness::{
    promise::{Operation, operations},
    walk::{Collection, parameter},
};

/// Kinds of problems that no single operation owes, and the file below `tests/api` that provokes each.
pub const ELSEWHERE: &[(Code, &str)] = &[
    (Code::MethodNotAllowed, "writing/order.rs"),
    (Code::UnknownPath, "coverage.rs"),
    (Code::TokenExpired, "access/tokens.rs"),
    (Code::FieldNotWritable, "access.rs"),
    (Code::ExternalIdTaken, "writing/external_ids.rs"),
    (Code::ExternalSystemNotYours, "access/seeing.rs"),
    (Code::CodeTaken, "organizations.rs"),
    (Code::HasDependants, "organizations.rs"),
    (Code::Erased, "focal_points.rs"),
    (Code::MembershipOpen, "un_network_members.rs"),
    (Code::CoordinatorNamed, "un_network_members.rs"),
    (Code::TransitionNotAllowed, "transitions.rs"),
    (Code::TransitionIncomplete, "transitions.rs"),
    (Code::TransitionsRefused, "transitions.rs"),
    (Code::NotEditableInState, "successions/rules.rs"),
    (Code::QuestionClosed, "priorities/substance.rs"),
    (Code::WordGiven, "endorsements.rs"),
    (Code::TooLateToEdit, "comments.rs"),
    (Code::InstitutionEnded, "successions/corners.rs"),
    (Code::RoundNotOpen, "nominations.rs"),
    (Code::RoundPastClosingDate, "nominations.rs"),
    (Code::NominationGiven, "nominations.rs"),
    (Code::ResultsNotReady, "results.rs"),
    (Code::SumOutOfRange, "figures/funding.rs"),
    (Code::PlanNotActive, "activities.rs"),
    (Code::AwaitedArchived, "activities/rules.rs"),
    (Code::PeriodReported, "progress_reports/acceptance.rs"),
    (Code::LastAdministrator, "accounts/administrators.rs"),
    (Code::TwoLiveSecrets, "accounts/machines.rs"),
    (Code::AnswerErased, "accounts/erasure.rs"),
    (Code::BadRequest, "front/failures.rs"),
    (Code::TooSlow, "front/failures.rs"),
    (Code::InternalError, "front/failures.rs"),
    (Code::DatabaseUnavailable, "front/failures.rs"),
    (Code::WriterBusy, "front/failures.rs"),
    (Code::TooManyRequests, "front/limits.rs"),
    (Code::SignInBusy, "tokens/throttle/beside.rs"),
    (Code::ShuttingDown, "operations/stopping.rs"),
];

/// Kinds of problems that no test provokes, and why.
pub const NEVER: &[(Code, &str)] = &[
    (Code::RequestTimeout, "a body that does not arrive needs a socket, and the time limit of a request"),
    (Code::QueryTooBroad, "needs a query that PostgreSQL works on for ten seconds"),
];

pub fn takes_query(operation: &Operation) -> bool {
    operation.spec["parameters"].as_array().into_iter().flatten().any(|parameter| parameter["in"] == "query")
}

fn is_about_me(operation: &Operation) -> bool {
    operation.path.starts_with("/v1/me")
}

/// The problems that an operation can answer with, read off its place in the contract.
pub fn owed(operation: &'static Operation) -> Vec<Code> {
    let mut owed = Vec::new();
    let mut add = |when: bool, codes: &[Code]| owed.extend(if when { codes.to_vec() } else { Vec::new() });
    let writes = operation.method != "GET";
    let many = operation.id.starts_with("transition") && operation.path.ends_with("s/transitions") && !operation.path.contains('{');
    let hidden = Collection::of(operation).is_some_and(|collection| collection.is_private() || collection.begins_hidden());
    let json = operation.body_schema().is_some();
    add(!operation.is_public(), &[Code::Unauthenticated]);
    add(operation.path.contains('{'), &[Code::NotFound]);
    add(takes_query(operation), &[Code::InvalidQuery]);
    add(parameter(operation, "cursor").is_some(), &[Code::CursorInvalid]);
    add(parameter(operation, "sort").is_some(), &[Code::CursorMismatch]);
    add(!operation.is_public() && !is_about_me(operation), &[Code::InsufficientScope]);
    add(writes && !operation.is_public() && !is_about_me(operation) && (many || !hidden), &[Code::Forbidden]);
    add(parameter(operation, "If-Match").is_some_and(|header| header["required"] == true), &[Code::PreconditionRequired]);
    add(parameter(operation, "If-Match").is_some(), &[Code::StaleRevision]);
    add(operation.id.starts_with("upsert"), &[Code::NothingToMatch]);
    add(parameter(operation, "Idempotency-Key").is_some(), &[Code::InvalidHeader, Code::IdempotencyKeyReused]);
    add(json, &[Code::MalformedJson, Code::UnsupportedMediaType, Code::BodyTooLarge, Code::ValidationFailed]);
    add(operation.method == "PATCH" && archives(operation), &[Code::Archived]);
    add(operation.path.ends_with("/restore"), &[Code::NotArchived]);
    owed
}

/// Whether it changes the rows themselves of a collection whose rows can be archived.
pub fn archives(operation: &'static Operation) -> bool {
    operations().iter().any(|other| other.path == format!("{}/archive", operation.path))
}
