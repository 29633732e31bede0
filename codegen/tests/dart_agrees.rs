//! What C writes Dart reads, and the reverse, for messages of all kinds; the schema in `proto/`
//! has its own test in `dart/test/layout_test.dart`. Needs a Dart VM: `POOLGEN_DART`, `dart`, or
//! the one `ci/dart_vm.sh` fetched.

mod common;

use std::path::Path;
use std::process::Command;

const PROGRAM: &str = "\
import 'dart:ffi';
import 'dart:io';

import 'SCHEMA.g.dart';
import 'SCHEMA_probe.g.dart';

final library = DynamicLibrary.open(Platform.environment['PROBE']!);
final malloc = DynamicLibrary.process()
    .lookupFunction<UintPtr Function(Size), int Function(int)>('malloc');

void expect(bool holds, String what) {
  if (holds) return;
  print(what);
  exit(1);
}

void compare(Probe probe) {
  final name = probe.name;
  final size = library.lookupFunction<Size Function(), int Function()>(
      'probe_${name}_size');
  final fill = library.lookupFunction<Void Function(UintPtr, Uint64),
      void Function(int, int)>('probe_${name}_fill');
  final verify = library.lookupFunction<Int Function(UintPtr, Uint64),
      int Function(int, int)>('probe_${name}_verify');
  final offset = library.lookupFunction<IntPtr Function(Size),
      int Function(int)>('probe_${name}_offset');
  expect(size() == probe.size, 'size of $name');
  expect(probe.constantSize == probe.size, 'constant size of $name');
  for (var i = 0; i < probe.offsets.length; i++) {
    expect(offset(i) == probe.offsets[i], 'member $i of $name');
  }
  final address = malloc(probe.size);
  for (var seed = 0; seed < 20; seed++) {
    fill(address, seed);
    expect(probe.verify(address, seed) == 0, '$name from C');
    if (probe.size > 1) {
      expect(probe.verify(address, seed + 1) != 0, '$name notices nothing');
    }
    probe.fill(address, seed + 2);
    expect(verify(address, seed + 2) == 0, '$name from Dart');
  }
}

void main() {
  probes.forEach(compare);
  ACCESSORS
  print('${probes.length} messages agree');
}
";

const ACCESSORS: &str = "\
void accessors() {
  final everything = Pointer<Everything>.fromAddress(malloc(everythingSize));
  everything.clear();
  everything.flag = true;
  everything.setColor(Color.darkBlue);
  everything.wideFloat = 0.5;
  everything.mutableChild().last = true;
  expect(everything.flag && everything.wideFloat == 0.5, 'numbers');
  expect(everything.color == Color.darkBlue, 'enumeration');
  everything.ref.color = 99;
  expect(everything.color == null, 'unknown value');
  expect(everything.hasChild && everything.child.last, 'inner message');
  everything.words.type = 'abcd';
  everything.words.address_ = 4;
  expect(everything.words.type == 'abcd', 'keyword');
  final lists = Pointer<Lists>.fromAddress(malloc(listsSize));
  lists.clear();
  lists.addFlags(true);
  lists.addNarrowFloats(2.5);
  lists.addColors(Color.red);
  lists.addBlobs([1, 2]);
  lists.addChildren().first = true;
  expect(lists.flagsAt(0) && lists.narrowFloats.single == 2.5, 'lists');
  expect(lists.colorsAt(0) == Color.red, 'list of an enumeration');
  expect(lists.blobsAt(0).length == 2 && lists.childrenAt(0).first, 'rows');
}
";

#[test]
fn messages_of_all_kinds_agree_with_dart() {
    agree("kinds", "accessors();", ACCESSORS);
}

#[test]
fn messages_with_oneofs_maps_and_fixed_fields_agree_with_dart() {
    agree("rich", "", "");
}

#[test]
fn messages_of_the_older_syntax_agree_with_dart() {
    agree("old", "", "");
}

fn agree(schema: &str, call: &str, function: &str) {
    let Some(dart) = common::dart() else { return };
    let folder = common::package().join("tests/golden").join(schema);
    let out = common::scratch(&format!("dart_agrees_{schema}"));
    let probe = out.join("probe.so");
    let mut cc = Command::new(std::env::var("CC").unwrap_or_else(|_| "cc".into()));
    cc.args(["-O1", "-shared", "-fPIC", "-I"]).arg(common::root().join("include"));
    cc.arg("-I").arg(&folder).arg(folder.join(format!("{schema}_probe.g.c"))).arg("-o").arg(&probe);
    assert!(cc.status().expect("cc starts").success());
    write_program(&folder, schema, &out);
    let program = PROGRAM.replace("SCHEMA", schema).replace("ACCESSORS", call) + function;
    std::fs::write(out.join("main.dart"), program).expect("it is ours");
    let config = common::package_config(&out);
    let mut vm = Command::new(dart);
    vm.arg(format!("--packages={}", config.display())).arg(out.join("main.dart"));
    let done = vm.env("PROBE", &probe).output().expect("Dart starts");
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    let errors = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success() && said.ends_with("agree\n"), "{said}{errors}");
}

fn write_program(golden: &Path, schema: &str, out: &Path) {
    let (messages, probe) = (format!("{schema}.g.dart"), format!("{schema}_probe.g.dart"));
    let read = |name: &str| std::fs::read_to_string(golden.join(name)).expect("it is committed");
    let write = |name: &str, text: &str| std::fs::write(out.join(name), text).expect("it is ours");
    write(&messages, &read(&messages));
    // Probes expect the messages among the package's own.
    let own = format!("package:magpool/src/generated/{messages}");
    write(&probe, &read(&probe).replace(&own, &messages));
}
