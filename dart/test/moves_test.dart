/// Lists of messages against plain lists, by random operations, also with their
/// own elements: the same elements in the same order, and nothing changed where
/// an operation is refused.
library;

import 'dart:math';

import 'package:magpool/concurrent.dart';
import 'package:magpool/magpool.dart';
import 'package:test/test.dart';

import '../../codegen/tests/golden/kinds/kinds.g.dart';
import 'support/seed.dart';

/// A list in native memory, and what it must be like.
final class Pair<E> {
  Pair(this.native, this.make, this.plainOf);

  final NativeList<E> native;

  /// A new element.
  final E Function(int number) make;

  /// What the element is, as a value that does not change with the memory.
  final Object? Function(E element) plainOf;

  List<Object?> get plain => native.map(plainOf).toList();

  /// Does the same to both, and compares them. [act] is told what makes elements
  /// of indices and numbers.
  void both(String what, void Function(List<E>) act,
      void Function(List<Object?>) actPlain) {
    final model = plain;
    final before = plain;
    try {
      act(native);
    } on StateError {
      expect(plain, before, reason: '$what was refused');
      return;
    }
    actPlain(model);
    expect(plain, model, reason: what);
  }
}

/// Does [times] random things to [pair].
void play<E>(Pair<E> pair, Random random, int times) {
  final list = pair.native;
  var number = 0;

  /// Elements, and what they are: new ones, and own ones.
  (List<E>, List<Object?>) some(int most) {
    final elements = <E>[
      for (var i = random.nextInt(most + 1); i > 0; i--)
        list.isNotEmpty && random.nextBool()
            ? list[random.nextInt(list.length)]
            : pair.make(number++)
    ];
    return (elements, elements.map(pair.plainOf).toList());
  }

  int upTo(int most) => random.nextInt(most + 1);

  for (var i = 0; i < times; i++) {
    final (elements, plain) = some(3);
    final start = upTo(list.length);
    final end = start + upTo(list.length - start);
    final lazy = random.nextBool();
    Iterable<T> given<T>(List<T> all) => lazy ? all.map((e) => e) : all;
    void both(String what, void Function(List<E>) act,
            void Function(List<Object?>) actPlain) =>
        pair.both('$what($start, $end, $plain)', act, actPlain);

    switch (random.nextInt(14)) {
      case 0:
        both(
            'addAll', (l) => l.addAll(given(elements)), (l) => l.addAll(plain));
      case 1:
        both('insertAll', (l) => l.insertAll(start, given(elements)),
            (l) => l.insertAll(start, plain));
      case 2:
        if (elements.isEmpty) continue;
        both('insert', (l) => l.insert(start, elements.first),
            (l) => l.insert(start, plain.first));
      case 3:
        both('replaceRange', (l) => l.replaceRange(start, end, given(elements)),
            (l) => l.replaceRange(start, end, plain));
      case 4:
        both('removeRange', (l) => l.removeRange(start, end),
            (l) => l.removeRange(start, end));
      case 5:
        if (start == list.length) continue;
        both('removeAt', (l) => l.removeAt(start), (l) => l.removeAt(start));
      case 6:
        if (start + elements.length > list.length) continue;
        both('setAll', (l) => l.setAll(start, given(elements)),
            (l) => l.setAll(start, plain));
      case 7:
        final kept = [for (final _ in list) random.nextInt(4) > 0];
        var at = 0, atPlain = 0;
        both('removeWhere', (l) => l.removeWhere((_) => !kept[at++]),
            (l) => l.removeWhere((_) => !kept[atPlain++]));
      case 8:
        final seed = random.nextInt(1 << 30);
        both('shuffle', (l) => l.shuffle(Random(seed)),
            (l) => l.shuffle(Random(seed)));
      case 9:
        final copy = pair.plain;
        both('setAll of itself', (l) => l.setAll(0, l),
            (l) => l.setAll(0, copy));
      case 10:
        both('setAll of itself reversed', (l) => l.setAll(0, l.reversed),
            (l) => l.setAll(0, l.reversed.toList()));
      case 11:
        if (list.length < 2) continue;
        final skip = random.nextInt(list.length);
        final count = random.nextInt(list.length - skip + 1);
        final to = random.nextInt(list.length - count + 1);
        both(
            'setRange $to $count $skip',
            (l) => l.setRange(to, to + count, l, skip),
            (l) => l.setRange(to, to + count, l, skip));
      case 12:
        both('addAll of itself', (l) => l.addAll(l),
            (l) => l.addAll(l.toList()));
      case 13:
        both('insertAll of itself', (l) => l.insertAll(start, l),
            (l) => l.insertAll(start, l.toList()));
    }
  }
}

