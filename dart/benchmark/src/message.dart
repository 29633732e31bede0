/// One message, in native memory and as an object of the garbage collector.
library;

import 'dart:ffi';
import 'dart:typed_data';

/// Bytes of the payload of [LargeNative] and [LargeDart].
const int payloadBytes = 1 << 16;

/// What a payload is filled with.
final Uint8List pattern = Uint8List(payloadBytes)
  ..fillRange(0, payloadBytes, 7);

/// Six fields in native memory.
final class SmallNative extends Struct {
  @Int64()
  external int id;
  @Int64()
  external int timestamp;
  @Int32()
  external int kind;
  @Int32()
  external int count;
  @Double()
  external double value;
  @Double()
  external double weight;
}

/// The same six fields.
final class SmallDart {
  int id = 0;
  int timestamp = 0;
  int kind = 0;
  int count = 0;
  double value = 0;
  double weight = 0;
}

/// Writes all fields of the message at [address].
@pragma('vm:prefer-inline')
void writeNative(int address, int i) {
  final message = Pointer<SmallNative>.fromAddress(address).ref;
  message.id = i;
  message.timestamp = i + 1;
  message.kind = i & 7;
  message.count = i & 15;
  message.value = 0.5;
  message.weight = 0.25;
}

/// A number made of all fields of the message at [address].
@pragma('vm:prefer-inline')
double readNative(int address) {
  final message = Pointer<SmallNative>.fromAddress(address).ref;
  final whole = message.id + message.timestamp + message.kind + message.count;
  return whole + message.value + message.weight;
}

/// Writes all fields.
@pragma('vm:prefer-inline')
void writeDart(SmallDart message, int i) {
  message.id = i;
  message.timestamp = i + 1;
  message.kind = i & 7;
  message.count = i & 15;
  message.value = 0.5;
  message.weight = 0.25;
}

/// A number made of all fields.
@pragma('vm:prefer-inline')
double readDart(SmallDart message) {
  final whole = message.id + message.timestamp + message.kind + message.count;
  return whole + message.value + message.weight;
}

/// A message with a payload, as an object of the garbage collector.
final class LargeDart {
  final SmallDart head = SmallDart();
  final Uint8List payload = Uint8List(payloadBytes);
}

/// Bytes of a message with a payload in native memory: its head, then its bytes.
final int largeNativeBytes = sizeOf<SmallNative>() + payloadBytes;

/// The payload of the message at [address].
Uint8List payloadAt(int address) =>
    Pointer<Uint8>.fromAddress(address + sizeOf<SmallNative>())
        .asTypedList(payloadBytes);
