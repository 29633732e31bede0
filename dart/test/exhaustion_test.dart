/// A bounded pool gives exactly its capacity, however many isolates ask.
library;

import 'dart:math';

import 'package:magpool/magpool.dart';
import 'package:test/test.dart';

import 'support/isolates.dart';
import 'support/memory.dart';
import 'support/pools.dart';

/// A worker that allocates all it can get, or frees what it is given.
List<int> Function(List<int>?) greedy(Pool pool) => (free) {
      if (free == null) return allocAll(pool);
      free.forEach(pool.freeAddress);
      return const [];
    };

Future<void> exhaustByIsolates(int isolates, int capacity,
    {required int rounds, int limit = 0}) async {
  final pool = newPool(capacity: capacity, limit: limit);
  final most = max(capacity, limit);
  final workers = [
    for (var i = 0; i < isolates; i++) await Worker.start(() => greedy(pool))
  ];
  for (var round = 0; round < rounds; round++) {
    final held = await Future.wait([for (final w in workers) w.ask(null)]);
    expect(held.fold<int>(0, (sum, objects) => sum + objects.length), most);
    expect({for (final objects in held) ...objects}.length, most);
    expect(pool.allocAddress(), 0);
    expect(await workers.last.ask(null), isEmpty);
    expectSound(pool, inUse: most);
    // Each frees what its neighbour allocated.
    await Future.wait([
      for (var i = 0; i < isolates; i++)
        workers[i].ask(held[(i + 1) % isolates])
    ]);
    expectSound(pool);
  }
  for (final worker in workers) {
    worker.stop();
  }
}

/// Holds at most [share] objects, at random; the number of refusals.
int churn(Pool pool, int seed, {required int share, required int steps}) {
  final random = Random(seed);
  final held = <int>[];
  var refused = 0;
  for (var i = 0; i < steps; i++) {
    if (held.length < share && random.nextBool()) {
      final object = pool.allocAddress();
      if (object == 0) {
        refused++;
        continue;
      }
      fill(object, 64, seed);
      held.add(object);
    } else if (held.isNotEmpty) {
      final object = held.removeAt(random.nextInt(held.length));
      if (!holds(object, 64, seed)) throw StateError('object damaged');
      pool.freeAddress(object);
    }
  }
  held.forEach(pool.freeAddress);
  return refused;
}

Future<void> neverRefuse(int isolates, int share) async {
  final pool = newPool(capacity: isolates * share);
  final refused = await runIsolates(
      isolates, (i) => churn(pool, i + 1, share: share, steps: 20000));
  expect(refused, List.filled(isolates, 0));
}

void main() {
  group('exhaustion', () {
    test('alloc_by_4_isolates_exactly_capacity_succeed',
        () => exhaustByIsolates(4, 1000, rounds: 10));

    test('alloc_by_8_isolates_exactly_capacity_succeed',
        () => exhaustByIsolates(8, 1000, rounds: 10));

    test('capacity_1_shared_by_8_isolates_gives_exactly_1',
        () => exhaustByIsolates(8, 1, rounds: 10));

    test('alloc_by_8_isolates_of_growing_pool_exactly_limit_succeed',
        () => exhaustByIsolates(8, 100, limit: 1000, rounds: 10));

    test('alloc_by_24_isolates_exactly_capacity_succeed',
        () => exhaustByIsolates(24, 1000, rounds: 5));

    test('one_free_when_exhausted_exactly_one_succeeds', () async {
      final pool = newPool(capacity: 100);
      final objects = allocAll(pool);
      for (var i = 0; i < 5; i++) {
        pool.freeAddress(objects.removeLast());
        final got = await runIsolates(4, (_) => pool.allocAddress());
        expect(got.where((object) => object != 0).length, 1);
        objects.add(got.firstWhere((object) => object != 0));
      }
      objects.forEach(pool.freeAddress);
    });
  });

  group('share', () {
    // If each of n isolates holds at most its nth part of the capacity, there
    // is always a free object, wherever it may be cached.
    test('alloc_within_share_of_2_isolates_never_fails',
        () => neverRefuse(2, 100));

    test('alloc_within_share_of_8_isolates_never_fails',
        () => neverRefuse(8, 20));

    test('alloc_within_share_of_one_never_fails', () => neverRefuse(8, 1));
  });
}
