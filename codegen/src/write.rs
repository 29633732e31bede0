//! Outputs to the disk: all or nothing, and only what changed.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::emit::Output;

/// The disk refused. The text says what was to be written where, why it was not, and what to do.
#[derive(Debug)]
pub struct WriteError {
    path: PathBuf,
    error: io::Error,
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, error } = self;
        let folders = path.ancestors().skip(1).filter(|part| !part.as_os_str().is_empty());
        let file = folders.clone().find(|part| part.exists() && !part.is_dir());
        let help = match file {
            Some(file) => format!("`{}` is no folder: name another one", file.display()),
            None if path.is_dir() => "remove the folder of that name, or name another".to_owned(),
            None => "see that the folder can be written to and has room; nothing was \
                     changed"
                .to_owned(),
        };
        write!(f, "cannot write `{}`: {error}\n  help: {help}", path.display())
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

/// Only a file of the same size is read: what has none may have no end either.
fn is_fresh(path: &Path, text: &str) -> bool {
    let same_size = |data: fs::Metadata| data.is_file() && data.len() == text.len() as u64;
    fs::metadata(path).is_ok_and(same_size)
        && fs::read(path).is_ok_and(|held| held == text.as_bytes())
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
