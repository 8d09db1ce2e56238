//! How our own types stand in a text column of either engine.

use std::error::Error;

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{Code, CountryCode, Currency, LocalizedText, Prose, Term, Text, WebAddress};

/// A type that a text column holds. What was stored was checked when it came in, so reading trusts it.
pub trait Stored: Sized {
    type Fault: Error + Send + Sync + 'static;

    fn from_stored(text: String) -> Result<Self, Self::Fault>;
    fn to_stored(&self) -> String;
}

/// Makes [`Stored`] types column types.
///
/// A macro because sea-orm's own derive knows no generics, and the orphan rule forbids one blanket implementation of its traits.
macro_rules! column_types {
    ($([$($generics:tt)*] $name:ty;)+) => {$(
        impl<$($generics)*> From<$name> for sea_orm::Value {
            fn from(source: $name) -> Self {
                source.to_stored().into()
            }
        }

        impl<$($generics)*> sea_orm::TryGetable for $name {
            fn try_get_by<I: sea_orm::ColIdx>(row: &sea_orm::QueryResult, index: I) -> Result<Self, sea_orm::TryGetError> {
                let text = String::try_get_by(row, index)?;
                Self::from_stored(text).map_err(|fault| {
                    sea_orm::DbErr::TryIntoErr { from: "text", into: stringify!($name), source: std::sync::Arc::new(fault) }.into()
                })
            }
        }

        impl<$($generics)*> sea_orm::sea_query::ValueType for $name {
            fn try_from(value: sea_orm::Value) -> Result<Self, sea_orm::sea_query::ValueTypeErr> {
                let text = <String as sea_orm::sea_query::ValueType>::try_from(value)?;
                Self::from_stored(text).map_err(|_fault| sea_orm::sea_query::ValueTypeErr)
            }

            fn type_name() -> String {
                stringify!($name).to_owned()
            }

            fn array_type() -> sea_orm::sea_query::ArrayType {
                sea_orm::sea_query::ArrayType::String
            }

            fn column_type() -> sea_orm::sea_query::ColumnType {
                sea_orm::sea_query::ColumnType::Text
            }
        }

        impl<$($generics)*> sea_orm::sea_query::Nullable for $name {
            fn null() -> sea_orm::Value {
                sea_orm::Value::String(None)
            }
        }

        impl<$($generics)*> sea_orm::IntoActiveValue<$name> for $name {
            fn into_active_value(self) -> sea_orm::ActiveValue<$name> {
                sea_orm::ActiveValue::Set(self)
            }
        }
    )+};
}

column_types! {
    [const MAX: usize] Text<MAX>;
    [const MAX: usize] Prose<MAX>;
    [const MAX: usize] LocalizedText<MAX>;
    [] Code;
    [] Term;
    [] CountryCode;
    [] Currency;
    [] WebAddress;
    [T: Serialize + DeserializeOwned] Items<T>;
    [T: Serialize + DeserializeOwned] Held<T>;
}

/// A list that lives in its row, as JSON text, and is never filtered on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Items<T>(pub Vec<T>);

impl<T> Default for Items<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: Serialize + DeserializeOwned> Stored for Items<T> {
    type Fault = serde_json::Error;

    fn from_stored(text: String) -> Result<Self, serde_json::Error> {
        serde_json::from_str(&text)
    }

    /// Lists of plain structs and strings always serialize.
    fn to_stored(&self) -> String {
        serde_json::to_string(&self.0).unwrap_or_default()
    }
}

/// A record that lives in its row, as JSON text, and is never filtered on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Held<T>(pub T);

impl<T: Serialize + DeserializeOwned> Stored for Held<T> {
    type Fault = serde_json::Error;

    fn from_stored(text: String) -> Result<Self, serde_json::Error> {
        serde_json::from_str(&text)
    }

    /// Plain structs always serialize.
    fn to_stored(&self) -> String {
        serde_json::to_string(&self.0).unwrap_or_default()
    }
}

impl<const MAX: usize> Stored for LocalizedText<MAX> {
    type Fault = serde_json::Error;

    fn from_stored(text: String) -> Result<Self, serde_json::Error> {
        serde_json::from_str(&text).map(Self)
    }

    /// A map of strings always serializes.
    fn to_stored(&self) -> String {
        serde_json::to_string(&self.0).unwrap_or_default()
    }
}

/// Text that is stored as it is.
macro_rules! stored_as_is {
    ($([$($generics:tt)*] $name:ty;)+) => {$(
        impl<$($generics)*> Stored for $name {
            type Fault = std::convert::Infallible;

            fn from_stored(text: String) -> Result<Self, std::convert::Infallible> {
                Ok(Self(text))
            }

            fn to_stored(&self) -> String {
                self.0.clone()
            }
        }

        impl<$($generics)*> std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        /// Trusts what it reads: bodies are checked against the contract before, and what was stored once stays readable when a limit
        /// is lowered later. Input by other ways is parsed.
        impl<'de, $($generics)*> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer).map(Self)
            }
        }
    )+};
}

stored_as_is! {
    [const MAX: usize] Text<MAX>;
    [const MAX: usize] Prose<MAX>;
    [] Code;
    [] Term;
    [] CountryCode;
    [] Currency;
    [] WebAddress;
}
