//! The tables that say how a message travels and where its fields lie.
//!
//! A schema's table is one array of rows: for each message its own row and behind it the
//! rows of its fields, by rising number. A message stands before those it contains, which
//! it names by how many rows they stand behind it: so there are no addresses in a table,
//! it is the same array in C, Rust and Dart, and no message can contain itself.
#![forbid(unsafe_code)]

use super::values::Values;

/// Eight numbers. Of a message:
///
/// `TABLE`, bytes of an object, its alignment and 256 times the number of its required fields,
/// at most 64, and 65536 times what JSON shows it as (0 a message, 1 a time, 2 a duration, 3
/// the value of its field, 4 a field mask) and 16777216 if it keeps unknown fields, number of
/// fields, how many of the first fields have the numbers 1, 2, 3…, rows from this one to the
/// array's end, and offset and number, a multiple of 8, of the bytes to be cleared in an empty
/// message (0, 0: what tells of each field that it is not there).
///
/// Of a field:
///
/// 0. its tag: the field number times 8, and the wire type it is written with
/// 1. its type, its presence, and [`UTF8`], [`FIXED`], [`REQUIRED`], [`MAP`], [`CLOSED`],
///    joined by `|`
/// 2. offset of the value, or of the first element
/// 3. offset of what tells whether it is there: [`COUNT`] a `u32`, [`HAS`] a `u8`,
///    [`CASE`] a `u32` that holds the number of the field that is; else 0
/// 4. text or bytes: offset of the length, or of the first length, a `u32`, 0 if it is
///    [`FIXED`]; a number that is [`ALWAYS`] there: what it is in an empty message; else 0
/// 5. text or bytes: most bytes; messages: rows from that of the message this field
///    belongs to, to that of the contained one; enumerations: where its values begin in
///    the schema's names, or 0, but [`CLOSED`]: rows to that of the enumeration; else 0
/// 6. repeated: most elements; [`REQUIRED`]: how many required fields stand before it; else 0
/// 7. where its JSON name begins in the schema's names, each of which ends with a NUL
///
/// The values of an enumeration are names, too: the value's name, a space and its number;
/// behind the last one is an empty name.
///
/// Where a message keeps unknown fields, behind its fields, of which it is none: [`UNKNOWN`], and
/// the rest as of a field of [`BYTES`] that is [`IMPLICIT`], without a name.
///
/// Of a closed enumeration, behind all messages: [`VALUES`], how many numbers it has, 0, 0, 0, rows
/// from this one to the array's end, 0, and where its values begin in the names, or 0. Behind it
/// stand its numbers, rising, seven in a row behind [`NUMBERS`]; what is left of the last is 0.
///
/// Room is left for more: flags from `0x8000` on, and types 19 to 31.
#[derive(Clone, Copy, Debug)]
#[repr(transparent)]
pub struct Row(pub [u32; 8]);

/// The first number of a message's row: a mark, and the version of the format times 8. No
/// field's tag is the same: there is no wire type 7.
pub const TABLE: u32 = 0x4d57_0017;

/// The first number of a closed enumeration's row.
pub const VALUES: u32 = 0x4d58_0017;

/// The first number of a row with its numbers.
pub const NUMBERS: u32 = 0x4d59_0017;

/// The first number of the row that says where a message keeps unknown fields.
pub const UNKNOWN: u32 = 0x4d5a_0017;

// Types of fields, numbered as `FieldDescriptorProto.Type`.

/// 8 bytes.
pub const DOUBLE: u32 = 1;
/// 4 bytes.
pub const FLOAT: u32 = 2;
/// Varint, 8 bytes in memory.
pub const INT64: u32 = 3;
/// Varint, 8 bytes in memory.
pub const UINT64: u32 = 4;
/// Varint, 4 bytes in memory.
pub const INT32: u32 = 5;
/// 8 bytes.
pub const FIXED64: u32 = 6;
/// 4 bytes.
pub const FIXED32: u32 = 7;
/// Varint, 1 byte in memory.
pub const BOOL: u32 = 8;
/// Text.
pub const STRING: u32 = 9;
/// A message.
pub const MESSAGE: u32 = 11;
/// Bytes.
pub const BYTES: u32 = 12;
/// Varint, 4 bytes in memory.
pub const UINT32: u32 = 13;
/// Varint, 4 bytes in memory.
pub const ENUM: u32 = 14;
/// 4 bytes.
pub const SFIXED32: u32 = 15;
/// 8 bytes.
pub const SFIXED64: u32 = 16;
/// Zigzag varint, 4 bytes in memory.
pub const SINT32: u32 = 17;
/// Zigzag varint, 8 bytes in memory.
pub const SINT64: u32 = 18;

// Presences.

/// There unless it is 0, or empty; not for messages.
pub const IMPLICIT: u32 = 0;
/// Repeated.
pub const COUNT: u32 = 0x20;
/// There if a byte is not 0.
pub const HAS: u32 = 0x100;
/// There if the case of its oneof is its number.
pub const CASE: u32 = 0x200;

