/// What `using` of `package:ffi` does with an allocator, for tests without that
/// package.
library;

import 'dart:convert';
import 'dart:ffi';

/// Remembers what it allocated from another allocator, and frees it all at once.
final class Arena implements Allocator {
  Arena(this._allocator);

  final Allocator _allocator;
  final List<Pointer<NativeType>> _live = [];

  @override
  Pointer<T> allocate<T extends NativeType>(int byteCount, {int? alignment}) {
    final pointer = _allocator.allocate<T>(byteCount, alignment: alignment);
    _live.add(pointer);
    return pointer;
  }

  /// Left to [releaseAll].
  @override
  void free(Pointer<NativeType> pointer) {}

  void releaseAll() {
    _live.forEach(_allocator.free);
    _live.clear();
  }
}

/// Runs [body] with an arena on [allocator] and frees what it allocated, also if
/// it throws.
R using<R>(R Function(Arena) body, Allocator allocator) {
  final arena = Arena(allocator);
  try {
    return body(arena);
  } finally {
    arena.releaseAll();
  }
}

extension NativeText on String {
  /// A C string, as the function of this name makes it.
  Pointer<Uint8> toNativeUtf8({required Allocator allocator}) {
    final units = utf8.encode(this);
    final result = allocator<Uint8>(units.length + 1);
    result.asTypedList(units.length + 1)
      ..setAll(0, units)
      ..[units.length] = 0;
    return result;
  }
}
