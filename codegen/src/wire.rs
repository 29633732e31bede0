//! How messages travel: the rows of `include/pool_wire.h`, before any language spells them.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;

use protox::prost_reflect::{FieldDescriptor, Kind as ProtoKind};

use crate::diag::Diagnostics;
use crate::layout::{Layout, Member, Model, Role};
use crate::schema::{Enum, Field, Kind, Literal, Message, Presence, Schema};

/// How a field's values are written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Encoding {
    pub(crate) number: u32,
    /// The type's name in `pool_wire.h`, without prefix.
    pub(crate) kind: &'static str,
    /// Repeated numbers are written as one block.
    pub(crate) packed: bool,
}

/// What the descriptor says of it; groups are none of its types.
pub(crate) fn encoding(field: &FieldDescriptor) -> Encoding {
    let kind = match field.kind() {
        ProtoKind::Double => "DOUBLE",
        ProtoKind::Float => "FLOAT",
        ProtoKind::Int32 => "INT32",
        ProtoKind::Int64 => "INT64",
        ProtoKind::Uint32 => "UINT32",
        ProtoKind::Uint64 => "UINT64",
        ProtoKind::Sint32 => "SINT32",
        ProtoKind::Sint64 => "SINT64",
        ProtoKind::Fixed32 => "FIXED32",
        ProtoKind::Fixed64 => "FIXED64",
        ProtoKind::Sfixed32 => "SFIXED32",
        ProtoKind::Sfixed64 => "SFIXED64",
        ProtoKind::Bool => "BOOL",
        ProtoKind::String => "STRING",
        ProtoKind::Bytes => "BYTES",
        ProtoKind::Message(_) => "MESSAGE",
        ProtoKind::Enum(_) => "ENUM",
    };
    Encoding { number: field.number(), kind, packed: is_packed(field) }
}

/// Whether a list's numbers are one block. The descriptor knows it by itself only where nothing
/// is said: it was made before options were read.
fn is_packed(field: &FieldDescriptor) -> bool {
    let options = field.options();
    let said = options.has_field_by_name("packed").then(|| options.get_field_by_name("packed"));
    match said.flatten().and_then(|said| said.as_bool()) {
        Some(said) => said && field.is_list(),
        None => field.is_packed(),
    }
}

/// The rows of a schema's messages, contained ones last, and the JSON names of their fields.
#[derive(Debug)]
pub(crate) struct Tables {
    pub(crate) rows: Vec<Row>,
    pub(crate) names: Vec<String>,
    /// Where each message's row is.
    pub(crate) starts: HashMap<String, usize>,
}

/// One row and what it is about.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) about: String,
    pub(crate) first: First,
    /// The numbers behind.
    pub(crate) rest: Vec<u64>,
}

