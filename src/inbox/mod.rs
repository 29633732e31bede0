//! Objects on their way to another owner, each under a *token*, and *inboxes*, which are
//! what a receiver leaves behind when it ends: what stands in one untaken is freed then,
//! and its queued allocations are taken back.
//!
//! A token is in the table from the time it is made until somebody removes it, and what
//! it stands for goes to whoever did: to the taker, or back to its pool. One whose
//! allocation is queued is removed only by who took that out of the pool's queue:
//! [`deliver`], or a cancellation.
//!
//! No pool is entered and nobody told under the table's lock, and [`deliver`] runs under
//! no lock: the table's is in no order with others'.

#[cfg(not(any(loom, shuttle)))]
mod fork;
#[cfg(all(test, any(loom, shuttle)))]
mod models;
mod slots;

pub(crate) use slots::Number;

use crate::error::Error;
use crate::pool::{Callback, Granted, Life, Pool, Ticket, Urgency};
use crate::sync::{planted, yield_now, Bug, MODELLED};
use crate::sys::nap::nap;
use slots::Slots;

#[cfg(not(any(loom, shuttle)))]
use fork::{prepare, table};
#[cfg(all(test, any(loom, shuttle)))]
use models::{prepare, table};

/// Tells a receiver that a token can be taken; whether it could be told. No lock is held.
#[derive(Clone, Copy)]
pub(crate) struct Post {
    pub(crate) call: fn(context: [usize; 2], token: Number) -> bool,
    pub(crate) context: [usize; 2],
}

struct Inbox {
    post: Post,
    /// Calls of `post` that have not returned. Its end waits for them.
    posting: u32,
    closing: bool,
}

/// What a token stands for.
struct Token {
    pool: &'static Pool,
    life: Life,
    /// Who gets it; 0 for anybody.
    inbox: Number,
    stage: Stage,
}

#[derive(Clone, Copy)]
enum Stage {
    /// In the pool's queue; its ticket as soon as that is known.
    Queued { ticket: Option<Ticket> },
    /// The same, and nobody wants it any more.
    GivenUp,
    /// An object that nobody has.
    Object(usize),
    /// There will be no object.
    Refused(Error),
}

/// All tokens and inboxes of the process.
struct Table {
    tokens: Slots<Token>,
    inboxes: Slots<Inbox>,
}

impl Table {
    const fn new() -> Table {
        Table { tokens: Slots::new(false), inboxes: Slots::new(true) }
    }

    /// An inbox that is not being closed.
    fn open_inbox(&mut self, inbox: Number) -> Result<&mut Inbox, Error> {
        self.inboxes.get(inbox).filter(|inbox| !inbox.closing).ok_or(Error::NotFound)
    }

    fn add(&mut self, token: Token) -> Result<Number, Error> {
        if token.inbox != 0 {
            self.open_inbox(token.inbox)?;
        }
        self.tokens.insert(token)
    }

    /// Removes a token that is to be dropped, or marks it; what its last user has to do.
    fn drop_token(&mut self, token: Number) -> Result<Dropped, Error> {
        let entry = self.tokens.get(token).ok_or(Error::NotFound)?;
        match entry.stage {
            Stage::GivenUp => Err(Error::NotFound),
            Stage::Queued { ticket } => {
                entry.stage = Stage::GivenUp;
                entry.inbox = 0;
                Ok(Dropped::Cancel(entry.pool, ticket))
            }
            Stage::Object(_) | Stage::Refused(_) => {
                self.tokens.remove(token).map(Dropped::Free).ok_or(Error::NotFound)
            }
        }
    }
}

