//! What the caller asked for, and the checked numbers the pool is built from.
//! Pure arithmetic: no memory is obtained here.

#![forbid(unsafe_code)]

use crate::error::Error;

/// Longest name of a pool in bytes (`POOL_NAME_MAX`).
pub(crate) const NAME_MAX: usize = 63;
/// Most objects of a pool (`POOL_OBJECTS_MAX`): a round keeps one bit for its stamp.
pub(crate) const OBJECTS_MAX: usize = 1 << 31;
/// Most rounds of a magazine (`POOL_MAGAZINE_ROUNDS_MAX`).
pub(crate) const MAGAZINE_ROUNDS_MAX: u32 = 1024;
/// Flag: print a line and abort on misuse (`POOL_ABORT_ON_MISUSE`).
pub(crate) const ABORT_ON_MISUSE: u32 = 1;
/// Flag: ask the system for huge pages (`POOL_HUGE_PAGES`).
pub(crate) const HUGE_PAGES: u32 = 2;

const OBJECT_SIZE_MAX: usize = 1 << 30;
const OBJECT_ALIGN_MAX: usize = 4096;
const RESERVED_MAX: usize = 1 << 44;
/// The first word of a free slot holds its key.
const SLOT_SIZE_MIN: usize = 8;
/// Bytes in which rounds count where they can: see [`unit_for`].
pub(crate) const UNIT: usize = 8;

/// What a caller asks for; `0` means "choose" where `pool.h` says so.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Config<'a> {
    /// Name, unique among the pools of the process.
    pub(crate) name: Option<&'a str>,
    /// Bytes of an object.
    pub(crate) object_size: usize,
    /// Alignment of an object in bytes, or 0.
    pub(crate) object_align: usize,
    /// Objects of a new pool.
    pub(crate) capacity: usize,
    /// Most objects ever, or 0 for `capacity`.
    pub(crate) limit: usize,
    /// Rounds of a magazine, or 0.
    pub(crate) magazine_rounds: u32,
    /// [`ABORT_ON_MISUSE`] and [`HUGE_PAGES`], or 0.
    pub(crate) flags: u32,
    /// Objects that only critical allocations may take.
    pub(crate) reserve: usize,
}

/// A pool's name, kept inline so that naming a pool needs no allocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Name {
    bytes: [u8; NAME_MAX],
    len: u8,
}

impl Name {
    pub(crate) fn new(name: &str) -> Result<Name, Error> {
        if name.is_empty() || name.len() > NAME_MAX || name.contains('\0') {
            return Err(Error::Invalid);
        }
        let mut bytes = [0; NAME_MAX];
        bytes[..name.len()].copy_from_slice(name.as_bytes());
        Ok(Name { bytes, len: name.len() as u8 })
    }

    pub(crate) fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[..self.len as usize]).unwrap_or("?")
    }
}

/// The checked numbers of a pool.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape {
    pub(crate) name: Option<Name>,
    pub(crate) object_size: usize,
    pub(crate) object_align: usize,
    /// From one object to the next: a multiple of the alignment and of 8.
    pub(crate) stride: usize,
    pub(crate) capacity: usize,
    pub(crate) limit: usize,
    /// Of a magazine: most, if the pool may choose.
    pub(crate) rounds: u32,
    /// Whether it may.
    pub(crate) rounds_are_free: bool,
    pub(crate) flags: u32,
    pub(crate) reserve: usize,
}

impl Shape {
    pub(crate) fn check(config: &Config<'_>) -> Result<Shape, Error> {
        let name = config.name.map(Name::new).transpose()?;
        let size = config.object_size;
        let align = match config.object_align {
            0 if size <= 8 => 8,
            0 => 16,
            align => align,
        };
        let limit = if config.limit == 0 { config.capacity } else { config.limit };
        let in_range = (1..=OBJECT_SIZE_MAX).contains(&size)
            && align.is_power_of_two()
            && align <= OBJECT_ALIGN_MAX
            && (1..=OBJECTS_MAX).contains(&config.capacity)
            && (config.capacity..=OBJECTS_MAX).contains(&limit)
            && config.reserve < limit
            && config.magazine_rounds <= MAGAZINE_ROUNDS_MAX
            && config.flags & !(ABORT_ON_MISUSE | HUGE_PAGES) == 0;
        if !in_range {
            return Err(Error::Invalid);
        }
        let stride = stride_for(size.next_multiple_of(align.max(SLOT_SIZE_MIN)), limit);
        if stride.checked_mul(limit).is_none_or(|bytes| bytes > RESERVED_MAX) {
            return Err(Error::Invalid);
        }
        let rounds = match config.magazine_rounds {
            0 => default_rounds(limit, stride),
            rounds => rounds.min(u32::try_from(limit).unwrap_or(u32::MAX)),
        };
        Ok(Shape {
            name,
            object_size: size,
            object_align: align,
            stride,
            capacity: config.capacity,
            limit,
            rounds,
            rounds_are_free: config.magazine_rounds == 0,
            flags: config.flags,
            reserve: config.reserve,
        })
    }

