/// The numbers and structs kept by hand, compared with `include/pool.h`.
library;

import 'dart:io';

import 'package:magpool/magpool.dart';
import 'package:magpool/src/library.dart';
import 'package:test/test.dart';

final _header = File('../include/pool.h');

/// The header's text without comments; empty outside the repository.
final String header = _header.existsSync()
    ? _header
        .readAsStringSync()
        .replaceAll(RegExp(r'/\*.*?\*/', dotAll: true), '')
    : '';

final Object? withoutHeader = header.isEmpty ? 'needs include/pool.h' : null;

int constant(String name) =>
    int.parse(RegExp('#define $name (\\d+)').firstMatch(header)!.group(1)!);

/// The names of the members of the C struct [type], as Dart would write them.
List<String> membersInC(String type) {
  final body = RegExp('typedef struct $type \\{(.*?)\\} $type;', dotAll: true)
      .firstMatch(header)!
      .group(1)!;
  return [
    for (final member in RegExp(r'(\w+);').allMatches(body))
      camelCase(member.group(1)!)
  ];
}

/// The names of the members of the Dart struct [type] in [file].
List<String> membersInDart(String file, String type) {
  final source = File('lib/src/$file').readAsStringSync();
  final body = RegExp('class $type extends Struct \\{(.*?)\\n\\}', dotAll: true)
      .firstMatch(source)!
      .group(1)!;
  return [
    for (final member in RegExp(r'external int (\w+);').allMatches(body))
      member.group(1)!
  ];
}

String camelCase(String snake) => snake.replaceAllMapped(
    RegExp('_([a-z])'), (match) => match.group(1)!.toUpperCase());

const statuses = {
  'POOL_OK': PoolStatus.ok,
  'POOL_ERR_NULL': PoolStatus.nullPointer,
  'POOL_ERR_INVALID': PoolStatus.invalid,
  'POOL_ERR_NO_MEMORY': PoolStatus.noMemory,
  'POOL_ERR_EXHAUSTED': PoolStatus.exhausted,
  'POOL_ERR_BUSY': PoolStatus.busy,
  'POOL_ERR_DESTROYED': PoolStatus.destroyed,
  'POOL_ERR_EXISTS': PoolStatus.exists,
  'POOL_ERR_NOT_FOUND': PoolStatus.notFound,
  'POOL_ERR_FOREIGN': PoolStatus.foreign,
  'POOL_ERR_INTERIOR': PoolStatus.interior,
  'POOL_ERR_WRONG_POOL': PoolStatus.wrongPool,
  'POOL_ERR_DOUBLE_FREE': PoolStatus.doubleFree,
  'POOL_ERR_CORRUPT': PoolStatus.corrupt,
  'POOL_ERR_TIMEOUT': PoolStatus.timeout,
};

void main() {
  group('header', () {
    test('statuses_equal_the_header', () {
      final inHeader = {
        for (final match
            in RegExp(r'(POOL_(?:OK|ERR_\w+)) = (-?\d+)').allMatches(header))
          match.group(1)!: int.parse(match.group(2)!)
      };
      expect(inHeader, statuses);
    });

    test('constants_equal_the_header', () {
      expect(constant('POOL_ABI_VERSION'), supportedAbiVersion);
      expect(constant('POOL_NAME_MAX'), poolNameMax);
      expect(constant('POOL_ABORT_ON_MISUSE'), poolAbortOnMisuse);
      expect(constant('POOL_HUGE_PAGES'), poolHugePages);
      expect(constant('POOL_CRITICAL'), poolCritical);
    });

    for (final (inC, file, inDart) in [
      ('pool_config_t', 'config.dart', '_NativeConfig'),
      ('pool_stats_t', 'stats.dart', '_NativeStats'),
      ('pool_report_t', 'stats.dart', '_NativeReport'),
    ]) {
      test('members_of_${inC}_equal_the_header', () {
        expect(membersInDart(file, inDart), membersInC(inC));
      });
    }
  }, skip: withoutHeader);
}
