//! Compiles the programs with the C and C++ compilers that the `cc` crate finds.

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
    /// What runs the programs, with its arguments.
    pub(crate) under: Vec<String>,
    shared: bool,
    sanitize: Option<String>,
    slow: Option<u32>,
}

impl Variant {
    fn new(linkage: &str, options: &Options, target: &Path) -> Self {
        let mut name = linkage.to_owned();
        for part in [&options.target, &options.sanitize, &options.tag].into_iter().flatten() {
            name += "-";
            name += &part.replace(',', "-");
        }
        Variant {
            directory: target.join(&name),
            name,
            under: options.under.clone(),
            shared: linkage == "shared",
            sanitize: options.sanitize.clone(),
            slow: options.slow,
        }
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
    c: cc::Build,
    cpp: cc::Build,
}

impl Toolchain {
    /// Finds the compilers: `CC` and `CXX`, or the system's. `root` is the workspace.
    pub(crate) fn new(
        root: &Path,
        options: &Options,
        out_dir: &Path,
    ) -> Result<Self, Box<dyn Error>> {
        let lib_dir = &options.lib_dir;
        let library = root.join(lib_dir).join("libmagpool.so").canonicalize().map_err(|error| {
            let shown = lib_dir.display();
            format!("{shown}: {error}; run `cargo build --release --features capi` first")
        })?;
        let lib_dir = library.parent().unwrap_or(root).to_owned();
        let compiler = |standard| compiler(root, options, out_dir, standard);
        let (c, cpp) = (compiler("c11"), compiler("c++17"));
        Ok(Toolchain { root: root.to_owned(), lib_dir, c, cpp })
    }

    /// Prepares the directory of a variant, with the shim that fails requests and
    /// the plug-in that brings the library along.
    pub(crate) fn prepare(&self, variant: &Variant) -> Result<(), Box<dyn Error>> {
        fs::create_dir_all(&variant.directory)?;
        quiet(&mut self.shared_object("failmem", variant)?)?;
        let mut plugin = self.shared_object("plugin", variant)?;
        plugin.arg(self.lib_dir.join("libmagpool.a"));
        // Its threads' ends run the library's code: never unmap it.
        plugin.args(["-Wl,--exclude-libs,ALL", "-Wl,-z,nodelete"]);
        quiet(plugin.args(SYSTEM_LIBRARIES))?;
        self.link_soname(&variant.directory)
    }

    /// The command that makes `<name>.so` of `<name>.c`, to be continued.
    fn shared_object(&self, name: &str, variant: &Variant) -> Result<Command, Box<dyn Error>> {
        let mut command = self.c.try_get_compiler()?.to_command();
        command.args(["-shared", "-fPIC"]).arg(self.root.join(format!("c_tests/{name}.c")));
        command.arg("-o").arg(variant.directory.join(format!("{name}.so")));
        Ok(command)
    }

    /// Why this source cannot be compiled here: a C++ compiler is not required.
    pub(crate) fn lacks(&self, source: &Path) -> Option<String> {
        let compiler = self.language(source).try_get_compiler();
        let mut command = match compiler {
            Ok(compiler) => Command::new(compiler.path()),
            Err(error) => return is_cpp(source).then(|| error.to_string()),
        };
        let runs = command.arg("--version").output().is_ok_and(|output| output.status.success());
        (is_cpp(source) && !runs).then(|| "there is no C++ compiler; set CXX".to_owned())
    }

    fn language(&self, source: &Path) -> &cc::Build {
        if is_cpp(source) {
            &self.cpp
        } else {
            &self.c
        }
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
        let mut command = self.language(source).try_get_compiler()?.to_command();
        command.arg(source).arg("-o").arg(&program);
        if let Some(list) = &variant.sanitize {
            command.arg(format!("-fsanitize={list}")).arg("-fno-sanitize-recover=all");
            command.args(["-fno-omit-frame-pointer", "-DCHECK_SANITIZED=1"]);
        }
        if let Some(divisor) = variant.slow {
            command.arg(format!("-DCHECK_SLOW={divisor}"));
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
        command.args(SYSTEM_LIBRARIES);
    }
}

const SYSTEM_LIBRARIES: [&str; 3] = ["-lpthread", "-ldl", "-lm"];

fn is_cpp(source: &Path) -> bool {
    source.extension().is_some_and(|extension| extension == "cpp")
}

/// The flags of every program, and what a build script would be told by cargo.
fn compiler(root: &Path, options: &Options, out_dir: &Path, standard: &str) -> cc::Build {
    let host = triple();
    let target = options.target.as_ref().unwrap_or(&host);
    let mut build = cc::Build::new();
    build.target(target).host(&host).opt_level(2).debug(true).out_dir(out_dir);
    build.cargo_metadata(false).cargo_output(false);
    build.cpp(standard.starts_with("c++")).std(standard);
    build.warnings(true).extra_warnings(true).warnings_into_errors(true);
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
