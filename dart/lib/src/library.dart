/// Finding the native library. Every isolate opens it once, on first use.
library;

import 'dart:ffi';
import 'dart:io';

import 'bindings.g.dart' show poolAbiVersion;
import 'errors.dart';

/// The environment variable that names the library's file.
///
/// The environment, because a path set in Dart would be lost in the isolates
/// that the program starts later.
const String libraryVariable = 'MAGPOOL_LIBRARY';

/// The native library as this isolate found it.
final DynamicLibrary nativeLibrary = openLibrary();

/// Opens the library: from `MAGPOOL_LIBRARY` alone if that is set, else from
/// this process, from beside the executable (its directory, `lib/` there,
/// `../lib/`, and on macOS `../Frameworks/`), from the system's search path.
///
/// Throws a [PoolLibraryException] that names everything tried.
DynamicLibrary openLibrary() {
  final tried = <String>[];
  final library = _named(tried) ?? _found(tried);
  if (library == null) throw PoolLibraryException(notFoundMessage(tried));
  return library;
}

/// Null if the variable is not set. A file that is named but does not open
/// ends the search: a misspelt path must not silently become another library.
DynamicLibrary? _named(List<String> tried) {
  final path = Platform.environment[libraryVariable];
  if (path == null || path.isEmpty) {
    tried.add('$libraryVariable: not set');
    return null;
  }
  final library = _open(path, tried);
  if (library != null) return _checked(library, path);
  throw PoolLibraryException(notFoundMessage(tried));
}

DynamicLibrary? _found(List<String> tried) {
  final process = DynamicLibrary.process();
  if (process.providesSymbol('pool_abi_version')) {
    return _checked(process, 'this process');
  }
  tried.add('this process: has no pool_abi_version');
  for (final path in _candidates()) {
    final library = _open(path, tried);
    if (library != null) return _checked(library, path);
  }
  return null;
}

Iterable<String> _candidates() sync* {
  final names = Platform.isMacOS
      ? const ['libmagpool.$poolAbiVersion.dylib', 'libmagpool.dylib']
      : const ['libmagpool.so.$poolAbiVersion', 'libmagpool.so'];
  final beside = File(Platform.resolvedExecutable).parent;
  // As programs are bundled: all in one directory, with a lib/ (Flutter), or as
  // bin/ and lib/ (`dart build`, and what is installed), or as an app of macOS.
  for (final directory in [
    '',
    'lib/',
    '../lib/',
    if (Platform.isMacOS) '../Frameworks/',
  ]) {
    yield* names.map((name) => '${beside.path}/$directory$name');
  }
  yield* names;
}

DynamicLibrary? _open(String path, List<String> tried) {
  try {
    return DynamicLibrary.open(path);
  } on ArgumentError catch (error) {
    tried.add('$path: ${error.message}');
    return null;
  }
}

DynamicLibrary _checked(DynamicLibrary library, String source) {
  if (!library.providesSymbol('pool_abi_version')) {
    throw PoolLibraryException('$source is not the magpool library: it has no '
        'pool_abi_version.\n$_advice');
  }
  final version = library
      .lookupFunction<Uint32 Function(), int Function()>('pool_abi_version')();
  checkAbiVersion(version, source);
  return library;
}

/// Throws a [PoolLibraryException] unless the library opened from [source],
/// whose interface has number [version], is one this package can use.
void checkAbiVersion(int version, String source) {
  if (version == poolAbiVersion) return;
  final older = version < poolAbiVersion ? 'library' : 'Dart package';
  throw PoolLibraryException('$source has ABI version $version, but this '
      'package needs $poolAbiVersion. The $older is the older of the two: '
      'update it.\n$_advice');
}

/// The error's text for a search that [tried] these in vain.
String notFoundMessage(List<String> tried) =>
    'the native library was not found. Tried:\n'
    '${tried.map((line) => '  $line\n').join()}$_advice';

const _advice = 'Build the library with `cargo build --release --features '
    'capi` and set $libraryVariable to the path of the file it makes, or '
    'install it where the system looks for libraries.';
