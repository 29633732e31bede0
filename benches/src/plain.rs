//! What a run found, as lines and as JSON.

use crate::outcome::Outcome;
use std::fmt::Write;
use std::io;
use std::path::{Path, PathBuf};

pub(crate) fn table(outcome: &Outcome) -> String {
    let mut text = String::new();
    for case in &outcome.cases {
        let _ = writeln!(
            text,
            "\n{}, {} threads, {} bytes: ns a {}",
            case.workload, case.threads, case.object_bytes, case.unit
        );
        for result in &case.results {
            let (wall, processor) = (&result.wall, &result.processor);
            let _ = write!(
                text,
                "  {:16} {:10.2} ({:.2} to {:.2}) processor {:10.2} {:9.2} M/s",
                result.peer,
                wall.median,
                wall.low,
                wall.high,
                processor.median,
                result.throughput / 1e6
            );
            if let Some(latency) = &result.latency {
                let _ = write!(
                    text,
                    "  p50 {:.0} p99 {:.0} p99.9 {:.0} max {:.0}",
                    latency.p50, latency.p99, latency.p999, latency.max
                );
            }
            if let Some(memory) = &result.memory {
                let _ = write!(
                    text,
                    "  {} bytes, {:.2} each beyond its own, {} stranded",
                    memory.resident_bytes, memory.overhead_per_object, memory.stranded
                );
            }
            let _ = writeln!(text, "  {}", result.note.as_deref().unwrap_or_default());
        }
    }
    let _ = writeln!(text);
    for target in &outcome.targets {
        let _ = writeln!(
            text,
            "{:4} {}, {} threads: {} ({}): {:.3}, wanted {:.3}",
            if target.reached <= target.wanted { "met" } else { "MISS" },
            target.workload,
            target.threads,
            target.what,
            target.versus,
            target.reached,
            target.wanted
        );
    }
    text
}

pub(crate) fn write(outcome: &Outcome, directory: &Path) -> io::Result<Vec<PathBuf>> {
    std::fs::create_dir_all(directory)?;
    let path = directory.join("outcome.json");
    std::fs::write(&path, serde_json::to_string_pretty(outcome).map_err(io::Error::other)?)?;
    Ok(vec![path])
}
