//! What is sent to propose or change a priority.

use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    entity::{
        objective::ObjectiveNumber,
        prioritization::{Cluster, Rationale},
        priority::{Act, Entity, Model},
    },
    features::writing::{Changes, set, set_text},
    http::extract::sent,
    problem::{Fault, FaultCode},
    text::{Items, LocalizedPatch},
};

/// A priority that is proposed otherwise than by finalizing a round.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct NewPriority {
    /// The review cycle that it is chosen in.
    pub cycle_id: Option<Uuid>,
    /// The round whose organizations decide about it; it must be finalized, and stays the same for ever.
    pub prioritization_id: Uuid,
    /// The objective that is chosen.
    #[schema(value_type = ObjectiveNumber)]
    pub objective_number: i16,
    /// Its place among the priorities of its round; the first one is 1.
    #[schema(minimum = 1, maximum = 100, examples(1))]
    pub rank: i16,
    /// Why it is chosen, by language.
    pub rationale: Option<Rationale>,
    /// The thematic area of the country that it belongs to, by language.
    pub cluster: Option<Cluster>,
    /// The organization that leads the work; in use and valid today.
    pub lead_id: Option<Uuid>,
    /// The organizations that work on it together with the lead, each once; in use and valid today.
    #[schema(max_items = 50)]
    pub supporting_ids: Option<Vec<Uuid>>,
    /// The act by which it was adopted, where there is one already.
    pub adoption_act: Option<Act>,
}

/// Changes to a priority: absent stays, `null` clears, a value sets; texts are merged by language, `supporting_ids` and `adoption_act` are replaced
/// whole.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
pub struct PriorityPatch {
    /// The review cycle that it is chosen in.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<Uuid>)]
    pub cycle_id: Option<Option<Uuid>>,
    /// An upsert sends it with the rest; it stays as it was.
    #[serde(default)]
    #[schema(ignore)]
    pub prioritization_id: Option<Uuid>,
    /// The objective that is chosen. Another one is another question: `substance` rises.
    #[schema(value_type = ObjectiveNumber, required = false)]
    pub objective_number: Option<i16>,
    /// Its place among the priorities of its round; the first one is 1.
    #[schema(value_type = i16, required = false, minimum = 1, maximum = 100, examples(1))]
    pub rank: Option<i16>,
    /// Why it is chosen, by language. Changing a text that was there lets `substance` rise; adding a missing translation does not.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<LocalizedPatch<4000>>)]
    pub rationale: Option<Option<LocalizedPatch<4000>>>,
    /// The thematic area of the country that it belongs to, by language. Changing a text that was there lets `substance` rise.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<LocalizedPatch<200>>)]
    pub cluster: Option<Option<LocalizedPatch<200>>>,
    /// The organization that leads the work; a new one must be in use and valid today. Another one lets `substance` rise.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<Uuid>)]
    pub lead_id: Option<Option<Uuid>>,
    /// The organizations that work on it together with the lead, each once; a new one must be in use and valid today. Others let `substance` rise.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<Vec<Uuid>>, max_items = 50)]
    pub supporting_ids: Option<Option<Vec<Uuid>>>,
    /// The act by which it was adopted; it cannot be taken from an adopted priority.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<Act>)]
    pub adoption_act: Option<Option<Act>>,
}

impl From<NewPriority> for Model {
    fn from(new: NewPriority) -> Self {
        let NewPriority { cycle_id, prioritization_id, objective_number, rank, rationale, cluster, lead_id, supporting_ids, adoption_act } =
            new;
        let supporting_ids = Items(supporting_ids.unwrap_or_default());
        let mut row =
            Self { cycle_id, prioritization_id, objective_number, rank, rationale, cluster, lead_id, supporting_ids, ..Self::default() };
        row.set_adoption_act(adoption_act);
        row.proposed()
    }
}

impl Changes<Entity> for PriorityPatch {
    fn apply(self, before: &Model) -> (Model, Vec<Fault>) {
        let Self { cycle_id, prioritization_id, objective_number, rank, rationale, cluster, lead_id, supporting_ids, adoption_act } = self;
        let mut faults = Vec::new();
        let mut row = before.clone();
        if prioritization_id.is_some_and(|id| id != row.prioritization_id) {
            faults.push(Fault::at("/prioritization_id", FaultCode::ReadOnly));
        }
        set(&mut row.cycle_id, cycle_id);
        set(&mut row.objective_number, objective_number);
        set(&mut row.rank, rank);
        set_text(&mut row.rationale, rationale, "/rationale", &mut faults);
        set_text(&mut row.cluster, cluster, "/cluster", &mut faults);
        set(&mut row.lead_id, lead_id);
        set(&mut row.supporting_ids.0, supporting_ids.map(Option::unwrap_or_default));
        if let Some(act) = adoption_act {
            row.set_adoption_act(act);
        }
        (row.after(before), faults)
    }
}
