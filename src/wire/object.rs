//! A message's memory, and the only way to reach it. Every access is checked against the
//! message's size, so a table that is wrong stops the program before memory is touched.
#![allow(unsafe_code, reason = "messages as bytes")]

#[allow(unused_imports, reason = "named in documentation")]
use super::Cause;
use super::{Error, Output, Table};
use std::mem::MaybeUninit;

/// A message that a table describes.
///
/// # Safety
/// [`Message::TABLE`] describes the type: its size, and at each offset a member of the
/// type its row says. Every pattern of bits is a value of it, and it needs no drop.
pub unsafe trait Message: Copy {
    /// How it travels.
    const TABLE: Table<'static>;
    /// The JSON names of the schema's fields, each with a NUL behind it.
    const NAMES: &'static str;

    /// Makes this what the bytes say.
    ///
    /// # Errors
    /// What is wrong with them; the message is empty then.
    fn decode_from(&mut self, bytes: &[u8]) -> Result<(), Error> {
        super::decode(Self::TABLE, target(self), bytes)
    }

    /// Adds what the bytes say, as if they stood behind those this was decoded from: single
    /// values are replaced, messages merged, lists continued.
    ///
    /// # Errors
    /// As [`Message::decode_from`].
    fn merge_from(&mut self, bytes: &[u8]) -> Result<(), Error> {
        super::merge(Self::TABLE, target(self), bytes)
    }

    /// Bytes of its encoding.
    fn encoded_len(&self) -> usize {
        super::size(Self::TABLE, source(self))
    }

    /// Encodes it at the beginning of `out`, and returns how many bytes that are.
    ///
    /// # Errors
    /// [`Cause::NoRoom`], with the bytes needed as the offset; [`Cause::BadUtf8`];
    /// [`Cause::Missing`]. What is in `out` then, and behind an encoding, is unspecified.
    fn encode_to_slice(&self, out: &mut [u8]) -> Result<usize, Error> {
        // SAFETY: bytes are also bytes that might not be, and the encoder writes only bytes.
        let room = unsafe { &mut *(std::ptr::from_mut(out) as *mut [MaybeUninit<u8>]) };
        super::encode(Self::TABLE, source(self), Output::new(room))
    }

    /// Its encoding.
    ///
    /// # Errors
    /// [`Cause::BadUtf8`].
    fn encode_to_vec(&self) -> Result<Vec<u8>, Error> {
        let mut bytes = vec![0; self.encoded_len()];
        let used = self.encode_to_slice(&mut bytes)?;
        debug_assert_eq!(used, bytes.len());
        Ok(bytes)
    }

    /// It as JSON on one line, for people who look for faults: as protobuf's mapping has it;
    /// text that is not UTF-8 is shown with replacements.
    fn to_json(&self) -> String {
        let mut text = String::new();
        let written = super::json(Self::TABLE, Self::NAMES, source(self), &mut text);
        debug_assert!(written.is_ok());
        text
    }
}

/// The bytes of a message that is read.
fn source<T: Message>(message: &T) -> Source<'_> {
    // SAFETY: as many bytes as the message has, borrowed with it.
    Source(unsafe {
        std::slice::from_raw_parts(std::ptr::from_ref(message).cast(), size_of::<T>())
    })
}

/// The bytes of a message that is written.
fn target<T: Message>(message: &mut T) -> Target<'_> {
    // SAFETY: as above; any bytes are a value, and only bytes are written.
    Target(unsafe {
        std::slice::from_raw_parts_mut(std::ptr::from_mut(message).cast(), size_of::<T>())
    })
}

type Byte = MaybeUninit<u8>;

/// A message, or one contained in it, to be read. What its lengths, counts and other marks
/// say is in use has been written.
#[derive(Clone, Copy)]
pub(crate) struct Source<'a>(&'a [Byte]);

/// A message, or one contained in it, to be written.
pub(crate) struct Target<'a>(&'a mut [Byte]);

/// A number of so many bytes at `offset`.
#[inline(always)]
fn read<const N: usize>(bytes: &[Byte], offset: usize) -> [u8; N] {
    let found = &bytes[offset..offset + N];
    // SAFETY: so many bytes; whoever reads a member knows from its marks that it was written,
    // and marks are written when a message is made or cleared.
    unsafe { found.as_ptr().cast::<[u8; N]>().read() }
}

/// Copies as many bytes as there are, and tells whether all are ASCII. Most texts are short:
/// some steps are sooner done than a call. The last step may copy bytes before it once more.
#[inline(always)]
pub(super) fn copy(to: &mut [Byte], from: &[u8]) -> bool {
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let high = match from.len() {
        0..4 => {
            let mut high = 0;
            for (to, &byte) in to.iter_mut().zip(from) {
                high |= byte;
                to.write(byte);
            }
            high.into()
        }
        4..=8 => {
            let (first, last) = copy_ends(to, from);
            (u32::from_ne_bytes(first) | u32::from_ne_bytes(last)).into()
        }
        9..=16 => {
            let (first, last) = copy_ends(to, from);
            u64::from_ne_bytes(first) | u64::from_ne_bytes(last)
        }
        17..=32 => both_halves(copy_sixteens(to, from)),
        length => {
            let (mut high, mut at, end) = (0, 0, length - 32);
            while at < end {
                high |= copy_sixteens(&mut to[at..][..32], &from[at..][..32]);
                at += 32;
            }
            both_halves(high | copy_sixteens(&mut to[end..], &from[end..]))
        }
    };
    high & HIGH == 0
}

#[inline(always)]
fn both_halves(both: u128) -> u64 {
    (both >> 64) as u64 | both as u64
}

