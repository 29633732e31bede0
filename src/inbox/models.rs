//! Tokens and inboxes under a model checker: who takes, closes, delivers or gives up at
//! the same time gets each object once, or the pool does.

#![allow(unsafe_code, reason = "a model's pool and table live as long as its execution")]

use super::{alloc, close, create, discard, give, take, Asked, Number, Post, Table, Taken};
use crate::error::Error;
use crate::pool::models::{explore, thread, World};
use crate::pool::{Pool, Urgency};
use crate::sync::{yield_now, Mutex, PoolGuard, Watch};
use std::cell::Cell;
use std::sync::Arc;

std::thread_local! {
    /// Of this execution. (Its threads are one of the system's.)
    static TABLE: Cell<Option<&'static Mutex<Table>>> = const { Cell::new(None) };
}

pub(super) fn table() -> PoolGuard<'static, Table> {
    TABLE.get().expect("begun").lock()
}

pub(super) fn prepare() {}

/// What is told of tokens: the receiver's, which it may give up when its inbox is closed.
struct Receiver {
    context: Watch,
    told: Cell<Number>,
}

// SAFETY: reached by fibers of one thread.
unsafe impl Sync for Receiver {}
// SAFETY: as above.
unsafe impl Send for Receiver {}

fn note(context: [usize; 2], token: Number) -> bool {
    let receiver = std::ptr::with_exposed_provenance::<Receiver>(context[0]);
    // SAFETY: a model keeps it until its execution ends.
    let receiver = unsafe { &*receiver };
    receiver.context.touch();
    yield_now();
    receiver.told.set(token);
    receiver.context.touch();
    context[1] == 0
}

/// Explores a model with a table of its own and an inbox. `act` closes the inbox.
fn explore_inbox(name: &str, capacity: usize, act: fn(&Arc<World>, &Arc<Receiver>, Number)) {
    // (A function pointer, which `explore` wants, carries nothing.)
    ACT.set(Some(act));
    explore(name, (None, None), capacity, |world| {
        TABLE.set(Some(Box::leak(Box::new(Mutex::new(Table::new())))));
        let receiver = Arc::new(Receiver { context: Watch::new(), told: Cell::new(0) });
        let context = [Arc::as_ptr(&receiver).expose_provenance(), 0];
        let inbox = create(Post { call: note, context }).unwrap();
        ACT.get().unwrap()(world, &receiver, inbox);
        let mut at = table();
        assert!(at.tokens.values().next().is_none(), "a token that nobody removed");
        assert!(at.inboxes.values().next().is_none(), "an inbox that nobody closed");
        drop(at);
        world.settle();
    });
}

type Act = fn(&Arc<World>, &Arc<Receiver>, Number);

std::thread_local! {
    static ACT: Cell<Option<Act>> = const { Cell::new(None) };
}

fn pool_of(world: &World) -> &'static Pool {
    // SAFETY: the table is empty before the world goes.
    unsafe { &*std::ptr::from_ref(&world.pool) }
}

/// Takes and frees; whether there was anything.
fn take_and_free(world: &World, token: Number) -> bool {
    match take(token) {
        Ok(Taken::Object(_, address)) => {
            world.receive(address);
            world.free(address).unwrap();
            true
        }
        Ok(Taken::Pending) => false,
        Err(error) => {
            assert_eq!(error, Error::NotFound);
            false
        }
    }
}

/// Puts an object of its own under a token.
fn give_away(world: &World, inbox: Number) -> Number {
    let address = world.alloc().unwrap();
    world.part_with(address);
    give(pool_of(world), address, inbox).unwrap()
}

#[test]
fn one_of_two_takes_an_object() {
    explore_inbox("one_of_two_takes_an_object", 1, |world, _, inbox| {
        let token = give_away(world, inbox);
        let other = thread(world, move |world| take_and_free(world, token));
        let own = take_and_free(world, token);
        assert!(own != other.join(), "an object was taken by both, or by none");
        assert_eq!(close(inbox), Ok(()));
    });
}

#[test]
fn take_and_close_race() {
    explore_inbox("take_and_close_race", 1, |world, _, inbox| {
        let token = give_away(world, inbox);
        let other = thread(world, move |world| take_and_free(world, token));
        assert_eq!(close(inbox), Ok(()));
        other.join();
        assert!(!take_and_free(world, token));
    });
}

