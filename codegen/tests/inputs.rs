//! Files that are no schemas, folders that cannot be written to: each is refused with a sentence
//! that says what is wrong, and where; nothing panics or is left half done.

mod common;

use std::fs;
use std::path::Path;
use std::process::Output;

fn said(done: &Output) -> String {
    String::from_utf8_lossy(&done.stderr).into_owned()
}

/// Compiles a schema of these bytes in a folder of its own.
fn compile(name: &str, bytes: &[u8]) -> (Output, std::path::PathBuf) {
    let folder = common::scratch(&format!("inputs_{name}"));
    fs::write(folder.join("a.proto"), bytes).expect("it is ours");
    let words = ["--c-out", "out", "--rust-out", "out", "--dart-out", "out", "a.proto"];
    (common::poolgen(&folder, &words), folder)
}

#[track_caller]
fn refused(done: &Output, parts: &[&str]) {
    let said = said(done);
    assert_eq!(done.status.code(), Some(1), "{said}");
    assert!(parts.iter().all(|part| said.contains(part)), "{said}");
    assert!(said.contains("help: "), "{said}");
}

#[test]
fn bytes_that_are_no_schema_are_refused_where_they_are() {
    let deep = format!("syntax = \"proto3\";\n{}", "message M {".repeat(10_000));
    let option = format!("message A {{ option (r) = {}; }}", "{ r: ".repeat(100_000));
    let cases: [(&str, &[u8], &str, &str); 9] = [
        ("empty", b"", "has no messages", "a.proto"),
        ("nul", b"syntax = \"proto3\";\nmessage A { \0 }", "invalid token", "a.proto:2:13"),
        ("latin1", b"syntax = \"proto3\";\n// \xe4\n", "not UTF-8", "a.proto:2:4"),
        ("utf16", b"\xff\xfes\0y\0n\0", "not UTF-8", "a.proto:1:1"),
        ("open", b"syntax = \"proto3\";\n\nmessage A {\n", "end of file", "a.proto:3:12"),
        ("comment", b"/* never closed", "end of file", "a.proto:1:16"),
        ("binary", &[0; 4096], "invalid token", "a.proto:1:1"),
        ("deep", deep.as_bytes(), "braces", "a.proto:2:"),
        ("option", option.as_bytes(), "braces", "a.proto:1:"),
    ];
    for (name, bytes, what, place) in cases {
        let (done, folder) = compile(name, bytes);
        refused(&done, &[what, place]);
        assert!(!folder.join("out").exists(), "{name}");
    }
}

#[test]
fn what_editors_add_is_no_fault() {
    let text = "syntax = \"proto3\";\r\n// Counts.\r\nmessage A {\r\n  uint32 n = 1;\r\n}\r\n";
    let (done, folder) = compile("crlf", text.as_bytes());
    assert!(done.status.success(), "{}", said(&done));
    let header = fs::read_to_string(folder.join("out/a.g.h")).expect("it was written");
    assert!(header.contains("/* Counts. */") && !header.contains('\r'));
    let (done, _) = compile("mark", format!("\u{feff}{text}").as_bytes());
    assert!(done.status.success(), "{}", said(&done));
    let (done, _) = compile("mark_wrong", "\u{feff}syntax = \"proto3\"; massage A {}".as_bytes());
    refused(&done, &["a.proto:1:20"]);
}

#[test]
fn files_of_any_size_are_compiled_in_time() {
    let comment = format!("syntax = \"proto3\";\n/* {} */ message A {{}}", "x".repeat(10_000_000));
    let (done, _) = compile("comment_large", comment.as_bytes());
    assert!(done.status.success(), "{}", said(&done));
    // Each contains the one behind it: neither the walk nor the parser may call itself for each.
    let chain: String =
        (0..3000).map(|i| format!("message M{i} {{ M{} m = 1; }}\n", i + 1)).collect();
    let chain = format!("syntax = \"proto3\";\n{chain}message M3000 {{ uint32 n = 1; }}\n");
    let (done, folder) = compile("chain", chain.as_bytes());
    assert!(done.status.success(), "{}", said(&done));
    // More than a second of work in this build; nobody looks at standard error.
    assert!(!said(&done).contains('\r') && !said(&done).contains("compiling"), "{}", said(&done));
    assert!(said(&done).contains("more than 100 deep"), "{}", said(&done));
    let header = fs::read_to_string(folder.join("out/a.g.h")).expect("it was written");
    assert!(!header.contains("POOL_WIRE_TABLE"));
}

#[test]
fn imports_that_lead_nowhere_are_shown() {
    let folder = common::scratch("inputs_imports");
    fs::create_dir_all(folder.join("folder.proto")).expect("a folder can be made");
    let write = |name: &str, import: &str| {
        let text = format!("syntax = \"proto3\";\n\nimport \"{import}\";\nmessage A {{}}\n");
        fs::write(folder.join(name), text).expect("it is ours");
    };
    write("a.proto", "b.proto");
    write("b.proto", "a.proto");
    write("itself.proto", "itself.proto");
    write("missing.proto", "no_such.proto");
    write("absolute.proto", "/etc/hosts");
    write("up.proto", "../a.proto");
    write("to_folder.proto", "folder.proto");
    let cases: [(&str, &[&str]); 7] = [
        ("a.proto", &["cycle", "a.proto -> b.proto -> a.proto", "b.proto:3:8"]),
        ("itself.proto", &["cycle", "itself.proto:3:8"]),
        ("missing.proto", &["'no_such.proto' not found", "missing.proto:3:1"]),
        ("absolute.proto", &["no name of an import", "absolute.proto:3:8"]),
        ("up.proto", &["no name of an import", "up.proto:3:8"]),
        ("to_folder.proto", &["is a folder"]),
        ("folder.proto", &["is a folder"]),
    ];
    for (file, parts) in cases {
        refused(&common::poolgen(&folder, &["--c-out", "out", file]), parts);
    }
    let words = ["--c-out", "out", "-I", "no_such_folder", "a.proto"];
    refused(&common::poolgen(&folder, &words), &["`no_such_folder` is no folder"]);
}

