//! Changes without their bodies, on SQLite, many in one value: each value and each row that goes through the driver costs it more than reading them
//! from the file.

use std::sync::LazyLock;

use chrono::DateTime;
use sea_orm::{ActiveEnum, ConnectionTrait, DatabaseBackend, DatabaseTransaction, IdenStatic, Iterable, Statement};
use uuid::Uuid;

use super::change_log::change;
use crate::{clock::Timestamp, problem::Problem};

/// Every column gives two fields, its type and its value, also where there is none: a value that holds a separator makes one too many.
static SQL: LazyLock<String> = LazyLock::new(|| {
    use change::Column::{ActorId, ActorOrg, Body, OwnerId, Reason, Salt};

    let fields = change::Column::iter().filter(|column| !matches!(column, Body | Reason | Salt)).map(|column| {
        let name = column.as_str();
        match column {
            ActorId | ActorOrg | OwnerId => format!("typeof({name}), hex({name})"),
            _ => format!("typeof({name}), coalesce({name}, '')"),
        }
    });
    let fields = fields.collect::<Vec<_>>().join(", ");
    format!(
        "SELECT group_concat(line, char(29)), count(*), max(seq) FROM \
         (SELECT seq, concat_ws(char(31), {fields}) AS line FROM change WHERE seq >= ? ORDER BY seq LIMIT 1000)"
    )
});

/// Changes that follow each other.
pub(super) struct Pack {
    pub first: i64,
    last: i64,
    count: i64,
    lines: Vec<u8>,
}

impl Pack {
    /// The changes from this number on.
    #[expect(clippy::disallowed_methods, reason = "a verification sees every change")]
    pub(super) async fn read(db: &DatabaseTransaction, first: i64) -> Result<Option<Self>, Problem> {
        let query = Statement::from_sql_and_values(DatabaseBackend::Sqlite, SQL.as_str(), [first.into()]);
        let row = db.query_one_raw(query).await?.ok_or_else(|| Problem::internal("the change log did not answer"))?;
        // As bytes: whether they are text is asked of each change.
        let Some(lines) = row.try_get_by_index::<Option<Vec<u8>>>(0)? else { return Ok(None) };
        Ok(Some(Self { first, last: row.try_get_by_index(2)?, count: row.try_get_by_index(1)?, lines }))
    }

    /// Where the next pack begins. A file so broken that the numbers do not rise ends the walk, which names the changes that it saw.
    pub(super) fn next(&self) -> Option<i64> {
        self.last.checked_add(1).filter(|next| *next > self.first)
    }

    /// The changes, unless a value is of another type than it should be, cannot be understood, or holds a separator.
    pub(super) fn open(&self) -> Option<Vec<change::Model>> {
        let rows: Vec<_> = self.lines.split(|byte| *byte == 29).map(row).collect::<Option<_>>()?;
        (i64::try_from(rows.len()) == Ok(self.count)).then_some(rows)
    }
}

fn row(line: &[u8]) -> Option<change::Model> {
    let mut fields = Fields(std::str::from_utf8(line).ok()?.split('\u{1f}'));
    let row = change::Model {
        seq: fields.number()?,
        at: Timestamp(DateTime::parse_from_rfc3339(fields.text()?).ok()?.to_utc()),
        actor_id: fields.uuid()?,
        actor_kind: word(fields.text()?)?,
        actor_role: match fields.value("text")? {
            Some(role) => Some(word(role)?),
            None => None,
        },
        actor_org: fields.uuid()?,
        origin: fields.text()?.to_owned(),
        request_id: fields.value("text")?.map(str::to_owned),
        kind: fields.text()?.to_owned(),
        resource_id: fields.text()?.to_owned(),
        revision: fields.number()?,
        op: word(fields.text()?)?,
        audience: word(fields.text()?)?,
        owner_id: fields.uuid()?,
        body: None,
        reason: None,
        salt: None,
        body_digest: fields.text()?.to_owned(),
        hash: fields.text()?.to_owned(),
    };
    fields.0.next().is_none().then_some(row)
}

fn word<E: ActiveEnum<Value = String>>(text: &str) -> Option<E> {
    E::try_from_value(&text.to_owned()).ok()
}

/// Types and values by turns. Of each reader, `None` means that it is not what it should be.
struct Fields<'a>(std::str::Split<'a, char>);

impl<'a> Fields<'a> {
    fn value(&mut self, wanted: &str) -> Option<Option<&'a str>> {
        let (found, value) = (self.0.next()?, self.0.next()?);
        if found == "null" { Some(None) } else { (found == wanted).then_some(Some(value)) }
    }

    fn text(&mut self) -> Option<&'a str> {
        self.value("text")?
    }

    fn number(&mut self) -> Option<i64> {
        self.value("integer")??.parse().ok()
    }

    fn uuid(&mut self) -> Option<Option<Uuid>> {
        match self.value("blob")? {
            Some(hex) => Some(Some(Uuid::try_parse(hex).ok()?)),
            None => Some(None),
        }
    }
}
