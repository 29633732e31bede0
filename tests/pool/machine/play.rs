//! Runs a program step by step, on the pools and on the reference.

use super::crew::{Crew, MEMBERS};
use super::face::{self, Face};
use super::model::{self, Free, Model, Outcome, Promise, Statuses};
use super::steps::{Act, How, Odd, Shape, Step, Way};
use super::{handle, owner_of, pointer};
use crate::sys;
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use std::ffi::{c_void, CString};
use std::ptr::null_mut;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::mpsc::{channel, Sender};
use std::sync::Arc;

/// Steps from one audit of all pools to the next.
const AUDIT_EVERY: usize = 8;
/// Callbacks that may wait at once.
const QUEUED_MAX: usize = 8;

/// Other tests of this process have pools, too.
static NAMES: AtomicU64 = AtomicU64::new(0);

struct Place {
    model: Model,
    /// From then on its handle may be another's.
    ended: bool,
    name: Option<String>,
    face: Option<Arc<dyn Face>>,
}

#[derive(Default)]
struct Play {
    crew: Crew,
    places: Vec<Place>,
}

pub(super) fn run(shapes: &[Shape], steps: &[Step]) -> Outcome {
    let mut play = Play::default();
    for shape in shapes {
        let place = Place::new(shape)?;
        play.places.push(place);
    }
    for (number, step) in steps.iter().enumerate() {
        let at = step.pool % play.places.len();
        play.step(at, step)?;
        play.places[at].serve()?;
        if number % AUDIT_EVERY == AUDIT_EVERY - 1 {
            play.audit()?;
        }
    }
    play.audit()?;
    play.quiet()?;
    play.places.iter_mut().try_for_each(Place::end)
}

impl Place {
    fn new(shape: &Shape) -> Result<Place, TestCaseError> {
        // ORDERING: only uniqueness counts.
        let name = || format!("machine.{}", NAMES.fetch_add(1, Relaxed));
        let name = shape.named.then(name);
        let (status, pool) = make(shape, name.as_deref(), sys::pool_create);
        prop_assert_eq!(status, sys::POOL_OK);
        let model = Model::new(pool, shape)?;
        let face = name.as_ref().and_then(|name| face::of(name, &model));
        Ok(Place { model, ended: false, name, face })
    }

    /// Ends the pool by force; whoever waits is told.
    fn end(&mut self) -> Outcome {
        let mut live = usize::MAX;
        self.ended = true;
        // SAFETY: nobody uses its objects any more.
        let status = unsafe { sys::pool_destroy_forced(handle(self.model.pool), &mut live) };
        prop_assert_eq!((status, live), (sys::POOL_OK, self.model.live.len()));
        self.dismiss()
    }

    fn dismiss(&mut self) -> Outcome {
        for promise in self.model.queue.drain(..) {
            prop_assert_eq!(promise.told.try_recv(), Ok((sys::POOL_ERR_DESTROYED, 0)));
        }
        Ok(())
    }

    /// Callbacks whose turn it is were called; the others were not.
    fn serve(&mut self) -> Outcome {
        while let Some(at) = self.next_in_queue() {
            let promise = self.model.queue.remove(at);
            let told = promise.told.try_recv();
            prop_assert!(matches!(told, Ok((sys::POOL_OK, _))), "a callback was told {told:?}");
            self.model.got(told.map_or(0, |told| told.1), promise.critical)?;
        }
        let silent = |promise: &Promise| promise.told.try_recv().is_err();
        prop_assert!(self.model.queue.iter().all(silent), "a callback was called too early");
        Ok(())
    }

    fn next_in_queue(&self) -> Option<usize> {
        let queue = &self.model.queue;
        match (self.model.has_room(false), self.model.has_room(true)) {
            (true, _) => (!queue.is_empty()).then_some(0),
            (false, true) => queue.iter().position(|promise| promise.critical),
            (false, false) => None,
        }
    }
}

/// Ends what a failed program left.
impl Drop for Place {
    fn drop(&mut self) {
        if !self.ended {
            // SAFETY: nobody uses its objects any more.
            unsafe { sys::pool_destroy_forced(handle(self.model.pool), null_mut()) };
        }
    }
}

impl Play {
    fn audit(&mut self) -> Outcome {
        self.places.iter_mut().try_for_each(|place| place.model.audit())
    }

