//! What is sent to enter or change a consultation.

use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    entity::consultation::{AgendaItem, Chair, Entity, Group, Model, Participant, Place, Programme, SdgGoalNumber, Title},
    features::writing::{Changes, set},
    http::extract::sent,
    problem::Fault,
    text::{DatePrecision, Items, LocalizedPatch, LocalizedText, Term},
};

/// A new consultation.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct NewConsultation {
    /// What it is called, by language.
    pub title: Title,
    /// Which one of a series it is, such as 2 for the second national workshop.
    #[schema(minimum = 1, maximum = 999)]
    pub series_number: Option<i16>,
    /// What sort of consultation it is, one of `GET /v1/vocabularies/consultation_kinds`.
    #[schema(examples("national_workshop"))]
    pub kind: Term,
    /// How people come together, one of `GET /v1/vocabularies/consultation_modes`.
    #[schema(examples("hybrid"))]
    pub mode: Option<Term>,
    /// Whether it took place, one of `GET /v1/vocabularies/consultation_statuses`: `planned`, `held`, `cancelled`.
    #[schema(examples("held"))]
    pub status: Term,
    /// The first day. With `date_precision` `month` or `year` the first day of a month or year.
    #[schema(examples("2024-08-20"))]
    pub starts_on: NaiveDate,
    /// The last day, the same as `starts_on` for a single one; not before it. With `date_precision` `month` or `year` the last day of a month or
    /// year.
    #[schema(examples("2024-08-21"))]
    pub ends_on: NaiveDate,
    /// How exactly the two dates are known: to the day, or only to the month or year.
    pub date_precision: DatePrecision,
    /// Where it takes place, by language.
    pub place: Option<Place>,
    /// The organizations that call it, the first one first, each once.
    #[schema(max_items = 50)]
    pub convenor_ids: Option<Vec<Uuid>>,
    /// Who is in the chair.
    #[schema(max_items = 20)]
    pub chairs: Option<Vec<Chair>>,
    /// Whom organizations send; an organization once in each role.
    #[schema(max_items = 500)]
    pub participants: Option<Vec<Participant>>,
    /// How many people take part, whether or not it is known who; not less than `participants` add up to.
    #[schema(minimum = 0, maximum = 1_000_000)]
    pub participant_total: Option<i64>,
    /// `true`: there were at least `participant_total` people, and the exact number is not known. Left out, `false`.
    pub participant_total_at_least: Option<bool>,
    /// The organizations that pay for it, each once.
    #[schema(max_items = 50)]
    pub funder_ids: Option<Vec<Uuid>>,
    /// The programme under which it is held, by language.
    pub programme: Option<Programme>,
    /// The Sustainable Development Goals that it is linked with, each once; answered in rising order.
    #[schema(value_type = Option<Vec<SdgGoalNumber>>, max_items = 17)]
    pub sdg_goal_numbers: Option<Vec<i16>>,
    /// The points of the agenda in their order, each by language.
    #[schema(max_items = 100)]
    pub agenda: Option<Vec<AgendaItem>>,
    /// The groups that discuss apart.
    #[schema(max_items = 50)]
    pub groups: Option<Vec<Group>>,
    /// The review cycle that it belongs to.
    pub cycle_id: Option<Uuid>,
}

