/// From a native status to the Dart error a caller expects.
library;

import 'bindings.g.dart';
import 'errors.dart';
import 'native_memory.dart';

/// The library's sentence for [status], also for one it does not know.
String statusMessage(int status) => cStringAt(poolStatusString(status));

/// Throws for every [status] but [PoolStatus.ok]; see [throwStatus].
void checkStatus(int status, {int? object}) {
  if (status != PoolStatus.ok) throwStatus(status, object: object);
}

/// Throws what [status] means in Dart: [ArgumentError] for a bad [object] or
/// configuration, [StateError] for a double free or a destroyed pool, else a
/// [PoolException].
Never throwStatus(int status, {int? object}) {
  final message = statusMessage(status);
  switch (status) {
    case PoolStatus.nullPointer:
    case PoolStatus.foreign:
    case PoolStatus.interior:
    case PoolStatus.wrongPool:
      throw ArgumentError.value(hex(object ?? 0), 'object', message);
    case PoolStatus.invalid:
      throw ArgumentError(message);
    case PoolStatus.doubleFree:
      throw StateError('$message (${hex(object ?? 0)})');
    case PoolStatus.destroyed:
      throw StateError(message);
    case PoolStatus.exhausted:
      throw PoolExhaustedException(message);
    default:
      throw PoolException(status, message);
  }
}

/// [number] as addresses and hashes are written.
String hex(int number) =>
    '0x${BigInt.from(number).toUnsigned(64).toRadixString(16)}';
