//! The project's own chores, run as `cargo xtask <chore>`.
#![forbid(unsafe_code)]

mod bindings;
mod dart;
mod header;
mod lint;
mod mutants;
mod symbols;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

/// What a chore comes to: a line for the user, or the reason why it failed.
type Outcome = Result<String, String>;

const HELP: &str = "usage: cargo xtask <chore>

  bindgen [--check]   write src/ffi/sys.g.rs from the headers, or compare it with them
  dart-bindings [--check]
                      the same for dart/lib/src/bindings.g.dart
  symbols --lib <so>  compare what a shared library exports with include/pool.symbols
  symbols --write     write include/pool.symbols from the headers
  abi-mutants         prove that a one-sided change of the ABI does not build
  lint                check layers, unsafe code, memory orders, file lengths, Dart's documentation";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match words[..] {
        ["bindgen"] => bindings::write_file(),
        ["bindgen", "--check"] => bindings::check(),
        ["dart-bindings"] => dart::write_file(),
        ["dart-bindings", "--check"] => dart::check(),
        ["symbols", "--write"] => symbols::write_list(),
        ["symbols", "--lib", library] => symbols::check(Path::new(library)),
        ["abi-mutants"] => mutants::run(),
        ["lint"] => lint::run(),
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

/// The root of the workspace, as `cargo run` says; what was compiled in may be
/// another checkout's, if they share a target directory.
fn root() -> PathBuf {
    let member = std::env::var_os("CARGO_MANIFEST_DIR");
    let member = member.map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
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

/// Runs a command and returns its standard output; errors are shown as they come.
fn stdout_of(command: &mut Command) -> Result<String, String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output =
        command.stderr(Stdio::inherit()).output().map_err(|error| format!("{name}: {error}"))?;
    if !output.status.success() {
        return Err(format!("{name}: {}", output.status));
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
