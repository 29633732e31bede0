//! Bytes to a message. Merges as protobuf says: the last single value counts, messages are
//! merged, lists continued, packed or not; unknown fields are passed over.
#![forbid(unsafe_code)]

use super::input::{check_tag, Input};
use super::map::entry;
use super::object::Target;
use super::table::{self, width, wire_type, Row, Table, ALWAYS, BLOCK, CASE, COUNT, HAS, IMPLICIT};
use super::{Cause, Error, DEPTH_MAX};
use table::{BOOL, BYTES, DOUBLE, FIXED32, FIXED64, FLOAT, INT64, MESSAGE, SFIXED32, SFIXED64};
use table::{SINT32, SINT64, STRING, UINT64};

/// Makes the message what the bytes say; on an error it is empty.
pub(crate) fn decode(table: Table, mut object: Target, bytes: &[u8]) -> Result<(), Error> {
    clear(table, object.whole());
    run(table, object, bytes, true)
}

/// Adds what the bytes say, in which required fields may be missing; on an error the message is
/// empty.
pub(crate) fn merge(table: Table, object: Target, bytes: &[u8]) -> Result<(), Error> {
    run(table, object, bytes, false)
}

fn run(table: Table, mut object: Target, bytes: &[u8], is_new: bool) -> Result<(), Error> {
    let mut decoder = Decoder { field: 0, offset: 0, seen: 0 };
    match decoder.whole(table, object.whole(), Input::new(bytes), 0, is_new) {
        Ok(()) => Ok(()),
        Err(cause) => {
            clear(table, object);
            Err(Error { cause, field: decoder.field, offset: decoder.offset })
        }
    }
}

/// Empties a message: of each field, the member that stands first; all at once if they are
/// close together.
#[inline(always)]
fn clear(table: Table, mut object: Target) {
    match table.marks() {
        (_, 0) => clear_each(table, object),
        (offset, length) => object.clear(offset, length),
    }
}

#[inline(never)]
fn clear_each(table: Table, mut object: Target) {
    for field in table.fields() {
        match field.presence() {
            ALWAYS => clear_always(table, field, &mut object),
            _ => {
                let (offset, width) = field.first();
                object.set_bits(offset, width, 0);
            }
        }
    }
}

/// What a field that is always there is in an empty message: 0, but for numbers that say so.
fn clear_always(table: Table, field: &Row, object: &mut Target) {
    let count = field.max_count() as usize;
    match field.kind() {
        STRING | BYTES if field.is_fixed() => object.wipe(field.offset(), field.bound()),
        STRING | BYTES => object.set_word(field.length(), 0),
        MESSAGE => {
            let inner = table.inner(field);
            let size = inner.size();
            (0..count)
                .for_each(|index| clear(inner, object.part(field.offset() + index * size, size)));
        }
        kind if field.is_repeated() => object.wipe(field.offset(), count * width(kind)),
        kind => object.set_bits(field.offset(), width(kind), field.empty().into()),
    }
}

/// Where it went wrong, if it did.
struct Decoder {
    field: u32,
    offset: usize,
    /// A bit for each required field of the innermost message that was there.
    seen: u64,
}

impl Decoder {
    /// A message, which lacks nothing if it begins here.
    fn whole(
        &mut self,
        table: Table,
        object: Target,
        input: Input,
        depth: u32,
        is_new: bool,
    ) -> Result<(), Cause> {
        let (outer, end) = (std::mem::take(&mut self.seen), input.end);
        self.message(table, object, input, depth)?;
        if is_new && self.seen.count_ones() != table.required() {
            return self.missing(table, end);
        }
        self.seen = outer;
        Ok(())
    }

