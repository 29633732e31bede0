/// Isolates that work at the same time.
library;

import 'dart:async';
import 'dart:isolate';

/// Runs [work] with 0 to [count] - 1, each in an isolate of its own, all at
/// once, and returns what they returned, in that order.
///
/// An error in one of them is the caller's error, once all have ended.
Future<List<R>> runIsolates<R>(
        int count, FutureOr<R> Function(int index) work) =>
    Future.wait([for (var i = 0; i < count; i++) _run(work, i)]);

// A function of its own, so that the closure that is sent holds no more than
// these two.
Future<R> _run<R>(FutureOr<R> Function(int) work, int index) =>
    Isolate.run(() => work(index));

/// An isolate that answers requests one by one, and keeps its state meanwhile.
final class Worker<Q, A> {
  Worker._(this._requests, this._responses, this._replies);

  final SendPort _requests;
  final ReceivePort _responses;
  final StreamIterator<Object?> _replies;

  /// Starts one whose handler is what [makeHandler] makes over there.
  static Future<Worker<Q, A>> start<Q, A>(
      FutureOr<A> Function(Q) Function() makeHandler) async {
    final responses = ReceivePort();
    final replies = StreamIterator<Object?>(responses);
    await Isolate.spawn(_serve<Q, A>, (responses.sendPort, makeHandler));
    await replies.moveNext();
    return Worker._(replies.current! as SendPort, responses, replies);
  }

  /// The handler's answer; an error over there is an error here.
  Future<A> ask(Q request) async {
    // In a record, so that no request looks like the one to stop.
    _requests.send((request,));
    await _replies.moveNext();
    final (answer, error) = _replies.current! as (Object?, String?);
    if (error != null) throw StateError('in an isolate: $error');
    return answer as A;
  }

  /// Ends the isolate.
  void stop() {
    _requests.send(null);
    _responses.close();
  }

  static Future<void> _serve<Q, A>(
      (SendPort, FutureOr<A> Function(Q) Function()) start) async {
    final (replies, makeHandler) = start;
    final requests = ReceivePort();
    final handle = makeHandler();
    replies.send(requests.sendPort);
    await for (final request in requests) {
      if (request == null) break;
      final (question,) = request as (Q,);
      try {
        replies.send((await handle(question), null));
      } catch (error, trace) {
        replies.send((null, '$error\n$trace'));
      }
    }
    requests.close();
  }
}
