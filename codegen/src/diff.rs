//! Whether an object made under one schema can be read under another, and why not.

use std::collections::HashSet;
use std::fmt::Write as _;

use crate::diag::Diagnostics;
use crate::layout::describe::{describe, Described};
use crate::layout::{Element, Layout, Model};
use crate::schema::{Enum, Message};
use crate::{models, Request};

/// What changed from one schema to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Every object made under the old one can be read under the new one.
    pub readable: bool,
    /// In words.
    pub text: String,
}

/// Compares the messages of two schemas, by their full names.
///
/// # Errors
///
/// All that is wrong with either.
pub fn diff(old: &Request, new: &Request) -> Result<Difference, Diagnostics> {
    let (old, new) = (models(old)?, models(new)?);
    let mut compare = Compare { broken: HashSet::new(), text: String::new(), readable: true };
    for model in &old {
        model.schema.enums.iter().for_each(|e| compare.enumeration(e, &new));
        for (message, layout) in model.schema.messages.iter().zip(&model.layouts) {
            compare.message(model, message, layout, &new);
        }
    }
    compare.added(&old, &new);
    if compare.text.is_empty() {
        compare.text.push_str("nothing changed in memory\n");
    }
    Ok(Difference { readable: compare.readable, text: compare.text })
}

struct Compare {
    /// Messages and enumerations whose objects mean something else now.
    broken: HashSet<String>,
    text: String,
    readable: bool,
}

fn find<'a>(models: &'a [Model], name: &str) -> Option<(&'a Model, &'a Message, &'a Layout)> {
    models.iter().find_map(|model| {
        let mut pairs = model.schema.messages.iter().zip(&model.layouts);
        let (message, layout) = pairs.find(|(message, _)| message.full_name == name)?;
        Some((model, message, layout))
    })
}

impl Compare {
    fn report(&mut self, name: &str, reasons: &[String]) {
        if reasons.is_empty() || !self.broken.insert(name.to_owned()) {
            return;
        }
        self.readable = false;
        let _ = writeln!(self.text, "{name} cannot be read:");
        for reason in reasons {
            let _ = writeln!(self.text, "  {reason}");
        }
    }

    fn enumeration(&mut self, old: &Enum, new: &[Model]) {
        let mut enums = new.iter().flat_map(|model| &model.schema.enums);
        let Some(new) = enums.find(|e| e.full_name == old.full_name) else { return };
        let mut reasons = Vec::new();
        for value in &old.values {
            let held = new.values.iter().find(|other| other.name == value.name);
            if let Some(other) = held.filter(|other| other.number != value.number) {
                let (name, was, is) = (&value.name, value.number, other.number);
                reasons.push(format!("`{name}` was {was} and is {is}"));
            }
        }
        self.report(&old.full_name, &reasons);
    }

    fn message(&mut self, model: &Model, old: &Message, layout: &Layout, new: &[Model]) {
        let name = &old.full_name;
        let Some((new_model, new, new_layout)) = find(new, name) else {
            return self.report(name, &["it is gone".to_owned()]);
        };
        let before = describe(model, old, layout);
        let after = describe(new_model, new, new_layout);
        let mut reasons = parts(&before, &after);
        if layout.size != new_layout.size {
            reasons.push(format!("it had {} bytes and has {}", layout.size, new_layout.size));
        }
        if layout.align < new_layout.align {
            let (was, is) = (layout.align, new_layout.align);
            reasons.push(format!("it was aligned to {was} and must be to {is}"));
        }
        reasons.extend(self.contained(model, layout));
        self.report(name, &reasons);
    }

    /// What it contains that cannot be read.
    fn contained(&self, model: &Model, layout: &Layout) -> Vec<String> {
        let mut reasons = Vec::new();
        for member in layout.fields.iter().flatten() {
            let inner = match member.element {
                Element::Message(index) => &model.schema.messages[index].full_name,
                Element::Enum(index) => &model.schema.enums[index].full_name,
                _ => continue,
            };
            if self.broken.contains(inner) {
                reasons.push(format!("`{}` is a {inner}", member.name));
            }
        }
        reasons
    }

    fn added(&mut self, old: &[Model], new: &[Model]) {
        for message in new.iter().flat_map(|model| &model.schema.messages) {
            if find(old, &message.full_name).is_none() {
                let _ = writeln!(self.text, "{} is new, which breaks nothing", message.full_name);
            }
        }
    }
}

/// What differs between two lists of parts.
fn parts(before: &[Described], after: &[Described]) -> Vec<String> {
    let mut reasons = Vec::new();
    for old in before {
        let Some(new) = after.iter().find(|part| part.name == old.name) else {
            reasons.push(format!("`{}` ({} at {}) is gone", old.name, old.ty, old.offset));
            continue;
        };
        let name = &old.name;
        if new.ty != old.ty {
            reasons.push(format!("`{name}` was {} and is {}", old.ty, new.ty));
        }
        if new.offset != old.offset {
            reasons.push(format!("`{name}` moved from {} to {}", old.offset, new.offset));
        }
        if let (Some(was), Some(is)) = (old.case, new.case) {
            if was != is {
                reasons.push(format!("`{name}` was case {was} and is case {is}"));
            }
        }
    }
    let known: HashSet<&str> = before.iter().map(|part| part.name.as_str()).collect();
    for new in after.iter().filter(|part| !known.contains(part.name.as_str())) {
        let (name, ty, offset) = (&new.name, &new.ty, new.offset);
        reasons.push(format!("`{name}` ({ty} at {offset}) is new: old objects have nothing there"));
    }
    reasons
}
