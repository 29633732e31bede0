//! Compiles and runs the C tests of the generated C functions.

mod common;

use std::process::Command;

#[test]
fn c_functions_keep_their_word() {
    run("c_accessors.c", &["kinds"]);
}

#[test]
fn c_functions_of_the_newer_kinds_do_too() {
    run("c_rich.c", &["rich", "old", "keep"]);
}

fn run(source: &str, cases: &[&str]) {
    let program = common::compile_c(source, cases);
    let done = Command::new(&program).output().expect("the program starts");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}
