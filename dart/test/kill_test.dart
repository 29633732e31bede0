/// Isolates that are killed: with objects in hand, in the midst of a loop, with
/// finalizers pending. What they held stays live until a survivor frees it.
library;

import 'dart:ffi';
import 'dart:isolate';

import 'package:magpool/magpool.dart';
import 'package:test/test.dart';

import 'support/memory.dart';
import 'support/pools.dart';

const objectBytes = 64;
const priorities = [Isolate.immediate, Isolate.beforeNextEvent];

/// An isolate that runs, and what it said first.
typedef Victim = ({Isolate isolate, Object? said, ReceivePort exit});

/// Starts [body], which sends one message before it goes on.
Future<Victim> start(void Function((Pool, SendPort)) body, Pool pool) async {
  final port = ReceivePort();
  final exit = ReceivePort();
  final isolate = await Isolate.spawn(body, (pool, port.sendPort),
      onExit: exit.sendPort, errorsAreFatal: true);
  return (isolate: isolate, said: await port.first, exit: exit);
}

Future<void> kill(Victim victim, int priority) async {
  victim.isolate.kill(priority: priority);
  await victim.exit.first;
}

/// The addresses of all objects that [pool] has, of which none is live.
Set<int> addressesOf(Pool pool) {
  final all = allocAll(pool);
  all.forEach(pool.freeAddress);
  return all.toSet();
}

/// Frees whatever of [all] is live, as a survivor who was told nothing: what
/// cannot be allocated was held by the killed. How many these were.
int freeWhatTheKilledHeld(Pool pool, Set<int> all) {
  final live = pool.stats.inUse;
  final free = allocAll(pool);
  final held = all.difference(free.toSet());
  expect(held.length, live);
  expect(free.length + held.length, all.length);
  expectSound(pool, inUse: all.length);
  held.forEach(pool.freeAddress);
  free.forEach(pool.freeAddress);
  expectSound(pool);
  return live;
}

/// Holds 20 objects for ever.
Future<void> _hold((Pool, SendPort) start) async {
  final (pool, port) = start;
  final objects = [for (var i = 0; i < 20; i++) pool.requireAddress()];
  for (final object in objects) {
    fill(object, objectBytes, object);
  }
  ReceivePort(); // Open, it keeps the isolate alive.
  port.send(objects);
}

/// Allocates and frees without a break: only an immediate kill ends that.
void _loop((Pool, SendPort) start) {
  final (pool, port) = start;
  final held = <int>[];
  for (var i = 0;; i++) {
    if (i == 1000) port.send(null);
    held.add(pool.requireAddress());
    fill(held.last, objectBytes, i);
    if (held.length == 5) {
      held.forEach(pool.freeAddress);
      held.clear();
    }
  }
}

/// As [_loop], an event for every few steps, with objects held from one to the
/// next, which is likely on another thread.
Future<void> _loopOverEvents((Pool, SendPort) start) async {
  final (pool, port) = start;
  final held = <int>[];
  for (var i = 0;; i++) {
    if (i == 20) port.send(null);
    for (var j = 0; j < 50; j++) {
      held.add(pool.requireAddress());
      if (held.length == 5) pool.freeAddress(held.removeAt(0));
    }
    await Future<void>.delayed(Duration.zero);
  }
}

final class _Owner implements Finalizable {}

List<_Owner> _kept = [];

/// Owns 20 objects that a finalizer frees, and makes more garbage of that kind.
Future<void> _ownAndDiscard((Pool, SendPort) start) async {
  final (pool, port) = start;
  final finalizer = NativeFinalizer(Pool.nativeFree);
  _Owner own() {
    final owner = _Owner();
    final object = pool.requireAddress();
    finalizer.attach(owner, Pointer<Void>.fromAddress(object));
    return owner;
  }

  _kept = [for (var i = 0; i < 20; i++) own()];
  [for (var i = 0; i < 20; i++) own()];
  ReceivePort();
  port.send(null);
}

