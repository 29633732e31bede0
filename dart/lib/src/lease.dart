/// Who owns a message in native memory, and how long it may be touched.
library;

import 'dart:ffi';

import 'bindings.g.dart';
import 'check_status.dart';
import 'pool.dart';
import 'scratch.dart';

/// A message in native memory, whoever owns it: a lease, a message within
/// another one, or one of a batch.
///
/// Cannot be sent to another isolate: there would be two owners.
@pragma('vm:isolate-unsendable')
abstract base class NativeMessage {
  /// Where the message is in memory.
  ///
  /// Throws a [StateError] once its owner is closed or has moved. An address
  /// read before says nothing then: the object may be somebody else's.
  int get address;

  /// Whether the message must not be used any more.
  bool get isClosed;
}

/// The sole owner of an object of a pool, until [close] or [release].
///
/// Every use after that is a [StateError], also by way of views and lists that
/// were obtained before. Only typed data (`Uint8List` and the like) is past
/// checking: it shows whatever is in the memory.
///
/// A lease that is forgotten keeps its object live; the `guard` method of the
/// generated classes is the remedy.
abstract base class Lease extends NativeMessage {
  /// Takes the live object at [address] of [pool] over.
  Lease(Pool pool, int address)
      : _pool = pool,
        _address = address;

  static const _closed = 0;
  static const _moved = -1;

  final Pool _pool;

  /// Positive while the lease owns the object, so that one comparison tells.
  int _address;

  @override
  @pragma('vm:prefer-inline')
  int get address {
    final address = _address;
    if (address > 0) return address;
    _throwEnded();
  }

  @override
  bool get isClosed => _address <= 0;

  /// Gives the object back to its pool.
  ///
  /// Does nothing if the lease was closed before or has moved. Throws what
  /// [Pool.freeAddress] does, if the object was freed behind the lease's back.
  @pragma('vm:prefer-inline')
  void close() {
    final address = _address;
    if (address <= 0) return;
    _address = _closed;
    _pool.freeAddress(address);
  }

  /// The address of the object, which is the caller's from now on; the lease has
  /// moved and cannot be used.
  ///
  /// Whoever has the address frees it, or makes a new lease of it with `adopt`
  /// of the typed pool, in this or another isolate.
  int release() {
    final address = this.address;
    _address = _moved;
    return address;
  }

  Never _throwEnded() => throw StateError(_address == _closed
      ? '$runtimeType was closed: its object is back in the pool'
      : '$runtimeType has moved: its object belongs to whoever got it from '
          'release() or guard()');
}

/// A lease whose object goes back to its pool also if it is forgotten: when the
/// garbage collector finds the lease, or the isolate ends.
///
/// That is a net, not a way to free: it may take long, and costs twenty times
/// what a plain lease does. Keep the lease in a variable of its own
/// type while its views are in use.
abstract base class GuardedLease extends Lease implements Finalizable {
  /// Takes the object, of [size] bytes, of [lease] over, which has moved then.
  GuardedLease(Lease lease, int size) : super(lease._pool, lease.release()) {
    _finalizer.attach(this, Pointer<Void>.fromAddress(address),
        detach: this, externalSize: size);
  }

  // Static: a finalizer that is itself collected frees nothing.
  static final _finalizer = NativeFinalizer(Pool.nativeFree);

  // Detached before the object is freed or handed out: what goes wrong in
  // between leaks the object, and never frees it twice.

  @override
  void close() {
    if (!isClosed) _finalizer.detach(this);
    super.close();
  }

  @override
  int release() {
    if (!isClosed) _finalizer.detach(this);
    return super.release();
  }
}

/// A message within another one, which lives as long as that.
abstract base class NestedMessage extends NativeMessage {
  /// The message that begins [offset] bytes behind [owner].
  NestedMessage(this.owner, this.offset);

  /// The message it is a part of.
  final NativeMessage owner;

  /// Bytes between the two.
  final int offset;

  @override
  @pragma('vm:prefer-inline')
  int get address => owner.address + offset;

  @override
  bool get isClosed => owner.isClosed;
}

/// [address], unless no live object of [pool] begins there: then an [ArgumentError] or
/// [StateError]. Costs as much as to put the object under a token and take it again,
/// which is what it does.
int checkAdopted(Pool pool, int address) {
  checkStatus(poolGive(pool.address, address, 0, scratch), object: address);
  final token = Pointer<Uint64>.fromAddress(scratch).value;
  checkStatus(poolTake(token, scratch, 0));
  return address;
}

/// What [body] makes of [lease], which is closed when it is done: at once, or
/// when the future that it returns completes.
R useLease<L extends Lease, R>(L lease, R Function(L lease) body) {
  var waits = false;
  try {
    final result = body(lease);
    if (result is! Future) return result;
    waits = true;
    return result.whenComplete(lease.close) as R;
  } finally {
    if (!waits) lease.close();
  }
}
