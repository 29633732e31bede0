//! What C writes Rust reads, and the reverse: every member of every message, through a library
//! the C compiler made of the probe.

mod common;

use std::ffi::{c_int, c_void, CString};
use std::path::{Path, PathBuf};
use std::process::Command;

#[allow(unreachable_pub, dead_code)]
mod concurrent {
    pub(super) use magpool::generated::concurrent::*;
    include!("generated/concurrent_probe.g.rs");
}

// A schema of another crate than magpool, as users have.
#[allow(unreachable_pub, dead_code, missing_docs)]
mod kinds {
    include!("golden/kinds/kinds.g.rs");
    include!("golden/kinds/kinds_probe.g.rs");
}

#[allow(unreachable_pub, dead_code, missing_docs)]
mod rich {
    include!("golden/rich/rich.g.rs");
    include!("golden/rich/rich_probe.g.rs");
}

#[allow(unreachable_pub, dead_code, missing_docs)]
mod old {
    include!("golden/old/old.g.rs");
    include!("golden/old/old_probe.g.rs");
}

/// A probe, compiled and loaded for as long as the process runs.
struct Probe(*mut c_void);

impl Probe {
    fn build(source: &Path, header_folder: &Path) -> Self {
        let stem = source.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let library: PathBuf = common::scratch(&stem).join("probe.so");
        let mut command = Command::new(std::env::var("CC").unwrap_or_else(|_| "cc".into()));
        command.args(["-O1", "-shared", "-fPIC", "-Wall", "-Wextra", "-Werror"]);
        command.arg("-I").arg(common::root().join("include")).arg("-I").arg(header_folder);
        let done = command.arg(source).arg("-o").arg(&library).output().expect("cc starts");
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        let path = CString::new(library.to_string_lossy().as_bytes()).expect("paths have no NUL");
        // SAFETY: a string with its NUL; the probe runs nothing when it is loaded.
        let handle = unsafe { libc::dlopen(path.as_ptr(), libc::RTLD_NOW) };
        assert!(!handle.is_null(), "{} cannot be loaded", library.display());
        Self(handle)
    }

    fn symbol(&self, message: &str, what: &str) -> *mut c_void {
        let name = CString::new(format!("probe_{message}_{what}")).expect("no NUL");
        // SAFETY: the handle is never closed; the string ends with NUL.
        let found = unsafe { libc::dlsym(self.0, name.as_ptr()) };
        assert!(!found.is_null(), "the probe has no {name:?}");
        found
    }

    fn size(&self, message: &str) -> usize {
        // SAFETY: the probe declares it as a function of this type.
        let function: extern "C" fn() -> usize =
            unsafe { std::mem::transmute(self.symbol(message, "size")) };
        function()
    }

    fn align(&self, message: &str) -> usize {
        // SAFETY: as above.
        let function: extern "C" fn() -> usize =
            unsafe { std::mem::transmute(self.symbol(message, "align")) };
        function()
    }

    fn offset(&self, message: &str, member: usize) -> usize {
        // SAFETY: as above.
        let function: extern "C" fn(usize) -> usize =
            unsafe { std::mem::transmute(self.symbol(message, "offset")) };
        function(member)
    }

    fn fill<T: magpool::PlainData>(&self, message: &str, to: &mut T, seed: u64) {
        assert_eq!(self.size(message), size_of::<T>(), "size of {message}");
        // SAFETY: as above; the message is of the size C writes.
        let function: extern "C" fn(*mut T, u64) =
            unsafe { std::mem::transmute(self.symbol(message, "fill")) };
        function(to, seed);
    }

    fn verify<T: magpool::PlainData>(&self, message: &str, held: &T, seed: u64) -> c_int {
        assert_eq!(self.size(message), size_of::<T>(), "size of {message}");
        // SAFETY: as above; the message is of the size C reads.
        let function: extern "C" fn(*const T, u64) -> c_int =
            unsafe { std::mem::transmute(self.symbol(message, "verify")) };
        function(held, seed)
    }
}

