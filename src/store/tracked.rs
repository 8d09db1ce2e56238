//! What every tracked row has in common.

use std::str::FromStr;

use sea_orm::{DeriveActiveEnum, EntityTrait, EnumIter, IntoActiveModel, ModelTrait, Value};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    auth::{Audience, Party, Role, Subject, audience},
    clock::Timestamp,
    kind::Kind,
    problem::Problem,
    text::Items,
};

/// Where a row came from: typed in by someone, taken from a public source, or invented for a demonstration.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema, EnumIter, DeriveActiveEnum)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum Provenance {
    #[default]
    Entered,
    PublicSource,
    Illustrative,
}

/// The id that another system knows the row by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
pub struct ExternalId {
    /// The other system.
    #[schema(examples("iom-mims"))]
    pub system: String,
    /// The id there.
    #[schema(examples("LAO-17"))]
    pub id: String,
}

/// An entity whose rows carry an audience, a revision and a history.
///
/// The columns `id`, `revision`, `audience`, `owner_id`, `created_at`, `updated_at`, `archived_at`, `provenance` and `external_ids` stand in
/// every such table under these names; a test holds every entity against that.
pub trait Tracked:
    EntityTrait<Model: Serialize + DeserializeOwned + PartialEq + Sync + IntoActiveModel<<Self as EntityTrait>::ActiveModel>>
{
    const KIND: Kind;
    /// The column by which addresses name a row: `id`, or a number.
    const KEY: Self::Column;
    /// The columns that hold text in several languages.
    const LOCALIZED: &'static [Self::Column] = &[];
    /// The columns that hold what another row decides about this one, such as the state of its parent. No view shows them.
    const FOLLOWS: &'static [Self::Column] = &[];
    /// The columns that rules set beside what was sent, such as when a text was edited. Nobody writes them, so no right speaks of them.
    const SETTLED: &'static [Self::Column] = &[];

    /// The organization that the row belongs to.
    fn owner(row: &Self::Model) -> Option<Uuid>;

    /// The account whose own row it is.
    fn holder(_row: &Self::Model) -> Option<Uuid> {
        None
    }

    /// The role that an account gives to its holder.
    fn role(_row: &Self::Model) -> Option<Role> {
        None
    }

    fn state(_row: &Self::Model) -> Option<&'static str> {
        None
    }

    /// Whether the lead ministry entered it for the organization that it belongs to.
    fn on_behalf(_row: &Self::Model) -> bool {
        false
    }

    /// Who has a part in it, or in the row that it stands below.
    fn parties(_row: &Self::Model) -> Vec<Party> {
        Vec::new()
    }

    /// Whether it is part of a plan that is decided about as a whole.
    fn is_planned(_row: &Self::Model) -> bool {
        false
    }

    /// Who may see the row; overridden where another row decides that, by what [`Tracked::FOLLOWS`] holds of it.
    fn audience(row: &Self::Model) -> Audience {
        audience(Self::KIND, Self::state(row))
    }

    /// What `q` searches.
    fn search_text(row: &Self::Model) -> String;

    fn subject(row: &Self::Model) -> Subject {
        Subject {
            kind: Self::KIND,
            owner: Self::owner(row),
            holder: Self::holder(row),
            role: Self::role(row),
            state: Self::state(row),
            on_behalf: Self::on_behalf(row),
            parties: Self::parties(row),
            planned: Self::is_planned(row),
            to: None,
        }
    }

    /// The name of the row in addresses and in the change log.
    fn public_id(row: &Self::Model) -> Result<String, Problem> {
        match row.get(Self::KEY) {
            Value::SmallInt(Some(number)) => Ok(number.to_string()),
            Value::Uuid(Some(id)) => Ok(id.to_string()),
            other => Err(Problem::internal(format!("{} has the key {other:?}", Self::KIND))),
        }
    }

    /// A column by its name; every tracked table has those of the stamp.
    fn column(name: &str) -> Result<Self::Column, Problem> {
        Self::Column::from_str(name).map_err(|_unknown| Problem::internal(format!("{} has no column {name}", Self::KIND)))
    }
}

/// The common columns of one row.
#[derive(Clone, Debug)]
pub struct Stamp {
    pub id: Uuid,
    pub revision: i64,
    pub audience: Audience,
    pub owner_id: Option<Uuid>,
    pub archived_at: Option<Timestamp>,
    pub external_ids: Items<ExternalId>,
}

impl Stamp {
    pub fn of<E: Tracked>(row: &E::Model) -> Result<Self, Problem> {
        Ok(Self {
            id: read::<E, _>(row, "id")?,
            revision: read::<E, _>(row, "revision")?,
            audience: read::<E, _>(row, "audience")?,
            owner_id: read::<E, _>(row, "owner_id")?,
            archived_at: read::<E, _>(row, "archived_at")?,
            external_ids: read::<E, _>(row, "external_ids")?,
        })
    }
}

fn read<E: Tracked, T: sea_orm::sea_query::ValueType>(row: &E::Model, name: &str) -> Result<T, Problem> {
    T::try_from(row.get(E::column(name)?)).map_err(|_type| Problem::internal(format!("{}.{name} has another type", E::KIND)))
}

/// Sets one common column.
pub(super) fn put<E: Tracked>(row: &mut E::Model, name: &str, value: impl Into<Value>) -> Result<(), Problem> {
    row.try_set(E::column(name)?, value.into()).map_err(Problem::from)
}

/// Stamps who may see the row and whose it is.
pub(super) fn stamp_sight<E: Tracked>(row: &mut E::Model) -> Result<(), Problem> {
    put::<E>(row, "audience", E::audience(row))?;
    put::<E>(row, "owner_id", E::owner(row))
}
