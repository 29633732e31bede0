/// Many messages at once, without a Dart object for each.
library;

import 'dart:typed_data';

import 'batch.dart';
import 'lease.dart';
import 'pool.dart';

/// A view that moves from message to message of a batch.
abstract base class MessageCursor extends NativeMessage {
  /// 0 before the first message, and once the batch is closed.
  int _address = 0;

  @override
  @pragma('vm:prefer-inline')
  int get address {
    final address = _address;
    if (address != 0) return address;
    _throwEnded();
  }

  Never _throwEnded() => throw StateError(
      'the batch of this $runtimeType was closed or has moved');

  @override
  bool get isClosed => _address == 0;
}

/// The sole owner of many messages of a pool, until [close] or [release].
///
/// `batch[i]` is message i by way of one cursor, which moves: what was obtained
/// from an earlier index, parts and lists of it too, shows the later message.
/// Use after [close] or [release] is a [StateError], also of the cursor.
///
/// A batch that is forgotten keeps its messages live.
@pragma('vm:isolate-unsendable')
abstract base class LeaseBatch<C extends MessageCursor> {
  /// Up to [count] objects of [pool]: [length] says how many there were.
  LeaseBatch.alloc(Pool pool, int count, C cursor)
      : _objects = pool.allocBatch(count),
        _cursor = cursor;

  /// The live messages of [pool] at [addresses].
  ///
  /// Throws an [ArgumentError] or [StateError] if one is no live object of it.
  LeaseBatch.adopt(Pool pool, List<int> addresses, C cursor)
      : _objects = PoolBatch.of(pool, _checked(pool, addresses)),
        _cursor = cursor;

  static List<int> _checked(Pool pool, List<int> addresses) {
    for (final address in addresses) {
      checkAdopted(pool, address);
    }
    return addresses;
  }

  final PoolBatch _objects;
  final C _cursor;

  /// The batch's only cursor, wherever it is. Lists and parts obtained from it
  /// move with it, so they can be obtained once for all messages.
  C get cursor => _cursor;

  /// The number of messages.
  int get length => _objects.length;

  /// Whether the messages were freed or released.
  bool get isClosed => _objects.isReleased;

  /// Message [index], by way of the batch's only cursor.
  ///
  /// Throws a [RangeError] unless [index] is 0 to [length] - 1.
  @pragma('vm:prefer-inline')
  C operator [](int index) => _cursor.._address = _objects[index];

  /// Frees all messages; does nothing if that was done or they have moved.
  ///
  /// Throws a [StateError] if some were freed behind the batch's back; all
  /// others are freed nevertheless.
  void close() {
    _cursor._address = 0;
    if (!_objects.isReleased) _objects.release();
  }

  /// The addresses of the messages, which are the caller's from now on; the
  /// batch has moved. The list can be sent to another isolate, where
  /// `adoptBatch` of the typed pool makes a batch of it.
  Uint64List release() {
    _cursor._address = 0;
    return _objects.detach();
  }
}
