/// Repeated fields of messages in native memory, as lists: what all have in common.
library;

import 'dart:collection';
import 'dart:math';

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
    final count = length;
    if (count + elements.length > capacity) _throwFull();
    try {
      elements.forEach(add);
    } catch (_) {
      length = count;
      rethrow;
    }
  }

  @override
  void insert(int index, E element) => insertAll(index, [element]);

  @override
  void insertAll(int index, Iterable<E> iterable) {
    final count = length;
    RangeError.checkValueInInterval(index, 0, count, 'index');
    addAll(iterable);
    _exchange(index, count);
  }

  @override
  void setAll(int index, Iterable<E> iterable) {
    final elements = iterable is List<E> ? iterable : iterable.toList();
    setRange(index, index + elements.length, elements);
  }

  @override
  void replaceRange(int start, int end, Iterable<E> newContents) {
    _checkGrowable();
    final count = length;
    RangeError.checkValidRange(start, end, count);
    final elements = newContents.toList(growable: false);
    final replaced = min(elements.length, end - start);
    addAll(elements.skip(replaced));
    setRange(start, start + replaced, elements);
    if (replaced < end - start) {
      removeRange(start + replaced, end);
    } else {
      _exchange(end, count);
    }
  }

  @override
  void clear() => length = 0;

  @override
  bool remove(Object? element) {
    _checkGrowable();
    for (var i = 0, count = length; i < count; i++) {
      if (this[i] != element) continue;
      removeRange(i, i + 1);
      return true;
    }
    return false;
  }

  @override
  E removeAt(int index) {
    _checkGrowable();
    final removed = this[index];
    removeRange(index, index + 1);
    return removed;
  }

  @override
  void removeRange(int start, int end) {
    _checkGrowable();
    final count = length;
    RangeError.checkValidRange(start, end, count);
    moveFrom(start, _indices(end, count));
    length = count - (end - start);
  }

  @override
  void removeWhere(bool Function(E element) test) =>
      retainWhere((element) => !test(element));

  @override
  void retainWhere(bool Function(E element) test) {
    _checkGrowable();
    final kept = _indices(0, length).where((i) => test(this[i])).toList();
    moveFrom(0, kept);
    length = kept.length;
  }

  @override
  void sort([int Function(E a, E b)? compare]) {
    final by = compare ?? _compareAny;
    final elements = toList(growable: false);
    moveFrom(
        0,
        _indices(0, elements.length)
          ..sort((a, b) => by(elements[a], elements[b])));
  }

  @override
  void shuffle([Random? random]) =>
      moveFrom(0, _indices(0, length)..shuffle(random));

  /// Makes the elements from [start] on what those at the indices [from] are, and
  /// exactly that: also a text that is no UTF-8, or a number without a name.
  void moveFrom(int start, List<int> from) =>
      setRange(start, start + from.length, [for (final i in from) this[i]]);

  /// Exchanges the elements from [start] on with those from [middle] on.
  void _exchange(int start, int middle) =>
      moveFrom(start, _indices(middle, length) + _indices(start, middle));

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

List<int> _indices(int start, int end) =>
    List.generate(end - start, (i) => start + i);

int _compareAny(Object? a, Object? b) =>
    Comparable.compare(a as Comparable<Object?>, b as Comparable<Object?>);
