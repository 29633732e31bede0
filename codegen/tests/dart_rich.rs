//! The generated Dart of what may be absent, of oneofs, maps, defaults, fixed lengths, and types
//! that several files share. Needs a Dart VM, as `dart_agrees.rs` does.

mod common;

use std::process::Command;

#[test]
fn dart_does_with_rich_messages_what_c_and_rust_do() {
    let Some(dart) = common::dart() else { return };
    let golden = common::package().join("tests/golden");
    let out = common::scratch("dart_rich");
    for folder in ["rich", "old", "keep", "several"] {
        for name in common::files(&golden.join(folder)) {
            if name.ends_with(".g.dart") && !name.ends_with("_probe.g.dart") {
                let from = golden.join(folder).join(&name);
                std::fs::copy(from, out.join(&name)).expect("the scratch folder is writable");
            }
        }
    }
    let program = common::package().join("tests/dart_rich.dart");
    std::fs::copy(program, out.join("main.dart")).expect("the scratch folder is writable");
    let config = common::package_config(&out);
    let mut vm = Command::new(dart);
    vm.arg(format!("--packages={}", config.display())).arg(out.join("main.dart"));
    let done = vm.output().expect("Dart starts");
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    assert_eq!(said, "done\n", "{}", String::from_utf8_lossy(&done.stderr));
}
