//! What the program is asked to do.

use std::path::PathBuf;

pub(crate) const USAGE: &str = "\
usage: benches run [--quick] [--filter WORKLOAD] [--peers NAME,NAME] [--threads N,N]
                   [--out DIRECTORY]
       benches list
       benches report OUTCOME.json DIRECTORY

run    measures and writes its reports below DIRECTORY (target/bench/report)
         --quick    fewer workloads and rounds: under a minute
         --filter   only workloads whose names begin so
         --peers    only these; see list
         --threads  numbers of threads, where a workload leaves them free (1,2)
list   names peers and workloads
report writes the reports of an earlier run again

MAGPOOL_SEED     seed of all random choices (a number); the same for all peers
MAGPOOL_LIBRARY  the libmagpool.so to measure";

#[derive(Debug, PartialEq)]
pub(crate) enum Command {
    Run(Options),
    List,
    /// Of an earlier run: its file, and where to.
    Report(Vec<String>),
    /// Measure the memory of one peer in this process; see `memory`.
    MemoryOf(String),
    Help,
}

#[derive(Debug, PartialEq)]
pub(crate) struct Options {
    pub(crate) quick: bool,
    pub(crate) filter: Option<String>,
    pub(crate) peers: Option<Vec<String>>,
    pub(crate) threads: Vec<usize>,
    pub(crate) out: PathBuf,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            quick: false,
            filter: None,
            peers: None,
            threads: vec![1, 2],
            out: "target/bench/report".into(),
        }
    }
}

/// The command, or what is wrong with it.
pub(crate) fn parse(arguments: &[String]) -> Result<Command, String> {
    let Some((command, rest)) = arguments.split_first() else {
        return Err(format!("what shall I do?\n{USAGE}"));
    };
    match (command.as_str(), rest) {
        ("run", options) => parse_options(options).map(Command::Run),
        ("report", rest) => Ok(Command::Report(rest.to_vec())),
        ("list", []) => Ok(Command::List),
        ("list", [extra, ..]) => Err(format!("list takes nothing, not {extra}")),
        (crate::memory::CHILD, [peer]) => Ok(Command::MemoryOf(peer.clone())),
        ("help" | "--help" | "-h", _) => Ok(Command::Help),
        _ => Err(format!("{command}: no such command\n{USAGE}")),
    }
}

fn parse_options(arguments: &[String]) -> Result<Options, String> {
    let mut options = Options::default();
    let mut rest = arguments.iter();
    while let Some(option) = rest.next() {
        let mut value = || rest.next().ok_or_else(|| format!("{option}: a value is missing"));
        match option.as_str() {
            "--quick" => options.quick = true,
            "--filter" => options.filter = Some(value()?.clone()),
            "--peers" => options.peers = Some(names(option, value()?)?),
            "--threads" => options.threads = numbers(option, value()?)?,
            "--out" => options.out = value()?.into(),
            _ => return Err(format!("{option}: no such option\n{USAGE}")),
        }
    }
    Ok(options)
}

fn names(option: &str, text: &str) -> Result<Vec<String>, String> {
    let names: Vec<String> = text.split(',').map(|name| name.trim().to_owned()).collect();
    match names.iter().any(String::is_empty) {
        true => Err(format!("{option}: names with commas between them are wanted")),
        false => Ok(names),
    }
}

/// Different numbers from 1 to 1000.
fn numbers(option: &str, text: &str) -> Result<Vec<usize>, String> {
    let mut numbers = Vec::new();
    for name in names(option, text)? {
        match name.parse() {
            Ok(number @ 1..=1000) if !numbers.contains(&number) => numbers.push(number),
            Ok(1..=1000) => return Err(format!("{option}: {name} stands there twice")),
            _ => return Err(format!("{option}: {name} is not a number from 1 to 1000")),
        }
    }
    Ok(numbers)
}

/// The seed of the environment, or one that is new each time.
pub(crate) fn seed(environment: Option<String>) -> Result<u64, String> {
    match environment {
        Some(text) => text.parse().map_err(|_| format!("MAGPOOL_SEED: {text} is not a number")),
        None => Ok(crate::sys::ticks() ^ u64::from(std::process::id())),
    }
}

#[cfg(test)]
mod tests {
    use super::{parse, seed, Command, Options};

    fn parsed(text: &str) -> Result<Command, String> {
        let words: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
        parse(&words)
    }

    #[test]
    fn options_are_taken_in_any_order() {
        let wanted = Options {
            quick: true,
            filter: Some("hold".into()),
            peers: Some(vec!["magpool".into(), "glibc".into()]),
            threads: vec![1, 4],
            out: "somewhere".into(),
        };
        let text = "run --threads 1,4 --peers magpool,glibc --quick --out somewhere --filter hold";
        assert_eq!(parsed(text), Ok(Command::Run(wanted)));
        assert_eq!(parsed("run"), Ok(Command::Run(Options::default())));
        assert_eq!(parsed("list"), Ok(Command::List));
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (text, word) in [
            ("", "usage"),
            ("walk", "walk"),
            ("list all", "all"),
            ("run --slow", "--slow"),
            ("run --filter", "--filter"),
            ("run --peers a,,b", "--peers"),
            ("run --threads 0", "0"),
            ("run --threads 1,x", "x"),
            ("run --threads 2,2", "2"),
        ] {
            let reason = parsed(text).unwrap_err();
            assert!(reason.contains(word), "{text}: {reason}");
        }
    }

    #[test]
    fn a_seed_is_a_number() {
        assert_eq!(seed(Some("42".into())), Ok(42));
        assert!(seed(Some("many".into())).is_err());
        assert!(seed(None).is_ok());
    }
}
