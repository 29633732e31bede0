//! Bytes to a message. Merges as protobuf says: the last single value counts, messages are
//! merged, lists continued, packed or not; unknown fields are passed over, or kept where there is
//! room for them.
#![forbid(unsafe_code)]

use super::input::{check_tag, Input};
use super::map::{entry, Place};
use super::object::Target;
use super::table::{self, width, wire_type, Row, Table, ALWAYS, BLOCK, CASE, COUNT, HAS};
use super::unknown::{keep, keep_block};
use super::{Cause, Error, DEPTH_MAX};
use table::{BOOL, BYTES, DOUBLE, ENUM, FIXED32, FIXED64, FLOAT, GROUP_END, INT32, INT64, MESSAGE};
use table::{SFIXED32, SFIXED64, SINT32, SINT64, STRING, UINT32, UINT64, VARINT};

/// Makes the message what the bytes say; on an error it is empty.
#[inline(always)]
pub(crate) fn decode(table: Table, mut object: Target, bytes: &[u8]) -> Result<(), Error> {
    clear(table, object.whole());
    run(table, object, bytes, table.required())
}

/// Adds what the bytes say, in which required fields may be missing; on an error the message is
/// empty.
pub(crate) fn merge(table: Table, object: Target, bytes: &[u8]) -> Result<(), Error> {
    run(table, object, bytes, 0)
}

#[inline(always)]
fn run(table: Table, mut object: Target, bytes: &[u8], lacks: u64) -> Result<(), Error> {
    let mut decoder = Decoder { begin: place(bytes), depth: 0, lacks, field: 0, offset: 0 };
    decoder.message(table, object.whole(), Input(bytes)).map_err(|cause| {
        clear_after(table, object);
        Error { cause, field: decoder.field, offset: decoder.offset }
    })
}

/// Where bytes begin: what of an outer message is left says how far it was read.
fn place(bytes: &[u8]) -> usize {
    bytes.as_ptr().addr()
}

