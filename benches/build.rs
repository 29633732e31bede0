//! Builds the floor, and the shims of peers whose functions are in C or C++ headers, each as
//! a shared library of its own; notes which compiler builds the program. What the machine
//! lacks is no failure: the program says it at run time.

use std::path::{Path, PathBuf};
use std::process::Command;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=shims");
    note_compiler();
    build_floor();
    if std::env::var_os("CARGO_FEATURE_PEERS").is_none() {
        return;
    }
    // Debian's record of packages: one that was missing may be there now.
    let packages = Path::new("/var/lib/dpkg/status");
    if packages.exists() {
        println!("cargo:rerun-if-changed={}", packages.display());
    }
    for variable in ["CC", "CXX"] {
        println!("cargo:rerun-if-env-changed={variable}");
    }
    build("DPDK", "dpdk.c", c_compiler(&dpdk_flags()));
    build("BOOST", "boost_pool.cc", cxx_compiler());
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

fn c_compiler(flags: &[String]) -> Command {
    let mut command = Command::new(std::env::var("CC").unwrap_or("cc".to_owned()));
    command.arg("-std=gnu11").args(flags);
    command
}

fn cxx_compiler() -> Command {
    let mut command = Command::new(std::env::var("CXX").unwrap_or("c++".to_owned()));
    command.arg("-std=c++17");
    command
}

/// Where DPDK's headers are, what they want to be compiled with, and its libraries; those
/// that only register themselves, too.
fn dpdk_flags() -> Vec<String> {
    let output = Command::new("pkg-config").args(["--cflags", "libdpdk"]).output();
    let output = output.map(|output| output.stdout).unwrap_or_default();
    let headers = String::from_utf8_lossy(&output).replace("-I", "-isystem ");
    let libraries = "-Wl,--no-as-needed -lrte_eal -lrte_mempool -lrte_mempool_ring -lrte_ring";
    headers.split_whitespace().chain(libraries.split(' ')).map(str::to_owned).collect()
}

/// Builds one; the program finds its path, or what went wrong, in its environment.
fn build(name: &str, source: &str, mut compiler: Command) {
    let out = PathBuf::from(std::env::var("OUT_DIR").expect("cargo sets it"));
    let library = out.join(source).with_extension("so");
    compiler.args(["-O2", "-DNDEBUG", "-fPIC", "-shared", "-pthread"]);
    compiler.args(["-Wall", "-Wextra", "-pedantic", "-o"]);
    let missing = match compiler.arg(&library).arg(Path::new("shims").join(source)).output() {
        Ok(output) if output.status.success() => {
            String::from_utf8_lossy(&output.stderr)
                .lines()
                .for_each(|line| println!("cargo:warning={line}"));
            String::new()
        }
        Ok(output) => {
            let text = String::from_utf8_lossy(&output.stderr);
            let error = text.lines().find(|line| line.contains("error"));
            error.unwrap_or("the compiler failed").to_owned()
        }
        Err(error) => format!("no compiler: {error}"),
    };
    println!("cargo:rustc-env=BENCH_{name}_SHIM={}", library.display());
    println!("cargo:rustc-env=BENCH_{name}_MISSING={missing}");
}
