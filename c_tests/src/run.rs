//! Runs commands: compilers to their end, programs to their end or time limit.

use std::error::Error;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// Longer than all tests of a program take together; each test has an alarm of
/// its own, which names it.
const TIME_LIMIT: Duration = Duration::from_secs(600);

/// How a program ended.
pub(crate) struct Outcome {
    /// Whether it said that all is well.
    pub(crate) passed: bool,
    /// Its last line, or why there is none.
    pub(crate) summary: String,
    /// What it printed.
    pub(crate) log: String,
    /// How long it ran.
    pub(crate) time: Duration,
}

/// Runs a command that should print nothing; an error is all that it printed.
pub(crate) fn quiet(command: &mut Command) -> Result<(), Box<dyn Error>> {
    let output = command.output().map_err(|error| format!("{command:?}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("{command:?}\n{}", String::from_utf8_lossy(&output.stderr)).into())
}

/// Runs a test program under a command, if any; its output in `<program>.log`.
pub(crate) fn program(program: &Path, under: &[String]) -> Result<Outcome, Box<dyn Error>> {
    let log_path = program.with_extension("log");
    let log = File::create(&log_path)?;
    let start = Instant::now();
    let mut words = under.iter().map(OsStr::new).chain([program.as_os_str()]);
    let mut command = Command::new(words.next().unwrap_or_default());
    command.args(words);
    command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
    command.env("UBSAN_OPTIONS", "print_stacktrace=1");
    let status = wait(&mut command.spawn()?, start)?;
    let log = String::from_utf8_lossy(&fs::read(&log_path)?).into_owned();
    let passed = status.is_some_and(|status| status.success());
    Ok(Outcome { passed, summary: summary(status, &log), log, time: start.elapsed() })
}

/// Its status, or `None` if it had to be killed.
fn wait(child: &mut Child, start: Instant) -> Result<Option<ExitStatus>, Box<dyn Error>> {
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if start.elapsed() > TIME_LIMIT {
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn summary(status: Option<ExitStatus>, log: &str) -> String {
    let last = log.lines().last().unwrap_or_default();
    match status {
        None => format!("killed after {} s", TIME_LIMIT.as_secs()),
        Some(_) if last.ends_with(" failed") => last.to_owned(),
        Some(status) => status.to_string(),
    }
}
