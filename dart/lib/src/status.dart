/// The numbers of `pool_status_t` in `include/pool.h`.
library;

/// What a native call came to. Values are never reused.
abstract final class PoolStatus {
  /// Success.
  static const int ok = 0;

  /// A pointer argument was null.
  static const int nullPointer = -1;

  /// A configuration value is out of its range.
  static const int invalid = -2;

  /// The system refused memory. The pool stays usable.
  static const int noMemory = -3;

  /// Every object of the pool was live at some instant of the call.
  static const int exhausted = -4;

  /// The pool has live objects; it was not destroyed.
  static const int busy = -5;

  /// The handle is not, or no longer, a pool.
  static const int destroyed = -6;

  /// A pool of this name exists already, or has another shape.
  static const int exists = -7;

  /// No pool has this name.
  static const int notFound = -8;

  /// The pointer is no object of any pool.
  static const int foreign = -9;

  /// The pointer is inside an object, not at its start.
  static const int interior = -10;

  /// The object belongs to another pool.
  static const int wrongPool = -11;

  /// The object is free already.
  static const int doubleFree = -12;

  /// A check found damage; its report says which.
  static const int corrupt = -13;

  /// No object became free in the time given.
  static const int timeout = -14;
}
