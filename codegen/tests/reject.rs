//! Each schema in `reject/` is refused with exactly the text beside it, and writes nothing.

mod common;

use std::path::Path;

#[test]
fn wrong_schemas_are_refused_with_their_text() {
    let folder = common::package().join("tests/reject");
    let schemas = schemas_in(&folder);
    assert!(schemas.len() > 25, "only {} schemas found", schemas.len());
    let failures: Vec<String> =
        schemas.iter().filter_map(|schema| says(&folder, schema, 1).err()).collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn odd_schemas_are_accepted_with_their_warnings() {
    let folder = common::package().join("tests/warn");
    for schema in schemas_in(&folder) {
        says(&folder, &schema, 0).expect("it is accepted");
    }
}

fn schemas_in(folder: &Path) -> Vec<String> {
    let mut schemas: Vec<String> = std::fs::read_dir(folder)
        .expect("the folder is there")
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name.ends_with(".proto"))
        .collect();
    schemas.sort();
    schemas
}

/// Whether a schema leads to this exit status, the text beside it, and files if all is well.
fn says(folder: &Path, schema: &str, status: i32) -> Result<(), String> {
    let out = common::scratch(&format!("reject_{status}"));
    let out_name = out.to_string_lossy();
    let mut words = vec!["--c-out", &out_name, "--rust-out", &out_name];
    // What only Dart minds is an error only where it is wanted.
    if schema.starts_with("dart_") {
        words.extend(["--dart-out", &out_name]);
    }
    words.push(schema);
    let done = common::poolgen(folder, &words);
    if done.status.code() != Some(status) {
        return Err(format!("{schema}: exit status {:?}", done.status.code()));
    }
    let wrote = std::fs::read_dir(&out).is_ok_and(|mut files| files.next().is_some());
    if wrote != (status == 0) {
        return Err(format!("{schema}: wrote files: {wrote}"));
    }
    let said = String::from_utf8_lossy(&done.stderr);
    let expected = folder.join(schema).with_extension("stderr");
    std::panic::catch_unwind(|| common::expect_file(&expected, &said))
        .map_err(|_| format!("{schema}: see above"))
}

#[test]
fn missing_schema_is_refused() {
    let done = common::poolgen(&common::package(), &["--c-out", "nowhere", "no_such.proto"]);
    assert_eq!(done.status.code(), Some(1));
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    assert!(
        said.starts_with("error: ") && said.contains("no_such.proto") && said.contains("help: "),
        "{said}"
    );
}

#[test]
fn wrong_usage_is_two() {
    for words in [
        &["--c-out"][..],
        &["a.proto"],
        &["--c-out", "x"],
        &["--no-such", "x", "a.proto"],
        &["check", "a.proto"],
        &["diff", "a.proto"],
        &["no-such"],
    ] {
        let done = common::poolgen(&common::package(), words);
        assert_eq!(done.status.code(), Some(2), "{words:?}");
        assert!(String::from_utf8_lossy(&done.stderr).contains("try '--help'"), "{words:?}");
    }
}
