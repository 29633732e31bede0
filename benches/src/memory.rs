//! What memory a peer takes, each peer in a process of its own: what one leaves behind is not
//! counted against the next.

use crate::outcome::{Case, Memory, PeerInfo, PeerResult, Spread};
use crate::peer::{Local, Peer, Setup, Visitor};
use crate::peers;
use crate::sys::write_first;
use crate::workloads::LARGE;
use serde::{Deserialize, Serialize};
use std::process::{Command, Stdio};
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

/// The hidden subcommand that a child is started with.
pub(crate) const CHILD: &str = "memory-of";
/// What the names of its cases begin with.
pub(crate) const PREFIX: &str = "memory";
/// What a child's last line begins with; peers may print lines of their own.
const MARK: &str = "memory: ";

/// Objects that are live when the memory of objects is measured.
const OBJECTS: usize = LARGE;
const OBJECT_BYTES: usize = 64;
/// Threads that use a pool when a thread's memory is measured, and strand objects.
const THREADS: usize = 32;
/// Objects of that pool, and objects that a thread takes at once.
const SMALL: usize = 1 << 16;
const HELD: usize = 256;

/// How long a child may take: a peer whose calls take longer with every object needs hours.
const PATIENCE: Duration = Duration::from_secs(5);

/// What a child finds.
#[derive(Serialize, Deserialize, Default)]
struct Found {
    created: u64,
    live: u64,
    threads: u64,
    stranded: Option<u64>,
}

/// The cases, from one child a peer.
pub(crate) fn cases(chosen: &[PeerInfo], mut done: impl FnMut()) -> Vec<Case> {
    let mut cases = empty_cases();
    for peer in chosen.iter().filter(|peer| peer.missing.is_none()) {
        match ask(&peer.name) {
            Ok(found) => enter(&mut cases, &peer.name, &found),
            Err(reason) => {
                for case in &mut cases {
                    case.results.push(result(&peer.name, None, Some(reason.clone())));
                }
            }
        }
        done();
    }
    cases.into()
}

fn empty_cases() -> [Case; 4] {
    let case = |workload: &str, what: String, threads, unit: &str| Case {
        workload: workload.into(),
        what,
        threads,
        object_bytes: OBJECT_BYTES,
        unit: unit.into(),
        results: Vec::new(),
    };
    [
        case("memory-objects", format!("{OBJECTS} objects are live."), 1, "object"),
        case("memory-new", format!("A pool of {OBJECTS} objects was made."), 1, "object"),
        case(
            "memory-threads",
            format!(
                "{THREADS} threads have used a pool all of whose objects were used before, and may \
                 use it again: what they take, beside the objects."
            ),
            THREADS,
            "thread",
        ),
        case(
            "memory-stranded",
            format!(
                "{THREADS} threads have used a bounded pool, hold nothing and may use it again; \
                 another thread takes all that it can get."
            ),
            THREADS,
            "object",
        ),
    ]
}

fn enter(cases: &mut [Case; 4], peer: &str, found: &Found) {
    let of = |bytes: u64, own: usize, count: usize, stranded| Memory {
        resident_bytes: bytes,
        overhead_per_object: (bytes as f64 - own as f64) / count as f64,
        stranded,
    };
    let unbounded = || "has no capacity to be exhausted".to_owned();
    let stranded = found.stranded.map(|stranded| of(0, 0, 1, stranded));
    let note = stranded.is_none().then(unbounded);
    let results = [
        (Some(of(found.live, OBJECTS * OBJECT_BYTES, OBJECTS, 0)), None),
        (Some(of(found.created, 0, OBJECTS, 0)), None),
        (Some(of(found.threads, 0, THREADS, 0)), None),
        (stranded, note),
    ];
    for (case, (memory, note)) in cases.iter_mut().zip(results) {
        case.results.push(result(peer, memory, note));
    }
}

fn result(peer: &str, memory: Option<Memory>, note: Option<String>) -> PeerResult {
    PeerResult {
        peer: peer.into(),
        wall: Spread::default(),
        processor: Spread::default(),
        throughput: 0.0,
        latency: None,
        memory,
        note,
    }
}

/// Starts this program again for one peer.
fn ask(peer: &str) -> Result<Found, String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let mut child = Command::new(program)
        .args([CHILD, peer])
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| format!("its process did not start: {error}"))?;
    let begin = Instant::now();
    // A child writes less than a pipe holds, and so never waits for this process.
    while matches!(child.try_wait(), Ok(None)) {
        if begin.elapsed() > PATIENCE {
            let _ = child.kill();
            let _ = child.wait();
            return Err(format!("did not end within {} s", PATIENCE.as_secs()));
        }
        thread::sleep(Duration::from_millis(5));
    }
    let output = child.wait_with_output().map_err(|error| error.to_string())?;
    let text = String::from_utf8_lossy(&output.stdout);
    let line = text.lines().rev().find_map(|line| line.strip_prefix(MARK));
    line.and_then(|line| serde_json::from_str(line).ok())
        .ok_or_else(|| format!("its process ended without a result: {}", output.status))
}