#[test]
fn outputs_that_cannot_be_written_are_named() {
    let folder = common::scratch("inputs_outputs");
    let schema = "syntax = \"proto3\";\nmessage A { uint32 n = 1; }\n";
    fs::write(folder.join("a.proto"), schema).expect("it is ours");
    fs::write(folder.join("file"), "kept").expect("it is ours");
    fs::create_dir_all(folder.join("taken/a.g.h")).expect("a folder can be made");
    let cases: [(&str, &[&str]); 4] = [
        ("file", &["cannot write `file/a.g.h`", "`file` is no folder"]),
        ("file/below", &["cannot write", "`file` is no folder"]),
        ("taken", &["cannot write `taken/a.g.h`", "remove the folder"]),
        ("/proc/no_such", &["cannot write `/proc/no_such/a.g.h`"]),
    ];
    for (out, parts) in cases {
        refused(&common::poolgen(&folder, &["--c-out", out, "a.proto"]), parts);
    }
    assert_eq!(fs::read_to_string(folder.join("file")).expect("it is ours"), "kept");
    assert_eq!(common::files(&folder.join("taken")), ["a.g.h"], "nothing is left behind");
}

/// Newer ones declare their extensions, which the parser does not know.
#[test]
fn descriptor_beside_the_schemas_is_not_needed() {
    let folder = common::scratch("inputs_descriptor");
    fs::create_dir_all(folder.join("google/protobuf")).expect("a folder can be made");
    let newer = "syntax = \"proto2\";\npackage google.protobuf;\nmessage FileOptions {\n\
         extensions 1000 [declaration = { number: 1000 }];\n}\n";
    fs::write(folder.join("google/protobuf/descriptor.proto"), newer).expect("it is ours");
    let schema = "syntax = \"proto3\";\nimport \"magpool/options.proto\";\n\
         message A { string s = 1 [(magpool.max_length) = 3]; }\n";
    fs::write(folder.join("a.proto"), schema).expect("it is ours");
    let done = common::poolgen(&folder, &["--c-out", "out", "a.proto"]);
    assert!(done.status.success(), "{}", said(&done));
    fs::write(folder.join("b.proto"), newer).expect("it is ours");
    let done = common::poolgen(&folder, &["--c-out", "out", "b.proto"]);
    refused(&done, &["b.proto:4:17", "declarations of extensions"]);
}

#[cfg(target_os = "linux")]
#[test]
fn devices_are_no_outputs_to_compare_with() {
    let folder = common::scratch("inputs_devices");
    let schema = "syntax = \"proto3\";\nmessage A { uint32 n = 1; }\n";
    fs::write(folder.join("a.proto"), schema).expect("it is ours");
    fs::create_dir_all(folder.join("out")).expect("a folder can be made");
    // It has no end: who compares with it reads for ever.
    let link = folder.join("out/a.g.h");
    std::os::unix::fs::symlink("/dev/full", &link).expect("a link can be made");
    let done = common::poolgen(&folder, &["--c-out", "out", "a.proto"]);
    assert!(done.status.success() && link.is_file(), "{}", said(&done));
    for words in [&["explain", "a.proto"][..], &["completion", "bash"]] {
        let full = fs::File::options().write(true).open("/dev/full").expect("Linux has it");
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_poolgen"));
        let done = command.current_dir(&folder).args(words).stdout(full).output();
        let done = done.expect("the compiler starts");
        assert_eq!(done.status.code(), Some(1), "{}", said(&done));
        assert!(said(&done).contains("standard output"), "{}", said(&done));
    }
}

#[test]
fn all_fields_to_omit_are_named_at_once_and_that_is_enough() {
    let folder = common::scratch("inputs_omit");
    let schema = "syntax = \"proto3\";\npackage p;\nimport \"google/protobuf/any.proto\";\n\
         import \"google/protobuf/struct.proto\";\n\
         message Value {\n  oneof kind { Array array = 1; Object object = 2; int32 n = 3; }\n\
         map<string, Value> more = 4;\n}\n\
         message Array { repeated Value values = 1; }\n\
         message Object { map<string, Value> fields = 1; Any any = 2; }\n\
         message Any { google.protobuf.Any any = 1; map<int32, google.protobuf.Value> m = 2; }\n";
    fs::write(folder.join("a.proto"), schema).expect("it is ours");
    let done = common::poolgen(&folder, &["--c-out", "out", "a.proto"]);
    refused(&done, &["to leave out the 5 fields"]);
    let said_first = said(&done);
    let options = said_first.lines().find_map(|line| line.split_once("add --omit "));
    let (_, options) = options.expect("it says what to add");
    let mut words = vec!["--c-out", "out", "a.proto"];
    words.extend(options.split(" --omit ").flat_map(|field| ["--omit", field]));
    let done = common::poolgen(&folder, &words);
    assert!(done.status.success(), "{options}: {}", said(&done));
    assert!(Path::new(&folder).join("out/a.g.h").exists());
}
