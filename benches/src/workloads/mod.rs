//! What threads do with a peer, one kind a file, and the list of cases in `plans`.

mod batch;
mod burst;
mod churn;
mod cold;
mod hand_off;
mod hold;
mod near_full;
mod pair;
mod plans;
mod ring;
mod verdict;

pub(crate) use hand_off::Alone;
pub(crate) use hold::Order;
pub(crate) use near_full::Step;
pub(crate) use plans::{plans, LARGE};

use crate::histogram::{Each, Meter, Unwatched};
use crate::measure::{Sample, Tally};
use crate::peer::{Local, Peer, Setup};
use crate::sys::write_first;

/// A case before it is measured.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) name: String,
    /// A sentence: what the threads do.
    pub(crate) what: String,
    /// What one operation is.
    pub(crate) unit: &'static str,
    pub(crate) threads: usize,
    pub(crate) object_bytes: usize,
    pub(crate) work: Work,
    /// Whether the quick form has it.
    pub(crate) quick: bool,
}

/// The kinds of work, with their parameters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Work {
    Pair,
    Hold {
        objects: usize,
        order: Order,
    },
    /// As `Hold`, with each operation timed.
    HoldTimed {
        objects: usize,
        order: Order,
    },
    Burst {
        most: usize,
    },
    Batch {
        objects: usize,
    },
    HandOff {
        producers: usize,
        consumers: usize,
    },
    HandOffTimed {
        producers: usize,
        consumers: usize,
    },
    Churn {
        pairs: usize,
    },
    NearFull {
        step: Step,
        capacity: usize,
        percent: usize,
    },
    FirstOfThread,
    FirstOfPool,
    Creation {
        capacity: usize,
    },
    Verdict {
        each: usize,
    },
}

impl Plan {
    /// What the case's pool has to offer. Where the capacity is not what is measured there is
    /// room to spare, so that no peer runs short because of what its caches hold.
    pub(crate) fn setup(&self) -> Setup {
        let spare = 2048;
        let capacity = match self.work {
            Work::Hold { objects, .. }
            | Work::HoldTimed { objects, .. }
            | Work::Batch { objects } => self.threads * (objects + spare),
            Work::Burst { most } => self.threads * (2 * most + spare),
            Work::HandOff { producers, consumers }
            | Work::HandOffTimed { producers, consumers } => {
                producers * consumers * 2 * ring::SLOTS + self.threads * spare
            }
            Work::NearFull { capacity, .. } => capacity,
            Work::Verdict { each } => self.threads * each * 2,
            Work::FirstOfPool | Work::Creation { .. } => 1024,
            Work::Pair | Work::Churn { .. } | Work::FirstOfThread => self.threads * spare,
        };
        // Whoever measures may use the pool, too; so may a thread that has not quite ended.
        let threads = 2 * self.threads + 2;
        Setup { object_bytes: self.object_bytes, capacity, threads }
    }

    /// Whether only peers with a capacity can be asked.
    pub(crate) fn bounded_only(&self) -> bool {
        matches!(self.work, Work::NearFull { .. } | Work::Verdict { .. } | Work::Creation { .. })
    }

    /// Whether each of its operations is timed.
    pub(crate) fn each_timed(&self) -> bool {
        matches!(self.work, Work::HoldTimed { .. } | Work::HandOffTimed { .. })
    }

    /// Whether a sample's time is that of parts of it, such as creations without their ends.
    pub(crate) fn timed_by_parts(&self) -> bool {
        use Work::{Creation, FirstOfPool, FirstOfThread, Verdict};
        matches!(self.work, Creation { .. } | FirstOfPool | FirstOfThread | Verdict { .. })
    }

    /// How many operations are surely not too many.
    pub(crate) fn first_count(&self) -> usize {
        let costly = self.timed_by_parts() || matches!(self.work, Work::Churn { .. });
        if costly {
            1
        } else {
            256
        }
    }

    /// Has each thread do about `count` operations, after about an eighth of that to warm up.
    pub(crate) fn sample<P: Peer>(&self, peer: &P, count: usize, seed: u64) -> Sample {
        let task = Task { peer, threads: self.threads, count: count.max(1), seed };
        match self.work {
            Work::Pair => pair::sample(&task),
            Work::Hold { objects, order } => hold::sample::<P, Unwatched>(&task, objects, order),
            Work::HoldTimed { objects, order } => hold::sample::<P, Each>(&task, objects, order),
            Work::Burst { most } => burst::sample(&task, most),
            Work::Batch { objects } => batch::sample(&task, objects),
            Work::HandOff { producers, consumers } => {
                hand_off::sample::<P, Unwatched>(&task, producers, consumers)
            }
            Work::HandOffTimed { producers, consumers } => {
                hand_off::sample::<P, Each>(&task, producers, consumers)
            }
            Work::Churn { pairs } => churn::sample(&task, pairs),
            Work::NearFull { step, capacity, percent } => {
                near_full::sample(&task, step, capacity * percent / 100)
            }
            Work::FirstOfThread => cold::first_of_thread(&task),
            Work::FirstOfPool => cold::first_of_pool(&task, &self.setup()),
            Work::Creation { capacity } => {
                cold::creation::<P>(task.count, &Setup { capacity, ..self.setup() })
            }
            Work::Verdict { .. } => verdict::sample(&task, self.setup().capacity),
        }
    }
}

/// A plan's sample: who does how much with which peer.
pub(crate) struct Task<'p, P> {
    peer: &'p P,
    threads: usize,
    /// Operations of each thread.
    count: usize,
    seed: u64,
}

impl<P> Task<'_, P> {
    /// Operations before the clock starts.
    fn warming(&self) -> usize {
        self.count / 8 + 1
    }
}

/// A thread's way into a peer, as workloads use it: writes to what it takes, counts what it
/// is refused, and has each operation watched or not.
pub(crate) struct Hand<L: Local, M: Meter> {
    local: L,
    meter: M,
    refused: u64,
    stamp: u64,
}

impl<L: Local, M: Meter> Hand<L, M> {
    fn new(local: L) -> Self {
        Hand { local, meter: M::new(), refused: 0, stamp: 0 }
    }

    #[inline(always)]
    fn take(&mut self) -> Option<L::Object> {
        let local = &mut self.local;
        let Some(mut object) = self.meter.watch(|| local.alloc()) else {
            self.refused += 1;
            return None;
        };
        self.stamp += 1;
        write_first(L::bytes(&mut object), self.stamp);
        Some(object)
    }

    #[inline(always)]
    fn give(&mut self, object: L::Object) {
        let local = &mut self.local;
        self.meter.watch(|| local.free(object));
    }

    /// Forgets what was counted and watched so far: warming up.
    fn restart(&mut self) {
        self.meter = M::new();
        self.refused = 0;
    }

    /// Gives back what is still held, unwatched, and tells what was done before.
    fn finish(mut self, held: impl Iterator<Item = L::Object>, operations: usize) -> Tally {
        held.for_each(|object| self.local.free(object));
        self.tally(operations)
    }

    fn tally(self, operations: usize) -> Tally {
        let operations = (operations as u64).saturating_sub(self.refused);
        Tally { operations, refused: self.refused, latencies: self.meter.result() }
    }
}