/// What the numbers of a row begin with.
#[derive(Debug)]
pub(crate) enum First {
    /// The mark of a message's row.
    Mark,
    /// That of a closed enumeration's.
    Values,
    /// That of a row of its numbers.
    Numbers,
    /// That of the row that says where unknown fields are kept.
    Unknown,
    /// A tag, and names of the type, the presence, and perhaps of what texts must be.
    Field { tag: u32, kinds: Vec<&'static str> },
}

/// Most required fields of a message.
const REQUIRED_MAX: usize = 64;

/// Messages within each other, as the library follows them.
const DEPTH_MAX: u32 = 100;

/// Whether there are messages, and the library can carry them: none has too many required fields,
/// or contains others too deep.
pub(crate) fn is_supported(model: &Model) -> bool {
    let messages = &model.schema.messages;
    !messages.is_empty()
        && messages.iter().all(|message| required(message) <= REQUIRED_MAX)
        && heights(messages).iter().all(|height| *height <= DEPTH_MAX)
}

/// Levels of messages below each: the schema has contained messages first.
fn heights(messages: &[Message]) -> Vec<u32> {
    let mut heights: Vec<u32> = Vec::new();
    for message in messages {
        let inner = message.fields.iter().filter_map(|field| match field.kind {
            Kind::Message(index) => Some(heights[index] + 1),
            _ => None,
        });
        let height = inner.max().unwrap_or(0);
        heights.push(height);
    }
    heights
}

/// Says which messages the library cannot carry.
pub(crate) fn check(model: &Model, diags: &mut Diagnostics) {
    let messages = &model.schema.messages;
    let too_deep = heights(messages).iter().position(|height| *height > DEPTH_MAX);
    if let Some(message) = too_deep.map(|index| &messages[index]) {
        diags.warn(
            &message.place,
            format!("`{}` contains messages more than {DEPTH_MAX} deep", message.name),
            "there will be no functions for the wire format: use fewer levels",
        );
    }
    for message in messages {
        if required(message) > REQUIRED_MAX {
            diags.warn(
                &message.place,
                format!("`{}` has more than {REQUIRED_MAX} required fields", message.name),
                "there will be no functions for the wire format: make some of them optional",
            );
        }
    }
}

fn required(message: &Message) -> usize {
    message.fields.iter().filter(|field| field.required).count()
}

/// What JSON has in place of a well-known message.
fn shown_as(full_name: &str) -> u64 {
    match full_name.strip_prefix("google.protobuf.") {
        Some("Timestamp") => 1,
        Some("Duration") => 2,
        Some(
            "BoolValue" | "BytesValue" | "DoubleValue" | "FloatValue" | "Int32Value" | "Int64Value"
            | "StringValue" | "UInt32Value" | "UInt64Value",
        ) => 3,
        Some("FieldMask") => 4,
        _ => 0,
    }
}

/// The tables of all messages.
pub(crate) fn tables(model: &Model) -> Tables {
    let messages = &model.schema.messages;
    let starts = starts(messages);
    let closed = closed(&model.schema, rows_of(messages));
    let by_name = messages.iter().map(|message| message.full_name.clone()).zip(starts.clone());
    let mut tables = Tables { rows: Vec::new(), names: Vec::new(), starts: by_name.collect() };
    let all = closed.values().map(|at| at.end).max().unwrap_or(rows_of(messages));
    let mut names = Names::default();
    for ((message, layout), &start) in messages.iter().zip(&model.layouts).zip(&starts).rev() {
        let fields = by_number(message, layout);
        let numbers = fields.iter().zip(1..).take_while(|((f, _), n)| f.encoding.number == *n);
        let (count, dense) = (fields.len() as u64, numbers.count() as u64);
        let (zeros, length) = zeros(message, layout);
        let all = (all - start) as u64;
        let shown = shown_as(&message.full_name);
        let unknown = unknown(message, layout);
        let keeps = u64::from(unknown.is_some());
        let align = layout.align | (required(message) as u64) << 8 | shown << 16 | keeps << 24;
        let rest = vec![layout.size, align, count, dense, all, zeros, length];
        tables.rows.push(Row { about: message.name.clone(), first: First::Mark, rest });
        let mut rank = 0;
        for (field, members) in fields {
            let name = names.place(&field.json_name, &mut tables.names);
            let inner = match field.kind {
                Kind::Message(index) => (starts[index] - start) as u64,
                Kind::Enum(index) if is_closed(field, &model.schema) => {
                    (closed[&index].start - start) as u64
                }
                Kind::Enum(index) => names.values(&model.schema.enums[index], &mut tables.names),
                _ => 0,
            };
            let context = Context { schema: &model.schema, message, layout, rank };
            tables.rows.push(row(field, members, &context, (inner, name)));
            rank += u64::from(field.required);
        }
        tables.rows.extend(unknown);
    }
    for (&index, rows) in &closed {
        let of = &model.schema.enums[index];
        let place = names.values(of, &mut tables.names);
        tables.rows.extend(values(of, (all - rows.start) as u64, place));
    }
    tables
}

/// Whether another number than those of the field's enumeration is an unknown field to a decoder.
/// A list of exactly so many elements could not do without it.
fn is_closed(field: &Field, schema: &Schema) -> bool {
    match field.kind {
        Kind::Enum(index) => schema.enums[index].closed && !field.has_fixed_count(),
        _ => false,
    }
}

/// The rows of each closed enumeration that a field has, behind those of the messages.
fn closed(schema: &Schema, begin: usize) -> BTreeMap<usize, Range<usize>> {
    let fields = schema.messages.iter().flat_map(|message| &message.fields);
    let used = fields.filter(|field| is_closed(field, schema)).filter_map(|f| match f.kind {
        Kind::Enum(index) => Some(index),
        _ => None,
    });
    let used: BTreeSet<usize> = used.collect();
    let mut begin = begin;
    let rows = used.into_iter().map(|index| {
        let end = begin + 1 + numbers(&schema.enums[index]).len().div_ceil(NUMBERS_IN_ROW);
        (index, std::mem::replace(&mut begin, end)..end)
    });
    rows.collect()
}

/// Numbers in a row, behind its mark.
const NUMBERS_IN_ROW: usize = 7;

/// What numbers an enumeration has, rising.
fn numbers(of: &Enum) -> BTreeSet<i32> {
    of.values.iter().map(|value| value.number).collect()
}

/// The rows of a closed enumeration, from which `all` are left.
fn values(of: &Enum, all: u64, names: u64) -> Vec<Row> {
    let numbers: Vec<i32> = numbers(of).into_iter().collect();
    let rest = vec![numbers.len() as u64, 0, 0, 0, all, 0, names];
    let mut rows = vec![Row { about: of.name.clone(), first: First::Values, rest }];
    rows.extend(numbers.chunks(NUMBERS_IN_ROW).map(|chunk| {
        let mut rest: Vec<u64> = chunk.iter().map(|&number| u64::from(number as u32)).collect();
        rest.resize(NUMBERS_IN_ROW, 0);
        let about = chunk.iter().map(i32::to_string).collect::<Vec<_>>().join(", ");
        Row { about, first: First::Numbers, rest }
    }));
    rows
}

/// What a field belongs to, and how many required ones stand before it.
struct Context<'a> {
    schema: &'a Schema,
    message: &'a Message,
    layout: &'a Layout,
    rank: u64,
}

