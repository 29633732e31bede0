/// Making and opening pools, and what to say when that is refused.
library;

import 'dart:ffi';

import 'bindings.g.dart';
import 'check_status.dart';
import 'config.dart';
import 'errors.dart';
import 'library.dart';
import 'native_memory.dart';
import 'pool.dart';

/// A new pool; see [Pool.create].
Pool createPool(String? name, PoolShape shape) {
  final (status, handle) = _make(poolCreate, name, shape);
  if (status == PoolStatus.exists) {
    throw PoolException(status, 'a pool named "$name" exists already');
  }
  return _checked(status, handle, name, shape);
}

/// The pool of this name; see [Pool.open].
Pool openPool(String name, PoolShape shape) {
  final (status, handle) = _make(poolOpen, name, shape);
  if (status == PoolStatus.exists) {
    throw PoolLayoutException(_otherShape(name, shape));
  }
  return _checked(status, handle, name, shape);
}

/// The pool of a generated message; see [Pool.openTyped].
Pool openTypedPool(
    String name, PoolShape shape, String schema, int layoutHash) {
  checkLayoutHash(schema, layoutHash);
  try {
    return openPool(name, shape);
  } on PoolLayoutException catch (error) {
    throw PoolLayoutException('${error.message} ${_regenerate(schema)}');
  }
}

/// Throws a [PoolLayoutException] if a library of this process says that it was
/// generated with another layout of [schema] than [layoutHash].
void checkLayoutHash(String schema, int layoutHash) {
  if (_checkedHashes[schema] == layoutHash) return;
  for (final library in [nativeLibrary, DynamicLibrary.process()]) {
    final symbol = '${schema}_layout_hash';
    if (!library.providesSymbol(symbol)) continue;
    final native =
        library.lookupFunction<Uint64 Function(), int Function()>(symbol)();
    if (native == layoutHash) continue;
    throw PoolLayoutException('the native library has layout ${hex(native)} of '
        '$schema.proto, and this Dart code ${hex(layoutHash)}. '
        '${_regenerate(schema)}');
  }
  _checkedHashes[schema] = layoutHash;
}

/// What was found to fit, so that it is looked for once in each isolate.
final _checkedHashes = <String, int>{};

String _regenerate(String schema) =>
    'One of the two was generated from another version of $schema.proto: run '
    'poolgen for every language from the same file, and build all parts again.';

(int, int) _make(int Function(int, int) make, String? name, PoolShape shape) =>
    withConfig(
        name,
        shape,
        (config) => withBytes(sizeOf<UintPtr>(), (out) {
              final status = make(config, out);
              return (status, Pointer<UintPtr>.fromAddress(out).value);
            }));

Pool _checked(int status, int handle, String? name, PoolShape shape) {
  if (status == PoolStatus.invalid) {
    final values = invalidValues(name, shape);
    throw ArgumentError(values.isEmpty ? statusMessage(status) : values);
  }
  checkStatus(status);
  return Pool.fromAddress(handle);
}

/// How the pool named [name] differs from [shape].
String _otherShape(String name, PoolShape shape) {
  final pool = Pool.find(name);
  if (pool == null) return 'a pool named "$name" had another shape';
  final stats = pool.stats;
  final differences = [
    if (stats.objectSize != shape.objectSize)
      'objects of ${stats.objectSize} bytes, not ${shape.objectSize}',
    if (pool.objectAlign < shape.objectAlign)
      'an alignment of ${pool.objectAlign}, not ${shape.objectAlign}',
    if (stats.limit != limitOf(shape))
      'a limit of ${stats.limit} objects, not ${limitOf(shape)}',
    if (shape.reserve != 0 && stats.reserve != shape.reserve)
      'a reserve of ${stats.reserve} objects, not ${shape.reserve}',
  ];
  return 'the pool "$name" exists with ${differences.join('; ')}. If it is left '
      'over from before a hot restart, destroyForced() or a restart of the '
      'process ends it.';
}
