//! The order of messages: each behind those it contains, otherwise as written.

use std::collections::{HashMap, HashSet};

use protox::prost_reflect::{FieldDescriptor, Kind, MessageDescriptor};

use super::circles::{self, Circle};
use super::{refused, Settings};
use crate::diag::Diagnostics;

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
    let (files, circles, seen) = (HashSet::new(), HashMap::new(), HashSet::new());
    let mut walk = Walk { settings, files, circles, seen, ordered: Vec::new() };
    messages.iter().for_each(|message| walk.visit(message, diags));
    Ordered { messages: walk.ordered, circular: walk.circles.into_keys().collect() }
}

/// The messages within a message, and the fields that hold them.
pub(super) fn contained(
    message: &MessageDescriptor,
    settings: &Settings,
) -> Vec<(FieldDescriptor, MessageDescriptor)> {
    let inner = |field: FieldDescriptor| match field.kind() {
        Kind::Message(inner) if !field.is_group() && !settings.omits(&field) => {
            refused::well_known(&inner).is_none().then_some((field, inner))
        }
        _ => None,
    };
    message.fields().filter_map(inner).collect()
}

struct Walk<'a> {
    settings: &'a Settings,
    /// Those whose circles are known.
    files: HashSet<String>,
    circles: HashMap<String, Circle>,
    seen: HashSet<String>,
    ordered: Vec<MessageDescriptor>,
}

impl Walk<'_> {
    /// Follows a message's fields, then puts it behind all it contains.
    fn visit(&mut self, message: &MessageDescriptor, diags: &mut Diagnostics) {
        let mut open = Vec::from_iter(self.enter(message));
        while let Some((message, fields)) = open.last_mut() {
            let Some((field, inner)) = fields.next() else {
                self.ordered.push(message.clone());
                open.pop();
                continue;
            };
            match self.circles.get(field.full_name()) {
                Some(circle) => circle.report(diags),
                None => open.extend(self.enter(&inner)),
            }
        }
    }

    /// A message that was not seen before, and the fields to follow.
    fn enter(&mut self, message: &MessageDescriptor) -> Option<(MessageDescriptor, Contained)> {
        if !self.seen.insert(message.full_name().to_owned()) {
            return None;
        }
        let file = message.parent_file();
        if self.files.insert(file.name().to_owned()) {
            self.circles.extend(circles::of(&file, self.settings));
        }
        Some((message.clone(), contained(message, self.settings).into_iter()))
    }
}

type Contained = std::vec::IntoIter<(FieldDescriptor, MessageDescriptor)>;
