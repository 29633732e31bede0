/// Messages in native memory from protobuf's wire format, and back.
///
/// The library decodes straight into the message: what Dart adds is one copy of
/// the bytes into native memory, to a buffer that each isolate keeps.
library;

import 'dart:convert';
import 'dart:ffi';
import 'dart:typed_data';

import 'bindings.g.dart';
import 'errors.dart';
import 'fields.dart';
import 'native_memory.dart';
import 'pool.dart';

/// The bytes are no message, or the message has no encoding.
class PoolWireException implements Exception {
  /// Makes an exception for one of the statuses of `pool_wire.h`.
  const PoolWireException(this.status, this.message, this.field, this.offset);

  /// A status of `pool_wire.h`.
  final int status;

  /// One English sentence.
  final String message;

  /// The number of the field it is about, in the innermost message; 0 if there
  /// is none.
  final int field;

  /// Where in the bytes that field's tag begins.
  final int offset;

  @override
  String toString() =>
      'PoolWireException: $message (field $field, byte $offset)';
}

/// How the messages of a schema travel; for generated code.
///
/// Messages are named by the index of their row.
final class PoolWireTables implements Finalizable {
  /// Copies [rows] of eight numbers, and the JSON [names] that belong to them, to
  /// native memory. Throws a [PoolLibraryException] if the library does not know
  /// such tables.
  factory PoolWireTables(List<List<int>> rows, List<String> names) {
    final text = utf8.encode(names.map((name) => '$name\x00').join());
    final size = rows.length * _rowSize;
    final address = rawBytes(size + text.length + 1);
    final words = Pointer<Uint32>.fromAddress(address).asTypedList(size ~/ 4);
    for (var i = 0; i < rows.length; i++) {
      words.setAll(i * 8, rows[i]);
    }
    bytesAt(address + size, text.length + 1)
      ..setAll(0, text)
      ..[text.length] = 0;
    if (poolWireCheck(address, rows.length) != 0) {
      releaseBytes(address);
      throw const PoolLibraryException(
          'the native library has another wire format: generate again');
    }
    return PoolWireTables._(address, address + size);
  }

  PoolWireTables._(this._rows, this._names) {
    _finalizer.attach(this, Pointer.fromAddress(_rows));
  }

  static final NativeFinalizer _finalizer =
      NativeFinalizer(DynamicLibrary.process().lookup('free'));

  static const int _rowSize = 32;

  final int _rows;
  final int _names;

  /// Makes the message at [address] what [bytes] say.
  void decode(int row, Uint8List bytes, int address) {
    final length = bytes.length, from = _copied(bytes);
    final error = _scratch.error;
    final status =
        poolWireDecode(_rows + row * _rowSize, from, length, address, error);
    if (status != 0) _throw(status);
  }

  /// Adds what [bytes] say to the message at [address].
  void merge(int row, Uint8List bytes, int address) {
    final length = bytes.length, from = _copied(bytes);
    final error = _scratch.error;
    final status =
        poolWireMerge(_rows + row * _rowSize, from, length, address, error);
    if (status != 0) _throw(status);
  }

  /// The address of a message made of [bytes] in [pool], of which nothing stays
  /// allocated if that fails. Its first [zero] bytes are 0 where nothing is in use.
  int decodeNew(int row, Uint8List bytes, Pool pool, {int zero = 0}) {
    final address = pool.requireAddress();
    try {
      if (zero > 0) zeroBytes(address, zero);
      decode(row, bytes, address);
    } catch (_) {
      pool.freeAddress(address);
      rethrow;
    }
    return address;
  }

  /// The encoding of the message at [address].
  Uint8List encode(int row, int address) {
    final table = _rows + row * _rowSize;
    final size = poolWireSize(table, address);
    final to = _scratch.room(size), used = _scratch.error;
    final status = poolWireEncode(table, address, to, size, used);
    if (status != 0) _throw(status);
    return Uint8List.fromList(bytesAt(to, size));
  }

  /// The message at [address] as JSON.
  String json(int row, int address) {
    final table = _rows + row * _rowSize;
    final length = poolWireJson(table, _names, address, 0, 0);
    final to = _scratch.room(length + 1);
    poolWireJson(table, _names, address, to, length + 1);
    return utf8.decode(bytesAt(to, length));
  }
}

int _copied(Uint8List bytes) {
  final address = _scratch.room(bytes.length);
  bytesAt(address, bytes.length).setAll(0, bytes);
  return address;
}

Never _throw(int status) {
  final error = Pointer<NativeWireError>.fromAddress(_scratch.error).ref;
  final told = error.status == status;
  throw PoolWireException(status, cStringAt(poolWireStatusString(status)),
      told ? error.field : 0, told ? error.offset : 0);
}

/// Native memory of this isolate for what goes in and out, as large as the
/// largest message was.
final _Scratch _scratch = _Scratch();

final class _Scratch implements Finalizable {
  static final NativeFinalizer _finalizer =
      NativeFinalizer(DynamicLibrary.process().lookup('free'));

  /// Room for a [NativeWireError], which also holds a length.
  static final int _errorSize = sizeOf<NativeWireError>();

  int _address = 0;
  int _size = -1;

  /// The address of an error, which [room] may move.
  int get error {
    if (_size < 0) room(0);
    return _address;
  }

  /// The address of [size] bytes, until the next call.
  int room(int size) {
    if (size > _size) {
      final address = rawBytes(_errorSize + size);
      if (_size >= 0) {
        _finalizer.detach(this);
        releaseBytes(_address);
      }
      _finalizer.attach(this, Pointer.fromAddress(address), detach: this);
      _address = address;
      _size = size;
    }
    return _address + _errorSize;
  }
}
