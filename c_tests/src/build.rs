//! Compiles the programs with the C compiler that the `cc` crate finds.

use crate::options::Options;
use crate::run::quiet;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// One way of building every program.
pub(crate) struct Variant {
    /// For people, and for the directory.
    pub(crate) name: String,
    /// Where the programs and their logs go.
    pub(crate) directory: PathBuf,
    shared: bool,
    sanitize: Option<String>,
}

impl Variant {
    fn new(linkage: &str, options: &Options, target: &Path) -> Self {
        let suffix = options.sanitize.as_ref().map(|list| format!("-{}", list.replace(',', "-")));
        let name = format!("{linkage}{}", suffix.unwrap_or_default());
        let directory = target.join(&name);
        Variant { name, directory, shared: linkage == "shared", sanitize: options.sanitize.clone() }
    }
}

/// The variants that the options ask for.
pub(crate) fn variants(options: &Options, target: &Path) -> Vec<Variant> {
    let asked = [(options.shared, "shared"), (options.r#static, "static")];
    let linkages = asked.iter().filter(|(asked, _)| *asked);
    linkages.map(|(_, linkage)| Variant::new(linkage, options, target)).collect()
}

/// What is needed to compile a program.
pub(crate) struct Toolchain {
    root: PathBuf,
    lib_dir: PathBuf,
    build: cc::Build,
}

impl Toolchain {
    /// Finds the compiler: `CC`, or the system's. `root` is the workspace.
    pub(crate) fn new(root: &Path, lib_dir: &Path, out_dir: &Path) -> Result<Self, Box<dyn Error>> {
        let library = root.join(lib_dir).join("libmagpool.so").canonicalize().map_err(|error| {
            let shown = lib_dir.display();
            format!("{shown}: {error}; run `cargo build --release --features capi` first")
        })?;
        let lib_dir = library.parent().unwrap_or(root).to_owned();
        Ok(Toolchain { root: root.to_owned(), lib_dir, build: compiler(root, out_dir) })
    }

    /// Prepares the directory of a variant, with the shim that fails requests.
    pub(crate) fn prepare(&self, variant: &Variant) -> Result<(), Box<dyn Error>> {
        fs::create_dir_all(&variant.directory)?;
        let mut command = self.build.try_get_compiler()?.to_command();
        command.args(["-shared", "-fPIC"]).arg(self.root.join("c_tests/failmem.c"));
        quiet(command.arg("-o").arg(variant.directory.join("failmem.so")))?;
        self.link_soname(&variant.directory)
    }

    /// Programs look for the library by its SONAME, which the build directory
    /// has no file for.
    fn link_soname(&self, directory: &Path) -> Result<(), Box<dyn Error>> {
        let link = directory.join("libmagpool.so.1");
        if link.symlink_metadata().is_ok() {
            fs::remove_file(&link)?;
        }
        std::os::unix::fs::symlink(self.lib_dir.join("libmagpool.so"), link)?;
        Ok(())
    }

    /// Compiles and links one program; returns its path.
    pub(crate) fn compile(
        &self,
        source: &Path,
        variant: &Variant,
    ) -> Result<PathBuf, Box<dyn Error>> {
        let program = variant.directory.join(source.file_stem().ok_or("a source without name")?);
        let mut command = self.build.try_get_compiler()?.to_command();
        command.arg(source).arg("-o").arg(&program);
        if let Some(list) = &variant.sanitize {
            command.arg(format!("-fsanitize={list}")).arg("-fno-sanitize-recover=all");
            command.args(["-fno-omit-frame-pointer", "-DCHECK_SLOW"]);
        }
        self.link(&mut command, variant);
        quiet(&mut command)?;
        Ok(program)
    }

    fn link(&self, command: &mut Command, variant: &Variant) {
        if variant.shared {
            command.arg(self.lib_dir.join("libmagpool.so"));
            command.arg(format!("-Wl,-rpath,{}", variant.directory.display()));
        } else {
            command.arg(self.lib_dir.join("libmagpool.a"));
        }
        command.args(["-lpthread", "-ldl", "-lm"]);
    }
}

/// The flags of every program, and what a build script would be told by cargo.
fn compiler(root: &Path, out_dir: &Path) -> cc::Build {
    let triple = triple();
    let mut build = cc::Build::new();
    build.target(&triple).host(&triple).opt_level(2).debug(true).out_dir(out_dir);
    build.cargo_metadata(false).cargo_output(false);
    build.std("c11").warnings(true).extra_warnings(true).warnings_into_errors(true);
    for flag in ["-pedantic", "-pthread"] {
        build.flag(flag);
    }
    for include in ["include", "include/generated"] {
        build.include(root.join(include));
    }
    build
}

/// The triple of this machine, as far as `cc` needs it to choose a compiler.
fn triple() -> String {
    let system = match std::env::consts::OS {
        "macos" => "apple-darwin",
        _ => "unknown-linux-gnu",
    };
    format!("{}-{system}", std::env::consts::ARCH)
}
