//! Producers take objects and write to them; consumers read them and give them back. Between
//! each producer and each consumer is a ring of its own.

use super::ring::{Receiver, Ring, Sender, CHUNK, SLOTS};
use super::{Hand, Task};
use crate::histogram::Meter;
use crate::measure::{team, Patience, Sample, Tally};
use crate::peer::{Kind, Local, Peer, Pointer, Setup};
use crate::sys::read_first;
use std::hint::black_box;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// What a thread of the team has: the ends of its rings.
enum Side<'r, T> {
    Producer(Vec<Sender<'r, T>>),
    Consumer(Vec<Receiver<'r, T>>),
}

pub(super) fn sample<P: Peer, M: Meter>(
    task: &Task<P>,
    producers: usize,
    consumers: usize,
) -> Sample {
    let mut rings: Vec<Ring<P::Object>> = (0..producers * consumers).map(|_| Ring::new()).collect();
    let sides = Mutex::new(sides(&mut rings, producers, consumers));
    // Chunks that each producer sends to each consumer.
    let chunks = |count: usize| count.div_ceil(CHUNK * consumers);
    team(producers + consumers, |_, watch| {
        let side = sides.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut hand = Hand::<_, M>::new(task.peer.local());
        match side.expect("as many sides as threads") {
            Side::Producer(mut senders) => {
                produce(&mut hand, &mut senders, chunks(task.warming()));
                hand.restart();
                let sent = watch.time(|| produce(&mut hand, &mut senders, chunks(task.count)));
                let refused = hand.refused;
                Tally { operations: sent, refused, ..hand.tally(0) }
            }
            Side::Consumer(mut receivers) => {
                consume(&mut hand, &mut receivers, chunks(task.warming()));
                hand.restart();
                watch.time(|| consume(&mut hand, &mut receivers, chunks(task.count)));
                hand.tally(0)
            }
        }
    })
}

fn sides<T>(rings: &mut [Ring<T>], producers: usize, consumers: usize) -> Vec<Side<'_, T>> {
    let mut senders: Vec<Vec<_>> = (0..producers).map(|_| Vec::new()).collect();
    let mut receivers: Vec<Vec<_>> = (0..consumers).map(|_| Vec::new()).collect();
    for (index, ring) in rings.iter_mut().enumerate() {
        let (sender, receiver) = ring.ends();
        senders[index / consumers].push(sender);
        receivers[index % consumers].push(receiver);
    }
    let producers = senders.into_iter().map(Side::Producer);
    producers.chain(receivers.into_iter().map(Side::Consumer)).collect()
}

/// Sends `chunks` chunks to each consumer in turn, and returns how many objects. An allocation
/// that was refused is tried again: the consumers give objects back.
fn produce<L: Local, M: Meter>(
    hand: &mut Hand<L, M>,
    senders: &mut [Sender<'_, L::Object>],
    chunks: usize,
) -> u64 {
    for _ in 0..chunks {
        for sender in senders.iter_mut() {
            let mut patience = Patience::default();
            while !sender.has_room() {
                patience.wait();
            }
            for _ in 0..CHUNK {
                sender.send(insist(hand));
            }
            sender.tell();
        }
    }
    (chunks * senders.len() * CHUNK) as u64
}

#[inline(always)]
fn insist<L: Local, M: Meter>(hand: &mut Hand<L, M>) -> L::Object {
    let mut patience = Patience::default();
    loop {
        if let Some(object) = hand.take() {
            return object;
        }
        patience.wait();
    }
}

/// Receives as much as each producer sends. Goes on to the next producer when one has sent
/// nothing new.
fn consume<L: Local, M: Meter>(
    hand: &mut Hand<L, M>,
    receivers: &mut [Receiver<'_, L::Object>],
    chunks: usize,
) {
    let mut left = vec![chunks * CHUNK; receivers.len()];
    let mut patience = Patience::default();
    while left.iter().any(|&left| left > 0) {
        let mut idle = true;
        for (receiver, left) in receivers.iter_mut().zip(&mut left) {
            for _ in 0..CHUNK.min(*left) {
                let Some(mut object) = receiver.receive() else { break };
                black_box(read_first(L::bytes(&mut object)));
                hand.give(object);
                *left -= 1;
                idle = false;
            }
        }
        if idle {
            patience.wait();
        } else {
            patience = Patience::default();
        }
    }
}

/// No peer: the rings alone. Each thread hands out lines of a block of its own, one after the
/// other and from the beginning again, and takes nothing back.
pub(crate) struct Alone {
    /// One a thread; they outlive the threads, because consumers do.
    blocks: Vec<Vec<Line>>,
    next: AtomicUsize,
}

/// Many more than are on their way at once.
const LINES: usize = 16 * SLOTS;

#[repr(align(64))]
#[derive(Default)]
struct Line([AtomicU64; 8]);

pub(crate) struct AloneLocal<'a> {
    lines: &'a [Line],
    at: usize,
}

impl Peer for Alone {
    const NAME: &'static str = "hand-off-alone";
    const KIND: Kind = Kind::Floor;
    const BOUNDED: bool = false;
    type Object = Pointer;
    type Local<'a> = AloneLocal<'a>;

    fn version() -> String {
        "1".into()
    }

    fn create(setup: &Setup) -> Result<Self, String> {
        let block = || (0..LINES).map(|_| Line::default()).collect();
        let blocks = (0..setup.threads).map(|_| block()).collect();
        Ok(Alone { blocks, next: AtomicUsize::new(0) })
    }

    fn local(&self) -> AloneLocal<'_> {
        // ORDERING: a number for each thread, no more.
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        AloneLocal { lines: &self.blocks[number % self.blocks.len()], at: 0 }
    }
}

impl Local for AloneLocal<'_> {
    type Object = Pointer;

    #[inline(always)]
    fn alloc(&mut self) -> Option<Pointer> {
        self.at = (self.at + 1) % LINES;
        NonNull::new(self.lines[self.at].0[0].as_ptr().cast()).map(Pointer)
    }

    #[inline(always)]
    fn free(&mut self, _: Pointer) {}

    #[inline(always)]
    fn bytes(object: &mut Pointer) -> *mut u8 {
        object.0.as_ptr()
    }
}
