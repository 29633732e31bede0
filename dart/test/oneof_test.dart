/// Views of a message in a oneof, which another field replaces; and pools whose
/// schema wants new messages to be zero.
library;

import 'dart:ffi';
import 'dart:typed_data';

import 'package:magpool/magpool.dart';
import 'package:test/test.dart';

import '../../codegen/tests/golden/rich/rich.g.dart';

void main() {
  final choices = ChoicePool.open();

  group('message in a oneof', () {
    test('view_is_refused_once_another_field_is_present', () {
      choices.use((m) {
        final point = m.mutablePoint()..x = 5;
        expect(point.isClosed, isFalse);
        final again = m.point!;
        m.number = 7;
        for (final use in <Object? Function()>[
          () => point.x,
          () => point.x = 1,
          () => again.y,
          () => point.address,
          point.clear,
          () => point.copyFrom(point),
        ]) {
          expect(
              use,
              throwsA(isA<StateError>().having(
                  (e) => e.message, 'message', contains('not present'))));
        }
        expect(point.isClosed, isTrue);
        expect('$point', 'Point(closed)');
        expect(m.number, 7);
      });
    });

    test('view_is_refused_while_the_oneof_is_cleared', () {
      choices.use((m) {
        final point = m.mutablePoint()..x = 5;
        m.clearBody();
        expect(() => point.x, throwsStateError);
        // Present again, it is the same place.
        m.mutablePoint().y = 2;
        expect((point.x, point.y), (0, 2));
      });
    });

    test('view_after_close_says_that_its_owner_was_closed', () {
      final m = choices.alloc();
      final point = m.mutablePoint();
      m.close();
      expect(
          () => point.x,
          throwsA(isA<StateError>()
              .having((e) => e.message, 'message', contains('was closed'))));
      expect(point.isClosed, isTrue);
    });

    test('setting_copies_and_chooses', () {
      choices.use((m) {
        choices.use((other) {
          other.mutablePoint()
            ..x = 1
            ..y = 2;
          m.number = -1;
          m.point = other.point;
          expect((m.point!.x, m.point!.y), (1, 2));
          m.point = m.point;
          expect((m.point!.x, m.point!.y), (1, 2));
          final point = other.point;
          other.flag = true;
          expect(() => m.point = point, throwsStateError);
          expect(m.point!.x, 1);
        });
      });
    });
  });

  group('zero', () {
    final tuned = TunedPool.open();
    final bytes = Uint8List.fromList([0x08, 5]);

    // Frees it, too: what is allocated next is the same object.
    void dirty(Pointer<Tuned> message) {
      final memory = message.cast<Uint8>().asTypedList(tunedSize);
      memory.fillRange(0, tunedSize, 0xff);
      tuned.freePointer(message);
    }

    test('decoded_message_is_zero_where_nothing_is_in_use', () {
      dirty(tuned.allocPointer());
      final message = tuned.decodePointer(bytes);
      expect((message.id, message.numbersCount), (5, 0));
      expect([for (var i = 0; i < 3; i++) message.ref.numbers[i]], [0, 0, 0]);
      dirty(message);
      final lease = tuned.decode(bytes);
      expect(lease.id, 5);
      expect(lease.pointer.ref.numbers[2], 0);
      lease.close();
      expect(() => tuned.decode(Uint8List.fromList([0x08])),
          throwsA(isA<PoolWireException>()));
      expect(tuned.pool.stats.inUse, 0);
    });
  });
}
