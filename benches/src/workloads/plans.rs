//! The cases of a run.

use super::{Order, Plan, Step, Work};
use crate::measure::processors;

/// Bytes of an object where they are not what is varied.
pub(crate) const OBJECT_BYTES: usize = 64;
/// Threads that hold caches while the verdict is timed.
pub(crate) const HOLDERS: usize = 50;
/// Objects of the pool whose creation is timed.
pub(crate) const LARGE: usize = 1 << 20;

/// All cases, at these numbers of threads where the number is free.
pub(crate) fn plans(threads: &[usize]) -> Vec<Plan> {
    let mut plans = Vec::new();
    for &threads in threads {
        plans.push(pair(threads, OBJECT_BYTES, true));
        plans.extend(holds(threads));
        plans.push(bursts(threads));
        plans.push(batch(threads));
    }
    for &threads in threads {
        plans.extend(sizes(threads));
    }
    plans.extend(hand_offs());
    plans.extend(threads.iter().map(|&threads| churn(threads)));
    for (oversubscribed, quick) in [(8, false), (50, true), (200, true)] {
        if !threads.contains(&oversubscribed) {
            plans.push(pair(oversubscribed, OBJECT_BYTES, quick));
        }
        plans.push(hold(oversubscribed, 8, Order::Lifo, OBJECT_BYTES, false));
    }
    plans.extend(near_full());
    plans.extend(cold());
    plans.push(verdict());
    plans.extend(latencies());
    plans
}

fn plan(name: impl Into<String>, what: impl Into<String>, threads: usize, work: Work) -> Plan {
    Plan {
        name: name.into(),
        what: what.into(),
        unit: "pair",
        threads,
        object_bytes: OBJECT_BYTES,
        work,
        quick: false,
    }
}

fn pair(threads: usize, object_bytes: usize, quick: bool) -> Plan {
    let what = "Each thread takes an object, writes to it and gives it back, over and over.";
    Plan { object_bytes, quick, ..plan("pair", what, threads, Work::Pair) }
}

fn hold(threads: usize, objects: usize, order: Order, object_bytes: usize, quick: bool) -> Plan {
    let (word, what) = match order {
        Order::Lifo => ("lifo", "takes {} objects, then gives them back, the newest first"),
        Order::Fifo => ("fifo", "takes {} objects, then gives them back, the oldest first"),
        Order::Random => ("random", "has {} objects; gives back any of them and takes another"),
    };
    let what = format!("Each thread {}.", what.replace("{}", &objects.to_string()));
    let work = Work::Hold { objects, order };
    Plan { object_bytes, quick, ..plan(format!("hold-{objects}-{word}"), what, threads, work) }
}

fn holds(threads: usize) -> impl Iterator<Item = Plan> {
    use Order::{Fifo, Lifo, Random};
    const QUICK: [(usize, Order); 5] =
        [(64, Lifo), (64, Fifo), (1000, Lifo), (1000, Fifo), (4096, Random)];
    let sizes = [1, 8, 64, 1000, 4096, 65536].into_iter();
    let all = sizes.flat_map(|objects| [Lifo, Fifo, Random].map(|order| (objects, order)));
    // With one object the order is the same: a pair with a place to keep it.
    all.filter(|&(objects, order)| objects > 1 || order == Lifo).map(move |(objects, order)| {
        hold(threads, objects, order, OBJECT_BYTES, QUICK.contains(&(objects, order)))
    })
}

fn bursts(threads: usize) -> Plan {
    let what = "Each thread takes or gives back 1 to 512 objects, as a coin decides.";
    Plan { quick: threads > 1, ..plan("burst-512", what, threads, Work::Burst { most: 512 }) }
}

fn batch(threads: usize) -> Plan {
    let what = "Each thread takes 64 objects by one call and gives them back by another, or by \
                64 calls each if the peer has no such call.";
    let work = Work::Batch { objects: 64 };
    Plan { unit: "object", quick: true, ..plan("batch-64", what, threads, work) }
}

fn sizes(threads: usize) -> impl Iterator<Item = Plan> {
    [16, 256, 1024, 4096, 16384].into_iter().flat_map(move |bytes| {
        let quick = threads == 1 && [16, 1024, 16384].contains(&bytes);
        [pair(threads, bytes, quick), hold(threads, 64, Order::Lifo, bytes, false)]
    })
}

