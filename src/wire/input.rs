//! Bytes that are read from front to back. What is long or rare is a function of the bytes left,
//! so that a decoder can keep them in registers.
#![forbid(unsafe_code)]

use super::table::{BLOCK, EIGHT, FOUR, GROUP, GROUP_END, VARINT};
use super::{Cause, DEPTH_MAX};

/// The bytes that are left of a message.
pub(super) struct Input<'a>(pub(super) &'a [u8]);

/// Most bytes of a varint.
const VARINT_MAX: usize = 10;
/// Most bytes of a tag, also where its last ones say nothing.
const TAG_MAX: usize = 5;
/// The bit that says another byte of a varint follows, in each of eight bytes.
const MORE: u64 = 0x8080_8080_8080_8080;

impl<'a> Input<'a> {
    #[inline(always)]
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Few bytes are read here, more in a function of their own.
    #[inline(always)]
    pub(super) fn varint(&mut self) -> Result<u64, Cause> {
        if let [byte, rest @ ..] = self.0 {
            if *byte < 0x80 {
                self.0 = rest;
                return Ok(u64::from(*byte));
            }
        }
        let (value, length) = match self.0.first_chunk().and_then(|four| short_varint(*four)) {
            Some(found) => found,
            None => varint(self.0),
        };
        if length == 0 {
            return Err(varint_fault(self.0));
        }
        self.0 = &self.0[length..];
        Ok(value)
    }

    /// A tag, of which [`check_tag`] says whether there can be one.
    #[inline(always)]
    pub(super) fn tag(&mut self) -> Result<u32, Cause> {
        if let [byte, rest @ ..] = self.0 {
            if *byte < 0x80 {
                self.0 = rest;
                return Ok(u32::from(*byte));
            }
        }
        let (tag, length) = match self.0.first_chunk().and_then(|four| short_varint(*four)) {
            Some((tag, length)) => (tag as u32, length),
            None => long_tag(self.0)?,
        };
        self.0 = &self.0[length..];
        Ok(tag)
    }

    #[inline(always)]
    pub(super) fn four(&mut self) -> Result<u32, Cause> {
        let (four, rest) = self.0.split_first_chunk().ok_or(Cause::Truncated)?;
        self.0 = rest;
        Ok(u32::from_le_bytes(*four))
    }

    #[inline(always)]
    pub(super) fn eight(&mut self) -> Result<u64, Cause> {
        let (eight, rest) = self.0.split_first_chunk().ok_or(Cause::Truncated)?;
        self.0 = rest;
        Ok(u64::from_le_bytes(*eight))
    }

