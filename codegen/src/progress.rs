//! How far a long run is, on a line of a terminal that is gone when the run ends.

use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

use poolgen::Step;

/// A run that is over sooner shows nothing.
const PATIENCE: Duration = Duration::from_secs(1);
/// Between two lines.
const PAUSE: Duration = Duration::from_millis(100);
/// More would be two lines, of which only one is taken away.
const COLUMNS: usize = 79;
/// Makes the line empty, and begins it again.
const ERASE: &str = "\r\x1b[K";

pub(crate) struct Progress<W: Write> {
    /// None if nobody looks.
    terminal: Option<W>,
    next: Instant,
    shown: bool,
}

/// On standard error, if that is a terminal.
pub(crate) fn on_stderr() -> Progress<std::io::Stderr> {
    let stderr = std::io::stderr();
    let terminal = stderr.is_terminal().then_some(stderr);
    Progress { terminal, next: Instant::now() + PATIENCE, shown: false }
}

impl<W: Write> Progress<W> {
    pub(crate) fn step(&mut self, step: Step<'_>) {
        let Some(terminal) = &mut self.terminal else { return };
        if Instant::now() < self.next {
            return;
        }
        let Step { doing, file, number, all } = step;
        let line = format!("poolgen: {doing} {number}/{all} {file}");
        let line: String = line.chars().take(COLUMNS).collect();
        // What cannot be shown is no reason to stop.
        let _ = write!(terminal, "{ERASE}{line}");
        let _ = terminal.flush();
        self.next = Instant::now() + PAUSE;
        self.shown = true;
    }
}

impl<W: Write> Drop for Progress<W> {
    fn drop(&mut self) {
        if let (Some(terminal), true) = (&mut self.terminal, self.shown) {
            let _ = write!(terminal, "{ERASE}");
            let _ = terminal.flush();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEP: Step<'static> = Step { doing: "reading", file: "a.proto", number: 2, all: 3 };

    fn shown(wait: Duration) -> String {
        let mut text = Vec::new();
        let next = Instant::now() + wait;
        let mut progress = Progress { terminal: Some(&mut text), next, shown: false };
        progress.step(STEP);
        progress.step(STEP);
        drop(progress);
        String::from_utf8_lossy(&text).into_owned()
    }

    #[test]
    fn long_run_shows_a_line_now_and_then_and_takes_it_away() {
        assert_eq!(shown(Duration::ZERO), "\r\x1b[Kpoolgen: reading 2/3 a.proto\r\x1b[K");
    }

    #[test]
    fn short_run_shows_nothing() {
        assert_eq!(shown(PATIENCE), "");
    }
}
