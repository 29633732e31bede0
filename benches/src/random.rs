//! Random numbers that cost next to nothing: xorshift, one generator a thread.

pub(crate) struct Random(u64);

impl Random {
    /// The same for the same seed and thread; never stuck at zero.
    pub(crate) fn new(seed: u64, thread: usize) -> Random {
        // SplitMix64 spreads neighbouring seeds.
        let mut x = seed.wrapping_add((thread as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
        x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        Random((x ^ (x >> 31)) | 1)
    }

    #[inline(always)]
    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// Less than `bound`, which is less than 2^32.
    #[inline(always)]
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        (((self.next() >> 32) * bound as u64) >> 32) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::Random;

    #[test]
    fn threads_draw_different_numbers_and_the_same_each_run() {
        let draw = |seed, thread| {
            let mut random = Random::new(seed, thread);
            (0..100).map(|_| random.below(1000)).collect::<Vec<_>>()
        };
        assert_eq!(draw(1, 0), draw(1, 0));
        assert_ne!(draw(1, 0), draw(1, 1));
        assert_ne!(draw(1, 0), draw(2, 0));
        assert!(draw(1, 0).iter().all(|&number| number < 1000));
        assert!(draw(1, 0).iter().any(|&number| number >= 900));
    }
}
