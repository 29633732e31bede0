//! Where each member of a message is. The only arithmetic on offsets; `proto/README.md` has the
//! rules in prose.

pub(crate) mod describe;
mod hash_text;

use crate::diag::Diagnostics;
use crate::hash::fnv1a;
use crate::place::Place;
use crate::schema::{Field, Home, Kind, Message, Presence, Scalar, Schema};

/// Most bytes of an object, as pool.h has it.
const OBJECT_SIZE_MAX: u64 = 1 << 30;
/// Bytes of a field whose `max_count` nobody gave, from which on that is worth a warning.
const WARN_SIZE: u64 = 1 << 20;

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
    /// The members of each field, in the order of the fields. Those of a oneof's field are within
    /// its union; their offsets count from the message, too.
    pub(crate) fields: Vec<Vec<Member>>,
    /// The case and union of each oneof.
    pub(crate) oneofs: Vec<Union>,
    /// What the struct is made of, by rising offset.
    pub(crate) order: Vec<Slot>,
}

/// A member of the struct itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Slot {
    /// A member of a field.
    Member { field: usize, member: usize },
    /// Says which field of a oneof is present.
    Case(usize),
    /// Holds the field of a oneof.
    Union(usize),
    /// The byte of a message that has nothing else.
    Empty,
}

/// The case of a oneof, a `uint32_t`, and its union.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Union {
    pub(crate) case_offset: u64,
    pub(crate) offset: u64,
    pub(crate) size: u64,
    pub(crate) align: u64,
}

/// One member a field needs.
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
    /// Whether the field is present.
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
pub(crate) fn lay_out(schema: Schema, diags: &mut Diagnostics) -> Model {
    let mut layouts: Vec<Layout> = Vec::new();
    for message in &schema.messages {
        let layout = lay_out_message(message, &layouts);
        check_size(message, &layout, &layouts, diags);
        layouts.push(layout);
    }
    let hash = fnv1a(&hash_text::of(&schema, &layouts));
    Model { schema, layouts, hash }
}

fn check_size(message: &Message, layout: &Layout, inner: &[Layout], diags: &mut Diagnostics) {
    let fields = message.fields.iter().zip(&layout.fields);
    let fields = fields.map(|(field, members)| {
        let sizes = members.iter().map(|member| member.extent(inner).0);
        (field, sizes.fold(0, u64::saturating_add))
    });
    if layout.size > OBJECT_SIZE_MAX {
        let within = |field: &Field| match field.kind {
            Kind::Message(index) => inner[index].size,
            _ => 0,
        };
        // What it contains was too large already, and said so.
        if !message.fields.iter().any(|field| within(field) > OBJECT_SIZE_MAX) {
            let largest = fields.max_by_key(|(_, size)| *size);
            let (place, help) = largest.map_or((&message.place, String::new()), too_large);
            let text = format!("`{}` is larger than {OBJECT_SIZE_MAX} bytes", message.name);
            diags.push(place, text, help);
        }
        return;
    }
    for (field, size) in fields {
        if field.count_is_default && field.max_count.is_some() && size > WARN_SIZE {
            let count = field.max_count.unwrap_or(0);
            diags.warn(
                &field.place,
                format!(
                    "`{}` takes {size} bytes, because it may have {count} elements",
                    field.name
                ),
                "that is the default: say `(magpool.max_count) = N`",
            );
        }
        // Whoever includes the file is told there.
        if message.home != Home::Own {
            return;
        }
    }
}

/// Where the largest field of a message is that is too large, and what to do about it.
fn too_large((field, size): (&Field, u64)) -> (&Place, String) {
    let count = field.max_count.map(|count| format!(" in {count} elements"));
    let bound = match (&count, field.kind) {
        (Some(_), Kind::Text { .. } | Kind::Bytes { .. }) => "max_count or max_length",
        (Some(_), _) => "max_count",
        (None, Kind::Message(_)) => "bounds of what is in it",
        (None, _) if field.unknown => "unknown_max",
        (None, _) => "max_length",
    };
    let (name, count) = (&field.name, count.unwrap_or_default());
    let size = if size == u64::MAX { "countless".to_owned() } else { size.to_string() };
    (&field.place, format!("its largest field `{name}` has {size} bytes{count}: lower the {bound}"))
}