/// More bytes than this are not cleared at once.
const ZEROS_MAX: u64 = 64;

/// Offset and number of bytes, a multiple of 8, in which all lies that is 0 in an empty message:
/// the first member of each field. None if it is too far apart, or there is more to be done.
fn zeros(message: &Message, layout: &Layout) -> (u64, u64) {
    let is_simple = |field: &Field| {
        field.presence != Presence::Always
            || !(field.has_fixed_count() || (field.fixed && field.max_count.is_none()))
                && empty(field) == 0
    };
    if !message.fields.iter().all(is_simple) {
        return (0, 0);
    }
    let fields = message.fields.iter().zip(&layout.fields);
    let offsets = fields.filter_map(|(field, members)| match field.presence {
        Presence::Oneof(oneof) => Some(layout.oneofs[oneof].case_offset),
        _ => members.first().map(|member| member.offset),
    });
    let offsets: Vec<u64> = offsets.collect();
    let begin = offsets.iter().min().copied().unwrap_or(0) & !7;
    // No such member is larger than 8.
    let end = offsets.iter().max().map_or(0, |offset| offset + 8);
    let length = (end.min(layout.size) - begin).next_multiple_of(8);
    match length <= ZEROS_MAX && begin + length <= layout.size {
        true => (begin, length),
        false => (0, 0),
    }
}

/// How many rows the messages have.
fn rows_of(messages: &[Message]) -> usize {
    messages.iter().map(|message| message.fields.len() + 1).sum()
}

/// Where each message's row is: the schema has contained messages first, tables last.
fn starts(messages: &[Message]) -> Vec<usize> {
    let mut end = 0;
    let backwards = messages.iter().rev().map(|message| {
        end += message.fields.len() + 1;
        end - message.fields.len() - 1
    });
    let mut starts: Vec<usize> = backwards.collect();
    starts.reverse();
    starts
}

