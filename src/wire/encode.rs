//! A message to bytes: fields by rising number, numbers packed as the table says, what is 0
//! or empty left out unless its presence is its own. Stored lengths and counts that are too
//! large are taken as the largest allowed.
#![forbid(unsafe_code)]

use super::object::Source;
use super::output::{Count, Output, Sink};
use super::table::{self, width, Row, Table, ALWAYS, CASE, HAS};
use super::{Cause, Error};
use table::{BOOL, BYTES, DOUBLE, ENUM, FIXED32, FIXED64, FLOAT, INT32, MESSAGE, SFIXED32};
use table::{SFIXED64, SINT32, SINT64, STRING};

/// Encodes the message and returns how many bytes it has.
pub(crate) fn encode(table: Table, object: Source, mut out: Output) -> Result<usize, Error> {
    match message(table, object, &mut out) {
        Ok(()) => Ok(out.used()),
        Err((Cause::NoRoom, _)) => {
            Err(Error { cause: Cause::NoRoom, field: 0, offset: size(table, object) })
        }
        Err((cause, field)) => Err(Error { cause, field, offset: 0 }),
    }
}

/// Bytes of its encoding, also if a string in it is not UTF-8, or a required field not there.
pub(crate) fn size(table: Table, object: Source) -> usize {
    let mut count = Count::default();
    // A count has room for everything.
    let _ = message(table, object, &mut count);
    count.0
}

/// What went wrong, and the number of the innermost field in which it did.
type Done = Result<(), (Cause, u32)>;

fn message<S: Sink>(table: Table, object: Source, out: &mut S) -> Done {
    for field in table.fields() {
        let at = |cause| (cause, field.number());
        if field.is_repeated() {
            list(table, field, object, out)?;
        } else if is_there(field, object) {
            out.varint(u64::from(field.tag())).map_err(at)?;
            value(table, field, object, 0, out)?;
        } else if S::IS_STRICT && field.is_required() {
            return Err(at(Cause::Missing));
        }
    }
    Ok(())
}

/// Whether a single field is to be written.
#[inline(always)]
pub(super) fn is_there(field: &Row, object: Source) -> bool {
    match field.presence() {
        HAS => object.flag(field.mark()),
        CASE => object.word(field.mark()) == field.number(),
        ALWAYS => true,
        _ if matches!(field.kind(), STRING | BYTES) => object.word(field.length()) != 0,
        _ => object.bits(field.offset(), width(field.kind())) != 0,
    }
}

/// Elements in use of a list.
#[inline(always)]
pub(super) fn count(field: &Row, object: Source) -> usize {
    debug_assert!(field.is_repeated());
    match field.presence() {
        ALWAYS => field.max_count() as usize,
        _ => object.word(field.mark()).min(field.max_count()) as usize,
    }
}

/// The bytes of a text, or of one in a list.
#[inline(always)]
pub(super) fn text<'a>(field: &Row, object: Source<'a>, index: usize) -> &'a [u8] {
    let length = match field.is_fixed() {
        true => field.bound(),
        false => (object.word(field.length() + 4 * index) as usize).min(field.bound()),
    };
    object.bytes(field.offset() + index * field.bound(), length)
}

#[inline(never)]
fn list<S: Sink>(table: Table, field: &Row, object: Source, out: &mut S) -> Done {
    let at = |cause| (cause, field.number());
    let count = count(field, object);
    if count == 0 {
        return Ok(());
    }
    if !field.is_packed() {
        return (0..count).try_for_each(|index| {
            out.varint(u64::from(field.tag())).map_err(at)?;
            value(table, field, object, index, out)
        });
    }
    out.varint(u64::from(field.tag())).map_err(at)?;
    let begin = out.open().map_err(at)?;
    (0..count).try_for_each(|index| value(table, field, object, index, out))?;
    out.close(begin).map_err(at)
}

/// A value without its tag.
#[inline(always)]
fn value<S: Sink>(table: Table, field: &Row, object: Source, index: usize, out: &mut S) -> Done {
    let at = |cause| (cause, field.number());
    match field.kind() {
        STRING | BYTES => {
            let text = text(field, object, index);
            out.varint(text.len() as u64).map_err(at)?;
            let is_ascii = out.bytes(text).map_err(at)?;
            if !is_ascii && field.is_utf8() && std::str::from_utf8(text).is_err() {
                return Err(at(Cause::BadUtf8));
            }
            Ok(())
        }
        MESSAGE => {
            let inner = table.inner(field);
            let part = object.part(field.offset() + index * inner.size(), inner.size());
            let begin = out.open().map_err(at)?;
            message(inner, part, out)?;
            out.close(begin).map_err(at)
        }
        kind => {
            let width = width(kind);
            let bits = object.bits(field.offset() + index * width, width);
            number(kind, bits, out).map_err(at)
        }
    }
}

#[inline(always)]
fn number<S: Sink>(kind: u32, bits: u64, out: &mut S) -> Result<(), Cause> {
    match kind {
        DOUBLE | FIXED64 | SFIXED64 => out.bytes(&bits.to_le_bytes()).map(drop),
        FLOAT | FIXED32 | SFIXED32 => out.bytes(&(bits as u32).to_le_bytes()).map(drop),
        BOOL => out.varint(u64::from(bits != 0)),
        // A negative number of 32 bits is written as one of 64.
        INT32 | ENUM => out.varint(bits as u32 as i32 as u64),
        SINT32 => {
            let value = bits as u32;
            out.varint(u64::from(value << 1 ^ ((value as i32) >> 31) as u32))
        }
        SINT64 => out.varint(bits << 1 ^ ((bits as i64) >> 63) as u64),
        _ => out.varint(bits),
    }
}
