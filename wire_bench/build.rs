//! Builds the implementations in C that `ci/bench_wire.sh` found: `WIRE_BENCH_PROTOBUF_C` is
//! where its packages are unpacked, `WIRE_BENCH_UPB` where its sources are. Without them the
//! program has the other candidates.

use protox::file::{ChainFileResolver, GoogleFileResolver, IncludeFileResolver};
use protox::prost_reflect::prost::Message as _;
use protox::prost_reflect::prost_types::{DescriptorProto, FileDescriptorProto, FileDescriptorSet};
use std::path::{Path, PathBuf};
use std::process::Command;

fn main() {
    println!("cargo:rustc-check-cfg=cfg(protobuf_c, upb)");
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=peers");
    println!("cargo:rerun-if-changed=../proto");
    if let Some(home) = given("WIRE_BENCH_PROTOBUF_C") {
        protobuf_c(&home);
    }
    if let Some(sources) = given("WIRE_BENCH_UPB") {
        upb(&sources);
    }
}

/// A folder that the environment names.
fn given(variable: &str) -> Option<PathBuf> {
    println!("cargo:rerun-if-env-changed={variable}");
    std::env::var_os(variable).filter(|value| !value.is_empty()).map(PathBuf::from)
}

fn out() -> PathBuf {
    PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets it"))
}

/// The schema without the options that only poolgen knows, and so without imports.
fn schema() -> FileDescriptorProto {
    let mut resolver = ChainFileResolver::new();
    resolver.add(IncludeFileResolver::new("../proto".into()));
    resolver.add(GoogleFileResolver::new());
    let mut compiler = protox::Compiler::with_file_resolver(resolver);
    compiler.open_file("concurrent.proto").expect("the schema is correct");
    let mut file = compiler.file_descriptor_set().file.remove(0);
    file.dependency.clear();
    file.options = None;
    file.message_type.iter_mut().for_each(plain);
    file
}

fn plain(message: &mut DescriptorProto) {
    message.options = None;
    message.field.iter_mut().for_each(|field| field.options = None);
}

/// A build for speed, as distributions do it.
fn compiler() -> cc::Build {
    let mut build = cc::Build::new();
    build.opt_level(2).define("NDEBUG", None).include(out()).include("peers").std("gnu11");
    build
}

fn protobuf_c(home: &Path) {
    let set = out().join("concurrent.bin");
    let bytes = FileDescriptorSet { file: vec![schema()] }.encode_to_vec();
    std::fs::write(&set, bytes).expect("it can be written");
    let done = Command::new(home.join("bin/protoc-c"))
        .arg(format!("--descriptor_set_in={}", set.display()))
        .arg(format!("--c_out={}", out().display()))
        .arg("concurrent.proto")
        .status();
    assert!(done.is_ok_and(|status| status.success()), "protoc-c cannot compile the schema");
    compiler()
        .include(home.join("include"))
        .file(out().join("concurrent.pb-c.c"))
        .file("peers/protobuf_c.c")
        .compile("wire_bench_protobuf_c");
    // As it was distributed.
    println!("cargo:rustc-link-search=native={}", home.join("lib").display());
    println!("cargo:rustc-link-lib=static=protobuf-c");
    println!("cargo:rustc-cfg=protobuf_c");
}

fn upb(sources: &Path) {
    let bytes = schema().encode_to_vec();
    let text = format!("static const unsigned char concurrent_descriptor[] = {bytes:?};");
    let text = text.replace('[', "{").replace(']', "}").replacen("{}", "[]", 1);
    std::fs::write(out().join("concurrent_descriptor.h"), text).expect("it can be written");
    let mut build = compiler();
    build.include(sources).include(sources.join("utf8_range")).warnings(false);
    // It is written for this compiler: a sixth faster than with gcc.
    if Command::new("clang").arg("--version").output().is_ok() {
        build.compiler("clang");
    }
    for folder in ["google/protobuf", "upb", "utf8_range"] {
        collect(&sources.join(folder), &mut build);
    }
    build.file("peers/upb.c").compile("wire_bench_upb");
    println!("cargo:rustc-link-lib=m");
    println!("cargo:rustc-cfg=upb");
}

/// The C files below a folder.
fn collect(folder: &Path, build: &mut cc::Build) {
    let entries = std::fs::read_dir(folder).expect("the sources are there");
    let mut paths: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            collect(&path, build);
        } else if path.extension().is_some_and(|extension| extension == "c") {
            build.file(path);
        }
    }
}