/// What is to be done, under no lock, about a token that was dropped.
enum Dropped {
    Cancel(&'static Pool, Option<Ticket>),
    Free(Token),
}

impl Dropped {
    fn settle(self, token: Number) {
        match self {
            Dropped::Cancel(pool, Some(ticket)) => cancel(token, pool, ticket),
            // Whoever asked is about to learn the ticket, and sees that it was given up.
            Dropped::Cancel(_, None) => {}
            Dropped::Free(entry) => entry.free(),
        }
    }
}

impl Token {
    /// Gives the object, if there is one, back to its pool, which may have ended.
    fn free(self) {
        if let Stage::Object(address) = self.stage {
            // Whoever freed it, though it was not theirs, was not found out then: it is
            // counted as a double free now.
            let _ = self.pool.free_in(self.life, address);
        }
    }
}

/// Makes an inbox.
pub(crate) fn create(post: Post) -> Result<Number, Error> {
    prepare();
    table().inboxes.insert(Inbox { post, posting: 0, closing: false })
}

/// Ends an inbox; `post` is not called after this, nor its call under way. What stands in
/// it goes back to the pools.
///
/// Who finds it being closed waits for the call under way, and has not closed it. (Not for
/// the objects, too: what is told that one of them is free may close the inbox itself.)
pub(crate) fn close(inbox: Number) -> Result<(), Error> {
    let mut at = table();
    let Ok(open) = at.open_inbox(inbox) else {
        drop(at);
        if !planted(Bug::SecondCloseWaitsNot) {
            wait_for_posts(inbox);
        }
        return Err(Error::NotFound);
    };
    open.closing = true;
    drop(at);
    if !planted(Bug::CloseForgetsPosts) {
        wait_for_posts(inbox);
    }
    let mut from = 0;
    // No token is added to it any more, so none is before the last one found.
    loop {
        let mut at = table();
        let Some((place, token)) = at.tokens.find(from, |token| token.inbox == inbox) else {
            // Last: a child of a fork closes again what its parent was closing.
            at.inboxes.remove(inbox);
            return Ok(());
        };
        from = place;
        let dropped = at.drop_token(token);
        drop(at);
        if let Ok(dropped) = dropped {
            dropped.settle(token);
        }
    }
}

fn wait_for_posts(inbox: Number) {
    while table().inboxes.get(inbox).is_some_and(|inbox| inbox.posting > 0) {
        if MODELLED {
            yield_now();
        } else {
            nap(50);
        }
    }
}

/// Puts a live object of the pool under a token. `inbox` is 0 or who gets it.
pub(crate) fn give(pool: &'static Pool, address: usize, inbox: Number) -> Result<Number, Error> {
    prepare();
    let life = pool.demand_live(address)?;
    table().add(Token { pool, life, inbox, stage: Stage::Object(address) })
}

/// What was found under a token.
pub(crate) enum Taken {
    Object(&'static Pool, usize),
    /// Its allocation is queued: nothing was taken.
    Pending,
}

/// Takes what stands under a token, once.
pub(crate) fn take(token: Number) -> Result<Taken, Error> {
    let mut at = table();
    match at.tokens.get(token).ok_or(Error::NotFound)?.stage {
        Stage::Queued { .. } => return Ok(Taken::Pending),
        Stage::GivenUp => return Err(Error::NotFound),
        Stage::Object(_) | Stage::Refused(_) => {}
    }
    let entry = if planted(Bug::TakeTwice) {
        let entry = at.tokens.get(token).ok_or(Error::NotFound)?;
        Token { pool: entry.pool, life: entry.life, inbox: 0, stage: entry.stage }
    } else {
        at.tokens.remove(token).ok_or(Error::NotFound)?
    };
    drop(at);
    match entry.stage {
        Stage::Object(address) if entry.pool.lives(entry.life) => {
            Ok(Taken::Object(entry.pool, address))
        }
        Stage::Refused(error) => Err(error),
        _ => Err(Error::Destroyed),
    }
}

/// Frees what stands under a token, or takes its allocation out of the queue.
pub(crate) fn discard(token: Number) -> Result<(), Error> {
    let dropped = table().drop_token(token)?;
    dropped.settle(token);
    Ok(())
}

/// What an allocation came to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    Object(usize),
    /// There will be one under this token.
    Queued(Number),
}

/// An object now, or a token under which there will be one, of which the inbox is told.
pub(crate) fn alloc(pool: &'static Pool, urgency: Urgency, inbox: Number) -> Result<Asked, Error> {
    table().open_inbox(inbox)?;
    if let Some(address) = pool.alloc_unlocked()? {
        return Ok(Asked::Object(address));
    }
    let life = pool.life()?;
    let entry = Token { pool, life, inbox, stage: Stage::Queued { ticket: None } };
    let token = table().add(entry)?;
    let callback = Callback { call: deliver, context: [token as usize, 0] };
    let granted = pool.alloc_later_in(life, urgency, callback);
    if let Ok(Granted::Later(ticket)) = granted {
        return note_ticket(token, pool, ticket);
    }
    // Nobody was promised anything.
    table().tokens.remove(token);
    match granted? {
        Granted::Now(address) => Ok(Asked::Object(address)),
        Granted::Later(_) => Ok(Asked::Queued(token)),
    }
}

/// Notes the ticket of a queued allocation, unless it was delivered or given up meanwhile.
fn note_ticket(token: Number, pool: &Pool, found: Ticket) -> Result<Asked, Error> {
    let mut at = table();
    match at.tokens.get(token).map(|entry| &mut entry.stage) {
        Some(Stage::Queued { ticket }) => *ticket = Some(found),
        Some(Stage::GivenUp) if !planted(Bug::GivenUpUnseen) => {
            drop(at);
            cancel(token, pool, found);
            return Err(Error::NotFound);
        }
        _ => {}
    }
    Ok(Asked::Queued(token))
}

/// Takes an allocation that was given up out of the pool's queue. If it is not there any
/// more, [`deliver`] removes the token.
fn cancel(token: Number, pool: &Pool, ticket: Ticket) {
    if pool.cancel(ticket).is_ok() {
        table().tokens.remove(token);
    }
}

/// The callback of a queued allocation: tells the inbox, or gives the object back.
fn deliver(context: [usize; 2], outcome: Result<usize, Error>) {
    let token = context[0] as Number;
    let mut at = table();
    let Some(entry) = at.tokens.get(token) else { return };
    let given_up = matches!(entry.stage, Stage::GivenUp);
    entry.stage = outcome.map_or_else(Stage::Refused, Stage::Object);
    if given_up {
        let entry = at.tokens.remove(token);
        drop(at);
        return entry.into_iter().for_each(Token::free);
    }
    let inbox = entry.inbox;
    // One that is being closed finds the token there.
    let Ok(open) = at.open_inbox(inbox) else { return };
    open.posting += 1;
    let post = open.post;
    drop(at);
    let told = (post.call)(post.context, token);
    note_posted(inbox, token, told);
}

/// A call of `post` has returned. If nobody could be told, the object goes to the next who
/// waits.
fn note_posted(inbox: Number, token: Number, told: bool) {
    let mut at = table();
    if let Some(inbox) = at.inboxes.get(inbox) {
        // (In the child of a fork it may be 0 already.)
        inbox.posting = inbox.posting.saturating_sub(1);
    }
    if told {
        return;
    }
    let dropped = at.drop_token(token);
    drop(at);
    if let Ok(dropped) = dropped {
        dropped.settle(token);
    }
}
