//! Random messages within their bounds, and random damage, from a seed that is printed.

use crate::peer;

/// The tests' randomness; `MAGPOOL_SEED` sets it.
pub(crate) struct Draw(u64);

impl Draw {
    pub(crate) fn new() -> Self {
        let given = std::env::var("MAGPOOL_SEED").ok().and_then(|seed| seed.parse().ok());
        let clock = || std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        let seed = given.unwrap_or_else(|| clock().map_or(1, |time| time.as_nanos() as u64));
        println!("MAGPOOL_SEED={seed}");
        Self(seed)
    }

    /// splitmix64.
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    pub(crate) fn flag(&mut self) -> bool {
        self.next() & 1 != 0
    }

    /// A number of any width, often 0 or at an end.
    pub(crate) fn number(&mut self) -> u64 {
        match self.below(8) {
            0 => 0,
            1 => u64::MAX,
            2 => 1 << 63,
            3 => 1 << 31,
            _ => self.next() >> self.below(64),
        }
    }

    pub(crate) fn text(&mut self, most: usize) -> String {
        let length = if self.flag() { self.below(most + 1) } else { most };
        let mut text = String::new();
        loop {
            let c = match self.below(8) {
                0 => 'ß',
                1 => '\u{800}',
                2 => '🍵',
                3 => '\0',
                _ => (b'a' + self.below(26) as u8) as char,
            };
            if text.len() + c.len_utf8() > length {
                return text;
            }
            text.push(c);
        }
    }

    pub(crate) fn bytes(&mut self, most: usize) -> Vec<u8> {
        self.list(most, |draw| draw.next() as u8)
    }

    pub(crate) fn list<T>(&mut self, most: usize, mut make: impl FnMut(&mut Self) -> T) -> Vec<T> {
        let count = if self.below(4) == 0 { most } else { self.below(most + 1) };
        (0..count).map(|_| make(self)).collect()
    }

    pub(crate) fn maybe<T>(&mut self, mut make: impl FnMut(&mut Self) -> T) -> Option<T> {
        self.flag().then(|| make(self))
    }

    /// No NaN, which equals nothing, and no -0.0, about which implementations differ.
    pub(crate) fn float(&mut self) -> f64 {
        self.next() as i64 as f64
    }

    pub(crate) fn deep(&mut self) -> peer::Deep {
        peer::Deep { value: self.number() as u32, color: self.number() as i32 }
    }

    pub(crate) fn inner(&mut self) -> peer::Inner {
        let deep = self.maybe(Self::deep);
        peer::Inner { deep, first: self.flag(), last: self.flag() }
    }

    pub(crate) fn everything(&mut self) -> peer::Everything {
        peer::Everything {
            flag: self.flag(),
            small: self.number() as i32,
            zigzag: self.number() as i32,
            fixed_signed: self.number() as i32,
            wide_float: self.float(),
            count: self.number() as u32,
            fixed: self.number() as u32,
            big: self.number() as i64,
            big_zigzag: self.number() as i64,
            big_fixed_signed: self.number() as i64,
            narrow_float: self.float() as f32,
            huge: self.number(),
            huge_fixed: self.number(),
            color: self.number() as i32,
            text: self.text(64),
            blob: self.bytes(5),
            child: self.maybe(Self::inner),
            deep: self.maybe(Self::deep),
            words: self.maybe(|draw| peer::Words {
                int: draw.number() as u32,
                r#type: draw.text(4),
                class: draw.list(2, |draw| draw.number() as u32),
                address: draw.number() as u32,
                hash_code: draw.number() as u32,
                camel_case: draw.number() as u32,
                self_: draw.number() as u32,
                errno: draw.number() as u32,
                complex: draw.number() as u32,
                default: draw.number() as u32,
            }),
        }
    }

    pub(crate) fn lists(&mut self) -> peer::Lists {
        peer::Lists {
            flags: self.list(3, Self::flag),
            numbers: self.list(16, |draw| draw.number() as i32),
            floats: self.list(2, Self::float),
            narrow_floats: self.list(2, |draw| draw.float() as f32),
            huge: self.list(2, Self::number),
            colors: self.list(4, |draw| draw.number() as i32),
            texts: self.list(3, |draw| draw.text(6)),
            blobs: self.list(2, |draw| draw.bytes(3)),
            children: self.list(2, Self::inner),
        }
    }

    pub(crate) fn large(&mut self) -> peer::LargeMessage {
        peer::LargeMessage {
            id: self.number() as u32,
            title: self.text(64),
            description: self.text(512),
            payload: self.bytes(1024),
            children: self.list(8, |draw| peer::SmallMessage {
                id: draw.number() as u32,
                name: draw.text(32),
            }),
            keywords: self.list(16, |draw| draw.text(24)),
            timestamps: self.list(32, Self::number),
        }
    }

    /// Changes some bytes, drops some, doubles some, or puts in parts of `other`.
    pub(crate) fn damage(&mut self, bytes: &mut Vec<u8>, other: &[u8]) {
        for _ in 0..1 + self.below(2) * self.below(3) {
            let at = self.below(bytes.len() + 1);
            let end = at + self.below(bytes.len() - at + 1).min(12);
            match self.below(6) {
                0 => bytes.truncate(at),
                1 => drop(bytes.drain(at..end)),
                2 => bytes.splice(at..at, bytes[at..end].to_vec()).for_each(drop),
                3 if !other.is_empty() => {
                    let from = self.below(other.len());
                    let part = &other[from..][..self.below(other.len() - from + 1)];
                    bytes.splice(at..at, part.iter().copied()).for_each(drop);
                }
                4 => bytes.insert(at, self.next() as u8),
                _ if at < bytes.len() => bytes[at] ^= 1 << self.below(8),
                _ => {}
            }
        }
    }
}
