/// Waiting for an object without blocking, and objects that pass from isolate to
/// isolate under tokens.
library;

import 'dart:async';
import 'dart:ffi';
import 'dart:isolate';

import 'package:magpool/magpool.dart';
import 'package:test/test.dart';

import 'support/isolates.dart';
import 'support/memory.dart';
import 'support/pools.dart';

const objectBytes = 64;

Matcher throwsPoolException(int status) =>
    throwsA(isA<PoolException>().having((e) => e.status, 'status', status));

final _finalizer = NativeFinalizer(Pool.nativeFree);

final class _Owner implements Finalizable {}

/// Leaves an object to the collector.
int _own(int object) {
  _finalizer.attach(_Owner(), Pointer.fromAddress(object));
  return object;
}

/// Lets every event that is due happen.
Future<void> settle() => Future<void>.delayed(const Duration(milliseconds: 20));

/// Asks, holds what it gets over an event, and frees it, again and again.
Future<int> askAgainAndAgain(Pool pool, int mark, int times) async {
  for (var i = 0; i < times; i++) {
    final object = await pool.allocAsync();
    fill(object, objectBytes, mark);
    await Future<void>.delayed(Duration.zero);
    if (!holds(object, objectBytes, mark)) throw StateError('object damaged');
    pool.freeAddress(object);
  }
  return times;
}

