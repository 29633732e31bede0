/// Tests that must fail beside tests that must pass: a runner that calls
/// everything ok would be worse than none. `ci/dart.sh` compares the summary.
library;

import 'dart:async';

import 'package:test/test.dart';

void main() {
  group('passes', () {
    var ready = 0;
    setUp(() => ready++);
    tearDown(() => ready--);
    test('after_set_up', () => expect(ready, 1));
    test('after_tear_down', () => expect(ready, 1));
    test('equal_by_content', () {
      expect([
        1,
        {2: 3}
      ], [
        1,
        {2: 3}
      ]);
    });
    test('thrown_feature', () {
      expect(() => throw StateError('x'),
          throwsA(isA<StateError>().having((e) => e.message, 'message', 'x')));
    });
    test(
        'later',
        () =>
            expectLater(Future<void>.error(StateError('x')), throwsStateError));
  });

  group('fails', () {
    test('unequal', () => expect(1, 2));
    test('throws', () => throw StateError('x'));
    test('does_not_throw', () => expect(() => 1, throwsStateError));
    test('throws_another_type',
        () => expect(() => throw StateError('x'), throwsArgumentError));
    test('has_another_feature', () {
      expect(() => throw StateError('x'),
          throwsA(isA<StateError>().having((e) => e.message, 'message', 'y')));
    });
    test('never_completes', () => Completer<void>().future,
        timeout: const Timeout(Duration(milliseconds: 50)));
    test('error_that_nobody_awaits', () async {
      unawaited(Future<void>.error(StateError('x')));
      await Future<void>.delayed(const Duration(milliseconds: 10));
    });
    test('error_in_tear_down', () => addTearDown(() => throw StateError('x')));
  });

  test('is skipped', () => fail('ran'), skip: 'on purpose');
}
