//! What became of one row: the change log, read for it.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use serde_json::{Value, to_value};
use utoipa::{
    IntoParams, PartialSchema, ToSchema,
    openapi::{
        KnownFormat, ObjectBuilder, Ref, RefOr, Schema, SchemaFormat, Type,
        schema::{ArrayBuilder, OneOfBuilder},
    },
};
use uuid::Uuid;

use crate::{
    auth::{Actor, ActorKind, Role},
    clock::Timestamp,
    http::{
        Api,
        listing::PageInfo,
        reply::{Document, View},
    },
    problem::{Code, Problem},
    store::{
        Store, Tracked,
        change_log::{HistoryAsk, Op, change},
    },
};

/// Which part of a history.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct HistoryQuery {
    /// How many entries a page holds.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u64>,
    /// `page.next_cursor` of the page before.
    cursor: Option<String>,
}

/// Who did it, by account and not by name.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChangeActor {
    /// The account; `null` for the system itself.
    account_id: Option<Uuid>,
    /// A person, a machine, or the system itself (the seed and the operator's command line).
    #[schema(value_type = String, examples("person"))]
    kind: ActorKind,
    /// The role that the account had then.
    role: Option<Role>,
    /// The organization that the account spoke for then.
    organization_id: Option<Uuid>,
}

/// One change of a row.
#[derive(Debug, Serialize)]
pub struct HistoryEntry<V> {
    revision: i64,
    op: Op,
    at: Timestamp,
    actor: Option<ChangeActor>,
    request_id: Option<String>,
    reason: Option<String>,
    changed: Vec<String>,
    withheld: bool,
    body: Option<V>,
}

/// The changes of a row, the newest first.
#[derive(Debug, Serialize)]
pub struct History<V> {
    data: Vec<HistoryEntry<V>>,
    page: PageInfo,
}

/// Reads one page of the history of a row that the caller may see.
pub async fn history<V: View>(
    store: &Store,
    actor: &Actor,
    row: &<V::Entity as sea_orm::EntityTrait>::Model,
    query: &HistoryQuery,
) -> Api<Document<History<V>>> {
    let limit = query.limit.unwrap_or(50);
    let before = query.cursor.as_deref().map(read_cursor).transpose()?;
    let resource_id = V::Entity::public_id(row)?;
    let ask = HistoryAsk { kind: V::Entity::KIND, resource_id: &resource_id, before, limit: limit + 1 };
    let changes = store.history(&ask).await?;
    let shown = usize::try_from(limit).map_err(Problem::internal)?;
    let sight = actor.sight();
    let seen: Vec<_> = changes.iter().map(|change| sight.sees(change.audience, change.owner_id).then_some(change)).collect();
    let mut data = Vec::with_capacity(shown.min(changes.len()));
    for (at, change) in changes.iter().take(shown).enumerate() {
        data.push(match seen.get(at).copied().flatten() {
            None => withheld(change),
            Some(change) => entry::<V>(change, seen.get(at + 1).copied().flatten())?,
        });
    }
    let has_more = changes.len() > shown;
    let last = changes.iter().take(shown).next_back().filter(|_| has_more);
    let next_cursor = last.map(|change| URL_SAFE_NO_PAD.encode(change.seq.to_string()));
    Ok(Document(History { data, page: PageInfo { next_cursor, has_more, total: None } }))
}

/// The change that made a row, if the caller may see it.
pub async fn first<E: Tracked>(store: &Store, actor: &Actor, row: &E::Model) -> Result<Option<change::Model>, Problem> {
    let first = store.first_change(E::KIND, &E::public_id(row)?).await?;
    Ok(first.filter(|change| actor.sight().sees(change.audience, change.owner_id)))
}

fn read_cursor(cursor: &str) -> Result<i64, Problem> {
    let invalid = || Problem::new(Code::CursorInvalid);
    let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_base64| invalid())?;
    std::str::from_utf8(&bytes).ok().and_then(|text| text.parse().ok()).ok_or_else(invalid)
}

pub fn who(change: &change::Model) -> ChangeActor {
    ChangeActor { account_id: change.actor_id, kind: change.actor_kind, role: change.actor_role, organization_id: change.actor_org }
}

fn withheld<V>(change: &change::Model) -> HistoryEntry<V> {
    HistoryEntry {
        revision: change.revision,
        op: change.op,
        at: change.at,
        actor: None,
        request_id: None,
        reason: None,
        changed: Vec::new(),
        withheld: true,
        body: None,
    }
}

fn entry<V: View>(change: &change::Model, previous: Option<&change::Model>) -> Result<HistoryEntry<V>, Problem> {
    let body = view_of::<V>(change)?;
    let before = previous.map(view_of::<V>).transpose()?.flatten();
    let changed = match (&before, &body) {
        (Some(before), Some(after)) => {
            pointers(&to_value(before).map_err(Problem::internal)?, &to_value(after).map_err(Problem::internal)?)
        }
        _ => Vec::new(),
    };
    Ok(HistoryEntry {
        revision: change.revision,
        op: change.op,
        at: change.at,
        actor: Some(who(change)),
        request_id: change.request_id.clone(),
        reason: change.reason.clone(),
        changed,
        withheld: false,
        body,
    })
}

