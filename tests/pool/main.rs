//! Black-box tests of the pools: what the typed face and the exported functions
//! promise, checked with real threads and nothing but the public interface.
//!
//! `MAGPOOL_SEED=n` repeats a run of the tests that draw numbers; each prints the
//! seed it used.

mod capacity;
mod ends;
mod later;
mod looks;
mod machine;
mod misuse;
mod modes;
mod oracle;
mod programme;
mod support;
/// The C ABI, as the library itself declares it.
#[allow(clashing_extern_declarations, reason = "`support` declares the workloads as safe")]
#[path = "../../src/ffi/sys.g.rs"]
mod sys;
mod threads;
mod tokens;
mod values;
mod waiting;
