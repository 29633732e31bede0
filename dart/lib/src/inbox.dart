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
  ///
  /// Whoever drops the future, or gives up on it with `Future.timeout`, loses the
  /// object that comes: [timeout] gives the place up, and so does
  /// [PoolRequest.cancel].
  Future<int> allocAsync({Duration? timeout, bool critical = false}) {
    if (!critical) {
      final object = poolAlloc(address);
      if (object != 0) return Future.value(object);
    }
    return request(timeout: timeout, critical: critical).object;
  }

  /// As [allocAsync], for who may have to give up before there is an object.
  PoolRequest request({Duration? timeout, bool critical = false}) =>
      PoolRequest._(this, timeout, critical ? poolCritical : 0);
}

/// Somebody who waits for an object, made by `Pool.request`.
@pragma('vm:isolate-unsendable')
final class PoolRequest {
  PoolRequest._(Pool pool, Duration? timeout, int flags) {
    try {
      final token = _own.ask(this, pool.address, flags);
      if (token == 0 || timeout == null) return;
      _timer = Timer(timeout, () {
        const status = PoolStatus.timeout;
        _giveUp(PoolException(status, statusMessage(status)));
      });
    } catch (error, trace) {
      _completer.completeError(error, trace);
    }
  }

  final Completer<int> _completer = Completer();
  Timer? _timer;

  /// Under which the library keeps its place; 0 if it does not wait.
  int _token = 0;

  /// The address of the object, which is the caller's; fails as the future of
  /// `Pool.allocAsync` does, or with a [PoolCancelledException].
  Future<int> get object => _completer.future;

  /// Gives up waiting: whether there was neither an object nor an error yet.
  ///
  /// After true [object] fails with a [PoolCancelledException], and nothing stays
  /// allocated. After false it is as if this had not been called: the object that
  /// [object] has is the caller's.
  bool cancel() {
    // Who cancels knows.
    if (_token != 0) object.ignore();
    return _giveUp(const PoolCancelledException());
  }

  bool _giveUp(Exception reason) {
    final token = _token;
    if (token == 0) return false;
    _end();
    poolDiscard(token);
    _completer.completeError(reason, StackTrace.current);
    return true;
  }

  void _end() {
    _own.forget(_token);
    _token = 0;
    _timer?.cancel();
  }

  /// The library has an object for it, or an error.
  void _settle() {
    final token = _token;
    _end();
    try {
      _completer.complete(PoolToken(token).take());
    } catch (error, trace) {
      _completer.completeError(error, trace);
    }
  }
}

/// Of this isolate. It is never garbage, so its finalizer runs when the isolate
/// ends, in whatever way.
final _IsolateInbox _own = _IsolateInbox();

final class _IsolateInbox implements Finalizable {
  _IsolateInbox() {
    try {
      value = _create(_port.sendPort.nativePort);
    } catch (_) {
      // An open port keeps the isolate alive.
      _port.close();
      rethrow;
    }
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
  final Map<int, PoolRequest> _waiting = {};

  /// Completes [request] with an object, or notes that it waits under a token,
  /// which it returns.
  int ask(PoolRequest request, int pool, int flags) {
    final out = scratch, outToken = out + sizeOf<UintPtr>();
    final status = poolAllocInbox(pool, out, flags, value, outToken);
    if (status != PoolStatus.pending) {
      checkStatus(status);
      request._completer.complete(Pointer<UintPtr>.fromAddress(out).value);
      return 0;
    }
    final token = Pointer<Uint64>.fromAddress(outToken).value;
    _waiting[request._token = token] = request;
    _port.keepIsolateAlive = true;
    return token;
  }

  /// Whoever gave up is not there when its message arrives.
  void _receive(Object? token) => _waiting[token]?._settle();

  void forget(int token) {
    _waiting.remove(token);
    // Only who waits keeps the isolate alive.
    if (_waiting.isEmpty) _port.keepIsolateAlive = false;
  }
}
