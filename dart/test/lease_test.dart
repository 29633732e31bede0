/// Leases: who owns a message, until when, and that nobody touches it after.
library;

import 'dart:async';
import 'dart:isolate';
import 'dart:typed_data';

import 'package:magpool/concurrent.dart';
import 'package:magpool/magpool.dart';
import 'package:test/test.dart';

import 'support/isolates.dart';
import 'support/pools.dart';
import 'support/workloads.dart';

final small = SmallMessagePool.open();
final large = LargeMessagePool.open();

/// That something is a [StateError] with this word in it.
Matcher throwsStateErrorSaying(String word) => throwsA(isA<StateError>()
    .having((error) => error.message, 'message', contains(word)));

int live(Pool pool) => pool.stats.inUse;

/// Makes [count] guarded leases and forgets them.
void forget(int count) {
  for (var i = 0; i < count; i++) {
    small.alloc().guard().id = i;
  }
}

List<SmallMessageGuardedLease> _kept = [];

/// Keeps guarded leases until the isolate ends.
void keepGuarded(int count) {
  _kept = [for (var i = 0; i < count; i++) small.alloc().guard()];
}

/// Sums the ids of the messages up in another isolate, which closes them.
Future<int> sumElsewhere(Uint64List addresses) => Isolate.run(() {
      final batch = small.adoptBatch(addresses);
      var sum = 0;
      for (var i = 0; i < batch.length; i++) {
        sum += batch[i].id;
      }
      batch.close();
      return sum;
    });

Future<void> _keepAndWait(SendPort port) async {
  keepGuarded(20);
  forget(20);
  ReceivePort(); // Open, it keeps the isolate alive.
  port.send(null);
}

