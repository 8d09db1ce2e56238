//! What one test logs, while others log theirs. The whole process has one subscriber, which asks each thread whether somebody listens there: scoped
//! subscribers, each thread its own, would share what tracing remembers of who wants to hear which line, and lines would get lost.

use std::{
    cell::RefCell,
    io,
    sync::{
        Once,
        atomic::{AtomicUsize, Ordering},
    },
};

use gcm_api::telemetry::JsonLines;
use serde_json::Value;
use tracing_subscriber::{Layer as _, filter::DynFilterFn, fmt, layer::SubscriberExt as _};

thread_local! {
    static HEARD: RefCell<Option<Vec<u8>>> = const { RefCell::new(None) };
}

/// How many threads listen: so that nobody else pays for it.
static LISTENING: AtomicUsize = AtomicUsize::new(0);

/// Listens to this thread, as a log collector that is told more than any operator asks for, until it is dropped.
pub struct Log(());

impl Log {
    pub fn listen() -> Self {
        install();
        HEARD.with_borrow_mut(|heard| assert!(heard.replace(Vec::new()).is_none(), "one listens at a time"));
        LISTENING.fetch_add(1, Ordering::Relaxed);
        Self(())
    }

    /// What was logged until now, a JSON object a line.
    pub fn end(self) -> String {
        HEARD.with_borrow(|heard| String::from_utf8(heard.clone().expect("it listens")).expect("the log is text"))
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        LISTENING.fetch_sub(1, Ordering::Relaxed);
        HEARD.take();
    }
}

/// The lines of a log.
pub fn lines(text: &str) -> impl Iterator<Item = Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
}

struct Ear;

impl io::Write for Ear {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        HEARD.with_borrow_mut(|heard| heard.iter_mut().for_each(|heard| heard.extend_from_slice(bytes)));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn install() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let here = DynFilterFn::new(|_line, _context| LISTENING.load(Ordering::Relaxed) > 0 && HEARD.with_borrow(Option::is_some));
        let lines = fmt::layer().fmt_fields(fmt::format::JsonFields::new()).event_format(JsonLines).with_writer(|| Ear).with_filter(here);
        tracing::subscriber::set_global_default(tracing_subscriber::registry().with(lines)).expect("no test installs another");
    });
}
