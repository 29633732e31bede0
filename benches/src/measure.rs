//! A team of threads that begin together, the clocks around their work, and what samples
//! come to.

use crate::histogram::Histogram;
use crate::outcome::Spread;
use crate::sys;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Barrier;
use std::thread;
use std::time::Instant;

/// Where the threads of a team wait for each other, once. As many as there are processors
/// begin at the same moment; more would only be in each other's way while they spin.
enum Gate {
    Spinning { arrived: AtomicUsize, expected: usize },
    Sleeping(Barrier),
}

impl Gate {
    fn new(threads: usize) -> Gate {
        if threads <= processors() {
            Gate::Spinning { arrived: AtomicUsize::new(0), expected: threads }
        } else {
            Gate::Sleeping(Barrier::new(threads))
        }
    }

    fn pass(&self) {
        match self {
            Gate::Sleeping(barrier) => drop(barrier.wait()),
            Gate::Spinning { arrived, expected } => {
                // ORDERING: only the number counts; what threads share they got when they began.
                arrived.fetch_add(1, Ordering::Relaxed);
                let mut patience = Patience::default();
                // ORDERING: as above.
                while arrived.load(Ordering::Relaxed) < *expected {
                    patience.wait();
                }
            }
        }
    }
}

/// Waits for what another thread is about to do: spins a little, then lets others run.
#[derive(Default)]
pub(crate) struct Patience(u32);

impl Patience {
    pub(crate) fn wait(&mut self) {
        self.0 += 1;
        if self.0 < 100 {
            std::hint::spin_loop();
        } else {
            thread::yield_now();
        }
    }
}

/// Takes the time of one thread's part.
pub(crate) struct Watch<'g> {
    gate: &'g Gate,
    timed: Option<Timed>,
}

#[derive(Clone, Copy)]
struct Timed {
    begin: Instant,
    end: Instant,
    processor_ns: u64,
}

impl Watch<'_> {
    /// Does the part that is measured, when all threads of the team have come so far.
    pub(crate) fn time<R>(&mut self, part: impl FnOnce() -> R) -> R {
        self.gate.pass();
        let (begin, processor) = (Instant::now(), sys::thread_time());
        let result = part();
        let processor_ns = sys::thread_time() - processor;
        self.timed = Some(Timed { begin, end: Instant::now(), processor_ns });
        result
    }
}

/// What a thread did.
#[derive(Default)]
pub(crate) struct Tally {
    pub(crate) operations: u64,
    /// Allocations that got nothing.
    pub(crate) refused: u64,
    pub(crate) latencies: Option<Histogram>,
}

/// What a team did, or a loop whose parts were timed.
#[derive(Default)]
pub(crate) struct Sample {
    pub(crate) elapsed_ns: f64,
    pub(crate) processor_ns: f64,
    pub(crate) operations: u64,
    pub(crate) refused: u64,
    /// Threads that can have worked at once.
    pub(crate) working: usize,
    pub(crate) latencies: Option<Histogram>,
}

impl Sample {
    /// Of parts that one thread did and timed one by one.
    pub(crate) fn of_parts(parts: Histogram) -> Sample {
        let elapsed_ns = parts.sum() as f64 * sys::Ticking::here().nanoseconds;
        Sample {
            elapsed_ns,
            processor_ns: elapsed_ns,
            operations: parts.total(),
            refused: 0,
            working: 1,
            latencies: Some(parts),
        }
    }

    /// Wall-clock nanoseconds of an operation.
    pub(crate) fn wall(&self) -> f64 {
        self.elapsed_ns * self.working as f64 / self.operations.max(1) as f64
    }

    pub(crate) fn processor(&self) -> f64 {
        self.processor_ns / self.operations.max(1) as f64
    }

    /// Operations a second.
    pub(crate) fn throughput(&self) -> f64 {
        self.operations as f64 * 1e9 / self.elapsed_ns.max(1.0)
    }
}

/// Runs `work` on threads of its own, each with its number. Each calls `Watch::time` once.
pub(crate) fn team(threads: usize, work: impl Fn(usize, &mut Watch) -> Tally + Sync) -> Sample {
    let gate = Gate::new(threads);
    let parts: Vec<(Timed, Tally)> = thread::scope(|scope| {
        let start = |number| {
            let (work, gate) = (&work, &gate);
            scope.spawn(move || {
                let mut watch = Watch { gate, timed: None };
                let tally = work(number, &mut watch);
                (watch.timed.expect("each thread times its part"), tally)
            })
        };
        let started: Vec<_> = (0..threads).map(start).collect();
        started.into_iter().map(|thread| thread.join().expect("no thread panics")).collect()
    });
    summed(threads, parts)
}

