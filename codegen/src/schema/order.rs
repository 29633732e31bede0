//! The order of messages: each behind those it contains, otherwise as written.

use std::collections::HashMap;

use protox::prost_reflect::{FieldDescriptor, Kind, MessageDescriptor};

use crate::diag::Diagnostics;
use crate::place;

#[derive(Clone, Copy, PartialEq)]
enum Visit {
    Begun,
    Done,
}

/// Orders messages; one that contains itself, however deep, is reported.
pub(super) fn dependencies_first(
    messages: &[MessageDescriptor],
    diags: &mut Diagnostics,
) -> Vec<MessageDescriptor> {
    let mut walk = Walk { visits: HashMap::new(), ordered: Vec::new() };
    messages.iter().for_each(|message| walk.visit(message, diags));
    walk.ordered
}

struct Walk {
    visits: HashMap<String, Visit>,
    ordered: Vec<MessageDescriptor>,
}

impl Walk {
    fn visit(&mut self, message: &MessageDescriptor, diags: &mut Diagnostics) {
        if self.visits.contains_key(message.full_name()) {
            return;
        }
        self.visits.insert(message.full_name().to_owned(), Visit::Begun);
        for field in message.fields().filter(|field| !field.is_map()) {
            let Kind::Message(inner) = field.kind() else { continue };
            if inner.parent_file() != message.parent_file() {
                continue;
            }
            if self.visits.get(inner.full_name()) == Some(&Visit::Begun) {
                report(&field, &inner, diags);
            } else {
                self.visit(&inner, diags);
            }
        }
        self.visits.insert(message.full_name().to_owned(), Visit::Done);
        self.ordered.push(message.clone());
    }
}

fn report(field: &FieldDescriptor, inner: &MessageDescriptor, diags: &mut Diagnostics) {
    diags.push(
        &place::of(&field.parent_file(), field.path(), &[1]),
        format!("`{}` contains itself through `{}`", inner.name(), field.name()),
        "a message of fixed size cannot; keep an id or index of the other message instead",
    );
}
