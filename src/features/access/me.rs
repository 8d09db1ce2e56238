//! Who am I here, and what may I do?

mod password;
mod sessions;
mod tasks;

use actix_web::{get, web::Data};
use sea_orm::ColumnTrait;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::{
    auth::{Action, Actor, Role, Scope, Subject, decide, policy::Fields},
    entity::{
        account, activity, activity_proposal, budget_line, comment, consultation, coordination_body, coordination_body_member, effort,
        endorsement, focal_point, milestone, nomination, objective, organization, outcome, prioritization, priority, progress_report,
        review_cycle, service_account, succession, un_network_member, workplan, workplan_revision,
    },
    http::{
        Api,
        extract::{Caller, Query},
        mount::Mount,
        reply::Document,
    },
    kind::Kind,
    problem::{Fault, FaultCode, Problem},
    store::{Store, Tracked},
};

/// Who is signed in.
#[derive(Debug, Serialize, ToSchema)]
pub struct Me {
    /// The account.
    account_id: Option<Uuid>,
    /// The user name, or the name of the machine account.
    #[schema(examples("mofa.coordinator"))]
    username: String,
    /// The name to show; `null` for machine accounts.
    display_name: Option<String>,
    /// What the account is for.
    role: Role,
    /// The organization that it speaks for.
    organization_id: Option<Uuid>,
    /// What the account was let in for; people have all.
    scopes: Vec<Scope>,
    /// The language that its holder prefers.
    #[schema(examples("lo"))]
    locale: String,
}

/// What is asked about.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PermissionQuery {
    /// The kind of row; without it, every kind.
    kind: Option<String>,
    /// One row of that kind, as it stands in its address; without it, a new row.
    id: Option<String>,
}

/// Whether you may do one thing, and by which rule.
#[derive(Debug, Serialize, ToSchema)]
pub struct Permission {
    /// The kind of row.
    #[schema(value_type = String, examples("organization"))]
    kind: Kind,
    /// What would be done.
    #[schema(examples("update"))]
    action: String,
    /// Whether you may.
    allowed: bool,
    /// The rule that says so.
    #[schema(examples("own_institution"))]
    rule: String,
    /// The rule in a sentence.
    reason: String,
    /// The fields that you may change; `null`: all.
    #[schema(examples("mandate"))]
    fields: Option<Vec<String>>,
}

/// What you may do.
#[derive(Debug, Serialize, ToSchema)]
pub struct Permissions {
    /// The kind that was asked about.
    #[schema(value_type = Option<String>, examples("organization"))]
    kind: Option<Kind>,
    /// The row that was asked about.
    #[schema(examples("01920000-0000-7000-8000-000000000001"))]
    id: Option<String>,
    /// Every action.
    data: Vec<Permission>,
}

pub fn mount(config: &mut Mount<'_>) {
    config.service(get_me).service(get_my_permissions);
    password::mount(config);
    sessions::mount(config);
    tasks::mount(config);
}

/// Who is signed in
///
/// The account behind the access token, as it is now.
#[utoipa::path(tag = "Me")]
#[get("/v1/me")]
async fn get_me(caller: Caller) -> Api<Document<Me>> {
    let Actor { account_id, role, organization_id, scopes, name, display_name, locale, .. } = Actor::clone(&caller);
    Ok(Document(Me { account_id, username: name, display_name, role, organization_id, scopes, locale }))
}

/// What the signed-in account may do
///
/// For building a form or a menu: each action with whether it is allowed, the rule that says so, and the fields it reaches. With `kind` and `id`
/// it is about that row.
#[utoipa::path(tag = "Me", params(PermissionQuery))]
#[get("/v1/me/permissions")]
async fn get_my_permissions(store: Data<Store>, caller: Caller, query: Query<PermissionQuery>) -> Api<Document<Permissions>> {
    let PermissionQuery { kind, id } = query.0;
    let kind = kind.map(|kind| kind.parse::<Kind>().map_err(|_unknown| unknown_kind())).transpose()?;
    let subjects = match (kind, &id) {
        (None, None) => Kind::ALL.iter().copied().map(Subject::new).collect(),
        (Some(kind), None) => vec![Subject::new(kind)],
        (Some(kind), Some(id)) => vec![subject(&store, &caller, kind, id).await?],
        (None, Some(_)) => return Err(Problem::bad_query(vec![Fault::parameter("kind", FaultCode::Required)])),
    };
    let data = subjects.iter().flat_map(|subject| Action::ALL.iter().map(|action| permission(&caller, *action, subject))).collect();
    Ok(Document(Permissions { kind, id, data }))
}