    #[cold]
    fn missing(&mut self, table: Table, end: usize) -> Result<(), Cause> {
        let rank = self.seen.trailing_ones();
        let lacks = |field: &&Row| field.is_required() && field.rank() == rank;
        let number = table.fields().iter().find(lacks).map_or(0, Row::number);
        self.fail(Cause::Missing, number, end)
    }

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
                if field.is_fixed() {
                    let object = object.whole();
                    input.aside(|input| fixed(field, field.offset(), object, input))?;
                } else {
                    let length = text(field, field.offset(), object, input)?;
                    object.set_word(field.length(), length);
                }
            }
            TEXTS | BLOBS => row(field, object, input)?,
            MESSAGE => {
                let (object, inner) = (object.whole(), input.inner()?);
                self.contained(table.inner(field), field, object, inner, depth)?;
            }
            MESSAGES if field.is_array() => {
                input.aside(|input| self.array(table, field, object.whole(), input, depth))?;
            }
            MESSAGES => {
                let (object, inner) = (object.whole(), input.inner()?);
                self.element(table.inner(field), field, object, inner, depth)?;
            }
            kind @ ..COUNT => number(kind, field.offset(), object, input)?,
            _ if field.tag() & 7 == BLOCK => packed(field, object.whole(), input.inner()?)?,
            _ => input.aside(|input| single(field, object.whole(), input))?,
        }
        match field.presence() {
            IMPLICIT => return Ok(()),
            HAS => object.set_bits(field.mark(), 1, 1),
            CASE => object.set_word(field.mark(), field.number()),
            _ => {}
        }
        if field.is_required() {
            self.seen |= 1 << field.rank();
        }
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
        let is_new = !is_there(field, &object);
        if is_new {
            clear(table, object.part(field.offset(), table.size()));
        }
        self.whole(table, object.part(field.offset(), table.size()), input, depth + 1, is_new)
    }

    /// One more message of a list, or of a map, unless there is one with its key.
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
        let known = match field.is_map() {
            true => entry(table, field, object.source(), &input),
            false => None,
        };
        let index = known.map_or_else(|| next(field, &object), Ok)?;
        let (offset, size) = (field.offset() + index * table.size(), table.size());
        clear(table, object.part(offset, size));
        self.whole(table, object.part(offset, size), input, depth + 1, true)?;
        if known.is_none() {
            object.set_word(field.mark(), index as u32 + 1);
        }
        Ok(())
    }

    /// All messages of a fixed list, which must stand one behind the other.
    #[inline(never)]
    fn array(
        &mut self,
        table: Table,
        field: &Row,
        mut object: Target,
        input: &mut Input,
        depth: u32,
    ) -> Result<(), Cause> {
        if depth >= DEPTH_MAX {
            return Err(Cause::TooDeep);
        }
        let inner = table.inner(field);
        for index in 0..field.max_count() as usize {
            if index != 0 {
                again(field, input)?;
            }
            let (offset, size) = (field.offset() + index * inner.size(), inner.size());
            clear(inner, object.part(offset, size));
            self.whole(inner, object.part(offset, size), input.inner()?, depth + 1, true)?;
        }
        Ok(())
    }
}

/// The tag of a fixed list's next element.
fn again(field: &Row, input: &mut Input) -> Result<(), Cause> {
    let single = field.number() << 3 | wire_type(field.kind());
    match input.is_empty() || input.tag()? != single {
        true => Err(Cause::WrongLength),
        false => Ok(()),
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

/// A text of exactly its length.
#[inline(never)]
fn fixed(field: &Row, to: usize, mut object: Target, input: &mut Input) -> Result<(), Cause> {
    let mut ahead = Input { rest: input.rest, end: input.end };
    if ahead.block()?.len() != field.bound() {
        return Err(Cause::WrongLength);
    }
    text(field, to, &mut object, input).map(drop)
}

/// One more text of a list.
#[inline(always)]
fn row(field: &Row, object: &mut Target, input: &mut Input) -> Result<(), Cause> {
    let index = next(field, object)?;
    let to = field.offset() + index * field.bound();
    if field.is_fixed() {
        let object = object.whole();
        input.aside(|input| fixed(field, to, object, input))?;
    } else {
        let length = text(field, to, object, input)?;
        object.set_word(field.length() + 4 * index, length);
    }
    object.set_word(field.mark(), index as u32 + 1);
    Ok(())
}

/// A number; what is too wide is cut, as protobuf says.
#[inline(always)]
pub(super) fn number(
    kind: u32,
    to: usize,
    object: &mut Target,
    input: &mut Input,
) -> Result<(), Cause> {
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

/// One more number of a list, or all of a fixed one.
#[inline(never)]
fn single(field: &Row, mut object: Target, input: &mut Input) -> Result<(), Cause> {
    let kind = field.kind();
    if field.is_array() {
        for index in 0..field.max_count() as usize {
            if index != 0 {
                again(field, input)?;
            }
            number(kind, field.offset() + index * width(kind), &mut object, input)?;
        }
        return Ok(());
    }
    let index = next(field, &object)?;
    number(kind, field.offset() + index * width(kind), &mut object, input)?;
    object.set_word(field.mark(), index as u32 + 1);
    Ok(())
}

/// A block of them.
#[inline(never)]
fn packed(field: &Row, mut object: Target, mut input: Input) -> Result<(), Cause> {
    let kind = field.kind();
    let (width, is_array) = (width(kind), field.is_array());
    let mut index = if is_array { 0 } else { object.word(field.mark()) };
    while !input.is_empty() {
        if index >= field.max_count() {
            return Err(if is_array { Cause::WrongLength } else { Cause::TooMany });
        }
        number(kind, field.offset() + index as usize * width, &mut object, &mut input)?;
        index += 1;
    }
    if !is_array {
        object.set_word(field.mark(), index);
    } else if index != field.max_count() {
        return Err(Cause::WrongLength);
    }
    Ok(())
}
