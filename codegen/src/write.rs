//! Outputs to the disk: all or nothing, and only what changed.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::emit::Output;

/// The disk refused.
#[derive(Debug)]
pub struct WriteError {
    path: PathBuf,
    error: io::Error,
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path.display(), self.error)
    }
}

impl std::error::Error for WriteError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.error)
    }
}

/// The files that are not what would be written to them.
pub fn stale<'a>(wanted: &'a [(PathBuf, &Output)]) -> Vec<&'a Path> {
    let differs = wanted.iter().filter(|(path, output)| !is_fresh(path, &output.text));
    differs.map(|(path, _)| path.as_path()).collect()
}

fn is_fresh(path: &Path, text: &str) -> bool {
    fs::read(path).is_ok_and(|held| held == text.as_bytes())
}

/// Writes the files that change, and names them. All are written beside their places first, so
/// that a full disk leaves the old ones whole; a file that stays the same is not touched.
///
/// # Errors
///
/// The disk refused.
pub fn write_all(wanted: &[(PathBuf, &Output)]) -> Result<Vec<PathBuf>, WriteError> {
    let changed: Vec<_> =
        wanted.iter().filter(|(path, output)| !is_fresh(path, &output.text)).collect();
    let mut staged: Vec<(PathBuf, &Path)> = Vec::new();
    let outcome = changed.iter().try_for_each(|(path, output)| {
        let temporary = path.with_file_name(format!("{}.{}.tmp", output.name, std::process::id()));
        staged.push((temporary.clone(), path));
        stage(&temporary, &output.text).map_err(|error| WriteError { path: path.clone(), error })
    });
    let outcome = outcome.and_then(|()| {
        staged.iter().try_for_each(|(temporary, path)| {
            fs::rename(temporary, path)
                .map_err(|error| WriteError { path: path.to_path_buf(), error })
        })
    });
    if outcome.is_err() {
        for (temporary, _) in &staged {
            // What was renamed already is gone from here; nothing else can be done about the rest.
            let _ = fs::remove_file(temporary);
        }
    }
    outcome.map(|()| changed.iter().map(|(path, _)| path.clone()).collect())
}

fn stage(path: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, text)
}
