//! What the figures of a run say: who is quickest where, by how much, and where magpool
//! loses. All that is decided is decided here; the rest of the report shows it.

use super::number::{self, usable};
use crate::outcome::{Case, Machine, Outcome, PeerResult, Spread, Target};
use crate::peer::Kind;

/// A peer as the report shows it.
pub(super) struct Peer<'a> {
    pub(super) name: &'a str,
    pub(super) kind: Kind,
    pub(super) version: &'a str,
    pub(super) missing: Option<&'a str>,
    /// Its place in the run: decides its colour.
    pub(super) index: usize,
}

/// A run with its peers looked up.
pub(super) struct Run<'a> {
    pub(super) outcome: &'a Outcome,
    pub(super) peers: Vec<Peer<'a>>,
}

impl<'a> Run<'a> {
    pub(super) fn new(outcome: &'a Outcome) -> Self {
        let mut peers: Vec<Peer<'a>> = Vec::new();
        for (index, peer) in outcome.peers.iter().enumerate() {
            peers.push(Peer {
                name: &peer.name,
                kind: peer.kind,
                version: &peer.version,
                missing: peer.missing.as_deref(),
                index,
            });
        }
        // Results of what is no peer of the run, say a workload without any allocation, are
        // shown for comparison.
        for result in outcome.cases.iter().flat_map(|case| &case.results) {
            if !peers.iter().any(|peer| peer.name == result.peer) {
                let (name, index) = (result.peer.as_str(), peers.len());
                peers.push(Peer { name, kind: Kind::Floor, version: "", missing: None, index });
            }
        }
        Self { outcome, peers }
    }

    pub(super) fn cases(&self) -> &'a [Case] {
        &self.outcome.cases
    }

    pub(super) fn peer(&self, name: &str) -> &Peer<'a> {
        let found = self.peers.iter().find(|peer| peer.name == name);
        found.expect("every result's peer was entered when the run was")
    }

    fn kind(&self, result: &PeerResult) -> Kind {
        self.peer(&result.peer).kind
    }

    pub(super) fn is_magpool(&self, result: &PeerResult) -> bool {
        self.kind(result) == Kind::Magpool
    }

    /// Neither magpool nor a floor, which is no allocator that anybody could use.
    fn is_rival(&self, result: &PeerResult) -> bool {
        !matches!(self.kind(result), Kind::Magpool | Kind::Floor)
    }

    /// The face of magpool that the ratios speak of: the first in the run's order.
    pub(super) fn face(&self, case: &'a Case) -> Option<&'a PeerResult> {
        let faces = case.results.iter().filter(|result| self.is_magpool(result));
        faces.filter(|face| measured(face)).min_by_key(|face| self.peer(&face.peer).index)
    }

    /// The rival with the least median.
    pub(super) fn best(&self, case: &'a Case) -> Option<&'a PeerResult> {
        self.best_by(case, Measure::Time)
    }

    fn best_by(&self, case: &'a Case, measure: Measure) -> Option<&'a PeerResult> {
        let rivals = case.results.iter().filter(|result| self.is_rival(result));
        let figures = rivals.filter_map(|rival| Some((rival, measure.of(rival)?)));
        figures.min_by(|a, b| a.1.total_cmp(&b.1)).map(|(rival, _)| rival)
    }

    /// Its median as a multiple of the best rival's.
    pub(super) fn ratio(&self, case: &'a Case, result: &PeerResult) -> Option<f64> {
        let best = self.best(case)?;
        measured(result).then(|| result.wall.median / best.wall.median)
    }

    /// Every measure in which a face of magpool is behind a rival, the worst first.
    pub(super) fn losses(&self) -> Vec<Loss<'a>> {
        let mut losses = Vec::new();
        for (case, measure) in
            self.cases().iter().flat_map(|case| Measure::ALL.map(|measure| (case, measure)))
        {
            let Some(best) = self.best_by(case, measure) else { continue };
            for face in case.results.iter().filter(|result| self.is_magpool(result)) {
                let (Some(ours), Some(theirs)) = (measure.of(face), measure.of(best)) else {
                    continue;
                };
                let loss = Loss { case, measure, face, best, ours, theirs };
                if ours > theirs && !losses.iter().any(|listed| loss.repeats(listed)) {
                    losses.push(loss);
                }
            }
        }
        losses.sort_by(|a, b| a.measure.cmp(&b.measure).then(b.factor().total_cmp(&a.factor())));
        losses
    }

    /// How the first face of magpool stands, over all cases.
    pub(super) fn standing(&self) -> Standing {
        let mut standing = Standing::default();
        for case in self.cases() {
            match (self.face(case), self.best(case)) {
                (Some(face), Some(best)) if overlap(&face.wall, &best.wall) => standing.level += 1,
                (Some(face), Some(best)) if face.wall.median < best.wall.median => {
                    standing.ahead += 1;
                }
                (Some(_), Some(_)) => standing.behind += 1,
                _ => standing.alone += 1,
            }
        }
        standing
    }

    /// The value that most cases have: left out of their names.
    pub(super) fn usual_bytes(&self) -> usize {
        let count = |bytes| self.cases().iter().filter(|case| case.object_bytes == bytes).count();
        let all = self.cases().iter().map(|case| case.object_bytes);
        all.max_by_key(|bytes| (count(*bytes), std::cmp::Reverse(*bytes))).unwrap_or(0)
    }

    /// A case's name: what it has beside its workload and threads only where it is unusual.
    pub(super) fn name(&self, case: &Case) -> String {
        let mut name = format!("{}, {}", case.workload, threads(case.threads));
        if case.object_bytes != self.usual_bytes() {
            name.push_str(&format!(", {}", number::bytes(case.object_bytes as f64)));
        }
        name
    }
}

/// "1 thread", "8 threads".
pub(super) fn threads(count: usize) -> String {
    format!("{count} thread{}", if count == 1 { "" } else { "s" })
}

/// Whether there is a time: a peer that cannot do a case has none, and a note.
pub(super) fn measured(result: &PeerResult) -> bool {
    usable(result.wall.median)
}

/// A case's results with the quickest first and those without a time last.
pub(super) fn ranked(case: &Case) -> Vec<&PeerResult> {
    let key = |result: &PeerResult| {
        if measured(result) {
            result.wall.median
        } else {
            f64::INFINITY
        }
    };
    let mut results: Vec<_> = case.results.iter().collect();
    results.sort_by(|a, b| key(a).total_cmp(&key(b)));
    results
}

/// Whether the middle halves of two sets of rounds meet: then the medians decide little.
pub(super) fn overlap(a: &Spread, b: &Spread) -> bool {
    a.low <= b.high && b.low <= a.high
}

/// How many cases the first face of magpool wins, ties and loses.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Standing {
    pub(super) ahead: usize,
    /// The quartiles meet.
    pub(super) level: usize,
    pub(super) behind: usize,
    /// Nobody, or not magpool, was measured.
    pub(super) alone: usize,
}

