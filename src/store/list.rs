//! One page of a list: keyset paging over a declared sort, with the id as tie-break.

use std::collections::BTreeSet;

use aws_lc_rs::digest;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{Datelike, NaiveDate};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, ExprTrait, ModelTrait, Order, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait as _, Select, Value,
    sea_query::{ColumnType, Expr, Query, SelectStatement, UnionType},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Engine, change_log::hex, search, tracked::Tracked};
use crate::{
    clock::Timestamp,
    problem::{Code, Problem},
    text::fold,
};

/// A declared sort: its name in `sort`, and the not-null column behind it, which an index of (column, id) serves.
#[derive(Clone, Copy, Debug)]
pub struct Sort<C> {
    pub name: &'static str,
    pub column: C,
}

/// Whether archived rows are listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Archived {
    #[default]
    Exclude,
    Include,
    Only,
}

/// A filter of several values of a column that an index of (column, sort, id) serves, for every sort of the list.
#[derive(Clone, Debug)]
pub struct Several<C> {
    pub column: C,
    pub values: Vec<Value>,
}

/// What is asked of a list, beside the filters of the resource.
#[derive(Clone, Debug)]
pub struct ListAsk<E: Tracked> {
    pub limit: u64,
    pub cursor: Option<String>,
    pub sort: E::Column,
    pub descending: bool,
    pub with_total: bool,
    pub archived: Archived,
    pub missing_language: Option<String>,
    pub q: Option<String>,
    /// A filter that is not in the query.
    pub several: Option<Several<E::Column>>,
    /// Everything that the cursor is bound to: sort and filters, in one order.
    pub scope: String,
}

/// One page, and the number of the last change before it was read.
#[derive(Debug)]
pub struct Page<M> {
    pub rows: Vec<M>,
    pub next_cursor: Option<String>,
    pub total: Option<u64>,
    pub head: i64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Cursor {
    scope: String,
    key: Key,
    id: Uuid,
}

/// The sort key of the last row of a page, with its type.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Key {
    #[serde(rename = "s")]
    Text(String),
    #[serde(rename = "n")]
    Number(i64),
    #[serde(rename = "t")]
    Micros(i64),
    #[serde(rename = "d")]
    Day(NaiveDate),
}

impl Key {
    fn of(value: &Value) -> Result<Self, Problem> {
        match value {
            Value::String(Some(text)) => Ok(Self::Text(text.clone())),
            Value::SmallInt(Some(number)) => Ok(Self::Number((*number).into())),
            Value::BigInt(Some(number)) => Ok(Self::Number(*number)),
            Value::ChronoDateTimeUtc(Some(at)) => Ok(Self::Micros(at.timestamp_micros())),
            Value::ChronoDate(Some(day)) => Ok(Self::Day(*day)),
            other => Err(Problem::internal(format!("{other:?} is no sort key"))),
        }
    }

    /// The key as a value for this column; one of another type was not written by us.
    fn value(self, column: &ColumnType) -> Result<Value, Problem> {
        let fits = match (&self, column) {
            (Self::Text(_), ColumnType::Text | ColumnType::String(_)) => true,
            (Self::Number(number), ColumnType::SmallInteger) => i16::try_from(*number).is_ok(),
            (Self::Number(_), ColumnType::BigInteger) => true,
            // Years 1 to 9999, which both engines know.
            (Self::Micros(micros), ColumnType::TimestampWithTimeZone) => {
                (-62_135_596_800_000_000..253_402_300_800_000_000).contains(micros)
            }
            (Self::Day(day), ColumnType::Date) => (1..=9999).contains(&day.year()),
            _ => false,
        };
        if !fits {
            return Err(Problem::new(Code::CursorInvalid));
        }
        match self {
            Self::Text(text) if text.contains('\0') => Err(Problem::new(Code::CursorInvalid)),
            Self::Text(text) => Ok(text.into()),
            Self::Number(number) => Ok(number.into()),
            Self::Day(day) => Ok(day.into()),
            Self::Micros(micros) => Ok(Timestamp::from_micros(micros).ok_or_else(|| Problem::new(Code::CursorInvalid))?.into()),
        }
    }
}

pub(super) async fn page<E: Tracked>(
    db: &impl ConnectionTrait,
    engine: Engine,
    query: Select<E>,
    ask: &ListAsk<E>,
    head: i64,
) -> Result<Page<E::Model>, Problem> {
    let query = narrow(query, engine, ask)?;
    let total = if ask.with_total { Some(of_any_value(query.clone(), ask).count(db).await?) } else { None };
    let mut rows = of_page(query, ask)?.all(db).await?;
    let more = rows.len() > usize::try_from(ask.limit).map_err(Problem::internal)?;
    if more {
        rows.pop();
    }
    let next_cursor = match rows.last() {
        Some(last) if more => Some(cursor_behind::<E>(ask, last)?),
        _ => None,
    };
    Ok(Page { rows, next_cursor, total, head })
}

fn of_any_value<E: Tracked>(query: Select<E>, ask: &ListAsk<E>) -> Select<E> {
    match &ask.several {
        Some(several) => query.filter(several.column.is_in(several.values.iter().cloned())),
        None => query,
    }
}