    /// So many bytes as a varint says.
    #[inline(always)]
    pub(super) fn block(&mut self) -> Result<&'a [u8], Cause> {
        let length = self.varint()?;
        if length > self.0.len() as u64 {
            return Err(Cause::Truncated);
        }
        let (block, rest) = self.0.split_at(length as usize);
        self.0 = rest;
        Ok(block)
    }

    /// As [`Input::block`], to be read further.
    #[inline(always)]
    pub(super) fn inner(&mut self) -> Result<Input<'a>, Cause> {
        self.block().map(Input)
    }

    /// What was read since that much was left.
    pub(super) fn since(&self, left: &'a [u8]) -> &'a [u8] {
        &left[..left.len() - self.0.len()]
    }

    /// Lets a function read that is not inlined, on a copy.
    #[inline(always)]
    pub(super) fn aside<R>(&mut self, read: impl FnOnce(&mut Input<'a>) -> R) -> R {
        let mut copy = Input(self.0);
        let result = read(&mut copy);
        *self = copy;
        result
    }

    /// Passes over the value of an unknown field. `depth` counts the messages and groups
    /// around it.
    #[inline(always)]
    pub(super) fn skip(&mut self, tag: u32, depth: u32) -> Result<(), Cause> {
        let left = skipped(Input(self.0), tag, depth)?;
        self.0 = &self.0[self.0.len() - left..];
        Ok(())
    }
}

/// Whether there can be such a field number and wire type.
pub(super) fn check_tag(tag: u32) -> Result<(), Cause> {
    match tag < 8 || tag & 7 > FOUR {
        true => Err(Cause::BadTag),
        false => Ok(()),
    }
}

/// A varint of up to four bytes, and its length.
#[inline(always)]
fn short_varint(bytes: [u8; 4]) -> Option<(u64, usize)> {
    let word = u32::from_le_bytes(bytes);
    let last = !word & MORE as u32;
    if last == 0 {
        return None;
    }
    let groups = word & (last ^ (last - 1)) & !MORE as u32;
    let pairs = (groups & 0x7f00_7f00) >> 1 | (groups & 0x007f_007f);
    let value = pairs >> 16 << 14 | (pairs & 0x3fff);
    Some((value.into(), last.trailing_zeros() as usize / 8 + 1))
}

/// A varint and its length, or 0. Eight bytes are one load; two may follow.
#[inline(never)]
fn varint(bytes: &[u8]) -> (u64, usize) {
    let Some((ten, eight)) = bytes.first_chunk::<VARINT_MAX>().zip(bytes.first_chunk::<8>()) else {
        return varint_at_end(bytes);
    };
    let (word, ninth, tenth) = (u64::from_le_bytes(*eight), ten[8], ten[9]);
    let last = !word & MORE;
    if last != 0 {
        let length = last.trailing_zeros() as usize / 8 + 1;
        return (together(word & (last ^ (last - 1))), length);
    }
    let low = together(word) | u64::from(ninth & 0x7f) << 56;
    match (ninth >= 0x80, tenth) {
        (false, _) => (low, 9),
        // The tenth byte holds the last of 64 bits.
        (true, 0 | 1) => (low | u64::from(tenth) << 63, 10),
        _ => (0, 0),
    }
}

/// A tag and its length: one of 32 bits has at most five bytes.
#[cold]
fn long_tag(bytes: &[u8]) -> Result<(u32, usize), Cause> {
    match varint(bytes) {
        (_, 0) => Err(varint_fault(bytes)),
        (tag, length @ ..=TAG_MAX) if tag <= u64::from(u32::MAX) => Ok((tag as u32, length)),
        _ => Err(Cause::BadTag),
    }
}

/// The lower seven bits of eight bytes, without gaps.
#[inline(always)]
fn together(word: u64) -> u64 {
    let groups = word & !MORE;
    let pairs = (groups & 0x7f00_7f00_7f00_7f00) >> 1 | (groups & 0x007f_007f_007f_007f);
    let fours = (pairs & 0x3fff_0000_3fff_0000) >> 2 | (pairs & 0x0000_3fff_0000_3fff);
    (fours & 0x0fff_ffff_0000_0000) >> 4 | (fours & 0x0000_0000_0fff_ffff)
}

/// Byte by byte, where fewer than ten are left.
#[cold]
fn varint_at_end(bytes: &[u8]) -> (u64, usize) {
    let mut value = 0;
    for (index, &byte) in bytes.iter().enumerate() {
        value |= u64::from(byte & 0x7f) << (7 * index);
        if byte < 0x80 {
            return (value, index + 1);
        }
    }
    (0, 0)
}

/// Why there was no varint.
#[cold]
fn varint_fault(bytes: &[u8]) -> Cause {
    match bytes.len() < VARINT_MAX {
        true => Cause::Truncated,
        false => Cause::Overlong,
    }
}

/// How many bytes are left behind an unknown field's value.
#[cold]
fn skipped(mut input: Input, tag: u32, depth: u32) -> Result<usize, Cause> {
    match tag & 7 {
        VARINT => input.varint().map(drop)?,
        EIGHT => input.eight().map(drop)?,
        FOUR => input.four().map(drop)?,
        BLOCK => input.block().map(drop)?,
        GROUP if depth >= DEPTH_MAX => return Err(Cause::TooDeep),
        GROUP => skip_group(&mut input, tag, depth)?,
        _ => return Err(Cause::BadTag),
    }
    Ok(input.0.len())
}

fn skip_group(input: &mut Input, begin: u32, depth: u32) -> Result<(), Cause> {
    loop {
        if input.is_empty() {
            return Err(Cause::Truncated);
        }
        let tag = input.tag()?;
        check_tag(tag)?;
        if tag & 7 != GROUP_END {
            input.skip(tag, depth + 1)?;
        } else if tag >> 3 == begin >> 3 {
            return Ok(());
        } else {
            return Err(Cause::BadTag);
        }
    }
}
