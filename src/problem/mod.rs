//! The one error type: RFC 9457 problem details, known to every floor.

mod codes;
mod faults;

use std::{borrow::Cow, collections::BTreeMap, fmt};

pub use codes::Code;
pub use faults::{Fault, FaultCode, Place};
use sea_orm::{DbErr, RuntimeErr};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// How many faults one answer names: enough to mend a form by, not enough to flood anyone.
pub const MOST_FAULTS: usize = 100;

/// A language that problems can speak.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    #[default]
    English,
    Lao,
}

impl Language {
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Lao => "lo",
        }
    }
}

/// One sentence in the languages that problems speak. `{name}` stands for a parameter.
#[derive(Clone, Copy, Debug)]
pub struct Words {
    pub en: &'static str,
    pub lo: &'static str,
}

impl Words {
    pub fn say(&self, language: Language, params: &BTreeMap<&'static str, Value>) -> String {
        let template = match language {
            Language::English => self.en,
            Language::Lao => self.lo,
        };
        params.iter().fold(template.to_owned(), |said, (name, value)| {
            let value = match value {
                Value::String(text) => Cow::Borrowed(text.as_str()),
                Value::Array(items) => Cow::Owned(
                    items.iter().map(|item| item.as_str().map_or_else(|| item.to_string(), str::to_owned)).collect::<Vec<_>>().join(", "),
                ),
                other => Cow::Owned(other.to_string()),
            };
            said.replace(&format!("{{{name}}}"), &value)
        })
    }
}

/// Something that went wrong, in the words of the contract.
#[derive(Debug)]
pub struct Problem(Box<Inner>);

#[derive(Clone, Debug)]
struct Inner {
    code: Code,
    params: BTreeMap<&'static str, Value>,
    faults: Vec<Fault>,
    retry_after: Option<u32>,
    revision: Option<i64>,
    /// For the log only; never in an answer.
    cause: Option<String>,
}