    /// When all threads have ended, or flushed, nothing is in magazines.
    fn quiet(&mut self) -> Outcome {
        (0..MEMBERS).for_each(|who| self.crew.end(who));
        for Place { model, .. } in &self.places {
            // SAFETY: a live pool's handle.
            let flushed = unsafe { sys::pool_flush_thread(handle(model.pool)) };
            prop_assert_eq!(flushed, sys::POOL_OK);
            prop_assert_eq!(super::report_of(model.pool)?.in_magazines, 0);
            prop_assert!(super::stats_of(model.pool)?.caches <= 1);
        }
        Ok(())
    }

    fn step(&mut self, at: usize, Step { thread, act, .. }: &Step) -> Outcome {
        let (who, pool) = (*thread, self.places[at].model.pool);
        match act {
            Act::Create(shape) => {
                self.places[at].end()?;
                self.places[at] = Place::new(shape)?;
                Ok(())
            }
            Act::Open(shape) => self.open(at, shape),
            Act::Destroy => self.destroy(at),
            Act::Alloc { how, count } => self.alloc(at, who, *how, *count),
            Act::AllocBatch(count) => self.alloc_batch(at, who, *count),
            Act::AllocAsync { critical } => self.alloc_async(at, who, *critical),
            Act::Cancel(number) => self.cancel(at, *number),
            // One by one while somebody waits, who may be served each time.
            Act::Free { way, from, count, disguised }
                if !self.places[at].model.queue.is_empty() =>
            {
                (0..*count).try_for_each(|n| {
                    self.free(at, who, *way, (from.wrapping_add(n), 1, *disguised))
                })
            }
            Act::Free { way, from, count, disguised } => {
                self.free(at, who, *way, (*from, *count, *disguised))
            }
            Act::FreeBatch { from, count, disguised, odd } => {
                self.free_batch(at, who, (*from, *count, *disguised), odd)
            }
            Act::FreeOdd { odd, release } => self.free_odd(at, who, *odd, *release),
            Act::Check => self.places[at].model.audit(),
            Act::Flush => {
                // SAFETY: a live pool's handle.
                let flush = move || unsafe { sys::pool_flush_thread(handle(pool)) };
                prop_assert_eq!(self.crew.call(who, flush), sys::POOL_OK);
                Ok(())
            }
            Act::Trim => {
                // SAFETY: a live pool's handle.
                let trim = move || unsafe { sys::pool_trim(handle(pool)) };
                prop_assert_eq!(self.crew.call(who, trim), sys::POOL_OK);
                self.places[at].model.trimmed();
                Ok(())
            }
            Act::Stats => self.crew.call(who, move || super::stats_of(pool)).map(drop),
            Act::End => {
                self.crew.end(who);
                Ok(())
            }
        }
    }

    fn open(&mut self, at: usize, shape: &Shape) -> Outcome {
        let Place { model, name: Some(name), .. } = &self.places[at] else { return Ok(()) };
        let same = Shape { rounds: shape.rounds, ..model.shape.clone() };
        prop_assert_eq!(make(&same, Some(name), sys::pool_open), (sys::POOL_OK, model.pool));
        prop_assert_eq!(make(&same, Some(name), sys::pool_create), (sys::POOL_ERR_EXISTS, 0));
        let other = Shape { growth: same.growth + 1, ..same };
        prop_assert_eq!(make(&other, Some(name), sys::pool_open), (sys::POOL_ERR_EXISTS, 0));
        let (text, mut found) = (CString::new(name.as_str()).unwrap(), null_mut());
        // SAFETY: a string that ends, and a place for the handle.
        prop_assert_eq!(unsafe { sys::pool_find(text.as_ptr(), &mut found) }, sys::POOL_OK);
        prop_assert_eq!(found.expose_provenance(), model.pool);
        Ok(())
    }

    /// A pool ends only without live objects; then another of the same shape begins.
    fn destroy(&mut self, at: usize) -> Outcome {
        let place = &mut self.places[at];
        // SAFETY: a handle of a pool that is alive.
        let status = unsafe { sys::pool_destroy(handle(place.model.pool)) };
        if !place.model.live.is_empty() {
            prop_assert_eq!(status, sys::POOL_ERR_BUSY);
            return Ok(());
        }
        prop_assert_eq!(status, sys::POOL_OK);
        place.ended = true;
        place.dismiss()?;
        let shape = place.model.shape.clone();
        self.places[at] = Place::new(&shape)?;
        Ok(())
    }

