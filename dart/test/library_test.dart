/// Finding the native library, and what is said if that fails.
library;

import 'dart:io';

import 'package:magpool/magpool.dart';
import 'package:magpool/src/bindings.g.dart';
import 'package:magpool/src/library.dart';
import 'package:test/test.dart';

import 'support/run_program.dart';

/// What a process prints that uses the library found in [environment].
Future<String> load(Map<String, String> environment) async {
  final result =
      await runProgram('load_library', {libraryVariable: '', ...environment});
  return '${result.stdout}${result.stderr}';
}

/// The path of a library compiled from [source] in [directory].
String compile(Directory directory, String source) {
  final path = '${directory.path}/libfake.so';
  File('${directory.path}/fake.c').writeAsStringSync(source);
  final result = Process.runSync(
      'cc', ['-shared', '-fPIC', '${directory.path}/fake.c', '-o', path]);
  expect(result.exitCode, 0, reason: '${result.stderr}');
  return path;
}

final Object? withoutCompiler = () {
  try {
    Process.runSync('cc', ['--version']);
    return null;
  } on ProcessException {
    return 'needs a C compiler named cc';
  }
}();

final Object? withoutVariable = Platform.environment[libraryVariable] == null
    ? '$libraryVariable is not set'
    : null;

final Object? withoutLoneVm =
    Directory('${File(Platform.resolvedExecutable).parent.path}/snapshots')
            .existsSync()
        ? 'the VM of a full SDK cannot be copied alone'
        : null;

void main() {
  late Directory directory;
  setUp(() => directory = Directory.systemTemp.createTempSync('magpool'));
  tearDown(() => directory.deleteSync(recursive: true));

  group('found', () {
    test('library_named_by_the_variable_is_used', () async {
      final path = Platform.environment[libraryVariable]!;
      expect(await load({libraryVariable: path}), contains('works'));
    }, skip: withoutVariable);

    test('library_in_the_process_is_used', () async {
      final path = Platform.environment[libraryVariable]!;
      expect(await load({'LD_PRELOAD': path}), contains('works'));
    }, skip: withoutVariable);

    test('library_on_the_search_path_is_used', () async {
      final path = Platform.environment[libraryVariable]!;
      Link('${directory.path}/libmagpool.so.1').createSync(path);
      expect(
          await load({'LD_LIBRARY_PATH': directory.path}), contains('works'));
    }, skip: withoutVariable);
  });

  // A copy of the VM is an executable elsewhere, which Dart takes for its own
  // place. A full SDK's needs more files around it.
  group('beside the executable', () {
    for (final place in ['bin', 'bin/lib', 'lib']) {
      test('library_in_${place.replaceAll('/', '_')}_is_used', () async {
        final path = Platform.environment[libraryVariable]!;
        Directory('${directory.path}/bin').createSync();
        Directory('${directory.path}/$place').createSync(recursive: true);
        final vm = File(Platform.resolvedExecutable)
            .copySync('${directory.path}/bin/dart');
        Link('${directory.path}/$place/libmagpool.so').createSync(path);
        final said =
            await runProgram('load_library', {libraryVariable: ''}, vm.path);
        expect('${said.stdout}${said.stderr}', contains('works'));
      });
    }
  }, skip: withoutVariable ?? withoutLoneVm);

  group('missing', () {
    test('missing_library_is_an_error_that_says_what_to_do', () async {
      final said = await load({'LD_LIBRARY_PATH': ''});
      if (said.contains('works')) return; // It is installed on this machine.
      expect(said, contains('PoolLibraryException'));
      expect(said, contains('$libraryVariable: not set'));
      expect(said, contains('this process: has no pool_abi_version'));
      expect(said, contains('/../lib/libmagpool.so'));
      expect(said, contains('\n  libmagpool.so.$poolAbiVersion: '));
    });

    test('missing_named_library_ends_the_search', () async {
      final said = await load({libraryVariable: '/nowhere/libmagpool.so'});
      expect(said, contains('PoolLibraryException'));
      expect(said, contains('/nowhere/libmagpool.so'));
      expect(said, contains('cargo build --release --features capi'));
      expect(said, isNot(contains('libmagpool.so.1')));
    });

    test('missing_library_names_everything_tried', () {
      final message = notFoundMessage(['first: no', 'second: no']);
      expect(message, contains('  first: no\n  second: no\n'));
      expect(message, contains(libraryVariable));
      expect(message, contains('cargo build'));
    });

    test('library_that_is_another_one_is_refused', () async {
      final path = compile(
          directory,
          'int another_library(void) '
          '{ return 1; }');
      final said = await load({libraryVariable: path});
      expect(said, contains('$path is not the magpool library'));
    }, skip: withoutCompiler);
  });

  test('inbox_that_cannot_be_made_leaves_nothing_open', () async {
    final path = compile(directory, '''
unsigned pool_abi_version(void) { return $poolAbiVersion; }
int pool_inbox_create_dart(void *post, long port, void *out) {
  (void)post, (void)port, (void)out;
  return ${PoolStatus.noMemory};
}
void pool_inbox_release(void *inbox) { (void)inbox; }
const char *pool_status_string(int status) { (void)status; return "none"; }
''');
    final program = runProgram('show_inbox', {libraryVariable: path});
    final said = await program.timeout(const Duration(seconds: 20));
    expect('${said.stdout}${said.stderr}', 'status -3\nstatus -3\n');
  }, skip: withoutCompiler);

  group('version', () {
    test('library_with_another_abi_version_is_refused', () async {
      final path = compile(
          directory,
          'unsigned pool_abi_version(void) '
          '{ return 999; }');
      final said = await load({libraryVariable: path});
      expect(said, contains('$path has ABI version 999'));
      expect(said, contains('needs $poolAbiVersion'));
      expect(said, contains('update'));
    }, skip: withoutCompiler);

    test('abi_mismatch_names_the_older_side', () {
      expect(
          () => checkAbiVersion(poolAbiVersion + 1, 'x.so'),
          throwsA(isA<PoolLibraryException>().having((e) => e.message,
              'message', contains('The Dart package is the older'))));
      expect(
          () => checkAbiVersion(poolAbiVersion - 1, 'x.so'),
          throwsA(isA<PoolLibraryException>().having((e) => e.message,
              'message', contains('The library is the older'))));
      checkAbiVersion(poolAbiVersion, 'x.so');
    });
  });
}
