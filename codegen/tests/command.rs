//! The commands: what they write, leave alone, print and return.

mod common;

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Output};
use std::time::Duration;

const MUSIC: &str = "syntax = \"proto3\";\npackage music;\nimport \"magpool/options.proto\";\n\
     import \"shared/artist.proto\";\nmessage Track {\n  uint32 id = 1;\n  \
     shared.Artist artist = 2;\n}\n";
const ARTIST: &str = "syntax = \"proto3\";\npackage music.shared;\nmessage Artist {\n  \
     uint32 born = 1;\n}\n";

/// A folder with two schemas, one of which imports the other.
fn schemas(name: &str) -> std::path::PathBuf {
    let folder = common::scratch(name);
    fs::create_dir_all(folder.join("shared")).expect("a folder can be made");
    fs::write(folder.join("music.proto"), MUSIC).expect("it is ours");
    fs::write(folder.join("shared/artist.proto"), ARTIST).expect("it is ours");
    folder
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[track_caller]
fn ends(done: &Output, status: i32) {
    assert_eq!(done.status.code(), Some(status), "{}", text(&done.stderr));
}

#[test]
fn generate_writes_imports_too_unless_told_not_to() {
    let folder = schemas("command_imports");
    ends(&common::poolgen(&folder, &["generate", "--c-out", "all", "music.proto"]), 0);
    assert_eq!(common::files(&folder.join("all")), ["music.g.h", "shared_artist.g.h"]);
    let words = ["generate", "--no-imports", "--c-out", "own", "music.proto"];
    ends(&common::poolgen(&folder, &words), 0);
    assert_eq!(common::files(&folder.join("own")), ["music.g.h"]);
    let both = ["--no-imports", "-I", ".", "--c-out", "both", "music.proto", "shared/artist.proto"];
    ends(&common::poolgen(&folder, &both), 0);
    assert_eq!(common::files(&folder.join("both")), common::files(&folder.join("all")));
}

#[test]
fn generate_touches_only_what_changes() {
    let folder = schemas("command_changes");
    let words = ["generate", "--verbose", "--c-out", "out", "music.proto"];
    let done = common::poolgen(&folder, &words);
    assert_eq!(text(&done.stderr).lines().count(), 2);
    let held = folder.join("out/music.g.h");
    let before = fs::metadata(&held).and_then(|data| data.modified()).expect("it was written");
    assert_eq!(text(&common::poolgen(&folder, &words).stderr), "");
    fs::write(folder.join("shared/artist.proto"), ARTIST.replace("message", "// Sings.\nmessage"))
        .expect("ours");
    let done = common::poolgen(&folder, &words);
    assert_eq!(text(&done.stderr), "poolgen: wrote out/shared_artist.g.h\n");
    let after = fs::metadata(&held).and_then(|data| data.modified()).expect("it is there");
    assert_eq!(before, after);
}

#[test]
fn nothing_is_written_if_one_of_several_schemas_is_wrong() {
    let folder = schemas("command_wrong");
    let wrong = MUSIC
        .replace("uint32 id", "Unknown id")
        .replace("package music", "package wrong")
        .replace("shared.Artist", "music.shared.Artist");
    fs::write(folder.join("wrong.proto"), wrong).expect("it is ours");
    let also = MUSIC
        .replace("package music", "package also")
        .replace("shared.Artist", "music.shared.Artist")
        .replace("uint32 id = 1", "google.protobuf.Any id = 1")
        .replace("import \"shared", "import \"google/protobuf/any.proto\";\nimport \"shared");
    fs::write(folder.join("also.proto"), also).expect("it is ours");
    let words = ["generate", "--c-out", "out", "music.proto", "wrong.proto", "also.proto"];
    let done = common::poolgen(&folder, &words);
    ends(&done, 1);
    let said = text(&done.stderr);
    assert!(said.contains("wrong.proto:6:3") && said.contains("also.proto:7:23"), "{said}");
    assert!(!folder.join("out").exists());
}

#[test]
fn check_names_what_is_stale_and_writes_nothing() {
    let folder = schemas("command_check");
    let words = ["check", "--c-out", "out", "music.proto"];
    let done = common::poolgen(&folder, &words);
    ends(&done, 1);
    let said = text(&done.stderr);
    assert!(said.contains("out/music.g.h is stale"), "{said}");
    assert!(said.ends_with("help: run poolgen generate --c-out out music.proto\n"), "{said}");
    assert!(!folder.join("out").exists());
    ends(&common::poolgen(&folder, &["--c-out", "out", "music.proto"]), 0);
    ends(&common::poolgen(&folder, &words), 0);
    ends(&common::poolgen(&folder, &["--check", "--c-out", "out", "music.proto"]), 0);
}

#[test]
fn explain_prints_offsets_padding_and_what_an_order_would_save() {
    let folder = common::package().join("tests/golden/rich");
    let done = common::poolgen(&folder, &["explain", "rich.proto"]);
    ends(&done, 0);
    common::expect_file(&folder.join("explained.txt"), &text(&done.stdout));
    let done = common::poolgen(&folder, &["explain", "--message", "Point", "rich.proto"]);
    let shown = text(&done.stdout);
    assert!(
        shown.starts_with("golden.rich.Point: 8 bytes") && !shown.contains("Choice"),
        "{shown}"
    );
}

#[test]
fn diff_says_whether_objects_can_be_read() {
    for (case, status) in [("same", 0), ("moved", 1), ("meaning", 1)] {
        let folder = common::package().join("tests/diff").join(case);
        let done = common::poolgen(&folder, &["diff", "old.proto", "new.proto"]);
        ends(&done, status);
        common::expect_file(&folder.join("said.txt"), &text(&done.stdout));
        let done = common::poolgen(&folder, &["diff", "old.proto", "old.proto"]);
        ends(&done, 0);
        assert_eq!(text(&done.stdout), "nothing changed in memory\n");
    }
}

#[test]
fn omitted_fields_are_as_if_they_were_not_declared() {
    let folder = common::package().join("tests/golden/rich");
    let all = ["small", "large"].map(|field| format!("golden.rich.Choice.{field}"));
    let words =
        ["explain", "--message", "Choice", "--omit", &all[0], "--omit", &all[1], "rich.proto"];
    let shown = text(&common::poolgen(&folder, &words).stdout);
    assert!(shown.starts_with("golden.rich.Choice: 56 bytes"), "{shown}");
    assert!(!shown.contains("numbers"), "{shown}");
    let done = common::poolgen(&folder, &["--omit", "Choice.no", "--c-out", "x", "rich.proto"]);
    ends(&done, 1);
    assert!(text(&done.stderr).contains("no field `Choice.no` to omit"));
}

#[test]
fn help_and_completion_teach() {
    let folder = common::package();
    let help = text(&common::poolgen(&folder, &["--help"]).stdout);
    for word in ["generate", "check", "explain", "diff", "completion", "Examples:", "Exit status"] {
        assert!(help.contains(word), "{word} is missing: {help}");
    }
    for shell in ["bash", "zsh", "fish"] {
        let done = common::poolgen(&folder, &["completion", shell]);
        ends(&done, 0);
        assert!(text(&done.stdout).contains("explain"));
    }
}

/// Ends the watcher whatever becomes of the test.
struct Watcher(Child);

impl Drop for Watcher {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Waits until the file has the word in it; only a run that hangs takes long.
fn until(file: &Path, word: &str) {
    for _ in 0..1200 {
        if fs::read_to_string(file).is_ok_and(|text| text.contains(word)) {
            return;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("{} never came to have {word}", file.display());
}

#[test]
fn watch_writes_again_when_an_import_changes() {
    let folder = schemas("command_watch");
    let mut command = Command::new(env!("CARGO_BIN_EXE_poolgen"));
    command.current_dir(&folder).args(["--watch", "--c-out", "out", "music.proto"]);
    let _watcher = Watcher(command.spawn().expect("the compiler starts"));
    let (artist, output) =
        (folder.join("shared/artist.proto"), folder.join("out/shared_artist.g.h"));
    until(&output, "born");
    // A mistake does not end it.
    fs::write(&artist, "syntax = \"proto3\";\nmessage {").expect("it is ours");
    std::thread::sleep(Duration::from_millis(300));
    fs::write(&artist, ARTIST.replace("born", "first_heard")).expect("it is ours");
    until(&output, "first_heard");
}
