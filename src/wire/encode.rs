//! A message to bytes: fields by rising number, numbers packed as the table says, what is 0
//! or empty left out unless its presence is its own, unknown fields that were kept last. Stored lengths and counts that are too
//! large are taken as the largest allowed.
#![forbid(unsafe_code)]

use super::object::Source;
use super::output::{Count, Output, Sink};
use super::table::{self, width, Row, Table, ALWAYS, CASE, HAS, IMPLICIT};
use super::{Cause, Error};
use table::{BOOL, BYTES, DOUBLE, ENUM, FIXED32, FIXED64, FLOAT, INT32, INT64, MESSAGE, SFIXED32};
use table::{SFIXED64, SINT32, SINT64, STRING, UINT32, UINT64};

/// Encodes the message and returns how many bytes it has.
pub(crate) fn encode(table: Table, object: Source, out: Output) -> Result<usize, Error> {
    message(table, object, out).map_err(|(cause, field)| match cause {
        Cause::NoRoom => Error { cause, field: 0, offset: size(table, object) },
        _ => Error { cause, field, offset: 0 },
    })
}

/// Bytes of its encoding, also if a string in it is not UTF-8, or a required field not there.
pub(crate) fn size(table: Table, object: Source) -> usize {
    // A count has room for everything.
    message(table, object, Count::new()).unwrap_or(0)
}

/// How many bytes were written, or what went wrong, and the number of the innermost field in
/// which it did.
type Done = Result<usize, (Cause, u32)>;

fn message<S: Sink>(table: Table, object: Source, mut out: S) -> Done {
    let room = out.left();
    for field in table.fields() {
        let at = |cause| (cause, field.number());
        let offset = field.offset();
        // What is not there was perhaps never written, and must not be read.
        if matches!(field.presence(), HAS | CASE) && !is_wanted::<S>(field, object, true)? {
            continue;
        }
        let value = match field.shape() {
            BOOL => u64::from(object.flag(offset)),
            INT32 | ENUM => extended(object.word(offset)),
            UINT32 => u64::from(object.word(offset)),
            SINT32 => zigzag(object.word(offset)),
            INT64 | UINT64 => object.long(offset),
            SINT64 => zigzag_long(object.long(offset)),
            FLOAT | FIXED32 | SFIXED32 => {
                let four = object.word(offset);
                if is_wanted::<S>(field, object, four != 0)? {
                    tag(field, &mut out).map_err(at)?;
                    out.bytes(&four.to_le_bytes()).map_err(at)?;
                }
                continue;
            }
            DOUBLE | FIXED64 | SFIXED64 => {
                let eight = object.long(offset);
                if is_wanted::<S>(field, object, eight != 0)? {
                    tag(field, &mut out).map_err(at)?;
                    out.bytes(&eight.to_le_bytes()).map_err(at)?;
                }
                continue;
            }
            STRING | BYTES => {
                let text = text(field, object, 0);
                if is_wanted::<S>(field, object, !text.is_empty())? {
                    block(field, text, &mut out).map_err(at)?;
                }
                continue;
            }
            MESSAGE => {
                if is_wanted::<S>(field, object, true)? {
                    tag(field, &mut out).map_err(at)?;
                    contained(table, field, object, 0, &mut out)?;
                }
                continue;
            }
            _ => {
                let used = list(table, field, object, out.rest())?;
                out.skip(used);
                continue;
            }
        };
        if is_wanted::<S>(field, object, value != 0)? {
            out.tagged(field.tag(), value).map_err(at)?;
        }
    }
    if let Some(unknown) = table.unknown() {
        out.bytes(text(unknown, object, 0)).map_err(|cause| (cause, 0))?;
    }
    Ok(room - out.left())
}

/// Whether a single field is to be written; if it is not and must be, that is a fault.
#[inline(always)]
fn is_wanted<S: Sink>(field: &Row, object: Source, is_filled: bool) -> Result<bool, (Cause, u32)> {
    if field.presence() == IMPLICIT {
        return Ok(is_filled);
    }
    let is_there = is_marked(field, object);
    match S::IS_STRICT && !is_there && field.is_required() {
        true => Err((Cause::Missing, field.number())),
        false => Ok(is_there),
    }
}

/// Whether what has a presence of its own is there.
#[inline(always)]
fn is_marked(field: &Row, object: Source) -> bool {
    match field.presence() {
        HAS => object.flag(field.mark()),
        CASE => object.word(field.mark()) == field.number(),
        _ => true,
    }
}

#[inline(always)]
fn tag<S: Sink>(field: &Row, out: &mut S) -> Result<(), Cause> {
    out.short(field.tag().into())
}