fn summed(threads: usize, parts: Vec<(Timed, Tally)>) -> Sample {
    let begin = parts.iter().map(|(timed, _)| timed.begin).min();
    let end = parts.iter().map(|(timed, _)| timed.end).max();
    let elapsed = begin.zip(end).map(|(begin, end)| end - begin).unwrap_or_default();
    let mut sample = Sample {
        elapsed_ns: elapsed.as_nanos() as f64,
        working: threads.min(processors()),
        ..Sample::default()
    };
    for (timed, tally) in parts {
        sample.processor_ns += timed.processor_ns as f64;
        sample.operations += tally.operations;
        sample.refused += tally.refused;
        if let Some(times) = tally.latencies {
            sample.latencies.get_or_insert_default().merge(&times);
        }
    }
    sample
}

/// Processors that threads of this program may run on.
pub(crate) fn processors() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

impl Spread {
    /// Of some figures in any order; all zero if there are none.
    pub(crate) fn of(figures: impl IntoIterator<Item = f64>) -> Spread {
        let mut sorted: Vec<f64> = figures.into_iter().collect();
        sorted.sort_by(f64::total_cmp);
        Spread {
            median: quantile(&sorted, 0.5),
            low: quantile(&sorted, 0.25),
            high: quantile(&sorted, 0.75),
            least: sorted.first().copied().unwrap_or(0.0),
        }
    }
}

/// Between two neighbours in proportion, of sorted figures.
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else {
        return 0.0;
    };
    let place = share * last as f64;
    let (below, above) = (sorted[place.floor() as usize], sorted[place.ceil() as usize]);
    below + (above - below) * place.fract()
}

/// The order in which `count` peers take their turns in a round: each begins another round,
/// and every second round runs backwards, so that none always follows the same.
pub(crate) fn turns(count: usize, round: usize) -> impl Iterator<Item = usize> {
    (0..count).map(move |turn| {
        let turn = if round.is_multiple_of(2) { turn } else { count - 1 - turn };
        (turn + round / 2) % count
    })
}

#[cfg(test)]
mod tests {
    use super::{processors, summed, team, turns, Sample, Tally, Timed};
    use crate::outcome::Spread;
    use std::time::{Duration, Instant};

    #[test]
    fn a_spread_is_of_sorted_figures() {
        let spread = Spread::of([5.0, 1.0, 4.0, 2.0, 3.0]);
        assert_eq!(spread, Spread { median: 3.0, low: 2.0, high: 4.0, least: 1.0 });
        assert_eq!(Spread::of([1.0, 2.0]).median, 1.5);
        assert_eq!(Spread::of([7.0]), Spread { median: 7.0, low: 7.0, high: 7.0, least: 7.0 });
        assert_eq!(Spread::of([]), Spread::default());
    }

    #[test]
    fn every_peer_has_one_turn_a_round() {
        for round in 0..12 {
            let mut order: Vec<usize> = turns(5, round).collect();
            order.sort_unstable();
            assert_eq!(order, [0, 1, 2, 3, 4]);
        }
        let firsts: Vec<usize> = (0..10).step_by(2).filter_map(|r| turns(5, r).next()).collect();
        assert_eq!(firsts, [0, 1, 2, 3, 4]);
    }

    #[test]
    fn a_team_takes_from_its_first_begin_to_its_last_end() {
        let now = Instant::now();
        let part = |from, to, operations| {
            let at = |ns| now + Duration::from_nanos(ns);
            let timed = Timed { begin: at(from), end: at(to), processor_ns: to - from };
            (timed, Tally { operations, refused: 1, latencies: None })
        };
        let sample = summed(2, vec![part(100, 1000, 60), part(0, 600, 40)]);
        assert_eq!((sample.elapsed_ns, sample.processor_ns), (1000.0, 1500.0));
        assert_eq!((sample.operations, sample.refused), (100, 2));
        assert_eq!(sample.wall(), 10.0 * processors().min(2) as f64);
        assert_eq!((sample.processor(), sample.throughput()), (15.0, 1e8));
    }

    #[test]
    fn nothing_done_is_no_division_by_zero() {
        assert_eq!(Sample::default().wall(), 0.0);
        assert_eq!(Sample::default().throughput(), 0.0);
    }

    #[test]
    fn every_thread_of_a_team_does_its_part() {
        let sample = team(7, |number, watch| {
            watch.time(|| Tally { operations: 1 << number, ..Tally::default() })
        });
        assert_eq!(sample.operations, 127);
    }
}
