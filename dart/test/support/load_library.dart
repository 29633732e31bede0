/// A program that says whether the library can be used; see library_test.
library;

import 'package:magpool/magpool.dart';

void main() {
  try {
    final pool = Pool.create(objectSize: 64, capacity: 1);
    pool.freeAddress(pool.requireAddress());
    pool.destroy();
    print('works');
  } on PoolLibraryException catch (error) {
    print(error);
  }
}
