//! What begins, what is due and what is late, quarter by quarter.

use std::collections::BTreeMap;

use actix_web::{get, web::Data};
use chrono::NaiveDate;
use sea_orm::{ColumnTrait, Condition, QueryFilter, Select};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::plans::Plans;
use crate::{
    entity::{
        activity::figures::{self as activity_figures, OnDay},
        activity::{ActivityImplementation, Column, Entity},
    },
    http::{
        Api,
        extract::Caller,
        figures::{Figured, Figures, Reckoned},
        mount::Mount,
    },
    problem::{Fault, FaultCode, Problem},
    store::Store,
    text::{Days, Interval},
};

/// What is counted.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct TimelineQuery {
    /// The workplan whose activities are counted. Without it, those of all active workplans; with none active, nothing is counted.
    workplan_id: Option<Uuid>,
    /// Only quarters from the one in which this day lies.
    from: Option<NaiveDate>,
    /// Only quarters up to the one in which this day lies.
    to: Option<NaiveDate>,
}

/// One quarter of the calendar.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct TimelineQuarter {
    /// Its first day.
    #[schema(examples("2027-04-01"))]
    starts_on: NaiveDate,
    /// Its last day.
    #[schema(examples("2027-06-30"))]
    ends_on: NaiveDate,
    /// How many activities begin in it.
    #[schema(minimum = 0)]
    starting: i64,
    /// Where these are listed.
    #[schema(examples(
        "/v1/activities?workplan_id=01920000-0000-7000-8000-000000000001&in_version=true&starts_on_from=2027-04-01&starts_on_to=2027-06-30"
    ))]
    starting_href: String,
    /// How many activities have their last day in it.
    #[schema(minimum = 0)]
    due: i64,
    /// Where these are listed.
    #[schema(examples(
        "/v1/activities?workplan_id=01920000-0000-7000-8000-000000000001&in_version=true&ends_on_from=2027-04-01&ends_on_to=2027-06-30"
    ))]
    due_href: String,
    /// How many of those whose last day is in it are overdue: that day is past today, and they are neither completed nor cancelled.
    #[schema(minimum = 0)]
    late: i64,
    /// Where these are listed.
    #[schema(examples(
        "/v1/activities?workplan_id=01920000-0000-7000-8000-000000000001&in_version=true&ends_on_from=2027-04-01&ends_on_to=2027-06-30&overdue=true"
    ))]
    late_href: String,
    /// How many milestones are due in it, whether they are reached or not.
    #[schema(minimum = 0)]
    milestones_due: i64,
    /// Where the activities with such milestones are listed; the milestones of each are at its `milestones`.
    #[schema(examples(
        "/v1/activities?workplan_id=01920000-0000-7000-8000-000000000001&in_version=true&milestone_due_on_from=2027-04-01&milestone_due_on_to=2027-06-30"
    ))]
    milestones_due_href: String,
    /// How many of the milestones due in it are late: their day is past today, they are not reached, and their activity is neither completed nor cancelled.
    #[schema(minimum = 0)]
    milestones_late: i64,
    /// Where the activities with such milestones are listed.
    #[schema(examples(
        "/v1/activities?workplan_id=01920000-0000-7000-8000-000000000001&in_version=true&milestone_due_on_from=2027-04-01&milestone_due_on_to=2027-06-30&milestone_done=false"
    ))]
    milestones_late_href: String,
}

/// A workplan, quarter by quarter.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Timeline {
    /// The workplans that are counted: the one that was asked for, or those that are being carried out.
    workplan_ids: Vec<Uuid>,
    /// Every quarter of the plan, in their order, and those before and after it in which something begins or is due.
    data: Vec<TimelineQuarter>,
}

impl Figured for Timeline {
    type Cell = TimelineQuarter;
    const FIRST: &'static str = "starts_on";

    fn cells(&self) -> &[TimelineQuarter] {
        &self.data
    }
}

pub fn mount(config: &mut Mount<'_>) {
    config.service(get_timeline);
}

