/// Repeated fields of messages in native memory, as lists.
library;

import 'dart:collection';
import 'dart:convert';
import 'dart:ffi';
import 'dart:math';
import 'dart:typed_data';

import 'fields.dart';
import 'lease.dart';

/// The elements in use of a repeated field, straight in native memory.
///
/// An ordinary list, but for its [capacity]: what makes it longer than that
/// throws a [StateError] and changes nothing. A field of fixed length always has
/// so many elements: to make it shorter is an [UnsupportedError]. An index out of range is a
/// [RangeError], use after the message's owner was closed a [StateError].
@pragma('vm:isolate-unsendable')
abstract base class NativeList<E> with ListMixin<E> {
  /// The list in [message] whose count and elements are at these offsets.
  NativeList(
      this.message, this.countOffset, this.offset, this.capacity, this.field);

  /// The message the list is a field of.
  final NativeMessage message;

  /// Where in [message] the number of elements in use is; negative if all are.
  final int countOffset;

  /// Where in [message] the elements are.
  final int offset;

  /// The most elements the list can have.
  final int capacity;

  /// The field's name in the schema.
  final String field;

  /// Element [index] of the message at [address]; [index] is in range.
  E load(int address, int index);

  /// Stores element [index] of the message at [address].
  void store(int address, int index, E value);

  /// Makes element [index] what a new one is.
  void reset(int address, int index);

  @override
  int get length => _count(message.address);

  /// The elements in use of the message at [address].
  @pragma('vm:prefer-inline')
  int _count(int address) =>
      countOffset < 0 ? capacity : loadSize(address + countOffset, capacity);

  /// Shortens the list, or lengthens it with empty elements: 0, false, '' and
  /// so on.
  @override
  set length(int value) {
    RangeError.checkNotNegative(value, 'length');
    if (value > capacity) _throwFull();
    if (value != capacity) _checkGrowable();
    final address = message.address;
    for (var i = length; i < value; i++) {
      reset(address, i);
    }
    if (countOffset >= 0) storeUint32(address + countOffset, value);
  }

  @override
  @pragma('vm:prefer-inline')
  E operator [](int index) {
    final address = message.address;
    _check(address, index);
    return load(address, index);
  }

  @override
  @pragma('vm:prefer-inline')
  void operator []=(int index, E value) {
    final address = message.address;
    _check(address, index);
    store(address, index, value);
  }

  @override
  @pragma('vm:prefer-inline')
  void add(E element) {
    final address = message.address;
    final count = _count(address);
    if (count == capacity) _throwFull();
    store(address, count, element);
    storeUint32(address + countOffset, count + 1);
  }

  @override
  void addAll(Iterable<E> iterable) {
    final elements = iterable.toList(growable: false);
    if (length + elements.length > capacity) _throwFull();
    elements.forEach(add);
  }

  @override
  void clear() => length = 0;

  // What shortens a list moves elements before it does.

  @override
  bool remove(Object? element) {
    _checkGrowable();
    return super.remove(element);
  }

  @override
  E removeAt(int index) {
    _checkGrowable();
    return super.removeAt(index);
  }

  @override
  void removeRange(int start, int end) {
    _checkGrowable();
    super.removeRange(start, end);
  }

  @override
  void removeWhere(bool Function(E element) test) {
    _checkGrowable();
    super.removeWhere(test);
  }

  @override
  void retainWhere(bool Function(E element) test) {
    _checkGrowable();
    super.retainWhere(test);
  }

  @override
  void replaceRange(int start, int end, Iterable<E> newContents) {
    _checkGrowable();
    super.replaceRange(start, end, newContents);
  }

  void _checkGrowable() {
    if (countOffset < 0) {
      throw UnsupportedError('$field always has $capacity elements');
    }
  }

  @pragma('vm:prefer-inline')
  void _check(int address, int index) {
    final count = _count(address);
    if (index < 0 || index >= count) _throwOutside(index, count);
  }

  Never _throwOutside(int index, int count) =>
      throw IndexError.withLength(index, count, indexable: this, name: field);

  Never _throwFull() =>
      throw StateError('$field has room for $capacity elements');

  /// Whether [other] has the same elements.
  bool sameAs(NativeList<E> other) {
    final count = length;
    if (count != other.length) return false;
    for (var i = 0; i < count; i++) {
      if (this[i] != other[i]) return false;
    }
    return true;
  }
}

/// Lists whose elements are views: an element is the same memory after others
/// were moved, so what keeps one aside while it moves others cannot work.
base mixin _Views<E> on NativeList<E> {
  @override
  Never sort([int Function(E, E)? compare]) =>
      throw UnsupportedError('the elements of $field are views');

  @override
  Never shuffle([Random? random]) =>
      throw UnsupportedError('the elements of $field are views');
}

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

