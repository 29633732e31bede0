/// Views of messages, with every kind of field there is: the schema of the
/// schema compiler's own tests.
library;

import 'dart:ffi';
import 'dart:typed_data';

import 'package:magpool/concurrent.dart' show LargeMessagePool;
import 'package:magpool/magpool.dart';
import 'package:test/test.dart';

import '../../codegen/tests/golden/kinds/kinds.g.dart';
import 'support/workloads.dart';

final everything = EverythingPool.open();
final lists = ListsPool.open();

/// Runs [body] with a lease of a message with single fields.
void withEverything(void Function(EverythingLease) body) =>
    everything.use(body);

/// Runs [body] with a lease of a message of lists.
void withLists(void Function(ListsLease) body) => lists.use(body);

/// Fills every list of [m].
void fillLists(ListsView m) {
  m.flags.addAll([true, false]);
  m.numbers.addAll([1, -2, 3]);
  m.floats.add(0.1);
  m.narrowFloats.add(0.5);
  m.huge.add(-1);
  m.colors.addAll([Color.red, Color.darkBlue]);
  m.texts.addAll(['a', 'ü', '€']);
  m.blobs.add([1, 2, 3]);
  m.children.addNew().first = true;
  m.children.addNew().mutableDeep().value = 9;
}

void main() {
  expectAllPoolsSound();

  group('single fields', () {
    test('numbers_written_are_read', () {
      withEverything((m) {
        m
          ..flag = true
          ..small = -0x80000000
          ..zigzag = -1
          ..fixedSigned = 0x7fffffff
          ..wideFloat = 0.1
          ..count = 0xffffffff
          ..fixed = 1
          ..big = -0x8000000000000000
          ..bigZigzag = 0x7fffffffffffffff
          ..bigFixedSigned = -3
          ..narrowFloat = 0.5
          ..huge = -1
          ..hugeFixed = 0x7fffffffffffffff;
        expect(m.flag, isTrue);
        expect(m.small, -0x80000000);
        expect(m.zigzag, -1);
        expect(m.fixedSigned, 0x7fffffff);
        expect(m.wideFloat, 0.1);
        expect(m.count, 0xffffffff);
        expect(m.fixed, 1);
        expect(m.big, -0x8000000000000000);
        expect(m.bigZigzag, 0x7fffffffffffffff);
        expect(m.bigFixedSigned, -3);
        expect(m.narrowFloat, 0.5);
        expect(m.huge, -1);
        expect(m.hugeFixed, 0x7fffffffffffffff);
        // The same members as the raw pointer has.
        expect(m.pointer.big, m.big);
        expect(m.pointer.ref.narrowFloat, 0.5);
      });
    });

    test('enumeration_known_and_unknown_is_read', () {
      withEverything((m) {
        expect(m.color, Color.unknown);
        m.setColor(Color.darkBlue);
        expect(m.color, Color.darkBlue);
        m.colorNumber = 99;
        expect(m.color, isNull);
        expect(m.colorNumber, 99);
        expect('$m', contains('color: 99'));
      });
    });

    test('text_and_bytes_written_are_read', () {
      withEverything((m) {
        for (final text in [
          '',
          'ascii',
          'grün €uro',
          'x' * 32,
          'x' * 64,
          'ü' * 32,
        ]) {
          m.text = text;
          expect(m.text, text);
          expect(m.pointer.text, text);
        }
        m.textBytes = [0x61, 0xff];
        expect(m.text, 'a\ufffd');
        m.blob = [1, 2, 3, 4, 5];
        expect(m.blob, [1, 2, 3, 4, 5]);
        m.blob[0] = 9; // A view: the message itself.
        expect(m.pointer.blob.first, 9);
      });
    });

    test('value_too_long_is_refused_and_changes_nothing', () {
      withEverything((m) {
        m
          ..text = 'before'
          ..blob = [1];
        for (final text in ['x' * 65, 'ü' * 33, '${'x' * 63}ü']) {
          expect(() => m.text = text, throwsArgumentError);
        }
        expect(() => m.textBytes = List.filled(65, 1), throwsArgumentError);
        expect(() => m.blob = List.filled(6, 1), throwsArgumentError);
        final words = m.mutableWords()..type = 'abcd';
        expect(() => words.type = 'ab€', throwsArgumentError);
        expect(words.type, 'abcd');
        expect(m.text, 'before');
        expect(m.blob, [1]);
      });
    });

    test('length_damaged_is_clamped', () {
      withEverything((m) {
        m.pointer.ref.textLength = 0xffffffff;
        m.pointer.ref.blobLength = 6;
        expect(m.textBytes.length, 64);
        expect(m.blob.length, 5);
      });
    });
  });

  group('message in a message', () {
    test('absent_is_null_and_mutable_makes_it_present_and_empty', () {
      withEverything((m) {
        expect(m.hasChild, isFalse);
        expect(m.child, isNull);
        m.pointer.ref.child.last = 1; // Left behind by somebody.
        final child = m.mutableChild();
        expect(m.hasChild, isTrue);
        expect(child.last, isFalse);
        child.last = true;
        expect(m.mutableChild().last, isTrue);
        expect(m.pointer.child.last, isTrue);
        m.clearChild();
        expect(m.child, isNull);
      });
    });

    test('three_levels_are_one_piece_of_memory', () {
      withEverything((m) {
        m.mutableChild().mutableDeep()
          ..value = 5
          ..setColor(Color.red);
        expect(m.child!.deep!.value, 5);
        expect(m.pointer.child.deep.value, 5);
        expect(m.child!.deep!.color, Color.red);
      });
    });

    test('setting_copies_and_null_clears', () {
      withEverything((m) {
        m.mutableChild().last = true;
        withLists((other) {
          other.children.addNew().first = true;
          m.child = other.children.first;
          expect(m.child!.first, isTrue);
          expect(m.child!.last, isFalse);
          other.children.first.first = false;
          expect(m.child!.first, isTrue);
        });
        m.child = null;
        expect(m.hasChild, isFalse);
      });
    });

    test('parts_obtained_before_close_refuse_use_after', () {
      final m = everything.alloc();
      final child = m.mutableChild();
      final deep = child.mutableDeep();
      m.close();
      expect(child.isClosed && deep.isClosed, isTrue);
      final uses = <Object? Function()>[
        () => child.last,
        () => child.last = true,
        () => child.deep,
        () => child.hasDeep,
        child.mutableDeep,
        child.clear,
        () => deep.value,
        () => deep.value = 1,
        () => deep.color,
        () => deep.address,
      ];
      for (final use in uses) {
        expect(use, throwsStateError);
      }
      expect('$child $deep', 'Inner(closed) InnerDeep(closed)');
    });

    test('names_that_mean_something_have_a_bar_behind', () {
      withEverything((m) {
        m.mutableWords()
          ..address_ = 4
          ..hashCode_ = 5
          ..int_ = 6;
        expect(m.words!.address_, 4);
        expect(m.words!.address != 4, isTrue);
        expect(m.words!.int_, 6);
      });
    });
  });

  group('list', () {
    test('elements_of_every_kind_added_are_read', () {
      withLists((m) {
        fillLists(m);
        expect(m.flags, [true, false]);
        expect(m.numbers, [1, -2, 3]);
        expect(m.floats, [0.1]);
        expect(m.narrowFloats, [0.5]);
        expect(m.huge, [-1]);
        expect(m.colors, [Color.red, Color.darkBlue]);
        expect(m.texts, ['a', 'ü', '€']);
        expect(m.blobs, [
          [1, 2, 3]
        ]);
        expect(m.children.length, 2);
        expect(m.children[0].first, isTrue);
        expect(m.children[1].deep!.value, 9);
        // The same elements as the raw pointer has.
        expect(m.pointer.flagsAt(0), isTrue);
        expect(m.pointer.numbers, [1, -2, 3]);
        expect(m.pointer.textsAt(2), '€');
        expect(m.pointer.childrenAt(1).deep.value, 9);
      });
    });

    test('elements_of_every_kind_stored_are_read', () {
      withLists((m) {
        fillLists(m);
        m.flags[1] = true;
        m.numbers[0] = 7;
        m.floats[0] = 2;
        m.colors[1] = Color.unknown;
        m.texts[0] = 'longer';
        m.blobs[0] = [];
        m.children[0] = m.children[1];
        expect(m.flags, [true, true]);
        expect(m.numbers, [7, -2, 3]);
        expect(m.floats, [2.0]);
        expect(m.colors, [Color.red, Color.unknown]);
        expect(m.texts, ['longer', 'ü', '€']);
        expect(m.blobs.single, isEmpty);
        expect(m.children[0].deep!.value, 9);
      });
    });

    test('index_out_of_range_is_a_range_error', () {
      withLists((m) {
        fillLists(m);
        for (final list in <List<Object?>>[
          m.flags,
          m.numbers,
          m.floats,
          m.colors,
          m.texts,
          m.blobs,
          m.children,
        ]) {
          for (final index in [-1, list.length, 1 << 40]) {
            expect(() => list[index], throwsRangeError);
          }
        }
        expect(() => m.numbers[3] = 1, throwsRangeError);
        expect(() => m.numbers.length = -1, throwsRangeError);
      });
    });

    test('list_full_refuses_more_and_is_unchanged', () {
      withLists((m) {
        fillLists(m);
        m.flags.add(true);
        expect(() => m.flags.add(true), throwsStateError);
        expect(m.children.addNew, throwsStateError);
        expect(() => m.colors.addAll([Color.red, Color.red, Color.red]),
            throwsStateError);
        expect(() => m.texts.insert(0, 'x'), throwsStateError);
        expect(() => m.numbers.length = 17, throwsStateError);
        expect(m.flags.length, 3);
        expect(m.children.length, 2);
        expect(m.colors.length, 2);
        expect(m.texts, ['a', 'ü', '€']);
        expect(m.numbers.length, 3);
      });
    });

    test('element_too_long_or_null_is_refused', () {
      withLists((m) {
        m.texts.add('a');
        expect(() => m.texts.add('seven..'), throwsArgumentError);
        expect(() => m.texts[0] = 'ü€€', throwsArgumentError);
        expect(() => m.blobs.add([1, 2, 3, 4]), throwsArgumentError);
        expect(() => m.colors.add(null), throwsArgumentError);
        expect(m.texts, ['a']);
        expect(m.blobs, isEmpty);
        expect(m.colors, isEmpty);
      });
    });

    test('list_is_a_list', () {
      withLists((m) {
        m.numbers.addAll([3, 1, 2]);
        m.numbers.sort();
        expect(m.numbers, [1, 2, 3]);
        m.numbers
          ..insert(0, 9)
          ..removeAt(1)
          ..removeLast();
        expect(m.numbers, [9, 2]);
        m.numbers.length = 4;
        expect(m.numbers, [9, 2, 0, 0]);
        expect(m.numbers.indexOf(2), 1);
        expect(m.numbers.asTypedList(), isA<Int32List>());
        m.numbers.asTypedList()[3] = 5;
        expect(m.numbers, [9, 2, 0, 5]);
        m.numbers.clear();
        expect(m.numbers, isEmpty);
        m.texts.addAll(['c', 'b', 'a']);
        m.texts.sort();
        expect(m.texts, ['a', 'b', 'c']);
        expect(m.texts.bytes[1], [0x62]);
        expect(m.texts.join(), 'abc');
      });
    });

    test('elements_that_are_views_are_moved', () {
      withLists((m) {
        m.children.addNew().first = true;
        m.children.addNew().last = true;
        m.children.removeAt(0);
        expect(m.children.single.last, isTrue);
        m.children.insert(0, m.children.single);
        expect(m.children.length, 2);
        expect(m.children.every((child) => child.last), isTrue);
        m.blobs.addAll([
          [2],
          [1]
        ]);
        m.blobs.sort((a, b) => a[0] - b[0]);
        expect(m.blobs[0], [1]);
      });
    });

    test('new_elements_are_empty_whatever_was_there', () {
      withLists((m) {
        fillLists(m);
        m.children.clear();
        m.texts.clear();
        m.colors.clear();
        m.children.length = 2;
        m.texts.length = 3;
        m.colors.length = 1;
        expect(
            m.children.any((child) => child.first || child.hasDeep), isFalse);
        expect(m.texts, ['', '', '']);
        expect(m.colors, [Color.unknown]);
      });
    });

    test('unknown_numbers_of_an_enumeration_are_null_but_not_lost', () {
      withLists((m) {
        m.colors.add(Color.red);
        m.colors.numbers[0] = 99;
        expect(m.colors, [null]);
        expect(m.colors.numbers, [99]);
      });
    });

    test('lists_obtained_before_close_refuse_use_after', () {
      final m = lists.alloc();
      fillLists(m);
      final all = <List<Object?>>[
        m.flags,
        m.numbers,
        m.colors,
        m.texts,
        m.blobs,
        m.children,
      ];
      final (child, numbers) = (m.children.first, m.numbers);
      m.close();
      for (final list in all) {
        expect(() => list.length, throwsStateError);
        expect(() => list[0], throwsStateError);
        expect(list.clear, throwsStateError);
        expect(list.toList, throwsStateError);
      }
      expect(() => numbers.add(1), throwsStateError);
      expect(() => numbers[0] = 1, throwsStateError);
      expect(numbers.asTypedList, throwsStateError);
      expect(() => child.first, throwsStateError);
    });

    test('count_damaged_is_clamped', () {
      withLists((m) {
        m.pointer.ref.numbersCount = 0xffffffff;
        m.pointer.ref.textsCount = 4;
        m.pointer.ref.textsLengths[0] = 7;
        expect(m.numbers.length, 16);
        expect(m.texts.length, 3);
        expect(m.texts.bytes[0].length, 6);
        expect(() => m.numbers.add(1), throwsStateError);
      });
    });
  });

  group('whole message', () {
    test('copy_is_equal_until_either_changes', () {
      withLists((a) {
        withLists((b) {
          expect(a, b);
          fillLists(a);
          expect(a == b, isFalse);
          b.copyFrom(a);
          expect(a, b);
          expect(a.hashCode, b.hashCode);
          for (final change in <void Function()>[
            () => b.flags[0] = false,
            () => b.numbers[2] = 0,
            () => b.floats[0] = 0,
            () => b.colors[0] = Color.unknown,
            () => b.texts[1] = 'u',
            () => b.blobs[0][2] = 0,
            () => b.children[0].first = false,
            () => b.children[1].clearDeep(),
            () => b.huge.clear(),
          ]) {
            change();
            expect(a == b, isFalse);
            b.copyFrom(a);
            expect(a == b, isTrue);
          }
        });
      });
    });

    test('what_is_not_in_use_does_not_count', () {
      withEverything((a) {
        withEverything((b) {
          a
            ..text = 'something'
            ..mutableChild().last = true;
          a
            ..text = 'same'
            ..clearChild();
          b.text = 'same';
          expect(a, b);
          a.colorNumber = 98;
          b.colorNumber = 99;
          expect(a == b, isFalse);
        });
      });
    });

    test('text_shows_every_field', () {
      withLists((m) {
        fillLists(m);
        expect(
            '$m',
            'Lists(flags: [true, false], numbers: [1, -2, 3], floats: [0.1], '
                'narrowFloats: [0.5], huge: [-1], colors: [Color.red, '
                'Color.darkBlue], texts: [a, ü, €], blobs: [[1, 2, 3]], children: '
                '[Inner(deep: null, last: false, first: true), Inner(deep: '
                'InnerDeep(value: 9, color: Color.unknown), last: false, first: '
                'false)])');
      });
    });

    test('copy_of_a_child_may_come_from_the_same_message', () {
      LargeMessagePool.open().use((m) {
        m.children.addNew().name = 'first';
        m.children.add(m.children.first);
        m.children[0].name = 'changed';
        expect(m.children[1].name, 'first');
      });
    });
  });
}
