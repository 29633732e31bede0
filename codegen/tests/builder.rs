//! A crate that compiles its schema with `poolgen::Builder` in its build script.

mod common;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Copies a folder, so that the build leaves nothing in this one.
fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder can be made");
    for name in common::files(from) {
        let (from, to) = (from.join(&name), to.join(&name));
        if from.is_dir() {
            copy(&from, &to);
        } else {
            std::fs::copy(&from, &to).expect("a file can be copied");
        }
    }
}

/// The user's crate, where it may be built.
fn user_crate() -> PathBuf {
    let folder = common::scratch("builder");
    copy(&common::package().join("tests/builder"), &folder);
    let manifest = std::fs::read_to_string(folder.join("Cargo.toml")).expect("it was copied");
    let root = common::root().canonicalize().expect("it is there");
    let manifest = manifest
        .replace("\"../../..\"", &format!("{:?}", root.display().to_string()))
        .replace("\"../..\"", &format!("{:?}", root.join("codegen").display().to_string()));
    std::fs::write(folder.join("Cargo.toml"), manifest).expect("it is ours");
    // The versions that are on this machine already.
    let lock = common::root().join("Cargo.lock");
    std::fs::copy(lock, folder.join("Cargo.lock")).expect("a file can be copied");
    folder
}

/// Runs the crate; what is built is kept from one run of the test to the next.
fn cargo_run(folder: &Path) -> Output {
    let target = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("builder_target");
    let mut command = Command::new(env!("CARGO"));
    command.args(["run", "--quiet", "--offline", "--target-dir"]).arg(target);
    command.current_dir(folder).output().expect("cargo starts")
}

#[test]
fn builder_writes_where_it_is_told() {
    let out = common::scratch("builder_out");
    let proto = common::package().join("tests/builder/proto");
    let builder = poolgen::Builder::new().proto_path(&proto).out_dir(&out);
    let written = builder.compile(&["music.proto"]).expect("the schema is right");
    assert_eq!(written, [out.join("music.g.rs"), out.join("shared_artist.g.rs")]);
    assert_eq!(common::files(&out), ["music.g.rs", "shared_artist.g.rs"]);
    let error = builder.compile(&["no_such.proto"]).expect_err("it is not there");
    assert!(error.to_string().contains("no_such.proto"), "{error}");
}

/// Builds the compiler a second time, as a build dependency: a minute of work.
#[test]
fn build_script_compiles_the_schema() {
    if std::env::var_os("POOLGEN_BUILD_CRATE").is_none() {
        println!("skipped: set POOLGEN_BUILD_CRATE, as ci/schema.sh does");
        return;
    }
    let folder = user_crate();
    let done = cargo_run(&folder);
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{said}");
    let shown = String::from_utf8_lossy(&done.stdout).into_owned();
    assert!(shown.contains("title: \"Blue in Green\"") && shown.contains("born: 1926"), "{shown}");

    // A change of the file the schema imports makes cargo compile the schema again, and a mistake in
    // it is shown as it is on the command line.
    let artist = folder.join("proto/shared/artist.proto");
    let text = std::fs::read_to_string(&artist).expect("it was copied");
    std::fs::write(&artist, text.replace("uint32 born", "Artist born")).expect("it is ours");
    let done = cargo_run(&folder);
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(!done.status.success() && said.contains("`Artist` contains itself"), "{said}");
    assert!(said.contains("--> shared/artist.proto:6:10"), "{said}");
}
