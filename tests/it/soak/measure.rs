//! What a process needs: memory, sampled, and processor time.

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Samples the resident memory of a process for as long as this lives.
pub(super) struct Memory {
    pid: u32,
    /// Seconds since the beginning, and KiB.
    samples: Arc<Mutex<Vec<(f64, f64)>>>,
    sampler: tokio::task::JoinHandle<()>,
}

/// In MiB.
pub(super) struct Figures {
    pub(super) start: f64,
    pub(super) end: f64,
    pub(super) peak: f64,
    /// What it grew by over the last three quarters, by the straight line that fits best.
    pub(super) growth: f64,
    /// Seconds of processor time since the process began.
    pub(super) processor: f64,
}

/// What a process needs at a moment.
pub(super) struct Needs {
    /// In MiB, as is the peak since it was started.
    pub(super) resident: f64,
    pub(super) peak: f64,
    /// Seconds of processor time since it was started.
    pub(super) processor: f64,
}

impl Needs {
    pub(super) fn of(pid: u32) -> Needs {
        let mib = |field| status(pid, field).unwrap_or_default() / 1024.0;
        Needs { resident: mib("VmRSS:"), peak: mib("VmHWM:"), processor: processor(pid).unwrap_or_default() }
    }
}

impl fmt::Display for Needs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Needs { resident, peak, processor } = self;
        write!(f, "{resident:.1} MiB resident, {peak:.1} at the peak, {processor:.1} s of processor time")
    }
}

impl Memory {
    pub(super) fn of(pid: u32, every: Duration) -> Memory {
        let samples = Arc::new(Mutex::new(Vec::new()));
        let (log, began) = (samples.clone(), Instant::now());
        let sampler = tokio::spawn(async move {
            loop {
                if let Some(resident) = status(pid, "VmRSS:") {
                    log.lock().unwrap().push((began.elapsed().as_secs_f64(), resident));
                }
                tokio::time::sleep(every).await;
            }
        });
        Memory { pid, samples, sampler }
    }

    pub(super) fn figures(&self) -> Figures {
        let samples = self.samples.lock().unwrap().clone();
        let resident = |sample: Option<&(f64, f64)>| sample.map_or(0.0, |(_, kib)| kib / 1024.0);
        Figures {
            start: resident(samples.first()),
            end: resident(samples.last()),
            peak: status(self.pid, "VmHWM:").unwrap_or_default() / 1024.0,
            growth: growth(&samples[samples.len() / 4..]) / 1024.0,
            processor: processor(self.pid).unwrap_or_default(),
        }
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        self.sampler.abort();
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Figures { start, end, peak, growth, processor } = self;
        write!(
            f,
            "resident {start:.1} MiB at the start, {end:.1} at the end, {peak:.1} at the peak, grown by {growth:.2} over the last three quarters; {processor:.0} s of processor time"
        )
    }
}

/// A line of `/proc/PID/status`, in KiB.
fn status(pid: u32, field: &str) -> Option<f64> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    text.lines().find_map(|line| line.strip_prefix(field))?.trim().trim_end_matches(" kB").parse().ok()
}

/// Processor time of all its threads, in seconds; a tick is a hundredth on every Linux.
fn processor(pid: u32) -> Option<f64> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = |index: usize| fields.get(index).and_then(|field| field.parse::<f64>().ok());
    Some((ticks(11)? + ticks(12)?) / 100.0)
}

/// By how much the straight line through these points (least squares) rises from the first to the last.
fn growth(points: &[(f64, f64)]) -> f64 {
    let (Some((first, _)), Some((last, _))) = (points.first(), points.last()) else { return 0.0 };
    let mean = |of: fn(&(f64, f64)) -> f64| points.iter().map(of).sum::<f64>() / points.len() as f64;
    let (x, y) = (mean(|p| p.0), mean(|p| p.1));
    let spread: f64 = points.iter().map(|p| (p.0 - x).powi(2)).sum();
    let slope = points.iter().map(|p| (p.0 - x) * (p.1 - y)).sum::<f64>() / spread.max(f64::EPSILON);
    slope * (last - first)
}

#[test]
fn growth_is_that_of_the_line_and_not_of_its_ends() {
    let line: Vec<(f64, f64)> = (0..10).map(|i| (f64::from(i) * 10.0, 100.0 + f64::from(i) * 2.0)).collect();
    assert!((growth(&line) - 18.0).abs() < 1e-9);
    let mut flat = vec![(0.0, 50.0); 20];
    flat.iter_mut().enumerate().for_each(|(i, p)| p.0 = i as f64);
    assert!(growth(&flat).abs() < 1e-9);
}
