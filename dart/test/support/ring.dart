/// A ring of isolates, each handing every object it allocates to the next.
library;

import 'dart:async';
import 'dart:isolate';

import 'package:magpool/magpool.dart';

import 'memory.dart';

/// Lets [members] isolates hand [rounds] objects each to the next one, which
/// verifies and frees them. At most [window] objects for each member are live:
/// after the first ones, a member frees one before it allocates one.
///
/// Returns how many undamaged objects each member received.
Future<List<int>> runRing(Pool pool,
    {required int members, required int window, required int rounds}) async {
  final port = ReceivePort();
  final reports = StreamIterator<Object?>(port);
  for (var i = 0; i < members; i++) {
    await Isolate.spawn(_member, (port.sendPort, pool, i, window, rounds),
        onError: port.sendPort);
  }
  final ports = await _collect<(SendPort, SendPort)>(reports, members);
  for (var i = 0; i < members; i++) {
    final (control, _) = ports[i];
    final (_, inboxOfNext) = ports[(i + 1) % members];
    control.send(inboxOfNext);
  }
  final good = await _collect<int>(reports, members);
  port.close();
  return good;
}

/// The next report of each member, in the members' order.
Future<List<T>> _collect<T>(StreamIterator<Object?> reports, int count) async {
  final byMember = <int, T>{};
  while (byMember.length < count) {
    await reports.moveNext();
    switch (reports.current) {
      case (final int member, final T report):
        byMember[member] = report;
      case final error:
        throw StateError('in a ring: $error');
    }
  }
  return [for (var i = 0; i < count; i++) byMember[i] as T];
}

Future<void> _member((SendPort, Pool, int, int, int) start) async {
  final (report, pool, me, window, rounds) = start;
  final control = ReceivePort();
  final inbox = ReceivePort();
  report.send((me, (control.sendPort, inbox.sendPort)));
  final next = await control.first as SendPort;
  final messages = StreamIterator<Object?>(inbox);

  var sent = 0;
  void sendOne() {
    final mark = me << 32 | sent;
    final object = pool.requireAddress();
    fill(object, pool.objectSize, mark);
    next.send((object, mark));
    sent++;
  }

  while (sent < window) {
    sendOne();
  }
  var good = 0;
  for (var received = 0; received < rounds; received++) {
    await messages.moveNext();
    final (object, mark) = messages.current! as (int, int);
    if (holds(object, pool.objectSize, mark)) good++;
    pool.freeAddress(object);
    if (sent < rounds) sendOne();
  }
  inbox.close();
  report.send((me, good));
}
