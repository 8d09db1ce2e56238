//! The process as the kernel sees it, where there is a `/proc`. Names as every Prometheus client has them.

use std::fs;

use prometheus::{Counter, Gauge, IntGauge};

use super::{Book, Made};

/// Ticks of a second in `/proc/<pid>/stat`: the same on every Linux that we are built for.
const TICKS: f64 = 100.0;

#[derive(Debug)]
pub(super) struct Gauges {
    start_time: Gauge,
    cpu: Counter,
    resident: IntGauge,
    open_files: IntGauge,
    most_files: IntGauge,
}

impl Gauges {
    pub(super) fn new(book: &Book) -> Made<Self> {
        Ok(Self {
            start_time: book.enter(Gauge::new("process_start_time_seconds", "When the process began, in seconds since 1970."))?,
            cpu: book.enter(Counter::new("process_cpu_seconds_total", "Processor time that was used."))?,
            resident: book.gauge("process_resident_memory_bytes", "Memory that is resident.")?,
            open_files: book.gauge("process_open_fds", "Open files and sockets.")?,
            most_files: book.gauge("process_max_fds", "Files and sockets that may be open at most.")?,
        })
    }

    pub(super) fn look(&self) {
        if let Some((cpu, start)) = times() {
            self.cpu.inc_by((cpu - self.cpu.get()).max(0.0));
            self.start_time.set(start);
        }
        if let Some(bytes) = resident() {
            self.resident.set(bytes);
        }
        if let Ok(files) = fs::read_dir("/proc/self/fd") {
            // The one that counts them is open, too.
            self.open_files.set(i64::try_from(files.count()).unwrap_or_default() - 1);
        }
        if let Some(most) = most_files() {
            self.most_files.set(most);
        }
    }
}

/// Processor time, and the start since 1970, both in seconds.
fn times() -> Option<(f64, f64)> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    // The name of the program comes second, in parentheses, and may hold anything.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = |field: usize| fields.get(field - 3)?.parse::<f64>().ok();
    let boot = fs::read_to_string("/proc/stat").ok()?.lines().find_map(|line| line.strip_prefix("btime ")?.trim().parse::<f64>().ok())?;
    Some(((ticks(14)? + ticks(15)?) / TICKS, boot + ticks(22)? / TICKS))
}

fn resident() -> Option<i64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let kilobytes = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?.split_whitespace().next()?;
    Some(kilobytes.parse::<i64>().ok()? * 1024)
}

fn most_files() -> Option<i64> {
    let limits = fs::read_to_string("/proc/self/limits").ok()?;
    limits.lines().find_map(|line| line.strip_prefix("Max open files"))?.split_whitespace().next()?.parse().ok()
}
