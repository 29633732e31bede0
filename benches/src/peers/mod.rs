//! The adapters, one peer a file.

mod floor;
mod glibc;
mod library;
mod magpool_c;
mod magpool_cache;
mod magpool_inline;
mod magpool_rust;
mod seed;

use crate::peer::Visitor;

#[cfg(feature = "peers")]
mod foreign;
#[cfg(test)]
mod tests;

/// Visits every peer in the order of reports.
pub fn visit_all(visitor: &mut impl Visitor) {
    visitor.visit::<magpool_c::MagpoolC>();
    visitor.visit::<magpool_cache::MagpoolCache<false>>();
    visitor.visit::<magpool_cache::MagpoolCache<true>>();
    visitor.visit::<magpool_rust::MagpoolRust>();
    visitor.visit::<floor::Floor>();
    visitor.visit::<glibc::Glibc>();
    #[cfg(feature = "peers")]
    foreign::visit_all(visitor);
    visitor.visit::<seed::Seed>();
}
