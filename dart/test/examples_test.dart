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

void main() {
  test('example_main_sums_the_results_of_all_jobs', () async {
    // 0 + 0.5 + ... + 499.5
    expect(await runExample('main'), contains('results: 249750'));
  });

  for (final end in ['seconds 1', 'frames 10000']) {
    test('example_sensors_frees_every_frame_of_${end.replaceAll(' ', '_')}',
        () async {
      final said = await runExample('sensors',
          ['--${end.split(' ').first}', end.split(' ').last, '--workers', '2']);
      expect(
          said, contains(RegExp(r'all: +\d{4,} frames .*   0 of 4096 live')));
    });
  }

  for (final (arguments, complaint) in [
    (['--frames'], '--frames needs a number'),
    (['--frames', 'many'], '--frames takes 1 to 1000000000, not "many"'),
    (['--seconds', '0'], '--seconds takes 1 to 3600, not "0"'),
    (['--bogus', '1'], '--bogus is not known'),
    (['--frames', '1', '--seconds', '1'], 'exclude each other'),
  ]) {
    test('example_sensors_refuses_${arguments.join('_')}', () async {
      final result = await Process.run(Platform.resolvedExecutable, [
        '--packages=.dart_tool/package_config.json',
        'example/sensors.dart',
        ...arguments,
      ]);
      expect(result.exitCode, 64);
      expect(result.stderr, contains(complaint));
      expect(result.stderr, contains('usage: '));
    });
  }

  test('example_frames_gives_every_batch_back', () async {
    expect(await runExample('frames'), contains('0 in use'));
  });
}