/// A list of values of an enumeration; null for a number that is none of them.
abstract base class NativeEnumList<E extends Enum> extends NativeList<E?> {
  /// As [NativeList].
  NativeEnumList(super.message, super.countOffset, super.offset, super.capacity,
      super.field);

  /// The value of [number], or null.
  E? valueOf(int number);

  /// The number of [value].
  int numberOf(E value);

  /// The numbers themselves.
  NativeInt32List get numbers =>
      NativeInt32List(message, countOffset, offset, capacity, field);

  @override
  E? load(int address, int index) =>
      valueOf(loadInt32(address + offset + index * 4));

  /// Throws an [ArgumentError] for null, which has no number.
  @override
  void store(int address, int index, E? value) {
    final number = numberOf(ArgumentError.checkNotNull(value, field));
    storeInt32(address + offset + index * 4, number);
  }

  @override
  void reset(int address, int index) =>
      storeInt32(address + offset + index * 4, 0);

  @override
  bool sameAs(covariant NativeEnumList<E> other) =>
      numbers.sameAs(other.numbers);
}

/// A list of byte strings, each of some bytes at most.
///
/// Reading one gives a view, also of what `removeAt` removed: that shows what came
/// into its place. So do not give a list its own elements to insert or set: they
/// are moved before they are read. There is no sorting.
final class NativeBytesList extends NativeList<List<int>>
    with _Views<List<int>> {
  /// As [NativeList]; element lengths are at [lengthsOffset], and an element has
  /// [maxLength] bytes at most.
  NativeBytesList(super.message, super.countOffset, super.offset,
      super.capacity, super.field, this.lengthsOffset, this.maxLength);

  /// Where in [message] the lengths of the elements are; negative if each has
  /// exactly [maxLength] bytes.
  final int lengthsOffset;

  /// The most bytes of an element; more are an [ArgumentError].
  final int maxLength;

  @override
  Uint8List operator [](int index) {
    final address = message.address;
    _check(address, index);
    return load(address, index);
  }

  @override
  Uint8List load(int address, int index) => viewBytes(
      address + offset + index * maxLength,
      lengthsOffset < 0
          ? maxLength
          : loadSize(address + lengthsOffset + index * 4, maxLength));

  @override
  void store(int address, int index, List<int> value) {
    final bytes = offset + index * maxLength;
    if (lengthsOffset < 0) {
      return storeFixedBytes(message, bytes, maxLength, value, field);
    }
    final length = lengthsOffset + index * 4;
    storeBytes(message, length, bytes, maxLength, value, field);
  }

  @override
  void reset(int address, int index) => lengthsOffset < 0
      ? zeroBytes(address + offset + index * maxLength, maxLength)
      : storeUint32(address + lengthsOffset + index * 4, 0);

  @override
  bool sameAs(covariant NativeBytesList other) {
    final count = length;
    if (count != other.length) return false;
    for (var i = 0; i < count; i++) {
      if (!sameBytes(this[i], other[i])) return false;
    }
    return true;
  }
}

/// A list of texts, stored as UTF-8; malformed UTF-8 is replaced on reading.
final class NativeTextList extends NativeList<String> {
  /// As [NativeBytesList].
  NativeTextList(super.message, super.countOffset, super.offset, super.capacity,
      super.field, this.lengthsOffset, this.maxLength);

  /// Where in [message] the lengths of the elements are; negative if each has
  /// exactly [maxLength] bytes.
  final int lengthsOffset;

  /// The most bytes of an element; more are an [ArgumentError].
  final int maxLength;

  /// The same list as bytes.
  NativeBytesList get bytes => NativeBytesList(
      message, countOffset, offset, capacity, field, lengthsOffset, maxLength);

  @override
  String load(int address, int index) =>
      utf8.decode(bytes.load(address, index), allowMalformed: true);

  @override
  void store(int address, int index, String value) {
    final bytes = offset + index * maxLength;
    if (lengthsOffset < 0) {
      return storeFixedText(message, bytes, maxLength, value, field);
    }
    final length = lengthsOffset + index * 4;
    storeText(message, length, bytes, maxLength, value, field);
  }

  @override
  void reset(int address, int index) => bytes.reset(address, index);

  @override
  bool sameAs(covariant NativeTextList other) => bytes.sameAs(other.bytes);
}

/// A list of messages.
///
/// Reading an element gives a view of it, also of what `removeAt` removed: that
/// shows what came into its place. Storing one copies it; so do not give a list its
/// own elements to insert or set: they are moved before they are read. There is no
/// sorting.
abstract base class NativeMessageList<V extends NativeMessage>
    extends NativeList<V> with _Views<V> {
  /// As [NativeList].
  NativeMessageList(super.message, super.countOffset, super.offset,
      super.capacity, super.field);

  /// Bytes of an element.
  int get stride;

  /// A view of the message [offset] bytes behind [message].
  V view(int offset);

  /// Empties the message at [address].
  void clearAt(int address);

  /// Appends an empty message, and returns it to be filled.
  V addNew() {
    length += 1;
    return this[length - 1];
  }

  @override
  V load(int address, int index) => view(offset + index * stride);

  @override
  void store(int address, int index, V value) =>
      copyMessage(value, view(offset + index * stride), stride);

  @override
  void reset(int address, int index) =>
      clearAt(address + offset + index * stride);
}
