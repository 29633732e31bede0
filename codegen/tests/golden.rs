//! The schema of all kinds of fields compiles to exactly the files beside it, and those compile.

mod common;

use std::process::Command;

const SCHEMA: &str = "kinds.proto";
const OUTPUTS: &[(&str, &str)] = &[
    ("--c-out", "kinds.g.h"),
    ("--rust-out", "kinds.g.rs"),
    ("--dart-out", "kinds.g.dart"),
    ("--c-probe-out", "kinds_probe.g.c"),
    ("--rust-probe-out", "kinds_probe.g.rs"),
    ("--dart-probe-out", "kinds_probe.g.dart"),
];

#[test]
fn all_kinds_compile_to_the_committed_files() {
    let folder = common::package().join("tests/golden/kinds");
    let out = common::scratch("golden");
    let out_name = out.to_string_lossy();
    let mut words: Vec<&str> = OUTPUTS.iter().flat_map(|(flag, _)| [*flag, &*out_name]).collect();
    words.push(SCHEMA);
    let done = common::poolgen(&folder, &words);
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    for (_, name) in OUTPUTS {
        let text = std::fs::read_to_string(out.join(name)).expect("the output is there");
        common::expect_file(&folder.join(name), &text);
    }
}

#[test]
fn c_output_is_clean_in_every_language_version() {
    let cases: &[(&str, &[&str])] = &[
        ("cc", &["-std=c99", "-xc"]),
        ("cc", &["-std=c11", "-xc"]),
        ("cc", &["-std=c2x", "-xc"]),
        ("c++", &["-std=c++17", "-xc++"]),
        ("clang", &["-std=c99", "-xc", "-Wno-unused-command-line-argument"]),
    ];
    for (compiler, flags) in cases {
        if !common::has_program(compiler) {
            continue;
        }
        let folder = common::package().join("tests/golden/kinds");
        let mut command = Command::new(compiler);
        command.args(["-Wall", "-Wextra", "-pedantic", "-Werror", "-fsyntax-only"]).args(*flags);
        command.arg("-I").arg(common::root().join("include")).arg("-I").arg(&folder);
        let done = command.arg(folder.join("kinds_probe.g.c")).output().expect("it starts");
        let said = String::from_utf8_lossy(&done.stderr);
        assert!(done.status.success(), "{compiler} {flags:?}: {said}");
    }
}

#[test]
fn protoc_accepts_the_schemas_too() {
    if !common::has_program("protoc") {
        return;
    }
    let proto = common::root().join("proto");
    for (folder, schema) in [
        (common::package().join("tests/golden/kinds"), SCHEMA),
        (proto.clone(), "concurrent.proto"),
    ] {
        let mut command = Command::new("protoc");
        command.arg("-I").arg(&folder).arg("-I").arg(&proto).arg("-o/dev/null").arg(schema);
        let done = command.output().expect("protoc starts");
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    }
}
