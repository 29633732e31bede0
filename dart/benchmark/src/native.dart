/// Native functions to compare with: the C library's, and empty ones.
library;

import 'dart:ffi';
import 'dart:io';

typedef _IntToPtr = UintPtr Function(Size);
typedef _TwoToPtr = UintPtr Function(Size, Size);
typedef _PtrToVoid = Void Function(UintPtr);
typedef _PtrToPtr = UintPtr Function(UintPtr);

final DynamicLibrary _process = DynamicLibrary.process();

/// The library with the empty function; the script compiles it.
final DynamicLibrary _empty =
    DynamicLibrary.open(Platform.environment['MAGPOOL_EMPTY_LIBRARY']!);

/// Returns its argument: the floor of what any call costs.
final int Function(int) emptyLeaf =
    _empty.lookupFunction<_PtrToPtr, int Function(int)>('empty', isLeaf: true);

/// The same by an ordinary call.
final int Function(int) emptyCall =
    _empty.lookupFunction<_PtrToPtr, int Function(int)>('empty');

/// `malloc` by a leaf call, as nobody binds it.
final int Function(int) mallocLeaf = _process
    .lookupFunction<_IntToPtr, int Function(int)>('malloc', isLeaf: true);

/// `calloc` by a leaf call.
final int Function(int, int) callocLeaf = _process
    .lookupFunction<_TwoToPtr, int Function(int, int)>('calloc', isLeaf: true);

/// `free` by a leaf call.
final void Function(int) freeLeaf = _process
    .lookupFunction<_PtrToVoid, void Function(int)>('free', isLeaf: true);

/// `malloc` by an ordinary call.
final int Function(int) mallocCall =
    _process.lookupFunction<_IntToPtr, int Function(int)>('malloc');

/// `calloc` by an ordinary call, as `package:ffi` binds it.
final int Function(int, int) callocCall =
    _process.lookupFunction<_TwoToPtr, int Function(int, int)>('calloc');

/// `free` by an ordinary call.
final void Function(int) freeCall =
    _process.lookupFunction<_PtrToVoid, void Function(int)>('free');

/// Processor time that the current thread has used, in nanoseconds.
int threadNanoseconds() {
  const threadClock = 3; // CLOCK_THREAD_CPUTIME_ID of Linux
  final time = mallocLeaf(16);
  _clock(threadClock, time);
  final words = Pointer<Int64>.fromAddress(time);
  final nanoseconds = words[0] * 1000000000 + words[1];
  freeLeaf(time);
  return nanoseconds;
}

final int Function(int, int) _clock =
    _process.lookupFunction<Int Function(Int, UintPtr), int Function(int, int)>(
        'clock_gettime');
