//! The layouts of random schemas are what gcc, rustc and Dart make of them. Outputs assert sizes,
//! alignments and offsets, so they need only be compiled.
//!
//! `MAGPOOL_SEED` sets the seed, `POOLGEN_SCHEMAS` how many schemas there are: 1000 take a minute or
//! two, which is too long for every run.

mod common;
#[path = "common/schemas.rs"]
mod schemas;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use schemas::{Kinds, Random};

/// Schemas of a usual run, and of one compiler run.
const USUAL: u64 = 36;
const AT_ONCE: u64 = 100;

fn number(variable: &str, usual: u64) -> u64 {
    let given = std::env::var(variable).ok();
    given.and_then(|text| text.parse().ok()).unwrap_or(usual)
}

#[test]
fn layouts_of_random_schemas_agree_with_compilers() {
    let seed = number("MAGPOOL_SEED", 0x5eed);
    println!("MAGPOOL_SEED={seed}");
    let out = common::scratch("random_layouts");
    let stub = stub(&out);
    let mut random = Random(seed);
    let all: Vec<u64> = (0..number("POOLGEN_SCHEMAS", USUAL)).collect();
    for part in all.chunks(AT_ONCE as usize) {
        let folder = out.join(format!("from_{}", part[0]));
        std::fs::create_dir_all(&folder).expect("a folder can be made");
        let mut counts = Vec::new();
        for &schema in part {
            let kinds = [Kinds::Proto2, Kinds::Proto3][(schema % 2) as usize];
            let (text, messages) = schemas::schema(schema, kinds, &mut random);
            std::fs::write(folder.join(format!("s{schema}.proto")), text).expect("it is ours");
            counts.push((schema, messages));
        }
        generate(&folder, part, &["--c-out", ".", "--rust-out", ".", "--c-probe-out", "."]);
        check_c(&folder, part);
        check_rust(&folder, part, &stub);
        check_dart(&folder, &counts);
    }
}

fn generate(folder: &Path, schemas: &[u64], outs: &[&str]) {
    let names: Vec<String> = schemas.iter().map(|schema| format!("s{schema}.proto")).collect();
    let words: Vec<&str> = outs.iter().copied().chain(names.iter().map(String::as_str)).collect();
    let done = common::poolgen(folder, &words);
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

fn run(mut command: Command) {
    let done = command.output().expect("the compiler starts");
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{command:?}: {said}");
    assert!(said.is_empty(), "{command:?} warns: {said}");
}

fn check_c(folder: &Path, schemas: &[u64]) {
    // A header that is read twice is as one that is read once.
    let lines = schemas.iter().map(|s| format!("#include \"s{s}.g.h\"\n#include \"s{s}.g.h\"\n"));
    std::fs::write(folder.join("all.c"), lines.collect::<String>()).expect("it is ours");
    let cc = std::env::var("CC").unwrap_or_else(|_| "cc".into());
    for flags in [["-std=c99", "-xc"], ["-std=c++17", "-xc++"]] {
        let mut command = Command::new(&cc);
        command.args(flags).args(["-Wall", "-Wextra", "-pedantic", "-fsyntax-only"]);
        command.arg("-I").arg(common::root().join("include")).arg(folder.join("all.c"));
        run(command);
    }
}

/// As much of magpool as the messages need.
const STUB: &str = "
pub unsafe trait PlainData: Copy {}
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FieldTooLong { pub max: usize, pub len: usize }
pub mod wire {
    // The library's own: it refuses tables that do not hold.
    #[allow(dead_code, unused)]
    #[path = \"WIRE/fault.rs\"]
    mod fault;
    #[allow(dead_code, unused)]
    #[path = \"WIRE/table.rs\"]
    mod table;
    #[allow(dead_code, unused)]
    #[path = \"WIRE/values.rs\"]
    mod values;
    use fault::fault;
    const DEPTH_MAX: u32 = 100;
    pub use table::*;
    pub unsafe trait Message: Copy {
        const TABLE: Table<'static>;
        const NAMES: &'static str;
    }
}
";

fn stub(out: &Path) -> PathBuf {
    let wire = common::root().join("src/wire").canonicalize().expect("it is there");
    let text = STUB.replace("\"WIRE", &format!("\"{}", wire.display()));
    std::fs::write(out.join("magpool.rs"), text).expect("it is ours");
    let library = out.join("libmagpool.rmeta");
    let mut command = Command::new("rustc");
    command.args(["--edition=2021", "--crate-type=lib", "--crate-name=magpool"]);
    command.arg("--emit=metadata").arg("-o").arg(&library).arg(out.join("magpool.rs"));
    run(command);
    library
}

fn check_rust(folder: &Path, schemas: &[u64], stub: &Path) {
    let lines = schemas.iter().map(|s| format!("pub mod s{s} {{ include!(\"s{s}.g.rs\"); }}\n"));
    std::fs::write(folder.join("all.rs"), lines.collect::<String>()).expect("it is ours");
    let mut command = Command::new("rustc");
    command.args(["--edition=2021", "--crate-type=lib", "--emit=metadata", "--extern"]);
    command.arg(format!("magpool={}", stub.display())).arg("-o").arg(folder.join("all.rmeta"));
    command.arg(folder.join("all.rs"));
    run(command);
}

fn check_dart(folder: &Path, schemas: &[(u64, u64)]) {
    let Some(dart) = common::dart() else {
        println!("Dart skipped: run ci/dart_vm.sh, or set POOLGEN_DART");
        return;
    };
    let numbers: Vec<u64> = schemas.iter().map(|(schema, _)| *schema).collect();
    generate(folder, &numbers, &["--dart-out", "."]);
    let mut text = String::from("import 'dart:ffi';\n");
    for schema in &numbers {
        let _ = writeln!(text, "import 's{schema}.g.dart';");
    }
    text.push_str("void same(int a, int b) { if (a != b) throw StateError('$a is not $b'); }\n");
    text.push_str("void main() {\n");
    for (schema, messages) in schemas {
        for message in 0..*messages {
            let (class, constant) = (
                format!("Schema{schema}Message{message}"),
                format!("schema{schema}Message{message}Size"),
            );
            let _ = writeln!(text, "  same(sizeOf<{class}>(), {constant});");
        }
    }
    text.push_str("  print('agree');\n}\n");
    std::fs::write(folder.join("main.dart"), text).expect("it is ours");
    let packages = format!("--packages={}", common::package_config(folder).display());
    let mut vm = Command::new(dart);
    let done = vm.arg(packages).arg(folder.join("main.dart")).output().expect("Dart starts");
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    assert_eq!(said, "agree\n", "{}", String::from_utf8_lossy(&done.stderr));
}
