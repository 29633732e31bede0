//! What the operating system and the machine give: address space, bitmaps in
//! it, the asymmetric barrier, parking, secrets, memory that may be refused.

pub(crate) mod barrier;
pub(crate) mod bits;
pub(crate) mod heap;
pub(crate) mod mapping;
pub(crate) mod nap;
pub(crate) mod park;
pub(crate) mod processors;
pub(crate) mod random;
