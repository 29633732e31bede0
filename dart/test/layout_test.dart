/// What C writes Dart reads, and the reverse; and the typed pools of the
/// schema. The C side is `c_tests/generated/concurrent_probe.g.c`, compiled to
/// the library that MAGPOOL_PROBE_LIBRARY names.
library;

import 'dart:ffi';
import 'dart:io';
import 'dart:isolate';

import 'package:magpool/magpool.dart';
import 'package:magpool/src/generated/concurrent.g.dart';
import 'package:magpool/src/native_memory.dart';
import 'package:test/test.dart';

import 'generated/concurrent_probe.g.dart';

final String? _probePath = Platform.environment['MAGPOOL_PROBE_LIBRARY'];

final DynamicLibrary _library = DynamicLibrary.open(_probePath!);

/// One message's functions of the C probe.
final class _CProbe {
  _CProbe(String message)
      : size = _library.lookupFunction<Size Function(), int Function()>(
            'probe_${message}_size'),
        align = _library.lookupFunction<Size Function(), int Function()>(
            'probe_${message}_align'),
        offset =
            _library.lookupFunction<IntPtr Function(Size), int Function(int)>(
                'probe_${message}_offset'),
        fill = _library.lookupFunction<Void Function(UintPtr, Uint64),
            void Function(int, int)>('probe_${message}_fill'),
        verify = _library.lookupFunction<Int Function(UintPtr, Uint64),
            int Function(int, int)>('probe_${message}_verify');

  final int Function() size;
  final int Function() align;
  final int Function(int) offset;
  final void Function(int, int) fill;
  final int Function(int, int) verify;
}

void main() {
  group('layout', () {
    for (final probe in probes) {
      test('layout_of_${probe.name}_is_that_of_c', () => _sameLayout(probe));
      test('layout_of_${probe.name}_reads_what_c_wrote', () => _fromC(probe));
      test('layout_of_${probe.name}_is_read_by_c', () => _toC(probe));
    }

    test(
        'lease_reads_what_c_wrote', () => _leaseReads(_CProbe('LargeMessage')));

    test('lease_copied_is_verified_by_c', () {
      final c = _CProbe('LargeMessage');
      final pool = LargeMessagePool.open();
      pool.use((from) => pool.use((to) {
            for (var seed = 0; seed < 20; seed++) {
              c.fill(from.address, seed);
              to.copyFrom(from);
              expect(c.verify(to.address, seed), 0);
              expect(to, from);
            }
          }));
    });

    test('layout_hash_is_that_of_c', () {
      final hash = _library.lookupFunction<Uint64 Function(), int Function()>(
          'probe_layout_hash');
      expect(hash(), concurrentLayoutHash);
    });
  },
      skip: _probePath == null
          ? 'MAGPOOL_PROBE_LIBRARY does not name the compiled probe'
          : null);

  group('accessors', _accessorTests);
  group('pool', _poolTests);
}

void _sameLayout(Probe probe) {
  final c = _CProbe(probe.name);
  expect(probe.size, c.size());
  expect(probe.constantSize, c.size());
  expect(probe.align, c.align());
  for (var i = 0; i < probe.offsets.length; i++) {
    expect(probe.offsets[i], c.offset(i), reason: 'member $i');
  }
  expect(c.offset(probe.offsets.length), -1, reason: 'C has more members');
}

/// A lease's view of what C wrote is the same as the struct's.
void _leaseReads(_CProbe c) => LargeMessagePool.open().use((lease) {
      for (var seed = 0; seed < 20; seed++) {
        c.fill(lease.address, seed);
        final struct = lease.pointer.ref;
        expect(lease.id, struct.id);
        expect(lease.payload.length, struct.payloadLength);
        expect(lease.payload, lease.pointer.payload);
        expect(lease.timestamps.length, struct.timestampsCount);
        expect(lease.timestamps, lease.pointer.timestamps);
        expect(lease.keywords.length, struct.keywordsCount);
        for (var i = 0; i < struct.keywordsCount; i++) {
          expect(lease.keywords.bytes[i].length, struct.keywordsLengths[i]);
          expect(lease.keywords[i], lease.pointer.keywordsAt(i));
        }
        expect(lease.children.length, struct.childrenCount);
        for (var i = 0; i < struct.childrenCount; i++) {
          expect(lease.children[i].id, struct.children[i].id);
          expect(lease.children[i].name, lease.pointer.childrenAt(i).name);
        }
      }
    });

