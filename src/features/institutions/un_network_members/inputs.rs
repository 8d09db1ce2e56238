//! What is sent to enter or change a membership, and what must hold of it.

use chrono::NaiveDate;
use sea_orm::ActiveValue::Set;
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    entity::{
        objective::ObjectiveNumber,
        un_network_member::{self, Entity, Model, NetworkRole, Offer},
        un_network_member_objective, un_network_member_role,
    },
    features::{
        framework::vocabularies,
        references,
        writing::{Changes, Written, reversed, set, twice},
    },
    http::{context::Here, extract::sent},
    problem::{Code, Fault, FaultCode, Problem},
    store::Tx,
    text::{Items, Text, fold},
};

/// A new membership.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct NewUnNetworkMember {
    /// The organization that is a member; it has one open membership at a time.
    pub organization_id: Uuid,
    /// What it does in the Network, at least one, each once. One member at a time is `coordinator`.
    #[schema(min_items = 1, max_items = 6)]
    pub roles: Vec<NetworkRole>,
    /// The first day of membership, if it is known.
    #[schema(examples("2024-07-15"))]
    pub joined_on: Option<NaiveDate>,
    /// The first day on which it was a member no more; leave it out while it is one.
    #[schema(examples("2026-07-01"))]
    pub left_on: Option<NaiveDate>,
    /// Working groups of the Network that it takes part in, each once.
    #[schema(max_items = 20, examples(json!(["Migration data"])))]
    pub working_groups: Option<Vec<Text<100>>>,
    /// The objectives that it works on, each once; answered in rising order.
    #[schema(value_type = Option<Vec<ObjectiveNumber>>, max_items = 23)]
    pub objective_numbers: Option<Vec<i16>>,
    /// Support that it offers to the country.
    #[schema(max_items = 50)]
    pub offers: Option<Vec<Offer>>,
}

/// Changes to a membership: absent stays, `null` clears, a value sets; lists are replaced whole.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
pub struct UnNetworkMemberPatch {
    /// The organization that is a member; it has one open membership at a time.
    #[schema(value_type = Uuid, required = false)]
    pub organization_id: Option<Uuid>,
    /// What it does in the Network, at least one, each once. One member at a time is `coordinator`. `null` changes nothing.
    #[schema(min_items = 1, max_items = 6)]
    pub roles: Option<Vec<NetworkRole>>,
    /// The first day of membership, if it is known.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<NaiveDate>, examples("2024-07-15"))]
    pub joined_on: Option<Option<NaiveDate>>,
    /// The first day on which it was a member no more; `null` while it is one.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<NaiveDate>, examples("2026-07-01"))]
    pub left_on: Option<Option<NaiveDate>>,
    /// Working groups of the Network that it takes part in, each once; `null` empties the list.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<Vec<Text<100>>>, max_items = 20, examples(json!(["Migration data"])))]
    pub working_groups: Option<Option<Vec<Text<100>>>>,
    /// The objectives that it works on, each once; answered in rising order. `null` empties the list.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<Vec<ObjectiveNumber>>, max_items = 23)]
    pub objective_numbers: Option<Option<Vec<i16>>>,
    /// Support that it offers to the country; `null` empties the list.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<Vec<Offer>>, max_items = 50)]
    pub offers: Option<Option<Vec<Offer>>>,
}

impl From<NewUnNetworkMember> for Model {
    fn from(new: NewUnNetworkMember) -> Self {
        let NewUnNetworkMember { organization_id, roles, joined_on, left_on, working_groups, objective_numbers, offers } = new;
        Self {
            organization_id,
            roles: Items(roles),
            joined_on,
            left_on,
            working_groups: Items(working_groups.unwrap_or_default()),
            objective_numbers: Items(objective_numbers.unwrap_or_default()),
            offers: Items(offers.unwrap_or_default()),
            ..Self::default()
        }
        .sorted()
    }
}

