/// A pool as an `Allocator` of `dart:ffi`, and its native free function.
library;

import 'dart:ffi';
import 'dart:typed_data';

import 'package:magpool/magpool.dart';
import 'package:magpool/src/native_memory.dart';
import 'package:test/test.dart';

import 'support/arena.dart';
import 'support/memory.dart';
import 'support/pools.dart';

final class Pair extends Struct {
  @Int64()
  external int first;
  @Int64()
  external int second;
}

void main() {
  group('allocate', () {
    test('allocate_of_a_struct_gives_an_object', () {
      final pool = newPool(objectSize: sizeOf<Pair>(), capacity: 2);
      final pair = pool<Pair>();
      expect(Pool.of(pair.address), pool);
      pair.ref
        ..first = 1
        ..second = -1;
      expect(holds(pair.address + 8, 8, -1), isTrue);
      expect(pool.stats.inUse, 1);
      pool.free(pair);
      expect(pool.stats.inUse, 0);
    });

    test('allocate_of_the_object_size_and_of_0_work', () {
      final pool = newPool(objectSize: 24, capacity: 2);
      final whole = pool.allocate<Uint8>(24);
      final none = pool.allocate<Uint8>(0);
      expect(pool.stats.inUse, 2);
      pool.free(whole);
      pool.free(none);
    });

    test('allocate_of_more_than_an_object_is_refused', () {
      final pool = newPool(objectSize: 24, capacity: 2);
      expect(
          () => pool.allocate<Uint8>(25),
          throwsA(isA<ArgumentError>()
              .having((e) => e.name, 'name', 'byteCount')
              .having((e) => '$e', 'text', contains('24 bytes'))));
      expect(() => pool<Pair>(2), throwsArgumentError);
      expect(() => pool.allocate<Uint8>(-1), throwsArgumentError);
      expect(pool.stats.totalAllocated, 0);
    });

    test('allocate_of_an_alignment_that_is_met_works', () {
      final pool = newPool(objectSize: 64, objectAlign: 64, capacity: 1);
      for (final alignment in [1, 2, 16, 64]) {
        final object = pool.allocate<Uint8>(8, alignment: alignment);
        expect(object.address % alignment, 0);
        pool.free(object);
      }
    });

    test('allocate_of_an_alignment_that_is_not_met_is_refused', () {
      final pool = newPool(objectSize: 64, objectAlign: 16, capacity: 1);
      for (final alignment in [32, 4096, 3, 0, -16]) {
        expect(
            () => pool.allocate<Uint8>(8, alignment: alignment),
            throwsA(isA<ArgumentError>()
                .having((e) => e.name, 'name', 'alignment')
                .having((e) => '$e', 'text', contains('16 bytes'))),
            reason: '$alignment');
      }
      expect(pool.stats.totalAllocated, 0);
    });

    test('allocate_of_exhausted_pool_is_refused', () {
      final pool = newPool(capacity: 1);
      final object = pool<Int64>();
      expect(() => pool<Int64>(), throwsA(isA<PoolExhaustedException>()));
      pool.free(object);
    });

    test('free_of_a_pointer_refuses_misuse', () {
      final pool = newPool(capacity: 1);
      final object = pool<Int64>();
      pool.free(object);
      expect(() => pool.free(object), throwsStateError);
      expect(() => pool.free(nullptr), throwsArgumentError);
    });
  });

  group('arena', () {
    test('arena_on_a_pool_gives_everything_back', () {
      final pool = newPool(objectSize: 16, capacity: 10);
      final sum = using((arena) {
        final pairs = [for (var i = 0; i < 10; i++) arena<Pair>()];
        for (var i = 0; i < 10; i++) {
          pairs[i].ref.first = i;
        }
        expect(pool.stats.inUse, 10);
        return pairs.fold<int>(0, (sum, pair) => sum + pair.ref.first);
      }, pool);
      expect(sum, 45);
      expect(pool.stats.inUse, 0);
    });

    test('arena_that_is_left_by_an_error_gives_everything_back', () {
      final pool = newPool(objectSize: 16, capacity: 3);
      expect(
          () => using((arena) {
                for (;;) {
                  arena<Pair>();
                }
              }, pool),
          throwsA(isA<PoolExhaustedException>()));
      expect(pool.stats.totalAllocated, 3);
      expect(pool.stats.inUse, 0);
    });

    test('text_in_a_pool_is_a_c_string', () {
      final pool = newPool(objectSize: 32, capacity: 1);
      final text = 'größe'.toNativeUtf8(allocator: pool);
      expect(cStringAt(text.address), 'größe');
      pool.free(text);
      expect(
          () => ('x' * 32).toNativeUtf8(allocator: pool), throwsArgumentError);
    });
  });

  group('native free', () {
    test('native_free_called_from_c_frees_the_object', () {
      final pool = newPool(capacity: 2);
      final release = Pool.nativeFree
          .cast<NativeFunction<Void Function(Pointer<Void>)>>()
          .asFunction<void Function(Pointer<Void>)>();
      release(Pointer.fromAddress(pool.requireAddress()));
      expect(pool.stats.inUse, 0);
    });

    test('view_with_native_free_frees_when_it_is_garbage', () async {
      final pool = newPool(objectSize: 4096, capacity: 20);
      void makeViews() {
        for (var i = 0; i < 20; i++) {
          final Uint8List view = pool
              .allocate<Uint8>(4096)
              .asTypedList(4096, finalizer: Pool.nativeFree);
          view[i] = i;
        }
      }

      makeViews();
      await collect(pool);
      expect(pool.stats.inUse, 0);
    });
  });
}
