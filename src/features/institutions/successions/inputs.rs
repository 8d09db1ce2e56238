//! What is sent to plan a succession.

use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    entity::succession::{Entity, Model, MovedFunction, Note, Reassignment},
    features::writing::{Changes, set},
    http::extract::sent,
    problem::Fault,
    text::{Items, LocalizedPatch, Term},
};

/// What becomes of institutions, as it is planned.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct NewSuccession {
    /// What sort of change it is, one of `GET /v1/vocabularies/succession_kinds`: `merge`, `split`, `rename`, `dissolve`, `function_moved`.
    #[schema(examples("merge"))]
    pub kind: Term,
    /// The institutions that end; with `function_moved`, those that give a function away.
    #[schema(min_items = 1, max_items = 20)]
    pub predecessor_ids: Vec<Uuid>,
    /// The institutions that go on in their place. One for `merge` and `rename`, none for `dissolve`.
    #[schema(required = false, max_items = 20)]
    #[serde(default)]
    pub successor_ids: Vec<Uuid>,
    /// The day of the decision.
    #[schema(examples("2025-03-20"))]
    pub decided_on: Option<NaiveDate>,
    /// The first day on which the predecessors exist no more. It must be set before the succession is made effective.
    #[schema(examples("2025-03-20"))]
    pub effective_on: Option<NaiveDate>,
    /// The tasks of the State that moved, where it is known.
    #[schema(required = false, max_items = 100)]
    #[serde(default)]
    pub functions: Vec<MovedFunction>,
    /// What else there is to say about it, by language.
    pub note: Option<Note>,
    /// Who takes over each duty of the predecessors: one entry for every duty of `GET /v1/organizations/{id}/duties`.
    #[schema(required = false, max_items = 1000)]
    #[serde(default)]
    pub reassignments: Vec<Reassignment>,
}

/// Changes to a succession: absent stays, `null` clears, a value sets; lists are replaced whole, texts merged by language.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
pub struct SuccessionPatch {
    /// What sort of change it is, one of `GET /v1/vocabularies/succession_kinds`.
    #[schema(value_type = Term, required = false, examples("merge"))]
    pub kind: Option<Term>,
    /// The institutions that end; with `function_moved`, those that give a function away. `null` changes nothing.
    #[schema(min_items = 1, max_items = 20)]
    pub predecessor_ids: Option<Vec<Uuid>>,
    /// The institutions that go on in their place.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<Vec<Uuid>>, max_items = 20)]
    pub successor_ids: Option<Option<Vec<Uuid>>>,
    /// The day of the decision.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<NaiveDate>, examples("2025-03-20"))]
    pub decided_on: Option<Option<NaiveDate>>,
    /// The first day on which the predecessors exist no more.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<NaiveDate>, examples("2025-03-20"))]
    pub effective_on: Option<Option<NaiveDate>>,
    /// The tasks of the State that moved, where it is known.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<Vec<MovedFunction>>, max_items = 100)]
    pub functions: Option<Option<Vec<MovedFunction>>>,
    /// What else there is to say about it, by language.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<LocalizedPatch<4000>>)]
    pub note: Option<Option<LocalizedPatch<4000>>>,
    /// Who takes over each duty of the predecessors.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<Vec<Reassignment>>, max_items = 1000)]
    pub reassignments: Option<Option<Vec<Reassignment>>>,
}

impl From<NewSuccession> for Model {
    fn from(new: NewSuccession) -> Self {
        let NewSuccession { kind, predecessor_ids, successor_ids, decided_on, effective_on, functions, note, reassignments } = new;
        Self {
            kind,
            predecessor_ids: Items(predecessor_ids),
            successor_ids: Items(successor_ids),
            decided_on,
            effective_on,
            functions: Items(functions),
            note,
            reassignments: Items(reassignments),
            ..Self::default()
        }
        .counted()
    }
}

impl Changes<Entity> for SuccessionPatch {
    fn apply(self, row: &Model) -> (Model, Vec<Fault>) {
        let Self { kind, predecessor_ids, successor_ids, decided_on, effective_on, functions, note, reassignments } = self;
        let mut faults = Vec::new();
        let mut row = row.clone();
        set(&mut row.kind, kind);
        set(&mut row.predecessor_ids, predecessor_ids.map(Items));
        set(&mut row.successor_ids, successor_ids.map(list));
        set(&mut row.decided_on, decided_on);
        set(&mut row.effective_on, effective_on);
        set(&mut row.functions, functions.map(list));
        set(&mut row.reassignments, reassignments.map(list));
        if let Some(patch) = note {
            row.note = patch.and_then(|patch| patch.onto(row.note.as_ref(), "/note", &mut faults));
        }
        (row.counted(), faults)
    }
}

fn list<T>(sent: Option<Vec<T>>) -> Items<T> {
    Items(sent.unwrap_or_default())
}