fn by_number<'a>(message: &'a Message, layout: &'a Layout) -> Vec<(&'a Field, &'a [Member])> {
    let members = layout.fields.iter().map(Vec::as_slice);
    let fields = message.fields.iter().zip(members).filter(|(field, _)| !field.unknown);
    let mut fields: Vec<_> = fields.collect();
    fields.sort_by_key(|(field, _)| field.encoding.number);
    fields
}

/// Where a message keeps unknown fields, if it does.
fn unknown(message: &Message, layout: &Layout) -> Option<Row> {
    let mut pairs = message.fields.iter().zip(&layout.fields);
    let (field, members) = pairs.find(|(field, _)| field.unknown)?;
    let Kind::Bytes { max_length } = field.kind else { return None };
    let at = |role| members.iter().find(|member| member.role == role).map_or(0, |m| m.offset);
    let kind = symbol(field.encoding.kind).into();
    Some(Row {
        about: field.name.clone(),
        first: First::Unknown,
        rest: vec![kind, at(Role::Value), 0, at(Role::Length), max_length.into(), 0, 0],
    })
}

/// What a number that has no presence is in an empty message, as far as a row can say it.
fn empty(field: &Field) -> u32 {
    match field.default {
        _ if field.presence != Presence::Always => 0,
        Some(Literal::Bool(value)) => value.into(),
        Some(Literal::Int(value)) => i32::try_from(value).map_or(0, |value| value as u32),
        Some(Literal::Uint(value)) => u32::try_from(value).unwrap_or(0),
        Some(Literal::F32(value)) => value.to_bits(),
        _ => 0,
    }
}

fn row(field: &Field, members: &[Member], context: &Context<'_>, (inner, name): (u64, u64)) -> Row {
    let at = |roles: &[Role]| {
        let found = members.iter().find(|member| roles.contains(&member.role));
        found.map(|member| member.offset)
    };
    let kinds = kinds(field, context);
    let mark = match field.presence {
        Presence::Oneof(oneof) => context.layout.oneofs[oneof].case_offset,
        _ => at(&[Role::Count, Role::Has]).unwrap_or(0),
    };
    let rank = if field.required { context.rank } else { 0 };
    let bound = match field.kind {
        Kind::Text { max_length } | Kind::Bytes { max_length } => max_length.into(),
        _ => inner,
    };
    let tag = field.encoding.number << 3 | wire_type(field.encoding);
    Row {
        about: format!("{} = {}", field.name, field.encoding.number),
        first: First::Field { tag, kinds },
        rest: vec![
            at(&[Role::Value]).unwrap_or(0),
            mark,
            at(&[Role::Length, Role::Lengths]).unwrap_or_else(|| empty(field).into()),
            bound,
            field.max_count.map_or(rank, u64::from),
            name,
        ],
    }
}