/// Changes to a consultation: absent stays, `null` clears, a value sets; lists are replaced whole, texts merged by language.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
pub struct ConsultationPatch {
    /// What it is called, by language.
    #[schema(value_type = LocalizedPatch<300>, required = false)]
    pub title: Option<LocalizedPatch<300>>,
    /// Which one of a series it is; `null` when it belongs to none.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<i16>, minimum = 1, maximum = 999)]
    pub series_number: Option<Option<i16>>,
    /// What sort of consultation it is, one of `GET /v1/vocabularies/consultation_kinds`.
    #[schema(value_type = Term, required = false, examples("national_workshop"))]
    pub kind: Option<Term>,
    /// How people come together, one of `GET /v1/vocabularies/consultation_modes`; `null` when that is not known.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<Term>, examples("hybrid"))]
    pub mode: Option<Option<Term>>,
    /// Whether it took place, one of `GET /v1/vocabularies/consultation_statuses`: `planned`, `held`, `cancelled`.
    #[schema(value_type = Term, required = false, examples("held"))]
    pub status: Option<Term>,
    /// The first day. With `date_precision` `month` or `year` the first day of a month or year.
    #[schema(value_type = NaiveDate, required = false, examples("2024-08-20"))]
    pub starts_on: Option<NaiveDate>,
    /// The last day, the same as `starts_on` for a single one; not before it. With `date_precision` `month` or `year` the last day of a month or
    /// year.
    #[schema(value_type = NaiveDate, required = false, examples("2024-08-21"))]
    pub ends_on: Option<NaiveDate>,
    /// How exactly the two dates are known: to the day, or only to the month or year.
    #[schema(value_type = DatePrecision, required = false)]
    pub date_precision: Option<DatePrecision>,
    /// Where it takes place, by language.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<LocalizedPatch<200>>)]
    pub place: Option<Option<LocalizedPatch<200>>>,
    /// The organizations that call it, the first one first, each once; `null` empties the list.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<Vec<Uuid>>, max_items = 50)]
    pub convenor_ids: Option<Option<Vec<Uuid>>>,
    /// Who is in the chair; `null` empties the list.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<Vec<Chair>>, max_items = 20)]
    pub chairs: Option<Option<Vec<Chair>>>,
    /// Whom organizations send, an organization once in each role; `null` empties the list.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<Vec<Participant>>, max_items = 500)]
    pub participants: Option<Option<Vec<Participant>>>,
    /// How many people take part, not less than `participants` add up to; `null` when it is not known.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<i64>, minimum = 0, maximum = 1_000_000)]
    pub participant_total: Option<Option<i64>>,
    /// `true`: there were at least `participant_total` people, and the exact number is not known.
    #[schema(value_type = bool, required = false)]
    pub participant_total_at_least: Option<bool>,
    /// The organizations that pay for it, each once; `null` empties the list.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<Vec<Uuid>>, max_items = 50)]
    pub funder_ids: Option<Option<Vec<Uuid>>>,
    /// The programme under which it is held, by language.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<LocalizedPatch<300>>)]
    pub programme: Option<Option<LocalizedPatch<300>>>,
    /// The Sustainable Development Goals that it is linked with, each once; `null` empties the list.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<Vec<SdgGoalNumber>>, max_items = 17)]
    pub sdg_goal_numbers: Option<Option<Vec<i16>>>,
    /// The points of the agenda in their order, each by language; `null` empties the list.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<Vec<LocalizedText<500>>>, max_items = 100)]
    pub agenda: Option<Option<Vec<AgendaItem>>>,
    /// The groups that discuss apart; `null` empties the list.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<Vec<Group>>, max_items = 50)]
    pub groups: Option<Option<Vec<Group>>>,
    /// The review cycle that it belongs to; `null` when it belongs to none.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<Uuid>)]
    pub cycle_id: Option<Option<Uuid>>,
}

impl From<NewConsultation> for Model {
    fn from(new: NewConsultation) -> Self {
        let NewConsultation {
            title,
            series_number,
            kind,
            mode,
            status,
            starts_on,
            ends_on,
            date_precision,
            place,
            convenor_ids,
            chairs,
            participants,
            participant_total,
            participant_total_at_least,
            funder_ids,
            programme,
            sdg_goal_numbers,
            agenda,
            groups,
            cycle_id,
        } = new;
        Self {
            title,
            series_number,
            kind,
            mode,
            status,
            starts_on,
            ends_on,
            date_precision,
            place,
            convenor_ids: list(convenor_ids),
            chairs: list(chairs),
            participants: list(participants),
            participant_total,
            participant_total_at_least: participant_total_at_least.unwrap_or_default(),
            funder_ids: list(funder_ids),
            programme,
            sdg_goal_numbers: list(sdg_goal_numbers),
            agenda: list(agenda),
            groups: list(groups),
            cycle_id,
            ..Self::default()
        }
        .sorted()
    }
}

impl Changes<Entity> for ConsultationPatch {
    fn apply(self, row: &Model) -> (Model, Vec<Fault>) {
        let Self {
            title,
            series_number,
            kind,
            mode,
            status,
            starts_on,
            ends_on,
            date_precision,
            place,
            convenor_ids,
            chairs,
            participants,
            participant_total,
            participant_total_at_least,
            funder_ids,
            programme,
            sdg_goal_numbers,
            agenda,
            groups,
            cycle_id,
        } = self;
        let mut faults = Vec::new();
        let mut row = row.clone();
        set(&mut row.series_number, series_number);
        set(&mut row.kind, kind);
        set(&mut row.mode, mode);
        set(&mut row.status, status);
        set(&mut row.starts_on, starts_on);
        set(&mut row.ends_on, ends_on);
        set(&mut row.date_precision, date_precision);
        set(&mut row.convenor_ids, convenor_ids.map(list));
        set(&mut row.chairs, chairs.map(list));
        set(&mut row.participants, participants.map(list));
        set(&mut row.participant_total, participant_total);
        set(&mut row.participant_total_at_least, participant_total_at_least);
        set(&mut row.funder_ids, funder_ids.map(list));
        set(&mut row.sdg_goal_numbers, sdg_goal_numbers.map(list));
        set(&mut row.agenda, agenda.map(list));
        set(&mut row.groups, groups.map(list));
        set(&mut row.cycle_id, cycle_id);
        if let Some(patch) = title {
            row.title = patch.onto(Some(&row.title), "/title", &mut faults).unwrap_or(row.title);
        }
        if let Some(patch) = place {
            row.place = patch.and_then(|patch| patch.onto(row.place.as_ref(), "/place", &mut faults));
        }
        if let Some(patch) = programme {
            row.programme = patch.and_then(|patch| patch.onto(row.programme.as_ref(), "/programme", &mut faults));
        }
        (row.sorted(), faults)
    }
}

fn list<T>(sent: Option<Vec<T>>) -> Items<T> {
    Items(sent.unwrap_or_default())
}