/// The layout of a message whose inner messages have theirs: each part of the struct behind the
/// one before it, at the next multiple of its alignment. Saturates: what is too large is refused
/// anyway.
pub(crate) fn lay_out_message(message: &Message, inner: &[Layout]) -> Layout {
    lay_out_as(message, message.compact, inner)
}

/// The layout a message has, or would have, with its members reordered or not.
pub(crate) fn lay_out_as(message: &Message, compact: bool, inner: &[Layout]) -> Layout {
    let mut layout = Layout {
        size: 0,
        align: 1,
        fields: message.fields.iter().map(members).collect(),
        oneofs: vec![Union::default(); message.oneofs.len()],
        order: Vec::new(),
    };
    layout.order = slots(message, &layout.fields);
    for (field, members) in message.fields.iter().zip(&mut layout.fields) {
        if let Presence::Oneof(oneof) = field.presence {
            add_alternative(&mut layout.oneofs[oneof], members, inner);
        }
    }
    if compact {
        let align = |slot: &Slot| extent(*slot, &layout, inner).1;
        let mut order = layout.order.clone();
        order.sort_by_key(|slot| std::cmp::Reverse(align(slot)));
        layout.order = order;
    }
    for slot in layout.order.clone() {
        let (size, align) = extent(slot, &layout, inner);
        let offset = round_up(layout.size, align);
        layout.size = offset.saturating_add(size);
        layout.align = layout.align.max(align);
        match slot {
            Slot::Member { field, member } => layout.fields[field][member].offset = offset,
            Slot::Case(oneof) => layout.oneofs[oneof].case_offset = offset,
            Slot::Union(oneof) => layout.oneofs[oneof].offset = offset,
            Slot::Empty => {}
        }
    }
    move_alternatives(message, &mut layout);
    layout.size = round_up(layout.size, layout.align);
    layout
}

/// What a struct is made of, as written; a oneof stands where its first field does.
fn slots(message: &Message, fields: &[Vec<Member>]) -> Vec<Slot> {
    let mut order = Vec::new();
    for (index, (field, members)) in message.fields.iter().zip(fields).enumerate() {
        match field.presence {
            Presence::Oneof(oneof) if order.contains(&Slot::Union(oneof)) => {}
            Presence::Oneof(oneof) => order.extend([Slot::Case(oneof), Slot::Union(oneof)]),
            _ => {
                order.extend((0..members.len()).map(|member| Slot::Member { field: index, member }))
            }
        }
    }
    if order.is_empty() {
        order.push(Slot::Empty);
    }
    order
}

/// Lays out a field within its union, which grows to hold it.
fn add_alternative(union: &mut Union, members: &mut [Member], inner: &[Layout]) {
    let mut end = 0;
    union.align = union.align.max(1);
    for member in members {
        let (size, align) = member.extent(inner);
        member.offset = round_up(end, align);
        end = member.offset.saturating_add(size);
        union.align = union.align.max(align);
    }
    union.size = round_up(union.size.max(end), union.align);
}

/// Offsets within unions to offsets within the message.
fn move_alternatives(message: &Message, layout: &mut Layout) {
    for (field, members) in message.fields.iter().zip(&mut layout.fields) {
        if let Presence::Oneof(oneof) = field.presence {
            let base = layout.oneofs[oneof].offset;
            members.iter_mut().for_each(|m| m.offset = m.offset.saturating_add(base));
        }
    }
}

/// Size and alignment of a part of the struct.
pub(crate) fn extent(slot: Slot, layout: &Layout, inner: &[Layout]) -> (u64, u64) {
    match slot {
        Slot::Member { field, member } => layout.fields[field][member].extent(inner),
        Slot::Case(_) => (4, 4),
        Slot::Union(oneof) => (layout.oneofs[oneof].size, layout.oneofs[oneof].align),
        Slot::Empty => (1, 1),
    }
}

fn round_up(offset: u64, align: u64) -> u64 {
    offset.checked_next_multiple_of(align).unwrap_or(u64::MAX)
}