    fn alloc(&mut self, at: usize, who: usize, how: How, count: usize) -> Outcome {
        let place = &mut self.places[at];
        let (pool, face) = (place.model.pool, place.face.clone());
        let taken: Vec<_> = self
            .crew
            .call(who, move || (0..count).map(|_| take(pool, face.as_deref(), how)).collect());
        let critical = matches!(how, How::Critical)
            || (matches!(how, How::TypedCritical) && place.face.is_some());
        taken.into_iter().try_for_each(|(status, address)| match status {
            sys::POOL_OK => place.model.got(address, critical),
            sys::POOL_ERR_EXHAUSTED | sys::POOL_ERR_TIMEOUT => place.model.refused(critical),
            other => Err(TestCaseError::fail(format!("an allocation said {other}"))),
        })
    }

    fn alloc_batch(&mut self, at: usize, who: usize, count: usize) -> Outcome {
        let model = &mut self.places[at].model;
        let pool = model.pool;
        let objects = self.crew.call(who, move || {
            let mut objects = vec![0_usize; count];
            // SAFETY: a live pool's handle; an address has the size of a pointer.
            let got =
                unsafe { sys::pool_alloc_batch(handle(pool), objects.as_mut_ptr().cast(), count) };
            objects.truncate(got);
            objects
        });
        let short = objects.len() < count;
        objects.into_iter().try_for_each(|address| model.got(address, false))?;
        if short {
            model.refused(false)?;
        }
        Ok(())
    }

    fn alloc_async(&mut self, at: usize, who: usize, critical: bool) -> Outcome {
        let model = &mut self.places[at].model;
        if model.queue.len() == QUEUED_MAX {
            return Ok(());
        }
        let pool = model.pool;
        let (sender, told) = channel();
        let asked = self.crew.call(who, move || ask(pool, critical, sender));
        let Asked { status, address, ticket, context } = asked;
        match status {
            sys::POOL_OK => model.got(address, critical),
            sys::POOL_PENDING => {
                prop_assert!(!model.has_room(critical), "queued although there is room");
                prop_assert!(ticket != 0 && model.queue.iter().all(|old| old.ticket != ticket));
                model.queue.push(Promise { ticket, critical, told, context });
                Ok(())
            }
            other => Err(TestCaseError::fail(format!("pool_alloc_async said {other}"))),
        }
    }

    fn cancel(&mut self, at: usize, number: usize) -> Outcome {
        let model = &mut self.places[at].model;
        // SAFETY: a live pool's handle.
        let cancel = |ticket| unsafe { sys::pool_alloc_cancel(handle(model.pool), ticket) };
        prop_assert_eq!(cancel(0), sys::POOL_ERR_NOT_FOUND);
        if model.queue.is_empty() {
            return Ok(());
        }
        let at = number % model.queue.len();
        let ticket = model.queue[at].ticket;
        prop_assert_eq!(cancel(ticket), sys::POOL_OK);
        prop_assert_eq!(cancel(ticket), sys::POOL_ERR_NOT_FOUND);
        let promise = model.queue.remove(at);
        prop_assert!(promise.told.try_recv().is_err());
        forget(promise.context);
        Ok(())
    }

    fn free(&mut self, at: usize, who: usize, way: Way, which: Which) -> Outcome {
        let place = &mut self.places[at];
        let objects = some_live(&place.model, which)?;
        let (pool, face, batch) = (place.model.pool, place.face.clone(), objects.clone());
        let said: Vec<i32> = self.crew.call(who, move || {
            batch.into_iter().map(|object| give_back(pool, face.as_deref(), way, object)).collect()
        });
        for (object, said) in objects.into_iter().zip(said) {
            place.model.freed(object, model::OK, Some(said))?;
            place.serve()?;
        }
        Ok(())
    }

    fn free_batch(&mut self, at: usize, who: usize, which: Which, odd: &[(usize, Odd)]) -> Outcome {
        let model = &self.places[at].model;
        let mut objects = some_live(model, which)?;
        // With somebody waiting, an object that stands there twice may be theirs by then.
        let odd = if model.queue.is_empty() { odd } else { &[] };
        for &(place, odd) in odd {
            let place = place % (objects.len() + 1);
            let known = objects.get(place % objects.len().max(1)).copied();
            let pointer = match odd {
                Odd::Repeated => known,
                Odd::Outside(_) => None, // Nobody would say whose it was.
                odd => self.odd_pointer(at, odd).map(|(address, _)| address),
            };
            objects.insert(place, pointer.unwrap_or(0));
        }
        let (pool, batch) = (model.pool, objects.clone());
        // SAFETY: a live pool's handle; an address has the size of a pointer.
        let said = self.crew.call(who, move || unsafe {
            sys::pool_free_batch(handle(pool), batch.as_ptr().cast(), batch.len())
        });
        let mut freed = 0;
        for address in objects {
            let expected = self.expected(at, address);
            freed += usize::from(expected == model::OK);
            self.places[at].model.freed(address, expected, None)?;
        }
        prop_assert_eq!(said, freed);
        Ok(())
    }

