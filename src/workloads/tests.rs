use super::message::{Pattern, TestMessage, Written};
use super::threads::run_threads;
use super::{bursts, contention, exhausts_beyond, free_list_is_sound, mixed, one_pool, Failed};
use crate::error::Error;
use crate::generated::concurrent::{
    LargeMessage, MediumMessage, PoolStatsMessage, SmallMessage, StressTestMessage,
};
use crate::typed::Pool;
use std::time::Duration;

/// A message written from one pattern holds that one, not another, and no longer
/// once any of its bytes that count was changed.
fn damage_is_found<M: TestMessage + Default>(damages: &[fn(&mut M)]) {
    let (pattern, other) = (Pattern::new(1, 1), Pattern::new(1, 2));
    for damage in damages {
        let mut message = M::default();
        assert_eq!(message.fill(pattern), Ok(()));
        assert!(message.holds(pattern) && !message.holds(other));
        damage(&mut message);
        assert!(!message.holds(pattern));
    }
}

#[test]
fn message_with_any_field_changed_is_damaged() {
    damage_is_found::<SmallMessage>(&[|m| m.id ^= 1, |m| m.name[31] ^= 1, |m| m.name_length -= 1]);
    damage_is_found::<MediumMessage>(&[
        |m| m.id ^= 1,
        |m| m.title[0] ^= 1,
        |m| m.description[255] ^= 1,
        |m| m.tags[7][15] ^= 1,
        |m| m.tags_count -= 1,
    ]);
    damage_is_found::<LargeMessage>(&[
        |m| m.id ^= 1,
        |m| m.title[0] ^= 1,
        |m| m.description[0] ^= 1,
        |m| m.payload[1023] ^= 1,
        |m| m.children[7].name[0] ^= 1,
        |m| m.children_count -= 1,
        |m| m.keywords[15][23] ^= 1,
        |m| m.timestamps[31] ^= 1,
    ]);
    damage_is_found::<StressTestMessage>(&[
        |m| m.thread_id ^= 1,
        |m| m.sequence ^= 1,
        |m| m.timestamp ^= 1,
        |m| m.data[127] ^= 1,
    ]);
}

#[test]
fn written_message_that_was_damaged_fails() {
    let pool = Pool::<SmallMessage>::builder().capacity(1).build().unwrap();
    let written = Written::new(&pool, Pattern::new(1, 1)).unwrap().unwrap();
    assert_eq!(written.verify(), Ok(()));
    // Exhausted at the limit is no failure.
    assert!(matches!(Written::new(&pool, Pattern::new(1, 2)), Ok(None)));
}

#[test]
fn failure_of_one_thread_fails_the_run() {
    assert_eq!(run_threads(4, |t| Ok(u64::from(t.number))).map(|run| run.pairs), Ok(6));
    let fails = |number| if number == 2 { Err(Failed) } else { Ok(1) };
    assert_eq!(run_threads(4, |t| fails(t.number)).map(|run| run.pairs), Err(Failed));
    assert_eq!(Failed::from(Error::Exhausted), Failed);
}

#[test]
fn no_threads_do_nothing() {
    assert!(one_pool::<SmallMessage>(0, 100).unwrap() < Duration::from_millis(100));
    assert!(mixed(0, 100).is_ok() && contention(0, false).is_ok());
    assert_eq!(bursts(0, Duration::from_secs(60)), Ok(0));
}

#[test]
fn workloads_run_and_leave_nothing_behind() {
    assert!(one_pool::<LargeMessage>(4, 50).is_ok() && mixed(4, 40).is_ok());
    assert!(bursts(4, Duration::from_millis(20)).is_ok());
    assert!(contention(2, true).is_ok() && contention(2, false).is_ok());
    assert_eq!(free_list_is_sound(50), Ok(()));
    assert_eq!(exhausts_beyond(150), Ok(true));
    assert_eq!(exhausts_beyond(100_000), Ok(false));
    let stats = LargeMessage::pool().unwrap().stats().unwrap();
    assert_eq!((stats.in_use, stats.lost), (0, 0));
}

#[test]
fn stats_message_has_the_stats() {
    let pool = Pool::<u64>::builder().capacity(2).limit(4).build().unwrap();
    let held: Vec<_> = (0..3).map(|value| pool.alloc(value).unwrap()).collect();
    drop(pool.alloc(3).unwrap());
    let message = PoolStatsMessage::from(pool.stats().unwrap());
    assert_eq!(message.total_allocated, 4);
    assert_eq!(message.total_freed, 1);
    assert_eq!((message.active_count, message.pool_size), (3, 4));
    assert_eq!(message.growth_count, 1);
    drop(held);
}
