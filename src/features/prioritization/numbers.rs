//! Weights, means and shares as whole millionths. What is shown is rounded once, at its end, and half goes up; nothing is a float before it leaves.
//!
//! With at most 100 voters, 20 criteria and weights of at most 1000 no product here reaches a tenth of what an `i128` holds.

use serde::{Deserialize, Serialize};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{KnownFormat, ObjectBuilder, RefOr, Schema, SchemaFormat, Type},
};

/// One, in millionths.
pub const ONE: i64 = 1_000_000;

/// How much a criterion counts beside the others: a JSON number above 0 with at most six decimals; inside whole millionths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weight(pub i64);

/// The number was refused.
#[derive(Debug, thiserror::Error)]
#[error("a weight has at most six decimals")]
pub struct TooFine;

impl TryFrom<f64> for Weight {
    type Error = TooFine;

    fn try_from(number: f64) -> Result<Self, TooFine> {
        // The shortest decimal that means this number is what was sent.
        let text = number.to_string();
        let (whole, decimals) = text.split_once('.').unwrap_or((&text, ""));
        if decimals.len() > 6 {
            return Err(TooFine);
        }
        format!("{whole}{decimals:0<6}").parse().map(Self).map_err(|_not_whole| TooFine)
    }
}

impl Serialize for Weight {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0 % ONE == 0 { serializer.serialize_i64(self.0 / ONE) } else { serializer.serialize_f64(shown(self.0)) }
    }
}

impl<'de> Deserialize<'de> for Weight {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::try_from(f64::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

impl PartialSchema for Weight {
    fn schema() -> RefOr<Schema> {
        let number = ObjectBuilder::new().schema_type(Type::Number).format(Some(SchemaFormat::KnownFormat(KnownFormat::Double)));
        number.minimum(Some(0.000_001)).maximum(Some(1000)).examples([1.5]).into()
    }
}

impl ToSchema for Weight {}

/// As a JSON number: the one that is nearest to these millionths, which is written with six decimals at most.
#[expect(clippy::cast_precision_loss, reason = "shares, means and weights are far below 2^53 millionths")]
pub fn shown(millionths: i64) -> f64 {
    millionths as f64 / 1e6
}

/// A fraction in millionths, half up; the denominator is above 0.
pub fn half_up(numerator: i128, denominator: i128) -> i64 {
    let twice = 2 * numerator * i128::from(ONE) + denominator;
    narrow(twice.div_euclid(2 * denominator))
}

/// How much those who scored agree: 1 less half the standard deviation of the whole of them, half up, in millionths. The scores are fractions of
/// `whole`; none below two of them.
///
/// With n scores x of the sum s, the deviation is sqrt(n * sum of x² - s²) / (n * whole), and what is sought is the largest k with
/// k <= 1000000 - 1000000 * deviation / 2 + 1/2. Brought over one denominator only the root is no whole number, and going up to the next one
/// changes no comparison with whole numbers.
pub fn agreement(scores: &[i128], whole: i128) -> Option<i64> {
    let count = i128::try_from(scores.len()).ok().filter(|count| *count >= 2)?;
    let sum: i128 = scores.iter().sum();
    let squares: i128 = scores.iter().map(|score| score * score).sum();
    let one = i128::from(ONE);
    let root = root_above(one * one * (count * squares - sum * sum));
    let denominator = 2 * count * whole;
    Some(narrow((denominator * one + count * whole - root).div_euclid(denominator)))
}

/// The least whole number whose square is not below this one.
fn root_above(square: i128) -> i128 {
    let root = square.isqrt();
    if root * root == square { root } else { root + 1 }
}

fn narrow(number: i128) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_exact_to_six_decimals() {
        for (number, millionths) in [(0.1, 100_000), (2.0, 2_000_000), (0.000_001, 1), (33.333_333, 33_333_333), (1000.0, 1_000_000_000)] {
            let weight = Weight::try_from(number).unwrap();
            assert_eq!(weight.0, millionths);
            let json = serde_json::to_string(&weight).unwrap();
            assert_eq!(serde_json::from_str::<Weight>(&json).unwrap(), weight, "{json}");
        }
        assert_eq!(serde_json::to_string(&Weight(2_000_000)).unwrap(), "2");
        for number in [0.000_000_1, 1.234_567_8, f64::NAN, f64::INFINITY] {
            assert!(Weight::try_from(number).is_err(), "{number}");
        }
    }

    #[test]
    fn half_goes_up() {
        assert_eq!(half_up(1, 3), 333_333);
        assert_eq!(half_up(2, 3), 666_667);
        assert_eq!(half_up(1, 2_000_000), 1);
        assert_eq!(half_up(1, 2_000_001), 0);
        assert_eq!(half_up(5, 1), 5_000_000);
    }

    #[test]
    fn agreement_is_exact() {
        assert_eq!(agreement(&[3], 1), None);
        assert_eq!(agreement(&[], 1), None);
        assert_eq!(agreement(&[4, 4, 4], 1), Some(1_000_000));
        // The furthest apart: deviation 2.
        assert_eq!(agreement(&[1, 5], 1), Some(0));
        // 1, 2, 3: deviation sqrt(2/3) = 0.816496580…, so 0.591751709…
        assert_eq!(agreement(&[1, 2, 3], 1), Some(591_752));
        assert_eq!(agreement(&[100, 200, 300], 100), Some(591_752));
        // The largest that there can be: 100 voters, 20 weights of 1000, half of them 1 and half 5.
        let whole = 20 * 1000 * i128::from(ONE);
        let far: Vec<i128> = (0..100).map(|voter| if voter % 2 == 0 { whole } else { 5 * whole }).collect();
        assert_eq!(agreement(&far, whole), Some(0));
    }

    #[test]
    fn the_root_goes_up_to_the_next_whole_number() {
        for (square, root) in
            [(0, 0), (1, 1), (2, 2), (4, 2), (5, 3), (10_i128.pow(36), 10_i128.pow(18)), (10_i128.pow(36) + 1, 10_i128.pow(18) + 1)]
        {
            assert_eq!(root_above(square), root, "{square}");
        }
    }
}
