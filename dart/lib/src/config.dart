/// The configuration of a new pool as the library reads it.
library;

import 'dart:ffi';

import 'native_memory.dart';

/// The shape of a pool; see `pool_config_t` for every range.
typedef PoolShape = ({
  int objectSize,
  int objectAlign,
  int capacity,
  int limit,
  int magazineRounds,
  int flags,
  int reserve,
});

/// Runs [use] with the address of a `pool_config_t` made of [name] and [shape].
R withConfig<R>(String? name, PoolShape shape, R Function(int config) use) {
  // The native members have 32 bits: a larger number would lose its upper half
  // and be taken for another one. The other ranges are the library's to check.
  RangeError.checkValueInInterval(
      shape.magazineRounds, 0, _maxUint32, 'magazineRounds');
  RangeError.checkValueInInterval(shape.flags, 0, _maxUint32, 'flags');
  return name == null
      ? _withNamedConfig(0, shape, use)
      : withCString(name, (address) => _withNamedConfig(address, shape, use));
}

const _maxUint32 = 0xffffffff;

R _withNamedConfig<R>(int name, PoolShape shape, R Function(int) use) =>
    withBytes(sizeOf<_NativeConfig>(), (address) {
      Pointer<_NativeConfig>.fromAddress(address).ref
        ..structSize = sizeOf<_NativeConfig>()
        ..name = name
        ..objectSize = shape.objectSize
        ..objectAlign = shape.objectAlign
        ..capacity = shape.capacity
        ..limit = shape.limit
        ..magazineRounds = shape.magazineRounds
        ..flags = shape.flags
        ..reserve = shape.reserve;
      return use(address);
    });

/// `pool_config_t`, member for member.
final class _NativeConfig extends Struct {
  @Size()
  external int structSize;
  @UintPtr()
  external int name;
  @Size()
  external int objectSize;
  @Size()
  external int objectAlign;
  @Size()
  external int capacity;
  @Size()
  external int limit;
  @Uint32()
  external int magazineRounds;
  @Uint32()
  external int flags;
  @Size()
  external int reserve;
}
