//! What a run finds: written as JSON, read by the reports. Times are in nanoseconds, sizes
//! in bytes.

use crate::peer::Kind;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Outcome {
    /// Of this layout.
    pub version: u32,
    pub machine: Machine,
    pub settings: Settings,
    pub peers: Vec<PeerInfo>,
    pub cases: Vec<Case>,
    pub targets: Vec<Target>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Machine {
    pub processor: String,
    pub processors: usize,
    pub memory_bytes: u64,
    pub system: String,
    pub compiler: String,
    /// Load averages when the run began and when it ended: a busy machine shows.
    pub load: [f64; 2],
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Settings {
    /// "quick" or "full".
    pub form: String,
    /// Rounds in which every peer was measured once, in turn.
    pub rounds: usize,
    pub seed: u64,
    pub seconds: f64,
    /// UTC, as in RFC 3339.
    pub date: String,
    pub commit: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PeerInfo {
    pub name: String,
    pub kind: Kind,
    pub version: String,
    /// Why it is not in the run.
    pub missing: Option<String>,
}

/// A workload with its parameters, and what each peer made of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Case {
    /// Short and stable, of letters, digits and dashes: `pair`, `hold-64-lifo`, `hand-off-1-n`.
    pub workload: String,
    /// A sentence: what the threads do.
    pub what: String,
    pub threads: usize,
    pub object_bytes: usize,
    /// What one operation is: "pair", "object", "verdict", "thread", ...
    pub unit: String,
    pub results: Vec<PeerResult>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PeerResult {
    pub peer: String,
    /// Wall-clock time of one operation: elapsed time times the threads that work, divided
    /// by operations.
    pub wall: Spread,
    /// Processor time of one operation, over all threads.
    pub processor: Spread,
    /// Operations a second, of all threads together; the median.
    pub throughput: f64,
    pub latency: Option<Latency>,
    pub memory: Option<Memory>,
    /// What the reader should know, for example that the peer cannot do this case.
    pub note: Option<String>,
}

/// Over the rounds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Spread {
    pub median: f64,
    /// First and third quartile.
    pub low: f64,
    pub high: f64,
    pub least: f64,
}

/// Of single operations, in nanoseconds, with the clock's own cost taken off.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Latency {
    pub p50: f64,
    pub p99: f64,
    pub p999: f64,
    pub max: f64,
    /// Upper bound of a bucket and the share of operations at or below it, rising.
    pub distribution: Vec<(f64, f64)>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Memory {
    /// Resident set with all objects live, less that before.
    pub resident_bytes: u64,
    /// What of that an object takes beyond its own bytes.
    pub overhead_per_object: f64,
    /// Objects that could not be had though nobody holds them.
    pub stranded: u64,
}

/// A promise about a ratio or a bound, and what was reached. Lower is better.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Target {
    pub what: String,
    pub workload: String,
    pub threads: usize,
    /// What it is compared with: a peer's name, or a unit if it is a bound.
    pub versus: String,
    pub wanted: f64,
    pub reached: f64,
}
