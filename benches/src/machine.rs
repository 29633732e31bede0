//! What machine and program a run was made with.

use crate::measure::processors;
use crate::outcome::Machine;
use std::fs::read_to_string;
use std::process::Command;

/// The machine, with the load at this moment twice.
pub(crate) fn machine() -> Machine {
    let memory_kib: u64 = field("/proc/meminfo", "MemTotal")
        .and_then(|text| text.trim_end_matches(" kB").parse().ok())
        .unwrap_or(0);
    Machine {
        processor: field("/proc/cpuinfo", "model name").unwrap_or_else(|| "unknown".into()),
        processors: processors(),
        memory_bytes: memory_kib * 1024,
        system: system(),
        compiler: env!("BENCHES_COMPILER").into(),
        load: [load(); 2],
    }
}

/// The load average of the last minute.
pub(crate) fn load() -> f64 {
    let text = read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').next().and_then(|number| number.parse().ok()).unwrap_or(0.0)
}

/// The commit of the source, if this is a working copy.
pub(crate) fn commit() -> String {
    let git = Command::new("git").args(["describe", "--always", "--dirty", "--exclude=*"]).output();
    let output = git.ok().filter(|output| output.status.success());
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    text.filter(|text| !text.is_empty()).unwrap_or_else(|| "unknown".into())
}

fn system() -> String {
    let kernel = read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let name = read_to_string("/etc/os-release").unwrap_or_default();
    let name = name.lines().find_map(|line| line.strip_prefix("PRETTY_NAME="));
    let name = name.map_or(std::env::consts::OS, |name| name.trim_matches('"'));
    format!("{name}, {} {}", std::env::consts::ARCH, kernel.trim())
}

/// What stands behind a name and a colon.
fn field(file: &str, name: &str) -> Option<String> {
    let text = read_to_string(file).ok()?;
    text.lines().find_map(|line| {
        let (key, value) = line.split_once(':')?;
        (key.trim() == name).then(|| value.trim().to_owned())
    })
}
