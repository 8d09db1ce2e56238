//! What differs between two versions of a plan, or between the version in force and the open revision: field by field, by the ids of activities.

use std::collections::BTreeMap;

use actix_web::{get, web::Data};
use sea_orm::ColumnTrait;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, to_value};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::content::{self, Header};
use crate::{
    entity::{
        workplan::{Column, Entity, Model},
        workplan_revision, workplan_version,
    },
    http::{
        Api,
        context::Here,
        extract::{Caller, Path, Query},
        reply::Document,
    },
    problem::{Fault, FaultCode, Problem},
    store::{Store, visible},
};

/// The word for what the open revision would make of the plan.
const REVISION: &str = "revision";

/// Which versions are compared.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DiffQuery {
    /// The version to compare with: its number, or `revision`, the default, for what the open revision would make of the plan.
    #[param(pattern = "^([1-9][0-9]{0,8}|revision)$", example = "revision")]
    pub against: Option<String>,
    /// The version that is compared; by default the one in force.
    #[param(minimum = 1)]
    pub version: Option<i64>,
}

/// A field that differs.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = WorkplanFieldDifference)]
pub struct FieldDifference {
    /// The field, as a JSON pointer into the row as it stands in `versions/{version}`.
    #[schema(examples("/title/en"))]
    pointer: String,
    /// What the older one says; `null` where it says nothing.
    #[schema(required)]
    before: Option<Value>,
    /// What the newer one says; `null` where it says nothing.
    #[schema(required)]
    after: Option<Value>,
}

/// Something of the plan that differs.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = WorkplanDifference)]
pub struct Difference {
    /// What it is: `workplan`, `activity`, `milestone` or `budget_line`; more words may come.
    #[schema(examples("activity"))]
    kind: &'static str,
    /// Its id; `null` for a milestone or a budget line that the open revision adds.
    #[schema(required)]
    id: Option<Uuid>,
    /// The activity that it is, or stands below; `null` of the workplan.
    #[schema(required)]
    activity_id: Option<Uuid>,
    /// The code of that activity, in the newer one where it is there.
    #[schema(required, examples("2.1"))]
    code: Option<String>,
    /// What became of it: `added`, `removed` or `changed`.
    #[schema(examples("changed"))]
    op: &'static str,
    /// Every field that differs; of what was added or removed every field that says something.
    fields: Vec<FieldDifference>,
}

/// What differs between two versions of a plan.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WorkplanDiff)]
pub struct Differences {
    /// The workplan.
    workplan_id: Uuid,
    /// The older one: the number of a version.
    #[schema(examples("1"))]
    before: String,
    /// The newer one: the number of a version, or `revision`.
    #[schema(examples("revision"))]
    after: String,
    /// What differs, the workplan itself first, then the activities in the order of their codes, each followed by what stands below it.
    data: Vec<Difference>,
}

/// Compare two versions of a workplan
///
/// What differs, field by field, between `version` (by default the one in force) and `against`; the older of the two is `before`.
/// `against=revision` compares with what the open revision would make of the plan; of a plan without one that you may see: 400.
#[utoipa::path(tag = "Workplans", params(DiffQuery))]
#[get("/v1/workplans/{id}/diff")]
pub(in crate::features::workplan) async fn get_workplan_diff(
    store: Data<Store>,
    here: Data<Here>,
    caller: Caller,
    id: Path<Uuid>,
    query: Query<DiffQuery>,
) -> Api<Document<Differences>> {
    let plan = store.find::<Entity>(&caller, Column::Id.eq(id.0)).await?;
    let version = query.0.version.or(plan.version).ok_or_else(|| unknown("version"))?;
    let this = stored(&store, &plan, version, "version").await?;
    let against = query.0.against.as_deref().unwrap_or(REVISION);
    let (before, after, named) = if against == REVISION {
        let revisions = visible::<workplan_revision::Entity>(&caller)?;
        let open = workplan_revision::open_in(revisions, plan.id);
        let revision = store.all(open).await?.pop().ok_or_else(|| unknown("against"))?;
        let images = content::images(store.get_ref(), plan.id, Some(revision.id)).await?;
        let built = content::build(store.get_ref(), Header::of_revision(&revision, here.today()), images).await?;
        (this, to_value(built).map_err(Problem::internal)?, (version.to_string(), REVISION.to_owned()))
    } else {
        let against = against.parse::<i64>().map_err(|_number| unknown("against"))?;
        let other = stored(&store, &plan, against, "against").await?;
        let named = (version.min(against).to_string(), version.max(against).to_string());
        if against < version { (other, this, named) } else { (this, other, named) }
    };
    Ok(Document(Differences { workplan_id: plan.id, before: named.0, after: named.1, data: differences(&before, &after) }))
}

fn unknown(parameter: &str) -> Problem {
    Problem::bad_query(vec![Fault::parameter(parameter, FaultCode::ReferenceUnknown)])
}

/// What a version holds, or 400 at the parameter that names one that there is not.
async fn stored(store: &Store, plan: &Model, version: i64, parameter: &str) -> Result<Value, Problem> {
    let row = store.all(workplan_version::Entity::one(plan.id, version)).await?.pop().ok_or_else(|| unknown(parameter))?;
    serde_json::from_str(&row.content).map_err(Problem::internal)
}

