//! Measures the cases of a run: for each, every peer in turn, round by round.

use crate::histogram::Histogram;
use crate::measure::{turns, Sample};
use crate::outcome::{Case, PeerInfo, PeerResult, Spread};
use crate::peer::{Peer, Setup, Visitor};
use crate::peers;
use crate::progress::Progress;
use crate::sys::Ticking;
use crate::workloads::{Alone, Plan, Work};
use std::time::{Duration, Instant};

/// How long and how often.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Form {
    pub(crate) name: &'static str,
    pub(crate) rounds: usize,
    /// What a sample should take.
    pub(crate) sample: Duration,
}

pub(crate) const QUICK: Form = Form { name: "quick", rounds: 5, sample: Duration::from_millis(4) };
pub(crate) const FULL: Form = Form { name: "full", rounds: 11, sample: Duration::from_millis(10) };

/// Which peers take part: all, or those named.
#[derive(Clone, Debug, Default)]
pub(crate) struct Chosen(pub(crate) Option<Vec<String>>);

impl Chosen {
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.as_ref().is_none_or(|names| names.iter().any(|one| one == name))
    }
}

/// All peers, whether they can take part or not.
pub(crate) fn introduce(chosen: &Chosen) -> Vec<PeerInfo> {
    struct Introduction<'a>(&'a Chosen, Vec<PeerInfo>);
    impl Visitor for Introduction<'_> {
        fn visit<P: Peer>(&mut self) {
            if !self.0.has(P::NAME) {
                return;
            }
            let missing = P::create(&Setup { object_bytes: 64, capacity: 64, threads: 4 }).err();
            let version = if missing.is_none() { P::version() } else { String::new() };
            self.1.push(PeerInfo { name: P::NAME.into(), kind: P::KIND, version, missing });
        }
    }
    let mut introduction = Introduction(chosen, Vec::new());
    peers::visit_all(&mut introduction);
    introduction.1
}

/// A peer that is ready for a case, whatever its type.
trait Contender {
    fn sample(&self, count: usize) -> Sample;
}

struct Ready<'p, P> {
    peer: P,
    plan: &'p Plan,
    seed: u64,
}

impl<P: Peer> Contender for Ready<'_, P> {
    fn sample(&self, count: usize) -> Sample {
        self.plan.sample(&self.peer, count, self.seed)
    }
}

/// One peer's part in a case.
struct Part<'p> {
    peer: &'static str,
    /// Or why it cannot.
    contender: Result<Box<dyn Contender + 'p>, String>,
    count: usize,
    samples: Vec<Sample>,
}

/// The peers that take part in a case.
struct Field<'p> {
    plan: &'p Plan,
    chosen: &'p [PeerInfo],
    seed: u64,
    parts: Vec<Part<'p>>,
}

impl Visitor for Field<'_> {
    fn visit<P: Peer>(&mut self) {
        let takes_part = |info: &PeerInfo| info.name == P::NAME && info.missing.is_none();
        if self.chosen.iter().any(takes_part) {
            self.enter::<P>();
        }
    }
}

impl<'p> Field<'p> {
    fn enter<P: Peer>(&mut self) {
        let (plan, seed) = (self.plan, self.seed);
        let contender: Result<Box<dyn Contender + 'p>, String> =
            if plan.bounded_only() && !P::BOUNDED {
                Err("has no capacity to be exhausted".into())
            } else {
                P::create(&plan.setup()).map(|peer| Box::new(Ready { peer, plan, seed }) as _)
            };
        self.parts.push(Part { peer: P::NAME, contender, count: 0, samples: Vec::new() });
    }
}

