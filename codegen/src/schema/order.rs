//! The order of messages: each behind those it contains, otherwise as written.

use std::collections::{HashMap, HashSet};

use protox::prost_reflect::{FieldDescriptor, Kind, MessageDescriptor};

use super::refused;
use crate::diag::Diagnostics;
use crate::place;

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
    diags: &mut Diagnostics,
) -> Ordered {
    let mut walk = Walk {
        visits: HashMap::new(),
        path: Vec::new(),
        ordered: Ordered { messages: Vec::new(), circular: HashSet::new() },
    };
    messages.iter().for_each(|message| walk.visit(message, diags));
    walk.ordered
}

struct Walk {
    visits: HashMap<String, Visit>,
    /// The fields that lead to where the walk is.
    path: Vec<FieldDescriptor>,
    ordered: Ordered,
}

impl Walk {
    fn visit(&mut self, message: &MessageDescriptor, diags: &mut Diagnostics) {
        if self.visits.contains_key(message.full_name()) {
            return;
        }
        self.visits.insert(message.full_name().to_owned(), Visit::Begun);
        for field in message.fields().filter(|field| !field.is_group()) {
            let Kind::Message(inner) = field.kind() else { continue };
            if refused::well_known(&inner).is_some() {
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

    /// Shows the circle: every message on it and the field that leads on.
    fn report(
        &mut self,
        field: &FieldDescriptor,
        inner: &MessageDescriptor,
        diags: &mut Diagnostics,
    ) {
        self.ordered.circular.insert(field.full_name().to_owned());
        let begin = self.path.iter().rposition(|f| f.parent_message() == inner).unwrap_or(0);
        let steps = self.path[begin..].iter().filter(|f| !f.parent_message().is_map_entry());
        let circle: String =
            steps.map(|f| format!("{}.{} -> ", f.parent_message().name(), f.name())).collect();
        // The entries of a map are in no text; the field before them is the map.
        let in_map = field.parent_message().is_map_entry() && self.path.len() > 1;
        let shown = if in_map { &self.path[self.path.len() - 2] } else { field };
        diags.push(
            &place::of(&shown.parent_file(), shown.path(), &[1]),
            format!("`{}` contains itself: {circle}{}", inner.name(), inner.name()),
            "a message of fixed size cannot; keep an id or index of the other message instead",
        );
    }
}
