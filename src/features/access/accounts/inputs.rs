//! What is sent to invite a person, or to change their account.

use std::ops::RangeInclusive;

use serde::Deserialize;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, Type},
};
use uuid::Uuid;

use crate::{
    auth::Role,
    entity::account::{Entity, Model},
    features::{
        access::enrol::{USERNAME, USERNAME_LENGTH},
        writing::{Changes, set},
    },
    http::extract::sent,
    problem::Fault,
    text::Text,
};

/// A person to be invited.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct NewAccount {
    /// The name to sign in with, for ever: 3 to 64 of a-z, 0-9, `.`, `-` and `_`. Nobody else has or had it.
    #[schema(value_type = Username)]
    username: String,
    /// The name to show.
    #[schema(examples("Khamla Demo"))]
    display_name: Text<100>,
    /// What the account is for. The lead ministry invites focal points only.
    role: Role,
    /// The organization that it speaks for; a `coordinator`, `focal_point` or `network_member` needs one.
    organization_id: Option<Uuid>,
    /// The language that its holder prefers: one of the instance.
    #[schema(value_type = LanguageTag)]
    locale: String,
}

/// Changes to an account: absent stays, `null` clears, a value sets. The user name stays.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
pub struct AccountPatch {
    /// The name to show.
    #[schema(value_type = Text<100>, required = false, examples("Khamla Demo"))]
    display_name: Option<Text<100>>,
    /// What the account is for.
    #[schema(value_type = Role, required = false)]
    role: Option<Role>,
    /// The organization that it speaks for; a `coordinator`, `focal_point` or `network_member` needs one.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<Uuid>)]
    organization_id: Option<Option<Uuid>>,
    /// The language that its holder prefers: one of the instance.
    #[schema(value_type = LanguageTag, required = false)]
    locale: Option<String>,
}

fn text(length: RangeInclusive<usize>, pattern: &str, example: &str) -> RefOr<Schema> {
    let text = ObjectBuilder::new().schema_type(Type::String).min_length(Some(*length.start())).max_length(Some(*length.end()));
    text.pattern(Some(pattern)).examples([example]).into()
}

/// A user name, as the contract says it.
pub struct Username;

impl PartialSchema for Username {
    fn schema() -> RefOr<Schema> {
        text(USERNAME_LENGTH, USERNAME, "moh.focal")
    }
}

impl ToSchema for Username {}

/// A language (BCP 47), as the contract says it.
pub struct LanguageTag;

impl PartialSchema for LanguageTag {
    fn schema() -> RefOr<Schema> {
        text(2..=35, "^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$", "lo")
    }
}

impl ToSchema for LanguageTag {}

impl From<NewAccount> for Model {
    fn from(new: NewAccount) -> Self {
        let NewAccount { username, display_name, role, organization_id, locale } = new;
        Self { username, display_name, role, organization_id, locale, ..Self::default() }
    }
}

impl Changes<Entity> for AccountPatch {
    fn apply(self, row: &Model) -> (Model, Vec<Fault>) {
        let Self { display_name, role, organization_id, locale } = self;
        let mut row = row.clone();
        set(&mut row.display_name, display_name);
        set(&mut row.role, role);
        set(&mut row.organization_id, organization_id);
        set(&mut row.locale, locale);
        (row, Vec::new())
    }
}
