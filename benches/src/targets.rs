//! What was promised, and what a run found of it. Ratios are those of medians of wall-clock
//! time or of throughput in one run.

use crate::outcome::{Case, PeerInfo, PeerResult, Target};
use crate::peer::Kind;

/// The faces of magpool that promises speak of: the shared library, and its inline header.
const MAGPOOL: &str = "magpool";
const INLINE: &str = "magpool-inline";
const MEMPOOL: &str = "rte_mempool";
const SEED: &str = "seed";

/// Cases and peers by their names.
struct Run<'a> {
    cases: &'a [Case],
    peers: &'a [PeerInfo],
    targets: Vec<Target>,
}

/// The targets of which the run has the cases and the peers.
pub(crate) fn targets(cases: &[Case], peers: &[PeerInfo]) -> Vec<Target> {
    let mut run = Run { cases, peers, targets: Vec::new() };
    run.against_allocators_and_floor();
    run.handed_off();
    run.crowded();
    run.near_full();
    run.bounds();
    run.targets
}

const EVERYDAY: [&str; 6] = [
    "pair",
    "hold-64-lifo",
    "hold-64-fifo",
    "hold-1000-lifo",
    "hold-1000-fifo",
    "hold-4096-random",
];

impl<'a> Run<'a> {
    fn against_allocators_and_floor(&mut self) {
        for workload in EVERYDAY {
            for threads in [1, 2] {
                self.against_kind(workload, threads, Kind::Allocator, 0.9);
                self.against_kind(workload, threads, Kind::Floor, 1.15);
            }
        }
        for threads in [1, 2] {
            self.against_kind("batch-64", threads, Kind::Allocator, 0.15);
            self.inline(threads);
            self.against_kind("thread-churn", threads, Kind::Allocator, 1.0);
        }
    }

    fn handed_off(&mut self) {
        for workload in ["hand-off-1-1", "hand-off-1-n", "hand-off-n-1"] {
            let Some(threads) = self.first(workload).map(|case| case.threads) else { continue };
            self.against_kind(workload, threads, Kind::Allocator, 0.5);
            self.against_peer(workload, threads, MEMPOOL, 0.9);
        }
    }

    /// Throughput may fall to 95 % of that of two threads; the seed's design must be far behind.
    fn crowded(&mut self) {
        for threads in [50, 200] {
            let (few, many) = (self.throughput("pair", 2), self.throughput("pair", threads));
            if let (Some(few), Some(many)) = (few, many) {
                let what = format!("throughput of 2 threads, over that of {threads}");
                self.enter(what, "pair", threads, "itself, 2 threads", 1.0 / 0.95, few / many);
            }
            self.against_peer("pair", threads, SEED, 1.0 / 30.0);
        }
    }

    fn near_full(&mut self) {
        let half = self.throughput("near-full-50", 8);
        let full = self.throughput("near-full-99", 8);
        if let (Some(half), Some(full)) = (half, full) {
            let what = "throughput at 50 % occupancy, over that at 99 %".to_owned();
            self.enter(what, "near-full-99", 8, "itself, half full", 2.0, half / full);
        }
    }

    fn bounds(&mut self) {
        let verdict = self.result("verdict", 50, MAGPOOL);
        if let Some(latency) = verdict.and_then(|result| result.latency.as_ref()) {
            let p50 = latency.p50;
            self.enter("a refusal, at the median".into(), "verdict", 50, "ns", 50_000.0, p50);
        }
        if let Some(time) = self.wall("create-1m", 1, MAGPOOL) {
            let what = "a pool of 1 Mi objects is made".to_owned();
            self.enter(what, "create-1m", 1, "ns", 50_000.0, time);
        }
        let memory = |run: &Self, workload| {
            let case = run.first(workload)?;
            let result = run.result(workload, case.threads, MAGPOOL)?;
            Some((case.threads, result.memory.clone()?))
        };
        if let Some((threads, memory)) = memory(self, "memory-new") {
            let (what, touched) = ("a new pool of 1 Mi objects touches", memory.resident_bytes);
            self.enter(what.into(), "memory-new", threads, "bytes", 65_536.0, touched as f64);
        }
        if let Some((threads, memory)) = memory(self, "memory-objects") {
            let (what, each) = ("beyond its own bytes an object takes", memory.overhead_per_object);
            self.enter(what.into(), "memory-objects", threads, "bytes", 4.0, each);
        }
        if let Some((threads, memory)) = memory(self, "memory-threads") {
            let (what, each) = ("a thread that uses a pool takes", memory.overhead_per_object);
            self.enter(what.into(), "memory-threads", threads, "bytes", 2048.0, each);
        }
        if let Some((threads, memory)) = memory(self, "memory-stranded") {
            let (what, stranded) = ("free objects that cannot be had", memory.stranded);
            self.enter(what.into(), "memory-stranded", threads, "objects", 0.0, stranded as f64);
        }
    }

