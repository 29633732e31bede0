/// What allocating and freeing one object costs from Dart, beside the C
/// library's malloc and free called the same way.
///
/// Prints the least of several runs: other programs only ever add to a time.
library;

import 'dart:ffi';

import 'package:magpool/magpool.dart';

const objectBytes = 64;
const batch = 64;
const held = 64;
const pairs = 1 << 20;
const runs = 15;

final DynamicLibrary process = DynamicLibrary.process();
final int Function(int) cMalloc =
    process.lookupFunction<UintPtr Function(Size), int Function(int)>('malloc',
        isLeaf: true);
final void Function(int) cFree =
    process.lookupFunction<Void Function(UintPtr), void Function(int)>('free',
        isLeaf: true);

void main() {
  final pool =
      Pool.create(objectSize: objectBytes, capacity: 4 * (batch + held));
  measure('pool, one at a time', () => onePool(pool));
  measure('malloc, one at a time', oneMalloc);
  measure('pool, $held held', () => heldPool(pool));
  measure('malloc, $held held', heldMalloc);
  final array =
      Pointer<UintPtr>.fromAddress(cMalloc(batch * sizeOf<UintPtr>()));
  measure('pool, batches of $batch', () => batches(pool, array));
  cFree(array.address);
  pool.destroy();
}

/// Runs [body], which does [pairs] pairs, and prints the nanoseconds of one.
void measure(String what, void Function() body) {
  var least = double.infinity;
  for (var run = 0; run < runs; run++) {
    final watch = Stopwatch()..start();
    body();
    final nanoseconds = watch.elapsedMicroseconds * 1000 / pairs;
    if (nanoseconds < least) least = nanoseconds;
  }
  print(
      '${what.padRight(24)} ${least.toStringAsFixed(1).padLeft(6)} ns a pair');
}

void onePool(Pool pool) {
  for (var i = 0; i < pairs; i++) {
    pool.freeAddress(pool.allocAddress());
  }
}

void oneMalloc() {
  for (var i = 0; i < pairs; i++) {
    cFree(cMalloc(objectBytes));
  }
}

void heldPool(Pool pool) {
  final objects = List.filled(held, 0);
  for (var i = 0; i < pairs ~/ held; i++) {
    for (var j = 0; j < held; j++) {
      objects[j] = pool.allocAddress();
    }
    for (var j = 0; j < held; j++) {
      pool.freeAddress(objects[j]);
    }
  }
}

void heldMalloc() {
  final objects = List.filled(held, 0);
  for (var i = 0; i < pairs ~/ held; i++) {
    for (var j = 0; j < held; j++) {
      objects[j] = cMalloc(objectBytes);
    }
    for (var j = 0; j < held; j++) {
      cFree(objects[j]);
    }
  }
}

void batches(Pool pool, Pointer<UintPtr> array) {
  for (var i = 0; i < pairs ~/ batch; i++) {
    pool.allocInto(array, batch);
    pool.freeFrom(array, batch);
  }
}
