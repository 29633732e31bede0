/// Reading and writing the members of messages by their addresses.
///
/// Nothing here makes a Dart object for a member: a `Pointer` costs as much as
/// several accesses. The members lie at multiples of their sizes, so each is an
/// element of an array of its type that begins at address 0.
library;

import 'dart:convert';
import 'dart:ffi';
import 'dart:typed_data';

import 'lease.dart';

final Pointer<Uint8> _uint8 = Pointer.fromAddress(0);
final Pointer<Int32> _int32 = Pointer.fromAddress(0);
final Pointer<Uint32> _uint32 = Pointer.fromAddress(0);
final Pointer<Int64> _int64 = Pointer.fromAddress(0);
final Pointer<Uint64> _uint64 = Pointer.fromAddress(0);
final Pointer<Float> _float = Pointer.fromAddress(0);
final Pointer<Double> _double = Pointer.fromAddress(0);

/// The `uint8_t` at [address].
@pragma('vm:prefer-inline')
int loadUint8(int address) => _uint8[address];

/// Stores [value] as the `uint8_t` at [address].
@pragma('vm:prefer-inline')
void storeUint8(int address, int value) => _uint8[address] = value;

/// The `int32_t` at [address].
@pragma('vm:prefer-inline')
int loadInt32(int address) => _int32[address >> 2];

/// Stores [value] as the `int32_t` at [address].
@pragma('vm:prefer-inline')
void storeInt32(int address, int value) => _int32[address >> 2] = value;

/// The `uint32_t` at [address].
@pragma('vm:prefer-inline')
int loadUint32(int address) => _uint32[address >> 2];

/// Stores [value] as the `uint32_t` at [address].
@pragma('vm:prefer-inline')
void storeUint32(int address, int value) => _uint32[address >> 2] = value;

/// The `int64_t` at [address].
@pragma('vm:prefer-inline')
int loadInt64(int address) => _int64[address >> 3];

/// Stores [value] as the `int64_t` at [address].
@pragma('vm:prefer-inline')
void storeInt64(int address, int value) => _int64[address >> 3] = value;

/// The `uint64_t` at [address]; numbers from 2^63 on are negative in Dart.
@pragma('vm:prefer-inline')
int loadUint64(int address) => _uint64[address >> 3];

/// Stores [value] as the `uint64_t` at [address].
@pragma('vm:prefer-inline')
void storeUint64(int address, int value) => _uint64[address >> 3] = value;

/// The `float` at [address].
@pragma('vm:prefer-inline')
double loadFloat(int address) => _float[address >> 2];

/// Stores [value] as the `float` at [address].
@pragma('vm:prefer-inline')
void storeFloat(int address, double value) => _float[address >> 2] = value;

/// The `double` at [address].
@pragma('vm:prefer-inline')
double loadDouble(int address) => _double[address >> 3];

/// Stores [value] as the `double` at [address].
@pragma('vm:prefer-inline')
void storeDouble(int address, double value) => _double[address >> 3] = value;

/// The length or count at [address], at most [max]: whoever wrote it may have
/// been wrong.
@pragma('vm:prefer-inline')
int loadSize(int address, int max) {
  final size = loadUint32(address);
  return size < max ? size : max;
}

/// A view of [length] bytes at [address]; nothing keeps them alive.
Uint8List viewBytes(int address, int length) =>
    Pointer<Uint8>.fromAddress(address).asTypedList(length);

/// The bytes, as a view, of the field of [message] whose length is at offset
/// [length] and whose bytes, of which there are at most [max], are at [bytes].
Uint8List loadBytes(NativeMessage message, int length, int bytes, int max) {
  final address = message.address;
  return viewBytes(address + bytes, loadSize(address + length, max));
}

/// Stores [value] where [loadBytes] finds it.
///
/// Throws an [ArgumentError] if it has more than [max] bytes.
void storeBytes(NativeMessage message, int length, int bytes, int max,
    List<int> value, String field) {
  final size = value.length;
  if (size > max) {
    throw ArgumentError.value(size, field, 'has more than $max bytes');
  }
  viewBytes(message.address + bytes, size).setRange(0, size, value);
  storeUint32(message.address + length, size);
}

/// The text of the field that [loadBytes] would return; malformed UTF-8 is
/// replaced.
String loadText(NativeMessage message, int length, int bytes, int max) =>
    utf8.decode(loadBytes(message, length, bytes, max), allowMalformed: true);

/// Stores [value] where [loadText] finds it, as [storeBytes] does.
void storeText(NativeMessage message, int length, int bytes, int max,
    String value, String field) {
  // Short texts are mostly ASCII, and then need no list of their bytes.
  final size = value.length;
  final address = message.address;
  if (size > max || size > _shortText || !_storeAscii(address + bytes, value)) {
    return storeBytes(message, length, bytes, max, utf8.encode(value), field);
  }
  storeUint32(address + length, size);
}

const _shortText = 32;

/// As [loadBytes], of a field of exactly [size] bytes.
Uint8List loadFixedBytes(NativeMessage message, int bytes, int size) =>
    viewBytes(message.address + bytes, size);

/// Stores [value] where [loadFixedBytes] finds it.
///
/// Throws an [ArgumentError] if it has not [size] bytes.
void storeFixedBytes(
    NativeMessage message, int bytes, int size, List<int> value, String field) {
  if (value.length != size) {
    throw ArgumentError.value(value.length, field, 'has not $size bytes');
  }
  viewBytes(message.address + bytes, size).setRange(0, size, value);
}

/// The text of the field that [loadFixedBytes] would return; malformed UTF-8 is
/// replaced.
String loadFixedText(NativeMessage message, int bytes, int size) =>
    utf8.decode(loadFixedBytes(message, bytes, size), allowMalformed: true);

/// Stores [value] where [loadFixedText] finds it, as [storeFixedBytes] does.
void storeFixedText(NativeMessage message, int bytes, int size, String value,
        String field) =>
    storeFixedBytes(message, bytes, size, utf8.encode(value), field);

/// Makes [size] bytes at [address] 0.
void zeroBytes(int address, int size) =>
    viewBytes(address, size).fillRange(0, size, 0);

/// Stores [value] at [address] unless it has other characters; nothing is stored
/// then.
bool _storeAscii(int address, String value) {
  final size = value.length;
  for (var i = 0; i < size; i++) {
    if (value.codeUnitAt(i) > 0x7f) return false;
  }
  for (var i = 0; i < size; i++) {
    storeUint8(address + i, value.codeUnitAt(i));
  }
  return true;
}

/// Copies [size] bytes, all of a message, from [from] to [to].
void copyMessage(NativeMessage from, NativeMessage to, int size) {
  final bytes = viewBytes(from.address, size);
  viewBytes(to.address, size).setRange(0, size, bytes);
  // Used once more, neither can have been collected while its bytes moved.
  from.address;
  to.address;
}

/// Whether two byte lists are equal, or both are null.
bool sameBytes(Uint8List? a, Uint8List? b) {
  if (a == null || b == null) return a == b;
  if (a.length != b.length) return false;
  for (var i = 0; i < a.length; i++) {
    if (a[i] != b[i]) return false;
  }
  return true;
}
