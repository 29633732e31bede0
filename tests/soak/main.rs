//! A soak: pools of several kinds under 2 to 64 threads that come and go, shift after
//! shift. Every object bears its owner's token; when all threads of a shift have ended,
//! every figure of every pool must be exact.
//!
//! `MAGPOOL_SOAK_SECONDS=n` sets how long (2), `MAGPOOL_SEED=n` the seed. Threads run
//! freely, so a seed repeats what they try to do, not how they meet.
//!
//! A program of its own: it calls pools by handles that have ended, which other tests'
//! pools would bear by then.

mod arena;
#[allow(dead_code, reason = "written for tests/pool")]
#[path = "../pool/support.rs"]
mod support;
/// The C ABI, as the library itself declares it.
#[allow(clashing_extern_declarations, reason = "`support` declares the workloads as safe")]
#[path = "../../src/ffi/sys.g.rs"]
mod sys;
#[path = "../pool/tokens.rs"]
mod tokens;
mod worker;

use arena::{handle, make, Arena, Kind, Owned};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::thread::{Builder, Scope, ScopedJoinHandle};
use std::time::{Duration, Instant};
use support::{seed, Random};
use worker::Worker;

const KINDS: [Kind; 7] = [
    Kind { words: 8, capacity: 200, limit: 200, rounds: 0, reserve: 0, guarded: true },
    Kind { words: 1, capacity: 1000, limit: 1000, rounds: 16, reserve: 0, guarded: true },
    Kind { words: 32, capacity: 16, limit: 2000, rounds: 0, reserve: 0, guarded: false },
    Kind { words: 3, capacity: 50, limit: 50, rounds: 2, reserve: 5, guarded: false },
    Kind { words: 128, capacity: 7, limit: 7, rounds: 1, reserve: 0, guarded: true },
    Kind { words: 512, capacity: 10, limit: 300, rounds: 8, reserve: 0, guarded: true },
    Kind { words: 2, capacity: 3000, limit: 3000, rounds: 1024, reserve: 0, guarded: false },
];

const SHIFT: Duration = Duration::from_millis(250);
const LINE_EVERY: Duration = Duration::from_secs(5);
/// Of so many shifts the last one ends with every object freed, and new pools.
const SHIFTS_TO_EMPTY: u64 = 5;

/// What the threads of a shift share.
struct Shift<'a> {
    arenas: &'a [Arena],
    threads: usize,
    over: AtomicBool,
    /// The handle of a pool that ends and begins all the time.
    mayfly: AtomicUsize,
}

impl Shift<'_> {
    fn is_over(&self) -> bool {
        // ORDERING: only ends loops.
        self.over.load(Relaxed)
    }

    /// Objects of an arena that a thread may hold: together they want more than there are.
    fn share(&self, arena: &Arena) -> usize {
        (arena.kind.limit * 3 / 2 / self.threads).max(1)
    }
}

/// Sums of a whole soak.
#[derive(Default)]
struct Sums {
    shifts: u64,
    threads: u64,
    operations: u64,
}

#[test]
fn soak_of_all_operations_by_threads_that_come_and_go_is_exact() {
    let given = std::env::var("MAGPOOL_SOAK_SECONDS").ok();
    let seconds = given.map_or(2, |text| text.parse().expect("MAGPOOL_SOAK_SECONDS: a number"));
    let mut random = Random(seed());
    let (begin, mut line) = (Instant::now(), LINE_EVERY);
    let mut sums = Sums::default();
    let mut arenas: Vec<Arena> = KINDS.map(Arena::new).into();
    while begin.elapsed() < Duration::from_secs(seconds) {
        work(&arenas, &mut random, &mut sums);
        arenas.iter().for_each(settle);
        if sums.shifts % SHIFTS_TO_EMPTY == 0 {
            arenas.into_iter().for_each(end);
            arenas = KINDS.map(Arena::new).into();
        }
        if begin.elapsed() > line {
            line += LINE_EVERY;
            report("so far", begin, &sums);
        }
    }
    arenas.into_iter().for_each(end);
    report("no deviation", begin, &sums);
}

fn report(what: &str, begin: Instant, sums: &Sums) {
    let millions = sums.operations as f64 / 1e6;
    println!(
        "soak: {what} in {} s: {} shifts, {} threads, {millions:.2} M operations",
        begin.elapsed().as_secs(),
        sums.shifts,
        sums.threads
    );
}

