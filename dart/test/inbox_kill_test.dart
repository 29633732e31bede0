/// Isolates that are killed while they wait for objects, and while objects are
/// on their way to them: nothing is lost, and those who live on are served.
library;

import 'dart:async';
import 'dart:isolate';
import 'dart:math';

import 'package:magpool/magpool.dart';
import 'package:test/test.dart';

import 'support/memory.dart';
import 'support/pools.dart';
import 'support/seed.dart';
import 'support/victims.dart';

const objectBytes = 64;

/// Asks [_asks] times, then hears of nothing any more: what it is granted stays
/// in its inbox.
const _asks = 5;

void _askAndGoDeaf((Pool, SendPort) start) {
  final (pool, port) = start;
  for (var i = 0; i < _asks; i++) {
    pool.allocAsync().ignore();
  }
  port.send(null);
  _spin();
}

/// Shows its inbox, then reads no message.
void _showInboxAndGoDeaf((Pool, SendPort) start) {
  start.$2.send(PoolInbox.own);
  _spin();
}

void _spin() {
  for (var i = 0;; i++) {
    if (i < 0) print(i);
  }
}

/// Asks, and frees in the event in which it is granted: between events it has
/// no object in hand.
Future<void> _askAndFree((Pool, SendPort) start) async {
  final (pool, port) = start;
  Future<void> ask(int mark) async {
    for (var i = 0;; i++) {
      if (i == 3 && mark == 0) port.send(null);
      final object = await pool.allocAsync(
          timeout: i % 4 == 0 ? const Duration(milliseconds: 1) : null);
      fill(object, objectBytes, mark);
      pool.freeAddress(object);
      await Future<void>.delayed(Duration.zero);
    }
  }

  Future<void> askForEver(int mark) async {
    for (;;) {
      try {
        await ask(mark);
      } on PoolException {
        // Too late.
      }
    }
  }

  for (var mark = 0; mark < 3; mark++) {
    unawaited(askForEver(mark));
  }
}

/// Takes what it is sent and gives it on to the same inbox for a while, freeing
/// one now and then.
void _takeAndGiveOn((Pool, SendPort) start) {
  final (pool, port) = start;
  final messages = RawReceivePort();
  var count = 0;
  messages.handler = (Object? message) {
    final object = (message! as PoolToken).take();
    if (++count % 5 == 0) return pool.freeAddress(object);
    messages.sendPort.send(pool.give(object, to: PoolInbox.own));
  };
  port.send((PoolInbox.own, messages.sendPort));
}

/// Waits until nothing of [pool] is live: an isolate's finalizers may run after
/// the message that it has ended.
Future<void> expectAllBack(Pool pool) async {
  for (var i = 0; i < 400 && pool.stats.inUse > 0; i++) {
    await Future<void>.delayed(const Duration(milliseconds: 5));
  }
  expect(pool.stats.waiting, 0);
  expect(pool.stats.misuseDoubleFree, 0);
  expectSound(pool);
}

