//! Bytes to a message. Merges as protobuf says: the last single value counts, messages are
//! merged, lists continued, packed or not; unknown fields are passed over.
#![forbid(unsafe_code)]

use super::input::{check_tag, Input};
use super::object::Target;
use super::table::{self, width, wire_type, Row, Table, BLOCK, CASE, COUNT, HAS, IMPLICIT};
use super::{Cause, Error, DEPTH_MAX};
use table::{BOOL, BYTES, DOUBLE, FIXED32, FIXED64, FLOAT, INT64, MESSAGE, SFIXED32, SFIXED64};
use table::{SINT32, SINT64, STRING, UINT64};

/// Makes the message what the bytes say; on an error it is empty.
pub(crate) fn decode(table: Table, mut object: Target, bytes: &[u8]) -> Result<(), Error> {
    clear(table, object.whole());
    merge(table, object, bytes)
}

/// Adds what the bytes say; on an error the message is empty.
pub(crate) fn merge(table: Table, mut object: Target, bytes: &[u8]) -> Result<(), Error> {
    let mut decoder = Decoder { field: 0, offset: 0 };
    let whole = object.whole();
    match decoder.message(table, whole, Input::new(bytes), 0) {
        Ok(()) => Ok(()),
        Err(cause) => {
            clear(table, object);
            Err(Error { cause, field: decoder.field, offset: decoder.offset })
        }
    }
}

/// Empties a message: of each field, the member that stands first; all at once if they are
/// close together.
fn clear(table: Table, mut object: Target) {
    let (offset, length) = table.marks();
    if length != 0 {
        return object.clear(offset, length);
    }
    for field in table.fields() {
        let (offset, width) = field.first();
        object.set_bits(offset, width, 0);
    }
}

/// Where it went wrong, if it did.
struct Decoder {
    field: u32,
    offset: usize,
}

impl Decoder {
    fn message(
        &mut self,
        table: Table,
        mut object: Target,
        Input { rest, end }: Input,
        depth: u32,
    ) -> Result<(), Cause> {
        // A copy that no caller sees, and so stays in registers.
        let mut input = Input { rest, end };
        let dense = table.dense();
        while !input.is_empty() {
            let left = input.left();
            let tag = match input.tag() {
                Ok(tag) => tag,
                Err(cause) => return self.fail(cause, 0, input.place(left)),
            };
            // Of number 0 there is none.
            let done = match dense.get((tag as usize >> 3).wrapping_sub(1)) {
                Some(field) if field.tag() == tag => {
                    self.field(table, field, &mut object, &mut input, depth)
                }
                _ => match check_tag(tag).map(|()| find(table.fields(), tag >> 3)) {
                    Ok(Some(field)) if field.tag() == tag => {
                        self.field(table, field, &mut object, &mut input, depth)
                    }
                    Ok(Some(field)) => {
                        input.aside(|input| other_packing(field, tag, object.whole(), input))
                    }
                    Ok(None) => input.skip(tag, depth),
                    Err(cause) => return self.fail(cause, 0, input.place(left)),
                },
            };
            if let Err(cause) = done {
                return self.fail(cause, tag >> 3, input.place(left));
            }
        }
        Ok(())
    }

    /// Remembers where the innermost fault is.
    #[cold]
    fn fail(&mut self, cause: Cause, field: u32, offset: usize) -> Result<(), Cause> {
        // No inner field begins where its message does.
        if offset >= self.offset {
            (self.field, self.offset) = (field, offset);
        }
        Err(cause)
    }

    /// A field with the wire type of its table.
    #[inline(always)]
    fn field(
        &mut self,
        table: Table,
        field: &Row,
        object: &mut Target,
        input: &mut Input,
        depth: u32,
    ) -> Result<(), Cause> {
        const TEXTS: u32 = STRING | COUNT;
        const BLOBS: u32 = BYTES | COUNT;
        const MESSAGES: u32 = MESSAGE | COUNT;
        match field.shape() {
            STRING | BYTES => {
                let length = text(field, field.offset(), object, input)?;
                object.set_word(field.length(), length);
            }
            TEXTS | BLOBS => row(field, object, input)?,
            MESSAGE => {
                let (object, inner) = (object.whole(), input.inner()?);
                self.contained(table.inner(field), field, object, inner, depth)?;
            }
            MESSAGES => {
                let (object, inner) = (object.whole(), input.inner()?);
                self.element(table.inner(field), field, object, inner, depth)?;
            }
            kind @ ..COUNT => number(kind, field.offset(), object, input)?,
            _ if field.tag() & 7 == BLOCK => packed(field, object.whole(), input.inner()?)?,
            _ => input.aside(|input| single(field, object.whole(), input))?,
        }
        be_there(field, object);
        Ok(())
    }

    #[inline(never)]
    fn contained(
        &mut self,
        table: Table,
        field: &Row,
        mut object: Target,
        input: Input,
        depth: u32,
    ) -> Result<(), Cause> {
        if depth >= DEPTH_MAX {
            return Err(Cause::TooDeep);
        }
        if !is_there(field, &object) {
            clear(table, object.part(field.offset(), table.size()));
        }
        self.message(table, object.part(field.offset(), table.size()), input, depth + 1)
    }

