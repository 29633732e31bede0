/// Objects that one isolate allocates and another one verifies and frees.
library;

import 'dart:async';
import 'dart:isolate';

import 'package:magpool/magpool.dart';
import 'package:test/test.dart';

import 'support/isolates.dart';
import 'support/memory.dart';
import 'support/pools.dart';
import 'support/ring.dart';

const objectBytes = 64;

int allocFilled(Pool pool, int owner) {
  final object = pool.requireAddress();
  fill(object, objectBytes, owner);
  return object;
}

/// Frees the objects that still hold [owner]; the number of those that do.
int verifyAndFree(Pool pool, List<int> objects, int owner) {
  var good = 0;
  for (final object in objects) {
    if (holds(object, objectBytes, owner)) good++;
    pool.freeAddress(object);
  }
  return good;
}

void main() {
  group('pool', () {
    test('pool_sent_through_isolate_run_works', () async {
      final pool = newPool(capacity: 10);
      final (address, size) = await Isolate.run(() {
        pool.freeAddress(pool.requireAddress());
        return (pool.address, pool.objectSize);
      });
      expect(address, pool.address);
      expect(size, pool.objectSize);
    });

    test('pool_sent_over_a_port_equals_itself', () async {
      final pool = newPool(capacity: 10);
      final port = ReceivePort();
      port.sendPort.send(pool);
      expect(await port.first, pool);
    });

    test('pool_made_in_an_isolate_outlives_it', () async {
      final pool = await Isolate.run(
          () => Pool.create(name: 'outlives', objectSize: 64, capacity: 5));
      expect(Pool.find('outlives'), pool);
      expect(await Isolate.run(() => Pool.find('outlives')), pool);
      final objects = allocAll(pool);
      expect(objects.length, 5);
      objects.forEach(pool.freeAddress);
      expectSound(pool);
      pool.destroy();
    });

    test('open_by_many_isolates_is_one_pool', () async {
      final pools = await runIsolates(8,
          (_) => Pool.open(name: 'opened_by_8', objectSize: 64, capacity: 80));
      expect(pools.toSet().length, 1);
      expectSound(pools.first);
      pools.first.destroy();
    });

    test('stats_and_report_sent_back_are_whole', () async {
      final pool = newPool(capacity: 10);
      final (stats, report) =
          await Isolate.run(() => (pool.stats, pool.check()));
      expect(stats.capacity, 10);
      expect(report.isClean, isTrue);
    });

    test('pool_destroyed_by_another_isolate_is_refused', () async {
      final pool = Pool.create(objectSize: 64, capacity: 10);
      pool.freeAddress(pool.requireAddress());
      await Isolate.run(pool.destroy);
      expect(pool.allocAddress, throwsStateError);
      expect(() => pool.stats, throwsStateError);
    });
  });

  group('object', () {
    test('object_freed_in_another_isolate_returns', () async {
      final pool = newPool(capacity: 100);
      final objects = [for (var i = 0; i < 100; i++) allocFilled(pool, 7)];
      expect(pool.allocAddress(), 0);
      expect(await Isolate.run(() => verifyAndFree(pool, objects, 7)), 100);
      final again = allocAll(pool);
      expect(again.length, 100);
      again.forEach(pool.freeAddress);
    });

    test('object_filled_in_another_isolate_is_seen_here', () async {
      final pool = newPool(capacity: 100);
      final objects = await Isolate.run(
          () => [for (var i = 0; i < 100; i++) allocFilled(pool, 9)]);
      expect(verifyAndFree(pool, objects, 9), 100);
    });

    test('double_free_after_other_isolate_freed_is_refused', () async {
      final pool = newPool(capacity: 4);
      final object = pool.requireAddress();
      await Isolate.run(() => pool.freeAddress(object));
      expect(() => pool.freeAddress(object), throwsStateError);
      await expectLater(
          Isolate.run(() => pool.freeAddress(object)), throwsStateError);
      expect(pool.stats.misuseDoubleFree, 2);
    });

    test('objects_of_a_killed_isolate_can_be_freed', () async {
      final pool = newPool(capacity: 50);
      final port = ReceivePort();
      final isolate = await Isolate.spawn(_allocAndStay, (pool, port.sendPort));
      final objects = await port.first as List<int>;
      final ended = ReceivePort();
      isolate.addOnExitListener(ended.sendPort);
      isolate.kill(priority: Isolate.immediate);
      await ended.first;
      expect(pool.stats.inUse, 50);
      expect(verifyAndFree(pool, objects, 3), 50);
    });
  });

  group('ring', () {
    for (final members in [2, 4, 8, 20]) {
      test('ring_of_${members}_isolates_in_exactly_enough_objects', () async {
        const window = 16;
        const rounds = 500;
        final pool = newPool(capacity: members * window);
        final good = await runRing(pool,
            members: members, window: window, rounds: rounds);
        expect(good, List.filled(members, rounds));
        expect(pool.stats.totalAllocated, members * rounds);
      });
    }

    test('batches_freed_by_the_next_isolate_return', () async {
      final pool = newPool(capacity: 512);
      final workers = [
        for (var i = 0; i < 4; i++) await Worker.start(() => _batch(pool))
      ];
      for (var round = 0; round < 25; round++) {
        final held = await Future.wait([
          for (final worker in workers) worker.ask((allocate: 128, free: null))
        ]);
        expect({for (final objects in held) ...objects}.length, 512);
        expect(pool.allocAddress(), 0);
        await Future.wait([
          for (var i = 0; i < 4; i++)
            workers[i].ask((allocate: 0, free: held[(i + 1) % 4]))
        ]);
        expect(pool.stats.inUse, 0);
      }
      for (final worker in workers) {
        worker.stop();
      }
    });
  });
}

Future<void> _allocAndStay((Pool, SendPort) start) async {
  final (pool, port) = start;
  final objects = [for (var i = 0; i < 50; i++) allocFilled(pool, 3)];
  // An open port keeps the isolate alive.
  ReceivePort();
  port.send(objects);
}

typedef _Request = ({int allocate, List<int>? free});

List<int> Function(_Request) _batch(Pool pool) =>
    (request) => withAddresses(128, (addresses) {
          final free = request.free;
          if (free == null) {
            final count = pool.allocInto(addresses.pointer, request.allocate);
            return addresses.take(count);
          }
          for (var i = 0; i < free.length; i++) {
            addresses[i] = free[i];
          }
          final count = pool.freeFrom(addresses.pointer, free.length);
          if (count != free.length) throw StateError('freed only $count');
          return const [];
        });
