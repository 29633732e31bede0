//! The schema compiler of magpool.
//!
//! `.proto` files go in; one file of source text for each of them and each language comes out.
//! The stages, each knowing only those before it:
//!
//! ```text
//! parse    text -> descriptors, through protox; options are read as real extensions
//! schema   descriptors -> messages, fields, pools; says what is not supported
//! layout   sizes, alignments, offsets; the only arithmetic on them
//! names    spelling in each language; collisions
//! emit     one Emitter for each language
//! ```
//!
//! Beside them, `explain` and `diff` put layouts into words, and `write` alone touches the disk.
//! Nothing here knows how a pool works.
//!
//! A build script uses [`Builder`]:
//!
//! ```no_run
//! // build.rs; in the crate: mod music { include!(concat!(env!("OUT_DIR"), "/music.g.rs")); }
//! poolgen::Builder::new().compile(&["proto/music.proto"])?;
//! # Ok::<(), poolgen::BuildError>(())
//! ```
#![forbid(unsafe_code)]

mod build;
mod diag;
mod diff;
mod emit;
mod explain;
mod hash;
mod layout;
mod names;
mod options;
mod parse;
mod place;
mod schema;
mod source;
mod text;
mod wire;
mod write;

use std::path::PathBuf;

use protox::prost_reflect::FileDescriptor;

pub use build::{BuildError, Builder};
pub use diag::Diagnostics;
pub use diff::{diff, Difference};
pub use emit::{Output, Target};
pub use explain::explain;
pub use write::{stale, write_all, WriteError};

use layout::Model;
use place::Place;
use schema::Settings;
use source::Sources;

/// `max_length` of a field that does not say, in a file that does not either.
pub const DEFAULT_MAX_LENGTH: u32 = 64;
/// `max_count`, likewise.
pub const DEFAULT_MAX_COUNT: u32 = 16;

/// What is to be compiled, and to what.
#[derive(Clone, Debug)]
pub struct Request {
    /// Folders the files and their imports are below; none: the files' own.
    pub proto_paths: Vec<PathBuf>,
    /// The schemas.
    pub files: Vec<PathBuf>,
    /// What is wanted of them.
    pub targets: Vec<Target>,
    /// Also write the files whose types the schemas use.
    pub imports: bool,
    /// Bounds that hold where neither field nor file gives one.
    pub max_length: u32,
    /// Likewise.
    pub max_count: u32,
    /// Full names of fields to leave out: of schemas somebody else wrote.
    pub omit: Vec<String>,
}

impl Request {
    /// Everything by default, and no target.
    pub fn new(files: Vec<PathBuf>) -> Self {
        Self {
            proto_paths: Vec::new(),
            files,
            targets: Vec::new(),
            imports: true,
            max_length: DEFAULT_MAX_LENGTH,
            max_count: DEFAULT_MAX_COUNT,
            omit: Vec::new(),
        }
    }

    fn settings(&self) -> Settings {
        Settings { max_length: self.max_length, max_count: self.max_count, omit: self.omit.clone() }
    }
}

/// The result of a run that found no error.
#[derive(Debug)]
pub struct Compiled {
    /// The files wanted, in the order of the schemas.
    pub outputs: Vec<Output>,
    /// What was worth saying nevertheless.
    pub warnings: Diagnostics,
}

/// A run, for better or worse.
#[derive(Debug)]
pub struct Run {
    /// What came of it.
    pub result: Result<Compiled, Diagnostics>,
    /// Every file that was read: when one changes, another run is due.
    pub read: Vec<PathBuf>,
}

/// What a run is about to do.
#[derive(Clone, Copy, Debug)]
pub struct Step<'a> {
    /// `reading` or `compiling`.
    pub doing: &'static str,
    /// The schema.
    pub file: &'a str,
    /// Which of all schemas that is, from 1.
    pub number: usize,
    /// How many there are to be read, or compiled.
    pub all: usize,
}

/// Compiles schemas.
pub fn compile(request: &Request) -> Run {
    compile_by_steps(request, &mut |_| {})
}

/// As [`compile`]; tells `progress` of each step before it.
pub fn compile_by_steps(request: &Request, progress: &mut dyn FnMut(Step<'_>)) -> Run {
    let sources = Sources::default();
    let mut diags = Diagnostics::new(sources.clone());
    let outputs = outputs(request, &sources, progress, &mut diags);
    let result =
        if diags.has_errors() { Err(diags) } else { Ok(Compiled { outputs, warnings: diags }) };
    Run { result, read: sources.paths() }
}

fn outputs(
    request: &Request,
    sources: &Sources,
    progress: &mut dyn FnMut(Step<'_>),
    diags: &mut Diagnostics,
) -> Vec<Output> {
    let files = parse::parse(&request.proto_paths, &request.files, sources, progress, diags);
    let settings = request.settings();
    files.iter().for_each(|file| schema::check_given(file, diags));
    for name in schema::omitted_unknown(&files, &settings) {
        let text = format!("there is no field `{name}` to omit");
        diags.push(&Place::whole("--omit"), text, "give package, message and field");
    }
    let files = if request.imports { schema::reached(&files, &settings) } else { files };
    let mut outputs = Vec::new();
    let all = files.len();
    for (file, number) in files.iter().zip(1..) {
        progress(Step { doing: "compiling", file: file.name(), number, all });
        let model = model(file, &settings, diags);
        wire::check(&model, diags);
        outputs.extend(emit::emit(&model, &request.targets, diags));
    }
    check_file_names(&outputs, diags);
    outputs
}

/// The models of the schemas given, without those they import.
fn models(request: &Request) -> Result<Vec<Model>, Diagnostics> {
    let sources = Sources::default();
    let mut diags = Diagnostics::new(sources.clone());
    let files =
        parse::parse(&request.proto_paths, &request.files, &sources, &mut |_| {}, &mut diags);
    let settings = request.settings();
    let models = files.iter().map(|file| model(file, &settings, &mut diags)).collect();
    if diags.has_errors() {
        Err(diags)
    } else {
        Ok(models)
    }
}

fn model(file: &FileDescriptor, settings: &Settings, diags: &mut Diagnostics) -> Model {
    let schema = schema::read(file, settings, diags);
    layout::lay_out(schema, diags)
}

/// Two schemas may want the same name for their outputs.
fn check_file_names(outputs: &[Output], diags: &mut Diagnostics) {
    for (i, output) in outputs.iter().enumerate() {
        let same = |other: &&Output| (other.target, &other.name) == (output.target, &output.name);
        if let Some(other) = outputs[..i].iter().find(same) {
            diags.push(
                &Place::whole(&output.schema),
                format!("`{}` would be the output of {}, too", output.name, other.schema),
                "rename one of the two files",
            );
        }
    }
}
