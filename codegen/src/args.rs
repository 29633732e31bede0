//! The command line.

use std::path::PathBuf;

use poolgen::Target;

/// What the user reads after a mistake, or asks for.
pub(crate) const USAGE: &str = "\
usage: poolgen [--proto-path DIR]... [--check] OUTPUT... FILE.proto

  --proto-path DIR      look for the file and its imports here; default: its own folder
  --check               write nothing; fail if a file is not what would be written

outputs, at least one:
  --c-out DIR           FILE.g.h, the C header
  --rust-out DIR        FILE.g.rs, the Rust module
  --dart-out DIR        FILE.g.dart, the Dart library
  --c-probe-out DIR     FILE_probe.g.c, for tests of the layout; likewise
  --rust-probe-out DIR  FILE_probe.g.rs
  --dart-probe-out DIR  FILE_probe.g.dart

exit status: 0 done, 1 the schema is wrong or a file is stale, 2 wrong usage";

/// A command line, understood.
#[derive(Debug, Default)]
pub(crate) struct Args {
    pub(crate) proto_paths: Vec<PathBuf>,
    pub(crate) outs: Vec<(Target, PathBuf)>,
    pub(crate) check: bool,
    pub(crate) help: bool,
    pub(crate) file: PathBuf,
}

/// Understands the words behind the program's name; the error is one line.
pub(crate) fn parse(words: &[String]) -> Result<Args, String> {
    let mut args = Args::default();
    let mut files = Vec::new();
    let mut rest = words.iter();
    while let Some(word) = rest.next() {
        match word.as_str() {
            "--help" | "-h" => args.help = true,
            "--check" => args.check = true,
            "--proto-path" => args.proto_paths.push(folder(word, rest.next())?),
            flag if flag.starts_with('-') => {
                let target = target(flag).ok_or_else(|| format!("unknown option `{flag}`"))?;
                args.outs.push((target, folder(word, rest.next())?));
            }
            file => files.push(PathBuf::from(file)),
        }
    }
    if args.help {
        return Ok(args);
    }
    if args.outs.is_empty() {
        return Err("nothing to write: give an output".to_owned());
    }
    match <[PathBuf; 1]>::try_from(files) {
        Ok([file]) => Ok(Args { file, ..args }),
        Err(files) => Err(format!("one schema file is wanted, {} are given", files.len())),
    }
}

fn folder(flag: &str, word: Option<&String>) -> Result<PathBuf, String> {
    word.map(PathBuf::from).ok_or_else(|| format!("`{flag}` wants a folder"))
}

fn target(flag: &str) -> Option<Target> {
    Some(match flag {
        "--c-out" => Target::C,
        "--rust-out" => Target::Rust,
        "--dart-out" => Target::Dart,
        "--c-probe-out" => Target::CProbe,
        "--rust-probe-out" => Target::RustProbe,
        "--dart-probe-out" => Target::DartProbe,
        _ => return None,
    })
}