void main() {
  group('alloc_async', () {
    test('of_pool_with_free_objects_is_granted_at_once', () async {
      final pool = newPool(capacity: 2);
      final objects = [await pool.allocAsync(), await pool.allocAsync()];
      expect(objects.toSet().length, 2);
      expect(pool.stats.waiting, 0);
      objects.forEach(pool.freeAddress);
    });

    test('of_exhausted_pool_is_granted_by_a_free', () async {
      final pool = newPool(capacity: 1);
      final only = pool.requireAddress();
      var granted = false;
      final later = pool.allocAsync()..then((_) => granted = true);
      expect(pool.stats.waiting, 1);
      await settle();
      expect(granted, isFalse);
      pool.freeAddress(only);
      expect(pool.stats.inUse, 1); // Promised.
      expect(await later, only);
      pool.freeAddress(only);
    });

    test('is_granted_in_the_order_of_the_calls', () async {
      final pool = newPool(capacity: 3);
      final objects = allocAll(pool);
      final order = <int>[];
      final all = [
        for (var i = 0; i < 30; i++)
          pool.allocAsync().then((object) {
            order.add(i);
            pool.freeAddress(object);
          })
      ];
      expect(pool.stats.waiting, 30);
      objects.forEach(pool.freeAddress);
      await Future.wait(all);
      expect(order, List.generate(30, (i) => i));
    });

    test('is_served_before_calls_that_do_not_wait', () async {
      final pool = newPool(capacity: 1);
      final only = pool.requireAddress();
      final later = pool.allocAsync();
      pool.freeAddress(only);
      expect(pool.allocAddress(), 0);
      pool.freeAddress(await later);
    });

    test('timeout_is_an_exception_and_loses_nothing', () async {
      final pool = newPool(capacity: 1);
      final only = pool.requireAddress();
      const soon = Duration(milliseconds: 5);
      final timesOut = throwsPoolException(PoolStatus.timeout);
      final first = expectLater(pool.allocAsync(timeout: soon), timesOut);
      final second = pool.allocAsync(timeout: const Duration(minutes: 1));
      final third =
          expectLater(pool.allocAsync(timeout: Duration.zero), timesOut);
      await Future.wait([first, third]);
      expect(pool.stats.waiting, 1);
      pool.freeAddress(only);
      pool.freeAddress(await second);
    });

    test('free_and_timeout_at_once_lose_nothing', () async {
      final pool = newPool(capacity: 2);
      var served = 0, late = 0;
      for (var i = 0; i < 300; i++) {
        final objects = allocAll(pool);
        expect(objects.length, 2);
        final all = [
          for (var k = 0; k < 3; k++)
            pool.allocAsync(timeout: const Duration(milliseconds: 1)).then(
                (object) {
              served++;
              pool.freeAddress(object);
            }, onError: (Object error) {
              if (error is! PoolException) throw error;
              late++;
            })
        ];
        // The message comes to the queue of events before the timer's, or after.
        final watch = Stopwatch()..start();
        while (watch.elapsedMicroseconds < 900 + i) {}
        objects.forEach(pool.freeAddress);
        await Future.wait(all);
      }
      expect(served + late, 900);
      print('      served $served, too late $late');
    });

    test('cancelled_leaves_the_queue_and_loses_nothing', () async {
      final pool = newPool(capacity: 1);
      final only = pool.requireAddress();
      final first = pool.request();
      final second = pool.request();
      expect(pool.stats.waiting, 2);
      expect(first.cancel(), isTrue);
      expect(first.cancel(), isFalse);
      expect(pool.stats.waiting, 1);
      await expectLater(first.object, throwsA(isA<PoolCancelledException>()));
      pool.freeAddress(only);
      expect(await second.object, only);
      expect(second.cancel(), isFalse); // It is the caller's.
      pool.freeAddress(only);
    });

    test('cancelled_when_it_was_granted_already_gives_the_object_back',
        () async {
      final pool = newPool(capacity: 1);
      final only = pool.requireAddress();
      final first = pool.request();
      final second = pool.request();
      pool.freeAddress(only); // Its message to the first is on the way.
      expect(pool.stats.waiting, 1);
      expect(first.cancel(), isTrue);
      await expectLater(first.object, throwsA(isA<PoolCancelledException>()));
      pool.freeAddress(await second.object);
    });

    test('cancelled_and_forgotten_is_no_uncaught_error', () async {
      final pool = newPool(capacity: 1);
      final only = pool.requireAddress();
      final uncaught = <Object>[];
      await runZonedGuarded(() async {
        pool.request(timeout: const Duration(milliseconds: 1)).cancel();
        await settle();
      }, (error, _) => uncaught.add(error));
      expect(uncaught, isEmpty);
      pool.freeAddress(only);
    });

    test('request_of_pool_with_free_objects_needs_no_cancelling', () async {
      final pool = newPool(capacity: 1);
      final request = pool.request();
      expect(request.cancel(), isFalse);
      pool.freeAddress(await request.object);
      final late = pool.request(timeout: Duration.zero);
      pool.freeAddress(await late.object);
    });

    test('request_times_out', () async {
      final pool = newPool(capacity: 1);
      final only = pool.requireAddress();
      final request = pool.request(timeout: const Duration(milliseconds: 2));
      await expectLater(
          request.object, throwsPoolException(PoolStatus.timeout));
      expect(request.cancel(), isFalse);
      pool.freeAddress(only);
    });

    test('of_destroyed_pool_is_a_state_error', () async {
      final pool = Pool.create(objectSize: 64, capacity: 1);
      pool.requireAddress();
      final later = expectLater(pool.allocAsync(), throwsStateError);
      expect(pool.destroyForced(), 1);
      await later;
      await expectLater(pool.allocAsync(), throwsStateError);
    });

    test('critical_takes_the_reserve', () async {
      final pool = Pool.create(objectSize: 64, capacity: 2, reserve: 1);
      final ordinary = pool.requireAddress();
      final critical = await pool.allocAsync(critical: true);
      final next = pool.allocAsync();
      final urgent = pool.allocAsync(critical: true);
      pool.freeAddress(critical);
      pool.freeAddress(await urgent);
      pool.freeAddress(ordinary);
      pool.freeAddress(await next);
      pool.destroy();
    });

    test('32_isolates_that_wait_are_all_served', () async {
      final pool = newPool(capacity: 3);
      final done =
          await runIsolates(32, (i) => askAgainAndAgain(pool, i + 1, 40));
      expect(done, List.filled(32, 40));
      expect(pool.stats.waiting, 0);
    });

    test('64_isolates_wait_until_one_that_waits_not_frees', () async {
      final pool = newPool(capacity: 1);
      final only = pool.requireAddress();
      final all = runIsolates(64, (i) => askAgainAndAgain(pool, i + 1, 1));
      while (pool.stats.waiting < 64) {
        await settle();
      }
      pool.freeAddress(only);
      expect(await all, List.filled(64, 1));
    });

    test('frees_of_busy_isolates_while_others_collect_garbage', () async {
      // Posts from leaf calls, while the collector wants all isolates to stop.
      final pool = newPool(capacity: 4);
      final makers = Future.wait(
          [for (var i = 0; i < 3; i++) Isolate.run(() => _makeGarbage(3000))]);
      final done =
          await runIsolates(12, (i) => askAgainAndAgain(pool, i + 1, 400));
      expect(done, List.filled(12, 400));
      await makers;
    });

    test('is_granted_by_finalizers_while_they_collect', () async {
      final pool = newPool(capacity: 50);
      var made = 0;
      for (var round = 0; round < 10; round++) {
        final all = [for (var i = 0; i < 50; i++) pool.allocAsync().then(_own)];
        // The first are garbage by the time these wait for them.
        all.addAll([for (var i = 0; i < 50; i++) pool.allocAsync().then(_own)]);
        final done = Future.wait(all).then((owners) => made += owners.length);
        unawaited(runIsolates(3, (_) => _makeGarbage(100)));
        while (made < (round + 1) * 100) {
          _makeGarbage(20);
          await settle();
        }
        await done;
        await collect(pool);
      }
      expect(pool.stats.totalFreed, 1000);
    });

    test('nothing_waits_so_nothing_keeps_the_isolate_alive', () async {
      final pool = newPool(capacity: 1);
      for (final body in [_waitOnceAndEnd, _showInboxAndEnd, _cancelAndEnd]) {
        final exit = ReceivePort();
        await Isolate.spawn(body, pool, onExit: exit.sendPort);
        await exit.first;
        expect(pool.stats.inUse, 0);
      }
    });
  });

  group('token', () {
    test('is_taken_once', () {
      final pool = newPool(capacity: 1);
      final object = pool.requireAddress();
      final token = pool.give(object);
      expect(pool.stats.inUse, 1);
      expect(token.take(), object);
      expect(token.take, throwsStateError);
      expect(token.revoke(), isFalse);
      expect(PoolToken(token.value).take, throwsStateError);
      expect(const PoolToken(0).take, throwsStateError);
      pool.freeAddress(object);
    });

    test('is_revoked_unless_taken', () async {
      final pool = newPool(capacity: 1);
      final object = pool.requireAddress();
      final token = pool.give(object);
      expect(token.revoke(), isTrue);
      final other = pool.give(object);
      expect(await Isolate.run(other.take), object);
      expect(other.revoke(), isFalse);
      pool.freeAddress(object);
    });

    test('is_for_live_objects_only', () {
      final pool = newPool(capacity: 2), other = newPool(capacity: 1);
      final object = pool.requireAddress(), foreign = other.requireAddress();
      final freed = pool.requireAddress();
      pool.freeAddress(freed);
      expect(() => pool.give(freed), throwsStateError);
      expect(() => pool.give(foreign), throwsArgumentError);
      expect(() => pool.give(object + 8), throwsArgumentError);
      expect(() => pool.give(0), throwsArgumentError);
      expect(() => pool.give(object, to: const PoolInbox(12345)),
          throwsPoolException(PoolStatus.notFound));
      pool.freeAddress(object);
      other.freeAddress(foreign);
    });

    test('of_destroyed_pool_is_a_state_error', () {
      final pool = Pool.create(objectSize: 64, capacity: 1);
      final token = pool.give(pool.requireAddress(), to: PoolInbox.own);
      expect(pool.destroyForced(), 1);
      expect(token.take, throwsStateError);
      expect(token.take, throwsStateError);
    });

    test('is_taken_by_one_of_many_isolates', () async {
      final pool = newPool(capacity: 10);
      for (var round = 0; round < 5; round++) {
        final objects = allocAll(pool);
        final tokens = objects.map(pool.give).toList();
        final taken = await runIsolates(8, (_) => _takeAll(tokens));
        expect(taken.fold<int>(0, (sum, some) => sum + some.length), 10);
        expect({for (final some in taken) ...some}, objects.toSet());
        expectSound(pool, inUse: 10);
        objects.forEach(pool.freeAddress);
      }
    });

    test('passes_through_a_chain_of_isolates', () async {
      final pool = newPool(capacity: 20);
      final members = [
        for (var i = 0; i < 5; i++)
          await Worker.start<List<PoolToken>, List<PoolToken>>(
              () => (tokens) => tokens.map((t) => _passOn(pool, t)).toList())
      ];
      for (var round = 0; round < 20; round++) {
        final objects = allocAll(pool);
        for (final object in objects) {
          fill(object, objectBytes, object);
        }
        var tokens = objects.map(pool.give).toList();
        for (final member in members) {
          tokens = await member.ask(tokens);
        }
        expect(tokens.map((token) => token.take()).toList(), objects);
        expect(objects.every((o) => holds(o, objectBytes, o + 5)), isTrue);
        objects.forEach(pool.freeAddress);
      }
      for (final member in members) {
        member.stop();
      }
    });
  });
}

/// Those that nobody else took.
List<int> _takeAll(List<PoolToken> tokens) {
  final objects = <int>[];
  for (final token in tokens) {
    try {
      objects.add(token.take());
    } on StateError {
      // Another isolate was first.
    }
  }
  return objects;
}

/// Takes an object, counts it up, gives it.
PoolToken _passOn(Pool pool, PoolToken token) {
  final object = token.take();
  fill(object, objectBytes, Pointer<Int64>.fromAddress(object).value + 1);
  return pool.give(object);
}

void _makeGarbage(int rounds) {
  for (var i = 0; i < rounds; i++) {
    [for (var j = 0; j < 1000; j++) List<int>.filled(16, j)];
  }
}

Future<void> _waitOnceAndEnd(Pool pool) async {
  final only = pool.requireAddress();
  final later = pool.allocAsync();
  Timer.run(() => pool.freeAddress(only));
  pool.freeAddress(await later);
}

void _cancelAndEnd(Pool pool) {
  final only = pool.requireAddress();
  pool.request(timeout: const Duration(hours: 1)).cancel();
  pool.freeAddress(only);
}

void _showInboxAndEnd(Pool pool) {
  if (PoolInbox.own.value == 0) throw StateError('no inbox');
}
