//! W3C trace context: which trace a request belongs to, and which span of it is ours.

use std::{
    hash::{BuildHasher as _, RandomState},
    sync::{
        LazyLock,
        atomic::{AtomicU64, Ordering},
    },
};

/// Where a request stands in a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trace {
    pub trace_id: u128,
    /// Ours.
    pub span_id: u64,
    /// The caller's; none when the trace begins with us.
    pub parent: Option<u64>,
    /// Whether the caller records this trace; what begins with us is recorded.
    pub sampled: bool,
}

impl Trace {
    /// Goes on with the trace of this `traceparent`; begins a new one when there is none, or none that can be read.
    pub fn of(traceparent: Option<&str>) -> Self {
        match traceparent.and_then(read) {
            Some((trace_id, parent, flags)) => Self { trace_id, span_id: fresh(), parent: Some(parent), sampled: flags & 1 == 1 },
            None => Self { trace_id: u128::from(fresh()) << 64 | u128::from(fresh()), span_id: fresh(), parent: None, sampled: true },
        }
    }
}

/// Version 00, and nothing else: four parts in small hexadecimal letters, no id of zeros only.
fn read(text: &str) -> Option<(u128, u64, u8)> {
    let rest = text.strip_prefix("00-")?;
    let mut parts = rest.split('-');
    let mut hex = |digits: usize| {
        let part = parts.next()?;
        let fits = part.len() == digits && part.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if fits { u128::from_str_radix(part, 16).ok() } else { None }
    };
    let (trace_id, parent, flags) = (hex(32)?, hex(16)?, hex(2)?);
    if parts.next().is_some() || trace_id == 0 || parent == 0 {
        return None;
    }
    Some((trace_id, u64::try_from(parent).ok()?, u8::try_from(flags).ok()?))
}

/// An id that nobody had before and nobody foresees well: a count, through a hash under a random key. No secret hangs on it.
fn fresh() -> u64 {
    static KEY: LazyLock<RandomState> = LazyLock::new(RandomState::new);
    static COUNT: AtomicU64 = AtomicU64::new(0);
    KEY.hash_one(COUNT.fetch_add(1, Ordering::Relaxed)).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    #[test]
    fn a_trace_is_gone_on_with() {
        let trace = Trace::of(Some(GOOD));
        assert_eq!(
            (trace.trace_id, trace.parent, trace.sampled),
            (0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4736, Some(0x00f0_67aa_0ba9_02b7), true)
        );
        assert!(trace.span_id != 0 && Some(trace.span_id) != trace.parent);
        assert!(!Trace::of(Some(&GOOD.replace("-01", "-00"))).sampled);
        assert!(!Trace::of(Some(&GOOD.replace("-01", "-fe"))).sampled && Trace::of(Some(&GOOD.replace("-01", "-ff"))).sampled);
    }

    #[test]
    fn what_is_no_trace_of_version_00_begins_another() {
        let zeros = |digits: usize| "0".repeat(digits);
        for bad in [
            String::new(),
            GOOD.to_uppercase(),
            GOOD.replacen("00-", "01-", 1),
            GOOD.replacen("00-", "ff-", 1),
            format!("{GOOD}-00"),
            format!("{GOOD} "),
            GOOD.replace("-01", "-1"),
            GOOD.replace("-01", "-0g"),
            GOOD.replace("4bf9", "+bf9"),
            GOOD.replace("4bf9", "4bf"),
            GOOD.replace("4bf92f3577b34da6a3ce929d0e0e4736", &zeros(32)),
            GOOD.replace("00f067aa0ba902b7", &zeros(16)),
            GOOD.replace('-', "_"),
        ] {
            let trace = Trace::of(Some(&bad));
            assert_eq!((trace.parent, trace.sampled, trace.trace_id == 0), (None, true, false), "{bad}");
        }
    }

    #[test]
    fn no_two_ids_are_the_same() {
        let ids: std::collections::HashSet<u64> = (0..100_000).map(|_| fresh()).collect();
        assert_eq!(ids.len(), 100_000);
    }
}