fn view_of<V: View>(change: &change::Model) -> Result<Option<V>, Problem> {
    let Some(body) = &change.body else { return Ok(None) };
    let row: <V::Entity as sea_orm::EntityTrait>::Model = serde_json::from_str(body).map_err(Problem::internal)?;
    Ok(Some(V::from(row)))
}

/// The fields that differ, to the depth of one language; what every change moves (revision, `updated_at`) is left out.
fn pointers(before: &Value, after: &Value) -> Vec<String> {
    let Some(after) = after.as_object() else { return Vec::new() };
    let mut changed = Vec::new();
    for (name, now) in after.iter().filter(|(name, _)| !matches!(name.as_str(), "revision" | "updated_at")) {
        let was = before.get(name).unwrap_or(&Value::Null);
        match (was, now) {
            (was, now) if was == now => {}
            (Value::Object(was), Value::Object(now)) => {
                let keys: std::collections::BTreeSet<_> = was.keys().chain(now.keys()).collect();
                changed.extend(keys.into_iter().filter(|key| was.get(*key) != now.get(*key)).map(|key| format!("/{name}/{key}")));
            }
            _ => changed.push(format!("/{name}")),
        }
    }
    changed
}

fn stem<V: ToSchema>() -> String {
    V::name().trim_end_matches("View").to_owned()
}

fn nullable(name: &str, description: &str) -> OneOfBuilder {
    OneOfBuilder::new()
        .item(ObjectBuilder::new().schema_type(Type::Null))
        .item(RefOr::Ref(Ref::from_schema_name(name)))
        .description(Some(description))
}

impl<V: ToSchema> ToSchema for HistoryEntry<V> {
    fn name() -> std::borrow::Cow<'static, str> {
        format!("{}HistoryEntry", stem::<V>()).into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((V::name().into_owned(), V::schema()));
        V::schemas(schemas);
        schemas.push((ChangeActor::name().into_owned(), ChangeActor::schema()));
        ChangeActor::schemas(schemas);
        schemas.push((Op::name().into_owned(), Op::schema()));
    }
}

impl<V: ToSchema> PartialSchema for HistoryEntry<V> {
    fn schema() -> RefOr<Schema> {
        let text_or_null = |description: &str| {
            ObjectBuilder::new()
                .schema_type(utoipa::openapi::schema::SchemaType::from_iter([Type::String, Type::Null]))
                .description(Some(description))
        };
        let at = match Timestamp::schema() {
            RefOr::T(Schema::Object(mut object)) => {
                object.description = Some("When it happened, in UTC.".to_owned());
                RefOr::T(Schema::Object(object))
            }
            other => other,
        };
        let pointer = ObjectBuilder::new().schema_type(Type::String).examples(["/name/lo"]);
        ObjectBuilder::new()
            .schema_type(Type::Object)
            .description(Some("One change of a row."))
            .property(
                "revision",
                ObjectBuilder::new()
                    .schema_type(Type::Integer)
                    .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)))
                    .minimum(Some(1))
                    .description(Some("The revision that the row had after the change.")),
            )
            .property("op", RefOr::Ref(Ref::from_schema_name("Op")))
            .property("at", at)
            .property("actor", nullable("ChangeActor", "Who did it; `null` when withheld."))
            .property("request_id", text_or_null("The request that did it, as in the operator's log."))
            .property("reason", text_or_null("The reason that was given with a move from one state to another."))
            .property(
                "changed",
                ArrayBuilder::new()
                    .items(pointer)
                    .description(Some("JSON pointers to what differs from the revision before; empty when that one is withheld.")),
            )
            .property(
                "withheld",
                ObjectBuilder::new()
                    .schema_type(Type::Boolean)
                    .description(Some("`true` when you may not see the row as it was then: only the fact that it changed is shown.")),
            )
            .property("body", nullable(&V::name(), "The row as it was after the change; `null` when withheld or erased."))
            .into()
    }
}

impl<V: ToSchema> ToSchema for History<V> {
    fn name() -> std::borrow::Cow<'static, str> {
        format!("{}History", stem::<V>()).into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((HistoryEntry::<V>::name().into_owned(), HistoryEntry::<V>::schema()));
        HistoryEntry::<V>::schemas(schemas);
        schemas.push((PageInfo::name().into_owned(), PageInfo::schema()));
    }
}

impl<V: ToSchema> PartialSchema for History<V> {
    fn schema() -> RefOr<Schema> {
        let entries = ArrayBuilder::new()
            .items(RefOr::Ref(Ref::from_schema_name(HistoryEntry::<V>::name())))
            .description(Some("The changes, the newest first."));
        ObjectBuilder::new()
            .schema_type(Type::Object)
            .description(Some("The changes of a row, the newest first."))
            .property("data", entries)
            .property("page", RefOr::Ref(Ref::from_schema_name(PageInfo::name())))
            .into()
    }
}
