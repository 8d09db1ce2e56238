//! Lists: parameters in, one page or a whole CSV out. The parameters that the contract names are the ones that are taken.

mod page;
mod parameters;

use std::{
    collections::BTreeMap,
    future::{Ready, ready},
};

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use chrono::NaiveDate;
pub use page::{Computed, List, Listed, PageInfo};
pub(super) use page::{sheet_headers, with_sheet};
pub(super) use parameters::{common_parameters, is_localized, is_money, properties};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Select, sea_query::IntoCondition};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use utoipa::{IntoParams, ToSchema, openapi::path::ParameterIn};
use uuid::Uuid;

use super::{
    context::{Context, Here},
    csv,
    query::{all_good, pairs, typed},
    reply::{Tagged, View},
};
use crate::{
    auth::Actor,
    kind::Kind,
    problem::{Fault, FaultCode, Problem},
    store::{Archived, ListAsk, Several, Sort, Store, Tracked, list_scope, visible},
};

type Column<F> = <<F as Filter>::Entity as EntityTrait>::Column;

/// The filters of one resource, and how they narrow its query.
pub trait Filter: DeserializeOwned + IntoParams {
    type Entity: Tracked;
    /// The declared sorts, at most four; the first one is the default, ascending.
    const SORTS: &'static [Sort<Column<Self>>];
    /// The kinds of rows that `include` can add.
    const INCLUDES: &'static [Kind] = &[];
    /// Whether `include=computed` adds what follows from the day.
    const COMPUTES: bool = false;
    /// Whether `q` searches the rows.
    const SEARCHES: bool = true;

    /// Takes out the one filter, when it has several values, by which an index of (filter, sort, id) leads to the rows of each value.
    fn several(&mut self) -> Option<Several<Column<Self>>> {
        None
    }

    fn apply(self, query: Select<Self::Entity>, here: &Here) -> Result<Select<Self::Entity>, Problem>;
}

/// Rows that other rows point at, loaded once per page.
pub trait Included: Serialize + ToSchema + Sized {
    fn load(store: &Store, actor: &Actor, wanted: &[Kind], refers: &References) -> impl Future<Output = Result<Self, Problem>>;

    /// What was computed of the rows of the page, by their id.
    fn put_computed(&mut self, computed: BTreeMap<String, Computed>);
}

/// What the rows of a page point at.
#[derive(Debug, Default)]
pub struct References {
    pub ids: Vec<(Kind, Uuid)>,
    pub numbers: Vec<(Kind, i16)>,
}

/// A view that points at other rows.
pub trait Refers {
    fn refers(&self) -> Vec<(Kind, Uuid)> {
        Vec::new()
    }

    /// Rows that are named by a number, such as objectives.
    fn refers_by_number(&self) -> Vec<(Kind, i16)> {
        Vec::new()
    }

    /// What follows from the day, and so is no part of the row.
    fn computed(&self, _today: NaiveDate) -> Computed {
        Computed::default()
    }

    /// The same of all rows of a page, by their id; overridden where it takes other rows, too.
    fn computed_of(
        rows: &[Self],
        _store: &Store,
        _actor: &Actor,
        today: NaiveDate,
    ) -> impl Future<Output = Result<BTreeMap<String, Computed>, Problem>>
    where
        Self: View,
    {
        ready(Ok(rows.iter().map(|row| (row.key(), row.computed(today))).collect()))
    }
}

/// The parameters that every list takes.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Common {
    pub(super) limit: Option<u64>,
    pub(super) cursor: Option<String>,
    pub(super) sort: Option<String>,
    pub(super) with_total: Option<bool>,
    archived: Option<Archived>,
    missing_language: Option<String>,
    pub(super) q: Option<String>,
    pub(super) format: Option<Format>,
    #[serde(default)]
    include: Vec<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Format {
    #[default]
    Json,
    Csv,
}

/// What was asked of a list.
pub struct Listing<F: Filter> {
    filter: F,
    ask: ListAsk<F::Entity>,
    include: Include,
    format: Format,
    path: String,
    pairs: Vec<(String, String)>,
    here: Here,
    /// The number of the last change before anything is read.
    seq: i64,
}

/// What is added to the rows.
struct Include {
    kinds: Vec<Kind>,
    computed: bool,
}

impl<F: Filter> FromRequest for Listing<F> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        let seq = Context::seq(request);
        ready(seq.and_then(|seq| read::<F>(request.path(), request.query_string(), Here::of(request)?, seq)))
    }
}

