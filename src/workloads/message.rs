//! Messages that the programme writes and verifies. Every field's value follows
//! from one number, so that a message which another thread touched is known for
//! damaged by whichever field was hit.

use super::random::mix;
use super::Failed;
use crate::error::Error;
use crate::generated::concurrent::{
    large_message_pool, medium_message_pool, small_message_pool, stress_test_message_pool,
    LargeMessage, MediumMessage, SmallMessage, StressTestMessage,
};
use crate::typed::{PlainData, Pool, Pooled};

/// Letters in no order that repeats soon; texts are pieces of it.
const LETTERS: [u8; 2048] = {
    let mut letters = [0; 2048];
    let (mut at, mut state) = (0, 12345_u32);
    while at < letters.len() {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        letters[at] = b'a' + ((state >> 16) % 26) as u8;
        at += 1;
    }
    letters
};

/// What a message holds: values drawn from one number.
#[derive(Clone, Copy)]
pub(crate) struct Pattern(u64);

impl Pattern {
    /// Patterns of different threads or operations differ.
    pub(super) fn new(thread: u32, operation: u64) -> Pattern {
        Pattern(mix(u64::from(thread) << 40 ^ operation))
    }

    fn number(self, field: u64) -> u64 {
        mix(self.0.wrapping_add(field))
    }

    fn small_number(self, field: u64) -> u32 {
        self.number(field) as u32
    }

    /// `length` bytes, at most 1024.
    fn bytes(self, field: u64, length: usize) -> &'static [u8] {
        let start = self.number(field) as usize % (LETTERS.len() / 2);
        LETTERS.get(start..start + length).unwrap_or_default()
    }

    fn text(self, field: u64, length: usize) -> &'static str {
        std::str::from_utf8(self.bytes(field, length)).unwrap_or_default()
    }

    /// The pattern of one element of a repeated field.
    fn element(self, field: u64, index: usize) -> Pattern {
        Pattern(self.number(field << 8 | index as u64))
    }
}

/// A message of the schema that has a pool.
pub(crate) trait TestMessage: PlainData + Send + Sync + 'static {
    /// The schema's pool.
    fn pool() -> Result<&'static Pool<Self>, Error>;

    /// Writes every field to its full length.
    fn fill(&mut self, pattern: Pattern) -> Result<(), Failed>;

    /// Whether every field is as [`TestMessage::fill`] wrote it.
    fn holds(&self, pattern: Pattern) -> bool;
}

impl TestMessage for SmallMessage {
    fn pool() -> Result<&'static Pool<Self>, Error> {
        small_message_pool()
    }

    fn fill(&mut self, pattern: Pattern) -> Result<(), Failed> {
        self.clear();
        self.set_id(pattern.small_number(1));
        self.set_name(pattern.text(2, 32))?;
        Ok(())
    }

    fn holds(&self, pattern: Pattern) -> bool {
        self.id() == pattern.small_number(1) && self.name() == pattern.bytes(2, 32)
    }
}

impl TestMessage for MediumMessage {
    fn pool() -> Result<&'static Pool<Self>, Error> {
        medium_message_pool()
    }

    fn fill(&mut self, pattern: Pattern) -> Result<(), Failed> {
        self.clear();
        self.set_id(pattern.small_number(1));
        self.set_title(pattern.text(2, 64))?;
        self.set_description(pattern.text(3, 256))?;
        for index in 0..8 {
            self.add_tags(pattern.element(4, index).text(0, 16))?;
        }
        Ok(())
    }

    fn holds(&self, pattern: Pattern) -> bool {
        self.id() == pattern.small_number(1)
            && self.title() == pattern.bytes(2, 64)
            && self.description() == pattern.bytes(3, 256)
            && self.tags_iter().eq((0..8).map(|index| pattern.element(4, index).bytes(0, 16)))
    }
}

impl TestMessage for LargeMessage {
    fn pool() -> Result<&'static Pool<Self>, Error> {
        large_message_pool()
    }

    fn fill(&mut self, pattern: Pattern) -> Result<(), Failed> {
        self.clear();
        self.set_id(pattern.small_number(1));
        self.set_title(pattern.text(2, 64))?;
        self.set_description(pattern.text(3, 512))?;
        self.set_payload(pattern.bytes(4, 1024))?;
        for index in 0..8 {
            self.add_children().ok_or(Failed)?.fill(pattern.element(5, index))?;
        }
        for index in 0..16 {
            self.add_keywords(pattern.element(6, index).text(0, 24))?;
        }
        for index in 0..32 {
            self.add_timestamps(pattern.element(7, index).number(0))?;
        }
        Ok(())
    }

    fn holds(&self, pattern: Pattern) -> bool {
        let children = self.children();
        self.id() == pattern.small_number(1)
            && self.title() == pattern.bytes(2, 64)
            && self.description() == pattern.bytes(3, 512)
            && self.payload() == pattern.bytes(4, 1024)
            && children.len() == 8
            && children.iter().enumerate().all(|(i, child)| child.holds(pattern.element(5, i)))
            && self.keywords_iter().eq((0..16).map(|i| pattern.element(6, i).bytes(0, 24)))
            && self
                .timestamps()
                .iter()
                .copied()
                .eq((0..32).map(|i| pattern.element(7, i).number(0)))
    }
}

impl TestMessage for StressTestMessage {
    fn pool() -> Result<&'static Pool<Self>, Error> {
        stress_test_message_pool()
    }

    fn fill(&mut self, pattern: Pattern) -> Result<(), Failed> {
        self.clear();
        self.set_thread_id(pattern.small_number(1));
        self.set_sequence(pattern.number(2));
        self.set_timestamp(pattern.number(3));
        self.set_data(pattern.bytes(4, 128))?;
        Ok(())
    }

    fn holds(&self, pattern: Pattern) -> bool {
        self.thread_id() == pattern.small_number(1)
            && self.sequence() == pattern.number(2)
            && self.timestamp() == pattern.number(3)
            && self.data() == pattern.bytes(4, 128)
    }
}

/// A message that is written, and what it must hold.
pub(super) struct Written<'p, M> {
    message: Pooled<'p, M>,
    pattern: Pattern,
}

impl<'p, M: TestMessage> Written<'p, M> {
    /// Allocates and writes a message; none if the pool is exhausted at its limit,
    /// which is no failure: somebody else may hold it all.
    pub(super) fn new(pool: &'p Pool<M>, pattern: Pattern) -> Result<Option<Self>, Failed> {
        let mut message = match pool.alloc_reused() {
            Ok(message) => message,
            Err(Error::Exhausted) if is_grown(pool)? => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        message.fill(pattern)?;
        Ok(Some(Written { message, pattern }))
    }

    /// Verifies the message, which stays allocated.
    pub(super) fn verify(&self) -> Result<(), Failed> {
        self.message.holds(self.pattern).then_some(()).ok_or(Failed)
    }
}

fn is_grown<M>(pool: &Pool<M>) -> Result<bool, Failed> {
    let stats = pool.stats()?;
    Ok(stats.capacity == stats.limit)
}
