//! Every workload with every peer, in small: no object has two owners, and all come back.

use crate::measure::Sample;
use crate::peer::{Kind, Local, Peer, Setup, Visitor};
use crate::peers;
use crate::workloads::{plans, Alone, Plan, Work};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// A peer that is watched: where its live objects begin and how long they are.
struct Watched<P> {
    peer: P,
    object_bytes: usize,
    live: Mutex<BTreeMap<usize, usize>>,
}

impl<P> Watched<P> {
    fn with_live<R>(&self, look: impl FnOnce(&mut BTreeMap<usize, usize>) -> R) -> R {
        look(&mut self.live.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn enter(&self, begin: usize) {
        let end = begin + self.object_bytes;
        self.with_live(|live| {
            let before = live.range(..end).next_back();
            let overlaps = before.is_some_and(|(_, &other_end)| other_end > begin);
            if overlaps {
                // A panic of one thread would leave the others waiting.
                eprintln!("an object has two owners");
                std::process::abort();
            }
            live.insert(begin, end);
        });
    }

    fn leave(&self, begin: usize) {
        if self.with_live(|live| live.remove(&begin)).is_none() {
            eprintln!("an object was given back that nobody had");
            std::process::abort();
        }
    }
}

impl<P: Peer> Peer for Watched<P> {
    const NAME: &'static str = P::NAME;
    const KIND: Kind = P::KIND;
    const BOUNDED: bool = P::BOUNDED;
    type Object = P::Object;
    type Local<'a> = WatchedLocal<'a, P>;

    fn version() -> String {
        P::version()
    }

    fn create(setup: &Setup) -> Result<Self, String> {
        let (peer, object_bytes) = (P::create(setup)?, setup.object_bytes);
        Ok(Watched { peer, object_bytes, live: Mutex::default() })
    }

    fn local(&self) -> WatchedLocal<'_, P> {
        WatchedLocal { watched: self, local: self.peer.local() }
    }
}

struct WatchedLocal<'a, P: Peer> {
    watched: &'a Watched<P>,
    local: P::Local<'a>,
}

impl<P: Peer> Local for WatchedLocal<'_, P> {
    type Object = P::Object;

    fn alloc(&mut self) -> Option<P::Object> {
        let mut object = self.local.alloc()?;
        self.watched.enter(Self::bytes(&mut object).addr());
        Some(object)
    }

    fn alloc_or_verdict(&mut self) -> Option<P::Object> {
        let mut object = self.local.alloc_or_verdict()?;
        self.watched.enter(Self::bytes(&mut object).addr());
        Some(object)
    }

    fn free(&mut self, mut object: P::Object) {
        self.watched.leave(Self::bytes(&mut object).addr());
        self.local.free(object);
    }

    fn bytes(object: &mut P::Object) -> *mut u8 {
        P::Local::bytes(object)
    }

    fn alloc_batch(&mut self, objects: &mut Vec<P::Object>, count: usize) -> usize {
        let before = objects.len();
        let got = self.local.alloc_batch(objects, count);
        assert_eq!(objects.len(), before + got);
        objects[before..].iter_mut().for_each(|one| self.watched.enter(Self::bytes(one).addr()));
        got
    }

    fn free_batch(&mut self, objects: &mut Vec<P::Object>) {
        objects.iter_mut().for_each(|one| self.watched.leave(Self::bytes(one).addr()));
        self.local.free_batch(objects);
        assert!(objects.is_empty());
    }
}

/// Cases small enough for a test, and of every kind.
fn small() -> Vec<Plan> {
    let mut plans = plans(&[1, 2]);
    for plan in &mut plans {
        if let Work::Creation { capacity } = &mut plan.work {
            *capacity = 1000;
        }
        // Fewer threads do the same things.
        plan.threads = plan.threads.min(8);
    }
    plans
}

fn is_large(work: Work) -> bool {
    matches!(work, Work::Hold { objects, .. } if objects > 1000)
}

struct Tour {
    visited: Vec<&'static str>,
}

impl Visitor for Tour {
    fn visit<P: Peer>(&mut self) {
        for plan in small().iter().filter(|plan| !is_large(plan.work)) {
            if plan.bounded_only() && !P::BOUNDED {
                continue;
            }
            match Watched::<P>::create(&plan.setup()) {
                Ok(watched) => tried(plan, &watched),
                Err(reason) => eprintln!("{}: {}: {reason}", P::NAME, plan.name),
            }
        }
        self.visited.push(P::NAME);
    }
}

fn tried<P: Peer>(plan: &Plan, watched: &Watched<P>) {
    let name = format!("{}, {}, {} threads", P::NAME, plan.name, plan.threads);
    // A thread of a pool that is nearly full takes nothing before others gave something back.
    let count = if matches!(plan.work, Work::NearFull { .. }) { 400 } else { 3 };
    let sample = plan.sample(watched, count, 42);
    assert!(sample.operations >= 1, "{name}");
    assert!(sample.elapsed_ns > 0.0 && sample.wall() > 0.0, "{name}");
    assert_eq!(sample.latencies.is_some(), plan.each_timed() || plan.timed_by_parts(), "{name}");
    assert_eq!(watched.with_live(|live| live.len()), 0, "{name}: objects were not given back");
    if P::KIND == Kind::Magpool {
        assert_eq!(sample.refused, 0, "{name}");
    }
}

#[test]
fn every_workload_gives_back_what_it_took_from_every_peer() {
    let mut tour = Tour { visited: Vec::new() };
    peers::visit_all(&mut tour);
    for own in ["magpool", "magpool-rust", "floor", "glibc", "seed"] {
        assert!(tour.visited.contains(&own), "{own}");
    }
    let mut names = tour.visited.clone();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), tour.visited.len(), "names are unique");
}

/// How many operations a workload says it did, against those that were watched.
#[test]
fn operations_are_counted_as_they_are_done() {
    fn counted(name: &str, threads: usize, count: usize) -> Sample {
        let plan = small().into_iter().find(|p| p.name == name && p.threads == threads);
        let plan = plan.expect("there is such a case");
        let peer = Alone::create(&plan.setup()).expect("it can always be made");
        plan.sample(&peer, count, 1)
    }
    assert_eq!(counted("pair", 2, 100).operations, 200);
    assert_eq!(counted("hold-8-lifo", 1, 100).operations, 104);
    assert_eq!(counted("hold-8-fifo", 2, 96).operations, 192);
    assert_eq!(counted("hold-64-random", 2, 100).operations, 200);
    assert_eq!(counted("batch-64", 1, 128).operations, 128);
    assert_eq!(counted("hand-off-1-1", 2, 64).operations, 64);
    assert_eq!(counted("thread-churn", 2, 3).operations, 6);
    assert_eq!(counted("turnover-50", 8, 10).operations, 80);
    // An allocation and a free each.
    let times = counted("latency-hold-64-random", 1, 100).latencies.expect("it is timed");
    assert_eq!(times.total(), 200);
}
