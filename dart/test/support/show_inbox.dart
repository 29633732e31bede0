/// A program whose library cannot make an inbox; see inbox_test. It ends by itself
/// if nothing is left open.
library;

import 'package:magpool/magpool.dart';

void main() {
  for (var i = 0; i < 2; i++) {
    try {
      print(PoolInbox.own);
    } on PoolException catch (error) {
      print('status ${error.status}');
    }
  }
}