/// What says which version it is rather than what is planned.
const NOT_PLANNED: &[&str] = &["id", "version", "approved_on", "approval_act", "agreed_against"];

fn differences(before: &Value, after: &Value) -> Vec<Difference> {
    let mut found = Vec::new();
    let fields = fields(before.get("workplan"), after.get("workplan"), NOT_PLANNED);
    if !fields.is_empty() {
        found.push(Difference { kind: "workplan", id: id_of(after.get("workplan")), activity_id: None, code: None, op: "changed", fields });
    }
    let (old, new) = (by_id(before.get("activities")), by_id(after.get("activities")));
    let mut ids: Vec<(&str, Uuid)> = new.iter().map(|(id, row)| (code_of(row), *id)).collect();
    ids.extend(old.iter().filter(|(id, _)| !new.contains_key(*id)).map(|(id, row)| (code_of(row), *id)));
    ids.sort_unstable();
    for (code, id) in ids {
        let (one, other) = (old.get(&id).copied(), new.get(&id).copied());
        let of = Of { activity: id, code };
        found.extend(of.compare("activity", Some(id), one, other));
        for (kind, list) in [("milestone", "milestones"), ("budget_line", "budget_lines")] {
            found.extend(of.below(kind, one.and_then(|row| row.get(list)), other.and_then(|row| row.get(list))));
        }
    }
    found
}

/// The activity that something belongs to.
struct Of<'a> {
    activity: Uuid,
    code: &'a str,
}

impl Of<'_> {
    fn compare(&self, kind: &'static str, id: Option<Uuid>, before: Option<&Value>, after: Option<&Value>) -> Option<Difference> {
        let op = match (before, after) {
            (None, None) => return None,
            (None, Some(_)) => "added",
            (Some(_), None) => "removed",
            (Some(_), Some(_)) => "changed",
        };
        // What stands below an activity is compared by itself.
        let fields = fields(before, after, &["id", "milestones", "budget_lines"]);
        let same = op == "changed" && fields.is_empty();
        let (activity_id, code) = (Some(self.activity), Some(self.code.to_owned()));
        (!same).then_some(Difference { kind, id, activity_id, code, op, fields })
    }

    fn below(&self, kind: &'static str, before: Option<&Value>, after: Option<&Value>) -> Vec<Difference> {
        let (old, new) = (by_id(before), by_id(after));
        let mut ids: Vec<Uuid> = old.keys().chain(new.keys()).copied().collect();
        ids.sort_unstable();
        ids.dedup();
        let known = ids.into_iter().filter_map(|id| self.compare(kind, Some(id), old.get(&id).copied(), new.get(&id).copied()));
        let mut found: Vec<_> = known.collect();
        // What a revision adds has no id yet.
        let fresh = after.and_then(Value::as_array).into_iter().flatten().filter(|row| id_of(Some(row)).is_none());
        found.extend(fresh.filter_map(|row| self.compare(kind, None, None, Some(row))));
        found
    }
}

fn id_of(row: Option<&Value>) -> Option<Uuid> {
    row?.get("id")?.as_str()?.parse().ok()
}

fn code_of(row: &Value) -> &str {
    row.get("code").and_then(Value::as_str).unwrap_or_default()
}

fn by_id(rows: Option<&Value>) -> BTreeMap<Uuid, &Value> {
    rows.and_then(Value::as_array).into_iter().flatten().filter_map(|row| Some((id_of(Some(row))?, row))).collect()
}

/// The fields that differ; texts in several languages by language, lists and the rest as a whole.
fn fields(before: Option<&Value>, after: Option<&Value>, except: &[&str]) -> Vec<FieldDifference> {
    let none = Map::new();
    let members = |row: Option<&Value>| row.and_then(Value::as_object).cloned().unwrap_or_else(|| none.clone());
    let (old, new) = (members(before), members(after));
    let mut names: Vec<&String> = old.keys().chain(new.keys()).filter(|name| !except.contains(&name.as_str())).collect();
    names.sort_unstable();
    names.dedup();
    let mut found = Vec::new();
    for name in names {
        differ(&format!("/{}", escaped(name)), said(old.get(name)), said(new.get(name)), &mut found);
    }
    found
}

fn differ(pointer: &str, before: Option<&Value>, after: Option<&Value>, found: &mut Vec<FieldDifference>) {
    if before == after {
        return;
    }
    match (before, after) {
        (Some(Value::Object(old)), Some(Value::Object(new))) => {
            let mut names: Vec<&String> = old.keys().chain(new.keys()).collect();
            names.sort_unstable();
            names.dedup();
            for name in names {
                differ(&format!("{pointer}/{}", escaped(name)), said(old.get(name)), said(new.get(name)), found);
            }
        }
        _ => found.push(FieldDifference { pointer: pointer.to_owned(), before: before.cloned(), after: after.cloned() }),
    }
}

/// `null` and an empty list say nothing.
fn said(value: Option<&Value>) -> Option<&Value> {
    value.filter(|value| !value.is_null() && value.as_array().is_none_or(|list| !list.is_empty()))
}

/// A name as it stands in a JSON pointer (RFC 6901).
fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}
