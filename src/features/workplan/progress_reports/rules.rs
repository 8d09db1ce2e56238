//! What must hold of a progress report, and what its acceptance makes of the activity.

use sea_orm::{ColumnTrait, QueryFilter};

use crate::{
    auth::Action,
    entity::{
        activity,
        progress_report::{Column, Entity, Model, ReportState},
        workplan,
    },
    features::{
        lifecycle::refuse_dependants,
        references,
        transitions::{Machine, Move},
        workplan::{owed::overlap, planning},
        writing::Written,
    },
    http::context::Here,
    problem::{Code, Fault, FaultCode, Problem},
    store::{Tracked, Tx},
};

impl Written for Entity {
    /// Who may report depends on who takes part in the activity.
    async fn place(tx: &Tx<'_>, row: &mut Model) -> Result<Option<Fault>, Problem> {
        let found = tx.find::<activity::Entity>(activity::Column::Id.eq(row.activity_id)).await?;
        let missing = found.is_none().then(|| Fault::at("/activity_id", FaultCode::ReferenceUnknown));
        row.parties = found.map(|activity| activity.parties).unwrap_or_default();
        Ok(missing)
    }

    async fn rules(tx: &Tx<'_>, here: &Here, before: Option<&Model>, row: &Model, mut faults: Vec<Fault>) -> Result<(), Problem> {
        let is_new = before.is_none();
        if is_new {
            faults.extend(references::organization(tx, here, row.organization_id, "/organization_id").await?);
        }
        let found = tx.find::<activity::Entity>(activity::Column::Id.eq(row.activity_id)).await?;
        let Some(activity) = found else { return Err(Problem::invalid(faults)) };
        if is_new && activity.archived_at.is_some() {
            faults.push(Fault::at("/activity_id", FaultCode::ReferenceArchived));
        }
        let plan = plan_of(tx, &activity).await?;
        if before.is_none_or(|before| before.period() != row.period()) {
            faults.extend(period(&plan, &activity, row));
        }
        if !faults.is_empty() {
            return Err(Problem::invalid(faults));
        }
        if before == Some(row) {
            return Ok(());
        }
        carried_out(&plan, &activity)?;
        match before {
            Some(before) if !before.state.is_open() => Err(Problem::new(Code::NotEditableInState)
                .with("state", before.state.name())
                .with("fields", "none; the lead ministry returns what is to be mended")),
            _ => Ok(()),
        }
    }
}

/// What is wrong with the period: it is not a whole one of the plan, or lies outside of the plan or the activity.
fn period(plan: &workplan::Model, activity: &activity::Model, row: &Model) -> Vec<Fault> {
    let interval = plan.reporting_interval;
    let Some((start, end)) = interval.around(row.period_start) else {
        return vec![Fault::at("/period_start", FaultCode::OutOfRange).with("limit", plan.ends_on.to_string())];
    };
    let days = [("/period_start", row.period_start, start), ("/period_end", row.period_end, end)];
    let mut faults: Vec<_> = days
        .into_iter()
        .filter(|(_, sent, expected)| sent != expected)
        .map(|(pointer, _, expected)| {
            Fault::at(pointer, FaultCode::PeriodNotWhole).with("expected", expected.to_string()).with("precision", interval.name())
        })
        .collect();
    // Both, since an activity may reach beyond its plan.
    let outside = [plan.days(), activity.days()].into_iter().find(|days| !overlap(*days, (start, end)));
    faults.extend(
        outside.map(|(from, to)| {
            Fault::at("/period_start", FaultCode::OutsidePeriod).with("from", from.to_string()).with("to", to.to_string())
        }),
    );
    faults
}

/// 409 unless the activity is in use and in an approved version of a plan that is carried out.
fn carried_out(plan: &workplan::Model, activity: &activity::Model) -> Result<(), Problem> {
    if plan.archived_at.is_some() || activity.archived_at.is_some() {
        return Err(Problem::new(Code::Archived));
    }
    planning::must_be_active(plan)?;
    planning::must_be_in_force(activity)
}

async fn plan_of(tx: &Tx<'_>, activity: &activity::Model) -> Result<workplan::Model, Problem> {
    let found = tx.first(workplan::Entity::by_id(activity.workplan_id)).await?;
    found.ok_or_else(|| Problem::internal("an activity without a plan"))
}