/// There, whatever it is; repeated: exactly as often as it can be.
pub const ALWAYS: u32 = 0x300;

// Flags.

/// Its text must be UTF-8.
pub const UTF8: u32 = 0x400;
/// Text or bytes of exactly the most bytes: no length is stored.
pub const FIXED: u32 = 0x800;
/// Bytes without it are no message; single, and [`HAS`] or [`ALWAYS`].
pub const REQUIRED: u32 = 0x1000;
/// The messages are entries of a map: no two have the same field 1, the key.
pub const MAP: u32 = 0x2000;
/// Another number than those of the enumeration is an unknown field; not with [`COUNT`] and
/// [`ALWAYS`] together.
pub const CLOSED: u32 = 0x4000;

/// All bits of a field's type, presence and flags.
pub(crate) const KNOWN: u32 = 0x1f | COUNT | ALWAYS | UTF8 | FIXED | REQUIRED | MAP | CLOSED;

/// Most required fields of a message.
pub(crate) const REQUIRED_MAX: u32 = 64;

/// In the third number of a message's row: a row of [`UNKNOWN`] stands behind its fields.
pub(crate) const KEEPS: u32 = 1 << 24;

/// Last of the types that JSON has a form of its own for.
pub(crate) const WELL_KNOWN_MAX: u32 = 4;

// Wire types.
pub(crate) const VARINT: u32 = 0;
pub(crate) const EIGHT: u32 = 1;
pub(crate) const BLOCK: u32 = 2;
pub(crate) const GROUP: u32 = 3;
pub(crate) const GROUP_END: u32 = 4;
pub(crate) const FOUR: u32 = 5;

/// The tables of a schema.
#[derive(Clone, Copy, Debug)]
pub struct Tables<'a> {
    rows: &'a [Row],
}

impl<'a> Tables<'a> {
    /// These rows.
    ///
    /// # Panics
    /// They are no tables. They are checked when the program is compiled if the result is a
    /// constant.
    pub const fn new(rows: &'a [Row]) -> Self {
        if let Some(fault) = super::fault(rows) {
            panic!("{}", fault);
        }
        Self { rows }
    }

    /// The table of the message whose row is at `at`.
    ///
    /// # Panics
    /// There is none.
    pub const fn message(&self, at: usize) -> Table<'a> {
        assert!(at < self.rows.len() && self.rows[at].0[0] == TABLE, "no message stands there");
        let (_, rows) = self.rows.split_at(at);
        Table { rows }
    }
}

/// The table of one message, and the schema's others behind it.
#[derive(Clone, Copy, Debug)]
pub struct Table<'a> {
    rows: &'a [Row],
}

impl<'a> Table<'a> {
    /// As [`Tables::message`], of rows that were checked.
    pub(crate) const fn checked(rows: &'a [Row]) -> Self {
        Self { rows }
    }

    /// Bytes of an object.
    pub const fn size(&self) -> usize {
        self.rows[0].0[1] as usize
    }

    /// Its alignment.
    pub const fn align(&self) -> usize {
        (self.rows[0].0[2] & 0xff) as usize
    }

    /// A bit for each of its required fields.
    #[inline(always)]
    pub(crate) const fn required(&self) -> u64 {
        match self.rows[0].0[2] >> 8 & 0xff {
            0 => 0,
            count => u64::MAX >> (REQUIRED_MAX - count),
        }
    }

    /// Which of protobuf's well-known types it is that JSON has a form of its own for, or 0.
    pub(crate) const fn well_known(&self) -> u32 {
        self.rows[0].0[2] >> 16 & 0xff
    }

    /// Where it keeps unknown fields, if it does.
    #[inline(always)]
    pub(crate) fn unknown(self) -> Option<&'a Row> {
        match self.rows[0].0[2] & KEEPS {
            0 => None,
            _ => self.rows.get(1 + self.rows[0].0[3] as usize),
        }
    }

    /// The rows of its fields.
    #[inline(always)]
    pub(crate) fn fields(self) -> &'a [Row] {
        let count = self.rows[0].0[3] as usize;
        &self.rows[1..][..count]
    }

    /// Those of the first fields, which have the numbers 1, 2, 3…
    #[inline(always)]
    pub(crate) fn dense(self) -> &'a [Row] {
        let count = self.rows[0].0[4] as usize;
        &self.rows[1..][..count]
    }

    /// Offset and number of the bytes that are 0 in an empty message, or 0 and 0.
    #[inline(always)]
    pub(crate) fn marks(self) -> (usize, usize) {
        (self.rows[0].0[6] as usize, self.rows[0].0[7] as usize)
    }

    /// Where the last of the names begins that this or a contained message's fields have, and
    /// where the last of their enumerations' values do, or 0.
    pub(crate) fn last_names(self) -> (usize, usize) {
        let fields = || {
            self.rows.iter().filter(|row| !matches!(row.0[0], TABLE | VALUES | NUMBERS | UNKNOWN))
        };
        let open = fields().filter(|row| row.kind() == ENUM && !row.is_closed()).map(Row::bound);
        let closed = self.rows.iter().filter(|row| row.0[0] == VALUES).map(Row::name);
        (fields().map(Row::name).max().unwrap_or(0), open.chain(closed).max().unwrap_or(0))
    }

    /// The table of the messages a field of this one holds.
    #[inline(always)]
    pub(crate) fn inner(self, field: &Row) -> Self {
        Self { rows: &self.rows[field.bound()..] }
    }

    /// The values of a field's closed enumeration.
    pub(super) fn values(self, field: &Row) -> Values<'a> {
        Values::checked(&self.rows[field.bound()..])
    }
}

