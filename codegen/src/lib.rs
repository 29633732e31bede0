//! The schema compiler of magpool.
//!
//! A `.proto` file goes in; one file of source text for each language comes out. The stages, each
//! knowing only those before it:
//!
//! ```text
//! parse    text -> descriptors, through protox; options are read as real extensions
//! schema   descriptors -> messages, fields, pools; says what is not supported
//! layout   sizes, alignments, offsets; the only arithmetic on them
//! names    spelling in each language; collisions
//! emit     one Emitter for each language
//! ```
//!
//! Nothing here knows how a pool works, and only the binary touches the disk for output.
#![forbid(unsafe_code)]

mod diag;
mod emit;
mod hash;
mod layout;
mod names;
mod options;
mod parse;
mod place;
mod schema;

use std::path::{Path, PathBuf};

pub use diag::{Diagnostic, Diagnostics};
pub use emit::{Output, Target};

/// Compiles the schema `file`, looking for it and its imports below `proto_paths`, and returns
/// every output there is; which of them to write is the caller's choice.
///
/// # Errors
///
/// All that is wrong with the schema, in the order of the text.
pub fn compile(proto_paths: &[PathBuf], file: &Path) -> Result<Vec<Output>, Diagnostics> {
    let file = parse::parse(proto_paths, file)?;
    let schema = schema::read(&file)?;
    let model = layout::lay_out(schema)?;
    emit::emit_all(&model)
}
