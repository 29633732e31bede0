//! `poolgen`: compiles a schema to C, Rust and Dart. The only part that writes files.
#![forbid(unsafe_code)]

mod args;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use args::Args;
use poolgen::Output;

/// The schema is wrong, a file is stale, or the disk refused.
const FAILED: u8 = 1;
/// The command line is wrong.
const USAGE_ERROR: u8 = 2;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match args::parse(&words) {
        Ok(args) if args.help => {
            println!("{}", args::USAGE);
            ExitCode::SUCCESS
        }
        Ok(args) => match run(&args, &words) {
            Ok(()) => ExitCode::SUCCESS,
            Err(reason) => {
                eprintln!("{}", reason.trim_end());
                ExitCode::from(FAILED)
            }
        },
        Err(mistake) => {
            eprintln!("poolgen: {mistake}\n\n{}", args::USAGE);
            ExitCode::from(USAGE_ERROR)
        }
    }
}

fn run(args: &Args, words: &[String]) -> Result<(), String> {
    let outputs = poolgen::compile(&args.proto_paths, &args.file).map_err(|d| d.to_string())?;
    let wanted: Vec<(PathBuf, &Output)> = args
        .outs
        .iter()
        .flat_map(|(target, folder)| {
            let of_target = outputs.iter().filter(move |output| output.target == *target);
            of_target.map(move |output| (folder.join(&output.name), output))
        })
        .collect();
    if args.check {
        check(&wanted, words)
    } else {
        write_all(&wanted).map_err(|(path, error)| format!("poolgen: {}: {error}", path.display()))
    }
}

/// Names every file that is not what would be written, and the command that writes it.
fn check(wanted: &[(PathBuf, &Output)], words: &[String]) -> Result<(), String> {
    let fresh = |path: &Path, text: &str| fs::read(path).is_ok_and(|held| held == text.as_bytes());
    let stale = wanted.iter().filter(|(path, output)| !fresh(path, &output.text));
    let lines: String =
        stale.map(|(path, _)| format!("poolgen: {} is stale\n", path.display())).collect();
    if lines.is_empty() {
        return Ok(());
    }
    let command: Vec<&str> =
        words.iter().map(String::as_str).filter(|word| *word != "--check").collect();
    Err(format!("{lines}  help: run poolgen {}", command.join(" ")))
}

/// Writes all files beside their places first, so that a full disk leaves the old ones whole.
fn write_all(wanted: &[(PathBuf, &Output)]) -> Result<(), (PathBuf, io::Error)> {
    let mut staged: Vec<(PathBuf, &Path)> = Vec::new();
    let outcome = wanted.iter().try_for_each(|(path, output)| {
        let temporary = path.with_file_name(format!("{}.{}.tmp", output.name, std::process::id()));
        staged.push((temporary.clone(), path));
        stage(&temporary, &output.text).map_err(|error| (path.clone(), error))
    });
    let outcome = outcome.and_then(|()| {
        staged.iter().try_for_each(|(temporary, path)| {
            fs::rename(temporary, path).map_err(|error| (path.to_path_buf(), error))
        })
    });
    if outcome.is_err() {
        for (temporary, _) in &staged {
            // What was renamed already is gone from here; nothing else can be done about the rest.
            let _ = fs::remove_file(temporary);
        }
    }
    outcome
}

fn stage(path: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, text)
}
