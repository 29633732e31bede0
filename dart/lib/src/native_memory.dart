/// Scratch memory for native calls, from the C library.
///
/// Here so that the package depends on nothing; it is not exported.
library;

import 'dart:convert';
import 'dart:ffi';
import 'dart:typed_data';

import 'bindings.g.dart';
import 'errors.dart';

final DynamicLibrary _process = DynamicLibrary.process();

// Leaves: bounded, and they call nothing back.
final int Function(int) _malloc =
    _process.lookupFunction<UintPtr Function(Size), int Function(int)>('malloc',
        isLeaf: true);
final void Function(int) _free =
    _process.lookupFunction<Void Function(UintPtr), void Function(int)>('free',
        isLeaf: true);

/// The address of [bytes] bytes, whatever they hold, that [releaseBytes] must
/// get back.
int rawBytes(int bytes) {
  final address = _malloc(bytes);
  if (address == 0) {
    throw const PoolException(
        PoolStatus.noMemory, 'the system refused memory for a native call');
  }
  return address;
}

/// As [rawBytes], zeroed.
int reserveBytes(int bytes) {
  final address = rawBytes(bytes);
  bytesAt(address, bytes).fillRange(0, bytes, 0);
  return address;
}

/// Gives back what [rawBytes] or [reserveBytes] returned.
void releaseBytes(int address) => _free(address);

/// Runs [use] with the address of [bytes] zeroed bytes that live until it
/// returns or throws.
R withBytes<R>(int bytes, R Function(int address) use) {
  final address = reserveBytes(bytes);
  try {
    return use(address);
  } finally {
    releaseBytes(address);
  }
}

/// Runs [use] with the address of [text] as a C string.
R withCString<R>(String text, R Function(int address) use) {
  final encoded = utf8.encode(text);
  if (encoded.contains(0)) {
    throw ArgumentError.value(text, 'name', 'contains a NUL character');
  }
  return withBytes(encoded.length + 1, (address) {
    bytesAt(address, encoded.length).setAll(0, encoded);
    return use(address);
  });
}

/// The text of the C string at [address].
String cStringAt(int address) {
  final bytes = Pointer<Uint8>.fromAddress(address);
  var length = 0;
  while (bytes[length] != 0) {
    length++;
  }
  return utf8.decode(bytes.asTypedList(length));
}

/// A view of [length] bytes at [address]; nothing keeps them alive.
Uint8List bytesAt(int address, int length) =>
    Pointer<Uint8>.fromAddress(address).asTypedList(length);
