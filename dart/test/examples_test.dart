/// The examples run, and say what they are meant to say.
library;

import 'dart:io';

import 'package:test/test.dart';

Future<String> runExample(String name,
    [List<String> arguments = const []]) async {
  final result = await Process.run(Platform.resolvedExecutable, [
    '--packages=.dart_tool/package_config.json',
    'example/$name.dart',
    ...arguments,
  ]);
  expect(result.stderr, isEmpty);
  expect(result.exitCode, 0);
  return result.stdout as String;
}

/// The programs in the README: every block that has a main.
List<String> readmePrograms() => [
      for (final block in RegExp(r'```dart\n(.*?)```', dotAll: true)
          .allMatches(File('README.md').readAsStringSync()))
        if (block.group(1)!.contains(' main(')) block.group(1)!
    ];

void main() {
  test('example_in_the_readme_prints_what_it_says', () async {
    expect(readmePrograms(), hasLength(1));
    final file = File('.dart_tool/readme_example.dart')
      ..writeAsStringSync(readmePrograms().first);
    final result = await Process.run(Platform.resolvedExecutable,
        ['--packages=.dart_tool/package_config.json', file.path]);
    expect(result.stderr, isEmpty);
    expect(result.stdout, '21.0\n');
    file.deleteSync();
  });

  test('example_main_sums_the_results_of_all_jobs', () async {
    // 0 + 0.5 + ... + 499.5
    expect(await runExample('main'), contains('results: 249750'));
  });

  test('example_sensors_frees_every_frame', () async {
    final said = await runExample('sensors', ['--seconds', '1']);
    final last = RegExp(r'(\d+) of (\d+) frames.* (\d+) left').firstMatch(said);
    expect(last, isNotNull, reason: said);
    expect(last!.group(1), last.group(2));
    expect(int.parse(last.group(1)!), greaterThan(0));
    expect(last.group(3), '0');
    expect(said, contains('frames/s'));
  });

  test('example_frames_gives_every_batch_back', () async {
    expect(await runExample('frames'), contains('0 in use'));
  });
}