    fn free_odd(&mut self, at: usize, who: usize, odd: Odd, release: bool) -> Outcome {
        let Some((address, expected)) = self.odd_pointer(at, odd) else { return Ok(()) };
        if !release {
            let pool = self.places[at].model.pool;
            // SAFETY: any pointer may be given.
            let free = move || unsafe { sys::pool_free(handle(pool), pointer(address)) };
            let said = self.crew.call(who, free);
            return self.places[at].model.freed(address, expected, Some(said));
        }
        // A release finds the pool itself: other pools' objects would be freed, and
        // what is nobody's is not counted.
        if expected.contains(&sys::POOL_ERR_WRONG_POOL) {
            return Ok(());
        }
        // SAFETY: any pointer may be given.
        self.crew.call(who, move || unsafe { sys::pool_release(pointer(address)) });
        match expected {
            model::NULL | model::FOREIGN => Ok(()),
            expected => self.places[at].model.freed(address, expected, None),
        }
    }

    /// What a batch says of a pointer: of a live object's inside, too.
    fn expected(&self, at: usize, address: usize) -> Statuses {
        let model = &self.places[at].model;
        let is_other = |place: &Place| owner_of(address) == place.model.pool;
        match model.expected(address) {
            _ if address == 0 => model::NULL,
            model::FOREIGN if owner_of(address) == model.pool => model::INTERIOR,
            model::FOREIGN if self.places.iter().any(is_other) => model::WRONG_POOL,
            expected => expected,
        }
    }

    /// A pointer that the pool must refuse, and how.
    fn odd_pointer(&self, at: usize, odd: Odd) -> Option<(usize, Statuses)> {
        static FOREIGN: u64 = 0;
        let model = &self.places[at].model;
        match odd {
            Odd::Null | Odd::Repeated => Some((0, model::NULL)),
            Odd::Foreign => Some(((&raw const FOREIGN).addr(), model::FOREIGN)),
            Odd::Interior(number) => {
                let object = pick(&model.live, number)?;
                Some((object + 1 + number % (model.slot - 1), model::INTERIOR))
            }
            Odd::Freed(number) => {
                let mut freed: Vec<(usize, Free)> =
                    model.free.iter().map(|(&address, &free)| (address, free)).collect();
                freed.sort_by_key(|&(address, _)| address);
                let (address, _) = pick(&freed, number)?;
                Some((address, model.expected(address)))
            }
            Odd::Wrong(number) => {
                let other = &self.places[number % self.places.len()].model;
                let object = pick(&other.live, number)?;
                (other.pool != model.pool).then_some((object, model::WRONG_POOL))
            }
            Odd::Outside(slots) => {
                let object = *model.live.first()?;
                let beyond = (model.limit * model.slot) as isize * slots.signum();
                let address = object.wrapping_add_signed(beyond + slots * model.slot as isize);
                // Some other test's pool may come to lie there at any time.
                let either: Statuses = &[sys::POOL_ERR_FOREIGN, sys::POOL_ERR_WRONG_POOL];
                (slots != 0).then_some((address, either))
            }
        }
    }
}

/// Live objects in a row: from which on, how many, and whether they are to look free.
type Which = (usize, usize, bool);

/// Those objects, each of which bore its token.
fn some_live(model: &Model, (from, count, disguised): Which) -> Result<Vec<usize>, TestCaseError> {
    let live = &model.live;
    let nth = |n| live[from.wrapping_add(n) % live.len()];
    let objects: Vec<usize> = (0..count.min(live.len())).map(nth).collect();
    objects.iter().try_for_each(|&address| model.verify(address))?;
    if disguised {
        objects.iter().for_each(|&address| model.disguise(address));
    }
    Ok(objects)
}

fn pick<T: Copy>(from: &[T], number: usize) -> Option<T> {
    from.get(number.checked_rem(from.len())?).copied()
}

