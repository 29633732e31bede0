//! Fields named as what the Dart output itself uses still compile, and mean the fields.

mod common;

use std::fmt::Write as _;
use std::process::Command;

/// Members of views, leases and batches, and functions and words their text relies on.
const NAMES: &[&str] = &[
    "address",
    "body",
    "bytes",
    "close",
    "copy_from",
    "copy_message",
    "cursor",
    "guard",
    "hash_code",
    "identical",
    "is_closed",
    "key",
    "length",
    "lease",
    "list",
    "load_bytes",
    "load_double",
    "load_fixed_bytes",
    "load_fixed_text",
    "load_float",
    "load_int32",
    "load_int64",
    "load_text",
    "load_uint32",
    "load_uint64",
    "load_uint8",
    "message",
    "offset",
    "other",
    "override",
    "owner",
    "pointer",
    "pool",
    "pragma",
    "release",
    "runtime_type",
    "same_bytes",
    "store_bytes",
    "store_double",
    "store_fixed_bytes",
    "store_fixed_text",
    "store_float",
    "store_int32",
    "store_int64",
    "store_text",
    "store_uint32",
    "store_uint64",
    "store_uint8",
    "to_string",
    "use",
    "value",
    "zero_bytes",
];

fn schema() -> String {
    let mut text =
        String::from("syntax = \"proto3\";\npackage names;\nimport \"magpool/options.proto\";\n");
    for (message, kind) in [("Inner", "uint32"), ("Texts", "string"), ("Lists", "repeated double")]
    {
        let _ = writeln!(text, "message {message} {{\n option (magpool.pool) = {{ capacity: 1 }};");
        for (i, name) in NAMES.iter().enumerate() {
            let _ = writeln!(text, " {kind} {name} = {};", i + 1);
        }
        text.push_str("}\n");
    }
    for (message, kind) in
        [("Maybe", "optional string"), ("Exact", "bytes"), ("Maps", "map<string, uint32>")]
    {
        let _ = writeln!(text, "message {message} {{\n option (magpool.pool) = {{ capacity: 1 }};");
        let options = if message == "Exact" {
            " [(magpool.max_length) = 4, (magpool.fixed) = true]"
        } else {
            ""
        };
        for (i, name) in NAMES.iter().enumerate() {
            let _ = writeln!(text, " {kind} {name} = {}{options};", i + 1);
        }
        text.push_str("}\n");
    }
    text.push_str("message Choice {\n option (magpool.pool) = { capacity: 1 };\n oneof body {\n");
    for (i, name) in NAMES.iter().filter(|name| **name != "body").enumerate() {
        let _ = writeln!(text, "  string {name} = {};", i + 1);
    }
    text.push_str(" }\n}\n");
    text.push_str("message Outer {\n option (magpool.pool) = { capacity: 1 };\n");
    for (i, name) in NAMES.iter().enumerate() {
        let _ = writeln!(text, " Inner {name} = {};", i + 1);
    }
    text + "}\n"
}

#[test]
fn fields_named_as_the_output_s_own_words_compile() {
    let Some(dart) = common::dart() else { return };
    let out = common::scratch("dart_names");
    std::fs::write(out.join("names.proto"), schema()).expect("the scratch folder is writable");
    let done = common::poolgen(&out, &["--dart-out", ".", "names.proto"]);
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let text = std::fs::read_to_string(out.join("names.g.dart")).expect("it is written");
    for name in ["close_", "release_", "override_", "pragma_", "loadUint32_", "other_"] {
        assert!(text.contains(&format!("int get {name} =>")), "{name}");
    }
    let program = "import 'names.g.dart';\nvoid main() => print(OuterPool);\n";
    std::fs::write(out.join("main.dart"), program).expect("it is ours");
    let config = common::package_config(&out);
    let mut vm = Command::new(dart);
    vm.arg(format!("--packages={}", config.display())).arg(out.join("main.dart"));
    let done = vm.output().expect("Dart starts");
    let errors = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success() && done.stdout == b"OuterPool\n", "{errors}");
}
