/// Lists of enumerations, bytes, texts and messages in native memory.
library;

import 'dart:convert';
import 'dart:typed_data';

import 'fields.dart';
import 'lease.dart';
import 'native_list.dart';
import 'native_numbers.dart';

/// Lists whose elements are views of their memory: some that are to be stored may
/// be this list's own, and change when others are.
base mixin _Views<E> on NativeList<E> {
  /// Stores copies of [elements], as they are before the first is stored.
  void _storeCopies(int start, List<E> elements);

  @override
  void setRange(int start, int end, Iterable<E> iterable, [int skipCount = 0]) {
    // Of a list in native memory each is read before its place is stored to.
    if (iterable is NativeList<E>) {
      return super.setRange(start, end, iterable, skipCount);
    }
    RangeError.checkValidRange(start, end, length);
    RangeError.checkNotNegative(skipCount, 'skipCount');
    final count = end - start;
    final elements = iterable.skip(skipCount).take(count).toList();
    if (elements.length < count) {
      throw StateError('$field: ${elements.length} elements for $count places');
    }
    _storeCopies(start, elements);
  }
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
  void moveFrom(int start, List<int> from) => numbers.moveFrom(start, from);

  @override
  bool sameAs(covariant NativeEnumList<E> other) =>
      numbers.sameAs(other.numbers);
}

/// A list of byte strings, each of some bytes at most.
///
/// Reading one gives a view, which shows what is in its place later, when elements
/// were moved; what `removeAt` returns is a copy.
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
  Uint8List operator [](int index) => super[index] as Uint8List;

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
  Uint8List removeAt(int index) {
    final removed = Uint8List.fromList(this[index]);
    super.removeAt(index);
    return removed;
  }

  @override
  void _storeCopies(int start, List<List<int>> elements) {
    final copies = [for (final bytes in elements) Uint8List.fromList(bytes)];
    for (var i = 0; i < copies.length; i++) {
      this[start + i] = copies[i];
    }
  }

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
  void moveFrom(int start, List<int> from) => bytes.moveFrom(start, from);

  @override
  bool sameAs(covariant NativeTextList other) => bytes.sameAs(other.bytes);
}

/// A list of messages.
///
/// Reading an element gives a view of its place, which shows another when elements
/// were moved; so does what `removeAt` returns. Storing one copies it.
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
  void _storeCopies(int start, List<V> elements) {
    final copies = Uint8List(elements.length * stride);
    for (var i = 0; i < elements.length; i++) {
      copies.setAll(i * stride, viewBytes(elements[i].address, stride));
    }
    final to = message.address + offset + start * stride;
    viewBytes(to, copies.length).setAll(0, copies);
  }

  @override
  void reset(int address, int index) =>
      clearAt(address + offset + index * stride);
}
