//! What holds for every peer that this machine has: objects are whole and nobody else's
//! while they live, any thread may give them back, and a limit is kept.

#![allow(unsafe_code, reason = "writes to the objects, as workloads do")]

use super::visit_all;
use crate::peer::{Local, Peer, Setup, Visitor};
use std::collections::HashSet;
use std::sync::{mpsc, Barrier};

const THREADS: usize = 4;
const CAPACITY: usize = 1000;
const SIZES: [usize; 4] = [16, 64, 1000, 4096];

/// A check of a peer, for each peer and size of object.
trait Check {
    fn check<P: Peer>(peer: &P, setup: &Setup);
}

/// Carries a check to all peers.
fn check_all<C: Check>() {
    struct Each<C>(std::marker::PhantomData<C>);
    impl<C: Check> Visitor for Each<C> {
        fn visit<P: Peer>(&mut self) {
            for object_bytes in SIZES {
                let setup = Setup { object_bytes, capacity: CAPACITY, threads: THREADS };
                match P::create(&setup) {
                    Ok(peer) => C::check(&peer, &setup),
                    Err(reason) => println!("{}, {object_bytes} bytes: {reason}", P::NAME),
                }
            }
            println!("{} {}", P::NAME, P::version());
        }
    }
    let before = processors();
    visit_all(&mut Each::<C>(std::marker::PhantomData));
    assert_eq!(processors(), before, "a peer has pinned this thread");
}

/// The processors that this thread may run on.
fn processors() -> Vec<usize> {
    #[cfg(feature = "peers")]
    return super::foreign::dpdk::Affinity::of_this_thread().processors();
    #[cfg(not(feature = "peers"))]
    Vec::new()
}

/// An object with a mark all over it.
struct Marked<O> {
    object: O,
    mark: u8,
}

impl<O> Marked<O> {
    fn new<L: Local<Object = O>>(mut object: O, mark: u8, bytes: usize) -> Self {
        let address = L::bytes(&mut object);
        assert_eq!(address as usize % align_of::<usize>(), 0);
        // SAFETY: the object has that many bytes, and is this thread's.
        unsafe { address.write_bytes(mark, bytes) };
        Self { object, mark }
    }

    /// Checks that nobody else wrote to it.
    fn take<L: Local<Object = O>>(mut self, bytes: usize) -> O {
        // SAFETY: as in `new`, which has written all of them.
        let found = unsafe { std::slice::from_raw_parts(L::bytes(&mut self.object), bytes) };
        assert!(found.iter().all(|&byte| byte == self.mark));
        self.object
    }
}

/// Takes so many objects and marks them.
fn take_marked<L: Local>(local: &mut L, count: usize, bytes: usize) -> Vec<Marked<L::Object>> {
    let mark = |at: usize| u8::try_from(at % 251).unwrap_or_default();
    (0..count)
        .map(|at| {
            let object = local.alloc().expect("an object within the capacity");
            Marked::new::<L>(object, mark(at), bytes)
        })
        .collect()
}

/// Where the objects begin.
fn starts<L: Local>(objects: &mut [Marked<L::Object>]) -> Vec<usize> {
    objects.iter_mut().map(|marked| L::bytes(&mut marked.object) as usize).collect()
}

/// Fails if two of them share a byte.
fn assert_apart(mut starts: Vec<usize>, bytes: usize) {
    starts.sort_unstable();
    assert!(starts.windows(2).all(|pair| pair[0] + bytes <= pair[1]), "objects overlap");
}

fn give_back<L: Local>(local: &mut L, objects: Vec<Marked<L::Object>>, bytes: usize) {
    for marked in objects {
        let object = marked.take::<L>(bytes);
        local.free(object);
    }
}

