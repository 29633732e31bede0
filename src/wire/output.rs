//! Where an encoding goes: into a buffer, or only into a count.
#![forbid(unsafe_code)]

use super::object::{copy, write};
use super::Cause;
use std::mem::{take, MaybeUninit};

/// Takes an encoding from front to back. Handed on by value, so that it stays in registers.
pub(super) trait Sink {
    /// What is left of it, lent.
    type Rest<'b>: Sink
    where
        Self: 'b;
    /// Whether what lacks a required field is refused.
    const IS_STRICT: bool;
    /// Bytes that it can still take.
    fn left(&self) -> usize;
    /// Whether all were ASCII; a count says so always.
    fn bytes(&mut self, bytes: &[u8]) -> Result<bool, Cause>;
    fn varint(&mut self, value: u64) -> Result<(), Cause>;
    /// A varint that has seldom more than two bytes: a tag, or a length.
    fn short(&mut self, value: u64) -> Result<(), Cause>;
    /// Two varints, the first a tag.
    fn tagged(&mut self, tag: u32, value: u64) -> Result<(), Cause>;
    /// A tag and a length.
    fn head(&mut self, tag: u32, length: usize) -> Result<(), Cause>;
    /// For others to write into; what they used is to be skipped.
    fn rest(&mut self) -> Self::Rest<'_>;
    fn skip(&mut self, used: usize);
    /// As `rest`, for a block whose length is not known yet, with room for a short one before it.
    fn block(&mut self) -> Result<Self::Rest<'_>, Cause>;
    /// Puts the length of the block that is written before it, and skips both.
    fn close(&mut self, length: usize) -> Result<(), Cause>;
}

/// What is left of a buffer.
pub(crate) struct Output<'a>(&'a mut [MaybeUninit<u8>]);

/// The bit that says another byte of a varint follows, in each of eight bytes.
const MORE: u64 = 0x8080_8080_8080_8080;

impl<'a> Output<'a> {
    pub(crate) fn new(room: &'a mut [MaybeUninit<u8>]) -> Self {
        Self(room)
    }

    #[inline(always)]
    fn put<const N: usize>(&mut self, bytes: [u8; N]) -> Result<(), Cause> {
        write(self.0.get_mut(..N).ok_or(Cause::NoRoom)?, bytes);
        self.skip(N);
        Ok(())
    }

    /// The first `length` of eight bytes. The others are written, too, where there is room.
    #[inline(always)]
    fn some_of(&mut self, eight: u64, length: usize) -> Result<(), Cause> {
        let bytes = eight.to_le_bytes();
        match self.0.get_mut(..8) {
            Some(room) => write(room, bytes),
            None => {
                copy(self.0.get_mut(..length).ok_or(Cause::NoRoom)?, &bytes[..length]);
            }
        }
        self.skip(length);
        Ok(())
    }
}

#[inline(never)]
fn long_varint(room: &mut [MaybeUninit<u8>], value: u64) -> Result<&mut [MaybeUninit<u8>], Cause> {
    let mut out = Output(room);
    out.varint(value)?;
    Ok(out.0)
}

