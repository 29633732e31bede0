/// Four isolates share one pool: each allocates and fills objects, and this one
/// reads and frees them.
library;

import 'dart:ffi';
import 'dart:isolate';

import 'package:magpool/magpool.dart';

/// What an object of the pool holds.
final class Job extends Struct {
  @Int64()
  external int number;
  @Double()
  external double result;
}

/// Allocates a job and does it; its address.
int work(Pool pool, int number) {
  final address = pool.requireAddress();
  Pointer<Job>.fromAddress(address).ref
    ..number = number
    ..result = number / 2;
  return address;
}

/// Does [count] jobs in another isolate.
Future<List<int>> spawn(Pool pool, int first, int count) =>
    Isolate.run(() => [for (var i = 0; i < count; i++) work(pool, first + i)]);

Future<void> main() async {
  final pool =
      Pool.create(name: 'jobs', objectSize: sizeOf<Job>(), capacity: 1000);
  final done = await Future.wait(
      [for (var i = 0; i < 4; i++) spawn(pool, i * 250, 250)]);

  var sum = 0.0;
  for (final address in done.expand((addresses) => addresses)) {
    sum += Pointer<Job>.fromAddress(address).ref.result;
    pool.freeAddress(address);
  }
  print('sum of the results: $sum');
  print(pool.stats);
  pool.destroy();
}