fn read<F: Filter>(path: &str, query: &str, here: &Here, seq: i64) -> Result<Listing<F>, Problem> {
    let mut faults = Vec::new();
    let pairs = pairs(query, &Listing::<F>::into_params(|| Some(ParameterIn::Query)), &mut faults)?;
    let common: Common = typed(&pairs, |name| Common::NAMES.contains(&name), &mut faults)?;
    let mut filter: F = typed(&pairs, |name| !Common::NAMES.contains(&name), &mut faults)?;

    let (sort, descending) = sort::<F>(common.sort.as_deref(), &mut faults)?;
    let limit = common.limit.unwrap_or(LIMIT);
    if let Some(language) = &common.missing_language
        && !here.instance.languages.contains(language)
    {
        faults.push(Fault::parameter("missing_language", FaultCode::UnknownValue).with("allowed", here.instance.languages.clone()));
    }
    let (computes, kinds): (Vec<_>, Vec<_>) = common.include.iter().partition(|name| F::COMPUTES && name.as_str() == COMPUTED);
    let kinds = kinds.into_iter().filter_map(|name| include::<F>(name, &mut faults)).collect();
    let include = Include { kinds, computed: !computes.is_empty() };
    all_good(faults)?;
    let ask = ListAsk {
        limit,
        cursor: common.cursor,
        sort: sort.column,
        descending,
        with_total: common.with_total.unwrap_or_default(),
        archived: common.archived.unwrap_or_default(),
        missing_language: common.missing_language,
        q: common.q.filter(|q| !q.is_empty()),
        several: filter.several(),
        scope: scope_of(path, sort.name, descending, &pairs),
    };
    let format = common.format.unwrap_or_default();
    Ok(Listing { filter, ask, include, format, path: path.to_owned(), pairs, here: here.at_this_moment(), seq })
}

/// The name by which `include` asks for what follows from the day.
const COMPUTED: &str = "computed";

/// How many rows a page holds when nothing else is asked for.
pub(super) const LIMIT: u64 = 50;

/// What a cursor is bound to: the list, its sort and its filters.
pub(super) fn scope_of(path: &str, sort: &str, descending: bool, pairs: &[(String, String)]) -> String {
    let bound =
        pairs.iter().filter(|(name, _)| !matches!(name.as_str(), "cursor" | "limit" | "with_total" | "include" | "format" | "sort"));
    let direction = if descending { "-" } else { "" };
    list_scope(&format!("{path} {direction}{sort}"), bound.map(|(name, value)| (name.as_str(), value.as_str())))
}

impl Common {
    pub(super) const NAMES: &[&str] = &["limit", "cursor", "sort", "with_total", "archived", "missing_language", "q", "format", "include"];
}

/// So many values are asked for one by one; of more, a page would have to look at too many rows that it does not show.
const MOST_APART: usize = 16;

/// Takes several values out of a filter, for [`Filter::several`]; one value or none stays where it is.
pub fn taken<C, V: Into<sea_orm::Value>>(column: C, values: &mut Vec<V>) -> Option<Several<C>> {
    (2..=MOST_APART)
        .contains(&values.len())
        .then(|| Several { column, values: std::mem::take(values).into_iter().map(Into::into).collect() })
}

/// Narrows to rows whose column is one of these; none given narrows nothing.
pub fn any_of<E: EntityTrait, V: Into<sea_orm::Value>>(query: Select<E>, column: impl ColumnTrait, values: Vec<V>) -> Select<E> {
    if values.is_empty() { query } else { query.filter(column.is_in(values)) }
}

/// Narrows to rows whose day is one of these and between them; a row without the day is in no range.
pub fn between<E: EntityTrait>(query: Select<E>, column: impl ColumnTrait, from: Option<NaiveDate>, to: Option<NaiveDate>) -> Select<E> {
    let query = if let Some(day) = from { query.filter(column.gte(day)) } else { query };
    if let Some(day) = to { query.filter(column.lte(day)) } else { query }
}

/// Narrows to rows of which this holds, or to those of which it does not; not asked for, it narrows nothing.
pub fn whether<E: EntityTrait>(query: Select<E>, asked: Option<bool>, holds: impl IntoCondition) -> Select<E> {
    match asked {
        None => query,
        Some(true) => query.filter(holds.into_condition()),
        Some(false) => query.filter(holds.into_condition().not()),
    }
}

