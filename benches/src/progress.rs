//! A line on a terminal that says how far a run has come; nothing where there is no terminal.

use std::io::{stderr, IsTerminal, Write};
use std::time::{Duration, Instant};

pub(crate) struct Progress {
    shown: bool,
    last: Option<Instant>,
    begin: Instant,
    cases: usize,
    done: usize,
}

/// Characters of the bar.
const WIDTH: usize = 30;

impl Progress {
    pub(crate) fn new(cases: usize) -> Progress {
        let shown = stderr().is_terminal();
        Progress { shown, last: None, begin: Instant::now(), cases, done: 0 }
    }

    /// How far the case is that is measured now: from 0 to 1.
    pub(crate) fn show(&mut self, name: &str, threads: usize, part: f64) {
        let pause = Duration::from_millis(100);
        if !self.shown || self.last.is_some_and(|last| last.elapsed() < pause) {
            return;
        }
        self.last = Some(Instant::now());
        let share = (self.done as f64 + part) / self.cases.max(1) as f64;
        let seconds = self.begin.elapsed().as_secs();
        let _ = write!(
            stderr(),
            "\r\x1b[K[{}] {:3.0} %  {}:{:02}  {name}, {threads} threads",
            bar(share),
            100.0 * share,
            seconds / 60,
            seconds % 60
        );
    }

    pub(crate) fn next(&mut self) {
        self.done += 1;
    }

    pub(crate) fn end(&self) {
        if self.shown {
            let _ = write!(stderr(), "\r\x1b[K");
        }
    }
}

fn bar(share: f64) -> String {
    let full = ((share * WIDTH as f64) as usize).min(WIDTH);
    format!("{}{}", "=".repeat(full), " ".repeat(WIDTH - full))
}

#[cfg(test)]
mod tests {
    use super::{bar, WIDTH};

    #[test]
    fn a_bar_is_as_wide_at_its_begin_as_at_its_end() {
        assert_eq!(bar(0.0), " ".repeat(WIDTH));
        assert_eq!(bar(1.0), "=".repeat(WIDTH));
        assert_eq!(bar(0.5).trim_end().len(), WIDTH / 2);
        assert_eq!(bar(7.0).len(), WIDTH);
    }
}
