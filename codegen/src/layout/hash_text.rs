//! What the layout hash is taken of.

use std::fmt::Write as _;

use super::{Element, Layout, Slot};
use crate::schema::{Field, Message, Presence, Scalar, Schema};

/// Each message's name, size and alignment, and each member's offset, name, type and bounds, one a
/// line, in the order of the struct. A change to this text changes every hash there is.
pub(super) fn of(schema: &Schema, layouts: &[Layout]) -> String {
    let mut text = String::new();
    for (message, layout) in schema.messages.iter().zip(layouts) {
        let _ = writeln!(text, "{} {} {}", message.full_name, layout.size, layout.align);
        for slot in &layout.order {
            slot_text(&mut text, *slot, message, layout, schema);
        }
    }
    text
}

fn slot_text(text: &mut String, slot: Slot, message: &Message, layout: &Layout, schema: &Schema) {
    let _ = match slot {
        Slot::Member { field, member } => {
            let member = &layout.fields[field][member];
            let kind = type_text(member.element, schema);
            writeln!(text, " {} {} {kind} {:?}", member.offset, member.name, member.dims)
        }
        Slot::Case(oneof) => {
            let (name, offset) = (&message.oneofs[oneof].name, layout.oneofs[oneof].case_offset);
            writeln!(text, " {offset} {name} case")
        }
        Slot::Union(oneof) => {
            let pairs = message.fields.iter().zip(&layout.fields);
            let within = pairs.filter(|(field, _)| field.presence == Presence::Oneof(oneof));
            within.for_each(|(field, members)| alternative(text, field, members, schema));
            Ok(())
        }
        Slot::Empty => Ok(()),
    };
}

fn alternative(text: &mut String, field: &Field, members: &[super::Member], schema: &Schema) {
    for member in members {
        let kind = type_text(member.element, schema);
        let (offset, name, dims) = (member.offset, &member.name, &member.dims);
        let _ = writeln!(text, " {offset} {name} {kind} {dims:?} case {}", field.number);
    }
}

/// A member's type, as the hash knows it.
pub(crate) fn type_text(element: Element, schema: &Schema) -> &str {
    match element {
        Element::Flag | Element::Scalar(Scalar::Bool) => "bool",
        Element::Char => "char",
        Element::Byte => "byte",
        Element::Size | Element::Scalar(Scalar::U32) => "u32",
        Element::Scalar(Scalar::U64) => "u64",
        Element::Scalar(Scalar::I32) => "i32",
        Element::Scalar(Scalar::I64) => "i64",
        Element::Scalar(Scalar::F32) => "f32",
        Element::Scalar(Scalar::F64) => "f64",
        Element::Enum(_) => "enum",
        Element::Message(index) => &schema.messages[index].full_name,
    }
}
