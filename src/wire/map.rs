//! Which entry of a map has a key.
#![forbid(unsafe_code)]

use super::decode::number;
use super::encode::{count, text};
use super::input::{check_tag, Input};
use super::object::{Source, Target};
use super::table::{width, Row, Table, BYTES, STRING};
use super::Cause;
use std::mem::MaybeUninit;

/// A key as it stands in the bytes; of which kind, its row says.
struct Key<'a> {
    bits: u64,
    text: &'a [u8],
    /// Whether the value is one of its enumeration, if that is closed.
    is_known: bool,
}

/// Where an entry belongs.
pub(super) enum Place {
    /// Behind the others. Also if its bytes are none, which decoding them will say.
    Next,
    /// At the index of the one with its key.
    At(usize),
    /// Nowhere: its value is a number that its closed enumeration does not have.
    None,
}

/// Where the entry with these bytes belongs in the map.
#[inline(never)]
pub(super) fn entry(entries: Table, map: &Row, object: Source, input: &Input) -> Place {
    let Some(row) = entries.fields().first() else { return Place::Next };
    let Ok(key) = key(entries, row, Input(input.0)) else { return Place::Next };
    if !key.is_known {
        return Place::None;
    }
    let found = (0..count(map, object)).find(|index| {
        let offset = map.offset() + index * entries.size();
        let part = object.part(offset, entries.size());
        match row.kind() {
            STRING | BYTES => text(row, part, 0) == key.text,
            kind => part.bits(row.offset(), width(kind)) == key.bits,
        }
    });
    found.map_or(Place::Next, Place::At)
}

/// The last key in an entry's bytes; without one it is 0 or empty.
fn key<'a>(entries: Table, row: &Row, mut input: Input<'a>) -> Result<Key<'a>, Cause> {
    let mut key = Key { bits: 0, text: &[], is_known: true };
    let closed = entries.fields().iter().find(|field| field.is_closed());
    while !input.is_empty() {
        let tag = input.tag()?;
        if let Some(value) = closed.filter(|value| value.tag() == tag) {
            key.is_known = entries.values(value).has(input.varint()? as i32);
        } else if tag != row.tag() {
            check_tag(tag)?;
            input.skip(tag, 0)?;
        } else if matches!(row.kind(), STRING | BYTES) {
            key.text = input.block()?;
        } else {
            let mut memory = [MaybeUninit::new(0); 8];
            let mut target = Target::of(&mut memory);
            number(row.kind(), 0, &mut target, &mut input)?;
            key.bits = target.source().bits(0, width(row.kind()));
        }
    }
    Ok(key)
}
