/// The same work in several isolates at once.
library;

import 'dart:async';
import 'dart:ffi';
import 'dart:isolate';

import 'package:magpool/magpool.dart';

import 'message.dart';
import 'native.dart';
import 'pairs.dart' show kept;

/// What each isolate does [isolatePairs] times, by name.
const List<String> isolateKinds = [
  'pool',
  'malloc, leaf',
  'calloc',
  'collector'
];

/// Pairs that each isolate does.
const int isolatePairs = 1 << 19;

/// Isolates that wait for work.
final class Crew {
  Crew._(this._replies, this._port, this._members);

  final StreamIterator<Object?> _replies;
  final ReceivePort _port;
  final List<SendPort> _members;

  /// Starts [count] isolates that share [pool].
  static Future<Crew> start(int count, Pool pool) async {
    final port = ReceivePort();
    final replies = StreamIterator<Object?>(port);
    final members = <SendPort>[];
    for (var i = 0; i < count; i++) {
      await Isolate.spawn(_serve, (port.sendPort, pool));
      await replies.moveNext();
      members.add(replies.current! as SendPort);
    }
    return Crew._(replies, port, members);
  }

  /// Nanoseconds of a pair, while [count] isolates do it: from the start of the
  /// first to the end of the last one, and of their own processor time.
  Future<(double, double)> run(String kind, int count) async {
    final watch = Stopwatch()..start();
    for (final member in _members.take(count)) {
      member.send(kind);
    }
    var processor = 0;
    for (var i = 0; i < count; i++) {
      await _replies.moveNext();
      processor += _replies.current! as int;
    }
    final seconds = watch.elapsedTicks / watch.frequency;
    final all = isolatePairs * count;
    return (seconds * 1e9 / all, processor / all);
  }

  /// Ends the isolates.
  void stop() {
    for (final member in _members) {
      member.send(null);
    }
    _port.close();
  }
}

Future<void> _serve((SendPort, Pool) start) async {
  final (replies, pool) = start;
  final port = ReceivePort();
  replies.send(port.sendPort);
  await for (final kind in port) {
    if (kind == null) break;
    // Nothing is awaited meanwhile, so it is one thread.
    final begin = threadNanoseconds();
    switch (kind as String) {
      case 'pool':
        _pool(pool);
      case 'malloc, leaf':
        _malloc();
      case 'calloc':
        _calloc();
      case 'collector':
        _objects();
    }
    replies.send(threadNanoseconds() - begin);
  }
  port.close();
}

void _pool(Pool pool) {
  for (var i = 0; i < isolatePairs; i++) {
    pool.freeAddress(pool.requireAddress());
  }
}

void _malloc() {
  for (var i = 0; i < isolatePairs; i++) {
    freeLeaf(mallocLeaf(sizeOf<SmallNative>()));
  }
}

void _calloc() {
  for (var i = 0; i < isolatePairs; i++) {
    freeCall(callocCall(1, sizeOf<SmallNative>()));
  }
}

void _objects() {
  for (var i = 0; i < isolatePairs; i++) {
    kept[i & 63] = SmallDart();
  }
}
