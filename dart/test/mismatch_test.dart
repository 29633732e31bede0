/// Parts of a program that were built for different layouts, or libraries.
library;

import 'dart:io';

import 'package:magpool/concurrent.dart';
import 'package:magpool/magpool.dart';
import 'package:magpool/src/check_status.dart' show hex;
import 'package:magpool/workloads.dart';
import 'package:test/test.dart';

import 'support/pools.dart';

Pool openTyped({
  String name = 'mismatch.Message',
  int objectSize = 40,
  int objectAlign = 8,
  int limit = 100,
  String schema = 'mismatch',
  int layoutHash = 1,
}) =>
    Pool.openTyped(
        name: name,
        objectSize: objectSize,
        objectAlign: objectAlign,
        capacity: 10,
        limit: limit,
        schema: schema,
        layoutHash: layoutHash);

/// That a [PoolLayoutException] is thrown which says all of [parts].
Matcher throwsLayout(List<String> parts) => throwsA(isA<PoolLayoutException>()
    .having((e) => e.status, 'status', PoolStatus.exists)
    .having(
        (e) => [
              for (final part in parts)
                if (!e.message.contains(part)) part
            ],
        'missing in the message',
        isEmpty));

void main() {
  group('pool', () {
    test('open_of_another_object_size_is_refused', () {
      final pool = newPool(name: 'shaped', objectSize: 64, capacity: 10);
      expect(() => Pool.open(name: 'shaped', objectSize: 72, capacity: 10),
          throwsLayout(['"shaped"', '64 bytes, not 72']));
      expect(() => Pool.open(name: 'shaped', objectSize: 64, capacity: 11),
          throwsLayout(['limit of 10 objects, not 11']));
      expect(
          () => Pool.open(
              name: 'shaped', objectSize: 64, objectAlign: 64, capacity: 10),
          throwsLayout(['alignment of 16, not 64']));
      expect(
          () => Pool.open(
              name: 'shaped', objectSize: 64, capacity: 10, reserve: 2),
          throwsLayout(['reserve of 0 objects, not 2']));
      expect(pool, Pool.open(name: 'shaped', objectSize: 64, capacity: 10));
    });

    test('create_of_a_taken_name_says_which', () {
      newPool(name: 'taken', capacity: 10);
      expect(
          () => Pool.create(name: 'taken', objectSize: 64, capacity: 10),
          throwsA(isA<PoolException>()
              .having((e) => e.status, 'status', PoolStatus.exists)
              .having((e) => e.message, 'message', contains('"taken"'))));
    });
  });

  group('message', () {
    test('typed_pool_of_another_layout_is_refused_with_advice', () {
      final pool = openTyped();
      expect(pool, openTyped());
      expect(
          () => openTyped(objectSize: 48),
          throwsLayout(
              ['40 bytes, not 48', 'mismatch.proto', 'poolgen', 'restart']));
      pool.destroy();
    });

    test('typed_pool_of_another_hash_than_the_library_is_refused', () {
      // The library was built with concurrent.proto, and says so.
      expect(concurrentLayoutHash, libraryLayoutHash());
      expect(
          () => openTyped(
              name: 'concurrent.Other',
              schema: 'concurrent',
              layoutHash: concurrentLayoutHash ^ 1),
          throwsLayout([
            hex(concurrentLayoutHash),
            hex(concurrentLayoutHash ^ 1),
            'poolgen'
          ]));
      expect(Pool.find('concurrent.Other'), isNull);
      openTyped(
              name: 'concurrent.Other',
              schema: 'concurrent',
              layoutHash: concurrentLayoutHash)
          .destroy();
    });

    test('typed_pool_of_a_schema_no_library_knows_is_opened', () {
      openTyped(schema: 'nobody_knows', layoutHash: -1).destroy();
    });
  });

  group('values', () {
    for (final (part, create) in <(String, Pool Function())>[
      ('objectSize is 0', () => Pool.create(objectSize: 0, capacity: 1)),
      ('capacity is 0', () => Pool.create(objectSize: 8, capacity: 0)),
      (
        'objectAlign is 24',
        () => Pool.create(objectSize: 8, capacity: 1, objectAlign: 24)
      ),
      ('limit is 2', () => Pool.create(objectSize: 8, capacity: 3, limit: 2)),
      (
        'reserve is 3',
        () => Pool.create(objectSize: 8, capacity: 3, reserve: 3)
      ),
      ('flags is 64', () => Pool.create(objectSize: 8, capacity: 1, flags: 64)),
      (
        'length of the name is 64',
        () => Pool.create(name: 'x' * 64, objectSize: 8, capacity: 1)
      ),
      (
        'magazineRounds is 5000',
        () => Pool.create(objectSize: 8, capacity: 1, magazineRounds: 5000)
      ),
    ]) {
      test('refused_value_is_named_$part', () {
        expect(
            create,
            throwsA(isA<ArgumentError>()
                .having((e) => '$e', 'text', contains(part))));
      });
    }
  });

  test('sources_use_nothing_that_later_sdks_deprecate', () {
    final sources = Directory('lib')
        .listSync(recursive: true)
        .whereType<File>()
        .where((file) => file.path.endsWith('.dart'));
    expect(sources, isNotEmpty);
    for (final file in sources) {
      for (final word in ['elementAt(', 'UnmodifiableUint8ListView']) {
        expect(file.readAsStringSync(), isNot(contains(word)),
            reason: file.path);
      }
    }
  });
}