/// Count what begins and is due by quarter
///
/// For each quarter of the calendar: how many activities of a workplan begin, how many have their last day, how many of those are overdue, and how many
/// milestones are due, and how many of those are late, each number with the address of the list of the activities behind it. Quarters are counted whole, also where `from` and `to`
/// lie within one. Archived activities and milestones do not count; of a plan that was approved neither do activities that an open revision would add.
#[utoipa::path(tag = "Insights", params(Figures<TimelineQuery>))]
#[get("/v1/insights/timeline")]
async fn get_timeline(store: Data<Store>, caller: Caller, ask: Figures<TimelineQuery>) -> Api<Reckoned<Timeline>> {
    let TimelineQuery { workplan_id, from, to } = ask.asked;
    let range = Range::of(from, to)?;
    let plans = Plans::of(&store, &caller, workplan_id).await?;
    let quarters = if plans.ids.is_empty() {
        BTreeMap::new()
    } else {
        count(&store, plans.activities(&caller)?, &plans.days, &range, ask.here.today()).await?
    };
    let today = ask.here.today();
    let data = quarters.iter().map(|(days, counted)| quarter(&plans, *days, counted, today)).collect();
    ask.answer(&caller, None, Timeline { workplan_ids: plans.ids, data })
}

/// Whole quarters.
struct Range {
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
}

impl Range {
    fn of(from: Option<NaiveDate>, to: Option<NaiveDate>) -> Result<Self, Problem> {
        if let Some((from, _)) = from.zip(to).filter(|(from, to)| to < from) {
            let fault = Fault::parameter("to", FaultCode::PeriodReversed).with("start", from.to_string());
            return Err(Problem::bad_query(vec![fault]));
        }
        let around = |day: Option<NaiveDate>| day.and_then(|day| Interval::Quarter.around(day));
        Ok(Self { from: around(from).map(|(first, _)| first), to: around(to).map(|(_, last)| last) })
    }

    fn holds(&self, (first, last): Days) -> bool {
        self.from.is_none_or(|from| from <= first) && self.to.is_none_or(|to| last <= to)
    }

    fn on(&self, activities: &Select<Entity>, day: Column) -> Select<Entity> {
        let within = Condition::all().add_option(self.from.map(|from| day.gte(from))).add_option(self.to.map(|to| day.lte(to)));
        activities.clone().filter(within)
    }
}

/// What was counted for one quarter.
#[derive(Clone, Copy, Debug, Default)]
struct Counted {
    starting: i64,
    due: i64,
    late: i64,
    milestones_due: i64,
    milestones_late: i64,
}

async fn count(
    store: &Store,
    activities: Select<Entity>,
    plans: &[Days],
    range: &Range,
    today: NaiveDate,
) -> Result<BTreeMap<Days, Counted>, Problem> {
    let quarters = plans.iter().flat_map(|days| Interval::Quarter.over(*days)).filter(|days| range.holds(*days));
    let mut quarters: BTreeMap<Days, Counted> = quarters.map(|days| (days, Counted::default())).collect();
    let mut fold = |found: Vec<OnDay>, add: fn(&mut Counted, &OnDay)| {
        for day in found {
            if let Some(days) = Interval::Quarter.around(day.day) {
                add(quarters.entry(days).or_default(), &day);
            }
        }
    };
    fold(store.tally(activity_figures::starting(range.on(&activities, Column::StartsOn))).await?, |quarter, day| {
        quarter.starting += day.many;
    });
    fold(store.tally(activity_figures::ending(range.on(&activities, Column::SortEndsOn), today)).await?, |quarter, day| {
        quarter.due += day.many;
        quarter.late += day.late;
    });
    fold(store.tally(activity_figures::due_milestones(activities, today, (range.from, range.to))).await?, |quarter, day| {
        quarter.milestones_due += day.many;
        quarter.milestones_late += day.late;
    });
    Ok(quarters)
}

fn quarter(plans: &Plans, (starts_on, ends_on): Days, counted: &Counted, today: NaiveDate) -> TimelineQuarter {
    let all = plans.href(None);
    let within = |name: &str| format!("{all}&{name}_from={starts_on}&{name}_to={ends_on}");
    let due_href = within("ends_on");
    let open = ActivityImplementation::ALL.into_iter().filter(|implementation| !implementation.is_over());
    let open: String = open.map(|implementation| format!("&implementation={}", implementation.name())).collect();
    // Late is what was due before today: of the quarter that runs, the days until yesterday.
    let until = today.pred_opt().map_or(ends_on, |yesterday| yesterday.min(ends_on));
    let late = format!("{all}&milestone_due_on_from={starts_on}&milestone_due_on_to={until}&milestone_done=false{open}");
    TimelineQuarter {
        starts_on,
        ends_on,
        starting: counted.starting,
        starting_href: within("starts_on"),
        due: counted.due,
        late: counted.late,
        late_href: format!("{due_href}&overdue=true"),
        due_href,
        milestones_due: counted.milestones_due,
        milestones_due_href: within("milestone_due_on"),
        milestones_late: counted.milestones_late,
        milestones_late_href: late,
    }
}
