//! What a message keeps of fields that it does not know, if it has room for any: tags and values one
//! behind the other, as they are encoded.
#![forbid(unsafe_code)]

use super::object::Target;
use super::table::{Row, Table};
use super::Cause;

/// Most bytes of a tag, and of a length that fits in 32 bits.
const HEAD_MAX: usize = 5;

/// Keeps a field's value, if the message keeps any.
#[cold]
pub(super) fn keep(table: Table, object: &mut Target, tag: u32, value: &[u8]) -> Result<(), Cause> {
    let Some(room) = table.unknown() else { return Ok(()) };
    let (head, used) = varint(tag);
    append(room, object, [&head[..used], &[], value])
}

/// As [`keep`], of a value that stands behind its length.
#[cold]
pub(super) fn keep_block(
    table: Table,
    object: &mut Target,
    tag: u32,
    block: &[u8],
) -> Result<(), Cause> {
    let Some(room) = table.unknown() else { return Ok(()) };
    let length = u32::try_from(block.len()).map_err(|_| Cause::TooLong)?;
    let ((head, used), (length, length_used)) = (varint(tag), varint(length));
    append(room, object, [&head[..used], &length[..length_used], block])
}

/// All parts, or none.
fn append(room: &Row, object: &mut Target, parts: [&[u8]; 3]) -> Result<(), Cause> {
    // A length that is damaged is taken as the greatest, as everywhere.
    let used = (object.word(room.length()) as usize).min(room.bound());
    let more: usize = parts.iter().map(|part| part.len()).sum();
    if more > room.bound() - used {
        return Err(Cause::TooLong);
    }
    let mut end = used;
    for part in parts {
        object.set_bytes(room.offset() + end, part);
        end += part.len();
    }
    object.set_word(room.length(), end as u32);
    Ok(())
}

/// A number as a varint, and its length.
fn varint(mut number: u32) -> ([u8; HEAD_MAX], usize) {
    let (mut bytes, mut length) = ([0; HEAD_MAX], 0);
    while number >= 0x80 {
        bytes[length] = number as u8 | 0x80;
        number >>= 7;
        length += 1;
    }
    bytes[length] = number as u8;
    (bytes, length + 1)
}