void main() {
  final random = Random(seed);

  group('kill', () {
    test('of_isolates_that_wait_leaves_nobody_in_the_queue', () async {
      final pool = newPool(capacity: 4);
      final objects = allocAll(pool);
      final victims = await Future.wait(
          [for (var i = 0; i < 4; i++) Victim.start(_askAndGoDeaf, pool)]);
      expect(pool.stats.waiting, 4 * _asks);
      await Future.wait([for (final v in victims) v.kill()]);
      objects.forEach(pool.freeAddress);
      await expectAllBack(pool);
    });

    test('of_isolates_that_were_granted_objects_gives_them_back', () async {
      final pool = newPool(capacity: 20);
      final objects = allocAll(pool);
      final victims = await Future.wait(
          [for (var i = 0; i < 4; i++) Victim.start(_askAndGoDeaf, pool)]);
      objects.forEach(pool.freeAddress);
      expect(pool.stats.waiting, 0);
      expect(pool.stats.inUse, 20); // In their inboxes.
      expect(pool.allocAddress(), 0);
      await Future.wait([for (final v in victims) v.kill()]);
      await expectAllBack(pool);
    });

    test('in_the_midst_of_frees_passes_objects_on_to_who_lives', () async {
      for (var round = 0; round < 20; round++) {
        final pool = newPool(capacity: 4);
        final objects = allocAll(pool);
        final victims = await Future.wait(
            [for (var i = 0; i < 4; i++) Victim.start(_askAndGoDeaf, pool)]);
        final later = [for (var i = 0; i < 3; i++) pool.allocAsync()];
        final kills = [for (final v in victims) v.kill()];
        await someTime(random, const Duration(milliseconds: 2));
        for (final object in objects) {
          pool.freeAddress(object);
          await someTime(random, const Duration(milliseconds: 1));
        }
        final got = await Future.wait(later);
        expect(got.toSet().length, 3);
        await Future.wait(kills);
        got.forEach(pool.freeAddress);
        await expectAllBack(pool);
      }
    });

    test('of_a_receiver_gives_back_what_was_on_its_way', () async {
      final pool = newPool(capacity: 50);
      final victim =
          await Victim.start<Pool, PoolInbox>(_showInboxAndGoDeaf, pool);
      final objects = allocAll(pool);
      final tokens = [
        for (final object in objects) pool.give(object, to: victim.said)
      ];
      final waiting = pool.allocAsync();
      await victim.kill();
      pool.freeAddress(await waiting);
      await expectAllBack(pool);
      for (final token in tokens) {
        expect(token.take, throwsStateError);
        expect(token.revoke(), isFalse);
      }
      final object = pool.requireAddress();
      expect(
          () => pool.give(object, to: victim.said),
          throwsA(isA<PoolException>()
              .having((e) => e.status, 'status', PoolStatus.notFound)));
      pool.freeAddress(object);
    });

    test('at_random_moments_of_isolates_that_ask', () async {
      final pool = newPool(capacity: 3);
      for (var round = 0; round < 15; round++) {
        final victims = await Future.wait(
            [for (var i = 0; i < 8; i++) Victim.start(_askAndFree, pool)]);
        for (final victim in victims) {
          await someTime(random, const Duration(milliseconds: 3));
          await victim.kill(Isolate.beforeNextEvent);
        }
        await expectAllBack(pool);
      }
    });

    test('at_random_moments_of_receivers', () async {
      final pool = newPool(capacity: 100);
      for (var round = 0; round < 15; round++) {
        final victims = await Future.wait([
          for (var i = 0; i < 4; i++)
            Victim.start<Pool, (PoolInbox, SendPort)>(_takeAndGiveOn, pool)
        ]);
        final kills = [
          for (final victim in victims)
            someTime(random, const Duration(milliseconds: 10))
                .then((_) => victim.kill(Isolate.beforeNextEvent))
        ];
        for (var i = 0; i < 2000; i++) {
          final object = await pool.allocAsync();
          final (inbox, port) = victims[i % victims.length].said;
          try {
            port.send(pool.give(object, to: inbox));
          } on PoolException {
            pool.freeAddress(object); // Its receiver was killed already.
          }
        }
        await Future.wait(kills);
        await expectAllBack(pool);
      }
    });

    test('immediate_at_random_moments_leaves_what_was_in_hand_only', () async {
      final pool = Pool.create(objectSize: objectBytes, capacity: 200);
      var left = 0;
      for (var round = 0; round < 10; round++) {
        final victims = await Future.wait([
          for (var i = 0; i < 4; i++)
            Victim.start<Pool, (PoolInbox, SendPort)>(_takeAndGiveOn, pool)
        ]);
        for (var i = 0; i < 100; i++) {
          final (inbox, port) = victims[i % victims.length].said;
          port.send(pool.give(pool.requireAddress(), to: inbox));
        }
        for (final victim in victims) {
          await someTime(random, const Duration(milliseconds: 2));
          await victim.kill();
        }
        await Future<void>.delayed(const Duration(milliseconds: 50));
        // Taken, and neither given on nor freed at that moment: one each at most.
        final now = pool.stats.inUse;
        expect(now - left, lessThanOrEqualTo(victims.length));
        left = now;
      }
      print('      40 isolates were killed with $left objects in hand');
      final free = allocAll(pool);
      expect(free.length, 200 - left);
      free.forEach(pool.freeAddress);
      expectSound(pool, inUse: left);
      expect(pool.destroyForced(), left);
    });
  });
}
