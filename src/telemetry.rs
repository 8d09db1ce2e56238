//! What the service tells of itself while it works: log lines on standard error, text for people or JSON for machines, and spans for a collector.

mod lines;
pub mod otlp;
mod trace;

use std::io::{IsTerminal, stderr};

pub use lines::JsonLines;
pub use trace::Trace;
use tracing_subscriber::{EnvFilter, fmt::format::JsonFields, util::SubscriberInitExt};

use crate::settings::{LogFormat, Settings};

/// The target of the span around each request. Always on, whatever is logged: a line without it could not be told from those of other requests.
pub const REQUEST: &str = "gcm_api::request";

/// Why logging could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// `Settings::load` refuses such a filter; only settings made otherwise get here.
    #[error("the log filter cannot be read")]
    Filter(#[from] tracing_subscriber::filter::ParseError),
    /// A second call in one process.
    #[error("logging is already set up")]
    AlreadySet(#[from] tracing_subscriber::util::TryInitError),
}

/// Sets up logging for the process; to be called once.
pub fn init(settings: &Settings) -> Result<(), TelemetryError> {
    let filter = EnvFilter::builder().parse(&settings.log_filter)?.add_directive(format!("{REQUEST}=error").parse()?);
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(stderr);
    match settings.log_format {
        LogFormat::Text => lines.with_ansi(stderr().is_terminal()).finish().try_init()?,
        LogFormat::Json => lines.fmt_fields(JsonFields::new()).event_format(JsonLines).finish().try_init()?,
    }
    Ok(())
}
