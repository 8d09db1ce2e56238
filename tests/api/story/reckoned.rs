//! A ranking worked out in exact fractions, by nothing that the service uses.

use std::collections::BTreeMap;

use serde_json::{Value, json};

/// A voice, an objective, and the scores by criterion.
pub type Given = (String, i16, [i64; 3]);

/// A fraction of whole numbers; the denominator is above 0.
#[derive(Clone, Copy)]
struct Fraction(i64, i64);

impl Fraction {
    fn plus(self, other: Self) -> Self {
        Self(self.0 * other.1 + other.0 * self.1, self.1 * other.1)
    }

    fn minus(self, other: Self) -> Self {
        self.plus(Self(-other.0, other.1))
    }

    fn squared(self) -> Self {
        Self(self.0 * self.0, self.1 * self.1)
    }

    fn over(self, count: usize) -> Self {
        Self(self.0, self.1 * i64::try_from(count).unwrap())
    }

    /// Six decimals, half up, as a number of JSON.
    fn shown(self) -> Value {
        let millionths = (2 * i128::from(self.0) * 1_000_000 + i128::from(self.1)).div_euclid(2 * i128::from(self.1));
        decimal(i64::try_from(millionths).unwrap())
    }
}

fn decimal(millionths: i64) -> Value {
    json!(format!("{}.{:06}", millionths / 1_000_000, millionths % 1_000_000).parse::<f64>().unwrap())
}

/// 1 less half the standard deviation: the number of millionths `a` for which twice (1 - a) comes closest to the root of the variance.
fn agreement(scores: &[Fraction], mean: Fraction) -> Value {
    if scores.len() < 2 {
        return Value::Null;
    }
    let squares = scores.iter().map(|score| score.minus(mean).squared());
    let Fraction(top, bottom) = squares.fold(Fraction(0, 1), |sum, square| shortened(sum.plus(square))).over(scores.len());
    // Half up: the largest a with a - 1/2 millionth <= 1 - root / 2, that is root <= 2 - 2a + 1 millionth.
    let fits = |a: i128| {
        let root = 2_000_000 - 2 * a + 1;
        root >= 0 && i128::from(top) * 1_000_000_000_000 <= root * root * i128::from(bottom)
    };
    let (mut low, mut high) = (0_i128, 1_000_001);
    while high - low > 1 {
        let middle = i128::midpoint(low, high);
        if fits(middle) { low = middle } else { high = middle }
    }
    decimal(i64::try_from(low).unwrap())
}

fn shortened(Fraction(top, bottom): Fraction) -> Fraction {
    let (mut one, mut other) = (top.abs(), bottom);
    while other != 0 {
        (one, other) = (other, one % other);
    }
    Fraction(top / one.max(1), bottom / one.max(1))
}

/// The rows of the results in their order, by these weights and so many voters.
pub fn reckoned(weights: [i64; 3], voters: usize, given: &[Given]) -> Vec<Value> {
    let whole: i64 = weights.iter().sum();
    let mut of_objective: BTreeMap<i16, Vec<Fraction>> = BTreeMap::new();
    for (_voice, objective, scores) in given {
        let sum = scores.iter().zip(weights).map(|(score, weight)| score * weight).sum();
        of_objective.entry(*objective).or_default().push(Fraction(sum, whole));
    }
    let row = |(objective, scores): (i16, Vec<Fraction>)| {
        let mean = shortened(scores.iter().fold(Fraction(0, 1), |sum, score| shortened(sum.plus(*score))).over(scores.len()));
        let support = Fraction(i64::try_from(scores.len()).unwrap(), i64::try_from(voters).unwrap());
        (objective, mean, support, agreement(&scores, mean), scores.len())
    };
    let rows: Vec<_> = of_objective.into_iter().map(row).collect();
    let ahead = |one: &(i16, Fraction, Fraction, Value, usize), other: &(i16, Fraction, Fraction, Value, usize)| {
        let cross = |a: Fraction, b: Fraction| (a.0 * b.1).cmp(&(b.0 * a.1));
        cross(one.1, other.1).then(cross(one.2, other.2)).is_gt()
    };
    let mut told: Vec<(usize, i16, Value)> = rows
        .iter()
        .map(|row| {
            let rank = 1 + rows.iter().filter(|other| ahead(other, row)).count();
            let (objective, mean, support, agreement, nominations) = row;
            let shown = json!({
                "objective_number": objective, "nominations": nominations, "support": support.shown(), "weighted_mean": mean.shown(),
                "agreement": agreement, "rank": rank,
            });
            (rank, *objective, shown)
        })
        .collect();
    told.sort_by_key(|(rank, objective, _)| (*rank, *objective));
    told.into_iter().map(|(_, _, row)| row).collect()
}
