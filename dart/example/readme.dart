/// The program at the beginning of the README.
library;

import 'dart:ffi';
import 'dart:isolate';

import 'package:magpool/magpool.dart';

final class Job extends Struct {
  @Int64()
  external int number;
  @Double()
  external double result;
}

Future<void> main() async {
  final pool =
      Pool.open(name: 'jobs', objectSize: sizeOf<Job>(), capacity: 1000);

  final job = pool<Job>(); // Throws a PoolExhaustedException if 1000 are live.
  job.ref.number = 42;

  final address = job.address;
  await Isolate.run(() {
    final job = Pointer<Job>.fromAddress(address).ref;
    job.result = job.number / 2;
  });

  print(job.ref.result); // 21.0
  pool.free(job); // By any isolate; a second time is a StateError.
  pool.destroy();
}
