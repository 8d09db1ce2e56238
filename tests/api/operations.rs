//! What operators meet: figures, log lines, spans, settings, and the end of the process.

mod lines;
mod metrics;
mod process;
mod reference;
mod spans;
mod stopping;
