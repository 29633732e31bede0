//! The project's own chores, run as `cargo xtask <chore>`.
#![forbid(unsafe_code)]

mod bindings;
mod header;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// What a chore comes to: a line for the user, or the reason why it failed.
type Outcome = Result<String, String>;

const HELP: &str = "usage: cargo xtask <chore>

  bindgen [--check]   write src/ffi/sys.g.rs from the headers, or compare it with them";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match words[..] {
        ["bindgen"] => bindings::write_file(),
        ["bindgen", "--check"] => bindings::check(),
        ["help"] => Ok(HELP.to_owned()),
        _ => {
            eprintln!("{HELP}");
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(line) => println!("{line}"),
        Err(reason) => {
            eprintln!("{reason}");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

/// The root of the workspace.
fn root() -> PathBuf {
    let member = Path::new(env!("CARGO_MANIFEST_DIR"));
    member.parent().expect("xtask is a directory of the workspace").to_owned()
}

/// Reads a file of the workspace.
fn read(path: &Path) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

/// Writes a file of the workspace.
fn write(path: &Path, text: &str) -> Result<(), String> {
    std::fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))
}