void main() {
  final random = Random(seed);
  final larges = LargeMessagePool.open();
  late LargeMessageLease m;
  setUp(() => m = larges.alloc());
  tearDown(() => m.close());

  test('moves_of_numbers_are_those_of_a_list', () {
    play(Pair(m.timestamps, (i) => i, (e) => e), random, 3000);
  });

  test('moves_of_texts_are_those_of_a_list', () {
    play(Pair(m.keywords, (i) => 'é${i % 1000}', (e) => e), random, 3000);
  });

  test('moves_of_bytes_are_those_of_a_list', () {
    play(
        Pair<List<int>>(
            m.keywords.bytes, (i) => [i & 255, i >> 8], (e) => '$e'),
        random,
        3000);
  });

  test('moves_of_messages_are_those_of_a_list', () {
    final smalls = SmallMessagePool.open();
    final made = [for (var i = 0; i < 8; i++) smalls.alloc()];
    play(
        Pair<SmallMessageView>(
            m.children, (i) => made[i % 8]..id = i, (e) => e.id),
        random,
        3000);
    for (final lease in made) {
      lease.close();
    }
  });

  test('moves_of_enumerations_are_those_of_a_list', () {
    ListsPool.open().use((m) {
      const all = Color.values;
      play(Pair(m.colors, (i) => all[i % all.length], (e) => e), random, 3000);
    });
  });

  test('sort_is_that_of_a_list', () {
    for (var round = 0; round < 50; round++) {
      m.clear();
      for (var i = random.nextInt(8); i >= 0; i--) {
        final id = random.nextInt(5);
        m.timestamps.add(id);
        m.keywords.add('$id');
        m.children.addNew().id = id;
      }
      final sorted = m.timestamps.toList()..sort();
      m.timestamps.sort();
      m.keywords.sort();
      m.children.sort((a, b) => b.id - a.id);
      expect(m.timestamps, sorted);
      expect(m.keywords, sorted.map((id) => '$id'));
      expect(m.children.map((child) => child.id), sorted.reversed);
      m.keywords.bytes.sort((a, b) => b.first - a.first);
      expect(m.keywords, sorted.reversed.map((id) => '$id'));
    }
  });

  test('sort_of_messages_needs_an_order', () {
    m.children
      ..addNew()
      ..addNew();
    expect(m.children.sort, throwsA(isA<TypeError>()));
  });

  test('moves_keep_texts_that_are_no_utf8', () {
    m.keywords.addAll(['a', 'b', 'c']);
    m.keywords.bytes[1] = [0xff, 0x62];
    m.keywords.removeAt(0);
    m.keywords.insert(0, 'z');
    m.keywords.removeWhere((text) => text == 'c');
    m.keywords.shuffle(Random(1));
    m.keywords.sort();
    expect(m.keywords.bytes, [
      [0x7a],
      [0xff, 0x62]
    ]);
  });

  test('moves_keep_numbers_without_a_name', () {
    ListsPool.open().use((m) {
      m.colors.addAll([Color.red, Color.red, Color.darkBlue]);
      m.colors.numbers[1] = 99;
      m.colors.removeAt(0);
      m.colors.insert(0, Color.darkBlue);
      m.colors.retainWhere((color) => color != Color.red);
      expect(m.colors, [Color.darkBlue, null, Color.darkBlue]);
      m.colors.sort((a, b) => a == null ? -1 : (b == null ? 1 : 0));
      m.colors.remove(Color.darkBlue);
      expect(m.colors.numbers, [99, Color.darkBlue.number]);
    });
  });

  test('removed_bytes_are_a_copy', () {
    m.keywords.addAll(['a', 'b']);
    expect(m.keywords.bytes.removeAt(0), [0x61]);
    final removed = m.keywords.bytes.removeAt(0);
    m.keywords.add('c');
    expect(removed, [0x62]);
  });

  test('element_refused_in_the_midst_changes_nothing', () {
    m.keywords.addAll(['a', 'b']);
    final long = 'x' * 33;
    expect(() => m.keywords.addAll(['c', long]), throwsArgumentError);
    expect(() => m.keywords.insertAll(1, ['c', long]), throwsArgumentError);
    expect(m.keywords, ['a', 'b']);
  });

  test('range_outside_is_a_range_error', () {
    m.children.addNew();
    final all = m.children.toList();
    for (final act in <void Function()>[
      () => m.children.insertAll(2, all),
      () => m.children.insert(-1, all.first),
      () => m.children.setRange(0, 2, all),
      () => m.children.setRange(0, 1, all, -1),
      () => m.children.removeRange(0, 2),
      () => m.children.removeAt(1),
      () => m.children.replaceRange(1, 0, all),
    ]) {
      expect(act, throwsRangeError);
    }
    expect(() => m.children.setRange(0, 1, const []), throwsStateError);
    expect(m.children.remove('no such thing'), isFalse);
    expect(m.children.length, 1);
  });
}
