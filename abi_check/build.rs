//! Writes C and Rust that compare src/ffi/sys.g.rs with the headers, and
//! compiles the C half. A difference in a signature or in a field's type fails
//! here; sizes, offsets and constants are compared when the program runs.

use std::path::{Path, PathBuf};

const HEADERS: [&str; 5] =
    ["pool.h", "pool_inbox.h", "pool_inline.h", "pool_wire.h", "pool_workloads.h"];

fn main() {
    // Set by `cargo xtask abi-mutants`, to compare changed copies.
    let include = input("MAGPOOL_ABI_INCLUDE", "include");
    let bindings = input("MAGPOOL_ABI_BINDINGS", "src/ffi/sys.g.rs");
    name_bindings(&bindings);

    let mut checks = ctest2::TestGenerator::new();
    checks.include(&include);
    for header in HEADERS {
        checks.header(header);
        // ctest2 itself watches only the Rust file.
        println!("cargo:rerun-if-changed={}", include.join(header).display());
    }
    checks
        .type_name(|name, _is_struct, _is_union| name.to_owned())
        // Incomplete in C: it has no size to compare.
        .skip_struct(|name| matches!(name, "pool_t" | "pool_cache_t"))
        .generate(&bindings, "checks.rs");
}

/// A path given by the environment, or its place in the workspace.
fn input(variable: &str, default: &str) -> PathBuf {
    println!("cargo:rerun-if-env-changed={variable}");
    let member = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR").expect("set by cargo"));
    std::env::var_os(variable).map_or_else(|| member.join("..").join(default), PathBuf::from)
}

/// Tells main.rs where the bindings are.
fn name_bindings(bindings: &Path) {
    let out = PathBuf::from(std::env::var("OUT_DIR").expect("set by cargo"));
    let module = format!("#[path = {bindings:?}]\nmod sys;\n");
    std::fs::write(out.join("sys_path.rs"), module).expect("OUT_DIR is writable");
}
