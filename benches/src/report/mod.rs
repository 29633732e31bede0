//! Shows what a run found: a table for the terminal, JSON, and a page with plots that can be
//! sent as one file.

#![forbid(unsafe_code)]

mod curves;
mod number;
mod page;
mod palette;
mod plot;
mod table;
#[cfg(test)]
mod tests;
mod view;

use crate::outcome::Outcome;
use std::io;
use std::path::{Path, PathBuf};

/// The layout of `outcome.json` that is understood here.
const VERSION: u32 = 1;

/// The run as text: cases, targets, and where magpool loses.
pub(crate) fn table(outcome: &Outcome) -> String {
    table::table(outcome)
}

/// Writes `outcome.json`, `table.txt` and `report.html` and returns their paths. The
/// directory is made if need be.
pub(crate) fn write(outcome: &Outcome, directory: &Path) -> io::Result<Vec<PathBuf>> {
    let json = serde_json::to_string_pretty(outcome).map_err(io::Error::other)?;
    let files = [
        ("outcome.json", json),
        ("table.txt", table(outcome)),
        ("report.html", page::page(outcome)),
    ];
    std::fs::create_dir_all(directory)?;
    let mut written = Vec::new();
    for (name, text) in files {
        let path = directory.join(name);
        std::fs::write(&path, text)?;
        written.push(path);
    }
    Ok(written)
}

/// `benches report FILE.json DIR`: writes the reports of an earlier run again, and returns
/// their paths or what is wrong.
pub(crate) fn command(args: &[String]) -> Result<Vec<PathBuf>, String> {
    let [file, directory] = args else {
        return Err("usage: benches report FILE.json DIR".to_owned());
    };
    let text = std::fs::read_to_string(file).map_err(|error| format!("{file}: {error}"))?;
    let outcome: Outcome =
        serde_json::from_str(&text).map_err(|error| format!("{file}: {error}"))?;
    if outcome.version != VERSION {
        return Err(format!("{file}: version {}, {VERSION} is wanted", outcome.version));
    }
    write(&outcome, Path::new(directory)).map_err(|error| format!("{directory}: {error}"))
}
