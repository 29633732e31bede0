//! Proves that the ABI chain holds: a header, or the bindings, changed on one
//! side alone must not build. Works on copies under target/abi-mutants.

use crate::{bindings, read, root, write, Outcome};
use std::path::{Path, PathBuf};
use std::process::Command;

/// What is changed.
enum Side {
    /// A copy of the header; abi_check compares it with the bindings.
    Header,
    /// A copy of the bindings; abi_check compares it with the header.
    Bindings,
    /// The bindings in a copy of the crate; the assertions in src/ffi compare
    /// them with the functions defined.
    Crate,
}

/// One change that must be found.
struct Mutant {
    name: &'static str,
    side: Side,
    from: &'static str,
    to: &'static str,
}

const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "header-field-width",
        side: Side::Header,
        from: "    uint32_t magazine_rounds;",
        to: "    uint64_t magazine_rounds;",
    },
    Mutant {
        name: "header-field-added",
        side: Side::Header,
        from: "    void *first_damaged;",
        to: "    void *first_damaged;\n    uint64_t added;",
    },
    Mutant {
        name: "header-parameter",
        side: Side::Header,
        from: "pool_status_t pool_free(pool_t *pool, void *object);",
        to: "pool_status_t pool_free(pool_t *pool, const void *object);",
    },
    Mutant {
        name: "header-return-type",
        side: Side::Header,
        from: "size_t pool_free_batch(",
        to: "uint32_t pool_free_batch(",
    },
    Mutant {
        name: "header-enumerator",
        side: Side::Header,
        from: "POOL_ERR_BUSY = -5,",
        to: "POOL_ERR_BUSY = -50,",
    },
    Mutant {
        name: "bindings-field-type",
        side: Side::Bindings,
        from: "    pub limit: usize,",
        to: "    pub limit: isize,",
    },
    Mutant {
        name: "bindings-constant",
        side: Side::Bindings,
        from: "POOL_NAME_MAX: u32 = 63;",
        to: "POOL_NAME_MAX: u32 = 64;",
    },
    Mutant {
        name: "crate-parameter",
        side: Side::Crate,
        from: "pool_trim(pool: *mut pool_t)",
        to: "pool_trim(pool: *const pool_t)",
    },
    Mutant {
        name: "crate-return-type",
        side: Side::Crate,
        from: "pool_version() -> u32;",
        to: "pool_version() -> u64;",
    },
];

/// A build failed, but not over a difference: a mutant proves nothing by it.
const UNCLEAR: &str = "the build failed without naming a difference";

/// Runs all mutants, after the unchanged copies have passed.
pub(crate) fn run() -> Outcome {
    let scratch = root().join("target/abi-mutants");
    abi_check(&root().join("include"), &root().join(bindings::OUTPUT))
        .and_then(|()| copy_crate(&scratch).and_then(|()| check_crate(&scratch)))
        .map_err(|reason| format!("unchanged: {reason}"))?;
    let mut missed = Vec::new();
    for mutant in MUTANTS {
        match try_mutant(mutant, &scratch)? {
            Err(reason) if reason != UNCLEAR => println!("{}: refused: {reason}", mutant.name),
            _ => missed.push(mutant.name),
        }
    }
    if missed.is_empty() {
        Ok(format!("{} one-sided changes of the ABI, all refused", MUTANTS.len()))
    } else {
        Err(format!("not noticed: {}", missed.join(", ")))
    }
}

/// Applies a mutant and builds it. The inner result is the build's.
fn try_mutant(mutant: &Mutant, scratch: &Path) -> Result<Result<(), String>, String> {
    let directory = scratch.join(mutant.name);
    let (header, bindings) = ("include/pool.h", bindings::OUTPUT);
    match mutant.side {
        Side::Header => {
            copy_tree(&root().join("include"), &directory)?;
            mutate(mutant, header, &directory.join("pool.h"))?;
            Ok(abi_check(&directory, &root().join(bindings)))
        }
        Side::Bindings => {
            create(&directory)?;
            let changed = directory.join("sys.g.rs");
            mutate(mutant, bindings, &changed)?;
            Ok(abi_check(&root().join("include"), &changed))
        }
        Side::Crate => {
            mutate(mutant, bindings, &scratch.join("crate").join(bindings))?;
            Ok(check_crate(scratch))
        }
    }
}