/// A text behind its tag and length.
#[inline(always)]
fn block<S: Sink>(field: &Row, text: &[u8], out: &mut S) -> Result<(), Cause> {
    out.head(field.tag(), text.len())?;
    let is_ascii = out.bytes(text)?;
    match !is_ascii && field.is_utf8() && std::str::from_utf8(text).is_err() {
        true => Err(Cause::BadUtf8),
        false => Ok(()),
    }
}

/// A message behind its length.
#[inline(always)]
fn contained<S: Sink>(
    table: Table,
    field: &Row,
    object: Source,
    index: usize,
    out: &mut S,
) -> Result<(), (Cause, u32)> {
    let at = |cause| (cause, field.number());
    let inner = table.inner(field);
    let part = object.part(field.offset() + index * inner.size(), inner.size());
    let length = message(inner, part, out.block().map_err(at)?)?;
    out.close(length).map_err(at)
}

/// Whether a single field is to be written.
pub(super) fn is_there(field: &Row, object: Source) -> bool {
    match field.presence() {
        IMPLICIT if matches!(field.kind(), STRING | BYTES) => object.word(field.length()) != 0,
        IMPLICIT => object.bits(field.offset(), width(field.kind())) != 0,
        _ => is_marked(field, object),
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
fn list<S: Sink>(table: Table, field: &Row, object: Source, mut out: S) -> Done {
    let at = |cause| (cause, field.number());
    let (room, count) = (out.left(), count(field, object));
    if count == 0 {
        return Ok(0);
    }
    if field.is_packed() {
        tag(field, &mut out).map_err(at)?;
        let length = numbers(field, object, count, out.block().map_err(at)?).map_err(at)?;
        out.close(length).map_err(at)?;
        return Ok(room - out.left());
    }
    match field.kind() {
        STRING | BYTES => {
            for index in 0..count {
                block(field, text(field, object, index), &mut out).map_err(at)?;
            }
        }
        MESSAGE => {
            for index in 0..count {
                tag(field, &mut out).map_err(at)?;
                contained(table, field, object, index, &mut out)?;
            }
        }
        _ => return numbers(field, object, count, out).map_err(at),
    }
    Ok(room - out.left())
}

/// All numbers of a list, each behind the field's tag unless they are packed.
#[inline(never)]
fn numbers<S: Sink>(field: &Row, object: Source, count: usize, mut out: S) -> Result<usize, Cause> {
    let room = out.left();
    let tag = (!field.is_packed()).then_some(field.tag());
    let offset = field.offset();
    let long = |number| u64::from_ne_bytes(number);
    let word = |number| u32::from_ne_bytes(number);
    match field.kind() {
        BOOL => varints(object.numbers(offset, count), tag, &mut out, |[byte]| (byte != 0).into()),
        UINT32 => varints(object.numbers(offset, count), tag, &mut out, |n| word(n).into()),
        SINT32 => varints(object.numbers(offset, count), tag, &mut out, |n| zigzag(word(n))),
        INT64 | UINT64 => varints(object.numbers(offset, count), tag, &mut out, long),
        SINT64 => varints(object.numbers(offset, count), tag, &mut out, |n| zigzag_long(long(n))),
        INT32 | ENUM => {
            varints(object.numbers(offset, count), tag, &mut out, |n| extended(word(n)))
        }
        FLOAT | FIXED32 | SFIXED32 => {
            blocks(object.numbers(offset, count), tag, &mut out, |n| word(n).to_le_bytes())
        }
        _ => blocks(object.numbers(offset, count), tag, &mut out, |n| long(n).to_le_bytes()),
    }?;
    Ok(room - out.left())
}

#[inline(always)]
fn varints<const N: usize, S: Sink>(
    numbers: impl Iterator<Item = [u8; N]>,
    tag: Option<u32>,
    out: &mut S,
    value: impl Fn([u8; N]) -> u64,
) -> Result<(), Cause> {
    for number in numbers {
        if let Some(tag) = tag {
            out.short(tag.into())?;
        }
        out.varint(value(number))?;
    }
    Ok(())
}

#[inline(always)]
fn blocks<const N: usize, S: Sink>(
    numbers: impl Iterator<Item = [u8; N]>,
    tag: Option<u32>,
    out: &mut S,
    bytes: impl Fn([u8; N]) -> [u8; N],
) -> Result<(), Cause> {
    for number in numbers {
        if let Some(tag) = tag {
            out.short(tag.into())?;
        }
        out.bytes(&bytes(number))?;
    }
    Ok(())
}

/// A negative number of 32 bits is written as one of 64.
#[inline(always)]
fn extended(word: u32) -> u64 {
    word as i32 as u64
}

#[inline(always)]
fn zigzag(word: u32) -> u64 {
    u64::from(word << 1 ^ ((word as i32) >> 31) as u32)
}

#[inline(always)]
fn zigzag_long(long: u64) -> u64 {
    long << 1 ^ ((long as i64) >> 63) as u64
}
