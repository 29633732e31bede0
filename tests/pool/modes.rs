//! The same promises where the system has no `membarrier` and caches take their
//! fenced path. (`ci/rust.sh` runs all tests in both modes.)

use std::process::Command;

const VARIABLE: &str = "MAGPOOL_NO_MEMBARRIER";

#[test]
fn capacity_without_membarrier_is_exact() {
    if std::env::var_os(VARIABLE).is_some() {
        return; // This run is in that mode as a whole.
    }
    let program = std::env::current_exe().unwrap();
    let run = Command::new(program).env(VARIABLE, "1").arg("capacity::").output().unwrap();
    let said = String::from_utf8_lossy(&run.stdout);
    assert!(run.status.success(), "{said}{}", String::from_utf8_lossy(&run.stderr));
    assert!(!said.contains("running 0 tests"), "{said}");
}
