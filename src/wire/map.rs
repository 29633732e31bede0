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
}

/// The index of the entry in `object` with the key that the bytes of another one have. None if
/// there is none, or the bytes are none, which decoding them will say.
#[inline(never)]
pub(super) fn entry(entries: Table, map: &Row, object: Source, input: &Input) -> Option<usize> {
    let row = entries.fields().first()?;
    let input = Input { rest: input.rest, end: input.end };
    let key = key(row, input).ok()?;
    (0..count(map, object)).find(|index| {
        let offset = map.offset() + index * entries.size();
        let part = object.part(offset, entries.size());
        match row.kind() {
            STRING | BYTES => text(row, part, 0) == key.text,
            kind => part.bits(row.offset(), width(kind)) == key.bits,
        }
    })
}

/// The last key in an entry's bytes; without one it is 0 or empty.
fn key<'a>(row: &Row, mut input: Input<'a>) -> Result<Key<'a>, Cause> {
    let mut key = Key { bits: 0, text: &[] };
    while !input.is_empty() {
        let tag = input.tag()?;
        if tag != row.tag() {
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
