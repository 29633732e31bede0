//! Enumerations and their values.

use std::collections::HashMap;

use protox::prost_reflect::{EnumDescriptor, EnumValueDescriptor, Syntax};

use super::file::{home, type_name, Prefixes};
use super::{Enum, EnumValue};
use crate::diag::Diagnostics;
use crate::names;
use crate::options;
use crate::place;

/// Reads an enumeration for the file of this name.
pub(super) fn read(
    descriptor: &EnumDescriptor,
    reader: &str,
    prefixes: &mut Prefixes<'_>,
    diags: &mut Diagnostics,
) -> Enum {
    let file = descriptor.parent_file();
    let place = place::of(&file, descriptor.path(), &[1]);
    let prefix = prefixes.of(&file);
    Enum {
        name: type_name(descriptor.full_name(), &file, &prefix, &place, diags),
        full_name: descriptor.full_name().to_owned(),
        home: home(&file, reader),
        comment: place::comment(&file, descriptor.path()),
        place,
        deprecated: options::deprecated(&descriptor.options()),
        closed: file.syntax() == Syntax::Proto2,
        values: values(descriptor),
    }
}

fn values(descriptor: &EnumDescriptor) -> Vec<EnumValue> {
    let file = descriptor.parent_file();
    let prefix = format!("{}_", names::screaming(descriptor.name()));
    let mut seen = HashMap::new();
    let mut values: Vec<EnumValue> = Vec::new();
    for value in values_as_written(descriptor) {
        let full = names::screaming(value.name());
        let short = full.strip_prefix(&prefix).unwrap_or(&full);
        let short = if names::starts_well(short) { short } else { &full };
        // An alias that differs only in case is the same name here, and the same value.
        let known = |held: &EnumValue| (held.name.as_str(), held.number) == (short, value.number());
        if values.iter().any(known) {
            continue;
        }
        let index = values.len();
        let first = *seen.entry(value.number()).or_insert(index);
        values.push(EnumValue {
            full_name: value.name().to_owned(),
            name: short.to_owned(),
            number: value.number(),
            comment: place::comment(&file, value.path()),
            place: place::of(&file, value.path(), &[1]),
            deprecated: options::deprecated(&value.options()),
            alias_of: (first != index).then_some(first),
        });
    }
    values
}

/// Descriptors list values by number; who reads the output expects the text's order.
fn values_as_written(descriptor: &EnumDescriptor) -> Vec<EnumValueDescriptor> {
    let mut values: Vec<_> = descriptor.values().collect();
    values.sort_by_key(|value| value.path().last().copied());
    values
}