#[cold]
fn clear_after(table: Table, object: Target) {
    clear(table, object);
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
    if let Some(unknown) = table.unknown() {
        object.set_word(unknown.length(), 0);
    }
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

/// What is the same for all messages within each other.
struct Decoder {
    /// Where the outermost message's bytes begin.
    begin: usize,
    /// Messages around the innermost.
    depth: u32,
    /// A bit for each required field that the innermost lacks so far.
    lacks: u64,
    /// Where it went wrong, if it did.
    field: u32,
    offset: usize,
}

impl Decoder {
    /// A message within another, which lacks nothing if it begins here.
    fn inner(
        &mut self,
        table: Table,
        object: Target,
        input: Input,
        is_new: bool,
    ) -> Result<(), Cause> {
        if self.depth >= DEPTH_MAX {
            return Err(Cause::TooDeep);
        }
        let lacks = if is_new { table.required() } else { 0 };
        let outer = std::mem::replace(&mut self.lacks, lacks);
        self.depth += 1;
        self.message(table, object, input)?;
        self.depth -= 1;
        self.lacks = outer;
        Ok(())
    }

    fn message(&mut self, table: Table, mut object: Target, mut input: Input) -> Result<(), Cause> {
        let dense = table.dense();
        while !input.is_empty() {
            let begin = place(input.0);
            let tag = match input.tag() {
                Ok(tag) => tag,
                Err(cause) => return self.fail(cause, 0, begin),
            };
            // Of number 0 there is none.
            let done = match dense.get((tag as usize >> 3).wrapping_sub(1)) {
                Some(field) if field.tag() == tag => {
                    self.field(table, field, &mut object, &mut input)
                }
                _ => input.aside(|input| self.other(table, tag, object.whole(), input)),
            };
            if let Err(cause) = done {
                let field = check_tag(tag).map_or(0, |()| tag >> 3);
                return self.fail(cause, field, begin);
            }
        }
        match self.lacks {
            0 => Ok(()),
            lacks => self.missing(table, lacks, place(input.0)),
        }
    }

    #[cold]
    fn missing(&mut self, table: Table, lacks: u64, end: usize) -> Result<(), Cause> {
        let rank = lacks.trailing_zeros();
        let is_first = |field: &&Row| field.is_required() && field.rank() == rank;
        let number = table.fields().iter().find(is_first).map_or(0, Row::number);
        self.fail(Cause::Missing, number, end)
    }

    /// Remembers where the innermost fault is.
    #[cold]
    fn fail(&mut self, cause: Cause, field: u32, place: usize) -> Result<(), Cause> {
        let offset = place - self.begin;
        // No inner field begins where its message does.
        if offset >= self.offset {
            (self.field, self.offset) = (field, offset);
        }
        Err(cause)
    }

    /// A field that is not one of the first, has the other packing, or is unknown.
    #[inline(never)]
    fn other(
        &mut self,
        table: Table,
        tag: u32,
        mut object: Target,
        input: &mut Input,
    ) -> Result<(), Cause> {
        check_tag(tag)?;
        match find(table.fields(), tag >> 3) {
            Some(field) if field.tag() == tag => self.field(table, field, &mut object, input),
            Some(field) => other_packing(table, field, tag, object, input),
            None => {
                let value = input.0;
                input.skip(tag, self.depth)?;
                keep(table, &mut object, tag, input.since(value))
            }
        }
    }

    /// A field with the wire type of its table.
    #[inline(always)]
    fn field(
        &mut self,
        table: Table,
        field: &Row,
        object: &mut Target,
        input: &mut Input,
    ) -> Result<(), Cause> {
        const TEXTS: u32 = STRING | COUNT;
        const BLOBS: u32 = BYTES | COUNT;
        const MESSAGES: u32 = MESSAGE | COUNT;
        let to = field.offset();
        match field.shape() {
            ENUM if field.is_closed() => {
                return input.aside(|input| self.closed(table, field, object.whole(), input));
            }
            INT32 | UINT32 | ENUM => number(UINT32, to, object, input)?,
            INT64 | UINT64 => number(UINT64, to, object, input)?,
            BOOL => number(BOOL, to, object, input)?,
            SINT32 => number(SINT32, to, object, input)?,
            SINT64 => number(SINT64, to, object, input)?,
            DOUBLE | FIXED64 | SFIXED64 => number(FIXED64, to, object, input)?,
            FLOAT | FIXED32 | SFIXED32 => number(FIXED32, to, object, input)?,
            STRING | BYTES => text(field, 0, object, input)?,
            TEXTS | BLOBS => {
                let index = next(field, object)?;
                text(field, index, object, input)?;
                object.set_word(field.mark(), index as u32 + 1);
            }
            MESSAGE => {
                let (object, inner) = (object.whole(), input.inner()?);
                self.contained(table.inner(field), field, object, inner)?;
            }
            MESSAGES if field.is_array() || field.is_map() => {
                input.aside(|input| self.special(table, field, object.whole(), input))?;
            }
            MESSAGES => {
                let (object, inner) = (object.whole(), input.inner()?);
                self.element(table.inner(field), field, object, inner)?;
            }
            _ if field.is_closed() => {
                let is_packed = field.is_packed();
                input.aside(|input| known(table, field, object.whole(), input, is_packed))?;
            }
            _ if field.tag() & 7 == BLOCK => packed(field, object.whole(), input.inner()?)?,
            _ => input.aside(|input| single(field, object.whole(), input))?,
        }
        if !field.is_implicit() {
            self.mark(field, object);
        }
        Ok(())
    }

    /// Remembers that a field with a presence of its own is there.
    #[inline(always)]
    fn mark(&mut self, field: &Row, object: &mut Target) {
        if field.presence() == HAS {
            object.set_bits(field.mark(), 1, 1);
        } else if field.presence() == CASE {
            object.set_word(field.mark(), field.number());
        }
        if field.is_required() {
            self.lacks &= !(1 << field.rank());
        }
    }

    /// A number of a closed enumeration: another one is an unknown field.
    #[inline(never)]
    fn closed(
        &mut self,
        table: Table,
        field: &Row,
        mut object: Target,
        input: &mut Input,
    ) -> Result<(), Cause> {
        let value = input.0;
        let number = input.varint()? as u32;
        if !table.values(field).has(number as i32) {
            return keep(table, &mut object, field.tag(), input.since(value));
        }
        object.set_word(field.offset(), number);
        self.mark(field, &mut object);
        Ok(())
    }

    #[inline(never)]
    fn contained(
        &mut self,
        table: Table,
        field: &Row,
        mut object: Target,
        input: Input,
    ) -> Result<(), Cause> {
        let is_new = !is_there(field, &object);
        if is_new {
            clear(table, object.part(field.offset(), table.size()));
        }
        self.inner(table, object.part(field.offset(), table.size()), input, is_new)
    }

    /// What is more than one more message: a fixed list or a map.
    #[inline(never)]
    fn special(
        &mut self,
        table: Table,
        field: &Row,
        object: Target,
        input: &mut Input,
    ) -> Result<(), Cause> {
        match field.is_map() {
            true => self.entry(table, field, object, input),
            false => self.array(table, field, object, input),
        }
    }

    /// One more message of a list.
    #[inline(never)]
    fn element(
        &mut self,
        table: Table,
        field: &Row,
        mut object: Target,
        input: Input,
    ) -> Result<(), Cause> {
        let index = next(field, &object)?;
        let (offset, size) = (field.offset() + index * table.size(), table.size());
        clear(table, object.part(offset, size));
        self.inner(table, object.part(offset, size), input, true)?;
        object.set_word(field.mark(), index as u32 + 1);
        Ok(())
    }

    /// One more entry of a map, unless there is one with its key.
    fn entry(
        &mut self,
        table: Table,
        field: &Row,
        mut object: Target,
        input: &mut Input,
    ) -> Result<(), Cause> {
        let (entries, input) = (table.inner(field), input.inner()?);
        let place = entry(entries, field, object.source(), &input);
        let index = match place {
            Place::Next => next(field, &object)?,
            Place::At(index) => index,
            Place::None => return keep_block(table, &mut object, field.tag(), input.0),
        };
        let (offset, size) = (field.offset() + index * entries.size(), entries.size());
        clear(entries, object.part(offset, size));
        let end = input.0.as_ptr_range().end as usize;
        self.inner(entries, object.part(offset, size), input, true)?;
        self.complete(entries, object.part(offset, size), end)?;
        if matches!(place, Place::Next) {
            object.set_word(field.mark(), index as u32 + 1);
        }
        Ok(())
    }

    /// The message of a map's entry is there, also if it did not come.
    fn complete(&mut self, entries: Table, mut entry: Target, end: usize) -> Result<(), Cause> {
        let Some(value) = entries.fields().get(1).filter(|value| value.shape() == MESSAGE) else {
            return Ok(());
        };
        if is_there(value, &entry) {
            return Ok(());
        }
        let inner = entries.inner(value);
        if inner.required() != 0 {
            return self.missing(inner, inner.required(), end);
        }
        clear(inner, entry.part(value.offset(), inner.size()));
        self.mark(value, &mut entry);
        Ok(())
    }

    /// All messages of a fixed list, which must stand one behind the other.
    fn array(
        &mut self,
        table: Table,
        field: &Row,
        mut object: Target,
        input: &mut Input,
    ) -> Result<(), Cause> {
        let inner = table.inner(field);
        for index in 0..field.max_count() as usize {
            if index != 0 {
                again(field, input)?;
            }
            let (offset, size) = (field.offset() + index * inner.size(), inner.size());
            clear(inner, object.part(offset, size));
            self.inner(inner, object.part(offset, size), input.inner()?, true)?;
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
fn other_packing(
    table: Table,
    field: &Row,
    tag: u32,
    object: Target,
    input: &mut Input,
) -> Result<(), Cause> {
    let natural = wire_type(field.kind());
    if tag & 7 == GROUP_END {
        return Err(Cause::BadTag);
    }
    if !field.is_repeated() || natural == BLOCK {
        return Err(Cause::WrongType);
    }
    match tag & 7 {
        BLOCK | VARINT if field.is_closed() => known(table, field, object, input, tag & 7 == BLOCK),
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

/// A text, or one of a list.
#[inline(always)]
fn text(field: &Row, index: usize, object: &mut Target, input: &mut Input) -> Result<(), Cause> {
    let bytes = input.block()?;
    if field.is_fixed() {
        if bytes.len() != field.bound() {
            return Err(Cause::WrongLength);
        }
    } else {
        if bytes.len() > field.bound() {
            return Err(Cause::TooLong);
        }
        object.set_word(field.length() + 4 * index, bytes.len() as u32);
    }
    let is_ascii = object.set_bytes(field.offset() + index * field.bound(), bytes);
    if !is_ascii && field.is_utf8() && std::str::from_utf8(bytes).is_err() {
        return Err(Cause::BadUtf8);
    }
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

/// One more number of a closed enumeration, or a block of them: others are unknown fields.
#[inline(never)]
fn known(
    table: Table,
    field: &Row,
    mut object: Target,
    input: &mut Input,
    is_packed: bool,
) -> Result<(), Cause> {
    let mut add = |input: &mut Input| {
        let value = input.0;
        let number = input.varint()? as u32;
        if !table.values(field).has(number as i32) {
            let tag = field.number() << 3 | VARINT;
            return keep(table, &mut object, tag, input.since(value));
        }
        let index = next(field, &object)?;
        object.set_word(field.offset() + 4 * index, number);
        object.set_word(field.mark(), index as u32 + 1);
        Ok(())
    };
    if !is_packed {
        return add(input);
    }
    let mut block = input.inner()?;
    while !block.is_empty() {
        add(&mut block)?;
    }
    Ok(())
}

/// A block of them.
#[inline(never)]
fn packed(field: &Row, object: Target, input: Input) -> Result<(), Cause> {
    match field.kind() {
        INT64 | UINT64 => fill(UINT64, field, object, input),
        BOOL => fill(BOOL, field, object, input),
        SINT32 => fill(SINT32, field, object, input),
        SINT64 => fill(SINT64, field, object, input),
        DOUBLE | FIXED64 | SFIXED64 => fill(FIXED64, field, object, input),
        FLOAT | FIXED32 | SFIXED32 => fill(FIXED32, field, object, input),
        _ => fill(UINT32, field, object, input),
    }
}

/// Numbers of a type that is known here, and so looked at once.
#[inline(always)]
fn fill(kind: u32, field: &Row, mut object: Target, mut input: Input) -> Result<(), Cause> {
    let is_array = field.is_array();
    let mut index = if is_array { 0 } else { object.word(field.mark()) };
    while !input.is_empty() {
        if index >= field.max_count() {
            return Err(if is_array { Cause::WrongLength } else { Cause::TooMany });
        }
        number(kind, field.offset() + index as usize * width(kind), &mut object, &mut input)?;
        index += 1;
    }
    if !is_array {
        object.set_word(field.mark(), index);
    } else if index != field.max_count() {
        return Err(Cause::WrongLength);
    }
    Ok(())
}