void _fromC(Probe probe) {
  final c = _CProbe(probe.name);
  withBytes(probe.size, (address) {
    for (var seed = 0; seed < 20; seed++) {
      c.fill(address, seed);
      expect(probe.verify(address, seed), 0, reason: 'field that differs');
      expect(probe.verify(address, seed + 1), isNot(0));
    }
  });
}

void _toC(Probe probe) {
  final c = _CProbe(probe.name);
  withBytes(probe.size, (address) {
    for (var seed = 0; seed < 20; seed++) {
      probe.fill(address, seed);
      expect(c.verify(address, seed), 0, reason: 'field that differs');
      expect(c.verify(address, seed + 1), isNot(0));
    }
  });
}

void _accessorTests() {
  test('text_set_is_read', () {
    _withMedium((message) {
      message.title = 'größe';
      expect(message.title, 'größe');
      expect(message.titleLength, 7);
      expect(message.titleBytes.length, 7);
      message.title = '';
      expect(message.title, '');
    });
  });

  test('text_too_long_is_refused_and_changes_nothing', () {
    _withMedium((message) {
      message.title = 'kept';
      expect(() => message.title = 'x' * 65, throwsArgumentError);
      expect(message.title, 'kept');
      message.title = 'y' * 64;
      expect(message.title, 'y' * 64);
    });
  });

  test('text_damaged_is_read_without_an_error', () {
    _withMedium((message) {
      message.titleBytes = [0xff, 0x41];
      expect(message.title, '\u{fffd}A');
      message.ref.titleLength = 0xffffffff;
      expect(message.titleLength, 64);
      expect(message.titleBytes.length, 64);
    });
  });

  test('list_full_refuses_more', () {
    _withMedium((message) {
      for (var i = 0; i < 8; i++) {
        message.addTags('tag $i');
      }
      expect(() => message.addTags('more'), throwsStateError);
      expect(message.tagsCount, 8);
      expect(message.tagsAt(7), 'tag 7');
      expect(() => message.tagsAt(8), throwsRangeError);
      expect(() => message.tagsAt(-1), throwsRangeError);
      message.clear();
      expect(message.tagsCount, 0);
      expect(() => message.addTags('x' * 17), throwsArgumentError);
      expect(message.tagsCount, 0);
    });
  });

  test('nested_and_numbers_are_flat', () {
    withBytes(largeMessageSize, (address) {
      final message = Pointer<LargeMessage>.fromAddress(address);
      final child = message.addChildren();
      child.id = 7;
      child.name = 'child';
      message.addTimestamps(-1);
      message.payload = [1, 2, 3];
      expect(message.childrenCount, 1);
      expect(message.childrenAt(0).name, 'child');
      expect(message.ref.children[0].id, 7);
      expect(message.timestamps, [-1]);
      expect(message.timestampsAt(0), -1);
      expect(message.payload, [1, 2, 3]);
    });
  });
}

void _poolTests() {
  test('pool_hands_out_empty_messages', () {
    final pool = SmallMessagePool.open();
    final before = pool.pool.stats.inUse;
    final first = pool.allocPointer();
    first.id = 5;
    first.name = 'left behind';
    pool.freePointer(first);
    final second = pool.allocPointer();
    expect(second.id, 0);
    expect(second.name, '');
    pool.freePointer(second);
    expect(pool.pool.stats.inUse, before);
  });

  test('open_twice_is_one_pool', () {
    expect(
        StressTestMessagePool.open().pool, StressTestMessagePool.open().pool);
  });

  test('pool_used_in_another_isolate_is_the_same', () async {
    final pool = LargeMessagePool.open();
    final address = await Isolate.run(() {
      final message = pool.allocPointer();
      message.title = 'from afar';
      return message.address;
    });
    final message = Pointer<LargeMessage>.fromAddress(address);
    expect(message.title, 'from afar');
    pool.freePointer(message);
    expect(() => pool.freePointer(message), throwsStateError);
  });

  test('pool_with_all_messages_live_gives_none', () {
    final pool = StressTestMessagePool.open();
    final live = <Pointer<StressTestMessage>>[];
    for (var message = pool.tryAllocPointer(); message != null;) {
      live.add(message);
      message = pool.tryAllocPointer();
    }
    expect(live.length, 100000);
    expect(pool.alloc, throwsA(isA<PoolExhaustedException>()));
    live.forEach(pool.freePointer);
    expect(pool.pool.stats.inUse, 0);
  });
}

void _withMedium(void Function(Pointer<MediumMessage> message) use) {
  withBytes(mediumMessageSize,
      (address) => use(Pointer<MediumMessage>.fromAddress(address)));
}
