//! Waiting for files to change, by looking now and then: works on every system and disk.

use std::fs;
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, SystemTime};

/// Between two looks. Short enough not to be noticed, long enough to cost nothing.
const PAUSE: Duration = Duration::from_millis(200);

/// Returns when one of the files is another than now, comes or goes.
pub(crate) fn until_changed(files: &[PathBuf]) {
    let before = states(files);
    while states(files) == before {
        thread::sleep(PAUSE);
    }
}

/// Size and time of each file that is there.
pub(crate) fn states(files: &[PathBuf]) -> Vec<Option<(u64, SystemTime)>> {
    let state = |file: &PathBuf| {
        let metadata = fs::metadata(file).ok()?;
        Some((metadata.len(), metadata.modified().ok()?))
    };
    files.iter().map(state).collect()
}
