//! What the API offers, one file per resource, grouped as in the menu of a portal.

pub mod access;
pub mod consultation;
pub mod discussion;
pub mod framework;
pub mod history;
pub mod included;
pub mod insight;
pub mod institutions;
pub mod lifecycle;
pub mod operations;
pub mod prioritization;
pub mod references;
pub mod review;
pub mod stocktaking;
pub mod subjects;
pub mod sync;
pub mod transitions;
pub mod workplan;
pub mod writing;

/// A list whose `included` may hold any kind of row.
pub type Listed<V> = crate::http::listing::Listed<V, included::Included>;

/// As [`Listed`], of facts that come with the program; nothing is ever included.
pub type Catalogued<V> = crate::http::catalogue::Catalogued<V, included::Included>;

/// The addresses whose GET gives everybody who sees the same the same answer, made of tracked rows and the day alone: such answers are kept in memory.
/// What tells a caller about themselves or what they may do, secrets, contacts and histories never stand here.
pub const SHARED: &[&str] = &[
    "/v1/activities",
    "/v1/activities/{id}",
    "/v1/activities/{id}/budget-lines",
    "/v1/activities/{id}/budget-lines/{budget_line_id}",
    "/v1/activities/{id}/milestones",
    "/v1/activities/{id}/milestones/{milestone_id}",
    "/v1/activity-proposals",
    "/v1/activity-proposals/{id}",
    "/v1/consultations",
    "/v1/consultations/{id}",
    "/v1/comments",
    "/v1/comments/{id}",
    "/v1/coordination-bodies",
    "/v1/coordination-bodies/{id}",
    "/v1/coordination-bodies/{id}/members",
    "/v1/coordination-bodies/{id}/members/{member_id}",
    "/v1/efforts",
    "/v1/efforts/{id}",
    "/v1/endorsements",
    "/v1/endorsements/{id}",
    "/v1/focal-points",
    "/v1/focal-points/{id}",
    "/v1/insights/coverage",
    "/v1/insights/funding",
    "/v1/insights/progress",
    "/v1/insights/timeline",
    "/v1/ministries",
    "/v1/ministries/{id}",
    "/v1/nominations",
    "/v1/nominations/{id}",
    "/v1/objectives",
    "/v1/objectives/{number}",
    "/v1/organizations",
    "/v1/organizations/{id}",
    "/v1/outcomes",
    "/v1/outcomes/{id}",
    "/v1/priorities",
    "/v1/priorities/{id}",
    "/v1/prioritizations",
    "/v1/prioritizations/{id}",
    "/v1/prioritizations/{id}/results",
    "/v1/progress-reports",
    "/v1/progress-reports/{id}",
    "/v1/review-cycles",
    "/v1/review-cycles/{id}",
    "/v1/successions",
    "/v1/successions/{id}",
    "/v1/un-network-members",
    "/v1/un-network-members/{id}",
    "/v1/workplan-revisions",
    "/v1/workplan-revisions/{id}",
    "/v1/workplans",
    "/v1/workplans/{id}",
    "/v1/workplans/{id}/diff",
    "/v1/workplans/{id}/versions",
    "/v1/workplans/{id}/versions/{version}",
];

/// Mounts every operation. What is not mounted here is neither served nor in the contract.
use crate::http::mount::Mount;

pub fn mount(config: &mut Mount<'_>) {
    access::mount(config);
    framework::mount(config);
    institutions::mount(config);
    stocktaking::mount(config);
    insight::mount(config);
    prioritization::mount(config);
    workplan::mount(config);
    discussion::mount(config);
    review::mount(config);
    consultation::mount(config);
    operations::mount(config);
}
