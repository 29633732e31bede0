/// Maps of messages in native memory, as Dart maps.
library;

import 'dart:collection';

import 'lease.dart';
import 'native_lists.dart';

/// The entries in use of a map, straight in native memory.
///
/// An ordinary map in the order in which keys were put, but that removing one
/// moves the last to its place, and that it has room for so many entries: one
/// more is a [StateError] and changes nothing. It is looked through from its
/// beginning.
@pragma('vm:isolate-unsendable')
abstract base class NativeMap<K, V, E extends NativeMessage>
    with MapMixin<K, V> {
  /// The map whose entries [list] has.
  NativeMap(this.list);

  /// The entries, each with a key and a value.
  final NativeMessageList<E> list;

  /// The key of [entry].
  K keyOf(E entry);

  /// Stores the key of [entry].
  void setKey(E entry, K key);

  /// The value of [entry].
  V valueOf(E entry);

  /// Stores the value of [entry].
  void setValue(E entry, V value);

  /// The most entries the map can have.
  int get capacity => list.capacity;

  @override
  int get length => list.length;

  @override
  Iterable<K> get keys => list.map(keyOf);

  @override
  bool containsKey(Object? key) => _find(key) >= 0;

  @override
  V? operator [](Object? key) {
    final index = _find(key);
    return index < 0 ? null : valueOf(list[index]);
  }

  @override
  void operator []=(K key, V value) {
    final count = list.length;
    final entry = put(key);
    try {
      setValue(entry, value);
    } catch (_) {
      list.length = count;
      rethrow;
    }
  }

  /// The entry of this [key], appended with an empty value if there was none.
  E put(K key) {
    final index = _find(key);
    if (index >= 0) return list[index];
    final entry = list.addNew();
    try {
      setKey(entry, key);
    } catch (_) {
      list.length -= 1;
      rethrow;
    }
    return entry;
  }

  /// Removes the entry of [key]; the last takes its place.
  ///
  /// Returns its value, or null if there was none. Of bytes and messages that is
  /// a view, which shows what came into its place.
  @override
  V? remove(Object? key) {
    final index = _find(key);
    if (index < 0) return null;
    final value = valueOf(list[index]);
    final last = list.length - 1;
    if (index != last) list[index] = list[last];
    list.length = last;
    return value;
  }

  @override
  void clear() => list.clear();

  int _find(Object? key) {
    final count = list.length;
    for (var i = 0; i < count; i++) {
      if (keyOf(list[i]) == key) return i;
    }
    return -1;
  }
}