/// One shift: threads end on their own and are replaced, until it is over.
fn work(arenas: &[Arena], random: &mut Random, sums: &mut Sums) {
    let threads = 2 + random.below(63);
    let mayfly = AtomicUsize::new(make(&KINDS[0]));
    let shift = Shift { arenas, threads, over: AtomicBool::new(false), mayfly };
    let end = Instant::now() + SHIFT;
    std::thread::scope(|scope| {
        // Whatever happens here, the others must not work for ever.
        let _over = Over(&shift);
        let mut start = || spawn(scope, &shift, random.next());
        let mut running: Vec<_> = (0..threads).map(|_| start()).collect();
        while Instant::now() < end {
            std::thread::sleep(Duration::from_millis(1));
            renew_mayfly(&shift);
            for worker in &mut running {
                if worker.is_finished() {
                    let ended = std::mem::replace(worker, start());
                    finish(ended, sums);
                }
            }
        }
        // ORDERING: only ends loops.
        shift.over.store(true, Relaxed);
        running.into_iter().for_each(|worker| finish(worker, sums));
    });
    sums.shifts += 1;
    let mayfly = handle(shift.mayfly.into_inner());
    // SAFETY: a live pool's handle.
    assert_eq!(unsafe { sys::pool_destroy(mayfly) }, sys::POOL_OK);
}

/// Ends the shift when it goes out of scope, also by a panic.
struct Over<'a>(&'a Shift<'a>);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        // ORDERING: only ends loops.
        self.0.over.store(true, Relaxed);
    }
}

fn spawn<'s, 'e>(
    scope: &'s Scope<'s, 'e>,
    shift: &'e Shift<'e>,
    seed: u64,
) -> ScopedJoinHandle<'s, u64> {
    let body = move || Worker::new(shift, seed).run();
    Builder::new().stack_size(256 * 1024).spawn_scoped(scope, body).expect("a thread starts")
}

fn finish(worker: ScopedJoinHandle<'_, u64>, sums: &mut Sums) {
    sums.threads += 1;
    sums.operations += worker.join().expect("DEVIATION (see above)");
}

/// Ends the mayfly, unless somebody is just using it, and makes the next one.
fn renew_mayfly(shift: &Shift<'_>) {
    // ORDERING: only this thread stores it, and a handle is valid for ever.
    let old = handle(shift.mayfly.load(Relaxed));
    // SAFETY: a live pool's handle.
    match unsafe { sys::pool_destroy(old) } {
        // ORDERING: as above.
        sys::POOL_OK => shift.mayfly.store(make(&KINDS[0]), Relaxed),
        status => assert_eq!(status, sys::POOL_ERR_BUSY),
    }
}

/// All threads have ended: what is live lies in the pile, and every figure is exact.
fn settle(arena: &Arena) {
    let pile = arena.pile.lock().unwrap();
    let live = pile.len() as u64;
    pile.iter().for_each(|owned| arena.verify(owned));
    let report = arena.check();
    assert_eq!((report.live, report.in_magazines), (live, 0));
    let (stats, counts) = (arena.stats(), &arena.counts);
    // ORDERING: all threads have been joined.
    let counted = |counter: &std::sync::atomic::AtomicU64| counter.load(Relaxed);
    assert_eq!((stats.in_use, stats.lost, stats.waiting, stats.caches), (live, 0, 0, 0));
    assert_eq!(stats.total_allocated, counted(&counts.allocated));
    assert_eq!(stats.failed_allocs, counted(&counts.refused));
    assert_eq!(stats.misuse_null, counted(&counts.null));
    assert_eq!(stats.misuse_foreign, counted(&counts.foreign));
    assert_eq!(stats.misuse_interior, counted(&counts.interior));
    assert_eq!((stats.misuse_double_free, stats.misuse_overwritten), (0, 0));
    arena.expect_permits(arena.kind.limit - pile.len());
}

/// Frees everything; then exactly as many objects can be had as the pool has.
fn end(arena: Arena) {
    let objects: Vec<Owned> = std::mem::take(&mut *arena.pile.lock().unwrap());
    let (pool, limit) = (handle(arena.pool), arena.kind.limit);
    let objects = arena.give_up(objects);
    let mut all = vec![0_usize; limit + 1];
    // SAFETY: a live pool's handle, live objects, and room for so many.
    unsafe {
        let freed = sys::pool_free_batch(pool, objects.as_ptr().cast(), objects.len());
        assert_eq!((freed, arena.check().live), (objects.len(), 0));
        let got = sys::pool_alloc_batch(pool, all.as_mut_ptr().cast(), limit + 1);
        assert_eq!(got, limit - arena.kind.reserve, "{:?}", arena.kind);
        assert_eq!(sys::pool_free_batch(pool, all.as_ptr().cast(), got), got);
        assert_eq!(sys::pool_destroy(pool), sys::POOL_OK);
    }
}
