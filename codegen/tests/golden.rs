//! Each schema in `golden/` compiles to exactly the files beside it, and those compile.

mod common;

use std::path::PathBuf;
use std::process::Command;

/// A folder of `golden/`, its schema, and the outputs that are committed beside it.
struct Case {
    folder: &'static str,
    schema: &'static str,
    outputs: &'static [&'static str],
}

const ALL: &[&str] = &[
    "--c-out",
    "--rust-out",
    "--dart-out",
    "--c-probe-out",
    "--rust-probe-out",
    "--dart-probe-out",
];

const CASES: &[Case] = &[
    Case { folder: "kinds", schema: "kinds.proto", outputs: ALL },
    Case { folder: "rich", schema: "rich.proto", outputs: ALL },
    Case { folder: "old", schema: "old.proto", outputs: ALL },
    Case {
        folder: "keep",
        schema: "keep.proto",
        outputs: &["--c-out", "--rust-out", "--dart-out"],
    },
    Case {
        folder: "several",
        schema: "main.proto",
        outputs: &["--c-out", "--rust-out", "--dart-out"],
    },
];

impl Case {
    fn folder(&self) -> PathBuf {
        common::package().join("tests/golden").join(self.folder)
    }
}

#[test]
fn schemas_compile_to_the_committed_files() {
    for case in CASES {
        let out = common::scratch(&format!("golden_{}", case.folder));
        let out_name = out.to_string_lossy();
        let mut words: Vec<&str> =
            case.outputs.iter().flat_map(|flag| [*flag, &*out_name]).collect();
        words.push(case.schema);
        let done = common::poolgen(&case.folder(), &words);
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        let written = common::files(&out);
        assert!(written.len() >= case.outputs.len(), "{}: {written:?}", case.folder);
        for name in written {
            let text = std::fs::read_to_string(out.join(&name)).expect("the output is there");
            common::expect_file(&case.folder().join(name), &text);
        }
    }
}

#[test]
fn c_output_is_clean_in_every_language_version() {
    let compilers: &[(&str, &[&str])] = &[
        ("cc", &["-std=c99", "-xc"]),
        ("cc", &["-std=c11", "-xc"]),
        ("cc", &["-std=c2x", "-xc"]),
        ("c++", &["-std=c++17", "-xc++"]),
        ("clang", &["-std=c99", "-xc", "-Wno-unused-command-line-argument"]),
    ];
    for (compiler, flags) in compilers {
        if !common::has_program(compiler) {
            continue;
        }
        for case in CASES {
            check_c(case, compiler, flags);
        }
    }
}

/// A source that includes every header of a case; unused functions of headers are no matter.
fn check_c(case: &Case, compiler: &str, flags: &[&str]) {
    let out = common::scratch(&format!("golden_c_{}", case.folder));
    let folder = case.folder();
    let sources = common::files(&folder)
        .into_iter()
        .filter(|name| name.ends_with(".g.h") || name.ends_with("_probe.g.c"));
    let text: String = sources.map(|name| format!("#include <{name}>\n")).collect();
    let source = out.join("all.c");
    std::fs::write(&source, text).expect("it can be written");
    let mut command = Command::new(compiler);
    command.args(["-Wall", "-Wextra", "-pedantic", "-Werror", "-fsyntax-only"]).args(flags);
    command.arg("-I").arg(common::root().join("include")).arg("-I").arg(&folder);
    let done = command.arg(&source).output().expect("it starts");
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{compiler} {flags:?} {}: {said}", case.folder);
}

#[test]
fn protoc_accepts_the_schemas_too() {
    if !common::has_program("protoc") {
        return;
    }
    let proto = common::root().join("proto");
    let own = (proto.clone(), "concurrent.proto");
    let golden = CASES.iter().map(|case| (case.folder(), case.schema));
    for (folder, schema) in golden.chain([own]) {
        let mut command = Command::new("protoc");
        command.arg("-I").arg(&folder).arg("-I").arg(&proto).arg("-o/dev/null").arg(schema);
        let done = command.output().expect("protoc starts");
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    }
}
