//! Decoding and encoding of the seed's messages beside prost and, where the build found them,
//! protobuf-c and upb: `make bench-wire`.
//!
//! Every round measures each candidate once, one after the other, beginning with another each
//! time, so that what disturbs the machine disturbs all. Shown are medians over the rounds, the
//! span of the middle half, and the median of each round's ratio to prost's.
#![deny(unsafe_code)]

mod c_peer;
mod peer;

use c_peer::Loaded;
use magpool::generated::concurrent as ours;
use magpool::wire::Message as Ours;
use magpool::{PlainData, Pool};
use peer::Filled;
use prost::Message as Prost;
use rustix::time::{clock_gettime, ClockId};
use std::hint::black_box;

/// Rounds, unless a number is given.
const ROUNDS: usize = 101;
/// How long a candidate runs in a round, in nanoseconds.
const SLICE: i64 = 2_000_000;
/// Runs between two looks at the clock.
const BATCH: u32 = 64;

/// One way of doing something, to be repeated.
struct Candidate<'a> {
    name: &'static str,
    run: Box<dyn FnMut() + 'a>,
    /// Nanoseconds a run, a round each.
    times: Vec<f64>,
}

impl<'a> Candidate<'a> {
    fn new(name: &'static str, run: impl FnMut() + 'a) -> Self {
        Self { name, run: Box::new(run), times: Vec::new() }
    }

    fn measure(&mut self) -> f64 {
        let (mut runs, begin) = (0, processor_time());
        loop {
            for _ in 0..BATCH {
                (self.run)();
            }
            runs += BATCH;
            let elapsed = processor_time() - begin;
            if elapsed >= SLICE {
                return elapsed as f64 / f64::from(runs);
            }
        }
    }
}

/// Nanoseconds this thread has run: whatever else the machine does counts for less.
fn processor_time() -> i64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec * 1_000_000_000 + time.tv_nsec
}

fn main() {
    let rounds = std::env::args().nth(1).and_then(|given| given.parse().ok()).unwrap_or(ROUNDS);
    println!(
        "{:<10} {:>5}  {:<30} {:>9} {:>19} {:>7}",
        "message", "bytes", "", "ns", "middle half", "ratio"
    );
    for tenths in [3, 10] {
        println!("-- texts and lists {} % full", tenths * 10);
        message::<ours::SmallMessage, peer::Small>("SmallMessage", tenths, rounds);
        message::<ours::MediumMessage, peer::Medium>("MediumMessage", tenths, rounds);
        message::<ours::LargeMessage, peer::Large>("LargeMessage", tenths, rounds);
        message::<ours::StressTestMessage, peer::Stress>("StressTestMessage", tenths, rounds);
    }
}

fn message<O, P>(name: &str, tenths: usize, rounds: usize)
where
    O: Ours + PlainData + Default,
    P: Prost + Default + Filled + PartialEq,
{
    let short = name.trim_end_matches("Message").trim_end_matches("Test").to_lowercase();
    if std::env::args().nth(2).is_some_and(|only| only != short) {
        return;
    }
    let message = P::filled(tenths);
    let bytes = message.encode_to_vec();
    let pool = Pool::<O>::builder().capacity(64).build().expect("it fits");
    let held = pool.decode(&bytes).expect("it is within its bounds");
    assert_eq!(held.encode_to_vec().as_deref(), Ok(&bytes[..]), "both mean the same");
    let full_name = format!("concurrent.{name}");
    let peers = c_peer::all().into_iter().map(|peer| Loaded::new(peer, &full_name, &bytes));
    let peers: Vec<Loaded> = peers.collect();
    let mut decode = decoders::<O, P>(&pool, &bytes);
    let mut encode = encoders(&*held, &message, bytes.len());
    for peer in &peers {
        decode.extend(peer.decoders().into_iter().map(|(name, run)| Candidate::new(name, run)));
        encode.extend(peer.encoders().into_iter().map(|(name, run)| Candidate::new(name, run)));
    }
    show(&short, bytes.len(), rounds, decode);
    show(&short, bytes.len(), rounds, encode);
}

fn decoders<'a, O, P>(pool: &'a Pool<O>, bytes: &'a [u8]) -> Vec<Candidate<'a>>
where
    O: Ours + PlainData + Default,
    P: Prost + Default + 'a,
{
    let (mut object, mut reused) = (O::default(), P::default());
    vec![
        Candidate::new("decode: prost, fresh", move || {
            drop(black_box(P::decode(black_box(bytes))));
        }),
        Candidate::new("decode: prost, reused", move || {
            reused.clear();
            black_box(&mut reused).merge(black_box(bytes)).expect("it is good");
        }),
        Candidate::new("decode: magpool, pooled", move || {
            drop(black_box(pool.decode(black_box(bytes))));
        }),
        Candidate::new("decode: magpool, reused", move || {
            black_box(&mut object).decode_from(black_box(bytes)).expect("it is good");
        }),
    ]
}

fn encoders<'a, O: Ours, P: Prost>(ours: &'a O, prost: &'a P, length: usize) -> Vec<Candidate<'a>> {
    let (mut vector, mut slice) = (Vec::with_capacity(length), vec![0; length]);
    vec![
        Candidate::new("encode: prost", move || {
            vector.clear();
            black_box(prost).encode(black_box(&mut vector)).expect("there is room");
        }),
        Candidate::new("encode: magpool", move || {
            let used = black_box(ours).encode_to_slice(black_box(&mut slice));
            assert!(used.is_ok());
        }),
    ]
}

/// Measures the candidates in turn and prints them; the first is what others are compared with.
fn show(message: &str, bytes: usize, rounds: usize, mut candidates: Vec<Candidate>) {
    let count = candidates.len();
    for round in 0..=rounds {
        for index in 0..count {
            let candidate = &mut candidates[(round + index) % count];
            let time = candidate.measure();
            // The first round only warms up.
            if round > 0 {
                candidate.times.push(time);
            }
        }
    }
    let base = candidates[0].times.clone();
    for candidate in &candidates {
        let ratios = candidate.times.iter().zip(&base).map(|(time, base)| time / base).collect();
        let [low, median, high] = quartiles(candidate.times.clone());
        let [_, ratio, _] = quartiles(ratios);
        let name = candidate.name;
        println!("{message:<10} {bytes:>5}  {name:<30} {median:>9.1} {low:>9.1}-{high:<9.1} {ratio:>7.2}");
    }
}

fn quartiles(mut values: Vec<f64>) -> [f64; 3] {
    values.sort_by(f64::total_cmp);
    [1, 2, 3].map(|quarter| values[(values.len() - 1) * quarter / 4])
}
