/// A few native bytes of each isolate, for what a call returns through pointers.
library;

import 'dart:ffi';

import 'native_memory.dart';

/// The address of [scratchBytes] bytes of this isolate. Good until the isolate
/// runs other code: read what a call left there at once.
int get scratch => _scratch.address;

/// How many there are.
const int scratchBytes = 16;

/// Never garbage, so the finalizer runs when the isolate ends.
final _Scratch _scratch = _Scratch();

final class _Scratch implements Finalizable {
  _Scratch() : address = reserveBytes(scratchBytes) {
    _finalizer.attach(this, Pointer.fromAddress(address));
  }

  static final NativeFinalizer _finalizer = NativeFinalizer(
      DynamicLibrary.process().lookup<NativeFinalizerFunction>('free'));

  final int address;
}