/// What the child does.
pub(crate) fn child(peer: &str) -> Result<(), String> {
    struct Child<'a>(&'a str, Result<Found, String>);
    impl Visitor for Child<'_> {
        fn visit<P: Peer>(&mut self) {
            if P::NAME == self.0 {
                self.1 = measure::<P>();
            }
        }
    }
    let mut child = Child(peer, Err(format!("no peer is called {peer}")));
    peers::visit_all(&mut child);
    let text = serde_json::to_string(&child.1?).map_err(|error| error.to_string())?;
    println!("{MARK}{text}");
    Ok(())
}

fn measure<P: Peer>() -> Result<Found, String> {
    // A first pool, so that what a process pays once is paid.
    drop(P::create(&Setup { object_bytes: OBJECT_BYTES, capacity: 1000, threads: 1 })?);
    resident();
    let (created, live) = of_objects::<P>()?;
    Ok(Found { created, live, threads: of_threads::<P>()?, stranded: stranded::<P>()? })
}

/// A large pool when it is new, and when all its objects are live.
fn of_objects<P: Peer>() -> Result<(u64, u64), String> {
    let setup = Setup { object_bytes: OBJECT_BYTES, capacity: OBJECTS, threads: 1 };
    let mut held: Vec<Option<P::Object>> = Vec::new();
    held.resize_with(OBJECTS, || None);
    let before = resident();
    let peer = P::create(&setup)?;
    let created = resident();
    let mut local = peer.local();
    for place in &mut held {
        *place = take(&mut local);
    }
    let live = resident();
    for object in held.drain(..).flatten() {
        local.free(object);
    }
    Ok((created.saturating_sub(before), live.saturating_sub(before)))
}

fn take<L: Local>(local: &mut L) -> Option<L::Object> {
    let mut object = local.alloc()?;
    write_first(L::bytes(&mut object), 1);
    Some(object)
}

/// Takes up to so many objects and gives them back.
fn use_objects<L: Local>(local: &mut L, count: usize) -> usize {
    let held: Vec<L::Object> = (0..count).map_while(|_| take(local)).collect();
    let got = held.len();
    held.into_iter().for_each(|object| local.free(object));
    got
}

/// What threads take that use a pool. They have used two others in the same way before: the
/// first brings what a thread needs once.
fn of_threads<P: Peer>() -> Result<u64, String> {
    let setup = Setup { object_bytes: OBJECT_BYTES, capacity: SMALL, threads: 2 * THREADS + 2 };
    let pools = [P::create(&setup)?, P::create(&setup)?, P::create(&setup)?];
    for pool in &pools {
        use_objects(&mut pool.local(), SMALL);
    }
    let barrier = Barrier::new(THREADS + 1);
    let mut figures = [0; 3];
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                let mut locals = Vec::with_capacity(3);
                for pool in &pools {
                    locals.push(pool.local());
                    for local in &mut locals {
                        use_objects(local, HELD);
                    }
                    barrier.wait();
                    barrier.wait();
                }
            });
        }
        for figure in &mut figures {
            barrier.wait();
            *figure = resident();
            barrier.wait();
        }
    });
    Ok(figures[2].saturating_sub(figures[1]))
}

/// Objects that cannot be had while other threads have used the pool and are still there.
fn stranded<P: Peer>() -> Result<Option<u64>, String> {
    if !P::BOUNDED {
        return Ok(None);
    }
    let setup = Setup { object_bytes: OBJECT_BYTES, capacity: SMALL, threads: THREADS + 2 };
    let pool = P::create(&setup)?;
    let barrier = Barrier::new(THREADS + 1);
    let got = thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                let mut local = pool.local();
                use_objects(&mut local, HELD);
                barrier.wait();
                barrier.wait();
            });
        }
        barrier.wait();
        let got = use_objects(&mut pool.local(), SMALL);
        barrier.wait();
        got
    });
    Ok(Some((SMALL - got) as u64))
}

/// Bytes of this process that are in memory. Counted page by page: the quick figure of
/// `statm` is only near the truth.
fn resident() -> u64 {
    let text = std::fs::read_to_string("/proc/self/smaps_rollup").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("Rss:"));
    let kib = line.and_then(|rest| rest.trim().trim_end_matches(" kB").parse::<u64>().ok());
    kib.unwrap_or(0) * 1024
}
