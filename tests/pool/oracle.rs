//! Threads hand objects to each other; each object bears its owner's token.

use crate::support::{expect_sound, pool_of, seed, together, Random};
use crate::tokens;
use magpool::{Pool, Pooled};
use std::sync::atomic::AtomicU64;
use std::sync::Mutex;

type Object = [AtomicU64; 8];

struct Owned<'p> {
    object: Pooled<'p, Object>,
    token: u64,
}

impl<'p> Owned<'p> {
    fn new(pool: &'p Pool<Object>, token: u64) -> Option<Owned<'p>> {
        let object = pool.alloc_with(|| std::array::from_fn(|_| AtomicU64::new(token))).ok()?;
        Some(Owned { object, token })
    }

    fn verify(&self) {
        tokens::verify(&*self.object, self.token);
    }
}

impl Drop for Owned<'_> {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            tokens::wipe(&*self.object, self.token);
        }
    }
}

/// A place where one thread leaves objects for another.
type Mailbox<'p> = Mutex<Vec<Owned<'p>>>;

struct Plan {
    threads: usize,
    /// Most objects a thread holds, and a mailbox.
    held: usize,
    posted: usize,
    steps: usize,
}

/// One thread: allocates, verifies, frees, posts and fetches at random.
fn act<'p>(pool: &'p Pool<Object>, boxes: &[Mailbox<'p>], plan: &Plan, number: usize, seed: u64) {
    let mut random = Random(seed ^ (number as u64) << 32);
    let mut mine: Vec<Owned<'p>> = Vec::new();
    for step in 0..plan.steps {
        let token = (number as u64 + 1) << 32 | step as u64;
        match random.below(4) {
            0 | 1 if mine.len() < plan.held => {
                // The pool has an object for every place where one may be.
                mine.push(Owned::new(pool, token).expect("refused below its capacity"));
            }
            2 if !mine.is_empty() => {
                let sent = mine.swap_remove(random.below(mine.len()));
                post(&boxes[random.below(plan.threads)], plan.posted, sent);
            }
            3 if mine.len() < plan.held => mine.extend(boxes[number].lock().unwrap().pop()),
            _ if !mine.is_empty() => {
                drop(mine.swap_remove(random.below(mine.len())));
            }
            _ => {}
        }
    }
}

/// Leaves an object for another thread, or frees it if the box is full.
fn post<'p>(mailbox: &Mailbox<'p>, most: usize, sent: Owned<'p>) {
    sent.verify();
    let mut posted = mailbox.lock().unwrap();
    if posted.len() < most {
        posted.push(sent);
    }
}

fn run(plan: &Plan) {
    let seed = seed();
    let pool = pool_of(plan.threads * (plan.held + plan.posted));
    let boxes: Vec<Mailbox<'_>> = (0..plan.threads).map(|_| Mailbox::default()).collect();
    together(plan.threads, |number| act(&pool, &boxes, plan, number, seed));
    drop(boxes);
    expect_sound(&pool, 0);
}

#[test]
fn tokens_of_2_threads_never_overlap() {
    run(&Plan { threads: 2, held: 40, posted: 10, steps: 200_000 });
}

#[test]
fn tokens_of_8_threads_never_overlap() {
    run(&Plan { threads: 8, held: 20, posted: 5, steps: 50_000 });
}

#[test]
fn tokens_of_8_threads_with_one_object_each_never_overlap() {
    run(&Plan { threads: 8, held: 1, posted: 1, steps: 20_000 });
}

#[test]
fn tokens_of_64_threads_never_overlap() {
    run(&Plan { threads: 64, held: 10, posted: 3, steps: 4000 });
}
