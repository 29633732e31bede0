//! What the machine can be told to do, and how such programs are drawn.
//!
//! Numbers that choose a pool, a thread or an object are taken modulo how many there
//! are, so every part of a program is a program: it shrinks.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

#[derive(Clone, Debug)]
pub(super) struct Shape {
    pub(super) size: usize,
    pub(super) align: usize,
    pub(super) capacity: usize,
    /// Objects the pool may grow by.
    pub(super) growth: usize,
    pub(super) reserve: usize,
    pub(super) rounds: u32,
    pub(super) named: bool,
}

#[derive(Clone, Debug)]
pub(super) struct Step {
    pub(super) pool: usize,
    pub(super) thread: usize,
    pub(super) act: Act,
}

#[derive(Clone, Debug)]
pub(super) enum Act {
    /// Ends the pool by force, and makes another in its place.
    Create(Shape),
    /// Opens and finds the pool by its name; another shape of that name is refused.
    Open(Shape),
    Destroy,
    Alloc {
        how: How,
        count: usize,
    },
    AllocBatch(usize),
    AllocAsync {
        critical: bool,
    },
    Cancel(usize),
    Free {
        way: Way,
        from: usize,
        count: usize,
        /// The objects look as if they were free.
        disguised: bool,
    },
    FreeBatch {
        from: usize,
        count: usize,
        disguised: bool,
        odd: Vec<(usize, Odd)>,
    },
    FreeOdd {
        odd: Odd,
        release: bool,
    },
    Flush,
    Trim,
    Check,
    Stats,
    /// The thread ends; another takes its number.
    End,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum How {
    Plain,
    Try,
    Timed,
    Critical,
    /// Through `Pool<T>`, if there is one for the object's size.
    Typed,
    TypedTimed,
    TypedCritical,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Way {
    Free,
    Release,
    Typed,
}

/// A pointer that is no live object of the pool.
#[derive(Clone, Copy, Debug)]
pub(super) enum Odd {
    Null,
    Foreign,
    /// Inside a live object.
    Interior(usize),
    /// An object that is free.
    Freed(usize),
    /// A live object of another pool.
    Wrong(usize),
    /// So many slots before or after all of the pool's.
    Outside(isize),
    /// In a batch: one that stands in it already.
    Repeated,
}

pub(super) fn shape() -> impl Strategy<Value = Shape> {
    let size = prop_oneof![select(vec![1, 7, 8, 8, 24, 64, 512, 4096]), 1..4096_usize];
    let align = prop_oneof![3 => Just(0), 1 => (0..13_u32).prop_map(|twos| 1 << twos)];
    let capacity = prop_oneof![3 => 1..9_usize, 3 => 1..60_usize, 1 => 1..400_usize];
    let growth = prop_oneof![2 => Just(0), 1 => 1..40_usize, 1 => 1..300_usize];
    let reserve = prop_oneof![3 => Just(0), 1 => 0..10_usize];
    let rounds = prop_oneof![Just(0), 1..9_u32, 1..1025_u32];
    (size, align, capacity, growth, reserve, rounds, any::<bool>()).prop_map(
        |(size, align, capacity, growth, reserve, rounds, named)| {
            let reserve = reserve % (capacity + growth);
            Shape { size, align, capacity, growth, reserve, rounds, named }
        },
    )
}

fn odd() -> impl Strategy<Value = Odd> {
    prop_oneof![
        Just(Odd::Null),
        Just(Odd::Foreign),
        any::<usize>().prop_map(Odd::Interior),
        any::<usize>().prop_map(Odd::Freed),
        any::<usize>().prop_map(Odd::Wrong),
        (-200..200_isize).prop_map(Odd::Outside),
        Just(Odd::Repeated),
    ]
}

fn count() -> impl Strategy<Value = usize> {
    prop_oneof![3 => 1..4_usize, 2 => 1..30_usize, 1 => 1..500_usize]
}

fn act() -> impl Strategy<Value = Act> {
    let how = select(vec![
        How::Plain,
        How::Plain,
        How::Try,
        How::Timed,
        How::Critical,
        How::Typed,
        How::TypedTimed,
        How::TypedCritical,
    ]);
    let way = select(vec![Way::Free, Way::Free, Way::Release, Way::Typed]);
    let odds = prop_oneof![Just(vec![]), vec((any::<usize>(), odd()), 1..6)];
    let disguised = prop_oneof![4 => Just(false), 1 => Just(true)];
    prop_oneof![
        1 => shape().prop_map(Act::Create),
        1 => shape().prop_map(Act::Open),
        1 => Just(Act::Destroy),
        12 => (how, count()).prop_map(|(how, count)| Act::Alloc { how, count }),
        6 => count().prop_map(Act::AllocBatch),
        3 => any::<bool>().prop_map(|critical| Act::AllocAsync { critical }),
        1 => any::<usize>().prop_map(Act::Cancel),
        12 => (way, any::<usize>(), count(), disguised.clone()).prop_map(
            |(way, from, count, disguised)| Act::Free { way, from, count, disguised }
        ),
        6 => (any::<usize>(), count(), disguised, odds).prop_map(
            |(from, count, disguised, odd)| Act::FreeBatch { from, count, disguised, odd }
        ),
        6 => (odd(), any::<bool>()).prop_map(|(odd, release)| Act::FreeOdd { odd, release }),
        2 => Just(Act::Flush),
        2 => Just(Act::Trim),
        1 => Just(Act::Check),
        1 => Just(Act::Stats),
        1 => Just(Act::End),
    ]
}

/// The first pools, and what is done to them.
pub(super) fn programme() -> impl Strategy<Value = (Vec<Shape>, Vec<Step>)> {
    let step = (any::<usize>(), any::<usize>(), act());
    let step = step.prop_map(|(pool, thread, act)| Step { pool, thread, act });
    (vec(shape(), 1..4), vec(step, 1..120))
}
