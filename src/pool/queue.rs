//! Who waits for an object: threads ([`super::wait`]) and callbacks ([`super::later`]),
//! first come first served.
//!
//! Somebody queues under the depot's lock after the pool was found exhausted, so the
//! pool is tight and every free goes through that lock. Whoever brings rounds back hands
//! them to the queue in order before it gives the lock up ([`Locked::serve`]): no free is
//! missed, nobody overtakes, and each free wakes one.

#![forbid(unsafe_code)]

use super::later::{Later, Ticket};
use super::wait::Waiting;
use super::Locked;
use crate::cache::Popped;
use crate::error::Error;
use std::collections::VecDeque;

/// Which objects an allocation may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Urgency {
    Ordinary,
    /// Also the reserve.
    Critical,
}

pub(super) enum Who {
    Thread(Waiting),
    Callback(Later),
}

struct Queued {
    who: Who,
    urgency: Urgency,
}

/// Everybody who waits, in order of arrival.
#[derive(Default)]
pub(crate) struct Queue {
    queued: VecDeque<Queued>,
}

impl Queue {
    pub(super) fn is_empty(&self) -> bool {
        self.queued.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.queued.len()
    }

    /// Makes room for one more.
    pub(super) fn prepare(&mut self) -> Result<(), Error> {
        self.queued.try_reserve(1).map_err(|_| Error::NoMemory)
    }

    /// Call [`Queue::prepare`] first.
    pub(super) fn add(&mut self, who: Who, urgency: Urgency) {
        self.queued.push_back(Queued { who, urgency });
    }

    /// Removes a thread that waited long enough; whether it was still here.
    pub(super) fn remove_thread(&mut self, waiting: &Waiting) -> bool {
        self.remove(|who| matches!(who, Who::Thread(one) if one == waiting)).is_some()
    }

    /// Removes a callback.
    pub(super) fn remove_callback(&mut self, ticket: Ticket) -> Option<Who> {
        self.remove(|who| matches!(who, Who::Callback(later) if later.ticket() == ticket))
    }

    fn remove(&mut self, is_it: impl Fn(&Who) -> bool) -> Option<Who> {
        let at = self.queued.iter().position(|queued| is_it(&queued.who))?;
        Some(self.queued.remove(at)?.who)
    }

    /// In the child of a fork: the threads that waited are not there.
    pub(super) fn forget_threads(&mut self) {
        self.queued.retain(|queued| matches!(queued.who, Who::Callback(_)));
    }

    /// The first of these who may take a round from the reserve only.
    fn first_critical(&self) -> Option<usize> {
        self.queued.iter().position(|queued| queued.urgency == Urgency::Critical)
    }
}

impl Locked<'_> {
    /// Hands rounds to those who wait, as many as there are of both.
    pub(super) fn serve(&mut self) {
        while let Some(at) = self.next_to_serve() {
            let popped = match self.depot.rounds() {
                0 => self.pop_from_reserve(),
                _ => self.pop_from_depot(),
            };
            match popped {
                Ok(Popped::Slot(address)) => match self.queue.queued.remove(at) {
                    Some(queued) => self.tell(queued.who, Ok(address)),
                    None => self.push_to_depot(address),
                },
                Ok(Popped::Suspect(round)) => self.drop_suspect(round),
                Ok(Popped::Empty) | Err(_) => return,
            }
        }
    }

    /// The place in the queue of the next one for whom there is a round.
    fn next_to_serve(&self) -> Option<usize> {
        if self.queue.is_empty() {
            None
        } else if self.depot.rounds() > 0 {
            Some(0)
        } else if self.reserve.rounds() > 0 {
            self.queue.first_critical()
        } else {
            None
        }
    }

    fn tell(&mut self, who: Who, outcome: Result<usize, Error>) {
        match who {
            Who::Thread(waiting) => waiting.tell(outcome),
            Who::Callback(later) => self.ready.add(later, outcome),
        }
    }

    /// Sends everybody away: the pool ends.
    pub(super) fn dismiss_all(&mut self) {
        while let Some(queued) = self.queue.queued.pop_front() {
            self.tell(queued.who, Err(Error::Destroyed));
        }
    }
}
