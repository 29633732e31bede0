//! Progress on standard error: a bar on a terminal, else a line for each stage.

use std::io::IsTerminal;

pub(crate) struct Progress {
    stages: usize,
    done: usize,
    terminal: bool,
}

impl Progress {
    pub(crate) fn new(stages: usize) -> Progress {
        Progress { stages, done: 0, terminal: std::io::stderr().is_terminal() }
    }

    /// So many stages will not come.
    pub(crate) fn skip(&mut self, stages: usize) {
        self.stages -= stages.min(self.stages - self.done);
    }

    /// A stage begins, and the one before it is done.
    pub(crate) fn stage(&mut self, what: &str) {
        self.done += 1;
        let (done, stages) = (self.done, self.stages);
        if self.terminal {
            let ended = (done - 1).min(stages);
            let bar = format!("{}{}", "#".repeat(ended * 3), ".".repeat((stages - ended) * 3));
            eprint!("\r\x1b[K[{bar}] {what}");
        } else {
            eprintln!("demo: {done}/{stages} {what}");
        }
    }

    /// Leaves an empty line.
    pub(crate) fn end(&self) {
        if self.terminal {
            eprint!("\r\x1b[K");
        }
    }
}