    /// One more message of a list.
    #[inline(never)]
    fn element(
        &mut self,
        table: Table,
        field: &Row,
        mut object: Target,
        input: Input,
        depth: u32,
    ) -> Result<(), Cause> {
        if depth >= DEPTH_MAX {
            return Err(Cause::TooDeep);
        }
        let index = next(field, &object)?;
        let (offset, size) = (field.offset() + index * table.size(), table.size());
        clear(table, object.part(offset, size));
        self.message(table, object.part(offset, size), input, depth + 1)?;
        object.set_word(field.mark(), index as u32 + 1);
        Ok(())
    }
}

/// A repeated number packed where its table has it single, or the reverse.
#[cold]
fn other_packing(field: &Row, tag: u32, object: Target, input: &mut Input) -> Result<(), Cause> {
    let natural = wire_type(field.kind());
    if !field.is_repeated() || natural == BLOCK {
        return Err(Cause::WrongType);
    }
    match tag & 7 {
        BLOCK => packed(field, object, input.inner()?),
        other if other == natural => single(field, object, input),
        _ => Err(Cause::WrongType),
    }
}

/// Whether a message is there.
#[inline(always)]
fn is_there(field: &Row, object: &Target) -> bool {
    match field.presence() {
        CASE => object.word(field.mark()) == field.number(),
        _ => object.flag(field.mark()),
    }
}

#[inline(always)]
fn be_there(field: &Row, object: &mut Target) {
    match field.presence() {
        IMPLICIT => {}
        HAS => object.set_bits(field.mark(), 1, 1),
        _ => object.set_word(field.mark(), field.number()),
    }
}

/// The field of this number.
#[cold]
fn find(fields: &[Row], number: u32) -> Option<&Row> {
    let found = fields.binary_search_by_key(&number, |row| row.number());
    found.ok().and_then(|index| fields.get(index))
}

/// The index of a list's next element.
#[inline(always)]
fn next(field: &Row, object: &Target) -> Result<usize, Cause> {
    let count = object.word(field.mark());
    if count >= field.max_count() {
        return Err(Cause::TooMany);
    }
    Ok(count as usize)
}

/// Copies a text's bytes and returns how many they are.
#[inline(always)]
fn text(field: &Row, to: usize, object: &mut Target, input: &mut Input) -> Result<u32, Cause> {
    let bytes = input.block()?;
    if bytes.len() > field.bound() {
        return Err(Cause::TooLong);
    }
    let is_ascii = object.set_bytes(to, bytes);
    if !is_ascii && field.is_utf8() && std::str::from_utf8(bytes).is_err() {
        return Err(Cause::BadUtf8);
    }
    Ok(bytes.len() as u32)
}

/// One more text of a list.
#[inline(always)]
fn row(field: &Row, object: &mut Target, input: &mut Input) -> Result<(), Cause> {
    let index = next(field, object)?;
    let to = field.offset() + index * field.bound();
    let length = text(field, to, object, input)?;
    object.set_word(field.length() + 4 * index, length);
    object.set_word(field.mark(), index as u32 + 1);
    Ok(())
}

/// A number; what is too wide is cut, as protobuf says.
#[inline(always)]
fn number(kind: u32, to: usize, object: &mut Target, input: &mut Input) -> Result<(), Cause> {
    match kind {
        DOUBLE | FIXED64 | SFIXED64 => object.set_bits(to, 8, input.eight()?),
        FLOAT | FIXED32 | SFIXED32 => object.set_word(to, input.four()?),
        BOOL => object.set_bits(to, 1, u64::from(input.varint()? != 0)),
        SINT32 => {
            let raw = input.varint()? as u32;
            object.set_word(to, raw >> 1 ^ (raw & 1).wrapping_neg());
        }
        SINT64 => {
            let raw = input.varint()?;
            object.set_bits(to, 8, raw >> 1 ^ (raw & 1).wrapping_neg());
        }
        INT64 | UINT64 => object.set_bits(to, 8, input.varint()?),
        _ => object.set_word(to, input.varint()? as u32),
    }
    Ok(())
}

/// One more number of a list.
#[inline(never)]
fn single(field: &Row, mut object: Target, input: &mut Input) -> Result<(), Cause> {
    let index = next(field, &object)?;
    let kind = field.kind();
    number(kind, field.offset() + index * width(kind), &mut object, input)?;
    object.set_word(field.mark(), index as u32 + 1);
    Ok(())
}

/// A block of them.
#[inline(never)]
fn packed(field: &Row, mut object: Target, mut input: Input) -> Result<(), Cause> {
    let kind = field.kind();
    let (width, mut index) = (width(kind), object.word(field.mark()));
    while !input.is_empty() {
        if index >= field.max_count() {
            return Err(Cause::TooMany);
        }
        number(kind, field.offset() + index as usize * width, &mut object, &mut input)?;
        index += 1;
    }
    object.set_word(field.mark(), index);
    Ok(())
}
