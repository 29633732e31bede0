/// A small stand-in for `package:test`, for machines where no Dart package can
/// be fetched: the part of its API that this package's tests use, with the
/// same meaning. A test file is a program; running it runs its tests.
library;

export 'src/declare.dart'
    show
        Tags,
        Timeout,
        addTearDown,
        group,
        setUp,
        setUpAll,
        tearDown,
        tearDownAll,
        test;
export 'src/expect.dart' show TestFailure, expect, expectLater, fail;
export 'src/matchers.dart';
