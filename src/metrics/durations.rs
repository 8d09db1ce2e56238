//! How long the requests of one operation took.

use std::sync::OnceLock;

use prometheus::Histogram;

use super::Metrics;

const CLASSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];

/// The series of one operation, one for each class of status: looked up by their labels the first time only.
#[derive(Debug)]
pub struct Durations {
    operation: String,
    series: [OnceLock<Histogram>; 5],
}

impl Durations {
    pub fn of(operation: &str) -> Self {
        Self { operation: operation.to_owned(), series: Default::default() }
    }

    /// Counts a request that was answered with this status after so many seconds.
    pub fn observe(&self, metrics: &Metrics, status: u16, seconds: f64) {
        let class = usize::from(status / 100).saturating_sub(1);
        if let (Some(series), Some(class)) = (self.series.get(class), CLASSES.get(class)) {
            series.get_or_init(|| metrics.requests.with_label_values(&[self.operation.as_str(), class])).observe(seconds);
        }
    }
}