/// Makes or opens a pool; the status, and the handle or 0.
fn make(
    shape: &Shape,
    name: Option<&str>,
    how: unsafe extern "C" fn(*const sys::pool_config_t, *mut *mut sys::pool_t) -> i32,
) -> (i32, usize) {
    let name = name.map(|name| CString::new(name).expect("a name without NUL"));
    let config = sys::pool_config_t {
        struct_size: size_of::<sys::pool_config_t>(),
        name: name.as_ref().map_or(std::ptr::null(), |name| name.as_ptr()),
        object_size: shape.size,
        object_align: shape.align,
        capacity: shape.capacity,
        limit: shape.capacity + shape.growth,
        magazine_rounds: shape.rounds,
        flags: 0,
        reserve: shape.reserve,
    };
    let mut pool = null_mut();
    // SAFETY: a configuration of the size it says, and a place for the handle.
    let status = unsafe { how(&config, &mut pool) };
    (status, pool.expose_provenance())
}

/// Allocates one object; the status, and its address or 0.
fn take(pool: usize, face: Option<&dyn Face>, how: How) -> (i32, usize) {
    let mut object = null_mut();
    // SAFETY (whole function): a live pool's handle, and a place for the object.
    let status = match (how, face) {
        (How::Typed | How::TypedTimed | How::TypedCritical, Some(face)) => {
            return match face.alloc(how, 7) {
                Ok(address) => (sys::POOL_OK, address),
                Err(magpool::Error::Exhausted) => (sys::POOL_ERR_EXHAUSTED, 0),
                Err(magpool::Error::Timeout) => (sys::POOL_ERR_TIMEOUT, 0),
                Err(_) => (sys::POOL_ERR_CORRUPT, 0),
            };
        }
        // SAFETY: see above.
        (How::Timed, _) => unsafe { sys::pool_alloc_timed(handle(pool), &mut object, 0) },
        // SAFETY: see above.
        (How::Critical, _) => unsafe {
            sys::pool_alloc_with(handle(pool), &mut object, 0, sys::POOL_CRITICAL)
        },
        // SAFETY: see above.
        (How::Try, _) => unsafe { sys::pool_try_alloc(handle(pool), &mut object) },
        _ => {
            // SAFETY: see above.
            object = unsafe { sys::pool_alloc(handle(pool)) };
            if object.is_null() {
                sys::POOL_ERR_EXHAUSTED
            } else {
                sys::POOL_OK
            }
        }
    };
    (status, object.expose_provenance())
}

/// Frees a live object that is the machine's; the status.
fn give_back(pool: usize, face: Option<&dyn Face>, way: Way, object: usize) -> i32 {
    match (way, face) {
        // SAFETY: a live object, which is given up.
        (Way::Release, _) => unsafe { sys::pool_release(pointer(object)) },
        // SAFETY: as above.
        (Way::Typed, Some(face)) => unsafe { face.free(object) },
        // SAFETY: as above.
        _ => return unsafe { sys::pool_free(handle(pool), pointer(object)) },
    }
    sys::POOL_OK
}

/// What became of asking for an object now or later.
struct Asked {
    status: i32,
    /// The object's, or 0.
    address: usize,
    /// Or 0.
    ticket: u64,
    /// Of the callback, if there is a ticket: [`forget`] it if that is cancelled.
    context: usize,
}

type Told = Sender<(i32, usize)>;

fn ask(pool: usize, critical: bool, sender: Told) -> Asked {
    /// The context is a sender that is the callback's own.
    unsafe extern "C" fn ready(context: *mut c_void, status: i32, object: *mut c_void) {
        // SAFETY: made below by `Box::into_raw`, and a callback is called once.
        let sender = unsafe { Box::from_raw(context.cast::<Told>()) };
        let _ = sender.send((status, object.expose_provenance()));
    }
    let flags = if critical { sys::POOL_CRITICAL } else { 0 };
    let (mut object, mut ticket) = (null_mut(), 0);
    let context = Box::into_raw(Box::new(sender));
    // SAFETY: a live pool's handle, and places for both outputs; the context lives until
    // the callback, or until it is cancelled.
    let status = unsafe {
        let (object, ticket) = (&mut object, &mut ticket);
        sys::pool_alloc_async(handle(pool), object, flags, Some(ready), context.cast(), ticket)
    };
    if status != sys::POOL_PENDING {
        // SAFETY: the callback was not kept.
        drop(unsafe { Box::from_raw(context) });
    }
    let (address, context) = (object.expose_provenance(), context.expose_provenance());
    Asked { status, address, ticket, context }
}

/// Drops the context of a callback that was cancelled.
fn forget(context: usize) {
    // SAFETY: made by `ask`, and the callback is not called any more.
    drop(unsafe { Box::from_raw(std::ptr::with_exposed_provenance_mut::<Told>(context)) });
}
