/// What random choices of a test come from: `MAGPOOL_SEED`, or the time. Printed.
library;

import 'dart:io';

final int seed = _choose();

int _choose() {
  final given = int.tryParse(Platform.environment['MAGPOOL_SEED'] ?? '');
  final seed = given ?? DateTime.now().microsecondsSinceEpoch & 0xffffffff;
  print('MAGPOOL_SEED=$seed');
  return seed;
}
