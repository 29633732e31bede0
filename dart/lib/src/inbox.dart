/// What a receiver leaves behind when it ends, at whatever moment: an isolate's
/// inbox, which the library empties.
library;

import 'dart:async';
import 'dart:ffi';
import 'dart:isolate';

import 'bindings.g.dart';
import 'check_status.dart';
import 'errors.dart';
import 'pool.dart';
import 'scratch.dart';
import 'token.dart';

/// Where objects wait for an isolate to take them. When the isolate ends, also
/// by a kill, those that it did not take go back to their pools.
///
/// Holds nothing but a number: a receiver sends its inbox to those who are to
/// give it objects.
final class PoolInbox {
  /// The inbox that has this number.
  const PoolInbox(this.value);

  /// The inbox of the current isolate.
  static PoolInbox get own => PoolInbox(_own.value);

  /// The number, which no other inbox of the process has or will have.
  final int value;

  @override
  bool operator ==(Object other) => other is PoolInbox && other.value == value;

  @override
  int get hashCode => value.hashCode;

  @override
  String toString() => 'PoolInbox(0x${value.toRadixString(16)})';
}

/// Handing objects to other isolates, and waiting for one without blocking.
extension PoolTransfer on Pool {
  /// Parts with the object at [object]: the token, sent to any isolate, lets
  /// one take it. Until then it is nobody's: it must not be touched, freed or
  /// given again.
  ///
  /// Given [to] an isolate's inbox the object goes back to the pool if that
  /// isolate ends without having taken it. Else it waits for ever, and is lost
  /// with the token.
  ///
  /// Throws as [Pool.freeAddress] does for what is no live object of this pool;
  /// a [PoolException] with status [PoolStatus.notFound] if the receiver has
  /// ended, or [PoolStatus.noMemory]. The object is the caller's as before then.
  PoolToken give(int object, {PoolInbox? to}) {
    final out = scratch;
    final status = poolGive(address, object, to?.value ?? 0, out);
    if (status == PoolStatus.notFound) {
      throw PoolException(status, 'the inbox is closed: its isolate ended');
    }
    checkStatus(status, object: object);
    return PoolToken(Pointer<Uint64>.fromAddress(out).value);
  }

  /// The address of a new object, when there is one: at once, or when somebody
  /// frees one, in whatever isolate or thread. Those who wait are served in the
  /// order they came, also before calls that do not wait. Blocks nothing.
  ///
  /// After [timeout] it fails with a [PoolException] whose status is
  /// [PoolStatus.timeout]; when the pool is destroyed meanwhile, with a
  /// [StateError]. With [critical] it may take the pool's reserve. An isolate
  /// that ends while it waits leaves its place, and an object that was on its
  /// way to it goes to the next.
  Future<int> allocAsync({Duration? timeout, bool critical = false}) {
    if (!critical) {
      final object = poolAlloc(address);
      if (object != 0) return Future.value(object);
    }
    return _own.alloc(address, critical ? poolCritical : 0, timeout);
  }
}

/// Of this isolate. It is never garbage, so its finalizer runs when the isolate
/// ends, in whatever way.
final _IsolateInbox _own = _IsolateInbox();

final class _IsolateInbox implements Finalizable {
  _IsolateInbox() {
    value = _create(_port.sendPort.nativePort);
    _finalizer.attach(this, Pointer.fromAddress(value));
    _port.handler = _receive;
    _port.keepIsolateAlive = false;
  }

  static final NativeFinalizer _finalizer = NativeFinalizer(poolInboxRelease);

  static int _create(int port) {
    final out = scratch;
    checkStatus(poolInboxCreateDart(NativeApi.postCObject.address, port, out));
    return Pointer<Uint64>.fromAddress(out).value;
  }

  late final int value;

  /// Where the library says that an allocation has come to something. (A message
  /// to a port whose isolate was killed is dropped, where a native callback
  /// would end the process.)
  final RawReceivePort _port = RawReceivePort(null, 'magpool inbox');

  /// Who waits, by token.
  final Map<int, _Waiter> _waiting = {};

  Future<int> alloc(int pool, int flags, Duration? timeout) async {
    final out = scratch, outToken = out + sizeOf<UintPtr>();
    final status = poolAllocInbox(pool, out, flags, value, outToken);
    if (status == PoolStatus.pending) {
      return _wait(Pointer<Uint64>.fromAddress(outToken).value, timeout);
    }
    checkStatus(status);
    return Pointer<UintPtr>.fromAddress(out).value;
  }

  Future<int> _wait(int token, Duration? timeout) {
    final waiter = _Waiter();
    if (timeout != null) {
      waiter.timer = Timer(timeout, () => _giveUp(token));
    }
    _waiting[token] = waiter;
    _port.keepIsolateAlive = true;
    return waiter.completer.future;
  }

  void _receive(Object? token) {
    final waiter = _remove(token as int);
    if (waiter == null) return; // Given up while the message was on its way.
    waiter.timer?.cancel();
    try {
      waiter.completer.complete(PoolToken(token).take());
    } catch (error, trace) {
      waiter.completer.completeError(error, trace);
    }
  }

  void _giveUp(int token) {
    final waiter = _remove(token);
    if (waiter == null) return;
    poolDiscard(token);
    waiter.completer.completeError(
        PoolException(PoolStatus.timeout, statusMessage(PoolStatus.timeout)),
        StackTrace.current);
  }

  _Waiter? _remove(int token) {
    final waiter = _waiting.remove(token);
    // Only who waits keeps the isolate alive.
    if (_waiting.isEmpty) _port.keepIsolateAlive = false;
    return waiter;
  }
}

final class _Waiter {
  final Completer<int> completer = Completer();
  Timer? timer;
}