impl Row {
    #[inline]
    pub(crate) const fn tag(&self) -> u32 {
        self.0[0]
    }

    #[inline]
    pub(crate) const fn number(&self) -> u32 {
        self.0[0] >> 3
    }

    #[inline]
    pub(crate) const fn kind(&self) -> u32 {
        self.0[1] & 0x1f
    }

    /// The type, and [`COUNT`] if it is repeated.
    #[inline]
    pub(crate) const fn shape(&self) -> u32 {
        self.0[1] & 0x3f
    }

    /// [`IMPLICIT`], [`HAS`], [`CASE`] or [`ALWAYS`].
    #[inline]
    pub(crate) const fn presence(&self) -> u32 {
        self.0[1] & 0x300
    }

    /// There unless it is 0 or empty, or as often as is counted.
    #[inline]
    pub(crate) const fn is_implicit(&self) -> bool {
        self.presence() == IMPLICIT
    }

    /// Offset and width of what is 0 if the field is not there.
    #[inline(always)]
    pub(crate) const fn first(&self) -> (usize, usize) {
        match (self.presence(), self.shape()) {
            (IMPLICIT, COUNT..) | (CASE, _) => (self.mark(), 4),
            (HAS, _) => (self.mark(), 1),
            (_, STRING | BYTES) => (self.length(), 4),
            (_, kind) => (self.offset(), width(kind)),
        }
    }

    #[inline]
    pub(crate) const fn is_utf8(&self) -> bool {
        self.0[1] & UTF8 != 0
    }

    #[inline]
    pub(crate) const fn is_fixed(&self) -> bool {
        self.0[1] & FIXED != 0
    }

    #[inline]
    pub(crate) const fn is_required(&self) -> bool {
        self.0[1] & REQUIRED != 0
    }

    #[inline]
    pub(crate) const fn is_map(&self) -> bool {
        self.0[1] & MAP != 0
    }

    #[inline]
    pub(crate) const fn is_closed(&self) -> bool {
        self.0[1] & CLOSED != 0
    }

    /// Repeated, and always full: no count is stored.
    #[inline]
    pub(crate) const fn is_array(&self) -> bool {
        self.presence() == ALWAYS && self.is_repeated()
    }

    /// How many required fields stand before this one, if it is required.
    #[inline]
    pub(crate) const fn rank(&self) -> u32 {
        self.0[6]
    }

    /// What a number that is always there is in an empty message.
    #[inline]
    pub(crate) const fn empty(&self) -> u32 {
        self.0[4]
    }

    #[inline]
    pub(crate) const fn offset(&self) -> usize {
        self.0[2] as usize
    }

    #[inline]
    pub(crate) const fn mark(&self) -> usize {
        self.0[3] as usize
    }

    #[inline]
    pub(crate) const fn length(&self) -> usize {
        self.0[4] as usize
    }

    #[inline]
    pub(crate) const fn bound(&self) -> usize {
        self.0[5] as usize
    }

    #[inline]
    pub(crate) const fn max_count(&self) -> u32 {
        self.0[6]
    }

    /// Where its JSON name begins, or a closed enumeration's values do.
    pub(crate) const fn name(&self) -> usize {
        self.0[7] as usize
    }

    #[inline]
    pub(crate) const fn is_repeated(&self) -> bool {
        self.0[1] & COUNT != 0
    }

    #[inline]
    pub(crate) const fn is_packed(&self) -> bool {
        self.is_repeated() && self.tag() & 7 == BLOCK && wire_type(self.kind()) != BLOCK
    }
}

/// The wire type of a single value.
#[inline]
pub(crate) const fn wire_type(kind: u32) -> u32 {
    match kind {
        DOUBLE | FIXED64 | SFIXED64 => EIGHT,
        FLOAT | FIXED32 | SFIXED32 => FOUR,
        STRING | BYTES | MESSAGE => BLOCK,
        _ => VARINT,
    }
}

/// Bytes a number has in memory.
#[inline]
pub(crate) const fn width(kind: u32) -> usize {
    match kind {
        BOOL => 1,
        DOUBLE | FIXED64 | SFIXED64 | INT64 | UINT64 | SINT64 => 8,
        _ => 4,
    }
}
