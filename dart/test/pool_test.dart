/// One pool, one isolate: what each method does.
library;

import 'dart:ffi';

import 'package:magpool/magpool.dart';
import 'package:test/test.dart';

import 'support/memory.dart';
import 'support/pools.dart';

void main() {
  group('create', () {
    test('create_with_name_is_found', () {
      final pool = newPool(name: 'create_with_name', capacity: 4);
      expect(pool.name, 'create_with_name');
      expect(Pool.find('create_with_name'), pool);
      expect(Pool.all, contains(pool));
    });

    test('create_without_name_has_no_name', () {
      expect(newPool(capacity: 4).name, isNull);
    });

    test('create_with_name_in_any_script_is_found', () {
      final pool = newPool(name: 'бассейн', capacity: 4);
      expect(pool.name, 'бассейн');
      expect(Pool.find('бассейн'), pool);
    });

    test('create_with_taken_name_is_refused', () {
      newPool(name: 'create_taken', capacity: 4);
      expect(
          () => Pool.create(name: 'create_taken', objectSize: 64, capacity: 4),
          throwsA(isA<PoolException>()
              .having((e) => e.status, 'status', PoolStatus.exists)));
    });

    test('create_reports_its_shape', () {
      final pool = newPool(
          objectSize: 40,
          objectAlign: 64,
          capacity: 10,
          limit: 30,
          magazineRounds: 5);
      final stats = pool.stats;
      expect(pool.objectSize, 40);
      expect(pool.objectAlign, 64);
      expect(stats.objectSize, 40);
      expect(stats.slotSize, 64);
      expect(stats.capacity, 10);
      expect(stats.limit, 30);
      expect(stats.magazineRounds, 5);
      expect(stats.bytesReserved, greaterThanOrEqualTo(30 * 64));
    });

    test('create_without_alignment_takes_the_default', () {
      expect(newPool(objectSize: 8, capacity: 1).objectAlign, 8);
      expect(newPool(objectSize: 9, capacity: 1).objectAlign, 16);
    });
  });

  group('open', () {
    test('open_of_new_name_creates', () {
      final pool = Pool.open(name: 'open_new', objectSize: 32, capacity: 2);
      expect(Pool.find('open_new'), pool);
      pool.destroy();
      expect(Pool.find('open_new'), isNull);
    });

    test('open_of_existing_name_is_the_same_pool', () {
      final pool = newPool(name: 'open_same', capacity: 4);
      final other = Pool.open(name: 'open_same', objectSize: 64, capacity: 4);
      expect(other, pool);
      expect(other.hashCode, pool.hashCode);
    });

    test('open_with_another_shape_is_refused', () {
      newPool(name: 'open_other', capacity: 4);
      expect(
          () => Pool.open(name: 'open_other', objectSize: 65, capacity: 4),
          throwsA(isA<PoolException>()
              .having((e) => e.status, 'status', PoolStatus.exists)));
    });
  });

  group('alloc', () {
    test('alloc_until_capacity_exactly_capacity_succeed', () {
      final pool = newPool(capacity: 1000);
      final objects = allocAll(pool);
      expect(objects.length, 1000);
      expect(objects.toSet().length, 1000);
      expect(pool.stats.inUse, 1000);
      expect(pool.stats.free, 0);
      expect(pool.stats.failedAllocs, 1);
      objects.forEach(pool.freeAddress);
    });

    test('alloc_of_capacity_one_works', () {
      final pool = newPool(capacity: 1);
      for (var i = 0; i < 100; i++) {
        final object = pool.requireAddress();
        expect(pool.allocAddress(), 0);
        pool.freeAddress(object);
      }
    });

    test('alloc_when_exhausted_is_zero', () {
      final pool = newPool(capacity: 2);
      final objects = allocAll(pool);
      expect(pool.allocAddress(), 0);
      objects.forEach(pool.freeAddress);
      pool.freeAddress(pool.requireAddress());
    });

    test('require_when_exhausted_throws', () {
      final pool = newPool(capacity: 2);
      final objects = allocAll(pool);
      expect(
          pool.requireAddress,
          throwsA(isA<PoolExhaustedException>()
              .having((e) => e.status, 'status', PoolStatus.exhausted)
              .having((e) => e.message, 'message', isNotEmpty)));
      objects.forEach(pool.freeAddress);
    });

    test('alloc_beyond_capacity_grows_to_limit', () {
      final pool = newPool(capacity: 10, limit: 100);
      final objects = allocAll(pool);
      expect(objects.length, 100);
      expect(pool.stats.grows, greaterThan(0));
      expect(pool.stats.capacity, 100);
      objects.forEach(pool.freeAddress);
    });

    test('alloc_is_aligned', () {
      for (final align in [16, 64, 4096]) {
        final pool = newPool(objectAlign: align, capacity: 8);
        final objects = allocAll(pool);
        expect(objects.every((object) => object % align == 0), isTrue);
        objects.forEach(pool.freeAddress);
      }
    });

    test('alloc_never_overlaps_live_objects', () {
      final pool = newPool(objectSize: 40, capacity: 500);
      final objects = allocAll(pool);
      for (final object in objects) {
        fill(object, 40, object);
      }
      expect(objects.every((o) => holds(o, 40, o)), isTrue);
      objects.forEach(pool.freeAddress);
    });

    test('of_finds_the_pool_of_an_object', () {
      final pool = newPool(capacity: 2);
      final object = pool.requireAddress();
      expect(Pool.of(object), pool);
      expect(Pool.of(object + 8), pool);
      expect(Pool.of(1), isNull);
      pool.freeAddress(object);
      expect(Pool.of(object), pool);
    });
  });

  group('batch', () {
    test('alloc_batch_within_capacity_is_whole', () {
      final pool = newPool(capacity: 300);
      withAddresses(256, (addresses) {
        expect(pool.allocInto(addresses.pointer, 256), 256);
        expect(addresses.take(256).toSet().length, 256);
        expect(pool.stats.inUse, 256);
        expect(pool.freeFrom(addresses.pointer, 256), 256);
      });
    });

    test('alloc_batch_beyond_capacity_is_short', () {
      final pool = newPool(capacity: 100);
      withAddresses(128, (addresses) {
        expect(pool.allocInto(addresses.pointer, 128), 100);
        expect(pool.allocInto(addresses.pointer, 1), 0);
        expect(pool.freeFrom(addresses.pointer, 100), 100);
      });
    });

    test('free_batch_with_misuse_frees_the_others', () {
      final pool = newPool(capacity: 10);
      withAddresses(6, (addresses) {
        expect(pool.allocInto(addresses.pointer, 3), 3);
        addresses[3] = 0;
        addresses[4] = addresses[0];
        addresses[5] = addresses[1] + 8;
        expect(pool.freeFrom(addresses.pointer, 6), 3);
        expect(pool.stats.misuseNull, 1);
        expect(pool.stats.misuseDoubleFree, 1);
        expect(pool.stats.misuseInterior, 1);
      });
    });

    test('batch_of_none_is_none', () {
      final pool = newPool(capacity: 1);
      expect(pool.allocInto(nullptr, 0), 0);
      expect(pool.freeFrom(nullptr, 0), 0);
    });
  });

  group('statistics', () {
    test('stats_count_what_was_done', () {
      final pool = newPool(capacity: 100);
      final objects = [for (var i = 0; i < 70; i++) pool.requireAddress()];
      objects.take(30).forEach(pool.freeAddress);
      final stats = pool.stats;
      expect(stats.totalAllocated, 70);
      expect(stats.totalFreed, 30);
      expect(stats.inUse, 40);
      expect(stats.free, 60);
      expect(stats.highWater, greaterThanOrEqualTo(70));
      expect(stats.highWater, lessThanOrEqualTo(100));
      expect(stats.lost, 0);
      expect(stats.bytesCommitted, lessThanOrEqualTo(stats.bytesReserved));
      objects.skip(30).forEach(pool.freeAddress);
    });

    test('check_accounts_for_every_slot', () {
      final pool = newPool(capacity: 50, limit: 80);
      final objects = [for (var i = 0; i < 20; i++) pool.requireAddress()];
      objects.take(5).forEach(pool.freeAddress);
      final report = pool.check();
      expect(report.isClean, isTrue, reason: '$report');
      expect(report.slots, 80);
      expect(report.live, 15);
      expect(report.firstDamaged, 0);
      objects.skip(5).forEach(pool.freeAddress);
    });

    test('check_after_write_to_free_object_is_not_clean', () {
      final pool = Pool.create(objectSize: 64, capacity: 8);
      final object = pool.requireAddress();
      pool.freeAddress(object);
      fill(object, 8, 42);
      final report = pool.check();
      expect(report.isClean, isFalse);
      expect(report.status, PoolStatus.corrupt);
      expect(report.overwritten, 1);
      expect(report.firstDamaged, object);
      pool.destroyForced();
    });
  });

  group('memory', () {
    test('flush_thread_and_trim_lose_nothing', () {
      final pool = newPool(objectSize: 4096, capacity: 200);
      allocAll(pool).forEach(pool.freeAddress);
      pool.flushThread();
      expectSound(pool);
      pool.trim();
      expectSound(pool);
      final objects = allocAll(pool);
      expect(objects.length, 200);
      objects.forEach(pool.freeAddress);
    });
  });

  group('destroy', () {
    test('destroy_with_live_objects_is_busy', () {
      final pool = newPool(capacity: 2);
      final object = pool.requireAddress();
      expect(
          pool.destroy,
          throwsA(isA<PoolException>()
              .having((e) => e.status, 'status', PoolStatus.busy)));
      pool.freeAddress(object);
    });

    test('destroy_forced_counts_live_objects', () {
      final pool = Pool.create(objectSize: 64, capacity: 8);
      [for (var i = 0; i < 5; i++) pool.requireAddress()];
      expect(pool.destroyForced(), 5);
      expect(pool.isDestroyed, isTrue);
    });

    test('create_and_destroy_in_a_loop_keeps_working', () {
      for (var i = 0; i < 200; i++) {
        final pool = Pool.create(name: 'loop', objectSize: 64, capacity: 100);
        pool.freeAddress(pool.requireAddress());
        pool.destroy();
      }
    });
  });
}