impl Sink for Output<'_> {
    type Rest<'b>
        = Output<'b>
    where
        Self: 'b;
    const IS_STRICT: bool = true;

    #[inline(always)]
    fn left(&self) -> usize {
        self.0.len()
    }

    #[inline(always)]
    fn bytes(&mut self, bytes: &[u8]) -> Result<bool, Cause> {
        let room = self.0.get_mut(..bytes.len()).ok_or(Cause::NoRoom)?;
        let is_ascii = copy(room, bytes);
        self.skip(bytes.len());
        Ok(is_ascii)
    }

    #[inline(always)]
    fn varint(&mut self, mut value: u64) -> Result<(), Cause> {
        if value >> 56 != 0 {
            self.some_of(apart(value) | MORE, 8)?;
            value >>= 56;
        }
        if value < 0x80 {
            return self.put([value as u8]);
        }
        let groups = apart(value);
        let unused = groups.leading_zeros() & 0x38;
        // All but the last of them: another byte follows.
        self.some_of(groups | MORE >> 8 >> unused, 8 - unused as usize / 8)
    }

    #[inline(always)]
    fn short(&mut self, value: u64) -> Result<(), Cause> {
        if value < 0x80 {
            return self.put([value as u8]);
        }
        if value < 0x4000 {
            return self.put([value as u8 | 0x80, (value >> 7) as u8]);
        }
        self.0 = long_varint(take(&mut self.0), value)?;
        Ok(())
    }

    #[inline(always)]
    fn tagged(&mut self, tag: u32, value: u64) -> Result<(), Cause> {
        if u64::from(tag) | value < 0x80 {
            return self.put([tag as u8, value as u8]);
        }
        self.short(tag.into())?;
        self.varint(value)
    }

    #[inline(always)]
    fn head(&mut self, tag: u32, length: usize) -> Result<(), Cause> {
        if tag as usize | length < 0x80 {
            return self.put([tag as u8, length as u8]);
        }
        self.short(tag.into())?;
        self.short(length as u64)
    }

    #[inline(always)]
    fn rest(&mut self) -> Output<'_> {
        Output(self.0)
    }

    #[inline(always)]
    fn skip(&mut self, used: usize) {
        self.0 = &mut take(&mut self.0)[used..];
    }

    #[inline(always)]
    fn block(&mut self) -> Result<Output<'_>, Cause> {
        self.0.get_mut(1..).map(Output).ok_or(Cause::NoRoom)
    }

    #[inline(always)]
    fn close(&mut self, length: usize) -> Result<(), Cause> {
        if length >= 0x80 {
            let head = varint_len(length as u64);
            if self.left() < head + length {
                return Err(Cause::NoRoom);
            }
            self.0.copy_within(1..1 + length, head);
            Output(&mut self.0[..head]).varint(length as u64)?;
            self.skip(head + length);
            return Ok(());
        }
        self.varint(length as u64)?;
        self.skip(length);
        Ok(())
    }
}

/// Eight groups of seven bits, the lowest 56, each in a byte.
#[inline(always)]
fn apart(value: u64) -> u64 {
    let halves = (value & 0x0fff_ffff) | (value << 4 & 0x0fff_ffff_0000_0000);
    let fours = (halves & 0x0000_3fff_0000_3fff) | (halves << 2 & 0x3fff_0000_3fff_0000);
    (fours & 0x007f_007f_007f_007f) | (fours << 1 & 0x7f00_7f00_7f00_7f00)
}

/// Has room for everything, and counts what is left of it.
pub(super) struct Count(usize);

impl Count {
    pub(super) fn new() -> Self {
        Self(usize::MAX)
    }
}

impl Sink for Count {
    type Rest<'b> = Count;
    const IS_STRICT: bool = false;

    fn left(&self) -> usize {
        self.0
    }

    fn bytes(&mut self, bytes: &[u8]) -> Result<bool, Cause> {
        self.0 -= bytes.len();
        Ok(true)
    }

    fn varint(&mut self, value: u64) -> Result<(), Cause> {
        self.0 -= varint_len(value);
        Ok(())
    }

    fn short(&mut self, value: u64) -> Result<(), Cause> {
        self.varint(value)
    }

    fn tagged(&mut self, tag: u32, value: u64) -> Result<(), Cause> {
        self.0 -= varint_len(tag.into()) + varint_len(value);
        Ok(())
    }

    fn head(&mut self, tag: u32, length: usize) -> Result<(), Cause> {
        self.tagged(tag, length as u64)
    }

    fn rest(&mut self) -> Count {
        Count(self.0)
    }

    fn skip(&mut self, used: usize) {
        self.0 -= used;
    }

    fn block(&mut self) -> Result<Count, Cause> {
        Ok(self.rest())
    }

    fn close(&mut self, length: usize) -> Result<(), Cause> {
        self.0 -= varint_len(length as u64) + length;
        Ok(())
    }
}

/// Bytes of a varint: one for each seven bits, at least one.
fn varint_len(value: u64) -> usize {
    let bits = 64 - (value | 1).leading_zeros() as usize;
    bits.div_ceil(7)
}
