//! Compiles every `test_*.c` and `test_*.cpp` against the shared and the static library, runs
//! it, and says what failed: a line for each program and variant, then
//! `N passed, N failed`.

mod build;
mod options;
mod run;

use build::{Toolchain, Variant};
use options::Options;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

fn main() -> ExitCode {
    let options = match options::parse(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(message) => {
            eprintln!("{message}");
            return ExitCode::from(2);
        }
    };
    match run_all(&options) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("c-tests: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The root of the workspace, as `cargo run` says; what was compiled in may be
/// another checkout's, if they share a target directory.
fn root() -> PathBuf {
    let member = std::env::var_os("CARGO_MANIFEST_DIR");
    let member = member.map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    member.parent().map(Path::to_owned).unwrap_or(member)
}

/// Whether every program passed in every variant.
fn run_all(options: &Options) -> Result<bool, Box<dyn Error>> {
    let root = root();
    let target = root.join("target/c_tests");
    let toolchain = Toolchain::new(&root, options, &target)?;
    let sources = sources(&root.join("c_tests"), &options.filter)?;
    let (mut passed, mut failed) = (0, 0);
    for variant in build::variants(options, &target) {
        toolchain.prepare(&variant)?;
        for source in &sources {
            if let Some(reason) = toolchain.lacks(source) {
                println!("SKIPPED {}: {reason}", source.display());
                continue;
            }
            let good = run_one(&toolchain, source, &variant)?;
            *(if good { &mut passed } else { &mut failed }) += 1;
        }
    }
    println!("{passed} passed, {failed} failed");
    Ok(failed == 0 && passed > 0)
}

/// The programs whose name contains `filter`, in the order of their names.
fn sources(directory: &Path, filter: &str) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let mut sources = Vec::new();
    for entry in std::fs::read_dir(directory)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let is_source = name.ends_with(".c") || name.ends_with(".cpp");
        if name.starts_with("test_") && is_source && name.contains(filter) {
            sources.push(path);
        }
    }
    sources.sort();
    Ok(sources)
}

fn run_one(
    toolchain: &Toolchain,
    source: &Path,
    variant: &Variant,
) -> Result<bool, Box<dyn Error>> {
    let name = source.file_stem().unwrap_or_default().to_string_lossy();
    let program = match toolchain.compile(source, variant) {
        Ok(program) => program,
        Err(error) => {
            println!("FAILED {name:14} {:24} does not compile\n{error}", variant.name);
            return Ok(false);
        }
    };
    let outcome = run::program(&program, &variant.under)?;
    let (word, time) = (if outcome.passed { "ok" } else { "FAILED" }, outcome.time.as_secs_f32());
    println!("{word:6} {name:14} {:24} {:24} {time:5.1} s", variant.name, outcome.summary);
    let skipped = |line: &&str| line.starts_with("SKIPPED");
    outcome.log.lines().filter(skipped).for_each(|line| println!("       {line}"));
    if !outcome.passed {
        print!("{}", outcome.log);
    }
    Ok(outcome.passed)
}