/// What can be lost. Less is better in each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Measure {
    Time,
    Processor,
    Tail,
    Memory,
    Stranded,
}

impl Measure {
    const ALL: [Self; 5] = [Self::Time, Self::Processor, Self::Tail, Self::Memory, Self::Stranded];

    fn of(self, result: &PeerResult) -> Option<f64> {
        let figure = match self {
            Self::Time => result.wall.median,
            Self::Processor => result.processor.median,
            Self::Tail => result.latency.as_ref()?.p999,
            // Nothing is a good figure here.
            Self::Memory => return Some(result.memory.as_ref()?.overhead_per_object),
            Self::Stranded => return Some(result.memory.as_ref()?.stranded as f64),
        };
        usable(figure).then_some(figure)
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Time => "Time of an operation",
            Self::Processor => "Processor time of an operation",
            Self::Tail => "Latency, p99.9",
            Self::Memory => "Memory beyond the object's bytes",
            Self::Stranded => "Objects stranded",
        }
    }

    pub(super) fn show(self, value: f64) -> String {
        match self {
            Self::Memory => format!("{}\u{a0}B", number::plain(value)),
            Self::Stranded => number::grouped(value, 0),
            Self::Time | Self::Processor | Self::Tail => number::time(value),
        }
    }
}

/// A case in which a face of magpool is behind.
pub(super) struct Loss<'a> {
    pub(super) case: &'a Case,
    pub(super) measure: Measure,
    pub(super) face: &'a PeerResult,
    pub(super) best: &'a PeerResult,
    pub(super) ours: f64,
    pub(super) theirs: f64,
}

impl Loss<'_> {
    /// Ours by theirs; without meaning, and so infinite, where they need nothing.
    pub(super) fn factor(&self) -> f64 {
        if self.theirs > 0.0 {
            self.ours / self.theirs
        } else {
            f64::INFINITY
        }
    }

    /// Whether it says the same of the processor's time as one that is listed says of time.
    fn repeats(&self, listed: &Loss) -> bool {
        let is_pair = (self.measure, listed.measure) == (Measure::Processor, Measure::Time);
        let is_same = std::ptr::eq(self.face, listed.face);
        is_pair && is_same && self.factor() <= 1.05 * listed.factor()
    }

    /// Whether the spreads meet, where the measure has one.
    pub(super) fn is_close(&self) -> bool {
        match self.measure {
            Measure::Time => overlap(&self.face.wall, &self.best.wall),
            Measure::Processor => overlap(&self.face.processor, &self.best.processor),
            Measure::Tail | Measure::Memory | Measure::Stranded => false,
        }
    }
}

/// How far a target was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Met,
    Missed,
    Unmeasured,
}

impl Verdict {
    pub(super) fn of(target: &Target) -> Self {
        if !target.reached.is_finite() || !target.wanted.is_finite() {
            Self::Unmeasured
        } else if target.reached <= target.wanted {
            Self::Met
        } else {
            Self::Missed
        }
    }

    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::Missed => "missed",
            Self::Unmeasured => "not measured",
        }
    }
}

/// A target's figure: a ratio, or a bound with its unit.
pub(super) fn target_figure(run: &Run, target: &Target, value: f64) -> String {
    match target.versus.as_str() {
        _ if !value.is_finite() => number::NONE.to_owned(),
        _ if is_ratio(run, target) => number::ratio(value),
        "ns" => number::time(value),
        "B" | "bytes" => number::bytes(value),
        unit => format!("{}\u{a0}{unit}", number::plain(value)),
    }
}

/// Whether the target compares with a peer, or with something that takes more than a word to
/// name; a unit is one word.
pub(super) fn is_ratio(run: &Run, target: &Target) -> bool {
    let versus = target.versus.as_str();
    run.peers.iter().any(|peer| peer.name == versus) || versus.contains(' ')
}

/// Whether others were at work when the run began. What it was at its end is the run's
/// own doing.
pub(super) fn was_busy(machine: &Machine) -> bool {
    machine.load[0] > 0.25 * machine.processors as f64
}
