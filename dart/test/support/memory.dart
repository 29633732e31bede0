/// Native memory for the tests, and patterns that show who wrote it.
library;

import 'dart:ffi';
import 'dart:typed_data';

import 'package:magpool/src/native_memory.dart';

/// An array of [length] addresses, for batches. The caller gives it back.
final class Addresses {
  Addresses(this.length) : _address = reserveBytes(length * sizeOf<UintPtr>());

  final int length;
  final int _address;

  Pointer<UintPtr> get pointer => Pointer.fromAddress(_address);

  int operator [](int i) => pointer[i];

  void operator []=(int i, int value) => pointer[i] = value;

  List<int> take(int count) => [for (var i = 0; i < count; i++) this[i]];

  void release() => releaseBytes(_address);
}

/// Runs [use] with an [Addresses] of [length] that lives meanwhile.
R withAddresses<R>(int length, R Function(Addresses) use) {
  final addresses = Addresses(length);
  try {
    return use(addresses);
  } finally {
    addresses.release();
  }
}

/// Writes [owner] into every 8 bytes of the object at [address].
void fill(int address, int bytes, int owner) =>
    _words(address, bytes).fillRange(0, bytes ~/ 8, owner);

/// Whether every 8 bytes of the object at [address] still hold [owner].
bool holds(int address, int bytes, int owner) =>
    _words(address, bytes).every((word) => word == owner);

Int64List _words(int address, int bytes) =>
    Pointer<Int64>.fromAddress(address).asTypedList(bytes ~/ 8);
