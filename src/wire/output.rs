//! Where an encoding goes: into a buffer, or only into a count.
#![forbid(unsafe_code)]

use super::object::copy;
use super::Cause;
use std::mem::MaybeUninit;

/// Takes an encoding from front to back.
pub(super) trait Sink {
    /// Whether what lacks a required field is refused.
    const IS_STRICT: bool;
    /// Whether all were ASCII; a count says so always.
    fn bytes(&mut self, bytes: &[u8]) -> Result<bool, Cause>;
    fn varint(&mut self, value: u64) -> Result<(), Cause>;
    /// Begins a block whose length is not known yet.
    fn open(&mut self) -> Result<usize, Cause>;
    /// Ends the block that `open` began, and puts its length before it.
    fn close(&mut self, begin: usize) -> Result<(), Cause>;
}

/// A buffer and how much of it is written.
pub(crate) struct Output<'a> {
    room: &'a mut [MaybeUninit<u8>],
    used: usize,
}

impl<'a> Output<'a> {
    pub(crate) fn new(room: &'a mut [MaybeUninit<u8>]) -> Self {
        Self { room, used: 0 }
    }

    pub(super) fn used(&self) -> usize {
        self.used
    }

    /// Writes at `at` what must fit.
    #[inline(always)]
    fn put(&mut self, at: usize, bytes: &[u8]) -> Result<bool, Cause> {
        let room = self.room.get_mut(at..).and_then(|room| room.get_mut(..bytes.len()));
        Ok(copy(room.ok_or(Cause::NoRoom)?, bytes))
    }
}

impl Sink for Output<'_> {
    const IS_STRICT: bool = true;

    #[inline(always)]
    fn bytes(&mut self, bytes: &[u8]) -> Result<bool, Cause> {
        let is_ascii = self.put(self.used, bytes)?;
        self.used += bytes.len();
        Ok(is_ascii)
    }

    #[inline(always)]
    fn varint(&mut self, value: u64) -> Result<(), Cause> {
        let room = self.room.get_mut(self.used..).unwrap_or_default();
        if value < 0x80 {
            room.first_mut().ok_or(Cause::NoRoom)?.write(value as u8);
            self.used += 1;
            return Ok(());
        }
        self.long_varint(value)
    }

    /// Leaves room for the length of a short block.
    fn open(&mut self) -> Result<usize, Cause> {
        self.bytes(&[0])?;
        Ok(self.used)
    }

    fn close(&mut self, begin: usize) -> Result<(), Cause> {
        let (bytes, length) = varint((self.used - begin) as u64);
        let more = length - 1;
        if more != 0 {
            if self.room.len() - self.used < more {
                return Err(Cause::NoRoom);
            }
            self.room.copy_within(begin..self.used, begin + more);
            self.used += more;
        }
        self.put(begin - 1, &bytes[..length]).map(drop)
    }
}

impl Output<'_> {
    fn long_varint(&mut self, mut value: u64) -> Result<(), Cause> {
        let room = self.room.get_mut(self.used..).unwrap_or_default();
        let length = varint_len(value);
        let (last, others) = room
            .get_mut(..length)
            .and_then(<[MaybeUninit<u8>]>::split_last_mut)
            .ok_or(Cause::NoRoom)?;
        for byte in others {
            byte.write(value as u8 | 0x80);
            value >>= 7;
        }
        last.write(value as u8);
        self.used += length;
        Ok(())
    }
}

/// Counts.
#[derive(Default)]
pub(super) struct Count(pub(super) usize);

impl Sink for Count {
    const IS_STRICT: bool = false;

    fn bytes(&mut self, bytes: &[u8]) -> Result<bool, Cause> {
        self.0 += bytes.len();
        Ok(true)
    }

    fn varint(&mut self, value: u64) -> Result<(), Cause> {
        self.0 += varint_len(value);
        Ok(())
    }

    fn open(&mut self) -> Result<usize, Cause> {
        Ok(self.0)
    }

    fn close(&mut self, begin: usize) -> Result<(), Cause> {
        self.0 += varint_len((self.0 - begin) as u64);
        Ok(())
    }
}

/// Bytes of a varint: one for each seven bits, at least one.
fn varint_len(value: u64) -> usize {
    let bits = 64 - (value | 1).leading_zeros() as usize;
    bits.div_ceil(7)
}

fn varint(mut value: u64) -> ([u8; 10], usize) {
    let (mut bytes, length) = ([0; 10], varint_len(value));
    for byte in &mut bytes[..length] {
        *byte = value as u8 | 0x80;
        value >>= 7;
    }
    bytes[length - 1] &= 0x7f;
    (bytes, length)
}
