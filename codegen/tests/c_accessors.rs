//! Compiles and runs the C tests of the generated C functions.

mod common;

use std::path::PathBuf;
use std::process::Command;

#[test]
fn c_functions_keep_their_word() {
    run("c_accessors.c", &["kinds"]);
}

#[test]
fn c_functions_of_the_newer_kinds_do_too() {
    run("c_rich.c", &["rich", "old"]);
}

/// The library is linked for the tests of this package anyway.
fn library() -> PathBuf {
    let tool = PathBuf::from(env!("CARGO_BIN_EXE_poolgen"));
    let folder = tool.parent().expect("it is in a folder");
    let found = [folder.to_owned(), folder.join("deps")].into_iter();
    let mut found = found.map(|folder| folder.join("libmagpool.a"));
    found.find(|file| file.exists()).expect("cargo builds the static library with the tests")
}

fn run(source: &str, cases: &[&str]) {
    let out = common::scratch(source);
    let program = out.join("program");
    let mut cc = Command::new(std::env::var("CC").unwrap_or_else(|_| "cc".into()));
    cc.args(["-std=c99", "-O1", "-Wall", "-Wextra", "-pedantic", "-Werror"]);
    // What checks memory and arithmetic for free is checked too.
    cc.arg("-fsanitize=undefined").arg("-fno-sanitize-recover");
    cc.arg("-I").arg(common::root().join("include"));
    for case in cases {
        cc.arg("-I").arg(common::package().join("tests/golden").join(case));
    }
    cc.arg(common::package().join("tests").join(source)).arg(library());
    let done =
        cc.args(["-lpthread", "-ldl", "-lm", "-o"]).arg(&program).output().expect("cc starts");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let done = Command::new(&program).output().expect("the program starts");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}
