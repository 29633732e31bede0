//! The command line.

use std::path::PathBuf;

use clap::{ArgAction, Args, Parser, Subcommand};
use clap_complete::Shell;
use poolgen::{Request, Target, DEFAULT_MAX_COUNT, DEFAULT_MAX_LENGTH};

const EXAMPLES: &str = "\
Examples:
  poolgen generate --c-out include --rust-out src music.proto
      writes include/music.g.h and src/music.g.rs
  poolgen generate --proto-path proto --c-out include proto/a.proto proto/b.proto
      compiles several schemas that import each other as below proto/
  poolgen check --c-out include music.proto
      writes nothing; fails if include/music.g.h is not what would be written
  poolgen explain music.proto
      prints where each member is, and what another order would save
  poolgen diff old/music.proto music.proto
      says whether objects made under the old schema can be read under the new

A schema in one minute:
  import \"magpool/options.proto\";           (built in, needs no --proto-path)
  message Track {
    option (magpool.pool) = { capacity: 100 limit: 1000 };
    string title = 1 [(magpool.max_length) = 64];
    repeated uint32 marks = 2 [(magpool.max_count) = 8];
  }

Exit status: 0 done; 1 a schema is wrong, a file is stale, objects cannot be read, or the disk
refused; 2 wrong usage. Nothing is written unless all schemas are right. A file that would stay
as it is, is not touched.";

/// Compiles protobuf schemas to pooled, fixed-size messages in C, Rust and Dart.
///
/// Without a command, `generate` is meant.
#[derive(Debug, Parser)]
#[command(name = "poolgen", version, after_long_help = EXAMPLES, args_conflicts_with_subcommands = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    #[command(flatten)]
    pub(crate) generate: Generate,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Write the outputs of schemas
    #[command(after_help = "See `poolgen --help` for examples.")]
    Generate(Generate),
    /// Write nothing; fail if an output is not what would be written
    Check(Generate),
    /// Print size, offset and padding of every member
    Explain(Explain),
    /// Say whether objects made under one schema can be read under another
    Diff(Diff),
    /// Print a completion script for a shell
    Completion {
        /// bash, elvish, fish, powershell or zsh
        shell: Shell,
    },
}

/// Where schemas are, and what holds where they say nothing.
#[derive(Clone, Debug, Args)]
pub(crate) struct Reading {
    /// Folder the schemas and their imports are below; may be given several times [default: the
    /// schemas' own folders]
    #[arg(long = "proto-path", short = 'I', value_name = "DIR")]
    proto_paths: Vec<PathBuf>,
    /// Most bytes of a string or bytes, where neither field nor file says
    #[arg(long, value_name = "BYTES", default_value_t = DEFAULT_MAX_LENGTH, value_parser = clap::value_parser!(u32).range(1..))]
    max_length: u32,
    /// Most elements of a repeated field or map, where neither field nor file says
    #[arg(long, value_name = "N", default_value_t = DEFAULT_MAX_COUNT, value_parser = clap::value_parser!(u32).range(1..))]
    max_count: u32,
    /// Leave out this field, as if it were not declared; may be given several times
    #[arg(long, value_name = "PACKAGE.MESSAGE.FIELD")]
    omit: Vec<String>,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct Generate {
    #[command(flatten)]
    reading: Reading,
    #[command(flatten)]
    outs: Outs,
    /// Write nothing; fail if a file is not what would be written
    #[arg(long)]
    pub(crate) check: bool,
    /// Stay, and write again whenever a schema or an import of it changes
    #[arg(long, conflicts_with = "check")]
    pub(crate) watch: bool,
    /// Write only the schemas named, not those whose types they use
    #[arg(long = "no-imports", action = ArgAction::SetFalse)]
    imports: bool,
    /// Name each file that is written
    #[arg(long, short)]
    pub(crate) verbose: bool,
    /// Schemas
    #[arg(value_name = "FILE.proto", required = true)]
    files: Vec<PathBuf>,
}

/// At least one of these.
#[derive(Clone, Debug, Args)]
#[group(required = true, multiple = true)]
#[command(next_help_heading = "Outputs, at least one")]
struct Outs {
    /// FILE.g.h, the C header
    #[arg(long, value_name = "DIR")]
    c_out: Option<PathBuf>,
    /// FILE.g.rs, the Rust module
    #[arg(long, value_name = "DIR")]
    rust_out: Option<PathBuf>,
    /// FILE.g.dart, the Dart library
    #[arg(long, value_name = "DIR")]
    dart_out: Option<PathBuf>,
    /// FILE_probe.g.c, for tests of the layout
    #[arg(long, value_name = "DIR")]
    c_probe_out: Option<PathBuf>,
    /// FILE_probe.g.rs, likewise
    #[arg(long, value_name = "DIR")]
    rust_probe_out: Option<PathBuf>,
    /// FILE_probe.g.dart, likewise
    #[arg(long, value_name = "DIR")]
    dart_probe_out: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Explain {
    #[command(flatten)]
    reading: Reading,
    /// Explain only this message; may be given several times
    #[arg(long, value_name = "NAME")]
    pub(crate) message: Vec<String>,
    /// Schemas
    #[arg(value_name = "FILE.proto", required = true)]
    files: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Diff {
    #[command(flatten)]
    reading: Reading,
    /// The schema objects were made under
    #[arg(value_name = "OLD.proto")]
    old: PathBuf,
    /// The schema they are to be read under
    #[arg(value_name = "NEW.proto")]
    new: PathBuf,
}

impl Reading {
    fn request(&self, files: &[PathBuf]) -> Request {
        Request {
            proto_paths: self.proto_paths.clone(),
            max_length: self.max_length,
            max_count: self.max_count,
            omit: self.omit.clone(),
            ..Request::new(files.to_vec())
        }
    }
}

impl Generate {
    /// What is asked for, and in which folder each of it is to be.
    pub(crate) fn request(&self) -> (Request, Vec<(Target, PathBuf)>) {
        let outs = &self.outs;
        let given = [
            (Target::C, &outs.c_out),
            (Target::Rust, &outs.rust_out),
            (Target::Dart, &outs.dart_out),
            (Target::CProbe, &outs.c_probe_out),
            (Target::RustProbe, &outs.rust_probe_out),
            (Target::DartProbe, &outs.dart_probe_out),
        ];
        let folders: Vec<_> =
            given.into_iter().filter_map(|(target, dir)| Some((target, dir.clone()?))).collect();
        let request = Request {
            targets: folders.iter().map(|(target, _)| *target).collect(),
            imports: self.imports,
            ..self.reading.request(&self.files)
        };
        (request, folders)
    }
}

impl Explain {
    pub(crate) fn request(&self) -> Request {
        self.reading.request(&self.files)
    }
}

impl Diff {
    pub(crate) fn requests(&self) -> [Request; 2] {
        [&self.old, &self.new].map(|file| self.reading.request(std::slice::from_ref(file)))
    }
}