#[inline(always)]
fn copy_sixteens(to: &mut [Byte], from: &[u8]) -> u128 {
    let (first, last) = copy_ends(to, from);
    u128::from_ne_bytes(first) | u128::from_ne_bytes(last)
}

/// Copies the first and the last `N` bytes, and returns them.
#[inline(always)]
fn copy_ends<const N: usize>(to: &mut [Byte], from: &[u8]) -> ([u8; N], [u8; N]) {
    let end = from.len() - N;
    let (mut first, mut last) = ([0; N], [0; N]);
    first.copy_from_slice(&from[..N]);
    last.copy_from_slice(&from[end..][..N]);
    write(to, first);
    write(&mut to[end..], last);
    (first, last)
}

/// Writes at the beginning of room that is as large, at least.
#[inline(always)]
pub(super) fn write<const N: usize>(to: &mut [Byte], bytes: [u8; N]) {
    let room = &mut to[..N];
    // SAFETY: so many bytes, which are ours.
    unsafe { room.as_mut_ptr().cast::<[u8; N]>().write(bytes) }
}

impl<'a> Source<'a> {
    /// # Safety
    /// A live message of `size` bytes whose marks are written, as is what they say is in use.
    pub(crate) unsafe fn new(object: *const u8, size: usize) -> Self {
        // SAFETY: the caller's promise.
        Self(unsafe { std::slice::from_raw_parts(object.cast(), size) })
    }

    #[inline(always)]
    pub(crate) fn flag(self, offset: usize) -> bool {
        read::<1>(self.0, offset) != [0]
    }

    #[inline(always)]
    pub(crate) fn word(self, offset: usize) -> u32 {
        u32::from_ne_bytes(read(self.0, offset))
    }

    #[inline(always)]
    pub(crate) fn long(self, offset: usize) -> u64 {
        u64::from_ne_bytes(read(self.0, offset))
    }

    /// Numbers of so many bytes, one behind the other.
    #[inline(always)]
    pub(crate) fn numbers<const N: usize>(
        self,
        offset: usize,
        count: usize,
    ) -> impl Iterator<Item = [u8; N]> + 'a {
        self.0[offset..][..count * N].chunks_exact(N).map(|bytes| read(bytes, 0))
    }

    /// A number of 1, 4 or 8 bytes.
    #[inline(always)]
    pub(crate) fn bits(self, offset: usize, width: usize) -> u64 {
        match width {
            1 => u64::from(read::<1>(self.0, offset)[0]),
            4 => u64::from(self.word(offset)),
            _ => self.long(offset),
        }
    }

    /// Bytes in use.
    #[inline(always)]
    pub(crate) fn bytes(self, offset: usize, length: usize) -> &'a [u8] {
        let found = &self.0[offset..offset + length];
        // SAFETY: in use, so they were written.
        unsafe { &*(std::ptr::from_ref(found) as *const [u8]) }
    }

    /// A contained message.
    #[inline(always)]
    pub(crate) fn part(self, offset: usize, size: usize) -> Source<'a> {
        Source(&self.0[offset..offset + size])
    }
}

impl Target<'_> {
    /// # Safety
    /// Memory of `size` bytes for a message, nobody else's meanwhile; its marks are written,
    /// unless it is cleared first.
    pub(crate) unsafe fn new(object: *mut u8, size: usize) -> Self {
        // SAFETY: the caller's promise.
        Self(unsafe { std::slice::from_raw_parts_mut(object.cast(), size) })
    }

    /// A message in memory of that size.
    pub(crate) fn of(bytes: &mut [Byte]) -> Target<'_> {
        Target(bytes)
    }

    /// To be read.
    pub(crate) fn source(&self) -> Source<'_> {
        Source(self.0)
    }

    /// The message itself, lent.
    #[inline(always)]
    pub(crate) fn whole(&mut self) -> Target<'_> {
        Target(self.0)
    }

    #[inline(always)]
    pub(crate) fn flag(&self, offset: usize) -> bool {
        read::<1>(self.0, offset) != [0]
    }

    #[inline(always)]
    pub(crate) fn word(&self, offset: usize) -> u32 {
        u32::from_ne_bytes(read(self.0, offset))
    }

    #[inline(always)]
    pub(crate) fn set_word(&mut self, offset: usize, value: u32) {
        self.put(offset, value.to_ne_bytes());
    }

    /// A number of 1, 4 or 8 bytes.
    #[inline(always)]
    pub(crate) fn set_bits(&mut self, offset: usize, width: usize, bits: u64) {
        match width {
            1 => self.put(offset, [bits as u8]),
            4 => self.put(offset, (bits as u32).to_ne_bytes()),
            _ => self.put(offset, bits.to_ne_bytes()),
        }
    }

    #[inline(always)]
    fn put<const N: usize>(&mut self, offset: usize, bytes: [u8; N]) {
        write(&mut self.0[offset..offset + N], bytes);
    }

    /// Makes bytes 0, eight at a time.
    #[inline(always)]
    pub(crate) fn clear(&mut self, offset: usize, length: usize) {
        for eight in self.0[offset..][..length].chunks_exact_mut(8) {
            eight.copy_from_slice(&[Byte::new(0); 8]);
        }
    }

    /// Makes any bytes 0.
    pub(crate) fn wipe(&mut self, offset: usize, length: usize) {
        self.0[offset..][..length].fill(Byte::new(0));
    }

    /// Copies bytes to `offset`, and tells whether all are ASCII.
    #[inline(always)]
    pub(crate) fn set_bytes(&mut self, offset: usize, bytes: &[u8]) -> bool {
        copy(&mut self.0[offset..offset + bytes.len()], bytes)
    }

    /// A contained message.
    #[inline(always)]
    pub(crate) fn part(&mut self, offset: usize, size: usize) -> Target<'_> {
        Target(&mut self.0[offset..][..size])
    }
}
