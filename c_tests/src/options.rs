//! The command line.

use std::path::PathBuf;

pub(crate) const USAGE: &str = "usage: c-tests [--lib-dir DIR] [--shared] [--static] \
[--sanitize LIST] [--under COMMAND] [--slow N] [--tag NAME] [--target TRIPLE] [filter]
  --lib-dir DIR    where libmagpool.so and libmagpool.a are (target/release)
  --shared         only against the shared library
  --static         only against the static library
  --sanitize LIST  compile the programs with -fsanitize=LIST; implies --slow 10
  --under COMMAND  run the programs under COMMAND, split at spaces; implies --slow 50
  --slow N         divide every count of rounds by N
  --tag NAME       part of the directory's name, for variants that differ elsewhere
  --target TRIPLE  compile for another machine, whose programs must run here
  filter           only programs whose name contains it";

/// What the command line asks for.
pub(crate) struct Options {
    /// Where the two libraries are.
    pub(crate) lib_dir: PathBuf,
    /// Link the shared library.
    pub(crate) shared: bool,
    /// Link the static library.
    pub(crate) r#static: bool,
    /// The argument of `-fsanitize=`.
    pub(crate) sanitize: Option<String>,
    /// What runs the programs, with its arguments.
    pub(crate) under: Vec<String>,
    /// By how much to divide counts.
    pub(crate) slow: Option<u32>,
    /// Part of the directory's name.
    pub(crate) tag: Option<String>,
    /// The machine to compile for, if it is not this one.
    pub(crate) target: Option<String>,
    /// Part of the names of the programs to run.
    pub(crate) filter: String,
}

/// Reads the arguments; an error is what to print.
pub(crate) fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Options, String> {
    let mut options = Options {
        lib_dir: PathBuf::from("target/release"),
        shared: false,
        r#static: false,
        sanitize: None,
        under: Vec::new(),
        slow: None,
        tag: None,
        target: None,
        filter: String::new(),
    };
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or(format!("{argument} needs a value\n{USAGE}"));
        match argument.as_str() {
            "--lib-dir" => options.lib_dir = PathBuf::from(value()?),
            "--sanitize" => options.sanitize = Some(value()?),
            "--under" => options.under = value()?.split_whitespace().map(str::to_owned).collect(),
            "--slow" => options.slow = Some(number(&value()?)?),
            "--tag" => options.tag = Some(value()?),
            "--target" => options.target = Some(value()?),
            "--shared" => options.shared = true,
            "--static" => options.r#static = true,
            unknown if unknown.starts_with('-') => {
                return Err(format!("unknown option {unknown}\n{USAGE}"))
            }
            _ => options.filter = argument,
        }
    }
    if !options.shared && !options.r#static {
        (options.shared, options.r#static) = (true, true);
    }
    let implied = match (&options.sanitize, options.under.is_empty()) {
        (_, false) => Some(50),
        (Some(_), true) => Some(10),
        (None, true) => None,
    };
    options.slow = options.slow.or(implied);
    Ok(options)
}

fn number(text: &str) -> Result<u32, String> {
    text.parse().ok().filter(|&number| number > 0).ok_or(format!("{text} is no number\n{USAGE}"))
}
