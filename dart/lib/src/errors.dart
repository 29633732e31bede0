/// What goes wrong at run time although the caller did nothing wrong.
///
/// Mistakes of the caller are [ArgumentError] (a bad pointer or configuration)
/// and [StateError] (a double free, a destroyed pool, a batch used after its
/// release).
library;

import 'bindings.g.dart';

/// The library could not do what was asked, for the reason in [status].
class PoolException implements Exception {
  /// Makes an exception for [status] with the library's sentence for it.
  const PoolException(this.status, this.message);

  /// One of the constants of [PoolStatus].
  final int status;

  /// What happened, and what to do about it if that is known.
  final String message;

  @override
  String toString() => 'PoolException: $message (status $status)';
}

/// Every object of the pool was live at some instant of the allocation.
class PoolExhaustedException extends PoolException {
  /// Makes an exception whose status is [PoolStatus.exhausted].
  const PoolExhaustedException([String message = _exhausted])
      : super(PoolStatus.exhausted, message);

  static const _exhausted = 'every object of the pool is live';

  @override
  String toString() => 'PoolExhaustedException: $message';
}

/// The caller gave up waiting for an object.
class PoolCancelledException extends PoolException {
  /// Makes an exception whose status is [PoolStatus.notFound]: there is no such
  /// request any more.
  const PoolCancelledException()
      : super(PoolStatus.notFound, 'the request for an object was cancelled');

  @override
  String toString() => 'PoolCancelledException: $message';
}

/// The pool of this name was made with another layout of its objects: by another
/// part of the program, in whatever language, or by an earlier version of it.
class PoolLayoutException extends PoolException {
  /// Makes an exception whose status is [PoolStatus.exists].
  const PoolLayoutException(String message) : super(PoolStatus.exists, message);

  @override
  String toString() => 'PoolLayoutException: $message';
}

/// The native library was not found, or is not the one this package needs.
class PoolLibraryException implements Exception {
  /// Makes an exception with a [message] that says what to do.
  const PoolLibraryException(this.message);

  /// What was tried, and what to do about it; several lines.
  final String message;

  @override
  String toString() => 'PoolLibraryException: $message';
}
