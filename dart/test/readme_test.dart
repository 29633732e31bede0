/// The blocks of Dart in the READMEs compile, and print what they say.
library;

import 'dart:io';

import 'package:test/test.dart';

/// What a block of a README that is no program needs around it to be one, by a
/// piece of its text; and what it prints then.
const _around = {
  'requireBatch(10000)': (
    'final class Job extends Struct { @Int64() external int number; }\n',
    'final pool = Pool.create(objectSize: sizeOf<Job>(), capacity: 10000);',
    'print(pool.stats.inUse);',
    '0\n'
  ),
  'finalizer: Pool.nativeFree': (
    '',
    'final pool = Pool.create(objectSize: 64, capacity: 1);',
    'print(bytes.length);',
    '64\n'
  ),
  'LargeMessagePool.open()': (
    '',
    '',
    'print(pool.pool.stats.inUse);',
    'inner\n0\n'
  ),
  'await pool.allocAsync': (
    '',
    'final pool = Pool.create(objectSize: 64, capacity: 1);',
    'print(pool.stats.inUse);',
    '0\n'
  ),
  'pool.request()': (
    '',
    'final pool = Pool.create(objectSize: 64, capacity: 1);'
        'final only = pool.requireAddress();',
    'await Future<void>.delayed(Duration.zero);'
        'pool.freeAddress(only); print(pool.stats.inUse);',
    'nothing came: PoolCancelledException: '
        'the request for an object was cancelled\n0\n'
  ),
};

/// What the programs in READMEs print.
const _printed = {
  'PoolToken).take()': '42\n',
  'Isolate.run': '21.0\n',
  'SmallMessagePool.open()': '7 tea\n',
};

/// Every block of Dart in the READMEs, as a program, and what it must print.
List<(String, String)> readmePrograms() => [
      for (final file in ['README.md', '../README.md'])
        for (final block in RegExp(r'```dart\n(.*?)```', dotAll: true)
            .allMatches(File(file).readAsStringSync()))
          _program(block.group(1)!)
    ];

(String, String) _program(String block) {
  if (block.contains(' main(')) {
    return (
      block,
      _printed.entries.firstWhere((e) => block.contains(e.key)).value
    );
  }
  final (head, before, after, printed) =
      _around.entries.firstWhere((e) => block.contains(e.key), orElse: () {
    throw StateError('nothing says how to run this block:\n$block');
  }).value;
  return (
    "import 'dart:ffi';\n"
        "import 'package:magpool/concurrent.dart';\n"
        "import 'package:magpool/magpool.dart';\n"
        '$head\n'
        'Future<void> main() async {\n$before\n$block\n$after\n}\n',
    printed
  );
}

/// Runs [programs] one after the other in one process, as that takes a tenth of
/// the time; what each printed.
Future<List<String>> outputs(List<String> programs) async {
  final all = StringBuffer();
  final calls = StringBuffer();
  for (var i = 0; i < programs.length; i++) {
    File('.dart_tool/readme_$i.dart').writeAsStringSync(programs[i]);
    all.writeln("import 'readme_$i.dart' as p$i;");
    calls.writeln("  await Future<void>.sync(p$i.main); print('-- end');");
  }
  File('.dart_tool/readme_all.dart')
      .writeAsStringSync('${all}Future<void> main() async {\n$calls}\n');
  final result = await Process.run(Platform.resolvedExecutable, [
    '--packages=.dart_tool/package_config.json',
    '.dart_tool/readme_all.dart'
  ]);
  expect(result.stderr, isEmpty);
  return (result.stdout as String).split('-- end\n');
}

void main() {
  final programs = readmePrograms();

  test('readme_examples_print_what_they_say', () async {
    expect(programs, hasLength(_around.length + _printed.length));
    final said = await outputs([for (final (text, _) in programs) text]);
    expect(said, [for (final (_, printed) in programs) printed, '']);
  });

  test('readme_example_is_in_a_file', () {
    final text = File('example/readme.dart').readAsStringSync();
    expect(text, contains(programs.first.$1));
  });
}
