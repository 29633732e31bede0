/// The configuration of a new pool as the library reads it.
library;

import 'dart:convert';
import 'dart:ffi';

import 'bindings.g.dart';
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
    withBytes(sizeOf<NativeConfig>(), (address) {
      Pointer<NativeConfig>.fromAddress(address).ref
        ..structSize = sizeOf<NativeConfig>()
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

/// Why the library refused to make a pool of [name] and [shape]: each value that
/// is out of its range, with the range; empty if none is.
///
/// Only an explanation: what is refused is the library's decision.
String invalidValues(String? name, PoolShape shape) => [
      if (name != null)
        ..._outside('the UTF-8 length of the name', utf8.encode(name).length, 1,
            poolNameMax),
      ..._outside('objectSize', shape.objectSize, 1, 1 << 30),
      if (shape.objectAlign < 0 ||
          shape.objectAlign > 4096 ||
          shape.objectAlign & (shape.objectAlign - 1) != 0)
        'objectAlign is ${shape.objectAlign}, not a power of two up to 4096',
      ..._outside('capacity', shape.capacity, 1, poolObjectsMax),
      if (shape.limit != 0)
        ..._outside('limit', shape.limit, shape.capacity, poolObjectsMax),
      ..._outside(
          'magazineRounds', shape.magazineRounds, 0, poolMagazineRoundsMax),
      ..._outside('flags', shape.flags, 0, poolAbortOnMisuse | poolHugePages),
      if (limitOf(shape) > 0)
        ..._outside('reserve', shape.reserve, 0, limitOf(shape) - 1),
    ].join('; ');

List<String> _outside(String what, int value, int least, int most) =>
    value < least || value > most
        ? ['$what is $value, not $least to $most']
        : const [];

/// The objects a pool of [shape] may have at most.
int limitOf(PoolShape shape) => shape.limit == 0 ? shape.capacity : shape.limit;