void main() {
  expectAllPoolsSound();

  group('life', () {
    test('lease_closed_gives_its_message_back', () {
      final lease = small.alloc();
      expect(live(small.pool), 1);
      expect(lease.isClosed, isFalse);
      lease.close();
      expect(lease.isClosed, isTrue);
      expect(live(small.pool), 0);
    });

    test('lease_begins_empty', () {
      final first = large.alloc()
        ..title = 'left behind'
        ..payload = [1, 2, 3]
        ..timestamps.add(1)
        ..keywords.add('word');
      first.children.addNew().id = 1;
      final address = first.address;
      first.close();
      final second = large.alloc();
      expect(second.address, address);
      expect(second.title, '');
      expect(second.payload, isEmpty);
      expect(second.timestamps, isEmpty);
      expect(second.keywords, isEmpty);
      expect(second.children, isEmpty);
      second.close();
    });

    test('every_use_after_close_is_a_state_error', () {
      final other = small.alloc();
      final lease = small.alloc()..close();
      final uses = <Object? Function()>[
        () => lease.id,
        () => lease.id = 1,
        () => lease.name,
        () => lease.name = '',
        () => lease.nameBytes,
        () => lease.nameBytes = [],
        () => lease.address,
        () => lease.pointer,
        () => lease.hashCode,
        () => lease == other,
        () => other == lease,
        () => other.copyFrom(lease),
        lease.clear,
        lease.release,
        lease.guard,
      ];
      for (final use in uses) {
        expect(use, throwsStateErrorSaying('closed'));
      }
      expect('$lease', 'SmallMessage(closed)');
      other.close();
    });

    test('second_close_does_nothing', () {
      final lease = small.alloc()..close();
      final next = small.alloc(); // Most likely at the same address.
      lease.close();
      expect(live(small.pool), 1);
      expect(small.pool.stats.misuseDoubleFree, 0);
      next.close();
    });

    test('lease_whose_message_was_freed_by_hand_says_so_once', () {
      final lease = small.alloc();
      final doubleFrees = small.pool.stats.misuseDoubleFree;
      small.pool.freeAddress(lease.address);
      expect(lease.close, throwsStateError);
      expect(small.pool.stats.misuseDoubleFree, doubleFrees + 1);
      lease.close();
      expect(small.pool.stats.misuseDoubleFree, doubleFrees + 1);
    });

    test('released_message_belongs_to_the_caller', () {
      final lease = small.alloc()..name = 'moved';
      final address = lease.release();
      expect(live(small.pool), 1);
      expect(lease.isClosed, isTrue);
      expect(() => lease.name, throwsStateErrorSaying('moved'));
      expect(lease.release, throwsStateErrorSaying('moved'));
      lease.close();
      expect(live(small.pool), 1);
      final adopted = small.adopt(address);
      expect(adopted.name, 'moved');
      adopted.close();
    });

    test('address_of_no_message_is_not_adopted', () {
      final other = large.alloc();
      for (final address in [0, 1, -1, other.address]) {
        expect(() => small.adopt(address), throwsArgumentError);
        expect(() => small.adoptBatch([address]), throwsArgumentError);
      }
      other.close();
      final (kept, freed) = (small.alloc(), small.alloc());
      final (within, gone) = (kept.address + 8, freed.address);
      freed.close();
      expect(() => small.adopt(within), throwsArgumentError);
      expect(() => small.adopt(gone), throwsStateError);
      expect(() => small.adoptBatch([within]), throwsArgumentError);
      kept.close();
    });

    test('message_moves_to_another_isolate_and_back', () async {
      final address = (small.alloc()..id = 1).release();
      final back = await Isolate.run(() {
        final lease = small.adopt(address);
        lease.name = 'seen ${lease.id}';
        return lease.release();
      });
      final lease = small.adopt(back);
      expect(lease.name, 'seen 1');
      lease.close();
    });

    test('lease_cannot_be_sent', () async {
      final lease = large.alloc();
      final children = lease.children..addNew();
      for (final owner in [lease, children, children.first]) {
        expect(() => ReceivePort().sendPort.send(owner), throwsArgumentError);
      }
      final batch = small.allocBatch(2);
      expect(() => ReceivePort().sendPort.send(batch), throwsArgumentError);
      batch.close();
      lease.close();
    });

    test('all_live_is_an_error_or_null', () {
      final batch = small.allocBatch(small.pool.stats.limit + 1);
      expect(batch.length, small.pool.stats.limit);
      expect(small.alloc, throwsA(isA<PoolExhaustedException>()));
      expect(small.tryAlloc(), isNull);
      batch.close();
      small.tryAlloc()!.close();
    });
  });

  group('scope', () {
    test('use_closes_when_the_body_returns_or_throws', () {
      late SmallMessageLease kept;
      expect(small.use((lease) => (kept = lease).id), 0);
      expect(kept.isClosed, isTrue);
      expect(
          () => small.use((lease) {
                kept = lease;
                throw const FormatException();
              }),
          throwsA(isA<FormatException>()));
      expect(kept.isClosed, isTrue);
      expect(live(small.pool), 0);
    });

    test('use_closes_when_the_future_completes', () async {
      final gate = Completer<int>();
      final result = small.use((lease) async => lease.id + await gate.future);
      expect(live(small.pool), 1);
      gate.complete(5);
      expect(await result, 5);
      expect(live(small.pool), 0);
      final failing = small.use((lease) async => throw const FormatException());
      await expectLater(failing, throwsA(isA<FormatException>()));
      expect(live(small.pool), 0);
    });

    test('use_of_a_message_that_moves_leaves_it_alone', () {
      final address = small.use((lease) => lease.release());
      expect(live(small.pool), 1);
      small.adopt(address).close();
    });
  });

  group('guard', () {
    test('guarded_lease_is_the_message_and_the_lease_has_moved', () {
      final lease = small.alloc()..id = 7;
      final guarded = lease.guard();
      expect(guarded.id, 7);
      expect(() => lease.id, throwsStateErrorSaying('moved'));
      guarded.close();
      guarded.close();
      expect(() => guarded.id, throwsStateErrorSaying('closed'));
      expect(live(small.pool), 0);
    });

    test('forgotten_leases_are_returned', () async {
      final doubleFrees = small.pool.stats.misuseDoubleFree;
      for (var round = 0; round < 5; round++) {
        forget(2000);
        await collect(small.pool);
        expect(live(small.pool), 0);
      }
      expect(small.pool.stats.misuseDoubleFree, doubleFrees);
    });

    test('lease_closed_or_released_is_not_returned_again', () async {
      final before = small.pool.stats;
      final kept = <int>[];
      for (var i = 0; i < 500; i++) {
        small.alloc().guard().close();
        kept.add(small.alloc().guard().release());
      }
      await makeGarbage();
      expect(live(small.pool), 500);
      kept.map(small.adopt).forEach((lease) => lease.close());
      expect(small.pool.stats.misuseDoubleFree, before.misuseDoubleFree);
    });

    test('leases_in_use_are_not_returned', () async {
      final leases = [
        for (var i = 0; i < 200; i++) small.alloc().guard()..id = i
      ];
      forget(200);
      await makeGarbage();
      for (var i = 0; i < 200; i++) {
        expect(leases[i].id, i);
        leases[i].close();
      }
      await collect(small.pool);
    });

    test('leases_of_ended_isolates_are_returned', () async {
      await runIsolates(4, (_) => keepGuarded(50));
      await collect(small.pool);
      expect(live(small.pool), 0);
    });

    for (final priority in [Isolate.immediate, Isolate.beforeNextEvent]) {
      test('leases_of_isolates_killed_${priority}_are_returned', () async {
        final doubleFrees = small.pool.stats.misuseDoubleFree;
        for (var i = 0; i < 4; i++) {
          final (port, exit) = (ReceivePort(), ReceivePort());
          final isolate = await Isolate.spawn(_keepAndWait, port.sendPort,
              onExit: exit.sendPort);
          await port.first;
          isolate.kill(priority: priority);
          await exit.first;
        }
        await collect(small.pool);
        expect(live(small.pool), 0);
        expect(small.pool.stats.misuseDoubleFree, doubleFrees);
      });
    }
  });

  group('batch', () {
    test('batch_is_many_empty_messages_and_one_view', () {
      final batch = small.allocBatch(1000);
      expect(batch.length, 1000);
      expect(live(small.pool), 1000);
      for (var i = 0; i < batch.length; i++) {
        expect(batch[i].id, 0);
        batch[i]
          ..id = i
          ..name = 'n$i';
      }
      for (var i = 0; i < batch.length; i++) {
        expect(batch[i].id, i);
        expect(batch[i].name, 'n$i');
      }
      expect(identical(batch[0], batch[1]), isTrue);
      batch.close();
      expect(live(small.pool), 0);
    });

    test('index_out_of_range_is_a_range_error', () {
      final batch = small.allocBatch(3);
      for (final index in [-1, 3]) {
        expect(() => batch[index], throwsRangeError);
      }
      expect(() => small.allocBatch(-1), throwsRangeError);
      batch.close();
      final none = small.allocBatch(0);
      expect(() => none[0], throwsRangeError);
      none.close();
    });

    test('batch_closed_refuses_every_use', () {
      final batch = small.allocBatch(2);
      final first = batch[0];
      batch.close();
      batch.close();
      expect(batch.isClosed && first.isClosed, isTrue);
      final uses = <Object? Function()>[
        () => first.id,
        () => batch[0],
        () => batch.length,
        batch.release,
      ];
      for (final use in uses) {
        expect(use, throwsStateError);
      }
    });

    test('batch_moves_to_another_isolate', () async {
      final batch = small.allocBatch(100);
      for (var i = 0; i < 100; i++) {
        batch[i].id = i;
      }
      final addresses = batch.release();
      expect(() => batch[0], throwsStateError);
      expect(live(small.pool), 100);
      expect(await sumElsewhere(addresses), 4950);
      expect(live(small.pool), 0);
    });

    test('batch_with_a_message_freed_by_hand_says_so_and_frees_the_rest', () {
      final batch = small.allocBatch(10);
      small.pool.freeAddress(batch[4].address);
      expect(batch.close, throwsStateErrorSaying('1 of the 10'));
      expect(live(small.pool), 0);
    });
  });
}

/// Gives the collector something to do.
Future<void> makeGarbage() async {
  for (var i = 0; i < 50; i++) {
    [for (var j = 0; j < 1000; j++) List<int>.filled(256, j)];
    await Future<void>.delayed(Duration.zero);
  }
}
