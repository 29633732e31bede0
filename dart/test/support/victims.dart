/// Isolates that are to be killed.
library;

import 'dart:async';
import 'dart:isolate';
import 'dart:math';

/// An isolate that runs, and what it said first.
final class Victim<T> {
  Victim._(this._isolate, this._exit, this.said);

  final Isolate _isolate;
  final ReceivePort _exit;
  final T said;

  /// Starts [body] with [argument]; it sends one message before it goes on.
  static Future<Victim<T>> start<A, T>(
      void Function((A, SendPort)) body, A argument) async {
    final port = ReceivePort();
    final exit = ReceivePort();
    final isolate = await Isolate.spawn(body, (argument, port.sendPort),
        onExit: exit.sendPort, errorsAreFatal: true);
    return Victim._(isolate, exit, await port.first as T);
  }

  Future<void> kill([int priority = Isolate.immediate]) async {
    _isolate.kill(priority: priority);
    await _exit.first;
  }
}

/// Waits up to [limit].
Future<void> someTime(Random random, Duration limit) => Future<void>.delayed(
    Duration(microseconds: random.nextInt(limit.inMicroseconds)));
