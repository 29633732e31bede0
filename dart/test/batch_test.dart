/// Batches: many objects by one call, none of them a Dart object.
library;

import 'dart:ffi';
import 'dart:isolate';

import 'package:magpool/magpool.dart';
import 'package:test/test.dart';

import 'support/isolates.dart';
import 'support/memory.dart';
import 'support/pools.dart';

/// One message of a frame.
final class Sample extends Struct {
  @Int64()
  external int number;
  @Double()
  external double value;
}

List<int> addressesOf(PoolBatch batch) =>
    [for (var i = 0; i < batch.length; i++) batch[i]];

/// Takes as many objects as it gets of what 8 isolates want at once; their number.
Future<int> grab(Pool pool, int count, SendPort ready) async {
  final batch = pool.allocBatch(count);
  final addresses = addressesOf(batch);
  if (addresses.toSet().length != addresses.length) {
    throw StateError('an object twice in a batch');
  }
  for (final address in addresses) {
    fill(address, 64, address);
  }
  final port = ReceivePort();
  ready.send((batch.length, port.sendPort));
  await port.first;
  for (final address in addresses) {
    if (!holds(address, 64, address)) throw StateError('an object shared');
  }
  batch.release();
  return addresses.length;
}

void main() {
  group('alloc', () {
    test('batch_of_more_than_a_pool_can_have_is_a_range_error', () {
      final pool = Pool.create(objectSize: 64, capacity: 10);
      for (final count in [1 << 31 | 1, 1 << 61, 1 << 62, (1 << 61) + 3]) {
        expect(() => pool.allocBatch(count), throwsRangeError);
        expect(() => pool.requireBatch(count), throwsRangeError);
      }
      expect(pool.stats.inUse, 0);
      pool.destroy();
    });

    test('alloc_batch_of_any_size_gives_that_many_distinct_objects', () {
      final pool = newPool(capacity: 20000);
      for (final count in [0, 1, 2, 63, 64, 65, 4095, 4096, 4097, 10000]) {
        final batch = pool.allocBatch(count);
        expect(batch.length, count);
        expect(pool.stats.inUse, count);
        expect(addressesOf(batch).toSet().length, count);
        expect(addressesOf(batch).every((a) => Pool.of(a) == pool), isTrue);
        batch.release();
        expect(pool.stats.inUse, 0);
      }
    });

    test('alloc_batch_beyond_capacity_is_short', () {
      final pool = newPool(capacity: 9000);
      final batch = pool.allocBatch(10000);
      expect(batch.length, 9000);
      expect(addressesOf(batch).toSet().length, 9000);
      expect(pool.allocBatch(5), hasLength(0));
      batch.release();
    });

    test('alloc_batch_grows_the_pool_to_its_limit', () {
      final pool = newPool(capacity: 10, limit: 1000);
      final batch = pool.allocBatch(2000);
      expect(batch.length, 1000);
      expect(pool.stats.capacity, 1000);
      batch.release();
    });

    test('require_batch_is_all_or_nothing', () {
      final pool = newPool(capacity: 100);
      expect(
          () => pool.requireBatch(101),
          throwsA(isA<PoolExhaustedException>()
              .having((e) => e.message, 'message', contains('100 of 101'))));
      expect(pool.stats.inUse, 0);
      final batch = pool.requireBatch(100);
      expect(batch.length, 100);
      batch.release();
    });

    test('greedy_batches_share_exactly_the_capacity', () async {
      final pool = newPool(capacity: 1000);
      final port = ReceivePort();
      final sendPort = port.sendPort;
      var total = 0;
      final waiting = <SendPort>[];
      port.listen((message) {
        final (count, done) = message as (int, SendPort);
        total += count;
        waiting.add(done);
        if (waiting.length < 8) return;
        expect(pool.stats.inUse, 1000);
        for (final port in waiting) {
          port.send(null);
        }
      });
      final taken = await runIsolates(8, (_) => grab(pool, 400, sendPort));
      port.close();
      expect(total, 1000);
      expect(taken.fold<int>(0, (sum, count) => sum + count), 1000);
    });
  });

  group('use', () {
    test('objects_of_a_batch_are_read_and_written_as_structs', () {
      final pool = newPool(objectSize: sizeOf<Sample>(), capacity: 10000);
      final frame = pool.requireBatch(10000);
      for (var i = 0; i < frame.length; i++) {
        frame.at<Sample>(i).ref
          ..number = i
          ..value = i / 2;
      }
      var sum = 0.0;
      for (var i = 0; i < frame.length; i++) {
        expect(frame.at<Sample>(i).ref.number, i);
        sum += frame.at<Sample>(i).ref.value;
      }
      expect(sum, 9999 * 10000 / 4);
      frame.release();
    });

    test('bytes_and_array_show_the_same_objects', () {
      final pool = newPool(objectSize: 24, capacity: 4);
      final batch = pool.requireBatch(4);
      for (var i = 0; i < 4; i++) {
        expect(batch.array[i], batch[i]);
        expect(batch.bytes(i).length, 24);
        batch.bytes(i)[23] = i;
        expect(Pointer<Uint8>.fromAddress(batch[i])[23], i);
      }
      batch.release();
    });

    test('index_outside_the_batch_is_refused', () {
      final pool = newPool(capacity: 4);
      final batch = pool.requireBatch(3);
      for (final index in [-1, 3, 4, 1 << 40]) {
        expect(() => batch[index], throwsRangeError, reason: '$index');
        expect(() => batch.at<Int64>(index), throwsRangeError);
        expect(() => batch.bytes(index), throwsRangeError);
      }
      batch.release();
    });

    test('objects_of_batches_and_single_calls_are_alike', () {
      final pool = newPool(capacity: 10);
      final batch = pool.requireBatch(5);
      final singles = [for (var i = 0; i < 5; i++) pool.requireAddress()];
      batch.detach().forEach(pool.freeAddress);
      PoolBatch.of(pool, singles).release();
      expect(pool.stats.inUse, 0);
    });
  });

  group('release', () {
    test('use_of_released_batch_is_refused', () {
      final pool = newPool(capacity: 4);
      for (final end in <void Function(PoolBatch)>[
        (batch) => batch.release(),
        (batch) => batch.detach().forEach(pool.freeAddress),
      ]) {
        final batch = pool.requireBatch(2);
        expect(batch.isReleased, isFalse);
        end(batch);
        expect(batch.isReleased, isTrue);
        for (final use in <Object? Function()>[
          () => batch[0],
          () => batch[-1],
          () => batch.length,
          () => batch.at<Int64>(0),
          () => batch.bytes(0),
          () => batch.array,
          batch.detach,
          () {
            batch.release();
            return null;
          },
        ]) {
          expect(use, throwsStateError);
        }
        expect(pool.stats.inUse, 0);
      }
      expect(pool.stats.misuseDoubleFree, 0);
    });

    test('release_frees_the_good_among_the_bad', () {
      final pool = newPool(capacity: 10);
      final batch = pool.requireBatch(10);
      pool.freeAddress(batch[3]);
      final nulled = batch[5];
      final kept = batch[4];
      batch.array[5] = 0;
      batch.array[4] = kept + 8;
      expect(
          batch.release,
          throwsA(isA<StateError>()
              .having((e) => e.message, 'message', contains('3 of the 10'))));
      expect(batch.isReleased, isTrue);
      final stats = pool.stats;
      expect(stats.inUse, 2);
      expect(stats.misuseDoubleFree, 1);
      expect(stats.misuseNull, 1);
      expect(stats.misuseInterior, 1);
      pool.freeAddress(kept);
      pool.freeAddress(nulled);
    });

    test('batch_of_destroyed_pool_is_refused', () {
      final pool = Pool.create(objectSize: 64, capacity: 4);
      final batch = pool.requireBatch(2);
      expect(pool.destroyForced(), 2);
      expect(batch.release, throwsStateError);
      expect(() => pool.allocBatch(1), throwsStateError);
      expect(() => pool.requireBatch(1), throwsStateError);
    });

    test('batch_of_negative_count_is_refused', () {
      final pool = newPool(capacity: 4);
      expect(() => pool.allocBatch(-1), throwsRangeError);
      expect(() => pool.requireBatch(-1), throwsRangeError);
    });
  });

  group('isolates', () {
    test('batch_detached_is_whole_in_another_isolate', () async {
      final pool = newPool(capacity: 10000);
      final batch = pool.requireBatch(10000);
      for (var i = 0; i < batch.length; i++) {
        fill(batch[i], 64, i);
      }
      final addresses = batch.detach();
      final good = await Isolate.run(() {
        final batch = PoolBatch.of(pool, addresses);
        var good = 0;
        for (var i = 0; i < batch.length; i++) {
          if (holds(batch[i], 64, i)) good++;
        }
        batch.release();
        return good;
      });
      expect(good, 10000);
      expect(pool.stats.inUse, 0);
    });

    test('batch_itself_cannot_be_sent', () async {
      final pool = newPool(capacity: 2);
      final batch = pool.requireBatch(2);
      final port = ReceivePort();
      expect(() => port.sendPort.send(batch), throwsArgumentError);
      port.close();
      batch.release();
    });

    test('batches_of_many_isolates_within_fair_share_are_whole', () async {
      final pool = newPool(capacity: 8 * 100);
      final whole = await runIsolates(8, (_) {
        var whole = 0;
        for (var round = 0; round < 200; round++) {
          final batch = pool.allocBatch(100);
          if (batch.length == 100) whole++;
          batch.release();
        }
        return whole;
      });
      expect(whole, List.filled(8, 200));
    });
  });
}
