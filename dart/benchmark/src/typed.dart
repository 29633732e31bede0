/// The generated pools of messages: leases, guarded ones, batches, pointers.
library;

import 'dart:ffi';

import 'package:magpool/concurrent.dart';

import 'measure.dart';
import 'native.dart';
import 'pairs.dart';

/// The pool of all of these.
final StressTestMessagePool _pool = StressTestMessagePool.open();

/// Keeps the compiler from proving that an object never leaves a function.
Object? kept;

/// Cases on the pool of [StressTestMessage].
List<Case> typedCases() => [
      const Case('typed pointer', pairs, _pointer),
      const Case('lease', pairs, _lease),
      const Case('lease that escapes', pairs, _escaping),
      const Case('lease by use()', pairs, _use),
      const Case('lease, guarded', pairs ~/ 8, _guarded),
      const Case('message: typed pointer', pairs, _messagePointer),
      const Case('message: lease', pairs, _messageLease),
      const Case('message: batch of 64 leases', pairs, _messageBatch),
      const Case('message: typed pointer to calloc, leaf', pairs, _messageLeaf),
      const Case('message: typed pointer to calloc', pairs, _messageCall),
    ];

void _pointer() {
  for (var i = 0; i < pairs; i++) {
    _pool.freePointer(_pool.allocPointer());
  }
}

void _lease() {
  for (var i = 0; i < pairs; i++) {
    _pool.alloc().close();
  }
}

void _escaping() {
  for (var i = 0; i < pairs; i++) {
    final lease = _pool.alloc();
    kept = lease;
    lease.close();
  }
}

void _use() {
  for (var i = 0; i < pairs; i++) {
    _pool.use((lease) => lease.threadId = i);
  }
}

void _guarded() {
  for (var i = 0; i < pairs ~/ 8; i++) {
    _pool.alloc().guard().close();
  }
}

void _messageLease() {
  var sum = 0;
  for (var i = 0; i < pairs; i++) {
    final message = _pool.alloc()
      ..threadId = i
      ..sequence = i
      ..timestamp = i;
    sum += message.threadId + message.sequence + message.timestamp;
    message.close();
  }
  sink += sum;
}

void _messageBatch() {
  var sum = 0;
  for (var i = 0; i < pairs; i += 64) {
    final batch = _pool.allocBatch(64);
    for (var j = 0; j < 64; j++) {
      final message = batch[j]
        ..threadId = i
        ..sequence = i
        ..timestamp = i;
      sum += message.threadId + message.sequence + message.timestamp;
    }
    batch.close();
  }
  sink += sum;
}

@pragma('vm:prefer-inline')
int _fields(Pointer<StressTestMessage> message, int i) {
  message
    ..threadId = i
    ..sequence = i
    ..timestamp = i;
  return message.threadId + message.sequence + message.timestamp;
}

void _messagePointer() {
  var sum = 0;
  for (var i = 0; i < pairs; i++) {
    final message = _pool.allocPointer();
    sum += _fields(message, i);
    _pool.freePointer(message);
  }
  sink += sum;
}

void _messageLeaf() {
  var sum = 0;
  for (var i = 0; i < pairs; i++) {
    final address = callocLeaf(1, stressTestMessageSize);
    sum += _fields(Pointer<StressTestMessage>.fromAddress(address), i);
    freeLeaf(address);
  }
  sink += sum;
}

void _messageCall() {
  var sum = 0;
  for (var i = 0; i < pairs; i++) {
    final address = callocCall(1, stressTestMessageSize);
    sum += _fields(Pointer<StressTestMessage>.fromAddress(address), i);
    freeCall(address);
  }
  sink += sum;
}