/// Where many face one, so many that all can run at once; two at least.
fn many() -> usize {
    processors().saturating_sub(1).clamp(2, 8)
}

fn hand_offs() -> [Plan; 3] {
    let many = many();
    let one = |name, producers, consumers| {
        let what = format!(
            "Producers ({producers}) take objects and write to them; consumers ({consumers}) read \
             them and give them back. A bounded ring lies between any two."
        );
        let work = Work::HandOff { producers, consumers };
        Plan { unit: "object", quick: true, ..plan(name, what, producers + consumers, work) }
    };
    [one("hand-off-1-1", 1, 1), one("hand-off-1-n", 1, many), one("hand-off-n-1", many, 1)]
}

fn churn(threads: usize) -> Plan {
    let what = "Threads begin, take and give back an object 100 times, and end; so many of them \
                at once.";
    let work = Work::Churn { pairs: 100 };
    Plan { unit: "thread", quick: true, ..plan("thread-churn", what, threads, work) }
}

fn near_full() -> Vec<Plan> {
    let one = |step, percent| {
        let (word, does) = match step {
            Step::Bursts => ("near-full", "takes or gives back 1 to 32 objects, as a coin decides"),
            Step::Turnover => ("turnover", "gives back its oldest object and takes another"),
        };
        let what =
            format!("Of a pool of 1024 objects {percent} % are live at most. Each thread {does}.");
        let work = Work::NearFull { step, capacity: 1024, percent };
        let quick = step == Step::Bursts && [50, 99].contains(&percent);
        Plan { quick, ..plan(format!("{word}-{percent}"), what, 8, work) }
    };
    let steps = [Step::Bursts, Step::Turnover];
    steps.into_iter().flat_map(|step| [50, 95, 99, 100].map(|percent| one(step, percent))).collect()
}

fn cold() -> [Plan; 3] {
    let thread = "A new thread takes its first object.";
    let pool = "A new pool is made, and its first object taken and given back.";
    let creation = "A pool of 1,048,576 objects is made.";
    let creating = Work::Creation { capacity: LARGE };
    [
        Plan {
            unit: "first allocation",
            quick: true,
            ..plan("cold-thread", thread, 1, Work::FirstOfThread)
        },
        Plan { unit: "pool", quick: true, ..plan("cold-pool", pool, 1, Work::FirstOfPool) },
        Plan { unit: "pool", quick: true, ..plan("create-1m", creation, 1, creating) },
    ]
}

fn verdict() -> Plan {
    let what = "While 50 threads hold caches, another takes all there is, and one more: the time \
                until it is refused.";
    let work = Work::Verdict { each: 64 };
    Plan { unit: "verdict", quick: true, ..plan("verdict", what, HOLDERS, work) }
}

fn latencies() -> [Plan; 2] {
    let hold = "One thread has 64 objects; gives back any of them and takes another. Each call is \
                timed by itself.";
    let hand_off = "One thread takes objects and writes to them, another reads them and gives \
                    them back. Each call is timed by itself.";
    let holding = Work::HoldTimed { objects: 64, order: Order::Random };
    let handing = Work::HandOffTimed { producers: 1, consumers: 1 };
    [
        Plan { unit: "call", quick: true, ..plan("latency-hold-64-random", hold, 1, holding) },
        Plan { unit: "call", quick: true, ..plan("latency-hand-off-1-1", hand_off, 2, handing) },
    ]
}

#[cfg(test)]
mod tests {
    use super::plans;
    use std::collections::BTreeSet;

    #[test]
    fn no_two_cases_have_one_name() {
        let plans = plans(&[1, 2]);
        let keys: BTreeSet<_> =
            plans.iter().map(|plan| (plan.name.clone(), plan.threads, plan.object_bytes)).collect();
        assert_eq!(keys.len(), plans.len());
    }

    #[test]
    fn names_are_letters_digits_and_dashes() {
        let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        assert!(plans(&[1, 2]).iter().all(|plan| plan.name.chars().all(is_plain)));
    }
}