    /// Time over that of the quickest peer of a kind.
    fn against_kind(&mut self, workload: &str, threads: usize, kind: Kind, wanted: f64) {
        let best = self.best(workload, threads, kind);
        let own = self.wall(workload, threads, MAGPOOL);
        if let (Some((peer, best)), Some(own)) = (best, own) {
            let what = match kind {
                Kind::Floor => "time over the floor's",
                _ => "time over the fastest general allocator's",
            };
            self.enter(what.into(), workload, threads, peer, wanted, own / best);
        }
    }

    fn against_peer(&mut self, workload: &str, threads: usize, peer: &str, wanted: f64) {
        let theirs = self.wall(workload, threads, peer);
        let own = self.wall(workload, threads, MAGPOOL);
        if let (Some(theirs), Some(own)) = (theirs, own) {
            let what = format!("time over {peer}'s");
            self.enter(what, workload, threads, peer, wanted, own / theirs);
        }
    }

    /// The explicit cache, inlined from the header.
    fn inline(&mut self, threads: usize) {
        let best = self.best("pair", threads, Kind::Allocator);
        let own = self.wall("pair", threads, INLINE);
        if let (Some((peer, best)), Some(own)) = (best, own) {
            let what = "explicit cache, inline: time over the fastest general allocator's";
            self.enter(what.into(), "pair", threads, peer, 0.4, own / best);
        }
    }

    fn enter(
        &mut self,
        what: String,
        workload: &str,
        threads: usize,
        versus: &str,
        wanted: f64,
        reached: f64,
    ) {
        let (workload, versus) = (workload.into(), versus.into());
        self.targets.push(Target { what, workload, threads, versus, wanted, reached });
    }

    fn first(&self, workload: &str) -> Option<&'a Case> {
        self.cases.iter().find(|case| case.workload == workload)
    }

    /// Targets speak of objects of 64 bytes.
    fn results(&self, workload: &str, threads: usize) -> impl Iterator<Item = &'a PeerResult> {
        let case = self.cases.iter().find(|case| {
            case.workload == workload && case.threads == threads && case.object_bytes == 64
        });
        case.into_iter().flat_map(|case| &case.results)
    }

    fn result(&self, workload: &str, threads: usize, peer: &str) -> Option<&'a PeerResult> {
        self.results(workload, threads).find(|result| result.peer == peer)
    }

    fn wall(&self, workload: &str, threads: usize, peer: &str) -> Option<f64> {
        self.result(workload, threads, peer).map(|result| result.wall.median).filter(is_measured)
    }

    fn throughput(&self, workload: &str, threads: usize) -> Option<f64> {
        self.result(workload, threads, MAGPOOL).map(|result| result.throughput).filter(is_measured)
    }

    fn best(&self, workload: &str, threads: usize, kind: Kind) -> Option<(&'a str, f64)> {
        let is_kind =
            |name: &str| self.peers.iter().any(|peer| peer.name == name && peer.kind == kind);
        self.results(workload, threads)
            .filter(|result| is_kind(&result.peer) && is_measured(&result.wall.median))
            .map(|result| (result.peer.as_str(), result.wall.median))
            .min_by(|one, two| one.1.total_cmp(&two.1))
    }
}

/// A peer that cannot do a case has zeros there.
fn is_measured(figure: &f64) -> bool {
    *figure > 0.0
}

#[cfg(test)]
mod tests {
    use super::targets;
    use crate::outcome::{Case, Latency, Memory, PeerInfo, PeerResult, Spread, Target};
    use crate::peer::Kind;

    fn peers() -> Vec<PeerInfo> {
        let peer = |name: &str, kind| PeerInfo {
            name: name.into(),
            kind,
            version: String::new(),
            missing: None,
        };
        vec![
            peer("magpool", Kind::Magpool),
            peer("floor", Kind::Floor),
            peer("glibc", Kind::Allocator),
            peer("mimalloc", Kind::Allocator),
            peer("jemalloc", Kind::Allocator),
            peer("rte_mempool", Kind::Pool),
            peer("seed", Kind::Seed),
        ]
    }