/// Writes the file `from` of the workspace to `to`, changed.
fn mutate(mutant: &Mutant, from: &str, to: &Path) -> Result<(), String> {
    let text = read(&root().join(from))?;
    match text.matches(mutant.from).count() {
        1 => write(to, &text.replace(mutant.from, mutant.to)),
        n => Err(format!("{}: `{}` stands {n} times in {from}", mutant.name, mutant.from)),
    }
}

/// Builds and runs abi_check over a directory of headers and a file of bindings.
fn abi_check(include: &Path, bindings: &Path) -> Result<(), String> {
    passes(
        cargo(&["run", "--package", "abi-check"])
            .env("MAGPOOL_ABI_INCLUDE", include)
            .env("MAGPOOL_ABI_BINDINGS", bindings),
    )
}

/// Compiles the copy of the crate.
fn check_crate(scratch: &Path) -> Result<(), String> {
    let manifest = scratch.join("crate/Cargo.toml");
    passes(
        cargo(&["check", "--lib", "--features", "capi", "--manifest-path"])
            .arg(manifest)
            .env("CARGO_TARGET_DIR", scratch.join("build")),
    )
}

fn cargo(arguments: &[&str]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()));
    command.current_dir(root()).args(arguments);
    command
}

/// Whether a command succeeds; if not, the line of its output that says why.
fn passes(command: &mut Command) -> Result<(), String> {
    let output = command.output().map_err(|error| format!("cargo: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let text = [output.stderr, output.stdout].concat();
    Err(reason(&String::from_utf8_lossy(&text)).to_owned())
}

/// The part of a failed build's output that says what differs.
fn reason(output: &str) -> &str {
    let telling = |line: &&str| line.starts_with("bad ") || line.starts_with("error[");
    let compiler = output.lines().find_map(|line| line.split_once(" error: "));
    let ours = output.lines().find(telling);
    compiler.map(|(_, message)| message).or(ours).unwrap_or(UNCLEAR)
}

/// Copies what the crate needs to compile, as a workspace of its own.
fn copy_crate(scratch: &Path) -> Result<(), String> {
    let copy = scratch.join("crate");
    if copy.exists() {
        std::fs::remove_dir_all(&copy).map_err(|error| format!("{}: {error}", copy.display()))?;
    }
    create(&copy)?;
    for directory in ["src", "include", "docs"] {
        if root().join(directory).exists() {
            copy_tree(&root().join(directory), &copy.join(directory))?;
        }
    }
    for file in ["build.rs", "Cargo.lock", "README.md"] {
        // README.md is in the documentation of some crates only.
        let _ = std::fs::copy(root().join(file), copy.join(file));
    }
    let manifest = read(&root().join("Cargo.toml"))?;
    let alone = |line: &&str| !line.starts_with("members") && !line.starts_with("default-members");
    let manifest: String = manifest.lines().filter(alone).map(|line| format!("{line}\n")).collect();
    write(&copy.join("Cargo.toml"), &manifest)
}

fn copy_tree(from: &Path, to: &Path) -> Result<(), String> {
    create(to)?;
    let entries =
        std::fs::read_dir(from).map_err(|error| format!("{}: {error}", from.display()))?;
    for entry in entries.filter_map(Result::ok) {
        let (source, target): (PathBuf, PathBuf) = (entry.path(), to.join(entry.file_name()));
        if source.is_dir() {
            copy_tree(&source, &target)?;
        } else {
            std::fs::copy(&source, &target)
                .map_err(|error| format!("{}: {error}", source.display()))?;
        }
    }
    Ok(())
}

fn create(directory: &Path) -> Result<(), String> {
    std::fs::create_dir_all(directory).map_err(|error| format!("{}: {error}", directory.display()))
}
