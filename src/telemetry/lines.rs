//! Log lines for machines: one flat JSON object each. What is known of a request (its span) stands beside what the line itself says, under one name
//! wherever it was logged: so `request_id` and `trace_id` are found in one place.

use std::fmt;

use tracing::{Event, Subscriber};
use tracing_subscriber::{
    fmt::{
        FmtContext, FormatEvent, FormatFields, FormattedFields,
        format::Writer,
        time::{FormatTime as _, SystemTime},
    },
    registry::LookupSpan,
};

/// Writes an event as one JSON object; fields are to be formatted by [`tracing_subscriber::fmt::format::JsonFields`].
#[derive(Clone, Copy, Debug)]
pub struct JsonLines;

impl<S, N> FormatEvent<S, N> for JsonLines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, context: &FmtContext<'_, S, N>, mut writer: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        writer.write_str("{\"timestamp\":\"")?;
        SystemTime.format_time(&mut writer)?;
        let about = event.metadata();
        write!(writer, "\",\"level\":\"{}\",\"target\":\"{}\"", about.level(), about.target())?;
        let mut fields = String::new();
        context.format_fields(Writer::new(&mut fields), event)?;
        inner(&mut writer, &fields)?;
        for span in context.event_scope().into_iter().flatten() {
            if let Some(fields) = span.extensions().get::<FormattedFields<N>>() {
                inner(&mut writer, &fields.fields)?;
            }
        }
        writer.write_str("}\n")
    }
}

/// The members of an object, behind others.
fn inner(writer: &mut Writer<'_>, object: &str) -> fmt::Result {
    match object.trim().strip_prefix('{').and_then(|object| object.strip_suffix('}')) {
        Some(members) if !members.is_empty() => write!(writer, ",{members}"),
        _ => Ok(()),
    }
}
