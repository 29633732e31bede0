//! What the tests share: where files are, running the compiler, comparing with what is committed.
#![allow(dead_code)] // Each test uses its own part.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The folder of this package.
pub(crate) fn package() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The root of the workspace.
pub(crate) fn root() -> PathBuf {
    package().join("..")
}

/// Runs `poolgen` in `folder`.
pub(crate) fn poolgen(folder: &Path, words: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_poolgen"));
    command.current_dir(folder).args(words).output().expect("the compiler starts")
}

/// An empty folder of this name for a test's files.
pub(crate) fn scratch(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("a scratch folder can be made");
    folder
}

/// Fails with the first line that differs, unless `POOLGEN_BLESS` asks to store `actual`.
pub(crate) fn expect_file(path: &Path, actual: &str) {
    if std::env::var_os("POOLGEN_BLESS").is_some() {
        std::fs::write(path, actual).expect("the expectation can be written");
        return;
    }
    let expected = std::fs::read_to_string(path).unwrap_or_default();
    if expected == actual {
        return;
    }
    let same = expected.lines().zip(actual.lines()).take_while(|(e, a)| e == a).count();
    panic!(
        "{}:{}: expected {:?}, got {:?}; POOLGEN_BLESS=1 accepts what is written now",
        path.display(),
        same + 1,
        expected.lines().nth(same).unwrap_or("(end)"),
        actual.lines().nth(same).unwrap_or("(end)"),
    );
}

/// Whether a program can be run here; if not, says so, as a test may then skip a part.
pub(crate) fn has_program(program: &str) -> bool {
    let found = Command::new(program).arg("--version").output().is_ok();
    if !found {
        println!("skipped: no {program} on this machine");
    }
    found
}

/// The names of the files in a folder, sorted.
pub(crate) fn files(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .expect("the folder is there")
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .collect();
    names.sort();
    names
}

/// A Dart VM: `POOLGEN_DART`, `dart`, or the one `ci/dart_vm.sh` fetched. If there is none, says
/// so, as a test may then be skipped.
pub(crate) fn dart() -> Option<PathBuf> {
    let fetched = root().join("target/dart-vm/package/dart-sass/src/dart");
    let candidates = [std::env::var_os("POOLGEN_DART").map(PathBuf::from), Some("dart".into())];
    let mut candidates = candidates.into_iter().flatten().chain([fetched]);
    let found = candidates.find(|dart| {
        Command::new(dart).arg("--version").output().is_ok_and(|done| done.status.success())
    });
    if found.is_none() {
        println!("skipped: no Dart; run ci/dart_vm.sh, or set POOLGEN_DART");
    }
    found
}

/// A file in `out` that tells Dart where this repository's package is.
pub(crate) fn package_config(out: &Path) -> PathBuf {
    let dart = root().join("dart").canonicalize().expect("the package is there");
    let text = format!(
        r#"{{"configVersion": 2, "packages": [{{"name": "magpool", "rootUri": "file://{}/",
            "packageUri": "lib/", "languageVersion": "3.2"}}]}}"#,
        dart.display()
    );
    let config = out.join("package_config.json");
    std::fs::write(&config, text).expect("the scratch folder is writable");
    config
}

/// The library is linked for the tests of this package anyway.
fn library() -> PathBuf {
    let tool = PathBuf::from(env!("CARGO_BIN_EXE_poolgen"));
    let folder = tool.parent().expect("it is in a folder");
    let found = [folder.to_owned(), folder.join("deps")].into_iter();
    let found = found.map(|folder| folder.join("libmagpool.a"));
    // One of them may be left from a build of another kind.
    let age = |file: &PathBuf| file.metadata().and_then(|data| data.modified()).ok();
    let newest = found.filter(|file| file.exists()).max_by_key(age);
    newest.expect("cargo builds the static library with the tests")
}

/// A C program of a source beside the tests and the headers of some golden cases.
pub(crate) fn compile_c(source: &str, cases: &[&str]) -> PathBuf {
    compile_c_with(source, cases, &[])
}

/// As [`compile_c`], with headers of other folders, too.
pub(crate) fn compile_c_with(source: &str, cases: &[&str], folders: &[&Path]) -> PathBuf {
    let out = scratch(&source.replace('/', "_"));
    let program = out.join("program");
    let mut cc = Command::new(std::env::var("CC").unwrap_or_else(|_| "cc".into()));
    cc.args(["-std=c99", "-O1", "-Wall", "-Wextra", "-pedantic", "-Werror"]);
    // What checks memory and arithmetic for free is checked too.
    cc.arg("-fsanitize=undefined").arg("-fno-sanitize-recover");
    cc.arg("-I").arg(root().join("include"));
    for case in cases {
        cc.arg("-I").arg(package().join("tests/golden").join(case));
    }
    for folder in folders {
        cc.arg("-I").arg(folder);
    }
    cc.arg(package().join("tests").join(source)).arg(library());
    let done =
        cc.args(["-lpthread", "-ldl", "-lm", "-o"]).arg(&program).output().expect("cc starts");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    program
}
