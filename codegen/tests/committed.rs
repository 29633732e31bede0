//! What is committed is what the schema compiles to now.

mod common;

const COMMITTED: &[&str] = &[
    "--c-out",
    "include/generated",
    "--rust-out",
    "src/generated",
    "--dart-out",
    "dart/lib/src/generated",
    "--c-probe-out",
    "c_tests/generated",
    "--rust-probe-out",
    "codegen/tests/generated",
    "--dart-probe-out",
    "dart/test/generated",
    "proto/concurrent.proto",
];

const EXAMPLE: &[&str] = &["--dart-out", "dart/example", "dart/example/sensors.proto"];

#[test]
fn committed_files_are_fresh() {
    for committed in [COMMITTED, EXAMPLE] {
        let words: Vec<&str> = ["--check"].iter().chain(committed).copied().collect();
        let done = common::poolgen(&common::root(), &words);
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    }
}

#[test]
fn stale_file_is_named_with_the_command_and_left_alone() {
    let out = common::scratch("stale");
    std::fs::write(out.join("concurrent.g.h"), "old").expect("the scratch folder is writable");
    let out_name = out.to_string_lossy();
    let schema = common::root().join("proto/concurrent.proto");
    let words = ["--check", "--c-out", &out_name, &schema.to_string_lossy()];
    let done = common::poolgen(&common::root(), &words);
    assert_eq!(done.status.code(), Some(1));
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    assert!(said.contains("concurrent.g.h is stale"), "{said}");
    assert!(said.contains("help: run poolgen --c-out"), "{said}");
    assert_eq!(std::fs::read_to_string(out.join("concurrent.g.h")).ok().as_deref(), Some("old"));
}

#[test]
fn outputs_are_the_same_from_any_folder_and_leave_no_rest() {
    let out = common::scratch("from_elsewhere");
    let schema = common::root().join("proto/concurrent.proto");
    let words = ["--rust-out", ".", &schema.to_string_lossy()];
    let done = common::poolgen(&out, &words);
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let names: Vec<_> = std::fs::read_dir(&out).expect("it is there").flatten().collect();
    assert_eq!(names.len(), 1, "{names:?}");
    let text = std::fs::read(out.join("concurrent.g.rs")).expect("it is written");
    let committed = common::root().join("src/generated/concurrent.g.rs");
    assert_eq!(text, std::fs::read(committed).expect("it is committed"));
}
