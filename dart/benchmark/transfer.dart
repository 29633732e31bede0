/// What it costs to move an object to another isolate and free it there, beside
/// sending an int, and beside sending a Dart object with the same eight fields.
///
/// Round trips in turn, in one run; the least of many is shown.
library;

import 'dart:async';
import 'dart:isolate';

import 'package:magpool/magpool.dart';

const rounds = 40;
const trips = 1000;

final class Message {
  Message(int n)
      : fields = [for (var i = 0; i < 8; i++) n + i],
        name = 'message $n';
  final List<int> fields;
  final String name;
}

void _echo((Pool, SendPort) start) {
  final (pool, port) = start;
  final requests = RawReceivePort();
  requests.handler = (Object? message) {
    switch (message) {
      case final PoolToken token:
        pool.freeAddress(token.take());
      case final int token when token > trips:
        pool.freeAddress(PoolToken(token).take());
      case null:
        requests.close();
    }
    port.send(null);
  };
  port.send(requests.sendPort);
}

Future<void> main() async {
  final pool = Pool.create(objectSize: 64, capacity: 100);
  final replies = ReceivePort();
  await Isolate.spawn(_echo, (pool, replies.sendPort));
  final answers = StreamIterator<Object?>(replies);
  await answers.moveNext();
  final port = answers.current! as SendPort;

  Future<double> time(Object Function(int) make) async {
    final watch = Stopwatch()..start();
    for (var i = 0; i < trips; i++) {
      port.send(make(i));
      await answers.moveNext();
    }
    return watch.elapsedMicroseconds / trips;
  }

  final ways = <String, Object Function(int)>{
    'an int': (i) => i,
    'an object, by a number': (_) => pool.give(pool.requireAddress()).value,
    'an object, by a token': (_) => pool.give(pool.requireAddress()),
    'a Dart object': Message.new,
  };
  final least = {for (final name in ways.keys) name: double.infinity};
  for (var round = 0; round < rounds; round++) {
    for (final MapEntry(key: name, value: make) in ways.entries) {
      final now = await time(make);
      if (now < least[name]!) least[name] = now;
    }
  }
  for (final MapEntry(key: name, value: us) in least.entries) {
    final ratio = us / least['an int']!;
    print('${name.padRight(24)} ${us.toStringAsFixed(2)} us there and back, '
        '${ratio.toStringAsFixed(2)} of an int');
  }
  port.send(null);
  replies.close();
  pool.destroy();
}
