//! Amounts of money: whole minor units of a currency of ISO 4217, never a floating point number.

use std::{borrow::Cow, collections::BTreeMap, sync::OnceLock};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _, ser::SerializeStruct};
use serde_json::Value;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, Type, extensions::ExtensionsBuilder},
};

use crate::problem::{Fault, FaultCode};

/// The keyword by which the schema of an amount tells the validator to hold it against the decimals of its currency.
pub const MONEY_KEYWORD: &str = "x-money";

/// The vocabulary `currencies`: a currency that is withdrawn stays in it, since amounts of its time are written in it.
const CURRENCIES: &str = include_str!("../features/framework/data/currencies.json");

#[derive(Deserialize)]
struct File {
    data: Vec<Listed>,
}

#[derive(Deserialize)]
struct Listed {
    code: String,
    minor_unit: Option<u8>,
}

/// The currencies in which amounts are written, and how many decimals each has.
fn currencies() -> &'static BTreeMap<String, u8> {
    static READ: OnceLock<BTreeMap<String, u8>> = OnceLock::new();
    READ.get_or_init(|| {
        let listed = serde_json::from_str::<File>(CURRENCIES).map(|file| file.data).unwrap_or_default();
        listed.into_iter().filter_map(|currency| Some((currency.code, currency.minor_unit?))).collect()
    })
}

/// A currency by its code in ISO 4217.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Currency(pub(super) String);

impl Currency {
    const PATTERN: &str = "^[A-Z]{3}$";

    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn decimals(&self) -> Option<u8> {
        currencies().get(&self.0).copied()
    }
}

fn is_currency(text: &str) -> bool {
    text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase())
}

/// Why an amount was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MoneyFault {
    #[error("does not have the form that is asked for")]
    Form,
    #[error("is in no currency that amounts are written in")]
    Currency,
    #[error("has more decimals than its currency")]
    Decimals(u8),
    #[error("is more than can be kept")]
    TooMuch,
}

/// An amount that is not negative, as whole minor units of its currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Money {
    minor: i64,
    currency: Currency,
}

impl Money {
    /// Fifteen digits hold the budget of any State in any currency.
    const PATTERN: &str = r"^(0|[1-9][0-9]{0,14})(\.[0-9]{1,4})?$";
    const MAX: usize = 20;

    /// What was stored: it was checked when it came in.
    pub fn of(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    pub fn minor(&self) -> i64 {
        self.minor
    }

    pub fn currency(&self) -> &Currency {
        &self.currency
    }

    pub fn parse(amount: &str, currency: &str) -> Result<Self, MoneyFault> {
        let (whole, fraction) = amount.split_once('.').unwrap_or((amount, ""));
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let leading_zero = whole.len() > 1 && whole.starts_with('0');
        let form = (1..=15).contains(&whole.len()) && !leading_zero && digits(whole) && digits(fraction);
        let fractional = fraction.is_empty() != amount.contains('.') && fraction.len() <= 4;
        if !form || !fractional || !is_currency(currency) {
            return Err(MoneyFault::Form);
        }
        let currency = Currency(currency.to_owned());
        let decimals = currency.decimals().ok_or(MoneyFault::Currency)?;
        let missing = usize::from(decimals).checked_sub(fraction.len()).ok_or(MoneyFault::Decimals(decimals))?;
        let minor = format!("{whole}{fraction}{}", "0".repeat(missing)).parse().map_err(|_overflow| MoneyFault::TooMuch)?;
        Ok(Self { minor, currency })
    }

    /// Both together; `None` when they are of two currencies, or more than can be kept.
    #[must_use]
    pub fn plus(&self, other: &Self) -> Option<Self> {
        let same = self.currency == other.currency;
        Some(Self { minor: self.minor.checked_add(other.minor).filter(|_| same)?, currency: self.currency.clone() })
    }

    /// The amount with exactly the decimals of its currency.
    pub fn amount(&self) -> String {
        let decimals = usize::from(self.currency.decimals().unwrap_or_default());
        let digits = format!("{:0>width$}", self.minor, width = decimals + 1);
        let (whole, fraction) = digits.split_at_checked(digits.len() - decimals).unwrap_or((&digits, ""));
        if fraction.is_empty() { whole.to_owned() } else { format!("{whole}.{fraction}") }
    }

    /// What the form alone does not tell: the currency, its decimals, and what can be kept. Of another form than the schema's it says nothing.
    pub fn fault(value: &Value, pointer: &str) -> Option<Fault> {
        let member = |name: &str| value.get(name).and_then(Value::as_str);
        let (amount, currency) = (member("amount")?, member("currency")?);
        let at = |name: &str, code: FaultCode| Fault::at(format!("{pointer}/{name}"), code);
        match Self::parse(amount, currency).err()? {
            MoneyFault::Form => None,
            MoneyFault::Currency => {
                Some(at("currency", FaultCode::UnknownValue).with("allowed", currencies().keys().cloned().collect::<Vec<_>>()))
            }
            MoneyFault::Decimals(limit) => Some(at("amount", FaultCode::TooManyDecimals).with("limit", limit).with("currency", currency)),
            MoneyFault::TooMuch => Some(at("amount", FaultCode::OutOfRange).with("limit", i64::MAX.to_string())),
        }
    }
}

impl Serialize for Money {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut members = serializer.serialize_struct("Money", 2)?;
        members.serialize_field("amount", &self.amount())?;
        members.serialize_field("currency", &self.currency)?;
        members.end()
    }
}

impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Sent {
            amount: String,
            currency: String,
        }
        let Sent { amount, currency } = Sent::deserialize(deserializer)?;
        Self::parse(&amount, &currency).map_err(D::Error::custom)
    }
}

impl PartialSchema for Currency {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new().schema_type(Type::String).pattern(Some(Self::PATTERN)).examples(["LAK"]).into()
    }
}

impl ToSchema for Currency {}

impl PartialSchema for Money {
    fn schema() -> RefOr<Schema> {
        let text = |pattern: &str, example: &str, description: &str| {
            let text = ObjectBuilder::new().schema_type(Type::String).pattern(Some(pattern)).examples([example]);
            text.description(Some(description))
        };
        let amount =
            text(Self::PATTERN, "1250.00", "The amount as a decimal number; answered with exactly as many decimals as the currency has.");
        let currency = text(
            Currency::PATTERN,
            "USD",
            "The currency, one of `GET /v1/vocabularies/currencies` that has a `minor_unit`: the number of decimals.",
        );
        ObjectBuilder::new()
            .schema_type(Type::Object)
            .description(Some("An amount of money in one currency."))
            .property("amount", amount.max_length(Some(Self::MAX)))
            .required("amount")
            .property("currency", currency)
            .required("currency")
            .extensions(Some(ExtensionsBuilder::new().add(MONEY_KEYWORD, true).build()))
            .into()
    }
}

impl ToSchema for Money {
    fn name() -> Cow<'static, str> {
        "Money".into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_has_exactly_the_decimals_of_its_currency() {
        for (amount, currency, minor, shown) in [
            ("1250", "USD", 125_000, "1250.00"),
            ("1250.5", "USD", 125_050, "1250.50"),
            ("0.01", "USD", 1, "0.01"),
            ("0", "USD", 0, "0.00"),
            ("1000000000000", "LAK", 100_000_000_000_000, "1000000000000.00"),
            ("999999999999999.99", "LAK", 99_999_999_999_999_999, "999999999999999.99"),
            ("0.001", "KWD", 1, "0.001"),
            ("12.5", "BHD", 12_500, "12.500"),
            ("500", "JPY", 500, "500"),
            ("1.2345", "CLF", 12_345, "1.2345"),
        ] {
            let money = Money::parse(amount, currency).unwrap();
            assert_eq!((money.minor(), money.amount().as_str()), (minor, shown), "{amount} {currency}");
            assert_eq!(Money::parse(shown, currency), Ok(money), "what was answered can be sent back");
        }
    }

    #[test]
    fn what_cannot_be_kept_exactly_is_refused() {
        for (amount, currency, fault) in [
            ("0.001", "USD", MoneyFault::Decimals(2)),
            ("1.000", "LAK", MoneyFault::Decimals(2)),
            ("0.0001", "KWD", MoneyFault::Decimals(3)),
            ("1.0", "JPY", MoneyFault::Decimals(0)),
            ("1", "XAU", MoneyFault::Currency),
            ("1", "QQQ", MoneyFault::Currency),
            ("999999999999999", "CLF", MoneyFault::TooMuch),
            ("1", "usd", MoneyFault::Form),
            ("", "USD", MoneyFault::Form),
            (".5", "USD", MoneyFault::Form),
            ("5.", "USD", MoneyFault::Form),
            ("-1", "USD", MoneyFault::Form),
            ("+1", "USD", MoneyFault::Form),
            ("01", "USD", MoneyFault::Form),
            ("1e3", "USD", MoneyFault::Form),
            ("1,000", "USD", MoneyFault::Form),
            ("1.2.3", "USD", MoneyFault::Form),
            ("1.23456", "USD", MoneyFault::Form),
            ("1000000000000000", "USD", MoneyFault::Form),
        ] {
            assert_eq!(Money::parse(amount, currency), Err(fault), "{amount} {currency}");
        }
    }

    /// The pattern of the contract and the parser are two descriptions of one form.
    #[test]
    fn the_schema_takes_the_form_that_is_parsed() {
        let schema = serde_json::to_value(Money::schema()).unwrap();
        let validator = jsonschema::validator_for(&schema).unwrap();
        for amount in [
            "0",
            "7",
            "10.5",
            "0.0001",
            "999999999999999.9999",
            "",
            "00",
            "01",
            ".5",
            "5.",
            "-1",
            "1e3",
            "1.23456",
            "1.2.3",
            "9999999999999999",
            " 1",
            "1\n",
        ] {
            let sent = serde_json::json!({"amount": amount, "currency": "CLF"});
            let form = Money::parse(amount, "CLF") != Err(MoneyFault::Form);
            assert_eq!(validator.is_valid(&sent), form, "{amount:?}");
        }
    }

    #[test]
    fn sums_are_of_one_currency_and_never_wrap() {
        let money = |minor, currency: &str| Money::of(minor, Currency(currency.to_owned()));
        assert_eq!(money(1, "USD").plus(&money(2, "USD")), Some(money(3, "USD")));
        assert_eq!(money(1, "USD").plus(&money(2, "LAK")), None);
        assert_eq!(money(i64::MAX, "USD").plus(&money(1, "USD")), None);
    }

    #[test]
    fn every_currency_with_a_minor_unit_has_its_decimals() {
        let file: Value = serde_json::from_str(CURRENCIES).unwrap();
        let listed = file["data"].as_array().unwrap();
        assert_eq!(currencies().len(), listed.iter().filter(|currency| !currency["minor_unit"].is_null()).count());
        assert_eq!(["LAK", "JPY", "KWD", "XAU"].map(|code| Currency(code.to_owned()).decimals()), [Some(2), Some(0), Some(3), None]);
    }
}
