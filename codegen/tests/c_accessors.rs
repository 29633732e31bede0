//! Compiles and runs the C test of the generated C functions.

mod common;

use std::process::Command;

#[test]
fn c_functions_keep_their_word() {
    let out = common::scratch("c_accessors");
    let program = out.join("c_accessors");
    let mut cc = Command::new(std::env::var("CC").unwrap_or_else(|_| "cc".into()));
    cc.args(["-std=c99", "-O1", "-Wall", "-Wextra", "-pedantic", "-Werror"]);
    // What checks memory and arithmetic for free is checked too.
    cc.arg("-fsanitize=undefined").arg("-fno-sanitize-recover");
    cc.arg("-I").arg(common::root().join("include"));
    cc.arg("-I").arg(common::package().join("tests/golden/kinds"));
    cc.arg(common::package().join("tests/c_accessors.c")).arg("-o").arg(&program);
    let done = cc.output().expect("cc starts");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let done = Command::new(&program).output().expect("the program starts");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}