impl Problem {
    pub fn new(code: Code) -> Self {
        Self(Box::new(Inner {
            code,
            params: BTreeMap::new(),
            faults: Vec::new(),
            retry_after: code.row().retry_after,
            revision: None,
            cause: None,
        }))
    }

    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.0.params.insert(name, value.into());
        self
    }

    #[must_use]
    pub fn fault(mut self, fault: Fault) -> Self {
        self.0.faults.push(fault);
        self
    }

    /// Keeps what happened inside for the log.
    #[must_use]
    pub fn because(mut self, cause: impl fmt::Display) -> Self {
        self.0.cause = Some(cause.to_string());
        self
    }

    /// When it is worth trying again, in seconds.
    #[must_use]
    pub fn after(mut self, seconds: u32) -> Self {
        self.0.retry_after = Some(seconds);
        self
    }

    /// A body that can be read, but breaks rules: all of them at once.
    pub fn invalid(faults: Vec<Fault>) -> Self {
        let mut problem = Self::new(Code::ValidationFailed).with("count", faults.len());
        problem.0.faults = faults;
        problem
    }

    /// A query with parameters that cannot be taken: all of them at once.
    pub fn bad_query(faults: Vec<Fault>) -> Self {
        let mut problem = Self::new(Code::InvalidQuery).with("count", faults.len());
        problem.0.faults = faults;
        problem
    }

    pub fn not_found() -> Self {
        Self::new(Code::NotFound)
    }

    pub fn stale(current: i64) -> Self {
        let mut problem = Self::new(Code::StaleRevision).with("revision", current);
        problem.0.revision = Some(current);
        problem
    }

    pub fn internal(cause: impl fmt::Display) -> Self {
        Self::new(Code::InternalError).because(cause)
    }

    /// The same problem once more, for an answer that is written from behind a reference.
    #[must_use]
    pub fn again(&self) -> Self {
        Self(self.0.clone())
    }

    /// One of the values that stand inside the text.
    pub fn param(&self, name: &str) -> Option<&Value> {
        self.0.params.get(name)
    }

    /// The value of `Allow`, when the method was the problem.
    pub fn allow(&self) -> Option<String> {
        let methods = self.0.params.get("allow")?.as_array()?;
        Some(methods.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", "))
    }

    pub fn code(&self) -> Code {
        self.0.code
    }

    pub fn status(&self) -> u16 {
        self.0.code.row().status
    }

    pub fn cause(&self) -> Option<&str> {
        self.0.cause.as_deref()
    }

    pub fn retry_after(&self) -> Option<u32> {
        self.0.retry_after
    }

    pub fn faults(&self) -> &[Fault] {
        &self.0.faults
    }

    pub fn detail(&self, language: Language) -> String {
        self.0.code.row().detail.say(language, &self.0.params)
    }

    /// The document that goes out.
    pub fn document(&self, language: Language, instance: &str, request_id: &str) -> ProblemDocument {
        let row = self.0.code.row();
        ProblemDocument {
            r#type: format!("/problems/{}", row.slug),
            title: row.title.say(language, &self.0.params),
            status: row.status,
            detail: self.detail(language),
            instance: instance.to_owned(),
            code: row.slug.to_owned(),
            request_id: request_id.to_owned(),
            revision: self.0.revision,
            params: self.0.params.clone(),
            errors: self.0.faults.iter().map(|fault| fault.document(language)).collect(),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.0.code.row().slug, self.detail(Language::English))?;
        for fault in &self.0.faults {
            write!(f, "; {fault}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Problem {}

impl From<DbErr> for Problem {
    fn from(error: DbErr) -> Self {
        let code = match &error {
            DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => Code::DatabaseUnavailable,
            DbErr::Exec(RuntimeErr::SqlxError(inner)) | DbErr::Query(RuntimeErr::SqlxError(inner)) => by_driver(inner),
            _ => Code::InternalError,
        };
        Self::new(code).because(error)
    }
}

/// What the driver's error means to a caller: try again later, or a fault of ours.
fn by_driver(error: &sea_orm::sqlx::Error) -> Code {
    use sea_orm::sqlx::Error;

    match error {
        Error::Io(_) | Error::Tls(_) | Error::PoolTimedOut | Error::PoolClosed | Error::WorkerCrashed | Error::Protocol(_) => {
            Code::DatabaseUnavailable
        }
        Error::Database(inner) => match inner.code().as_deref() {
            // PostgreSQL: lock not available. SQLite: busy, locked and their extended codes.
            Some("55P03" | "40001" | "40P01" | "25P03" | "5" | "6" | "261" | "262" | "517") => Code::WriterBusy,
            // Ended by its time limit; SQLite: interrupted.
            Some("57014" | "9") => Code::QueryTooBroad,
            // Going down, starting, too many connections, connection lost, read only, disk full. SQLite: I/O error, full, cannot open, read only.
            Some("57P01" | "57P02" | "57P03" | "53300" | "53100" | "25006" | "13" | "14" | "8") => Code::DatabaseUnavailable,
            Some(code) if code.starts_with("08") => Code::DatabaseUnavailable,
            Some(code) if code.parse::<u32>().is_ok_and(|code| code & 0xFF == 10 && code < 10_000) => Code::DatabaseUnavailable,
            _ => Code::InternalError,
        },
        _ => Code::InternalError,
    }
}

/// What is wrong, where, and what to do: RFC 9457 problem details, with a stable `code`.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "Problem", as = Problem, examples(json!({
    "type": "/problems/stale_revision", "title": "Changed by someone else", "status": 412,
    "detail": "The row is at revision 8 now. Read it again, carry your change over, and send the new revision in If-Match.",
    "instance": "/v1/ministries/01920000-0000-7000-8000-000000000001", "code": "stale_revision",
    "request_id": "0197a3f0c5d17c4e9c4b", "revision": 8, "params": {"revision": 8}, "errors": []
})))]
pub struct ProblemDocument {
    /// Address of a page that explains this kind of problem, relative to the API.
    #[schema(format = "uri-reference")]
    pub r#type: String,
    /// The kind of problem in a few words, in the language of the caller.
    pub title: String,
    /// The HTTP status, the same as the answer's.
    #[schema(minimum = 400, maximum = 599)]
    pub status: u16,
    /// What happened this time and what to do about it, in the language of the caller.
    pub detail: String,
    /// The path that was asked for.
    #[schema(format = "uri-reference")]
    pub instance: String,
    /// The kind of problem as a word that never changes: decide by this, not by the texts.
    pub code: String,
    /// Names this request in the operator's log.
    pub request_id: String,
    /// The revision at which the row is now, when yours was stale (412).
    #[schema(required)]
    pub revision: Option<i64>,
    /// The values that stand inside `detail`, for building a text of your own.
    #[schema(value_type = Object)]
    pub params: BTreeMap<&'static str, Value>,
    /// Every fault found in the body, the query or the headers.
    pub errors: Vec<faults::FaultDocument>,
}
