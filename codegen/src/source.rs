//! The texts that were read, kept so that diagnostics can quote them and `--watch` knows them.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use crate::place::Place;
use crate::text;

/// All files opened so far, by the names they are imported by. Copies share them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sources(Arc<Mutex<BTreeMap<String, Source>>>);

#[derive(Debug)]
struct Source {
    text: String,
    path: Option<PathBuf>,
}

impl Sources {
    /// Keeps a file's text; `path` is where it is on the disk, if it is.
    pub(crate) fn add(&self, name: &str, text: String, path: Option<PathBuf>) {
        self.with(|files| files.insert(name.to_owned(), Source { text, path }));
    }

    /// A line of a file, counted from 1; `None` if the file or its line is not known.
    pub(crate) fn line(&self, name: &str, line: usize) -> Option<String> {
        let index = line.checked_sub(1)?;
        self.with(|files| files.get(name)?.text.lines().nth(index).map(str::to_owned))
    }

    /// Where a file ends, white space aside.
    pub(crate) fn end(&self, name: &str) -> Place {
        self.with(|files| match files.get(name) {
            Some(file) => text::place(name, file.text.trim_end()),
            None => Place::whole(name),
        })
    }

    /// Where these words are in a file first, or the whole file.
    pub(crate) fn find(&self, name: &str, words: &str) -> Place {
        let found = |file: &Source| {
            let at = file.text.find(words)?;
            let place = text::place(name, &file.text[..at]);
            Some(Place { length: words.chars().count(), ..place })
        };
        self.with(|files| files.get(name).and_then(found)).unwrap_or_else(|| Place::whole(name))
    }

    /// Where all files on the disk are.
    pub(crate) fn paths(&self) -> Vec<PathBuf> {
        self.with(|files| files.values().filter_map(|file| file.path.clone()).collect())
    }

    fn with<R>(&self, use_files: impl FnOnce(&mut BTreeMap<String, Source>) -> R) -> R {
        use_files(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
