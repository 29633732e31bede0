//! What the operating system and the machine give: address space, the
//! asymmetric barrier, one thread-local word, memory that may be refused.

pub(crate) mod barrier;
pub(crate) mod bits;
pub(crate) mod heap;
pub(crate) mod mapping;
pub(crate) mod random;
pub(crate) mod thread_word;