impl Member {
    /// Size of all its elements, and alignment.
    pub(crate) fn extent(&self, inner: &[Layout]) -> (u64, u64) {
        let (size, align) = size_and_align(self.element, inner);
        let elements = self.dims.iter().fold(1, |n: u64, &d| n.saturating_mul(d.into()));
        (size.saturating_mul(elements), align)
    }
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

/// The members a field needs: what says how much of it is in use, then the value.
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
    if field.presence == Presence::Flag {
        found.push(member(format!("has_{name}"), Role::Has, Element::Flag, &[]));
    }
    if count.is_some() && !field.has_fixed_count() {
        found.push(member(format!("{name}_count"), Role::Count, Element::Size, &[]));
    }
    let (element, row) = match field.kind {
        Kind::Text { max_length } => (Element::Char, Some(max_length)),
        Kind::Bytes { max_length } => (Element::Byte, Some(max_length)),
        Kind::Scalar(scalar) => (Element::Scalar(scalar), None),
        Kind::Enum(index) => (Element::Enum(index), None),
        Kind::Message(index) => (Element::Message(index), None),
    };
    if row.is_some() && !field.fixed {
        found.push(match count {
            Some(_) => member(format!("{name}_lengths"), Role::Lengths, Element::Size, &[count]),
            None => member(format!("{name}_length"), Role::Length, Element::Size, &[]),
        });
    }
    found.push(member(name.clone(), Role::Value, element, &[count, row]));
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::Oneof;

    fn message(fields: &[(Kind, Option<u32>)]) -> Message {
        let field = |&(kind, max_count): &(Kind, Option<u32>)| Field {
            name: "f".into(),
            comment: Vec::new(),
            place: Place::default(),
            kind,
            max_count,
            number: 1,
            json_name: "f".into(),
            encoding: crate::wire::Encoding { number: 1, kind: "BOOL", packed: false },
            deprecated: false,
            count_is_default: false,
            fixed: false,
            presence: Presence::Always,
            required: false,
            unknown: false,
            default: None,
        };
        Message {
            name: "M".into(),
            full_name: "M".into(),
            comment: Vec::new(),
            place: Place::default(),
            home: Home::Own,
            deprecated: false,
            map_entry: false,
            compact: false,
            oneofs: Vec::new(),
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
    fn compact_order_leaves_no_gap() {
        let fields = [
            (Kind::Scalar(Scalar::Bool), None),
            (Kind::Scalar(Scalar::F64), None),
            (Kind::Text { max_length: 3 }, None),
        ];
        let compact = Message { compact: true, ..message(&fields) };
        let layout = lay_out_message(&compact, &[]);
        assert_eq!(offsets(&layout), [12, 0, 8, 13]);
        assert_eq!((layout.size, layout.align), (16, 8));
    }

    #[test]
    fn fields_of_a_oneof_share_their_place() {
        let fields = [
            (Kind::Scalar(Scalar::Bool), None),
            (Kind::Scalar(Scalar::U64), None),
            (Kind::Text { max_length: 9 }, None),
        ];
        let mut message = message(&fields);
        let place = Place::default();
        message.oneofs = vec![Oneof { name: "o".into(), comment: Vec::new(), place }];
        message.fields[1].presence = Presence::Oneof(0);
        message.fields[2].presence = Presence::Oneof(0);
        let layout = lay_out_message(&message, &[]);
        assert_eq!(offsets(&layout), [0, 8, 8, 12]);
        let union = layout.oneofs[0];
        assert_eq!((union.case_offset, union.offset, union.size, union.align), (4, 8, 16, 8));
        assert_eq!((layout.size, layout.align), (24, 8));
    }

    #[test]
    fn message_without_fields_has_a_byte() {
        let layout = lay_out_message(&message(&[]), &[]);
        assert_eq!((layout.size, layout.align, layout.order), (1, 1, vec![Slot::Empty]));
    }

    #[test]
    fn size_beyond_all_numbers_saturates() {
        let huge = Kind::Text { max_length: u32::MAX };
        let inner = lay_out_message(&message(&[(huge, Some(u32::MAX))]), &[]);
        let outer = lay_out_message(&message(&[(Kind::Message(0), Some(u32::MAX))]), &[inner]);
        assert!(outer.size > OBJECT_SIZE_MAX);
    }
}
