//! One file per table: the columns, what makes a row tracked or private, and the queries that have a name.

#![expect(clippy::disallowed_methods, reason = "named queries begin here; tests/architecture.rs sees to it that nothing here writes")]

pub mod account;
pub mod activity;
pub mod activity_action;
pub mod activity_dependency;
pub mod activity_objective;
pub mod activity_party;
pub mod activity_proposal;
pub mod activity_province;
pub mod activity_sdg_target;
pub mod budget_line;
pub mod comment;
pub mod consultation;
pub mod consultation_objective;
pub mod consultation_party;
pub mod consultation_sdg_goal;
pub mod coordination_body;
pub mod coordination_body_chair;
pub mod coordination_body_member;
pub mod credential;
pub mod effort;
pub mod effort_action;
pub mod effort_objective;
pub mod effort_party;
pub mod effort_province;
pub mod effort_sdg_target;
pub mod endorsement;
pub mod focal_point;
pub mod focal_point_contact;
pub mod known_network;
pub mod milestone;
pub mod nomination;
pub mod objective;
pub mod objective_cluster;
pub mod objective_sdg_target;
pub mod organization;
pub mod outcome;
pub mod outcome_objective;
pub mod password_link;
pub mod prioritization;
pub mod prioritization_elector;
pub mod priority;
pub mod priority_supporter;
pub mod progress_report;
pub mod refresh_token;
pub mod review_cycle;
pub mod revoked_token;
pub mod service_account;
pub mod service_secret;
pub mod session;
pub mod signing_key;
pub mod succession;
pub mod succession_party;
pub mod un_network_member;
pub mod un_network_member_objective;
pub mod un_network_member_role;
pub mod workplan;
pub mod workplan_priority;
pub mod workplan_revision;
pub mod workplan_version;

use sea_orm::{
    ColumnTrait, Condition, EntityTrait, ExprTrait as _,
    sea_query::{Expr, Func, IntoCondition, Query},
};

/// Rows that own a row of another table of which this holds: `parent` is its column that names them, and `id` theirs.
fn with_owned<C: EntityTrait>(parent: C::Column, id: impl ColumnTrait, holds: impl IntoCondition) -> Condition {
    let owned = Query::select()
        .column(parent)
        .from(C::default().table_ref())
        .and_where(Expr::col(parent.as_column_ref()).equals(id.as_column_ref()))
        .cond_where(holds.into_condition())
        .to_owned();
    Condition::all().add(Expr::exists(owned))
}

/// Whether a column that is JSON text on both engines holds this piece of JSON. Inside of a text every quote is escaped, so that a piece with a quote
/// at each end, or a name with its colon, can only be itself. Every letter counts, on both engines: the column is another one without the piece.
fn json_holds(column: impl ColumnTrait, piece: &str) -> Expr {
    let whole = || Expr::col((column.entity_name(), column));
    whole().ne(Func::cust("replace").arg(whole()).arg(piece).arg(""))
}

/// Whether a column that is a list of texts holds one of these.
pub fn lists_any(column: impl ColumnTrait, values: impl IntoIterator<Item = impl Into<serde_json::Value>>) -> Condition {
    let held = |value| json_holds(column, &serde_json::Value::to_string(&value));
    values.into_iter().map(Into::into).fold(Condition::any(), |any, value| any.add(held(value)))
}
