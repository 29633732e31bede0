//! Where each member of a message is. The only arithmetic on offsets; `proto/README.md` has the
//! rules in prose.

use std::fmt::Write as _;

use crate::diag::Diagnostics;
use crate::hash::fnv1a;
use crate::schema::{Field, Kind, Message, Scalar, Schema};

/// Most bytes of an object, as pool.h has it.
const OBJECT_SIZE_MAX: u64 = 1 << 30;

/// A schema with the layout of each of its messages.
#[derive(Debug)]
pub(crate) struct Model {
    pub(crate) schema: Schema,
    /// One for each message, in the same order.
    pub(crate) layouts: Vec<Layout>,
    pub(crate) hash: u64,
}

#[derive(Debug)]
pub(crate) struct Layout {
    pub(crate) size: u64,
    pub(crate) align: u64,
    /// The members of each field, in the order of the fields.
    pub(crate) fields: Vec<Vec<Member>>,
}

/// One member of the struct a message is.
#[derive(Debug)]
pub(crate) struct Member {
    /// snake_case, before keywords.
    pub(crate) name: String,
    pub(crate) role: Role,
    pub(crate) element: Element,
    /// Array bounds, outermost first; none for a single element.
    pub(crate) dims: Vec<u32>,
    pub(crate) offset: u64,
}

/// What a member is to its field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// Whether the message is present.
    Has,
    /// How many elements are in use.
    Count,
    /// Bytes in use of the text or bytes.
    Length,
    /// Bytes in use of each element.
    Lengths,
    Value,
}

/// What a member holds, or its array is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Element {
    Flag,
    Size,
    Char,
    Byte,
    Scalar(Scalar),
    Enum(usize),
    Message(usize),
}

/// Lays out all messages.
pub(crate) fn lay_out(schema: Schema) -> Result<Model, Diagnostics> {
    let mut diags = Diagnostics::default();
    let mut layouts: Vec<Layout> = Vec::new();
    for message in &schema.messages {
        let layout = lay_out_message(message, &layouts);
        if layout.size > OBJECT_SIZE_MAX {
            diags.push(
                &message.place,
                format!("`{}` is larger than {OBJECT_SIZE_MAX} bytes", message.name),
                "lower max_length or max_count of its largest field",
            );
        }
        layouts.push(layout);
    }
    let hash = fnv1a(&canonical_text(&schema, &layouts));
    diags.into_result(Model { schema, layouts, hash })
}

/// The members of each field, each behind the one before it at the next multiple of its
/// alignment. Saturates: what is too large is refused anyway.
fn lay_out_message(message: &Message, inner: &[Layout]) -> Layout {
    let mut layout = Layout { size: 0, align: 1, fields: Vec::new() };
    for field in &message.fields {
        let mut members = members(field);
        for member in &mut members {
            let (size, align) = size_and_align(member.element, inner);
            let elements = member.dims.iter().fold(1, |n: u64, &d| n.saturating_mul(d.into()));
            member.offset = round_up(layout.size, align);
            layout.size = member.offset.saturating_add(size.saturating_mul(elements));
            layout.align = layout.align.max(align);
        }
        layout.fields.push(members);
    }
    layout.size = round_up(layout.size, layout.align);
    layout
}

fn round_up(offset: u64, align: u64) -> u64 {
    offset.checked_next_multiple_of(align).unwrap_or(u64::MAX)
}

fn size_and_align(element: Element, inner: &[Layout]) -> (u64, u64) {
    match element {
        Element::Flag | Element::Char | Element::Byte | Element::Scalar(Scalar::Bool) => (1, 1),
        Element::Size | Element::Enum(_) => (4, 4),
        Element::Scalar(Scalar::I32 | Scalar::U32 | Scalar::F32) => (4, 4),
        Element::Scalar(Scalar::I64 | Scalar::U64 | Scalar::F64) => (8, 8),
        Element::Message(index) => (inner[index].size, inner[index].align),
    }
}

