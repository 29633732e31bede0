/// Isolates that allocate, fill, verify and free the schema's messages
/// themselves, on the pools that native threads use too.
library;

import 'dart:math';

import 'package:magpool/concurrent.dart';
import 'package:magpool/magpool.dart';
import 'package:magpool/workloads.dart';
import 'package:test/test.dart';

import 'support/isolates.dart';
import 'support/messages.dart';
import 'support/workloads.dart';

/// Most objects of each of the schema's pools.
const limit = 100000;

/// Holds up to [held] messages and replaces [steps] of them in random order.
int churn(Message message, int seed, {required int held, required int steps}) {
  final random = Random(seed);
  final messages = <(int, int)>[];
  void takeAny() {
    final (address, mark) = messages.removeAt(random.nextInt(messages.length));
    message.take(address, mark);
  }

  for (var i = 0; i < steps; i++) {
    if (messages.length == held) takeAny();
    final mark = random.nextInt(1 << 30);
    messages.add((message.make(mark), mark));
  }
  while (messages.isNotEmpty) {
    takeAny();
  }
  return steps;
}

/// Churns in [isolates] isolates at once.
Future<void> churnInIsolates(Message message, int isolates,
    {int held = 50, required int steps}) async {
  final done = await runIsolates(
      isolates, (i) => churn(message, i, held: held, steps: steps));
  expect(done, List.filled(isolates, steps));
}

/// Keeps what it makes; answers with how many it made before the pool said no.
int Function(bool) greedy(Message message) {
  final made = <int>[];
  return (more) {
    if (!more) {
      made.forEach(message.pool.freeAddress);
      return made.length;
    }
    try {
      for (;;) {
        made.add(message.make(made.length));
      }
    } on PoolExhaustedException {
      return made.length;
    }
  };
}

typedef Batch = ({List<int> take, int make, int mark});

/// Takes what another one made, then makes as many of its own.
List<int> Function(Batch) relay(Message message) => (batch) {
      for (final address in batch.take) {
        message.take(address, batch.mark);
      }
      return [
        for (var i = 0; i < batch.make; i++) message.make(batch.mark + 1)
      ];
    };

/// Lets messages pass from isolate to isolate for [rounds] rounds.
Future<void> passAround(Message message, int isolates,
    {required int rounds}) async {
  final workers = [
    for (var i = 0; i < isolates; i++) await Worker.start(() => relay(message))
  ];
  var held = List.filled(isolates, const <int>[]);
  for (var round = 0; round <= rounds; round++) {
    held = await Future.wait([
      for (var i = 0; i < isolates; i++)
        workers[i].ask((
          take: held[(i + 1) % isolates],
          make: round < rounds ? 50 : 0,
          mark: round,
        ))
    ]);
  }
  for (final worker in workers) {
    worker.stop();
  }
}

/// Native threads, for isolates that do nothing else.
int nativeWork(Message message) => switch (message) {
      Message.small => concurrentTestSmallPool(4, 500),
      Message.medium => concurrentTestMediumPool(4, 500),
      Message.large => concurrentTestLargePool(4, 250),
      Message.stress => stressTestRapidAllocFree(4, 100),
    };

void main() {
  expectAllPoolsSound();

  test('layout_hash_equals_the_library', () {
    expect(libraryLayoutHash(), concurrentLayoutHash);
  });

  // First, while the pools have the size they begin with.
  for (final message in Message.values) {
    test('${message.name}_pool_begins_small_and_grows', () {
      final before = message.pool.stats;
      expect(before.capacity, message.capacity);
      expect(before.limit, limit);
      final made = [
        for (var i = 0; i <= message.capacity; i++) message.make(i)
      ];
      final stats = message.pool.stats;
      expect(stats.inUse, message.capacity + 1);
      expect(stats.grows, before.grows + 1);
      made.forEach(message.pool.freeAddress);
    });
  }

  group('isolate concurrent access', () {
    test('small_messages_in_4_isolates_are_intact',
        () => churnInIsolates(Message.small, 4, steps: 5000));
    test('medium_messages_in_4_isolates_are_intact',
        () => churnInIsolates(Message.medium, 4, steps: 2000));
    test('large_messages_in_4_isolates_are_intact',
        () => churnInIsolates(Message.large, 4, steps: 500));
    test('stress_messages_in_8_isolates_are_intact',
        () => churnInIsolates(Message.stress, 8, steps: 3000));
    test('small_messages_in_24_isolates_are_intact',
        () => churnInIsolates(Message.small, 24, steps: 500));

    for (final message in Message.values) {
      test('${message.name}_messages_passed_around_4_isolates_are_intact',
          () => passAround(message, 4, rounds: 10));

      test('${message.name}_messages_beside_native_threads_are_intact',
          () async {
        final done = await runIsolates(
            4,
            (i) => i.isEven
                ? nativeWork(message)
                : churn(message, i, held: 50, steps: 500));
        expect(done, isNot(contains(workloadFailed)));
      });
    }
  });

  group('rapid allocation and deallocation', () {
    test('rapid_sequential_operations_are_intact', () {
      for (final message in Message.values) {
        for (var i = 0; i < 500; i++) {
          message.take(message.make(i), i);
        }
      }
    });

    test('bursts_of_several_cycles_are_intact', () async {
      for (var cycle = 0; cycle < 10; cycle++) {
        await churnInIsolates(Message.stress, 4, held: 300, steps: 300);
      }
    });
  });

  group('memory corruption detection', () {
    test('integrity_after_heavy_load_holds', () async {
      await churnInIsolates(Message.small, 8, held: 1000, steps: 3000);
      expect(testFreeListIntegrity(100), isTrue);
    });

    test('integrity_after_mixed_operations_holds', () async {
      final done = await runIsolates(
          8,
          (i) => churn(Message.values[i % Message.values.length], i,
              held: 50, steps: 500));
      expect(done, List.filled(8, 500));
      expect(testFreeListIntegrity(100), isTrue);
    });

    test('integrity_after_exhaustion_by_4_isolates_holds', () async {
      final workers = [
        for (var i = 0; i < 4; i++)
          await Worker.start(() => greedy(Message.small))
      ];
      final made = await Future.wait([for (final w in workers) w.ask(true)]);
      expect(made.fold<int>(0, (sum, count) => sum + count), limit);
      expect(SmallMessagePool.open().tryAlloc(), isNull);
      expect(SmallMessagePool.open().alloc,
          throwsA(isA<PoolExhaustedException>()));
      expect(Message.small.pool.stats.inUse, limit);
      await Future.wait([for (final w in workers) w.ask(false)]);
      for (final worker in workers) {
        worker.stop();
      }
      expect(testFreeListIntegrity(100), isTrue);
    });
  });

  group('statistics under load', () {
    test('performance_of_the_pools_is_compared', () async {
      for (final message in Message.values) {
        await printRate('${message.name}, 4 isolates', 4 * 1000,
            () => churnInIsolates(message, 4, steps: 1000));
      }
    });

    for (final isolates in [1, 2, 4, 8, 16, 32]) {
      test('scalability_with_${isolates}_isolates_is_measured', () async {
        const operations = 32000;
        await printRate(
            '$isolates isolates',
            operations,
            () => churnInIsolates(Message.small, isolates,
                steps: operations ~/ isolates));
      });
    }
  });
}
