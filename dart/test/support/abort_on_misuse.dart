/// A program that a misuse ends; see misuse_test.
library;

import 'package:magpool/magpool.dart';

void main() {
  final pool = Pool.create(
      name: 'strict', objectSize: 64, capacity: 1, flags: poolAbortOnMisuse);
  final object = pool.requireAddress();
  pool.freeAddress(object);
  pool.freeAddress(object);
  print('still here');
}
