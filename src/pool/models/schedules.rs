//! Longer programs of more threads, in random orders. Shuttle's memory has one order, so
//! these look for faults of the protocol and not of memory orders.

use super::{explore, is_long, thread, World};
use crate::error::Error;
use ::shuttle::rand::{thread_rng, Rng};
use ::shuttle::scheduler::{PctScheduler, RandomScheduler, Scheduler};
use ::shuttle::{Config, Runner};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// What all schedules of the process come from: `MAGPOOL_SEED`, or chosen.
fn seed() -> u64 {
    static SEED: OnceLock<u64> = OnceLock::new();
    *SEED.get_or_init(|| match std::env::var("MAGPOOL_SEED") {
        Ok(seed) => seed.parse().expect("MAGPOOL_SEED is a number"),
        Err(_) => crate::sys::random::secret(),
    })
}

/// Runs a model in random orders, and in orders with few preemptions at random places.
pub(super) fn run(act: impl Fn() + Send + Sync + 'static) -> String {
    let (random, few) = if is_long() { (30_000, 20_000) } else { (2_000, 1_000) };
    let seed = seed();
    println!("MAGPOOL_SEED={seed}");
    let act = Arc::new(act);
    run_all(RandomScheduler::new_from_seed(seed, random), act.clone());
    run_all(PctScheduler::new_from_seed(seed, 4, few), act);
    format!("{random} random and {few} with few preemptions")
}

fn run_all(scheduler: impl Scheduler + 'static, act: Arc<impl Fn() + Send + Sync + 'static>) {
    let mut config = Config::new();
    config.stack_size = 1 << 17;
    config.silence_warnings = true;
    Runner::new(scheduler, config).run(move || act());
}

fn choose(choices: u32) -> u32 {
    thread_rng().gen_range(0..choices)
}

/// One of the calls that look at a pool or move rounds about, at random.
fn disturb(world: &World) {
    match choose(6) {
        0 => {
            let report = world.pool.check().unwrap();
            assert!(report.is_clean(), "{report:?}");
        }
        1 => assert!(world.pool.stats().unwrap().in_use <= world.objects.len() as u64),
        2 => world.pool.flush_thread().unwrap(),
        3 => world.pool.trim().unwrap(),
        _ => {}
    }
}

#[test]
fn who_holds_one_of_as_many_is_never_refused() {
    explore("who_holds_one_of_as_many_is_never_refused", (None, None), 5, |world| {
        let act = |world: &World| {
            for _ in 0..choose(5) {
                let address = world.alloc().expect("four others hold one each");
                disturb(world);
                world.free(address).unwrap();
            }
        };
        let others = [(); 4].map(|()| thread(world, act));
        act(world);
        others.into_iter().for_each(|other| other.join());
        world.settle();
    });
}

/// Allocates and frees some at once, as many as can be had.
fn alloc_batch(world: &World) {
    let mut objects = [0; 3];
    let (got, refused) = world.pool.alloc_batch(&mut objects);
    assert!(matches!(refused, Ok(()) | Err(Error::Exhausted)), "{refused:?}");
    objects[..got].iter().for_each(|&address| _ = world.receive(address));
    disturb(world);
    objects[..got].iter().for_each(|&address| world.part_with(address));
    assert_eq!(world.pool.free_batch(&objects[..got]), got);
}

#[test]
fn too_few_objects_have_one_user_each() {
    explore("too_few_objects_have_one_user_each", (None, None), 3, |world| {
        let act = |world: &World| {
            for _ in 0..choose(4) {
                match choose(4) {
                    0 => alloc_batch(world),
                    1 => match world.wait(Some(Duration::from_nanos(1))) {
                        Ok(address) => world.free(address).unwrap(),
                        Err(error) => assert_eq!(error, Error::Timeout),
                    },
                    _ => match world.alloc() {
                        Ok(address) => world.free(address).unwrap(),
                        Err(error) => assert_eq!(error, Error::Exhausted),
                    },
                }
            }
        };
        let others = [(); 4].map(|()| thread(world, act));
        act(world);
        others.into_iter().for_each(|other| other.join());
        world.settle();
    });
}

#[test]
fn every_waiter_is_served_in_the_end() {
    explore("every_waiter_is_served_in_the_end", (None, None), 2, |world| {
        let act = |world: &World| {
            for _ in 0..1 + choose(3) {
                let address = world.wait(None).unwrap();
                disturb(world);
                world.free(address).unwrap();
            }
        };
        let others = [(); 5].map(|()| thread(world, act));
        act(world);
        others.into_iter().for_each(|other| other.join());
        world.settle();
    });
}

#[test]
fn pool_ends_among_many() {
    explore("pool_ends_among_many", (None, None), 2, |world| {
        let act = |world: &World| {
            for _ in 0..4 {
                let got = match choose(3) {
                    0 => world.wait(None),
                    _ => world.alloc(),
                };
                let freed = got.and_then(|address| {
                    world.part_with(address);
                    world.pool.free(address)
                });
                match freed {
                    Ok(()) | Err(Error::Exhausted) => {}
                    Err(error) => assert_eq!(error, Error::Destroyed),
                }
            }
        };
        let others = [(); 3].map(|()| thread(world, act));
        for _ in 0..choose(4) {
            world.pool.stats().unwrap();
        }
        assert!(world.stop(true).unwrap() <= 2);
        others.into_iter().for_each(|other| other.join());
    });
}

#[test]
fn threads_come_and_go() {
    explore("threads_come_and_go", (None, None), 4, |world| {
        for _ in 0..3 {
            let some = [(); 3].map(|()| thread(world, World::alloc_and_free));
            world.alloc_and_free();
            // One of them may still be ending when the next begin.
            let [first, second, third] = some;
            first.join();
            let next = thread(world, World::alloc_and_free);
            [second, third, next].into_iter().for_each(|thread| thread.join());
        }
        world.settle();
    });
}