fn members(field: &Field) -> Vec<Member> {
    let name = &field.name;
    let member = |name: String, role, element, dims: &[Option<u32>]| Member {
        name,
        role,
        element,
        dims: dims.iter().flatten().copied().collect(),
        offset: 0,
    };
    let count = field.max_count;
    let mut found = Vec::new();
    if count.is_some() {
        found.push(member(format!("{name}_count"), Role::Count, Element::Size, &[]));
    }
    let text = match field.kind {
        Kind::Text { max_length } => Some((Element::Char, max_length)),
        Kind::Bytes { max_length } => Some((Element::Byte, max_length)),
        _ => None,
    };
    if let Some((element, max_length)) = text {
        found.push(match count {
            Some(_) => member(format!("{name}_lengths"), Role::Lengths, Element::Size, &[count]),
            None => member(format!("{name}_length"), Role::Length, Element::Size, &[]),
        });
        found.push(member(name.clone(), Role::Value, element, &[count, Some(max_length)]));
        return found;
    }
    let element = match field.kind {
        Kind::Scalar(scalar) => Element::Scalar(scalar),
        Kind::Enum(index) => Element::Enum(index),
        Kind::Message(index) => Element::Message(index),
        Kind::Text { .. } | Kind::Bytes { .. } => unreachable!("texts are done above"),
    };
    if count.is_none() && matches!(element, Element::Message(_)) {
        found.push(member(format!("has_{name}"), Role::Has, Element::Flag, &[]));
    }
    found.push(member(name.clone(), Role::Value, element, &[count]));
    found
}

/// What the hash is taken of: each message's name, size and alignment, and each member's offset,
/// name, type and bounds, one a line.
fn canonical_text(schema: &Schema, layouts: &[Layout]) -> String {
    let mut text = String::new();
    for (message, layout) in schema.messages.iter().zip(layouts) {
        let _ = writeln!(text, "{} {} {}", message.full_name, layout.size, layout.align);
        for member in layout.fields.iter().flatten() {
            let kind = type_text(member.element, schema);
            let _ = writeln!(text, " {} {} {kind} {:?}", member.offset, member.name, member.dims);
        }
    }
    text
}

fn type_text(element: Element, schema: &Schema) -> &str {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::place::Place;

    fn message(fields: &[(Kind, Option<u32>)]) -> Message {
        let field = |&(kind, max_count): &(Kind, Option<u32>)| Field {
            name: "f".into(),
            comment: Vec::new(),
            place: Place::default(),
            kind,
            max_count,
        };
        Message {
            name: "M".into(),
            full_name: "M".into(),
            comment: Vec::new(),
            place: Place::default(),
            pool: None,
            fields: fields.iter().map(field).collect(),
        }
    }

    fn offsets(layout: &Layout) -> Vec<u64> {
        layout.fields.iter().flatten().map(|member| member.offset).collect()
    }

    #[test]
    fn members_of_mixed_sizes_are_aligned_and_padded() {
        let fields = [
            (Kind::Scalar(Scalar::Bool), None),
            (Kind::Scalar(Scalar::F64), None),
            (Kind::Text { max_length: 3 }, None),
        ];
        let layout = lay_out_message(&message(&fields), &[]);
        assert_eq!(offsets(&layout), [0, 8, 16, 20]);
        assert_eq!((layout.size, layout.align), (24, 8));
    }

    #[test]
    fn repeated_text_is_count_lengths_and_rows() {
        let layout = lay_out_message(&message(&[(Kind::Text { max_length: 5 }, Some(3))]), &[]);
        assert_eq!(offsets(&layout), [0, 4, 16]);
        assert_eq!(layout.size, 32);
    }

    #[test]
    fn size_beyond_all_numbers_saturates() {
        let huge = Kind::Text { max_length: u32::MAX };
        let inner = lay_out_message(&message(&[(huge, Some(u32::MAX))]), &[]);
        let outer = lay_out_message(&message(&[(Kind::Message(0), Some(u32::MAX))]), &[inner]);
        assert!(outer.size > OBJECT_SIZE_MAX);
    }
}
