/// What allocating and freeing one object costs, and a whole message's life.
library;

import 'dart:ffi';

import 'package:magpool/magpool.dart';

import 'measure.dart';
import 'message.dart';
import 'native.dart';

/// Objects of a batch.
const int batchLength = 64;

/// Pairs of one measurement.
const int pairs = 1 << 17;

/// Where results go, so that no work is optimised away.
double sink = 0;

/// Where objects go, so that they are made.
final List<SmallDart?> kept = List.filled(64, null);

/// All cases, on [pool], whose objects are at least a [SmallNative].
List<Case> pairCases(Pool pool) => [
      Case('two empty leaf calls', pairs, _floor),
      Case('two empty calls', pairs, _floorCall),
      Case('pool', pairs, () => _pool(pool)),
      Case('pool as Allocator', pairs, () => _allocator(pool)),
      Case('pool, with a finalizer', pairs ~/ 8, () => _finalized(pool)),
      Case('pool, 64 held', pairs, () => _held(pool)),
      Case('batch of 64', pairs, () => _batch(pool)),
      Case('malloc, leaf', pairs, _mallocLeaf),
      Case('malloc', pairs, _malloc),
      Case('calloc, leaf', pairs, _callocLeaf),
      Case('calloc', pairs, _calloc),
      Case('object of the collector', pairs, _objects),
    ];

/// Messages: allocated, six fields written and read, freed.
List<Case> messageCases(Pool pool) => [
      Case('message: pool', pairs, () => _messagePool(pool)),
      Case('message: batch of 64', pairs, () => _messageBatch(pool)),
      Case('message: malloc, leaf', pairs, _messageMallocLeaf),
      Case('message: calloc, leaf', pairs, _messageCallocLeaf),
      Case('message: calloc', pairs, _messageCalloc),
      Case('message: object of the collector', pairs, _messageObject),
    ];

void _floor() {
  for (var i = 0; i < pairs; i++) {
    emptyLeaf(emptyLeaf(i));
  }
}

void _floorCall() {
  for (var i = 0; i < pairs; i++) {
    emptyCall(emptyCall(i));
  }
}

void _pool(Pool pool) {
  for (var i = 0; i < pairs; i++) {
    pool.freeAddress(pool.requireAddress());
  }
}

void _allocator(Pool pool) {
  for (var i = 0; i < pairs; i++) {
    pool.free(pool<SmallNative>());
  }
}

/// Stands for an object that is freed when this is garbage.
final class Guard implements Finalizable {}

final _finalizer = NativeFinalizer(Pool.nativeFree);

void _finalized(Pool pool) {
  for (var i = 0; i < pairs ~/ 8; i++) {
    final object = pool.requireAddress();
    final guard = Guard();
    _finalizer.attach(guard, Pointer.fromAddress(object), detach: guard);
    _finalizer.detach(guard);
    pool.freeAddress(object);
  }
}

void _held(Pool pool) {
  final objects = List.filled(batchLength, 0);
  for (var i = 0; i < pairs; i += batchLength) {
    for (var j = 0; j < batchLength; j++) {
      objects[j] = pool.requireAddress();
    }
    for (var j = 0; j < batchLength; j++) {
      pool.freeAddress(objects[j]);
    }
  }
}

void _batch(Pool pool) {
  for (var i = 0; i < pairs; i += batchLength) {
    pool.requireBatch(batchLength).release();
  }
}

void _mallocLeaf() {
  for (var i = 0; i < pairs; i++) {
    freeLeaf(mallocLeaf(sizeOf<SmallNative>()));
  }
}

void _malloc() {
  for (var i = 0; i < pairs; i++) {
    freeCall(mallocCall(sizeOf<SmallNative>()));
  }
}

void _callocLeaf() {
  for (var i = 0; i < pairs; i++) {
    freeLeaf(callocLeaf(1, sizeOf<SmallNative>()));
  }
}

void _calloc() {
  for (var i = 0; i < pairs; i++) {
    freeCall(callocCall(1, sizeOf<SmallNative>()));
  }
}

void _objects() {
  for (var i = 0; i < pairs; i++) {
    kept[i & 63] = SmallDart();
  }
}

void _messagePool(Pool pool) {
  var sum = 0.0;
  for (var i = 0; i < pairs; i++) {
    final message = pool.requireAddress();
    writeNative(message, i);
    sum += readNative(message);
    pool.freeAddress(message);
  }
  sink += sum;
}

void _messageBatch(Pool pool) {
  var sum = 0.0;
  for (var i = 0; i < pairs; i += batchLength) {
    final batch = pool.requireBatch(batchLength);
    for (var j = 0; j < batchLength; j++) {
      final message = batch[j];
      writeNative(message, i);
      sum += readNative(message);
    }
    batch.release();
  }
  sink += sum;
}

void _messageMallocLeaf() {
  var sum = 0.0;
  for (var i = 0; i < pairs; i++) {
    final message = mallocLeaf(sizeOf<SmallNative>());
    writeNative(message, i);
    sum += readNative(message);
    freeLeaf(message);
  }
  sink += sum;
}

void _messageCallocLeaf() {
  var sum = 0.0;
  for (var i = 0; i < pairs; i++) {
    final message = callocLeaf(1, sizeOf<SmallNative>());
    writeNative(message, i);
    sum += readNative(message);
    freeLeaf(message);
  }
  sink += sum;
}

void _messageCalloc() {
  var sum = 0.0;
  for (var i = 0; i < pairs; i++) {
    final message = callocCall(1, sizeOf<SmallNative>());
    writeNative(message, i);
    sum += readNative(message);
    freeCall(message);
  }
  sink += sum;
}

void _messageObject() {
  var sum = 0.0;
  for (var i = 0; i < pairs; i++) {
    final message = SmallDart();
    kept[i & 63] = message;
    writeDart(message, i);
    sum += readDart(message);
  }
  sink += sum;
}
