/// Sixty-four isolates on one pool, and pools that outlive what opened them.
library;

import 'dart:isolate';

import 'package:magpool/magpool.dart';
import 'package:test/test.dart';

import 'support/isolates.dart';
import 'support/memory.dart';
import 'support/pools.dart';
import 'support/ring.dart';

const isolates = 64;

/// Holds [share] objects over awaits, so that threads change, [rounds] times.
Future<int> holdShare(Pool pool, int me, int share, int rounds) async {
  var pairs = 0;
  for (var round = 0; round < rounds; round++) {
    final objects = [for (var i = 0; i < share; i++) pool.requireAddress()];
    for (final object in objects) {
      fill(object, 64, me);
    }
    await Future<void>.delayed(Duration(milliseconds: me % 3));
    for (final object in objects) {
      if (!holds(object, 64, me)) throw StateError('object of $me damaged');
      pool.freeAddress(object);
      pairs++;
    }
  }
  return pairs;
}

/// What a program does when it starts: opens its pool by name.
Pool start() => Pool.open(name: 'restarted', objectSize: 64, capacity: 32);

void main() {
  group('64 isolates', () {
    test('objects_held_over_awaits_in_64_isolates_never_fail', () async {
      const share = 5, rounds = 20;
      final pool = newPool(capacity: isolates * share);
      final pairs = await runIsolates(
          isolates, (i) => holdShare(pool, i + 1, share, rounds));
      expect(pairs, List.filled(isolates, share * rounds));
      expect(pool.stats.totalAllocated, isolates * share * rounds);
      expect(pool.stats.failedAllocs, 0);
    });

    test('alloc_by_64_isolates_exactly_capacity_succeed', () async {
      final pool = newPool(capacity: 1000);
      final held = await runIsolates(isolates, (_) => allocAll(pool));
      final all = held.expand((objects) => objects).toList();
      expect(all.length, 1000);
      expect(all.toSet().length, 1000);
      expect(pool.stats.inUse, 1000);
      all.forEach(pool.freeAddress);
    });

    test('ring_of_64_isolates_in_exactly_enough_objects', () async {
      final pool = newPool(capacity: isolates * 4);
      final good =
          await runRing(pool, members: isolates, window: 4, rounds: 100);
      expect(good, List.filled(isolates, 100));
      expect(pool.stats.totalAllocated, isolates * 100);
    });

    test('pool_opened_by_64_isolates_at_once_is_one', () async {
      final pools = await runIsolates(isolates,
          (_) => Pool.open(name: 'opened_by_64', objectSize: 64, capacity: 64));
      expect(pools.toSet().length, 1);
      pools.first.destroy();
    });
  });

  // A hot restart ends the isolates of a program and starts its main again in a
  // process that goes on: here an isolate is killed and another one started.
  group('restart', () {
    test('pool_opened_again_after_a_restart_is_the_same', () async {
      final before = await Isolate.run(() {
        final pool = start();
        fill(pool.requireAddress(), 64, 1);
        return pool;
      });
      final after = await Isolate.run(start);
      expect(after, before);
      expect(after.stats.inUse, 1, reason: 'what the first life left behind');
      expect(Pool.find('restarted'), after);
      expect(after.destroyForced(), 1);
    });

    test('pool_of_a_killed_program_is_whole_in_the_next', () async {
      final port = ReceivePort();
      for (var life = 0; life < 10; life++) {
        final isolate = await Isolate.spawn(_useUntilKilled, port.sendPort,
            debugName: 'life $life');
        await Future<void>.delayed(const Duration(milliseconds: 20));
        final ended = ReceivePort();
        isolate.addOnExitListener(ended.sendPort);
        isolate.kill(priority: Isolate.immediate);
        await ended.first;
      }
      port.close();
      final pool = start();
      final report = pool.check();
      expect(report.isClean, isTrue, reason: '$report');
      // Each life may leave one pair's object behind, if it was killed within it.
      expect(report.live, lessThanOrEqualTo(10));
      expect(allocAll(pool).length, 32 - report.live);
      expect(pool.destroyForced(), 32);
    });

    test('pool_with_another_shape_after_a_restart_is_refused', () async {
      final pool = start();
      expect(
          await Isolate.run(() {
            try {
              Pool.open(name: 'restarted', objectSize: 80, capacity: 32);
              return 'opened';
            } on PoolLayoutException catch (error) {
              return error.message;
            }
          }),
          allOf(contains('"restarted"'), contains('64 bytes, not 80')));
      pool.destroy();
    });
  });
}

Future<void> _useUntilKilled(SendPort _) async {
  final pool = start();
  ReceivePort();
  for (;;) {
    for (var i = 0; i < 1000; i++) {
      pool.freeAddress(pool.requireAddress());
    }
    await Future<void>.delayed(Duration.zero);
  }
}
