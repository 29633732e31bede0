/// Pools whose soundness every test proves at its end.
library;

import 'package:magpool/magpool.dart';
import 'package:test/test.dart';

/// Expects that [pool] is undamaged, has [inUse] live objects and lost none.
void expectSound(Pool pool, {int inUse = 0}) {
  final report = pool.check();
  expect(report.isClean, isTrue, reason: '$report');
  expect(report.live, inUse, reason: '$report');
  expect(report.lost, 0, reason: '$report');
  expect(pool.stats.inUse, inUse);
}

/// A pool that is sound and empty when the test that asked for it ends.
Pool newPool({
  String? name,
  int objectSize = 64,
  int objectAlign = 0,
  required int capacity,
  int limit = 0,
  int magazineRounds = 0,
}) {
  final pool = Pool.create(
      name: name,
      objectSize: objectSize,
      objectAlign: objectAlign,
      capacity: capacity,
      limit: limit,
      magazineRounds: magazineRounds);
  addTearDown(() {
    expectSound(pool);
    pool.destroy();
    expect(pool.isDestroyed, isTrue);
  });
  return pool;
}

/// Allocates until the pool says no.
List<int> allocAll(Pool pool) {
  final objects = <int>[];
  for (var object = pool.allocAddress();
      object != 0;
      object = pool.allocAddress()) {
    objects.add(object);
  }
  return objects;
}

/// Waits until nothing of [pool] is live, making garbage meanwhile.
Future<void> collect(Pool pool) async {
  for (var i = 0; i < 500 && pool.stats.inUse > 0; i++) {
    [for (var j = 0; j < 1000; j++) List<int>.filled(256, j)];
    await Future<void>.delayed(const Duration(milliseconds: 5));
  }
}
