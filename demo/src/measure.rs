//! What C and Rust threads of this process measure.

use crate::figures::Figures;
use crate::native::{Native, RawPool};
use crate::Outcome;
use std::alloc::Layout;
use std::collections::BTreeMap;
use std::hint::black_box;
use std::sync::Barrier;
use std::time::{Duration, Instant};

/// The pairs that are timed, as `demo.c` numbers them.
pub(crate) const POOL: u32 = 0;
pub(crate) const MALLOC: u32 = 1;
pub(crate) const MESSAGE: u32 = 2;
const MIXED: u32 = 3;

/// Numbers of threads by which contention and scalability are shown.
pub(crate) const CONTENDERS: [u32; 5] = [1, 2, 4, 8, 16];
pub(crate) const CROWDS: [u32; 6] = [1, 2, 4, 8, 16, 32];

const ROUNDS: usize = 5;
const SHARE_MS: u32 = 50;
const CROWD_MS: u32 = 150;
const BURST: u64 = 64;
/// Threads of each language when all run at once.
const THREADS: u32 = 3;

/// Picoseconds of a pair, for one thread and for one on each core: the median of
/// rounds in which all take turns, so that what slows the machine slows them all.
pub(crate) fn latency(native: &Native, cores: u32, figures: &mut Figures) -> Outcome<()> {
    let mut found: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    for _ in 0..ROUNDS {
        for (threads, load) in [(1, "1"), (cores, "n")] {
            for what in [POOL, MALLOC, MESSAGE] {
                let c = native.c_pairs(what, threads, SHARE_MS)?.1;
                found.entry(format!("latency.c.{what}.{load}")).or_default().push(c);
                let rust = rust_pairs(native, what, threads)?;
                found.entry(format!("latency.rust.{what}.{load}")).or_default().push(rust);
            }
        }
    }
    found.into_iter().for_each(|(name, rounds)| figures.set(&name, median(rounds)));
    Ok(())
}

fn rust_pairs(native: &Native, what: u32, threads: u32) -> Outcome<u64> {
    match what {
        POOL => rust_pool(native, threads),
        MALLOC => Ok(in_threads(threads, malloc_pair)),
        // 10 000 pairs take as many microseconds as 100 picoseconds each.
        _ => Ok(middle_contention(native, threads, true)? * 100),
    }
}

fn rust_pool(native: &Native, threads: u32) -> Outcome<u64> {
    let pool: RawPool = native.find("concurrent.SmallMessage")?;
    Ok(in_threads(threads, || assert!(native.pair(pool), "a pair was refused")))
}

fn malloc_pair() {
    // SAFETY: as large as a SmallMessage; freed with the same layout.
    unsafe {
        let layout = Layout::from_size_align_unchecked(40, 8);
        std::alloc::dealloc(black_box(std::alloc::alloc(layout)), layout);
    }
}

/// Picoseconds of a pair on average, done by threads that begin together.
fn in_threads(threads: u32, pair: impl Fn() + Sync) -> u64 {
    let gate = Barrier::new(threads as usize);
    let timed = || {
        gate.wait();
        let (began, mut pairs) = (Instant::now(), 0);
        while began.elapsed() < Duration::from_millis(SHARE_MS.into()) {
            (0..BURST).for_each(|_| pair());
            pairs += BURST;
        }
        began.elapsed().as_nanos() as u64 * 1000 / pairs
    };
    let sum: u64 = std::thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(timed)).collect();
        running.into_iter().map(|thread| thread.join().expect("a thread panicked")).sum()
    });
    sum / u64::from(threads)
}

fn median(mut found: Vec<u64>) -> u64 {
    found.sort_unstable();
    found[found.len() / 2]
}

/// The median of several runs.
fn middle_contention(native: &Native, threads: u32, shared: bool) -> Outcome<u64> {
    let runs: Outcome<Vec<u64>> = (0..ROUNDS).map(|_| native.contention(threads, shared)).collect();
    runs.map(median)
}

/// Microseconds of 10 000 pairs by each thread, on one pool or on pools of their own.
pub(crate) fn contention(native: &Native, figures: &mut Figures) -> Outcome<()> {
    for threads in CONTENDERS {
        for (kind, shared) in [("shared", true), ("isolated", false)] {
            let micros = middle_contention(native, threads, shared)?;
            figures.set(&format!("contention.{kind}.{threads}"), micros);
        }
    }
    Ok(())
}

/// Pairs a second by ever more threads.
pub(crate) fn scalability(native: &Native, figures: &mut Figures) -> Outcome<()> {
    let rate = |pairs: u64| pairs * 1000 / u64::from(CROWD_MS);
    for threads in CROWDS {
        for (who, what) in [("pool", POOL), ("malloc", MALLOC)] {
            let pairs = native.c_pairs(what, threads, CROWD_MS)?.0;
            figures.set(&format!("scale.{who}.{threads}"), rate(pairs));
        }
        let pairs = native.stress(threads, CROWD_MS)?;
        figures.set(&format!("scale.rust.{threads}"), rate(pairs));
    }
    Ok(())
}

/// C and Rust threads on the four pools at once, when there is no Dart.
pub(crate) fn at_once(native: &Native, figures: &mut Figures) -> Outcome<()> {
    const TOGETHER_MS: u32 = 3000;
    let began = Instant::now();
    let (c, rust) = std::thread::scope(|scope| {
        let c = scope.spawn(|| native.c_pairs(MIXED, THREADS, TOGETHER_MS));
        let rust = rust_share(native, Duration::from_millis(TOGETHER_MS.into()));
        (c.join().expect("a thread panicked"), rust)
    });
    figures.set("together.ms", began.elapsed().as_millis());
    figures.set("together.c", c?.0);
    figures.set("together.rust", rust?);
    for index in 0..4 {
        let report = native.report(index)?.map(|figure| figure.to_string());
        figures.set(&format!("pool.{index}"), report.join(","));
    }
    Ok(())
}

fn rust_share(native: &Native, time: Duration) -> Outcome<u64> {
    const OPERATIONS: u32 = 4000;
    let (began, mut pairs) = (Instant::now(), 0);
    while began.elapsed() < time {
        native.mixed(THREADS, OPERATIONS)?;
        pairs += u64::from(THREADS * OPERATIONS);
    }
    Ok(pairs)
}
