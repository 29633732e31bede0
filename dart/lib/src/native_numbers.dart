/// Lists of numbers in native memory.
library;

import 'dart:ffi';
import 'dart:typed_data';

import 'fields.dart';
import 'native_list.dart';

/// A list of `int32_t`.
final class NativeInt32List extends NativeList<int> {
  /// As [NativeList].
  NativeInt32List(super.message, super.countOffset, super.offset,
      super.capacity, super.field);

  @override
  @pragma('vm:prefer-inline')
  int load(int address, int index) => loadInt32(address + offset + index * 4);

  @override
  @pragma('vm:prefer-inline')
  void store(int address, int index, int value) =>
      storeInt32(address + offset + index * 4, value);

  @override
  void reset(int address, int index) => store(address, index, 0);

  /// The elements as typed data, for what is faster with it; not checked, and
  /// not to be used once the message's owner is closed.
  Int32List asTypedList() =>
      Pointer<Int32>.fromAddress(message.address + offset).asTypedList(length);
}

/// A list of `uint32_t`.
final class NativeUint32List extends NativeList<int> {
  /// As [NativeList].
  NativeUint32List(super.message, super.countOffset, super.offset,
      super.capacity, super.field);

  @override
  @pragma('vm:prefer-inline')
  int load(int address, int index) => loadUint32(address + offset + index * 4);

  @override
  @pragma('vm:prefer-inline')
  void store(int address, int index, int value) =>
      storeUint32(address + offset + index * 4, value);

  @override
  void reset(int address, int index) => store(address, index, 0);

  /// The elements as typed data, for what is faster with it; not checked, and
  /// not to be used once the message's owner is closed.
  Uint32List asTypedList() =>
      Pointer<Uint32>.fromAddress(message.address + offset).asTypedList(length);
}

/// A list of `int64_t`.
final class NativeInt64List extends NativeList<int> {
  /// As [NativeList].
  NativeInt64List(super.message, super.countOffset, super.offset,
      super.capacity, super.field);

  @override
  @pragma('vm:prefer-inline')
  int load(int address, int index) => loadInt64(address + offset + index * 8);

  @override
  @pragma('vm:prefer-inline')
  void store(int address, int index, int value) =>
      storeInt64(address + offset + index * 8, value);

  @override
  void reset(int address, int index) => store(address, index, 0);

  /// The elements as typed data, for what is faster with it; not checked, and
  /// not to be used once the message's owner is closed.
  Int64List asTypedList() =>
      Pointer<Int64>.fromAddress(message.address + offset).asTypedList(length);
}

/// A list of `uint64_t`.
final class NativeUint64List extends NativeList<int> {
  /// As [NativeList].
  NativeUint64List(super.message, super.countOffset, super.offset,
      super.capacity, super.field);

  @override
  @pragma('vm:prefer-inline')
  int load(int address, int index) => loadUint64(address + offset + index * 8);

  @override
  @pragma('vm:prefer-inline')
  void store(int address, int index, int value) =>
      storeUint64(address + offset + index * 8, value);

  @override
  void reset(int address, int index) => store(address, index, 0);

  /// The elements as typed data, for what is faster with it; not checked, and
  /// not to be used once the message's owner is closed.
  Uint64List asTypedList() =>
      Pointer<Uint64>.fromAddress(message.address + offset).asTypedList(length);
}

/// A list of `float`.
final class NativeFloatList extends NativeList<double> {
  /// As [NativeList].
  NativeFloatList(super.message, super.countOffset, super.offset,
      super.capacity, super.field);

  @override
  @pragma('vm:prefer-inline')
  double load(int address, int index) =>
      loadFloat(address + offset + index * 4);

  @override
  @pragma('vm:prefer-inline')
  void store(int address, int index, double value) =>
      storeFloat(address + offset + index * 4, value);

  @override
  void reset(int address, int index) => store(address, index, 0.0);

  /// The elements as typed data, for what is faster with it; not checked, and
  /// not to be used once the message's owner is closed.
  Float32List asTypedList() =>
      Pointer<Float>.fromAddress(message.address + offset).asTypedList(length);
}

/// A list of `double`.
final class NativeDoubleList extends NativeList<double> {
  /// As [NativeList].
  NativeDoubleList(super.message, super.countOffset, super.offset,
      super.capacity, super.field);

  @override
  @pragma('vm:prefer-inline')
  double load(int address, int index) =>
      loadDouble(address + offset + index * 8);

  @override
  @pragma('vm:prefer-inline')
  void store(int address, int index, double value) =>
      storeDouble(address + offset + index * 8, value);

  @override
  void reset(int address, int index) => store(address, index, 0.0);

  /// The elements as typed data, for what is faster with it; not checked, and
  /// not to be used once the message's owner is closed.
  Float64List asTypedList() =>
      Pointer<Double>.fromAddress(message.address + offset).asTypedList(length);
}

/// A list of `bool`.
final class NativeBoolList extends NativeList<bool> {
  /// As [NativeList].
  NativeBoolList(super.message, super.countOffset, super.offset, super.capacity,
      super.field);

  @override
  bool load(int address, int index) => loadUint8(address + offset + index) != 0;

  @override
  void store(int address, int index, bool value) =>
      storeUint8(address + offset + index, value ? 1 : 0);

  @override
  void reset(int address, int index) => store(address, index, false);
}
