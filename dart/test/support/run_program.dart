/// Running a Dart program of test/support in a process of its own.
library;

import 'dart:io';

/// Runs the program [name] with [environment] besides this process's own, by [vm]
/// if another one is to run it.
Future<ProcessResult> runProgram(String name,
        [Map<String, String> environment = const {}, String? vm]) =>
    Process.run(
        vm ?? Platform.resolvedExecutable, _programs[name] ??= _compile(name),
        environment: environment);

/// By name, what follows the VM's own.
final _programs = <String, List<String>>{};

/// Compiles a program, since that takes most of the time of a run; the source
/// itself where the VM cannot do that.
List<String> _compile(String name) {
  const packages = '--packages=.dart_tool/package_config.json';
  final source = 'test/support/$name.dart';
  final compiled = File('.dart_tool/$name.dill');
  if (compiled.existsSync()) compiled.deleteSync();
  Process.runSync(Platform.resolvedExecutable, [
    packages,
    '--snapshot=${compiled.path}',
    '--snapshot-kind=kernel',
    source,
  ]);
  return compiled.existsSync() ? [compiled.path] : [packages, source];
}
