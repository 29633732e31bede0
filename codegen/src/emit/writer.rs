//! Text with indentation, and the names it declares.

use crate::names::Claim;
use crate::place::Place;

/// Collects one output.
#[derive(Debug)]
pub(crate) struct Writer {
    text: String,
    step: usize,
    depth: usize,
    claims: Vec<Claim>,
}

impl Writer {
    /// `step` is the number of spaces one level of indentation has.
    pub(crate) fn new(step: usize) -> Self {
        Self { text: String::new(), step, depth: 0, claims: Vec::new() }
    }

    /// Writes the lines of `text`, indented; empty lines stay empty.
    pub(crate) fn line(&mut self, text: impl AsRef<str>) {
        let text = text.as_ref();
        for line in text.split('\n') {
            if !line.is_empty() {
                self.text.extend(std::iter::repeat_n(' ', self.depth * self.step));
                self.text.push_str(line);
            }
            self.text.push('\n');
        }
    }

    /// Writes an empty line, unless a block has just begun or the line before is empty.
    pub(crate) fn gap(&mut self) {
        if !self.text.ends_with("{\n") && !self.text.ends_with("\n\n") {
            self.text.push('\n');
        }
    }

    /// Writes `head`, the body one level deeper, and `tail`.
    pub(crate) fn block(
        &mut self,
        head: impl AsRef<str>,
        tail: &str,
        body: impl FnOnce(&mut Self),
    ) {
        self.line(head);
        self.depth += 1;
        body(self);
        self.depth -= 1;
        self.line(tail);
    }

    /// Columns an indented line has left of `width`.
    pub(crate) fn room(&self, width: usize) -> usize {
        width.saturating_sub(self.depth * self.step)
    }

    /// Notes that `name` is declared in `scope` for the element at `place`.
    pub(crate) fn claim(&mut self, scope: &str, name: &str, place: &Place) {
        let (scope, name) = (scope.to_owned(), name.to_owned());
        self.claims.push(Claim { scope, name, place: place.clone() });
    }

    pub(crate) fn claims(&self) -> &[Claim] {
        &self.claims
    }

    /// The text, with one final newline.
    pub(crate) fn finish(self) -> String {
        let mut text = self.text;
        while text.ends_with("\n\n") {
            text.pop();
        }
        text
    }
}
