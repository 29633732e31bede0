//! What was measured, by name: the same names whoever measured it.

use std::collections::BTreeMap;
use std::fmt::Display;

#[derive(Default)]
pub(crate) struct Figures(BTreeMap<String, String>);

impl Figures {
    pub(crate) fn set(&mut self, name: &str, value: impl Display) {
        self.0.insert(name.to_owned(), value.to_string());
    }

    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    pub(crate) fn number(&self, name: &str) -> Option<f64> {
        self.text(name)?.parse().ok()
    }

    /// The numbers of a list.
    pub(crate) fn list(&self, name: &str) -> Option<Vec<u64>> {
        self.text(name)?.split(',').map(|part| part.parse().ok()).collect()
    }
}
