/// Objects that a native finalizer frees: on a thread of the collector, which
/// never used the pool, or while an isolate is torn down.
library;

import 'dart:async';
import 'dart:ffi';
import 'dart:isolate';

import 'package:magpool/magpool.dart';
import 'package:test/test.dart';

import 'support/pools.dart';

final _finalizer = NativeFinalizer(Pool.nativeFree);

final class _Owner implements Finalizable {}

/// New owners of [count] new objects.
List<_Owner> ownObjects(Pool pool, int count) =>
    [for (var i = 0; i < count; i++) _own(pool.requireAddress())];

_Owner _own(int object) {
  final owner = _Owner();
  _finalizer.attach(owner, Pointer<Void>.fromAddress(object), detach: owner);
  return owner;
}

/// Keeps the owners alive until the isolate ends.
void _ownToTheEnd(Pool pool, int count) {
  _kept = ownObjects(pool, count);
}

List<_Owner> _kept = [];

void main() {
  group('finalizer', () {
    test('objects_of_an_ended_isolate_are_freed', () async {
      final pool = newPool(capacity: 200);
      await Isolate.run(() => _ownToTheEnd(pool, 200));
      await collect(pool);
      expect(pool.stats.totalFreed, 200);
    });

    test('objects_of_garbage_are_freed', () async {
      final pool = newPool(capacity: 1000);
      for (var round = 0; round < 10; round++) {
        ownObjects(pool, 1000);
        await collect(pool);
        expect(pool.stats.inUse, 0);
      }
      expect(pool.stats.totalFreed, 10000);
    });

    test('objects_of_garbage_are_freed_while_others_work', () async {
      final pool = newPool(capacity: 1100);
      final others = Future.wait(
          [for (var i = 0; i < 3; i++) Isolate.run(() => _pairs(pool, 30000))]);
      for (var round = 0; round < 5; round++) {
        ownObjects(pool, 1000);
        for (var i = 0; i < 500 && pool.stats.inUse > 100; i++) {
          [for (var j = 0; j < 1000; j++) List<int>.filled(256, j)];
          await Future<void>.delayed(const Duration(milliseconds: 2));
        }
      }
      await others;
      await collect(pool);
      expect(pool.stats.inUse, 0);
    });

    test('object_freed_by_hand_and_detached_is_freed_once', () async {
      final pool = newPool(capacity: 1);
      for (var i = 0; i < 100; i++) {
        final object = pool.requireAddress();
        final owner = _own(object);
        _finalizer.detach(owner);
        pool.freeAddress(object);
      }
      await collect(pool);
      expect(pool.stats.misuseDoubleFree, 0);
    });

    test('release_of_null_does_nothing', () {
      final pool = newPool(capacity: 1);
      final release = Pool.nativeFree
          .asFunction<void Function(Pointer<Void>)>(isLeaf: true);
      release(nullptr);
      final object = pool.requireAddress();
      release(Pointer.fromAddress(object));
      expect(pool.stats.inUse, 0);
      release(Pointer.fromAddress(object));
      expect(pool.stats.misuseDoubleFree, 1);
    });
  });
}

/// Allocates and frees [count] times, a few at a time.
void _pairs(Pool pool, int count) {
  for (var i = 0; i < count ~/ 10; i++) {
    final objects = [for (var j = 0; j < 10; j++) pool.requireAddress()];
    objects.forEach(pool.freeAddress);
  }
}