/// Starts and kills [count] isolates, [atOnce] at a time, of all three kinds.
Future<void> startAndKill(Pool pool, int count, {required int atOnce}) async {
  for (var i = 0; i < count; i += atOnce) {
    final victims = await Future.wait([
      for (var k = 0; k < atOnce; k++)
        start([_hold, _loop, _loopOverEvents][(i + k) % 3], pool)
    ]);
    await Future.wait([
      for (var k = 0; k < atOnce; k++)
        kill(victims[k],
            (i + k) % 3 == 1 ? Isolate.immediate : priorities[k % 2])
    ]);
  }
}

void main() {
  group('kill', () {
    for (final priority in priorities) {
      final name = priority == Isolate.immediate ? 'immediate' : 'next_event';

      test('objects_held_by_isolates_killed_${name}_stay_whole', () async {
        final pool = newPool(capacity: 80);
        final victims =
            await Future.wait([for (var i = 0; i < 4; i++) start(_hold, pool)]);
        expect(pool.allocAddress(), 0);
        await Future.wait([for (final v in victims) kill(v, priority)]);
        expectSound(pool, inUse: 80);
        expect(pool.allocAddress(), 0);
        final objects = [for (final v in victims) ...v.said as List<int>];
        expect(objects.toSet().length, 80);
        expect(objects.every((o) => holds(o, objectBytes, o)), isTrue);
        await Isolate.run(() => objects.forEach(pool.freeAddress));
        expectSound(pool);
        expect(addressesOf(pool), objects.toSet());
      });

      test('isolates_killed_${name}_between_events_leave_what_they_held',
          () async {
        final pool = newPool(capacity: 100);
        final all = addressesOf(pool);
        final victims = await Future.wait(
            [for (var i = 0; i < 4; i++) start(_loopOverEvents, pool)]);
        await Future.wait([for (final v in victims) kill(v, priority)]);
        expect(freeWhatTheKilledHeld(pool, all), lessThanOrEqualTo(4 * 5));
        expect(addressesOf(pool), all);
      });

      test('finalizers_of_an_isolate_killed_${name}_free_its_objects',
          () async {
        final pool = newPool(capacity: 160);
        final victims = await Future.wait(
            [for (var i = 0; i < 4; i++) start(_ownAndDiscard, pool)]);
        await Future.wait([for (final v in victims) kill(v, priority)]);
        await collect(pool);
        expect(pool.stats.totalFreed, 160);
        expect(pool.stats.misuseDoubleFree, 0);
      });
    }

    test('isolates_killed_in_loops_leave_what_they_held', () async {
      final pool = newPool(capacity: 100);
      final all = addressesOf(pool);
      for (var round = 0; round < 5; round++) {
        final victims =
            await Future.wait([for (var i = 0; i < 4; i++) start(_loop, pool)]);
        await Future.wait(
            [for (final v in victims) kill(v, Isolate.immediate)]);
        expect(freeWhatTheKilledHeld(pool, all), lessThanOrEqualTo(4 * 5));
      }
      expect(addressesOf(pool), all);
    });

    test('400_isolates_started_and_killed_leave_no_cache_behind', () async {
      const atOnce = 8;
      // Room for what they leave behind: a third 20 objects, the others up to 5.
      final pool = newPool(capacity: 4200);
      final all = addressesOf(pool);
      await startAndKill(pool, 80, atOnce: atOnce);
      final before = pool.stats.caches;
      await startAndKill(pool, 320, atOnce: atOnce);
      final after = pool.stats;
      print('      caches: $before after 80 isolates, '
          '${after.caches} after 400; ${after.inUse} objects left');
      // Caches are threads', of which the VM keeps a few more than isolates ran.
      expect(after.caches, lessThanOrEqualTo(3 * atOnce));
      expect(after.inUse, greaterThanOrEqualTo(400 ~/ 3 * 20));
      freeWhatTheKilledHeld(pool, all);
      expect(pool.stats.misuseDoubleFree, 0);
      expect(addressesOf(pool), all);
    });
  });
}
