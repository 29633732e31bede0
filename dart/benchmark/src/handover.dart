/// A message to another isolate and back: as an address, under tokens, as a bare
/// integer, and as an object that the VM copies.
library;

import 'dart:async';
import 'dart:isolate';
import 'dart:typed_data';

import 'package:magpool/magpool.dart';

import 'message.dart';

/// What goes back and forth.
const List<String> handovers = [
  'an int',
  'address of a small message',
  'token of a small message',
  'small message as an object',
  'address of a 64 KiB message',
  '64 KiB message as an object',
];

/// Round trips of one measurement.
const int trips = 300;

/// An isolate that reads what it gets, changes it and sends it back.
final class Peer {
  Peer._(this._replies, this._port, this._peer, this._small, this._large);

  final StreamIterator<Object?> _replies;
  final ReceivePort _port;
  final SendPort _peer;
  final Pool _small;
  final Pool _large;

  /// Starts it. Objects of [small] are a [SmallNative], of [large] one with a
  /// payload.
  static Future<Peer> start(Pool small, Pool large) async {
    final port = ReceivePort();
    final replies = StreamIterator<Object?>(port);
    await Isolate.spawn(_answer, (small, port.sendPort));
    await replies.moveNext();
    return Peer._(replies, port, replies.current! as SendPort, small, large);
  }

  /// Nanoseconds of a round trip: making, sending, receiving, reading.
  Future<double> run(String kind) async {
    final trip = switch (kind) {
      'address of a small message' => _smallNative,
      'token of a small message' => _smallGiven,
      'small message as an object' => _smallDart,
      'address of a 64 KiB message' => _largeNative,
      '64 KiB message as an object' => _largeDart,
      _ => _int,
    };
    _peer.send(kind);
    final watch = Stopwatch()..start();
    for (var i = 0; i < trips; i++) {
      await trip(i);
    }
    return watch.elapsedTicks * 1e9 / watch.frequency / trips;
  }

  Future<Object?> _send(Object message) async {
    _peer.send(message);
    await _replies.moveNext();
    return _replies.current;
  }

  Future<void> _int(int i) => _send(i);

  Future<void> _smallNative(int i) async {
    final address = _small.requireAddress();
    writeNative(address, i);
    final back = await _send(address) as int;
    if (readNative(back) < i) throw StateError('damaged');
    _small.freeAddress(back);
  }

  Future<void> _smallGiven(int i) async {
    final address = _small.requireAddress();
    writeNative(address, i);
    final back = await _send(_small.give(address).value) as int;
    final object = PoolToken(back).take();
    if (readNative(object) < i) throw StateError('damaged');
    _small.freeAddress(object);
  }

  Future<void> _smallDart(int i) async {
    final message = SmallDart();
    writeDart(message, i);
    final back = await _send(message) as SmallDart;
    if (readDart(back) < i) throw StateError('damaged');
  }

  Future<void> _largeNative(int i) async {
    final address = _large.requireAddress();
    writeNative(address, i);
    _fill(payloadAt(address));
    final back = await _send(address) as int;
    if (_sum(payloadAt(back)) != 7 * payloadBytes ~/ 1024)
      throw StateError('damaged');
    _large.freeAddress(back);
  }

  Future<void> _largeDart(int i) async {
    final message = LargeDart();
    writeDart(message.head, i);
    _fill(message.payload);
    final back = await _send(message) as LargeDart;
    if (_sum(back.payload) != 7 * payloadBytes ~/ 1024)
      throw StateError('damaged');
  }

  /// Ends the isolate.
  void stop() {
    _peer.send(false);
    _port.close();
  }
}

Future<void> _answer((Pool, SendPort) start) async {
  final (pool, replies) = start;
  final port = ReceivePort();
  replies.send(port.sendPort);
  var kind = '';
  await for (final message in port) {
    switch (message) {
      case String():
        kind = message;
      case int() when kind.startsWith('token'):
        final object = PoolToken(message).take();
        _change(object, kind);
        replies.send(pool.give(object).value);
      case int():
        if (kind.startsWith('address')) _change(message, kind);
        replies.send(message);
      case SmallDart():
        readDart(message);
        writeDart(message, 1 << 40);
        replies.send(message);
      case LargeDart():
        readDart(message.head);
        _sum(message.payload);
        replies.send(message);
      case _:
        port.close();
    }
  }
}

/// Uses the native message at [address] as the objects are used.
void _change(int address, String kind) {
  readNative(address);
  if (kind.contains('KiB')) {
    _sum(payloadAt(address));
  } else {
    writeNative(address, 1 << 40);
  }
}

void _fill(Uint8List payload) => payload.setAll(0, pattern);

int _sum(Uint8List payload) {
  var sum = 0;
  for (var i = 0; i < payload.length; i += 1024) {
    sum += payload[i];
  }
  return sum;
}