/// The rows of the page, and one more.
fn of_page<E: Tracked>(query: Select<E>, ask: &ListAsk<E>) -> Result<Select<E>, Problem> {
    match &ask.several {
        // Without the values again: SQLite would take them for the way in.
        Some(several) if ask.q.is_none() => {
            let ids = first_of_each(&first(query.clone(), ask)?, several)?;
            first(query.filter(E::column("id")?.in_subquery(ids)), ask)
        }
        _ => first(of_any_value(query, ask), ask),
    }
}

/// The first rows behind the cursor, as many as a page shows and one more.
fn first<E: Tracked>(query: Select<E>, ask: &ListAsk<E>) -> Result<Select<E>, Problem> {
    let order = if ask.descending { Order::Desc } else { Order::Asc };
    let mut query = query.order_by(ask.sort, order.clone()).order_by(E::column("id")?, order);
    if let Some(cursor) = &ask.cursor {
        query = query.filter(after(ask, cursor)?);
    }
    Ok(query.limit(ask.limit + 1))
}

/// The ids of the first rows of each value, as its index has them. Given all values at once, an engine reads every row that has one of them, or every
/// row of the table in the order of the sort until there are enough.
fn first_of_each<E: Tracked>(first: &Select<E>, several: &Several<E::Column>) -> Result<SelectStatement, Problem> {
    let id = E::column("id")?;
    let mut parts = several.values.iter().map(|value| {
        let part = first.clone().filter(several.column.eq(value.clone())).select_only().column(id).into_query();
        // A part of a union has no order of its own but in parentheses, and SQLite takes none.
        Query::select().column(id).from_subquery(part, "part").take()
    });
    let mut all = parts.next().ok_or_else(|| Problem::internal("a filter without a value"))?;
    all.unions(parts.map(|part| (UnionType::All, part)));
    Ok(all)
}

fn narrow<E: Tracked>(mut query: Select<E>, engine: Engine, ask: &ListAsk<E>) -> Result<Select<E>, Problem> {
    let archived_at = E::column("archived_at")?;
    query = match ask.archived {
        Archived::Exclude => query.filter(archived_at.is_null()),
        Archived::Only => query.filter(archived_at.is_not_null()),
        Archived::Include => query,
    };
    if let Some(language) = &ask.missing_language {
        // Stored as JSON text on both engines: inside a value every quote is escaped, so `"lo":` can only be a key.
        let has = format!("%\"{language}\":%");
        let lacks = E::LOCALIZED.iter().fold(Condition::any(), |any, column| any.add(column.is_not_null().and(column.not_like(&has))));
        query = query.filter(lacks);
    }
    // Nothing but invisible characters asks for nothing.
    match ask.q.as_deref().filter(|q| !fold(q).is_empty()) {
        Some(q) => search::narrow(query, engine, q),
        None => Ok(query),
    }
}

fn scope_digest(scope: &str) -> String {
    hex(digest::digest(&digest::SHA256, scope.as_bytes()).as_ref()).chars().take(16).collect()
}

/// A cursor as clients carry it, bound to the sort and the filters of its list.
pub fn write_cursor(scope: &str, key: Key, id: Uuid) -> Result<String, Problem> {
    let cursor = Cursor { scope: scope_digest(scope), key, id };
    Ok(URL_SAFE_NO_PAD.encode(serde_json::to_vec(&cursor).map_err(Problem::internal)?))
}

/// The key and the id that a cursor of this list stands behind.
pub fn read_cursor(scope: &str, cursor: &str) -> Result<(Key, Uuid), Problem> {
    let invalid = |_cause| Problem::new(Code::CursorInvalid);
    let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|error| invalid(error.to_string()))?;
    let cursor: Cursor = serde_json::from_slice(&bytes).map_err(|error| invalid(error.to_string()))?;
    if cursor.scope != scope_digest(scope) {
        return Err(Problem::new(Code::CursorMismatch));
    }
    Ok((cursor.key, cursor.id))
}

fn cursor_behind<E: Tracked>(ask: &ListAsk<E>, last: &E::Model) -> Result<String, Problem> {
    let Value::Uuid(Some(id)) = last.get(E::column("id")?) else { return Err(Problem::internal("a row without an id")) };
    write_cursor(&ask.scope, Key::of(&last.get(ask.sort))?, id)
}

/// The rows behind the cursor, as one comparison of row values: an index range on both engines.
fn after<E: Tracked>(ask: &ListAsk<E>, cursor: &str) -> Result<Expr, Problem> {
    let (key, id) = read_cursor(&ask.scope, cursor)?;
    let columns = [ask.sort, E::column("id")?].map(|column| Expr::col(column.as_column_ref()));
    let left = Expr::tuple(columns);
    let right = Expr::tuple([Expr::val(key.value(ask.sort.def().get_column_type())?), Expr::val(id)]);
    Ok(if ask.descending { left.lt(right) } else { left.gt(right) })
}

/// The scope of a cursor: the sort and every filter, in an order that does not depend on how the caller wrote them.
pub fn scope<'a>(sort: &str, pairs: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let sorted: BTreeSet<_> = pairs.collect();
    serde_json::to_string(&(sort, sorted)).unwrap_or_default()
}