/// Compares one message in both directions; a wrong seed must be noticed.
macro_rules! agrees {
    ($probe:expr, $module:ident, $ty:ident, $fill:ident, $verify:ident, $offsets:ident) => {{
        let (probe, name) = (&$probe, stringify!($ty));
        assert_eq!(probe.align(name), align_of::<$module::$ty>(), "alignment of {name}");
        for (member, offset) in $module::$offsets.iter().enumerate() {
            assert_eq!(probe.offset(name, member), *offset, "member {member} of {name}");
        }
        assert_eq!(probe.offset(name, $module::$offsets.len()), usize::MAX, "members of {name}");
        for seed in 0..50 {
            let mut message = Box::new($module::$ty::default());
            probe.fill(name, &mut *message, seed);
            assert_eq!($module::$verify(&message, &mut seed.clone()), 0, "{name} from C");
            assert_ne!($module::$verify(&message, &mut (seed + 1)), 0, "{name} notices nothing");
            let mut message = Box::new($module::$ty::default());
            $module::$fill(&mut message, &mut seed.clone());
            assert_eq!(probe.verify(name, &*message, seed), 0, "{name} from Rust");
            assert_ne!(probe.verify(name, &*message, seed + 1), 0, "C notices nothing: {name}");
        }
    }};
}

#[test]
#[rustfmt::skip]
fn concurrent_messages_agree() {
    let root = common::root();
    let source = root.join("c_tests/generated/concurrent_probe.g.c");
    let probe = Probe::build(&source, &root.join("include/generated"));
    agrees!(probe, concurrent, SmallMessage, fill_small_message, verify_small_message, SMALL_MESSAGE_OFFSETS);
    agrees!(probe, concurrent, MediumMessage, fill_medium_message, verify_medium_message, MEDIUM_MESSAGE_OFFSETS);
    agrees!(probe, concurrent, LargeMessage, fill_large_message, verify_large_message, LARGE_MESSAGE_OFFSETS);
    agrees!(probe, concurrent, StressTestMessage, fill_stress_test_message, verify_stress_test_message, STRESS_TEST_MESSAGE_OFFSETS);
    agrees!(probe, concurrent, PoolStatsMessage, fill_pool_stats_message, verify_pool_stats_message, POOL_STATS_MESSAGE_OFFSETS);
}

#[test]
#[rustfmt::skip]
fn messages_of_all_kinds_agree() {
    let folder = common::package().join("tests/golden/kinds");
    let probe = Probe::build(&folder.join("kinds_probe.g.c"), &folder);
    agrees!(probe, kinds, Everything, fill_everything, verify_everything, EVERYTHING_OFFSETS);
    agrees!(probe, kinds, Lists, fill_lists, verify_lists, LISTS_OFFSETS);
    agrees!(probe, kinds, Inner, fill_inner, verify_inner, INNER_OFFSETS);
    agrees!(probe, kinds, InnerDeep, fill_inner_deep, verify_inner_deep, INNER_DEEP_OFFSETS);
    agrees!(probe, kinds, Words, fill_words, verify_words, WORDS_OFFSETS);
}

#[test]
#[rustfmt::skip]
fn oneofs_maps_and_optional_fields_agree() {
    let folder = common::package().join("tests/golden/rich");
    let probe = Probe::build(&folder.join("rich_probe.g.c"), &folder);
    agrees!(probe, rich, Choice, fill_choice, verify_choice, CHOICE_OFFSETS);
    agrees!(probe, rich, Maybe, fill_maybe, verify_maybe, MAYBE_OFFSETS);
    agrees!(probe, rich, Maps, fill_maps, verify_maps, MAPS_OFFSETS);
    agrees!(probe, rich, Exact, fill_exact, verify_exact, EXACT_OFFSETS);
    agrees!(probe, rich, Loose, fill_loose, verify_loose, LOOSE_OFFSETS);
    agrees!(probe, rich, Compact, fill_compact, verify_compact, COMPACT_OFFSETS);
    assert_eq!(probe.size("Nothing"), size_of::<rich::Nothing>());
}

#[test]
fn proto2_messages_agree() {
    let folder = common::package().join("tests/golden/old");
    let probe = Probe::build(&folder.join("old_probe.g.c"), &folder);
    agrees!(probe, old, Record, fill_record, verify_record, RECORD_OFFSETS);
    agrees!(probe, old, RecordPart, fill_record_part, verify_record_part, RECORD_PART_OFFSETS);
}
