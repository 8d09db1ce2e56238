//! A whole list as CSV, page by page, so that its size does not matter.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use actix_web::web::Bytes;
use futures_util::{Stream, stream};
use sea_orm::Select;
use serde::Serialize;
use serde_json::{Value, to_value};
use tokio::sync::mpsc;
use utoipa::ToSchema;

use super::{
    listing::{is_localized, is_money, properties},
    reply::View,
};
use crate::{
    problem::{Code, Problem},
    store::{Export, ListAsk, Page, Store},
};

/// After so long without taking anything a reader is given up: each holds one moment of the record, and only so many can.
const LONGEST_STANDSTILL: Duration = Duration::from_secs(10);
/// After so long any reader is given up.
const LONGEST: Duration = Duration::from_secs(300);

/// A column: the property, and its member when it has some: a text the languages, an amount of money its number and its currency.
struct Column {
    property: String,
    member: Option<String>,
}

/// A list on its way out as CSV: every page of it shows the same moment, so that no row is lost or doubled while others write.
pub struct Sheet<V: View> {
    export: Export,
    query: Select<V::Entity>,
    ask: ListAsk<V::Entity>,
    columns: Vec<Column>,
    ready: Option<Bytes>,
    done: bool,
}

impl<V: View + 'static> Sheet<V> {
    /// Reads the first page, so that whatever is wrong with the query is answered as a problem.
    pub async fn start(
        store: &Store,
        query: Select<V::Entity>,
        mut ask: ListAsk<V::Entity>,
        languages: &[String],
    ) -> Result<Self, Problem> {
        ask.limit = 200;
        ask.cursor = None;
        ask.with_total = false;
        let columns = columns::<V>(languages);
        let mut sheet = Self { export: store.export().await?, query, ask, columns, ready: None, done: false };
        let writer = headed(&sheet.columns)?;
        let first = sheet.export.page(sheet.query.clone(), &sheet.ask).await?;
        sheet.ready = Some(sheet.write(writer, first)?);
        Ok(sheet)
    }

    pub fn head(&self) -> i64 {
        self.export.head()
    }

    fn write(
        &mut self,
        mut writer: csv::Writer<Vec<u8>>,
        page: Page<<V::Entity as sea_orm::EntityTrait>::Model>,
    ) -> Result<Bytes, Problem> {
        for row in page.rows {
            let view = to_value(V::from(row)).map_err(Problem::internal)?;
            writer.write_record(self.columns.iter().map(|column| cell(&view, column))).map_err(Problem::internal)?;
        }
        self.done = page.next_cursor.is_none();
        self.ask.cursor = page.next_cursor;
        Ok(Bytes::from(writer.into_inner().map_err(|error| Problem::internal(error.error()))?))
    }

    async fn next(&mut self) -> Result<Option<Bytes>, Problem> {
        if let Some(ready) = self.ready.take() {
            return Ok(Some(ready));
        }
        if self.done {
            return Ok(None);
        }
        let page = self.export.page(self.query.clone(), &self.ask).await?;
        self.write(writer(), page).map(Some)
    }

    /// Its lines, as fast as they are taken. Whoever stops taking them, or takes all too long, gives way to others: the answer breaks off.
    pub fn lines(self) -> impl Stream<Item = Result<Bytes, Problem>> {
        let (lines, taken) = mpsc::channel(1);
        let whole = Arc::new(AtomicBool::new(false));
        actix_web::rt::spawn(self.bring(lines, Arc::clone(&whole)));
        stream::unfold((taken, whole), async |(mut taken, whole)| match taken.recv().await {
            Some(line) => Some((line, (taken, whole))),
            None if whole.load(Ordering::Acquire) => None,
            None => {
                whole.store(true, Ordering::Release);
                Some((Err(Problem::new(Code::TooSlow)), (taken, whole)))
            }
        })
    }

    async fn bring(mut self, lines: mpsc::Sender<Result<Bytes, Problem>>, whole: Arc<AtomicBool>) {
        let all = async {
            while let Some(line) = self.next().await.transpose() {
                let broken = line.is_err();
                let taken = tokio::time::timeout(LONGEST_STANDSTILL, lines.send(line)).await;
                if broken || !matches!(taken, Ok(Ok(()))) {
                    return;
                }
            }
            whole.store(true, Ordering::Release);
        };
        let _given_up = tokio::time::timeout(LONGEST, all).await;
    }
}

/// A list that is in memory anyway, with this property first.
pub(super) fn whole<V: Serialize + ToSchema>(rows: &[V], first: &str, languages: &[String]) -> Result<Bytes, Problem> {
    let mut columns = columns::<V>(languages);
    columns.sort_by_key(|column| column.property != first);
    let mut writer = headed(&columns)?;
    for row in rows {
        let view = to_value(row).map_err(Problem::internal)?;
        writer.write_record(columns.iter().map(|column| cell(&view, column))).map_err(Problem::internal)?;
    }
    Ok(Bytes::from(writer.into_inner().map_err(|error| Problem::internal(error.error()))?))
}

fn headed(columns: &[Column]) -> Result<csv::Writer<Vec<u8>>, Problem> {
    let mut writer = writer();
    let heads = columns.iter().map(|column| match &column.member {
        Some(member) => format!("{}.{member}", column.property),
        None => column.property.clone(),
    });
    writer.write_record(heads).map_err(Problem::internal)?;
    Ok(writer)
}

fn writer() -> csv::Writer<Vec<u8>> {
    csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new())
}

fn columns<V: ToSchema>(languages: &[String]) -> Vec<Column> {
    let mut properties = properties::<V>();
    properties.sort_by_key(|(name, _)| !matches!(name.as_str(), "id" | "number" | "code"));
    let money = ["amount", "currency"].map(str::to_owned);
    let per_property = |(property, schema): (String, Value)| {
        let members = match (is_localized(&schema), is_money(&schema)) {
            (true, _) => languages,
            (_, true) => &money,
            _ => return vec![Column { property, member: None }],
        };
        members.iter().map(|member| Column { property: property.clone(), member: Some(member.clone()) }).collect()
    };
    properties.into_iter().flat_map(per_property).collect()
}

fn cell(view: &Value, column: &Column) -> String {
    let value = view.get(&column.property).unwrap_or(&Value::Null);
    let value = match &column.member {
        Some(member) => value.get(member).unwrap_or(&Value::Null),
        None => value,
    };
    match value {
        Value::Null => String::new(),
        Value::String(text) => harmless(text),
        Value::Array(items) if items.iter().all(|item| item.is_string() || item.is_number()) => {
            harmless(&items.iter().map(|item| item.as_str().map_or_else(|| item.to_string(), str::to_owned)).collect::<Vec<_>>().join(";"))
        }
        other => other.to_string(),
    }
}

/// Spreadsheets run cells that begin so as formulas; a leading apostrophe makes them text.
fn harmless(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']) { format!("'{text}") } else { text.to_owned() }
}