#[test]
fn objects_of_a_thread_are_whole_and_distinct() {
    struct OneThread;
    impl Check for OneThread {
        fn check<P: Peer>(peer: &P, setup: &Setup) {
            let mut local = peer.local();
            // A second time with objects that were used.
            for _ in 0..2 {
                let mut objects = take_marked(&mut local, setup.capacity, setup.object_bytes);
                assert_apart(starts::<P::Local<'_>>(&mut objects), setup.object_bytes);
                give_back(&mut local, objects, setup.object_bytes);
            }
        }
    }
    check_all::<OneThread>();
}

#[test]
fn objects_of_many_threads_are_whole_and_distinct() {
    struct ManyThreads;
    impl Check for ManyThreads {
        fn check<P: Peer>(peer: &P, setup: &Setup) {
            let taken = Barrier::new(setup.threads);
            let hold = || {
                let mut local = peer.local();
                let mut all = Vec::new();
                for _ in 0..3 {
                    let count = setup.capacity / setup.threads;
                    let mut objects = take_marked(&mut local, count, setup.object_bytes);
                    all = starts::<P::Local<'_>>(&mut objects);
                    taken.wait();
                    give_back(&mut local, objects, setup.object_bytes);
                    taken.wait();
                }
                // Those of the last round, which all threads held at once.
                all
            };
            let all = on_threads(setup.threads, hold).concat();
            assert_eq!(all.len(), setup.capacity);
            assert_apart(all, setup.object_bytes);
        }
    }
    check_all::<ManyThreads>();
}

/// Runs it on so many threads at once; what each returns.
fn on_threads<T: Send>(threads: usize, run: impl Fn() -> T + Sync) -> Vec<T> {
    std::thread::scope(|scope| {
        let all: Vec<_> = (0..threads).map(|_| scope.spawn(&run)).collect();
        all.into_iter().map(|thread| thread.join().expect("no panic")).collect()
    })
}

#[test]
fn a_foreign_thread_may_free_and_all_objects_come_back() {
    struct HandOff;
    impl Check for HandOff {
        fn check<P: Peer>(peer: &P, setup: &Setup) {
            let bytes = setup.object_bytes;
            // Fewer on the way than a consumer's cache and the capacity allow.
            let (send, receive) = mpsc::sync_channel(16);
            std::thread::scope(|scope| {
                scope.spawn(move || {
                    let mut local = peer.local();
                    // Many times the capacity: a peer that lost them would have none left.
                    for at in 0..10 * setup.capacity {
                        let objects = take_marked(&mut local, 1, bytes);
                        assert!(send.send(objects).is_ok(), "object {at}");
                    }
                });
                scope.spawn(move || {
                    let mut local = peer.local();
                    receive.iter().for_each(|objects| give_back(&mut local, objects, bytes));
                });
            });
            let mut local = peer.local();
            let objects = take_marked(&mut local, setup.capacity, bytes);
            give_back(&mut local, objects, bytes);
        }
    }
    check_all::<HandOff>();
}

#[test]
fn a_limit_is_kept() {
    struct Limit;
    impl Check for Limit {
        fn check<P: Peer>(peer: &P, setup: &Setup) {
            if !P::BOUNDED {
                return;
            }
            let mut local = peer.local();
            // A second time, when all have come back.
            for _ in 0..2 {
                let mut objects: Vec<_> =
                    std::iter::from_fn(|| local.alloc()).take(100 * setup.capacity).collect();
                assert_eq!(objects.len(), setup.capacity + spare(P::NAME, setup), "{}", P::NAME);
                assert!(local.alloc().is_none());
                // One that comes back is one that can be had.
                local.free(objects.pop().expect("there are some"));
                objects.extend(local.alloc());
                assert_eq!(objects.len(), setup.capacity + spare(P::NAME, setup), "{}", P::NAME);
                assert!(local.alloc().is_none());
                objects.into_iter().for_each(|object| local.free(object));
            }
        }
    }
    check_all::<Limit>();
}

/// Objects that a bounded peer has beyond its capacity, for its caches to hold.
fn spare(name: &str, setup: &Setup) -> usize {
    #[cfg(feature = "peers")]
    if name == <super::foreign::dpdk::Dpdk as Peer>::NAME {
        return super::foreign::dpdk::Dpdk::spare(setup);
    }
    let _ = (name, setup);
    0
}

#[test]
fn batches_are_as_good_as_single_objects() {
    struct Batches;
    impl Check for Batches {
        fn check<P: Peer>(peer: &P, setup: &Setup) {
            let mut local = peer.local();
            let mut objects = Vec::new();
            for _ in 0..20 {
                for count in [1, 31, 64, 512] {
                    let before = objects.len();
                    assert_eq!(local.alloc_batch(&mut objects, count), count);
                    assert_eq!(objects.len(), before + count);
                }
                let mut marked: Vec<_> = std::mem::take(&mut objects)
                    .into_iter()
                    .map(|object| Marked::new::<P::Local<'_>>(object, 7, setup.object_bytes))
                    .collect();
                assert_apart(starts::<P::Local<'_>>(&mut marked), setup.object_bytes);
                objects = marked.into_iter().map(|marked| marked.object).collect();
                local.free_batch(&mut objects);
                assert!(objects.is_empty());
            }
            if P::BOUNDED {
                let all = setup.capacity + spare(P::NAME, setup);
                assert_eq!(local.alloc_batch(&mut objects, all + 100), all, "{}", P::NAME);
                local.free_batch(&mut objects);
            }
        }
    }
    check_all::<Batches>();
}

#[test]
fn names_are_unique() {
    struct Names(Vec<&'static str>);
    impl Visitor for Names {
        fn visit<P: Peer>(&mut self) {
            self.0.push(P::NAME);
        }
    }
    let mut names = Names(Vec::new());
    visit_all(&mut names);
    assert_eq!(names.0.iter().collect::<HashSet<_>>().len(), names.0.len());
}

/// DPDK pins the thread that starts it: were that left so, that thread and those it makes
/// would run on one processor.
#[cfg(feature = "peers")]
#[test]
fn threads_of_dpdk_keep_their_processors() {
    use super::foreign::dpdk::Dpdk;
    let before = processors();
    let setup = Setup { object_bytes: 64, capacity: CAPACITY, threads: 2 };
    let peer = match Dpdk::create(&setup) {
        Ok(peer) => peer,
        Err(reason) => return println!("{}: missing, {reason}", Dpdk::NAME),
    };
    assert_eq!(processors(), before);
    let of_users = || {
        let mut local = peer.local();
        let object = local.alloc().expect("there are some");
        local.free(object);
        processors()
    };
    assert_eq!(on_threads(2, of_users), [before.clone(), before.clone()]);
    // A thread may use it again, and this one as well.
    assert_eq!((of_users(), of_users()), (before.clone(), before));
}

/// More threads than DPDK has lcores for: the rest have caches of their own.
#[cfg(feature = "peers")]
#[test]
fn dpdk_serves_more_threads_than_it_has_lcores() {
    use super::foreign::dpdk::Dpdk;
    let setup = Setup { object_bytes: 64, capacity: CAPACITY, threads: 200 };
    let Ok(peer) = Dpdk::create(&setup) else { return };
    let all_there = Barrier::new(setup.threads);
    let use_it = || {
        let mut local = peer.local();
        all_there.wait();
        for _ in 0..20 {
            let objects = take_marked(&mut local, setup.capacity / setup.threads, 64);
            give_back(&mut local, objects, 64);
        }
        all_there.wait();
    };
    on_threads(setup.threads, use_it);
    let mut local = peer.local();
    let objects = take_marked(&mut local, setup.capacity, 64);
    give_back(&mut local, objects, 64);
}
