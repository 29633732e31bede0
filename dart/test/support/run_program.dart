/// Running a Dart program of test/support in a process of its own.
library;

import 'dart:io';

Future<ProcessResult> runProgram(String name,
        [Map<String, String> environment = const {}, String? vm]) =>
    Process.run(
        vm ?? Platform.resolvedExecutable,
        [
          '--packages=.dart_tool/package_config.json',
          'test/support/$name.dart',
        ],
        environment: environment);