async fn activity_of(tx: &Tx<'_>, row: &Model) -> Result<activity::Model, Problem> {
    let found = tx.first(activity::Entity::by_id(row.activity_id)).await?;
    found.ok_or_else(|| Problem::internal("a report without an activity"))
}

/// 409 when the progress that the activity shows comes from this report: that would come from nowhere.
pub async fn may_go(tx: &Tx<'_>, row: &Model) -> Result<(), Problem> {
    let shown = activity_of(tx, row).await?.tracking_report_id == Some(row.id);
    refuse_dependants([("activities whose progress comes from it", u64::from(shown))])
}

/// 409 when the activity is out of use, when nobody could decide on this submitted one any more, or when another report counts for the period of this
/// accepted one.
pub async fn may_return(tx: &Tx<'_>, row: &Model) -> Result<(), Problem> {
    let activity = activity_of(tx, row).await?;
    if activity.archived_at.is_some() {
        return Err(Problem::new(Code::Archived));
    }
    if row.state == ReportState::Submitted {
        return planning::must_be_active(&plan_of(tx, &activity).await?);
    }
    if row.state != ReportState::Accepted {
        return Ok(());
    }
    let same = Entity::accepted_on(row.activity_id)
        .filter(Column::PeriodStart.eq(row.period_start))
        .filter(Column::PeriodEnd.eq(row.period_end))
        .filter(Column::Id.ne(row.id));
    match tx.first(same).await? {
        Some(other) => Err(Problem::new(Code::PeriodReported).with("id", other.id.to_string())),
        None => Ok(()),
    }
}

impl Machine for Entity {
    const MOVES: &'static [Move<Self>] = &[
        Move { from: &["draft", "returned"], to: "submitted", reason_required: false, effect: |row, now| row.submitted_at = Some(now) },
        Move { from: &["submitted"], to: "accepted", reason_required: false, effect: |_row, _now| {} },
        Move { from: &["submitted"], to: "returned", reason_required: true, effect: |_row, _now| {} },
    ];

    fn put_state(row: &mut Model, state: &str) -> Result<(), Problem> {
        row.state = match state {
            "draft" => ReportState::Draft,
            "submitted" => ReportState::Submitted,
            "returned" => ReportState::Returned,
            "accepted" => ReportState::Accepted,
            "superseded" => ReportState::Superseded,
            other => return Err(Problem::internal(format!("progress reports have no state {other}"))),
        };
        Ok(())
    }

    async fn enact(tx: &mut Tx<'_>, here: &Here, before: &Model, after: &mut Model) -> Result<(), Problem> {
        let activity = activity_of(tx, before).await?;
        carried_out(&plan_of(tx, &activity).await?, &activity)?;
        match after.state {
            ReportState::Submitted => {
                after.submitted_on = Some(tx.now().0.with_timezone(&here.instance.timezone).date_naive());
                Ok(())
            }
            ReportState::Accepted => accept(tx, activity, after).await,
            ReportState::Draft | ReportState::Returned | ReportState::Superseded => Ok(()),
        }
    }
}

/// From now on this report counts for its period, and the activity stands as it says, unless a report on a later period counts already.
async fn accept(tx: &mut Tx<'_>, activity: activity::Model, row: &Model) -> Result<(), Problem> {
    let counted = tx.all(Entity::accepted_on(activity.id)).await?;
    let is_newest = counted.iter().all(|other| other.period_end <= row.period_end);
    let reason = format!("progress report {}", row.id);
    for before in counted.into_iter().filter(|other| other.period() == row.period()) {
        let after = Model { state: ReportState::Superseded, ..before.clone() };
        let mut subject = Entity::subject(&before);
        subject.to = Some(after.state.name());
        let grant = tx.may(Action::Transition, &subject)?;
        tx.transition::<Entity>(&grant, before, after, Some(reason.clone())).await?;
    }
    if !is_newest {
        return Ok(());
    }
    let Model { implementation, progress_percent, rating, .. } = *row;
    let after = activity::Model {
        implementation,
        progress_percent,
        rating,
        tracking_reason: None,
        tracking_report_id: Some(row.id),
        ..activity.clone()
    };
    let grant = tx.may(Action::Update, &activity::Entity::subject(&activity))?;
    tx.update_because::<activity::Entity>(&grant, activity, after, reason).await?;
    Ok(())
}
