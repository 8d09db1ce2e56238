//! What must hold of a budget line, and what follows from it for its activity.

use crate::{
    auth::Action,
    entity::budget_line::{Entity, Model},
    features::{framework::vocabularies, references, workplan::below, writing::Written},
    http::context::Here,
    problem::{Code, Fault, FaultCode, Problem},
    store::{Tracked, Tx},
    text::only_adds,
};

impl Written for Entity {
    async fn settle(tx: &Tx<'_>, _before: Option<&Model>, row: &mut Model) -> Result<Vec<Fault>, Problem> {
        row.audience = below::above(tx, row.activity_id).await?.audience;
        Ok(Vec::new())
    }

    async fn rules(tx: &Tx<'_>, here: &Here, before: Option<&Model>, row: &Model, mut faults: Vec<Fault>) -> Result<(), Problem> {
        if before.is_none_or(|before| Self::is_planned(before) != Self::is_planned(row)) {
            // Nobody enters a line that they could not change, such as one that nobody pays; and what somebody pays becomes part of the plan, or no
            // longer is, by who writes the plan only.
            tx.may(Action::Update, &Self::subject(row))?;
        }
        if before == Some(row) && faults.is_empty() {
            return Ok(());
        }
        faults.extend(vocabularies::check("budget_line_kinds", &row.kind, "/kind"));
        if let Some(funder) = row.funder_id.filter(|id| before.is_none_or(|before| before.funder_id != Some(*id))) {
            faults.extend(references::organization(tx, here, funder, "/funder_id").await?);
        }
        if !can_be_kept(tx, row).await? {
            faults.push(Fault::at("/amount", FaultCode::OutOfRange).with("limit", i64::MAX.to_string()));
        }
        if !faults.is_empty() {
            return Err(Problem::invalid(faults));
        }
        below::open(tx, row.activity_id, Self::is_planned(row) || before.is_some_and(Self::is_planned)).await
    }

    async fn tell(tx: &mut Tx<'_>, before: Option<&Model>, row: &Model) -> Result<(), Problem> {
        if before.is_some_and(|before| before.revision == row.revision) {
            return Ok(());
        }
        let planned = Self::is_planned(row) || before.is_some_and(Self::is_planned);
        let told_again = before.is_some_and(|before| only_translated(before, row));
        below::changed(tx, row.activity_id, planned && !told_again).await
    }
}

/// Whether nothing but a language was added to the note.
fn only_translated(before: &Model, row: &Model) -> bool {
    let planned = |row: &Model| (row.kind.clone(), row.amount(), row.funder_id);
    only_adds(row.note.as_ref(), before.note.as_ref()) && planned(before) == planned(row)
}

/// Whether the sum of its kind and currency, with this line in use, stays within what can be told exactly.
async fn can_be_kept(tx: &Tx<'_>, row: &Model) -> Result<bool, Problem> {
    let others = tx.all(Entity::of([row.activity_id])).await?;
    let with = others.iter().filter(|other| {
        let alike = other.kind == row.kind && other.amount_currency == row.amount_currency;
        alike && other.id != row.id && other.archived_at.is_none()
    });
    let sum: i128 = with.map(|other| i128::from(other.amount_minor)).sum::<i128>() + i128::from(row.amount_minor);
    Ok(i64::try_from(sum).is_ok())
}

/// 409 when it is part of an approved plan, or the plan is over.
pub async fn may_go(tx: &Tx<'_>, row: &Model) -> Result<(), Problem> {
    below::open(tx, row.activity_id, Entity::is_planned(row)).await
}

/// 409 when it would come into an approved plan, when who pays has ended, or when the sum would be too large.
pub async fn may_return(tx: &Tx<'_>, here: &Here, row: &Model) -> Result<(), Problem> {
    below::open(tx, row.activity_id, Entity::is_planned(row)).await?;
    references::go_on(tx, here, row.funder_id).await?;
    if can_be_kept(tx, row).await? {
        return Ok(());
    }
    Err(Problem::new(Code::SumOutOfRange).with("currency", row.amount_currency.as_str()))
}

/// Lets the activity and its plan know.
pub async fn came_or_went(tx: &mut Tx<'_>, row: &Model) -> Result<(), Problem> {
    below::changed(tx, row.activity_id, Entity::is_planned(row)).await
}