    fn result(peer: &str, wall: f64) -> PeerResult {
        PeerResult {
            peer: peer.into(),
            wall: Spread { median: wall, ..Spread::default() },
            processor: Spread::default(),
            throughput: if wall > 0.0 { 1e9 / wall } else { 0.0 },
            latency: None,
            memory: None,
            note: None,
        }
    }

    fn case(workload: &str, threads: usize, walls: &[(&str, f64)]) -> Case {
        Case {
            workload: workload.into(),
            what: String::new(),
            threads,
            object_bytes: 64,
            unit: "pair".into(),
            results: walls.iter().map(|&(peer, wall)| result(peer, wall)).collect(),
        }
    }

    fn found(cases: &[Case]) -> Vec<(String, f64, f64)> {
        let brief = |target: Target| (target.versus, target.wanted, target.reached);
        targets(cases, &peers()).into_iter().map(brief).collect()
    }

    #[test]
    fn a_pair_is_compared_with_the_quickest_allocator_and_the_floor() {
        let walls = [("magpool", 6.0), ("floor", 5.0), ("glibc", 10.0), ("mimalloc", 8.0)];
        // A peer that did not take part, and peers of other kinds, are no allocators to beat.
        let others = [("jemalloc", 0.0), ("rte_mempool", 1.0), ("seed", 2.0)];
        let cases = [case("pair", 1, &[&walls[..], &others[..]].concat())];
        assert_eq!(
            found(&cases),
            [("mimalloc".into(), 0.9, 6.0 / 8.0), ("floor".into(), 1.15, 6.0 / 5.0)]
        );
    }

    #[test]
    fn objects_of_other_sizes_are_no_target() {
        let mut other = case("pair", 1, &[("magpool", 6.0), ("glibc", 10.0)]);
        other.object_bytes = 16;
        assert_eq!(found(&[other]), []);
    }

    #[test]
    fn a_hand_off_is_compared_at_its_threads() {
        let walls = [("magpool", 10.0), ("glibc", 40.0), ("rte_mempool", 20.0)];
        assert_eq!(
            found(&[case("hand-off-1-n", 5, &walls)]),
            [("glibc".into(), 0.5, 0.25), ("rte_mempool".into(), 0.9, 0.5)]
        );
    }

    #[test]
    fn a_crowd_is_compared_with_two_threads_and_with_the_seed() {
        let cases = [
            case("pair", 2, &[("magpool", 6.0)]),
            case("pair", 50, &[("magpool", 8.0), ("seed", 160.0)]),
        ];
        let targets = found(&cases);
        assert_eq!(targets.len(), 2);
        assert!((targets[0].2 - 8.0 / 6.0).abs() < 1e-9 && targets[0].1 < 1.06);
        assert_eq!(targets[1], ("seed".into(), 1.0 / 30.0, 0.05));
    }

    #[test]
    fn near_full_is_compared_with_half_full() {
        let cases = [
            case("near-full-50", 8, &[("magpool", 10.0)]),
            case("near-full-99", 8, &[("magpool", 15.0)]),
        ];
        assert_eq!(found(&cases), [("itself, half full".into(), 2.0, 1.5)]);
    }

    #[test]
    fn bounds_are_in_their_units() {
        let latency = Latency { p50: 9e3, p99: 2e4, p999: 3e4, max: 4e4, distribution: vec![] };
        let mut verdict = case("verdict", 50, &[("magpool", 1e5)]);
        verdict.results[0].latency = Some(latency);
        let memory = |workload, threads, resident_bytes, overhead_per_object, stranded| {
            let mut case = case(workload, threads, &[("magpool", 0.0)]);
            let memory = Memory { resident_bytes, overhead_per_object, stranded };
            case.results[0].memory = Some(memory);
            case
        };
        let cases = [
            verdict,
            case("create-1m", 1, &[("magpool", 3e4)]),
            memory("memory-new", 1, 40_960, 0.04, 0),
            memory("memory-objects", 1, 1 << 26, 2.5, 0),
            memory("memory-threads", 32, 64_000, 2000.0, 0),
            memory("memory-stranded", 32, 0, 0.0, 7),
        ];
        let wanted = [
            ("ns", 5e4, 9e3),
            ("ns", 5e4, 3e4),
            ("bytes", 65_536.0, 40_960.0),
            ("bytes", 4.0, 2.5),
            ("bytes", 2048.0, 2000.0),
            ("objects", 0.0, 7.0),
        ];
        assert_eq!(found(&cases), wanted.map(|(unit, bound, got)| (unit.to_owned(), bound, got)));
    }
}
