//! The order of messages: each behind those it contains, otherwise as written.

use std::collections::{HashMap, HashSet};

use protox::prost_reflect::{FieldDescriptor, Kind, MessageDescriptor};

use super::{refused, Settings};
use crate::diag::Diagnostics;
use crate::place::{self, Place};

#[derive(Clone, Copy, PartialEq)]
enum Visit {
    Begun,
    Done,
}

/// Messages in order, and the fields (by full name) that would close a circle.
pub(super) struct Ordered {
    pub(super) messages: Vec<MessageDescriptor>,
    pub(super) circular: HashSet<String>,
}

/// Orders messages and all they contain; one that contains itself, however deep, is reported.
pub(super) fn dependencies_first(
    messages: &[MessageDescriptor],
    settings: &Settings,
    diags: &mut Diagnostics,
) -> Ordered {
    let mut walk = Walk {
        settings,
        visits: HashMap::new(),
        path: Vec::new(),
        ordered: Ordered { messages: Vec::new(), circular: HashSet::new() },
    };
    messages.iter().for_each(|message| walk.visit(message, diags));
    walk.ordered
}

fn message_place(field: &FieldDescriptor) -> Place {
    let message = field.parent_message();
    place::of(&message.parent_file(), message.path(), &[1])
}

struct Walk<'a> {
    settings: &'a Settings,
    visits: HashMap<String, Visit>,
    /// The fields that lead to where the walk is.
    path: Vec<FieldDescriptor>,
    ordered: Ordered,
}

impl Walk<'_> {
    fn visit(&mut self, message: &MessageDescriptor, diags: &mut Diagnostics) {
        if self.visits.contains_key(message.full_name()) {
            return;
        }
        self.visits.insert(message.full_name().to_owned(), Visit::Begun);
        for field in message.fields().filter(|field| !field.is_group()) {
            let Kind::Message(inner) = field.kind() else { continue };
            if refused::well_known(&inner).is_some() || self.settings.omits(&field) {
                continue;
            }
            self.path.push(field.clone());
            if self.visits.get(inner.full_name()) == Some(&Visit::Begun) {
                self.report(&field, &inner, diags);
            } else {
                self.visit(&inner, diags);
            }
            self.path.pop();
        }
        self.visits.insert(message.full_name().to_owned(), Visit::Done);
        self.ordered.messages.push(message.clone());
    }

    /// Shows the circle: every message on it and the field that leads on. It begins with the
    /// message that is written first, wherever the walk came upon it.
    fn report(
        &mut self,
        field: &FieldDescriptor,
        inner: &MessageDescriptor,
        diags: &mut Diagnostics,
    ) {
        self.ordered.circular.insert(field.full_name().to_owned());
        let begin = self.path.iter().rposition(|f| f.parent_message() == inner).unwrap_or(0);
        // The entries of a map are in no text; the field before them is the map.
        let steps = self.path[begin..].iter().filter(|f| !f.parent_message().is_map_entry());
        let mut steps: Vec<&FieldDescriptor> = steps.collect();
        let first = (0..steps.len()).min_by_key(|&i| message_place(steps[i]));
        steps.rotate_left(first.unwrap_or(0));
        let (Some(first), Some(last)) = (steps.first(), steps.last()) else { return };
        let name = first.parent_message().name();
        let circle: String = steps
            .iter()
            .map(|f| format!("{}.{} -> ", f.parent_message().name(), f.name()))
            .collect();
        diags.push(
            &place::of(&last.parent_file(), last.path(), &[1]),
            format!("`{name}` contains itself: {circle}{name}"),
            "a message of fixed size cannot; keep an id or index of the other message instead, or \
             leave the field out with --omit",
        );
    }
}
