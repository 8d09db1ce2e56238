//! What is sent to enter or change a coordination body.

use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    entity::coordination_body::{Entity, Model, Name, TermsOfReference},
    features::writing::{Changes, set},
    http::extract::sent,
    problem::Fault,
    text::{Items, LocalizedPatch, Term},
};

/// A new coordination body.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct NewCoordinationBody {
    /// The name, by language.
    pub name: Name,
    /// At which level it works, one of the vocabulary `coordination_levels`: `technical`, `ministerial`, `national`.
    pub level: Term,
    /// The organizations that chair it, the first one first; none when that is not known. Each must be in use and valid today.
    #[schema(max_items = 20)]
    pub chair_ids: Option<Vec<Uuid>>,
    /// The first day on which it existed.
    #[schema(examples("2024-08-20"))]
    pub established_on: Option<NaiveDate>,
    /// The first day on which it existed no more; later than `established_on`.
    #[schema(examples("2030-01-01"))]
    pub dissolved_on: Option<NaiveDate>,
    /// What it is there to do, by language.
    pub terms_of_reference: Option<TermsOfReference>,
    /// The body above it, to which it reports.
    pub parent_id: Option<Uuid>,
}

/// Changes to a coordination body: absent stays, `null` clears, a value sets; texts are merged by language, `chair_ids` is replaced whole.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
pub struct CoordinationBodyPatch {
    /// The name, by language.
    #[schema(value_type = LocalizedPatch<200>, required = false)]
    pub name: Option<LocalizedPatch<200>>,
    /// At which level it works, one of the vocabulary `coordination_levels`: `technical`, `ministerial`, `national`.
    #[schema(value_type = Term, required = false)]
    pub level: Option<Term>,
    /// The organizations that chair it, the first one first; `null` leaves none. A new one must be in use and valid today.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<Vec<Uuid>>, max_items = 20)]
    pub chair_ids: Option<Option<Vec<Uuid>>>,
    /// The first day on which it existed; `null` when that is not known.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<NaiveDate>, examples("2024-08-20"))]
    pub established_on: Option<Option<NaiveDate>>,
    /// The first day on which it existed no more, later than `established_on`; `null` while it does.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<NaiveDate>, examples("2030-01-01"))]
    pub dissolved_on: Option<Option<NaiveDate>>,
    /// What it is there to do, by language.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<LocalizedPatch<8000>>)]
    pub terms_of_reference: Option<Option<LocalizedPatch<8000>>>,
    /// The body above it, to which it reports.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<Uuid>)]
    pub parent_id: Option<Option<Uuid>>,
}

impl From<NewCoordinationBody> for Model {
    fn from(new: NewCoordinationBody) -> Self {
        let NewCoordinationBody { name, level, chair_ids, established_on, dissolved_on, terms_of_reference, parent_id } = new;
        let chair_ids = Items(chair_ids.unwrap_or_default());
        Self { name, level, chair_ids, established_on, dissolved_on, terms_of_reference, parent_id, ..Self::default() }.sorted()
    }
}

impl Changes<Entity> for CoordinationBodyPatch {
    fn apply(self, row: &Model) -> (Model, Vec<Fault>) {
        let Self { name, level, chair_ids, established_on, dissolved_on, terms_of_reference, parent_id } = self;
        let mut faults = Vec::new();
        let mut row = row.clone();
        set(&mut row.level, level);
        set(&mut row.chair_ids.0, chair_ids.map(Option::unwrap_or_default));
        set(&mut row.established_on, established_on);
        set(&mut row.dissolved_on, dissolved_on);
        set(&mut row.parent_id, parent_id);
        if let Some(patch) = name {
            row.name = patch.onto(Some(&row.name), "/name", &mut faults).unwrap_or(row.name);
        }
        if let Some(patch) = terms_of_reference {
            row.terms_of_reference =
                patch.and_then(|patch| patch.onto(row.terms_of_reference.as_ref(), "/terms_of_reference", &mut faults));
        }
        (row.sorted(), faults)
    }
}
