/// The schema's messages, filled from a number and verified against it.
library;

import 'dart:ffi';

import 'package:magpool/concurrent.dart';
import 'package:magpool/magpool.dart';

// Each isolate opens them once: by name, so they are the same pools.
final _small = SmallMessagePool.open();
final _medium = MediumMessagePool.open();
final _large = LargeMessagePool.open();
final _stress = StressTestMessagePool.open();

/// A message type with a pool. An enumeration, so that it can be sent.
enum Message {
  small(100),
  medium(1000),
  large(10000),
  stress(5000);

  const Message(this.capacity);

  /// Objects its pool begins with.
  final int capacity;

  Pool get pool => switch (this) {
        small => _small.pool,
        medium => _medium.pool,
        large => _large.pool,
        stress => _stress.pool,
      };

  /// A message filled from [mark]; its address.
  int make(int mark) {
    switch (this) {
      case small:
        return (_small.allocPointer()..fill(mark)).address;
      case medium:
        return (_medium.allocPointer()..fill(mark)).address;
      case large:
        return (_large.allocPointer()..fill(mark)).address;
      case stress:
        return (_stress.allocPointer()..fill(mark)).address;
    }
  }

  /// Frees the message at [address]; throws unless [make] filled it from [mark]
  /// and nobody wrote to it since.
  void take(int address, int mark) {
    final intact = switch (this) {
      small => Pointer<SmallMessage>.fromAddress(address).holds(mark),
      medium => Pointer<MediumMessage>.fromAddress(address).holds(mark),
      large => Pointer<LargeMessage>.fromAddress(address).holds(mark),
      stress => Pointer<StressTestMessage>.fromAddress(address).holds(mark),
    };
    if (!intact) throw StateError('$name message of $mark is damaged');
    pool.freeAddress(address);
  }
}

extension on Pointer<SmallMessage> {
  void fill(int mark) {
    id = mark;
    name = 'small $mark';
  }

  bool holds(int mark) => id == mark && name == 'small $mark';
}

extension on Pointer<MediumMessage> {
  void fill(int mark) {
    id = mark;
    title = 'medium $mark';
    description = 'd' * (mark % 257);
    for (var i = 0; i < mark % 9; i++) {
      addTags('tag $i');
    }
  }

  bool holds(int mark) {
    if (id != mark || title != 'medium $mark') return false;
    if (description != 'd' * (mark % 257)) return false;
    if (tagsCount != mark % 9) return false;
    return Iterable<int>.generate(mark % 9).every((i) => tagsAt(i) == 'tag $i');
  }
}

extension on Pointer<LargeMessage> {
  void fill(int mark) {
    id = mark;
    title = 'large $mark';
    payload = List.filled(mark % 1025, mark & 0xff);
    for (var i = 0; i < mark % 9; i++) {
      addChildren().fill(mark + i);
    }
    for (var i = 0; i < mark % 17; i++) {
      addKeywords('keyword $i');
    }
    for (var i = 0; i < mark % 33; i++) {
      addTimestamps(mark << 32 | i);
    }
  }

  bool holds(int mark) {
    if (id != mark || title != 'large $mark' || description != '') return false;
    if (payload.length != mark % 1025) return false;
    if (payload.any((byte) => byte != mark & 0xff)) return false;
    return _holdsChildren(mark) && _holdsLists(mark);
  }

  bool _holdsChildren(int mark) =>
      childrenCount == mark % 9 &&
      Iterable<int>.generate(mark % 9)
          .every((i) => childrenAt(i).holds(mark + i));

  bool _holdsLists(int mark) =>
      keywordsCount == mark % 17 &&
      timestampsCount == mark % 33 &&
      Iterable<int>.generate(mark % 17)
          .every((i) => keywordsAt(i) == 'keyword $i') &&
      Iterable<int>.generate(mark % 33)
          .every((i) => timestampsAt(i) == (mark << 32 | i));
}

extension on Pointer<StressTestMessage> {
  void fill(int mark) {
    threadId = mark;
    sequence = mark * mark;
    timestamp = ~mark;
    data = List.filled(mark % 129, mark & 0xff);
  }

  bool holds(int mark) =>
      threadId == mark &&
      sequence == mark * mark &&
      timestamp == ~mark &&
      data.length == mark % 129 &&
      data.every((byte) => byte == mark & 0xff);
}
