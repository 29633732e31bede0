//! Compiling schemas from a build script.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::{compile, write_all, Diagnostics, Request, Target, WriteError};

/// Compiles schemas to Rust when a crate is built; see the crate's documentation.
#[derive(Clone, Debug)]
pub struct Builder {
    request: Request,
    out_dir: Option<PathBuf>,
}

/// Why a schema was not compiled.
#[derive(Debug)]
pub enum BuildError {
    /// The schemas are wrong.
    Schema(Diagnostics),
    /// The disk refused.
    Write(WriteError),
    /// Neither [`Builder::out_dir`] nor the environment's `OUT_DIR` says where to write.
    NoOutDir,
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Schema(diags) => diags.fmt(f),
            Self::Write(error) => error.fmt(f),
            Self::NoOutDir => f.write_str("OUT_DIR is not set: call this from build.rs"),
        }
    }
}

impl std::error::Error for BuildError {}

impl Default for Builder {
    fn default() -> Self {
        Self::new()
    }
}

impl Builder {
    /// Rust into `OUT_DIR`, with default bounds; files are found in their own folders.
    pub fn new() -> Self {
        let request = Request { targets: vec![Target::Rust], ..Request::new(Vec::new()) };
        Self { request, out_dir: None }
    }

    /// Adds a folder to look for files and their imports below.
    pub fn proto_path(mut self, folder: impl Into<PathBuf>) -> Self {
        self.request.proto_paths.push(folder.into());
        self
    }

    /// Writes there instead of to `OUT_DIR`.
    pub fn out_dir(mut self, folder: impl Into<PathBuf>) -> Self {
        self.out_dir = Some(folder.into());
        self
    }

    /// Writes these outputs instead of Rust alone.
    pub fn targets(mut self, targets: &[Target]) -> Self {
        self.request.targets = targets.to_vec();
        self
    }

    /// Whether to write the files whose types the schemas use, too. Yes, if not called.
    pub fn imports(mut self, yes: bool) -> Self {
        self.request.imports = yes;
        self
    }

    /// `max_length` where neither field nor file gives one.
    pub fn default_max_length(mut self, bytes: u32) -> Self {
        self.request.max_length = bytes;
        self
    }

    /// `max_count` where neither field nor file gives one.
    pub fn default_max_count(mut self, elements: u32) -> Self {
        self.request.max_count = elements;
        self
    }

    /// Leaves out the field of this full name, as if it were not declared.
    pub fn omit(mut self, field: impl Into<String>) -> Self {
        self.request.omit.push(field.into());
        self
    }

    /// Compiles the schemas and tells Cargo which files the result depends on. Warnings become
    /// Cargo's. Returns all outputs' paths.
    ///
    /// # Errors
    ///
    /// A schema is wrong (nothing is written then), or the disk refused.
    pub fn compile(&self, files: &[impl AsRef<Path>]) -> Result<Vec<PathBuf>, BuildError> {
        let out_dir = self.out_dir.clone().or_else(|| std::env::var_os("OUT_DIR").map(Into::into));
        let out_dir = out_dir.ok_or(BuildError::NoOutDir)?;
        let files = files.iter().map(|file| file.as_ref().to_owned()).collect();
        let run = compile(&Request { files, ..self.request.clone() });
        for path in &run.read {
            println!("cargo:rerun-if-changed={}", path.display());
        }
        let compiled = run.result.map_err(BuildError::Schema)?;
        for line in compiled.warnings.to_string().lines() {
            println!("cargo:warning={line}");
        }
        let wanted: Vec<_> =
            compiled.outputs.iter().map(|output| (out_dir.join(&output.name), output)).collect();
        write_all(&wanted).map_err(BuildError::Write)?;
        Ok(wanted.into_iter().map(|(path, _)| path).collect())
    }
}