/// Names of its type, its presence and its flags.
fn kinds(field: &Field, context: &Context<'_>) -> Vec<&'static str> {
    let listed = field.max_count.is_some();
    // Those of entries are written whatever they are, as others do it.
    let always = field.required || field.fixed || context.message.map_entry;
    let is_map = match field.kind {
        Kind::Message(index) => listed && context.schema.messages[index].map_entry,
        _ => false,
    };
    let mut kinds = vec![field.encoding.kind];
    let all = [
        ("COUNT", listed),
        ("CASE", matches!(field.presence, Presence::Oneof(_))),
        ("HAS", field.presence == Presence::Flag),
        ("ALWAYS", field.presence == Presence::Always && !listed && always),
        ("ALWAYS", field.has_fixed_count()),
        ("UTF8", matches!(field.kind, Kind::Text { .. })),
        ("FIXED", field.fixed && field.is_text()),
        ("REQUIRED", field.required),
        ("MAP", is_map),
        ("CLOSED", is_closed(field, context.schema)),
    ];
    kinds.extend(all.iter().filter(|(_, holds)| *holds).map(|(name, _)| name));
    kinds
}

fn wire_type(encoding: Encoding) -> u32 {
    match encoding.kind {
        _ if encoding.packed => 2,
        "STRING" | "BYTES" | "MESSAGE" => 2,
        "DOUBLE" | "FIXED64" | "SFIXED64" => 1,
        "FLOAT" | "FIXED32" | "SFIXED32" => 5,
        _ => 0,
    }
}

/// Where each name begins, if all stand in one text with a NUL behind each.
#[derive(Default)]
struct Names {
    places: HashMap<String, u64>,
    enums: HashMap<String, u64>,
    end: u64,
}

impl Names {
    fn place(&mut self, name: &str, all: &mut Vec<String>) -> u64 {
        if let Some(&place) = self.places.get(name) {
            return place;
        }
        let place = self.end;
        self.places.insert(name.to_owned(), place);
        self.end += name.len() as u64 + 1;
        all.push(name.to_owned());
        place
    }

    /// Where an enumeration's values begin: each with its number behind it, and an empty name at the end.
    fn values(&mut self, of: &Enum, all: &mut Vec<String>) -> u64 {
        if let Some(&place) = self.enums.get(&of.full_name) {
            return place;
        }
        let place = self.end;
        self.enums.insert(of.full_name.clone(), place);
        let values = of.values.iter().filter(|value| value.alias_of.is_none());
        let texts = values.map(|value| format!("{} {}", value.full_name, value.number));
        for text in texts.chain([String::new()]) {
            self.end += text.len() as u64 + 1;
            all.push(text);
        }
        place
    }
}

impl Row {
    /// Its numbers, without symbols.
    pub(crate) fn numbers(&self) -> String {
        let first = match &self.first {
            First::Mark => MARK.to_string(),
            First::Values => VALUES.to_string(),
            First::Numbers => NUMBERS.to_string(),
            First::Unknown => UNKNOWN.to_string(),
            First::Field { tag, kinds } => {
                let kind = kinds.iter().fold(0, |all, kind| all | symbol(kind));
                format!("{tag}, {kind}")
            }
        };
        let rest: Vec<_> = self.rest.iter().map(u64::to_string).collect();
        format!("{first}, {}", rest.join(", "))
    }

    /// Its numbers, the symbols among them with `prefix`.
    pub(crate) fn words(&self, prefix: &str) -> String {
        let first = match &self.first {
            First::Mark => format!("{prefix}TABLE"),
            First::Values => format!("{prefix}VALUES"),
            First::Numbers => format!("{prefix}NUMBERS"),
            First::Unknown => format!("{prefix}UNKNOWN"),
            First::Field { tag, kinds } => {
                let kinds: Vec<_> = kinds.iter().map(|kind| format!("{prefix}{kind}")).collect();
                format!("{tag}, {}", kinds.join(" | "))
            }
        };
        let rest: Vec<_> = self.rest.iter().map(u64::to_string).collect();
        format!("{first}, {}", rest.join(", "))
    }
}

/// `POOL_WIRE_TABLE`.
const MARK: u32 = 0x4d57_0017;
/// `POOL_WIRE_VALUES`.
const VALUES: u32 = 0x4d58_0017;
/// `POOL_WIRE_NUMBERS`.
const NUMBERS: u32 = 0x4d59_0017;
/// `POOL_WIRE_UNKNOWN`.
const UNKNOWN: u32 = 0x4d5a_0017;

/// The number of a symbol, as in `pool_wire.h`.
fn symbol(name: &str) -> u32 {
    const NAMES: [&str; 18] = [
        "DOUBLE", "FLOAT", "INT64", "UINT64", "INT32", "FIXED64", "FIXED32", "BOOL", "STRING", "",
        "MESSAGE", "BYTES", "UINT32", "ENUM", "SFIXED32", "SFIXED64", "SINT32", "SINT64",
    ];
    match name {
        "COUNT" => 0x20,
        "HAS" => 0x100,
        "CASE" => 0x200,
        "ALWAYS" => 0x300,
        "UTF8" => 0x400,
        "FIXED" => 0x800,
        "REQUIRED" => 0x1000,
        "MAP" => 0x2000,
        "CLOSED" => 0x4000,
        _ => {
            NAMES.iter().zip(1..).find(|(known, _)| **known == name).map_or(0, |(_, number)| number)
        }
    }
}
