/// Ten thousand messages by one call, none of them a Dart object.
library;

import 'dart:ffi';
import 'dart:isolate';

import 'package:magpool/magpool.dart';

/// A point of a scan.
final class Point extends Struct {
  @Float()
  external double x;
  @Float()
  external double y;
  @Int64()
  external int time;
}

Future<void> main() async {
  final pool =
      Pool.create(name: 'points', objectSize: sizeOf<Point>(), capacity: 20000);

  // All or nothing; allocBatch would give as many as there are.
  final scan = pool.requireBatch(10000);
  for (var i = 0; i < scan.length; i++) {
    scan.at<Point>(i).ref
      ..x = i / 100
      ..y = -i / 100
      ..time = i;
  }

  // The batch is this isolate's; its objects may go anywhere.
  final addresses = scan.detach();
  final sum = await Isolate.run(() {
    final scan = PoolBatch.of(pool, addresses);
    var sum = 0.0;
    for (var i = 0; i < scan.length; i++) {
      sum += scan.at<Point>(i).ref.x;
    }
    scan.release();
    return sum;
  });
  print('sum of 10000 points: ${sum.toStringAsFixed(1)}');
  print('${pool.stats.inUse} in use');
  pool.destroy();
}
