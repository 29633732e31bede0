//! Starting threads that begin together.

use super::Failed;
use std::sync::{PoisonError, RwLock};
use std::thread::{Builder, Scope, ScopedJoinHandle};
use std::time::{Duration, Instant};

/// Enough for any workload, and little enough for thousands of threads.
const STACK_BYTES: usize = 256 * 1024;

/// What all threads of a run did.
pub(super) struct Run {
    pub(super) pairs: u64,
    pub(super) elapsed: Duration,
}

/// A thread of a run.
#[derive(Clone, Copy)]
pub(super) struct Thread {
    /// From 0.
    pub(super) number: u32,
    /// When the gate opened.
    pub(super) began: Instant,
}

/// Threads wait at the gate, which is locked, until all were started; then it
/// holds the time, or nothing if a thread could not be started.
type Gate = RwLock<Option<Instant>>;

/// Runs `work` in `count` threads at once, and adds up the pairs they did.
pub(super) fn run_threads<W>(count: u32, work: W) -> Result<Run, Failed>
where
    W: Fn(Thread) -> Result<u64, Failed> + Sync,
{
    let gate = Gate::new(None);
    std::thread::scope(|scope| {
        let mut opening = gate.write().unwrap_or_else(PoisonError::into_inner);
        let (threads, all) = start(scope, count, &gate, &work);
        *opening = all.is_ok().then(Instant::now);
        let began = *opening;
        drop(opening);
        let pairs = join(threads)?;
        Ok(Run { pairs, elapsed: began.ok_or(Failed)?.elapsed() })
    })
}

type Handles<'scope> = Vec<ScopedJoinHandle<'scope, Result<u64, Failed>>>;

/// Starts threads until one cannot be: those that were, and whether all were.
fn start<'scope, W>(
    scope: &'scope Scope<'scope, '_>,
    count: u32,
    gate: &'scope Gate,
    work: &'scope W,
) -> (Handles<'scope>, Result<(), Failed>)
where
    W: Fn(Thread) -> Result<u64, Failed> + Sync,
{
    let mut threads = Vec::new();
    for number in 0..count {
        let body = move || match *gate.read().unwrap_or_else(PoisonError::into_inner) {
            Some(began) => work(Thread { number, began }),
            None => Err(Failed),
        };
        let room = threads.try_reserve(1).is_ok();
        let builder = Builder::new().stack_size(STACK_BYTES);
        match room.then(|| builder.spawn_scoped(scope, body)) {
            Some(Ok(thread)) => threads.push(thread),
            _ => return (threads, Err(Failed)),
        }
    }
    (threads, Ok(()))
}

/// Joins all threads, also after one failed.
fn join(threads: Handles<'_>) -> Result<u64, Failed> {
    let mut sum = Ok(0);
    for thread in threads {
        let pairs = thread.join().unwrap_or(Err(Failed));
        sum = sum.and_then(|sum| Ok(sum + pairs?));
    }
    sum
}