fn sort<F: Filter>(asked: Option<&str>, faults: &mut Vec<Fault>) -> Result<(&'static Sort<Column<F>>, bool), Problem> {
    let first = F::SORTS.first().ok_or_else(|| Problem::internal("a list without a sort"))?;
    let Some(asked) = asked else { return Ok((first, false)) };
    let name = asked.strip_prefix('-').unwrap_or(asked);
    let found = F::SORTS.iter().find(|sort| sort.name == name);
    if found.is_none() {
        faults.push(Fault::parameter("sort", FaultCode::UnknownValue).with("allowed", sort_names::<F>()));
    }
    Ok((found.unwrap_or(first), asked.starts_with('-')))
}

fn sort_names<F: Filter>() -> Vec<String> {
    F::SORTS.iter().flat_map(|sort| [sort.name.to_owned(), format!("-{}", sort.name)]).collect()
}

fn include<F: Filter>(name: &str, faults: &mut Vec<Fault>) -> Option<Kind> {
    let found = F::INCLUDES.iter().copied().find(|kind| kind.plural() == name);
    if found.is_none() {
        faults.push(Fault::parameter("include", FaultCode::UnknownValue).with("allowed", include_names::<F>()));
    }
    found
}

/// What `include` takes.
fn include_names<F: Filter>() -> Vec<String> {
    F::INCLUDES.iter().copied().map(Kind::plural).chain(F::COMPUTES.then(|| COMPUTED.to_owned())).collect()
}

impl<F: Filter> Listing<F> {
    /// Answers with one page, or with all rows as CSV.
    pub async fn answer<V, I>(self, store: &Store, actor: &Actor) -> Result<Listed<V, I>, Problem>
    where
        V: View<Entity = F::Entity> + Refers + 'static,
        I: Included,
    {
        self.answer_from(visible::<F::Entity>(actor)?, store, actor).await
    }

    /// As [`Listing::answer`], for rows that stand below another row or are seen by a rule of their own.
    pub async fn answer_from<V, I>(self, rows: Select<F::Entity>, store: &Store, actor: &Actor) -> Result<Listed<V, I>, Problem>
    where
        V: View<Entity = F::Entity> + Refers + 'static,
        I: Included,
    {
        let query = self.filter.apply(rows, &self.here)?;
        if self.format == Format::Csv {
            let sheet = csv::Sheet::<V>::start(store, query, self.ask, &self.here.instance.languages).await?;
            let tag = weak_tag(sheet.head(), actor, &self.here);
            return Ok(Listed::Csv(Box::new(sheet), tag));
        }
        let page = store.page(query, &self.ask, self.seq).await?;
        let data: Vec<V> = page.rows.into_iter().map(V::from).collect();
        let included = self.include.load(&data, store, actor, self.here.today()).await?;
        let next = page.next_cursor.as_deref().map(|cursor| next_link(&self.path, &self.pairs, cursor)).transpose()?;
        let tag = weak_tag(page.head, actor, &self.here);
        let page = PageInfo { has_more: page.next_cursor.is_some(), next_cursor: page.next_cursor, total: page.total };
        Ok(Listed::Page(Tagged { body: List { data, page, included }, tag, next }))
    }
}

impl Include {
    async fn load<V, I>(&self, data: &[V], store: &Store, actor: &Actor, today: NaiveDate) -> Result<Option<I>, Problem>
    where
        V: View + Refers,
        I: Included,
    {
        if self.kinds.is_empty() && !self.computed {
            return Ok(None);
        }
        let refers = References {
            ids: data.iter().flat_map(Refers::refers).collect(),
            numbers: data.iter().flat_map(Refers::refers_by_number).collect(),
        };
        let mut included = I::load(store, actor, &self.kinds, &refers).await?;
        if self.computed {
            included.put_computed(V::computed_of(data, store, actor, today).await?);
        }
        Ok(Some(included))
    }
}

pub(super) fn next_link(path: &str, pairs: &[(String, String)], cursor: &str) -> Result<String, Problem> {
    let mut pairs: Vec<_> = pairs.iter().filter(|(name, _)| name != "cursor").cloned().collect();
    pairs.push(("cursor".to_owned(), cursor.to_owned()));
    Ok(format!("{path}?{}", serde_html_form::to_string(&pairs).map_err(Problem::internal)?))
}

/// A tag that changes with the data, with what the caller may see, and with the day.
pub fn weak_tag(head: i64, actor: &Actor, here: &Here) -> String {
    format!("W/\"{head}-{}-{}\"", sight_tag(actor), here.today().format("%Y%m%d"))
}

/// The same for all callers who see the same, and for nobody else.
pub(super) fn sight_tag(actor: &Actor) -> String {
    let sight = actor.sight();
    let own = sight.own.map(|own| own.simple().to_string()).unwrap_or_default();
    let whole: String = sight.whole.iter().filter_map(|audience| audience.name().chars().next()).collect();
    whole + &own
}
