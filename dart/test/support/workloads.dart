/// Running the concurrent test programme from isolates.
library;

import 'package:magpool/magpool.dart';
import 'package:magpool/workloads.dart';
import 'package:test/test.dart';

import 'isolates.dart';
import 'pools.dart';

/// Around every test of this group: each pool of the process ends undamaged and
/// with as many live objects as it had at the beginning.
void expectAllPoolsSound() {
  late Map<Pool, int> before;
  setUp(() {
    before = {for (final pool in Pool.all) pool: pool.stats.inUse};
  });
  tearDown(() {
    for (final pool in Pool.all) {
      expectSound(pool, inUse: before[pool] ?? 0);
    }
  });
}

/// Runs [workload] in [isolates] isolates at once; the sum of what they return.
/// The workload starts threads of its own in each.
Future<int> runWorkload(int isolates, int Function() workload) async {
  final results = await runIsolates(isolates, (_) => workload());
  expect(results, isNot(contains(workloadFailed)));
  return results.fold<int>(0, (sum, result) => sum + result);
}

/// What happens while [body] runs, in operations for each second; for people.
Future<void> printRate(
    String what, int operations, Future<void> Function() body) async {
  final watch = Stopwatch()..start();
  await body();
  final rate = operations * 1000000 ~/ (watch.elapsedMicroseconds + 1);
  print('      $what: $rate ops/sec, $operations in '
      '${watch.elapsedMilliseconds} ms');
}
