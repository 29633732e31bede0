//! What is wrong with a schema, where, and how it is shown: as rustc shows it.

use std::collections::BTreeSet;
use std::fmt;

use annotate_snippets::{AnnotationKind, Group, Level as Shown, Origin, Renderer, Snippet};

use crate::place::Place;
use crate::source::Sources;

/// How bad something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    /// Nothing is written.
    Error,
    /// Said, and written nevertheless.
    Warning,
}

/// One thing to be said of a schema; the order is that of the text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Diagnostic {
    place: Place,
    level: Level,
    message: String,
    help: String,
}

/// Everything wrong with the schemas of a run, in the order of their text.
#[derive(Debug, Default)]
pub struct Diagnostics {
    found: Vec<Diagnostic>,
    /// Full names of fields without which some of it would not be wrong.
    omit: BTreeSet<String>,
    sources: Sources,
}

impl Diagnostics {
    /// Diagnostics that quote from `sources`.
    pub(crate) fn new(sources: Sources) -> Self {
        Self { sources, ..Self::default() }
    }

    /// An error.
    pub(crate) fn push(
        &mut self,
        place: &Place,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.add(Level::Error, place, message.into(), help.into());
    }

    /// A warning.
    pub(crate) fn warn(
        &mut self,
        place: &Place,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.add(Level::Warning, place, message.into(), help.into());
    }

    /// The option that leaves out a field which is in the way. If there are several such fields,
    /// all of the options stand at the end, to be copied at once.
    pub(crate) fn omit(&mut self, field: &str) -> String {
        self.omit.insert(field.to_owned());
        format!("--omit {field}")
    }

    fn add(&mut self, level: Level, place: &Place, message: String, help: String) {
        let new = Diagnostic { place: place.clone(), level, message, help };
        if let Err(at) = self.found.binary_search(&new) {
            self.found.insert(at, new);
        }
    }

    /// Whether anything is wrong, so that nothing may be written.
    pub fn has_errors(&self) -> bool {
        self.found.iter().any(|found| found.level == Level::Error)
    }

    /// Whether there is nothing to say.
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// The text, for a terminal or not; every diagnostic ends with an empty line.
    pub fn render(&self, colour: bool) -> String {
        let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
        let shown = self.found.iter().map(|found| found.render(&renderer, &self.sources) + "\n\n");
        let all: Vec<&str> = self.omit.iter().map(String::as_str).collect();
        let omit = match all.len() {
            0 | 1 => String::new(),
            fields => {
                let text = format!(
                    "to leave out the {fields} fields that are in the way, add --omit {}",
                    all.join(" --omit ")
                );
                renderer.render(&[Group::with_title(Shown::HELP.primary_title(text))]) + "\n\n"
            }
        };
        shown.collect::<String>() + &omit
    }
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(false))
    }
}

impl std::error::Error for Diagnostics {}

impl Diagnostic {
    fn render(&self, renderer: &Renderer, sources: &Sources) -> String {
        let level = match self.level {
            Level::Error => Shown::ERROR,
            Level::Warning => Shown::WARNING,
        };
        let title = level.primary_title(&self.message);
        let line = sources.line(&self.place.file, self.place.line);
        let group = match &line {
            Some(line) => title.element(self.snippet(line)),
            None => title.element(Origin::path(&self.place.file)),
        };
        let group: Group<'_> = group.element(Shown::HELP.message(&self.help));
        renderer.render(&[group])
    }

    /// The line, with carets below the place.
    fn snippet<'a>(&'a self, line: &'a str) -> Snippet<'a, annotate_snippets::Annotation<'a>> {
        let begin = byte_of(line, self.place.column - 1);
        let end = byte_of(line, self.place.column - 1 + self.place.length.max(1));
        Snippet::source(line)
            .path(&self.place.file)
            .line_start(self.place.line)
            .annotation(AnnotationKind::Primary.span(begin..end.max(begin)))
    }
}

/// Where the character of this number begins in the line, or the line ends.
fn byte_of(line: &str, characters: usize) -> usize {
    line.char_indices().nth(characters).map_or(line.len(), |(at, _)| at)
}
