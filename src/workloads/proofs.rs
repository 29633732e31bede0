//! The workloads that prove something about a pool.

use super::message::{Pattern, TestMessage, Written};
use super::random::Random;
use super::Failed;
use crate::generated::concurrent::SmallMessage;
use crate::stats::Report;
use crate::typed::Pool;

/// Most messages held while the free lists are exercised: more than the pool's
/// first capacity, so that it grows meanwhile.
const HELD: usize = 250;

/// The number that stands for a thread in the patterns of these workloads.
const NO_THREAD: u32 = u32::MAX;

type Held = Vec<Written<'static, SmallMessage>>;

/// Allocates a message and adds it; whether there was one.
fn hold(pool: &'static Pool<SmallMessage>, held: &mut Held, token: u64) -> Result<bool, Failed> {
    held.try_reserve(1).map_err(|_| Failed)?;
    let message = Written::new(pool, Pattern::new(NO_THREAD, token))?;
    let got = message.is_some();
    held.extend(message);
    Ok(got)
}

/// Whether more than `count` SmallMessages could be live at once.
pub(crate) fn exhausts_beyond(count: u32) -> Result<bool, Failed> {
    let pool = SmallMessage::pool()?;
    let mut held = Vec::new();
    for token in 0..=u64::from(count) {
        if !hold(pool, &mut held, token)? {
            return Ok(false);
        }
    }
    held.iter().try_for_each(Written::verify)?;
    Ok(true)
}

/// Allocates and frees in changing orders. Each live message bears a token of its
/// own, so two that shared a slot would not both verify.
pub(crate) fn free_list_is_sound(iterations: u32) -> Result<(), Failed> {
    let pool = SmallMessage::pool()?;
    let mut random = Random::new(u64::from(iterations));
    let mut held = Vec::new();
    let mut token = 0;
    for iteration in 0..iterations {
        let wanted = 1 + random.below(HELD);
        while held.len() < wanted && hold(pool, &mut held, token)? {
            token += 1;
        }
        held.iter().try_for_each(Written::verify)?;
        reorder(&mut held, iteration, &mut random);
        held.truncate(random.below(held.len() + 1));
    }
    held.iter().try_for_each(Written::verify)?;
    drop(held);
    is_sound(&pool.check()?).then_some(()).ok_or(Failed)
}

/// Prepares a truncation, which frees from its first element to the last: last
/// in first out, first in first out, or shuffled.
fn reorder(held: &mut Held, iteration: u32, random: &mut Random) {
    match iteration % 3 {
        0 => held.reverse(),
        1 => {}
        _ => random.shuffle(held),
    }
}

/// No damage, and every slot in exactly one place.
fn is_sound(report: &Report) -> bool {
    let Report { live, in_magazines, in_depot, uncarved, lost, slots, .. } = *report;
    report.is_clean() && live + in_magazines + in_depot + uncarved + lost == slots
}