fn unknown_kind() -> Problem {
    let allowed: Vec<_> = Kind::ALL.iter().map(|kind| kind.name()).collect();
    Problem::bad_query(vec![Fault::parameter("kind", FaultCode::UnknownValue).with("allowed", allowed)])
}

fn permission(actor: &Actor, action: Action, subject: &Subject) -> Permission {
    let decision = decide(actor, action, subject);
    let fields = match decision.fields {
        None => Some(Vec::new()),
        Some(Fields::All) => None,
        Some(Fields::Only(fields)) => Some(fields.iter().map(|field| (*field).to_owned()).collect()),
    };
    Permission {
        kind: subject.kind,
        action: action.name().to_owned(),
        allowed: decision.fields.is_some(),
        rule: decision.rule.to_owned(),
        reason: decision.reason.to_owned(),
        fields,
    }
}

/// What the rules need to know of the row, if the caller may see it.
async fn subject(store: &Store, actor: &Actor, kind: Kind, id: &str) -> Result<Subject, Problem> {
    let uuid = || id.parse::<Uuid>().map_err(|_uuid| Problem::not_found());
    match kind {
        Kind::Objective => {
            let number = id.parse::<i16>().map_err(|_number| Problem::not_found())?;
            of::<objective::Entity>(store, actor, objective::Column::Number.eq(number)).await
        }
        Kind::Organization => of::<organization::Entity>(store, actor, organization::Column::Id.eq(uuid()?)).await,
        Kind::Account => of::<account::Entity>(store, actor, account::Column::Id.eq(uuid()?)).await,
        Kind::ServiceAccount => of::<service_account::Entity>(store, actor, service_account::Column::Id.eq(uuid()?)).await,
        Kind::FocalPoint => of::<focal_point::Entity>(store, actor, focal_point::Column::Id.eq(uuid()?)).await,
        Kind::UnNetworkMember => of::<un_network_member::Entity>(store, actor, un_network_member::Column::Id.eq(uuid()?)).await,
        Kind::CoordinationBody => of::<coordination_body::Entity>(store, actor, coordination_body::Column::Id.eq(uuid()?)).await,
        Kind::CoordinationBodyMember => {
            of::<coordination_body_member::Entity>(store, actor, coordination_body_member::Column::Id.eq(uuid()?)).await
        }
        Kind::ReviewCycle => of::<review_cycle::Entity>(store, actor, review_cycle::Column::Id.eq(uuid()?)).await,
        Kind::Succession => of::<succession::Entity>(store, actor, succession::Column::Id.eq(uuid()?)).await,
        Kind::Effort => of::<effort::Entity>(store, actor, effort::Column::Id.eq(uuid()?)).await,
        Kind::Consultation => of::<consultation::Entity>(store, actor, consultation::Column::Id.eq(uuid()?)).await,
        Kind::Outcome => of::<outcome::Entity>(store, actor, outcome::Column::Id.eq(uuid()?)).await,
        Kind::Priority => of::<priority::Entity>(store, actor, priority::Column::Id.eq(uuid()?)).await,
        Kind::Endorsement => of::<endorsement::Entity>(store, actor, endorsement::Column::Id.eq(uuid()?)).await,
        Kind::Comment => of::<comment::Entity>(store, actor, comment::Column::Id.eq(uuid()?)).await,
        Kind::Prioritization => of::<prioritization::Entity>(store, actor, prioritization::Column::Id.eq(uuid()?)).await,
        Kind::Nomination => of::<nomination::Entity>(store, actor, nomination::Column::Id.eq(uuid()?)).await,
        Kind::Workplan => of::<workplan::Entity>(store, actor, workplan::Column::Id.eq(uuid()?)).await,
        Kind::WorkplanRevision => of::<workplan_revision::Entity>(store, actor, workplan_revision::Column::Id.eq(uuid()?)).await,
        Kind::Activity => of::<activity::Entity>(store, actor, activity::Column::Id.eq(uuid()?)).await,
        Kind::ActivityProposal => of::<activity_proposal::Entity>(store, actor, activity_proposal::Column::Id.eq(uuid()?)).await,
        Kind::Milestone => of::<milestone::Entity>(store, actor, milestone::Column::Id.eq(uuid()?)).await,
        Kind::BudgetLine => of::<budget_line::Entity>(store, actor, budget_line::Column::Id.eq(uuid()?)).await,
        Kind::ProgressReport => of::<progress_report::Entity>(store, actor, progress_report::Column::Id.eq(uuid()?)).await,
    }
}

async fn of<E: Tracked>(store: &Store, actor: &Actor, which: impl sea_orm::sea_query::IntoCondition) -> Result<Subject, Problem> {
    Ok(E::subject(&store.find::<E>(actor, which).await?))
}
