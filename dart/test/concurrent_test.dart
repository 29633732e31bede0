/// The concurrent test programme, called by isolates: each call starts native
/// threads that work on the schema's pools. The isolates' own work on the same
/// pools is in messages_test.
library;

import 'package:magpool/workloads.dart';
import 'package:test/test.dart';

import 'support/isolates.dart';
import 'support/workloads.dart';

/// Rounds of the free list's check after something that could harm it.
const integrityRounds = 1000;

void main() {
  expectAllPoolsSound();

  group('isolate concurrent access', () {
    test('small_pool_in_4_isolates_is_intact',
        () => runWorkload(4, () => concurrentTestSmallPool(4, 100)));

    test('medium_pool_in_4_isolates_is_intact',
        () => runWorkload(4, () => concurrentTestMediumPool(4, 100)));

    test('large_pool_in_4_isolates_is_intact',
        () => runWorkload(4, () => concurrentTestLargePool(4, 50)));

    test('stress_in_8_isolates_is_intact', () async {
      final pairs =
          await runWorkload(8, () => stressTestRapidAllocFree(2, 500));
      expect(pairs, greaterThan(0));
    });

    test('all_pools_in_8_isolates_are_intact', () async {
      final results = await runIsolates(8, (i) => _workload(i % 4, 4, 200));
      expect(results, isNot(contains(workloadFailed)));
    });
  });

  group('rapid allocation and deallocation', () {
    test('rapid_sequential_operations_are_intact', () {
      for (var i = 0; i < 50; i++) {
        for (final workload in [0, 1, 2, 3]) {
          expect(_workload(workload, 1, 100), isNot(workloadFailed));
        }
      }
    });

    test('bursts_of_several_cycles_are_intact', () async {
      for (var cycle = 0; cycle < 10; cycle++) {
        await runWorkload(4, () => concurrentTestSmallPool(4, 250));
        await runWorkload(2, () => stressTestRapidAllocFree(4, 20));
      }
    });
  });

  group('memory corruption detection', () {
    test('integrity_after_heavy_load_holds', () async {
      await runWorkload(8, () => concurrentTestSmallPool(8, 1000));
      await runWorkload(4, () => concurrentTestLargePool(8, 250));
      expect(testFreeListIntegrity(integrityRounds), isTrue);
    });

    test('integrity_after_mixed_operations_holds', () async {
      await runWorkload(4, () => concurrentTestMixedOperations(8, 500));
      expect(testFreeListIntegrity(integrityRounds), isTrue);
    });

    test('integrity_after_exhaustion_holds', () {
      expect(testPoolExhaustion(100), isTrue);
      expect(testFreeListIntegrity(integrityRounds), isTrue);
    });

    test('integrity_after_exhaustion_at_the_limit_holds', () {
      expect(testPoolExhaustion(100000), isFalse);
      expect(testFreeListIntegrity(integrityRounds), isTrue);
    });

    test('integrity_in_4_isolates_at_once_holds', () async {
      final results = await runIsolates(4, (_) => testFreeListIntegrity(100));
      expect(results, [true, true, true, true]);
    });
  });

  // Times are printed, never expected: they say more of the machine.
  group('statistics under load', () {
    test('performance_of_the_pools_is_compared', () async {
      const names = ['small', 'medium', 'large', 'mixed'];
      for (var i = 0; i < names.length; i++) {
        await printRate('${names[i]}, 4 threads', 4 * 5000, () async {
          expect(_workload(i, 4, 5000), isNot(workloadFailed));
        });
      }
    });

    for (final threads in [1, 2, 4, 8, 16, 32]) {
      test('scalability_with_${threads}_threads_is_measured', () async {
        const pairs = 32000;
        await printRate('$threads threads', pairs, () async {
          final result = concurrentTestSmallPool(threads, pairs ~/ threads);
          expect(result, isNot(workloadFailed));
        });
      });

      test('scalability_with_${threads}_isolates_is_measured', () async {
        const pairs = 32000;
        await printRate('$threads isolates', pairs, () async {
          await runWorkload(
              threads, () => concurrentTestSmallPool(1, pairs ~/ threads));
        });
      });
    }

    test('throughput_of_the_stress_test_is_measured', () async {
      final watch = Stopwatch()..start();
      final pairs = stressTestRapidAllocFree(4, 500);
      expect(pairs, isNot(workloadFailed));
      final rate = pairs * 1000 ~/ (watch.elapsedMilliseconds + 1);
      print('      stress: $rate pairs/sec');
    });

    test('contention_of_shared_and_isolated_pools_is_measured', () {
      for (final threads in [1, 4, 8]) {
        final shared = measureContention(threads, true);
        final own = measureContention(threads, false);
        expect([shared, own], isNot(contains(workloadFailed)));
        print('      $threads threads: shared $shared us, own $own us');
      }
    });
  });
}

/// Runs the workload with this number; a number can be sent to an isolate.
int _workload(int number, int threads, int operations) => [
      concurrentTestSmallPool,
      concurrentTestMediumPool,
      concurrentTestLargePool,
      concurrentTestMixedOperations,
    ][number](threads, operations);