impl Changes<Entity> for UnNetworkMemberPatch {
    fn apply(self, row: &Model) -> (Model, Vec<Fault>) {
        let Self { organization_id, roles, joined_on, left_on, working_groups, objective_numbers, offers } = self;
        let mut row = row.clone();
        set(&mut row.organization_id, organization_id);
        set(&mut row.roles.0, roles);
        set(&mut row.joined_on, joined_on);
        set(&mut row.left_on, left_on);
        set(&mut row.working_groups.0, working_groups.map(Option::unwrap_or_default));
        set(&mut row.objective_numbers.0, objective_numbers.map(Option::unwrap_or_default));
        set(&mut row.offers.0, offers.map(Option::unwrap_or_default));
        (row.sorted(), Vec::new())
    }
}

impl Written for Entity {
    async fn rules(tx: &Tx<'_>, here: &Here, before: Option<&Model>, row: &Model, mut faults: Vec<Fault>) -> Result<(), Problem> {
        if before.is_none_or(|before| before.organization_id != row.organization_id) {
            faults.extend(references::organization(tx, here, row.organization_id, "/organization_id").await?);
        }
        // A membership that ended with its organization on the day on which it began stays as it is.
        if before.map(|before| (before.joined_on, before.left_on)) != Some((row.joined_on, row.left_on)) {
            faults.extend(reversed(row.joined_on, row.left_on, "/left_on"));
        }
        faults.extend(lists(row));
        if faults.is_empty() { one_of_each(tx, here, row).await } else { Err(Problem::invalid(faults)) }
    }

    async fn link(tx: &mut Tx<'_>, row: &Model) -> Result<(), Problem> {
        use un_network_member_objective::{ActiveModel as Objective, Column as Objectives};
        use un_network_member_role::{ActiveModel as Role, Column as Roles};

        let roles = row.roles.0.iter().map(|role| Role { member_id: Set(row.id), role: Set(*role) }).collect();
        tx.replace_owned::<un_network_member_role::Entity>(Roles::MemberId, row.id, roles).await?;
        let objectives = row.objective_numbers.0.iter().map(|number| Objective { member_id: Set(row.id), number: Set(*number) }).collect();
        tx.replace_owned::<un_network_member_objective::Entity>(Objectives::MemberId, row.id, objectives).await
    }
}

/// What is wrong with the lists: entries that stand twice, kinds that nobody knows.
fn lists(row: &Model) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut each_once = |pointer: String, twice: bool| faults.extend(twice.then(|| Fault::at(pointer, FaultCode::NotUnique)));
    each_once("/roles".to_owned(), twice(row.roles.0.iter()));
    each_once("/working_groups".to_owned(), twice(row.working_groups.0.iter().map(|group| fold(group.as_str()))));
    each_once("/objective_numbers".to_owned(), twice(row.objective_numbers.0.iter()));
    for (at, offer) in row.offers.0.iter().enumerate() {
        each_once(format!("/offers/{at}/objective_numbers"), twice(offer.objective_numbers.iter()));
    }
    let kinds = row.offers.0.iter().enumerate();
    faults.extend(kinds.filter_map(|(at, offer)| vocabularies::check("offer_kinds", &offer.kind, &format!("/offers/{at}/kind"))));
    faults
}

/// One open membership for each organization, and one open coordinator of the Network.
pub async fn one_of_each(tx: &Tx<'_>, here: &Here, row: &Model) -> Result<(), Problem> {
    let today = here.today();
    if !row.is_open(today) {
        return Ok(());
    }
    let mine = tx.all(Entity::open_of(row.organization_id, today)).await?;
    if let Some(other) = mine.into_iter().find(|other| other.id != row.id) {
        return Err(taken(Code::MembershipOpen, &other));
    }
    if row.roles.0.contains(&NetworkRole::Coordinator) {
        use sea_orm::QueryFilter as _;

        let coordinators = Entity::open(today).filter(un_network_member::with_role(vec![NetworkRole::Coordinator]));
        if let Some(other) = tx.all(coordinators).await?.into_iter().find(|other| other.id != row.id) {
            return Err(taken(Code::CoordinatorNamed, &other));
        }
    }
    Ok(())
}

fn taken(code: Code, by: &Model) -> Problem {
    Problem::new(code).with("organization_id", by.organization_id.to_string()).with("id", by.id.to_string())
}
