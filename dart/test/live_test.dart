/// Looking at, trimming and ending pools while isolates work on them.
library;

import 'package:magpool/magpool.dart';
import 'package:test/test.dart';

import 'support/isolates.dart';
import 'support/memory.dart';
import 'support/pools.dart';

/// Works for [milliseconds]: fills, verifies and frees objects, and makes
/// garbage, so that collections fall between the calls. The pairs done.
int work(Pool pool, int owner, int milliseconds) {
  final watch = Stopwatch()..start();
  var pairs = 0;
  while (watch.elapsedMilliseconds < milliseconds) {
    final objects = [for (var i = 0; i < 20; i++) pool.requireAddress()];
    for (final object in objects) {
      fill(object, 64, owner);
    }
    for (final object in objects) {
      if (!holds(object, 64, owner)) throw StateError('object damaged');
      pool.freeAddress(object);
    }
    pairs += objects.length;
  }
  return pairs;
}

/// Repeats [look] for [milliseconds]; how often it was done.
int repeat(int milliseconds, void Function() look) {
  final watch = Stopwatch()..start();
  var times = 0;
  while (watch.elapsedMilliseconds < milliseconds) {
    look();
    times++;
  }
  return times;
}

/// Runs [look] again and again in one isolate while four others work.
Future<void> whileWorking(Pool pool, void Function() look) async {
  final done = await runIsolates(
      5, (i) => i == 0 ? repeat(400, look) : work(pool, i, 400));
  final pairs = done.skip(1).fold<int>(0, (sum, pairs) => sum + pairs);
  print('      ${done.first} times during $pairs pairs');
  expect(pool.stats.totalAllocated, greaterThanOrEqualTo(pairs));
}

void checkSound(Pool pool) {
  final report = pool.check();
  if (!report.isClean) throw StateError('$report');
}

void checkBounds(Pool pool) {
  final stats = pool.stats;
  final sound = stats.inUse == stats.totalAllocated - stats.totalFreed &&
      stats.inUse + stats.free + stats.lost == stats.capacity &&
      stats.inUse <= stats.highWater;
  if (!sound) throw StateError('$stats');
}

/// Allocates and frees until the pool is gone; whether it ended as it should.
bool useUntilDestroyed(Pool pool) {
  try {
    for (;;) {
      final object = pool.allocAddress();
      if (object != 0) pool.freeAddress(object);
    }
  } on StateError {
    return true;
  }
}

/// Opens, uses and destroys the pool of this name, which others do too.
int openAndDestroy(String name, int rounds) {
  var destroyed = 0;
  for (var i = 0; i < rounds; i++) {
    try {
      final pool = Pool.open(name: name, objectSize: 64, capacity: 100);
      final object = pool.allocAddress();
      if (object != 0) pool.freeAddress(object);
      pool.destroy();
      destroyed++;
    } on StateError {
      // Another one destroyed it first.
    } on PoolException catch (error) {
      if (error.status != PoolStatus.busy) rethrow;
    }
  }
  return destroyed;
}

void main() {
  group('while isolates work', () {
    test('check_is_clean', () async {
      final pool = newPool(capacity: 100, limit: 1000);
      await whileWorking(pool, () => checkSound(pool));
    });

    test('stats_add_up', () async {
      final pool = newPool(capacity: 100, limit: 1000);
      await whileWorking(pool, () => checkBounds(pool));
    });

    test('trim_loses_nothing', () async {
      final pool = newPool(capacity: 1000);
      await whileWorking(pool, pool.trim);
      final objects = allocAll(pool);
      expect(objects.length, 1000);
      objects.forEach(pool.freeAddress);
    });

    test('flush_thread_loses_nothing', () async {
      final pool = newPool(capacity: 100);
      await whileWorking(pool, pool.flushThread);
    });

    test('destroy_is_busy_or_ends_the_pool', () async {
      final pool = Pool.create(objectSize: 64, capacity: 100);
      final object = pool.requireAddress();
      await whileWorking(pool, () {
        try {
          pool.destroy();
          throw StateError('destroyed with a live object');
        } on PoolException catch (error) {
          if (error.status != PoolStatus.busy) rethrow;
        }
      });
      pool.freeAddress(object);
      expectSound(pool);
      pool.destroy();
    });
  });

  group('ended while isolates work', () {
    test('destroy_forced_ends_them_with_state_errors', () async {
      for (var round = 0; round < 20; round++) {
        final pool = Pool.create(objectSize: 64, capacity: 100);
        final users = runIsolates(3, (_) => useUntilDestroyed(pool));
        await Future<void>.delayed(Duration(milliseconds: round % 5));
        expect(pool.destroyForced(), lessThanOrEqualTo(3));
        expect(await users, [true, true, true]);
      }
    });

    test('open_and_destroy_by_4_isolates_leaves_nothing', () async {
      final destroyed =
          await runIsolates(4, (_) => openAndDestroy('in turn', 300));
      expect(destroyed.fold<int>(0, (sum, n) => sum + n), greaterThan(0));
      final left = Pool.find('in turn');
      if (left != null) {
        expectSound(left);
        left.destroy();
      }
      expect(Pool.find('in turn'), isNull);
    });
  });
}
