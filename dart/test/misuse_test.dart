/// Every mistake a caller can make, and the error it gets.
library;

import 'dart:ffi';

import 'package:magpool/magpool.dart';
import 'package:test/test.dart';

import 'support/memory.dart';
import 'support/pools.dart';
import 'support/run_program.dart';

Pool destroyedPool() => Pool.create(objectSize: 64, capacity: 4)..destroy();

void main() {
  group('free', () {
    test('free_of_null_is_refused', () {
      final pool = newPool(capacity: 4);
      expect(() => pool.freeAddress(0), throwsArgumentError);
      expect(pool.stats.misuseNull, 1);
    });

    test('free_of_foreign_pointer_is_refused', () {
      final pool = newPool(capacity: 4);
      withAddresses(16, (memory) {
        expect(() => pool.freeAddress(memory.pointer.address),
            throwsArgumentError);
      });
      expect(() => pool.freeAddress(1), throwsArgumentError);
      expect(() => pool.freeAddress(-1), throwsArgumentError);
      expect(pool.stats.misuseForeign, 3);
    });

    test('free_of_interior_pointer_is_refused', () {
      final pool = newPool(capacity: 4);
      final object = pool.requireAddress();
      for (final offset in [1, 8, 63]) {
        expect(() => pool.freeAddress(object + offset), throwsArgumentError);
      }
      expect(pool.stats.misuseInterior, 3);
      pool.freeAddress(object);
    });

    test('free_into_wrong_pool_is_refused', () {
      final pool = newPool(capacity: 4);
      final other = newPool(capacity: 4);
      final object = other.requireAddress();
      expect(() => pool.freeAddress(object), throwsArgumentError);
      expect(pool.stats.misuseWrongPool, 1);
      expect(other.stats.inUse, 1);
      other.freeAddress(object);
    });

    test('double_free_is_refused', () {
      final pool = newPool(capacity: 4);
      final object = pool.requireAddress();
      pool.freeAddress(object);
      expect(() => pool.freeAddress(object), throwsStateError);
      expect(pool.stats.misuseDoubleFree, 1);
    });

    test('double_free_after_flush_is_refused', () {
      final pool = newPool(capacity: 4);
      final object = pool.requireAddress();
      pool.freeAddress(object);
      pool.flushThread();
      expect(() => pool.freeAddress(object), throwsStateError);
    });

    test('free_of_object_that_looks_free_is_taken', () {
      // What the pool writes into the object while it is free, written into it
      // by its owner while it is live.
      final pool = newPool(capacity: 1);
      final object = pool.requireAddress();
      pool.freeAddress(object);
      final key = Pointer<Int64>.fromAddress(object).value;
      expect(pool.requireAddress(), object);
      fill(object, 64, key);
      pool.freeAddress(object);
      expect(pool.stats.misuseDoubleFree, 0);
    });

    test('misuse_names_the_pointer_and_the_reason', () {
      final pool = newPool(capacity: 4);
      expect(
          () => pool.freeAddress(0xabc),
          throwsA(isA<ArgumentError>()
              .having((e) => '$e', 'text', contains('0xabc'))
              .having((e) => e.name, 'name', 'object')
              .having((e) => '${e.message}', 'message', isNotEmpty)));
    });

    test('misuse_leaves_the_pool_whole', () {
      final pool = newPool(capacity: 100);
      final object = pool.requireAddress();
      for (final wrong in [0, 1, object + 8]) {
        expect(() => pool.freeAddress(wrong), throwsArgumentError);
      }
      expectSound(pool, inUse: 1);
      pool.freeAddress(object);
      final objects = allocAll(pool);
      expect(objects.length, 100);
      objects.forEach(pool.freeAddress);
    });
  });

  test('double_free_with_abort_on_misuse_aborts', () async {
    final result = await runProgram('abort_on_misuse');
    expect(result.exitCode, isNot(0));
    expect(result.stdout, isNot(contains('still here')));
    expect(result.stderr, contains('strict'));
  });

  group('configuration', () {
    final wrong = <String, Pool Function()>{
      'object_size_zero': () => Pool.create(objectSize: 0, capacity: 1),
      'object_size_negative': () => Pool.create(objectSize: -1, capacity: 1),
      'object_size_above_1_gib': () =>
          Pool.create(objectSize: (1 << 30) + 1, capacity: 1),
      'capacity_zero': () => Pool.create(objectSize: 8, capacity: 0),
      'capacity_negative': () => Pool.create(objectSize: 8, capacity: -1),
      'capacity_above_the_most': () =>
          Pool.create(objectSize: 8, capacity: 2147483649),
      'limit_below_capacity': () =>
          Pool.create(objectSize: 8, capacity: 2, limit: 1),
      'align_no_power_of_two': () =>
          Pool.create(objectSize: 8, objectAlign: 24, capacity: 1),
      'align_above_4096': () =>
          Pool.create(objectSize: 8, objectAlign: 8192, capacity: 1),
      'magazine_rounds_above_1024': () =>
          Pool.create(objectSize: 8, capacity: 1, magazineRounds: 1025),
      'magazine_rounds_beyond_32_bits': () =>
          Pool.create(objectSize: 8, capacity: 1, magazineRounds: 1 << 32),
      'magazine_rounds_negative': () =>
          Pool.create(objectSize: 8, capacity: 1, magazineRounds: -1),
      'flags_unknown': () => Pool.create(objectSize: 8, capacity: 1, flags: 4),
      'flags_beyond_32_bits': () =>
          Pool.create(objectSize: 8, capacity: 1, flags: 1 << 32),
      'name_too_long': () => Pool.create(
          name: 'n' * (poolNameMax + 1), objectSize: 8, capacity: 1),
      'name_with_nul': () =>
          Pool.create(name: 'a\u0000b', objectSize: 8, capacity: 1),
    };
    wrong.forEach((what, create) {
      test('create_with_${what}_is_refused', () {
        expect(create, throwsArgumentError);
      });
    });

    test('create_with_longest_name_works', () {
      final name = 'n' * poolNameMax;
      expect(newPool(name: name, capacity: 1).name, name);
    });

    test('find_of_unknown_name_is_null', () {
      expect(Pool.find('no such pool'), isNull);
    });

    test('find_of_name_with_nul_is_refused', () {
      expect(() => Pool.find('a\u0000b'), throwsArgumentError);
    });

    test('from_address_of_null_is_refused', () {
      expect(() => Pool.fromAddress(0), throwsArgumentError);
    });
  });

  group('batch', () {
    test('batch_with_negative_count_is_refused', () {
      final pool = newPool(capacity: 4);
      withAddresses(1, (a) {
        expect(() => pool.allocInto(a.pointer, -1), throwsRangeError);
        expect(() => pool.freeFrom(a.pointer, -1), throwsRangeError);
      });
    });

    test('batch_with_null_array_is_refused', () {
      final pool = newPool(capacity: 4);
      expect(() => pool.allocInto(nullptr, 1), throwsArgumentError);
      expect(() => pool.freeFrom(nullptr, 1), throwsArgumentError);
    });
  });

  group('destroyed', () {
    final uses = <String, Object? Function(Pool)>{
      'alloc': (p) => p.allocAddress(),
      'require': (p) => p.requireAddress(),
      'free': (p) => p.freeAddress(4096),
      'alloc_batch': (p) => withAddresses(1, (a) => p.allocInto(a.pointer, 1)),
      'free_batch': (p) => withAddresses(1, (a) => p.freeFrom(a.pointer, 1)),
      'stats': (p) => p.stats,
      'check': (p) => p.check(),
      'flush_thread': (p) => p.flushThread(),
      'trim': (p) => p.trim(),
      'destroy': (p) => p.destroy(),
      'destroy_forced': (p) => p.destroyForced(),
      'object_size': (p) => p.objectSize,
      'object_align': (p) => p.objectAlign,
      'name': (p) => p.name,
    };
    uses.forEach((what, use) {
      test('${what}_of_destroyed_pool_is_refused', () {
        final pool = destroyedPool();
        expect(pool.isDestroyed, isTrue);
        expect(() => use(pool), throwsStateError);
      });
    });
  });
}
