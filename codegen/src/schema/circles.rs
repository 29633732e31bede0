//! Messages of a file that contain themselves, however deep. No circle leads through several files.

use std::collections::{HashMap, HashSet};

use protox::prost_reflect::{FieldDescriptor, FileDescriptor, MessageDescriptor};

use super::file::own_messages;
use super::{order, Settings};
use crate::diag::Diagnostics;
use crate::place;

/// The fields on a circle, the one that closes it last.
pub(super) struct Circle(Vec<FieldDescriptor>);

/// The circles of a file, by the full name of the field that closes each: without those fields no
/// message contains itself. They are looked for in the order of the text, so that they are the same
/// ones whoever uses the file.
pub(super) fn of(file: &FileDescriptor, settings: &Settings) -> HashMap<String, Circle> {
    let mut found = HashMap::new();
    let mut seen = HashSet::new();
    for message in own_messages(file, settings) {
        if seen.insert(message.full_name().to_owned()) {
            walk(message, settings, &mut seen, &mut found);
        }
    }
    found
}

/// Follows the fields of a message and of all it contains in its file.
fn walk(
    message: MessageDescriptor,
    settings: &Settings,
    seen: &mut HashSet<String>,
    found: &mut HashMap<String, Circle>,
) {
    let fields = order::contained(&message, settings).into_iter();
    // Where the walk is: the messages it is in, and the fields that lead on from each.
    let mut open = vec![(message, fields)];
    let mut path: Vec<FieldDescriptor> = Vec::new();
    while let Some((message, fields)) = open.last_mut() {
        let Some((field, inner)) = fields.next() else {
            open.pop();
            path.pop();
            continue;
        };
        if inner.parent_file() != message.parent_file() {
            continue;
        }
        if seen.insert(inner.full_name().to_owned()) {
            path.push(field);
            let fields = order::contained(&inner, settings).into_iter();
            open.push((inner, fields));
        } else if let Some(begin) = open.iter().position(|(message, _)| *message == inner) {
            let name = field.full_name().to_owned();
            let steps = path[begin..].iter().cloned().chain([field]).collect();
            found.insert(name, Circle(steps));
        }
    }
}

impl Circle {
    /// Shows every message on it and the field that leads on.
    pub(super) fn report(&self, diags: &mut Diagnostics) {
        // The entries of a map are in no text; the field before them is the map.
        let steps = || self.0.iter().filter(|f| !f.parent_message().is_map_entry());
        let (Some(first), Some(last)) = (steps().next(), steps().next_back()) else { return };
        let name = first.parent_message().name().to_owned();
        let step = |f: &FieldDescriptor| format!("{}.{} -> ", f.parent_message().name(), f.name());
        let path: String = steps().map(step).collect();
        let omit = diags.omit(last.full_name());
        diags.push(
            &place::of(&last.parent_file(), last.path(), &[1]),
            format!("`{name}` contains itself: {path}{name}"),
            format!(
                "a message of fixed size cannot; keep an id or index of the other message \
                 instead, or leave the field out: {omit}"
            ),
        );
    }
}