    /// Whether a pool of this shape serves a caller who asked for `other`.
    pub(crate) fn serves(&self, other: &Shape) -> bool {
        self.object_size == other.object_size
            && self.object_align >= other.object_align
            && self.limit == other.limit
            && (other.reserve == 0 || self.reserve == other.reserve)
    }
}

/// The unit in which a round counts the slot's offset. It is 8 bytes, for which the
/// fast path is made, if 28 bits are enough then (up to 2 GiB): they leave stamps for 15
/// caches. Else it is the stride's factors of two, and up to 31 bits are given. Nothing
/// if even those are not enough.
pub(crate) fn unit_for(stride: usize, limit: usize) -> Option<usize> {
    let counts = |&(unit, places): &(usize, usize)| {
        let last = (limit - 1).checked_mul(stride / unit);
        last.is_some_and(|last| last < places)
    };
    let units = [(UNIT, 1 << 28), (1 << stride.trailing_zeros(), OBJECTS_MAX)];
    units.into_iter().find(counts).map(|(unit, _)| unit)
}

/// A pool of very many oddly sized objects pads them to a rounder stride.
fn stride_for(stride: usize, limit: usize) -> usize {
    match unit_for(stride, limit) {
        Some(_) => stride,
        None => stride_for(stride.next_multiple_of(2 << stride.trailing_zeros()), limit),
    }
}

/// A magazine holds at most 120 rounds (512 bytes with its header: 4.3 bytes a slot; 128 took
/// 5.1), 64 KiB of objects, and a quarter of the pool, of which two threads then hold all. (Pools begin with less: see `pool::pace`.)
fn default_rounds(limit: usize, stride: usize) -> u32 {
    let by_bytes = (64 * 1024 / stride).max(4);
    let by_limit = limit / 4;
    by_bytes.min(by_limit).clamp(1, 120) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config() -> Config<'static> {
        Config { object_size: 64, capacity: 100, ..Config::default() }
    }

    #[test]
    fn check_defaults_are_filled_in() {
        let shape = Shape::check(&config()).unwrap();
        assert_eq!((shape.stride, shape.limit, shape.object_align), (64, 100, 16));
        assert_eq!(shape.rounds, 25);
        let one = Shape::check(&Config { capacity: 1, ..config() }).unwrap();
        assert_eq!(one.rounds, 1);
    }

    #[test]
    fn stride_is_padded_where_no_unit_is_enough() {
        assert_eq!(stride_for(24, OBJECTS_MAX / 3 + 1), 24, "31 bits in units of 8");
        assert_eq!(stride_for(24, OBJECTS_MAX / 3 + 2), 32);
        assert_eq!(stride_for(48, OBJECTS_MAX / 3), 48, "units of 16");
        assert_eq!(stride_for(40, OBJECTS_MAX / 4), 48, "five units of 8 each are too many");
        assert_eq!(stride_for(72, OBJECTS_MAX), 128);
    }

    #[test]
    fn check_out_of_range_is_invalid() {
        for bad in [
            Config { object_size: 0, ..config() },
            Config { object_size: OBJECT_SIZE_MAX + 1, ..config() },
            Config { object_align: 3, ..config() },
            Config { object_align: 8192, ..config() },
            Config { capacity: 0, ..config() },
            Config { capacity: OBJECTS_MAX + 1, ..config() },
            Config { limit: 99, ..config() },
            Config { reserve: 100, ..config() },
            Config { magazine_rounds: 1025, ..config() },
            Config { flags: 4, ..config() },
            Config { name: Some(""), ..config() },
            Config { name: Some(&"x".repeat(64)), ..config() },
            Config { object_size: 1 << 30, capacity: 1 << 20, ..config() },
        ] {
            assert_eq!(Shape::check(&bad).unwrap_err(), Error::Invalid, "{bad:?}");
        }
    }
}
