/// Objects on their way from one owner to the next.
library;

import 'dart:ffi';

import 'bindings.g.dart';
import 'check_status.dart';
import 'scratch.dart';

/// An object on its way, which whoever holds the token may take, once.
///
/// Holds nothing but a number: it can be sent in any message. To send its [value],
/// a plain `int`, takes a third less time. Made by `Pool.give`.
final class PoolToken {
  /// The token that has this number.
  const PoolToken(this.value);

  /// The number, below 2^62, which no other token of the process has or will have.
  final int value;

  /// Takes the object: its address, which is the caller's from now on.
  ///
  /// Throws a [StateError] if it was taken before, here or elsewhere, or went
  /// back to its pool because the inbox it was given to was closed, or the pool
  /// is destroyed.
  int take() {
    final object = _takeOrZero();
    if (object != 0) return object;
    throw StateError('nothing stands under this token any more: it was taken '
        'or revoked before, or its receiver ended');
  }

  /// Takes the object back, for the giver: whether there was one. Then it is the
  /// caller's again, at the address it was given with.
  ///
  /// False if somebody took it first, or it went back to its pool because the
  /// inbox it was given to was closed. Throws a [StateError] if the pool is
  /// destroyed.
  bool revoke() => _takeOrZero() != 0;

  int _takeOrZero() {
    final out = scratch;
    final status = poolTake(value, out, 0);
    if (status == PoolStatus.notFound) return 0;
    checkStatus(status);
    return Pointer<UintPtr>.fromAddress(out).value;
  }

  @override
  bool operator ==(Object other) => other is PoolToken && other.value == value;

  @override
  int get hashCode => value.hashCode;

  @override
  String toString() => 'PoolToken(0x${value.toRadixString(16)})';
}
