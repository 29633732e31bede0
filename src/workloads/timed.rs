//! The workloads that are timed.

use super::message::{Pattern, TestMessage, Written};
use super::random::Random;
use super::threads::{run_threads, Thread};
use super::Failed;
use crate::generated::concurrent::{LargeMessage, MediumMessage, SmallMessage, StressTestMessage};
use crate::typed::Pool;
use std::time::Duration;

/// Pairs of each thread when contention is measured.
const CONTENTION_PAIRS: u32 = 10_000;

/// Most messages a thread holds at once in a burst.
const BURST: u64 = 32;

/// Allocates, writes, verifies and frees one message.
fn pair<M: TestMessage>(pool: &Pool<M>, thread: Thread, operation: u32) -> Result<(), Failed> {
    let pattern = Pattern::new(thread.number, operation.into());
    Written::new(pool, pattern)?.map_or(Ok(()), |message| message.verify())
}

/// As many pairs on one pool.
fn pairs<M: TestMessage>(pool: &Pool<M>, thread: Thread, count: u32) -> Result<u64, Failed> {
    (0..count).try_for_each(|operation| pair(pool, thread, operation))?;
    Ok(count.into())
}

/// Threads do pairs on the schema's pool of one message.
pub(crate) fn one_pool<M: TestMessage>(threads: u32, operations: u32) -> Result<Duration, Failed> {
    let pool = M::pool()?;
    Ok(run_threads(threads, |thread| pairs(pool, thread, operations))?.elapsed)
}

/// Threads do pairs on the four pools in turn.
pub(crate) fn mixed(threads: u32, operations: u32) -> Result<Duration, Failed> {
    let (small, medium) = (SmallMessage::pool()?, MediumMessage::pool()?);
    let (large, stress) = (LargeMessage::pool()?, StressTestMessage::pool()?);
    let in_turn = |thread: Thread| {
        for operation in 0..operations {
            match operation % 4 {
                0 => pair(small, thread, operation)?,
                1 => pair(medium, thread, operation)?,
                2 => pair(large, thread, operation)?,
                _ => pair(stress, thread, operation)?,
            }
        }
        Ok(operations.into())
    };
    Ok(run_threads(threads, in_turn)?.elapsed)
}

/// Threads hold messages in bursts for some time; the pairs they did.
pub(crate) fn bursts(threads: u32, duration: Duration) -> Result<u64, Failed> {
    let pool = StressTestMessage::pool()?;
    // All threads together stay well below the limit, so no refusal is right.
    let most = (pool.stats()?.limit / 2 / u64::from(threads.max(1))).clamp(1, BURST);
    let run = run_threads(threads, |thread| {
        let mut random = Random::new(thread.number.into());
        let mut pairs = 0;
        while thread.began.elapsed() < duration {
            pairs += burst(pool, thread, pairs, 1 + random.below(most as usize))?;
        }
        Ok(pairs)
    })?;
    Ok(run.pairs)
}

/// Holds `count` messages at once; how many it got.
fn burst(
    pool: &Pool<StressTestMessage>,
    thread: Thread,
    first: u64,
    count: usize,
) -> Result<u64, Failed> {
    let mut held = [const { None }; BURST as usize];
    let mut got = 0;
    for (operation, place) in (first..).zip(held.iter_mut().take(count)) {
        *place = Written::new(pool, Pattern::new(thread.number, operation))?;
        got += u64::from(place.is_some());
    }
    held.iter().flatten().try_for_each(Written::verify)?;
    Ok(got)
}

/// Threads do pairs on the schema's pool of SmallMessages, or each on a pool of
/// its own that is made like it.
pub(crate) fn contention(threads: u32, shared: bool) -> Result<Duration, Failed> {
    let common = SmallMessage::pool()?;
    let own = own_pools(if shared { 0 } else { threads })?;
    let run = run_threads(threads, |thread| {
        let pool = own.get(thread.number as usize).unwrap_or(common);
        pairs(pool, thread, CONTENTION_PAIRS)
    })?;
    Ok(run.elapsed)
}

fn own_pools(count: u32) -> Result<Vec<Pool<SmallMessage>>, Failed> {
    let like = SmallMessage::pool()?.stats()?;
    let mut pools = Vec::new();
    pools.try_reserve_exact(count as usize).map_err(|_| Failed)?;
    for _ in 0..count {
        let builder = Pool::builder().capacity(100).limit(like.limit as usize);
        pools.push(builder.build()?);
    }
    Ok(pools)
}