/// Asks for an object and frees it if there is one now; the token if it is queued.
fn ask(world: &World, inbox: Number) -> Option<Number> {
    match alloc(pool_of(world), Urgency::Ordinary, inbox) {
        Ok(Asked::Object(address)) => {
            world.receive(address);
            world.free(address).unwrap();
            None
        }
        Ok(Asked::Queued(token)) => Some(token),
        Err(error) => {
            assert_eq!(error, Error::NotFound);
            None
        }
    }
}

#[test]
fn allocation_and_close_race() {
    explore_inbox("allocation_and_close_race", 1, |world, _, inbox| {
        let address = world.alloc().unwrap();
        let asker = thread(world, move |world| ask(world, inbox));
        assert_eq!(close(inbox), Ok(()));
        if let Some(token) = asker.join() {
            assert!(!take_and_free(world, token));
        }
        assert_eq!(world.pool.stats().unwrap().waiting, 0, "queued for an inbox that is gone");
        world.free(address).unwrap();
    });
}

#[test]
fn delivery_and_close_race() {
    explore_inbox("delivery_and_close_race", 1, |world, _, inbox| {
        let address = world.alloc().unwrap();
        let token = ask(world, inbox).unwrap();
        let closer = thread(world, move |_| close(inbox));
        world.free(address).unwrap();
        take_and_free(world, token);
        assert_eq!(closer.join(), Ok(()));
        assert!(!take_and_free(world, token));
    });
}

#[test]
fn delivery_and_discard_race() {
    explore_inbox("delivery_and_discard_race", 1, |world, receiver, inbox| {
        let address = world.alloc().unwrap();
        let token = ask(world, inbox).unwrap();
        let quitter = thread(world, move |_| discard(token));
        world.free(address).unwrap();
        let taken = take_and_free(world, token);
        assert!(taken != quitter.join().is_ok());
        assert!(!taken || receiver.told.get() == token);
        assert_eq!(close(inbox), Ok(()));
    });
}

#[test]
fn close_waits_for_a_post() {
    explore_inbox("close_waits_for_a_post", 1, |world, receiver, inbox| {
        let address = world.alloc().unwrap();
        ask(world, inbox).unwrap();
        let closer = thread(world, {
            let receiver = receiver.clone();
            move |_| {
                assert_eq!(close(inbox), Ok(()));
                // From now on the context is the receiver's again.
                receiver.context.touch();
                let told = receiver.told.replace(Number::MAX);
                yield_now();
                assert_eq!(receiver.told.get(), Number::MAX, "told after {told:#x}, when closed");
            }
        });
        world.free(address).unwrap();
        closer.join();
    });
}

/// (Three threads have more schedules than loom gets through in minutes.)
#[cfg(shuttle)]
#[test]
fn second_close_waits_for_a_post() {
    explore_inbox("second_close_waits_for_a_post", 1, |world, _, inbox| {
        let address = world.alloc().unwrap();
        ask(world, inbox).unwrap();
        let close_it = move || {
            let closed = close(inbox);
            let posting = table().inboxes.get(inbox).map_or(0, |inbox| inbox.posting);
            assert_eq!(posting, 0, "it is being told yet");
            closed.is_ok()
        };
        let giver = thread(world, move |world| world.free(address).unwrap());
        let closer = thread(world, move |_| close_it());
        let closed = close_it();
        giver.join();
        assert!(closed != closer.join(), "both closed it, or none did");
    });
}

#[test]
fn who_cannot_be_told_is_passed_over() {
    explore_inbox("who_cannot_be_told_is_passed_over", 1, |world, receiver, inbox| {
        let context = [Arc::as_ptr(receiver).expose_provenance(), 1];
        let deaf = create(Post { call: note, context }).unwrap();
        let address = world.alloc().unwrap();
        let (first, second) = (ask(world, deaf).unwrap(), ask(world, inbox).unwrap());
        let closer = thread(world, move |_| close(deaf));
        world.free(address).unwrap();
        take_and_free(world, first);
        closer.join().unwrap();
        assert!(take_and_free(world, second));
        assert_eq!(close(inbox), Ok(()));
    });
}
