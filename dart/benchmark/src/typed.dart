/// The generated pools of messages. Typed leases belong here, too.
library;

import 'package:magpool/concurrent.dart';

import 'measure.dart';
import 'pairs.dart';

/// Cases on the pool of [StressTestMessage].
List<Case> typedCases() {
  final pool = StressTestMessagePool.open();
  return [
    Case('typed pool', pairs, () {
      for (var i = 0; i < pairs; i++) {
        pool.free(pool.alloc());
      }
    }),
    Case('message: typed pool', pairs, () {
      var sum = 0;
      for (var i = 0; i < pairs; i++) {
        final message = pool.alloc()
          ..threadId = i
          ..sequence = i
          ..timestamp = i;
        sum += message.threadId + message.sequence + message.timestamp;
        pool.free(message);
      }
      sink += sum;
    }),
  ];
}
