/// An isolate is not a thread: it moves at almost every await, there may be
/// more isolates than threads, and idle threads end.
library;

import 'dart:async';
import 'dart:ffi';

import 'package:magpool/magpool.dart';
import 'package:test/test.dart';

import 'support/isolates.dart';
import 'support/memory.dart';
import 'support/pools.dart';

/// The kernel's number of the thread that this isolate is on; Linux only.
final int Function() gettid = DynamicLibrary.process()
    .lookupFunction<Int Function(), int Function()>('gettid', isLeaf: true);

/// Holds [held] objects over each of [rounds] awaits; the threads it was on.
Future<Set<int>> holdOverAwaits(Pool pool, int owner,
    {required int held, required int rounds}) async {
  final threads = <int>{};
  for (var round = 0; round < rounds; round++) {
    final objects = [for (var i = 0; i < held; i++) pool.requireAddress()];
    for (final object in objects) {
      fill(object, 64, owner);
    }
    await Future<void>.delayed(Duration(milliseconds: owner % 3));
    threads.add(gettid());
    for (final object in objects) {
      if (!holds(object, 64, owner)) throw StateError('object damaged');
      pool.freeAddress(object);
    }
  }
  return threads;
}

Future<void> holdByIsolates(int isolates) async {
  // No object to spare: what one thread keeps idle, another one must get.
  final pool = newPool(capacity: isolates * 10);
  final threads = await runIsolates(
      isolates, (i) => holdOverAwaits(pool, i + 1, held: 10, rounds: 100));
  print('      $isolates isolates were on '
      '${threads.expand((t) => t).toSet().length} threads');
  expect(pool.stats.totalAllocated, isolates * 10 * 100);
}

List<int> Function(int) holder(Pool pool, List<int> held) => (count) {
      if (count == 0) {
        held.forEach(pool.freeAddress);
        held.clear();
      }
      for (var i = 0; i < count; i++) {
        final object = pool.allocAddress();
        if (object != 0) held.add(object);
      }
      return held;
    };

void main() {
  group('await', () {
    for (final isolates in [1, 8, 20]) {
      test('objects_held_over_awaits_in_${isolates}_isolates_are_intact',
          () => holdByIsolates(isolates));
    }
  });

  group('many', () {
    test('alloc_by_48_isolates_all_hold_at_once', () async {
      final pool = newPool(capacity: 48 * 5);
      final workers = await Future.wait([
        for (var i = 0; i < 48; i++)
          Worker.start<int, List<int>>(() => holder(pool, []))
      ]);
      final held = await Future.wait([for (final w in workers) w.ask(5)]);
      expect({for (final objects in held) ...objects}.length, 240);
      expectSound(pool, inUse: 240);
      expect(pool.allocAddress(), 0);
      await Future.wait([for (final w in workers) w.ask(0)]);
      for (final worker in workers) {
        worker.stop();
      }
    });

    test('isolates_started_and_ended_in_turn_lose_nothing', () async {
      final pool = newPool(capacity: 64);
      for (var i = 0; i < 30; i++) {
        final counts = await runIsolates(4, (_) {
          for (var i = 0; i < 200; i++) {
            pool.freeAddress(pool.requireAddress());
          }
          return 200;
        });
        expect(counts, [200, 200, 200, 200]);
      }
      expect(pool.stats.totalAllocated, 30 * 4 * 200);
    });
  });

  group('thread exit', () {
    test('idle_threads_end_and_their_slots_return', () async {
      final pool = newPool(capacity: 4096);
      await runIsolates(16, (i) => _churnFor(pool, 200));
      final before = pool.stats.caches;
      // The VM ends a thread that was idle for 5 seconds. One long wait: each
      // time this isolate resumes, it wakes another thread.
      await Future<void>.delayed(const Duration(seconds: 8));
      final after = pool.stats;
      print('      $before threads had caches, ${after.caches} have');
      expect(after.caches, lessThanOrEqualTo(2));
      expect(pool.check().inMagazines,
          lessThanOrEqualTo(after.caches * 2 * after.magazineRounds));
      final objects = allocAll(pool);
      expect(objects.length, 4096);
      objects.forEach(pool.freeAddress);
    }, tags: 'slow');
  });
}

/// Works for some milliseconds, so that isolates do run at the same time.
int _churnFor(Pool pool, int milliseconds) {
  final watch = Stopwatch()..start();
  var pairs = 0;
  while (watch.elapsedMilliseconds < milliseconds) {
    final objects = [for (var i = 0; i < 50; i++) pool.requireAddress()];
    objects.forEach(pool.freeAddress);
    pairs += 50;
  }
  return pairs;
}
