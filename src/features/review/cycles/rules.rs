//! What must hold of a review cycle, whichever way it is written.

use crate::{
    entity::review_cycle::{Entity, Model},
    features::{
        framework::vocabularies,
        writing::{Written, period},
    },
    http::context::Here,
    problem::{Code, Fault, FaultCode, Problem},
    store::Tx,
};

impl Written for Entity {
    async fn rules(tx: &Tx<'_>, _here: &Here, before: Option<&Model>, row: &Model, mut faults: Vec<Fault>) -> Result<(), Problem> {
        faults.extend(vocabularies::check("review_cycle_kinds", &row.kind, "/kind"));
        faults.extend(dates(row));
        if !faults.is_empty() {
            return Err(Problem::invalid(faults));
        }
        if before.is_some_and(|before| before.code == row.code) {
            return Ok(());
        }
        match tx.first(Self::by_code(&row.code)).await? {
            Some(other) if other.id != row.id => Err(Problem::new(Code::CodeTaken).with("field", "code").with("value", row.code.as_str())),
            _ => Ok(()),
        }
    }
}

fn dates(row: &Model) -> Vec<Fault> {
    let mut faults = period(row.date_precision, row.starts_on, row.ends_on);
    if row.submission_due_on.is_some_and(|due| due > row.ends_on) {
        faults.push(Fault::at("/submission_due_on", FaultCode::TooLate).with("end", row.ends_on.to_string()));
    }
    faults
}
