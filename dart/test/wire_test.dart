/// Messages from protobuf's wire format and back: equal bytes, equal fields, and
/// nothing left allocated by bytes that are none.
library;

import 'dart:ffi';
import 'dart:isolate';
import 'dart:math';
import 'dart:typed_data';

import 'package:magpool/concurrent.dart';
import 'package:magpool/magpool.dart';
import 'package:test/test.dart';

Uint8List _bytes(List<int> bytes) => Uint8List.fromList(bytes);

void main() {
  final smalls = SmallMessagePool.open();
  final larges = LargeMessagePool.open();

  test('wire_bytes_become_a_message_in_the_pool', () {
    final message = smalls
        .decodePointer(_bytes([0x08, 0x96, 0x01, 0x12, 3, ...'tea'.codeUnits]));
    expect(message.id, 150);
    expect(message.name, 'tea');
    expect(smalls.pool.stats.inUse, 1);
    expect(
        message.encodeWire(), [0x08, 0x96, 0x01, 0x12, 3, ...'tea'.codeUnits]);
    expect(message.wireJson(), '{"id":150,"name":"tea"}');
    message.mergeWire(_bytes([0x08, 7]));
    expect(message.id, 7);
    expect(message.name, 'tea');
    message.decodeWire(_bytes([0x08, 8]));
    expect(message.name, '');
    smalls.freePointer(message);
    expect(smalls.pool.stats.inUse, 0);
  });

  test('wire_bytes_become_a_lease', () {
    final lease = smalls.decode(_bytes([0x08, 7, 0x12, 3, ...'tea'.codeUnits]));
    expect((lease.id, lease.name), (7, 'tea'));
    lease.mergeWire(_bytes([0x08, 8]));
    expect(lease.encodeWire(), [0x08, 8, 0x12, 3, ...'tea'.codeUnits]);
    expect(lease.wireJson(), '{"id":8,"name":"tea"}');
    lease.close();
    expect(lease.encodeWire, throwsStateError);
    expect(
        () => smalls.decode(_bytes([0x08])), throwsA(isA<PoolWireException>()));
    expect(smalls.pool.stats.inUse, 0);
  });

  test('wire_round_trip_keeps_every_field', () {
    final random = Random(4711);
    for (var round = 0; round < 200; round++) {
      final first = larges.decodePointer(Uint8List(0));
      first.id = random.nextInt(1 << 32);
      first.title = 'ä' * random.nextInt(33);
      first.description = 'x' * random.nextInt(513);
      first.payload = _bytes(
          List.generate(random.nextInt(1025), (_) => random.nextInt(256)));
      for (var i = random.nextInt(9); i > 0; i--) {
        first.addChildren()
          ..id = i
          ..name = '🍵' * random.nextInt(9);
      }
      for (var i = random.nextInt(17); i > 0; i--) {
        first.addKeywords('k' * i);
      }
      for (var i = random.nextInt(33); i > 0; i--) {
        first.addTimestamps(-i);
      }
      final bytes = first.encodeWire();
      final second = larges.decodePointer(bytes);
      expect(second.id, first.id);
      expect(second.title, first.title);
      expect(second.description, first.description);
      expect(second.payload, first.payload);
      expect(second.childrenCount, first.childrenCount);
      for (var i = 0; i < first.childrenCount; i++) {
        expect(second.childrenAt(i).id, first.childrenAt(i).id);
        expect(second.childrenAt(i).name, first.childrenAt(i).name);
      }
      expect(second.keywordsCount, first.keywordsCount);
      expect(second.timestamps, first.timestamps);
      expect(second.encodeWire(), bytes);
      larges.freePointer(first);
      larges.freePointer(second);
    }
    expect(larges.pool.stats.inUse, 0);
  });

  test('wire_fault_is_told_and_leaves_nothing_allocated', () {
    for (var i = 0; i < 1000; i++) {
      try {
        smalls.decodePointer(_bytes([0x08, 1, 0x12, 33, ...Uint8List(33)]));
        fail('33 bytes are too long');
      } on PoolWireException catch (error) {
        expect(error.status, -5);
        expect(error.field, 2);
        expect(error.offset, 2);
        expect(error.message.contains('max_length'), true);
      }
    }
    expect(smalls.pool.stats.inUse, 0);
    final message = smalls.decodePointer(_bytes([0x08, 1]));
    expect(() => message.decodeWire(_bytes([0x08, 9, 0x12])),
        throwsA(isA<PoolWireException>()));
    expect(message.id, 0);
    smalls.freePointer(message);
  });

  test('wire_without_memory_for_the_copy_leaves_nothing_allocated', () {
    // The library never sees them: no memory is as large.
    final huge = Pointer<Uint8>.fromAddress(8).asTypedList(1 << 60);
    for (final decode in [smalls.decode, smalls.decodePointer]) {
      expect(
          () => decode(huge),
          throwsA(isA<PoolException>()
              .having((e) => e.status, 'status', PoolStatus.noMemory)));
    }
    expect(smalls.pool.stats.inUse, 0);
  });

  test('wire_text_that_is_not_utf8_is_not_encoded', () {
    final message = smalls.decodePointer(Uint8List(0));
    message.nameBytes = [0xc3, 0x28];
    try {
      message.encodeWire();
      fail('it is not UTF-8');
    } on PoolWireException catch (error) {
      expect(error.status, -7);
    }
    smalls.freePointer(message);
  });

  test('wire_works_in_other_isolates', () async {
    final pool = larges;
    final sums = await Future.wait([
      for (var isolate = 0; isolate < 4; isolate++)
        Isolate.run(() {
          var sum = 0;
          for (var i = 0; i < 500; i++) {
            final message = pool.decodePointer(
                _bytes([0x08, i & 0x7f, 0x22, 100, ...Uint8List(100)]));
            sum += message.payloadLength + message.id - (i & 0x7f);
            pool.freePointer(message);
          }
          return sum;
        })
    ]);
    expect(sums, [50000, 50000, 50000, 50000]);
    expect(larges.pool.stats.inUse, 0);
  });
}