/// Measures one case.
pub(crate) fn case(
    plan: &Plan,
    chosen: &[PeerInfo],
    form: &Form,
    seed: u64,
    progress: &mut Progress,
) -> Case {
    let mut field = Field { plan, chosen, seed, parts: Vec::new() };
    peers::visit_all(&mut field);
    if matches!(plan.work, Work::HandOff { .. } | Work::HandOffTimed { .. }) {
        field.enter::<Alone>();
    }
    let mut parts = field.parts;
    let wanted = sample_time(plan, form);
    for part in &mut parts {
        if let Ok(contender) = &part.contender {
            part.count = calibrated(plan, contender.as_ref(), wanted);
        }
    }
    let rounds = rounds(plan, form);
    for round in 0..rounds {
        progress.show(&plan.name, plan.threads, round as f64 / rounds as f64);
        for turn in turns(parts.len(), round) {
            let part = &mut parts[turn];
            if let Ok(contender) = &part.contender {
                part.samples.push(contender.sample(part.count));
            }
        }
    }
    Case {
        workload: plan.name.clone(),
        what: plan.what.clone(),
        threads: plan.threads,
        object_bytes: plan.object_bytes,
        unit: plan.unit.into(),
        results: parts.into_iter().map(|part| result(plan, part)).collect(),
    }
}

/// A crowd's threads take turns of some milliseconds, which only a longer sample shows.
fn sample_time(plan: &Plan, form: &Form) -> Duration {
    form.sample * if is_crowd(plan) { 10 } else { 1 }
}

fn is_crowd(plan: &Plan) -> bool {
    plan.threads >= 50 && !plan.timed_by_parts()
}

fn rounds(plan: &Plan, form: &Form) -> usize {
    if is_crowd(plan) {
        form.rounds.div_ceil(2).max(3).min(form.rounds)
    } else {
        form.rounds
    }
}

/// Operations of each thread so that a sample takes about so long. Also warms up.
///
/// Where parts are timed one by one the whole counts, with what lies between them. Elsewhere
/// processor time counts: it does not contain the wait for threads that have yet to begin.
fn calibrated(plan: &Plan, contender: &dyn Contender, wanted: Duration) -> usize {
    let wanted = wanted.as_nanos() as f64;
    let mut count = plan.first_count();
    loop {
        let begin = Instant::now();
        let sample = contender.sample(count);
        let whole = begin.elapsed().as_nanos() as f64;
        let took = match plan.timed_by_parts() {
            true => whole,
            false => sample.processor_ns / sample.working.max(1) as f64,
        };
        let ratio = wanted / took.max(1.0);
        // What lies beside what is measured has its limit, too.
        if ratio <= 4.0 || whole > 20.0 * wanted {
            return ((count as f64 * ratio.min(4.0)) as usize).max(1);
        }
        count = (count as f64 * (ratio / 2.0).clamp(2.0, 16.0)) as usize;
    }
}

fn result(plan: &Plan, part: Part) -> PeerResult {
    let samples = &part.samples;
    let spread = |figure: &dyn Fn(&Sample) -> f64| Spread::of(samples.iter().map(figure));
    let mut times = Histogram::default();
    samples.iter().filter_map(|sample| sample.latencies.as_ref()).for_each(|one| times.merge(one));
    let ticking = Ticking::here();
    // The clock's cost lies between calls that are timed: the median call says more.
    let wall = |sample: &Sample| match &sample.latencies {
        Some(times) if plan.each_timed() => times.quantile(0.5) as f64 * ticking.nanoseconds,
        _ => sample.wall(),
    };
    PeerResult {
        peer: part.peer.into(),
        wall: spread(&wall),
        processor: spread(&Sample::processor),
        throughput: spread(&Sample::throughput).median,
        latency: times.latency(ticking),
        memory: None,
        note: part.contender.err().or_else(|| refusals(samples)),
    }
}

/// A peer that refuses looks fast.
fn refusals(samples: &[Sample]) -> Option<String> {
    let refused: u64 = samples.iter().map(|sample| sample.refused).sum();
    let done: u64 = samples.iter().map(|sample| sample.operations).sum();
    let share = 100.0 * refused as f64 / (refused + done).max(1) as f64;
    (refused > 0).then(|| format!("refused {share:.2} % of the allocations, though there was room"))
}
