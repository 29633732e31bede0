//! Builds the floor as a shared library, and notes which compiler builds the program.

use std::path::Path;
use std::process::Command;

fn main() {
    note_compiler();
    build_floor();
}

fn note_compiler() {
    let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".into());
    let output = Command::new(rustc).arg("--version").output();
    let version = output.map_or_else(
        |_| "rustc".into(),
        |output| String::from_utf8_lossy(&output.stdout).trim().to_owned(),
    );
    println!("cargo:rustc-env=BENCHES_COMPILER={version}");
}

/// Without a C compiler the program finds no floor, and says so.
fn build_floor() {
    let source = "src/peers/floor.c";
    println!("cargo:rerun-if-changed={source}");
    let library = Path::new(&std::env::var("OUT_DIR").unwrap_or_default()).join("libfloor.so");
    println!("cargo:rustc-env=BENCHES_FLOOR={}", library.display());
    println!("cargo:rerun-if-env-changed=CC");
    let built = Command::new(std::env::var("CC").unwrap_or_else(|_| "cc".into()))
        .args(["-std=c11", "-O2", "-Wall", "-Wextra", "-shared", "-fPIC"])
        .args(["-ftls-model=initial-exec", source, "-o"])
        .arg(&library)
        .status();
    if !built.is_ok_and(|status| status.success()) {
        println!("cargo:warning=the floor was not built");
    }
}
