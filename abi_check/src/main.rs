//! Proves that src/ffi/sys.g.rs says what the headers say to the C compiler of
//! this machine: size, alignment, offset and type of every struct and field,
//! the value of every constant, the signature and address of every function.
//!
//! `cargo run -p abi-check`; build.rs writes the checks.

// The checks are written by ctest2.
#![allow(unknown_lints, bad_style, missing_docs, unused, function_casts_as_integer)]
#![allow(clippy::all, clippy::undocumented_unsafe_blocks, unsafe_op_in_unsafe_fn)]

// Defines the functions whose addresses are compared.
use magpool as _;
use sys::*;

include!(concat!(env!("OUT_DIR"), "/sys_path.rs"));
include!(concat!(env!("OUT_DIR"), "/checks.rs"));
