/// `expect` and `fail`.
library;

import 'matchers.dart';

/// What a failed expectation throws.
class TestFailure implements Exception {
  TestFailure(this.message);

  final String? message;

  @override
  String toString() => message ?? 'failed';
}

Never fail(String message) => throw TestFailure(message);

void expect(dynamic actual, dynamic matcher, {String? reason}) {
  final failure = wrapMatcher(matcher).failure(actual);
  if (failure != null) _fail(failure, reason);
}

/// As [expect], for a Future and a matcher of what it completes or fails with.
Future<void> expectLater(dynamic actual, dynamic matcher,
    {String? reason}) async {
  final wrapped = wrapMatcher(matcher);
  final failure = actual is Future && wrapped is Throws
      ? await wrapped.failureOfFuture(actual)
      : wrapped.failure(actual);
  if (failure != null) _fail(failure, reason);
}

Never _fail(String failure, String? reason) =>
    fail(reason == null ? failure : '$failure\nReason: $reason');
