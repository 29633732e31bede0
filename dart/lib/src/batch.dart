/// Many objects at once, without a Dart object for each.
library;

import 'dart:ffi';
import 'dart:typed_data';

import 'bindings.g.dart';
import 'check_status.dart';
import 'errors.dart';
import 'native_memory.dart';
import 'pool.dart';

/// Objects of a pool whose addresses lie in one native array.
///
/// Made by [Pool.allocBatch] and [Pool.requireBatch]; one native call allocates
/// some thousands of objects and one frees them, and no Dart object stands for
/// any. [release] gives the objects and the array back; a batch that is
/// forgotten leaks both.
///
/// A batch belongs to its isolate. To hand its objects to another one, send what
/// [detach] returns, and make a batch of it there with [PoolBatch.of].
final class PoolBatch implements Finalizable {
  PoolBatch._(this.pool, this._array, this._length);

  /// The batch of the objects at [addresses], which it owns from now on.
  ///
  /// They must be live objects of [pool]; [release] says which are not.
  factory PoolBatch.of(Pool pool, List<int> addresses) {
    final length = addresses.length;
    final array = _newArray(length);
    final slots = Pointer<UintPtr>.fromAddress(array);
    for (var i = 0; i < length; i++) {
      slots[i] = addresses[i];
    }
    return PoolBatch._(pool, array, length);
  }

  /// The pool of the objects.
  final Pool pool;

  late final int _objectSize = pool.objectSize;

  /// The native array; 0 once it was given back.
  int _array;
  int _length;

  /// The number of objects.
  ///
  /// Throws a [StateError] after [release] or [detach], as all members but
  /// [pool] and [isReleased] do.
  int get length => _array == 0 ? _gone() : _length;

  /// Whether the objects were released or detached.
  bool get isReleased => _array == 0;

  /// The address of object [index].
  ///
  /// Throws a [RangeError] unless [index] is 0 to [length] - 1.
  @pragma('vm:prefer-inline')
  int operator [](int index) {
    // The length is 0 once the array was given back, so this is the only check.
    if (index < 0 || index >= _length) _outside(index);
    return Pointer<UintPtr>.fromAddress(_array)[index];
  }

  /// Object [index] as a [T], to read and write its members:
  /// `batch.at<Job>(i).ref.number`.
  ///
  /// Throws as `[]` does. Costs nothing where the pointer does not escape.
  @pragma('vm:prefer-inline')
  Pointer<T> at<T extends NativeType>(int index) =>
      Pointer<T>.fromAddress(this[index]);

  /// The bytes of object [index], as a view that is good until [release].
  Uint8List bytes(int index) => bytesAt(this[index], _objectSize);

  /// The array of addresses, `void **` in C: for native functions that take many
  /// objects. Good until [release].
  Pointer<UintPtr> get array =>
      _array == 0 ? _gone() : Pointer<UintPtr>.fromAddress(_array);

  /// Frees all objects.
  ///
  /// Throws a [StateError] if some were no live objects of [pool] any more, such
  /// as those that were freed singly; all others are freed nevertheless. Throws
  /// a [StateError] the second time, too.
  void release() {
    final (array, length) = _take();
    final freed = _free(pool.address, array, length);
    releaseBytes(array);
    if (freed == length) return;
    if (pool.isDestroyed) throwStatus(PoolStatus.destroyed);
    throw StateError('${length - freed} of the $length objects of the batch '
        'were not live objects of $pool any more; the others were freed');
  }

  /// The addresses of the objects, which are the caller's from now on; the batch
  /// is released. The list can be sent to another isolate, as the [pool] can.
  Uint64List detach() {
    final (array, length) = _take();
    final slots = Pointer<UintPtr>.fromAddress(array);
    final addresses = Uint64List(length);
    for (var i = 0; i < length; i++) {
      addresses[i] = slots[i];
    }
    releaseBytes(array);
    return addresses;
  }

  /// The array, which is the caller's to give back.
  (int, int) _take() {
    final taken = (_array, length);
    _array = 0;
    _length = 0;
    return taken;
  }

  Never _outside(int index) =>
      throw IndexError.withLength(index, length, indexable: this);

  Never _gone() => throw StateError(
      'the batch was released or detached: its objects are not its own');

  @override
  String toString() => isReleased
      ? 'PoolBatch(released)'
      : 'PoolBatch($length objects of $pool)';
}

/// Allocates up to [count] objects of [pool].
///
/// Throws an error for a destroyed pool.
PoolBatch allocateBatch(Pool pool, int count) {
  RangeError.checkValueInInterval(count, 0, poolObjectsMax, 'count');
  final array = _newArray(count);
  final done = _fill(pool.address, array, count);
  if (done == 0 && pool.isDestroyed) {
    releaseBytes(array);
    throwStatus(PoolStatus.destroyed);
  }
  return PoolBatch._(pool, array, done);
}

/// As [allocateBatch], but all or nothing.
PoolBatch allocateWholeBatch(Pool pool, int count) {
  final batch = allocateBatch(pool, count);
  final length = batch.length;
  if (length == count) return batch;
  batch.release();
  throw PoolExhaustedException(
      'only $length of $count objects could be allocated');
}

/// An array for [length] addresses; never 0.
int _newArray(int length) =>
    rawBytes((length == 0 ? 1 : length) * sizeOf<UintPtr>());

/// Objects that one leaf call moves: some tens of microseconds, for which no
/// isolate of the group can collect garbage.
const _chunk = 4096;

/// Allocates [count] objects into [array]; how many there were.
int _fill(int pool, int array, int count) {
  for (var done = 0; done < count; done += _chunk) {
    final wanted = _least(count - done, _chunk);
    final got = poolAllocBatch(pool, array + done * sizeOf<UintPtr>(), wanted);
    // Later ones would leave a gap.
    if (got < wanted) return done + got;
  }
  return count;
}

/// Frees the [count] objects in [array]; how many were taken.
int _free(int pool, int array, int count) {
  var freed = 0;
  for (var done = 0; done < count; done += _chunk) {
    freed += poolFreeBatch(
        pool, array + done * sizeOf<UintPtr>(), _least(count - done, _chunk));
  }
  return freed;
}

int _least(int a, int b) => a < b ? a : b;
