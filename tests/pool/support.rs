//! What several tests need: threads that start together, the proof that a pool is
//! sound, numbers that look random, and the C functions.

use magpool::{Error, Pool, Pooled};
use std::sync::RwLock;
use std::thread::Builder;

/// The C ABI, for what the typed face rules out.
pub(crate) mod c {
    use std::ffi::{c_char, c_int, c_void};

    pub(crate) const OK: c_int = 0;
    pub(crate) const ERR_NULL: c_int = -1;
    pub(crate) const ERR_FOREIGN: c_int = -9;
    pub(crate) const ERR_INTERIOR: c_int = -10;
    pub(crate) const ERR_WRONG_POOL: c_int = -11;
    pub(crate) const ERR_DOUBLE_FREE: c_int = -12;
    pub(crate) const WORKLOAD_FAILED: u64 = u64::MAX;

    #[repr(C)]
    pub(crate) struct RawPool {
        _opaque: [u8; 0],
    }

    // SAFETY: as `include/pool.h` and `include/pool_workloads.h` declare them.
    unsafe extern "C" {
        pub(crate) fn pool_find(name: *const c_char, out: *mut *mut RawPool) -> c_int;
        pub(crate) fn pool_destroy_forced(pool: *mut RawPool, out_live: *mut usize) -> c_int;
        pub(crate) fn pool_alloc(pool: *mut RawPool) -> *mut c_void;
        pub(crate) fn pool_free(pool: *mut RawPool, object: *mut c_void) -> c_int;
        pub(crate) fn pool_release(object: *mut c_void);

        pub(crate) safe fn concurrent_test_small_pool(threads: u32, operations: u32) -> u64;
        pub(crate) safe fn concurrent_test_medium_pool(threads: u32, operations: u32) -> u64;
        pub(crate) safe fn concurrent_test_large_pool(threads: u32, operations: u32) -> u64;
        pub(crate) safe fn concurrent_test_mixed_operations(threads: u32, operations: u32) -> u64;
        pub(crate) safe fn stress_test_rapid_alloc_free(threads: u32, milliseconds: u32) -> u64;
        pub(crate) safe fn test_pool_exhaustion(size: u32) -> bool;
        pub(crate) safe fn test_free_list_integrity(iterations: u32) -> bool;
        pub(crate) safe fn measure_contention(threads: u32, shared: bool) -> u64;
        pub(crate) safe fn concurrent_layout_hash() -> u64;
    }
}

/// Runs `work` in that many threads, which begin together; what they return.
pub(crate) fn together<R: Send>(count: usize, work: impl Fn(usize) -> R + Sync) -> Vec<R> {
    // Locked until all threads were started. Should one not start, the panic
    // poisons the lock and the others panic as well: nobody waits for ever.
    let gate = RwLock::new(());
    std::thread::scope(|scope| {
        let closed = gate.write().unwrap();
        let (gate, work) = (&gate, &work);
        let start = |number| {
            let body = move || {
                drop(gate.read().unwrap());
                work(number)
            };
            Builder::new().stack_size(256 * 1024).spawn_scoped(scope, body).unwrap()
        };
        let threads: Vec<_> = (0..count).map(start).collect();
        drop(closed);
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

/// Every slot is in one place, nothing is damaged or lost, and so many are live.
#[track_caller]
pub(crate) fn expect_sound<T>(pool: &Pool<T>, in_use: u64) {
    let report = pool.check().unwrap();
    assert!(report.is_clean(), "{report:?}");
    expect_slots_add_up(&report);
    let stats = pool.stats().unwrap();
    assert_eq!((report.lost, stats.lost), (0, 0), "lost slots: {report:?}");
    assert_eq!((report.live, stats.in_use), (in_use, in_use), "live objects: {report:?}");
    assert_eq!(stats.total_allocated - stats.total_freed, in_use);
}

#[track_caller]
pub(crate) fn expect_slots_add_up(report: &magpool::Report) {
    let everywhere =
        report.live + report.in_magazines + report.in_depot + report.uncarved + report.lost;
    assert_eq!(everywhere, report.slots, "{report:?}");
}

/// Allocates until the pool is exhausted.
pub(crate) fn take_all<T: Default>(pool: &Pool<T>) -> Vec<Pooled<'_, T>> {
    let mut held = Vec::new();
    loop {
        match pool.alloc(T::default()) {
            Ok(object) => held.push(object),
            Err(Error::Exhausted) => return held,
            Err(error) => panic!("{error}"),
        }
    }
}

/// A bounded pool.
pub(crate) fn pool_of<T>(capacity: usize) -> Pool<T> {
    Pool::builder().capacity(capacity).build().unwrap()
}

/// The seed of this run: `MAGPOOL_SEED`, else another one each time.
pub(crate) fn seed() -> u64 {
    let given = std::env::var("MAGPOOL_SEED").ok();
    let seed = given.map_or_else(fresh_seed, |text| text.parse().expect("MAGPOOL_SEED: a number"));
    println!("MAGPOOL_SEED={seed}");
    seed
}

fn fresh_seed() -> u64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    now.map_or(1, |time| time.as_nanos() as u64)
}

/// SplitMix64: any state is a good seed.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }
}
