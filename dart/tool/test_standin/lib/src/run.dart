/// Running the tree of tests: a line for each test, then a summary.
library;

import 'dart:async';
import 'dart:io';

import 'declare.dart';

/// What the test that is running asked to be run after it.
final List<Body> runningTearDowns = [];

const _usual = Duration(seconds: 30);

final class _Failure {
  _Failure(this.error, this.trace);

  final Object error;
  final StackTrace trace;
}

var _passed = 0;
var _failed = 0;
var _skipped = 0;

/// Runs everything below [root], prints the summary and ends the process: a
/// port that a failed test left open must not keep it alive.
Future<void> runAll(Group root) async {
  await _runGroup(root, skip: null, limit: _usual);
  final skipped = _skipped == 0 ? '' : ', $_skipped skipped';
  print('$_passed passed, $_failed failed$skipped');
  await stdout.flush();
  exit(_failed == 0 && _passed + _skipped > 0 ? 0 : 1);
}

Future<void> _runGroup(Group group,
    {required Object? skip, required Duration? limit}) async {
  final inherited = _skips(group.skip) ? group.skip : skip;
  final allowed = _limit(group.timeout, limit);
  if (!_skips(inherited)) {
    await _runAround('(setUpAll)', group, group.setUpAlls, allowed);
  }
  for (final child in group.children) {
    if (child is Group) {
      await _runGroup(child, skip: inherited, limit: allowed);
    } else if (child is Case) {
      await _runCase(child, skip: inherited, limit: allowed);
    }
  }
  if (!_skips(inherited)) {
    await _runAround(
        '(tearDownAll)', group, group.tearDownAlls.reversed.toList(), allowed);
  }
}

/// Runs what surrounds a whole group; says something only if it fails.
Future<void> _runAround(
    String name, Group group, List<Body> bodies, Duration? limit) async {
  for (final body in bodies) {
    final failures = await _guarded(body, limit);
    if (failures.isNotEmpty) _reportFailed('${group.prefix}$name', failures, 0);
  }
}

Future<void> _runCase(Case test,
    {required Object? skip, required Duration? limit}) async {
  final reason = _skips(test.skip) ? test.skip : skip;
  if (_skips(reason)) {
    _skipped++;
    print('skip  ${test.fullName}${reason is String ? ': $reason' : ''}');
    return;
  }
  final watch = Stopwatch()..start();
  final failures = await _runWithSetUps(test, _limit(test.timeout, limit));
  final took = watch.elapsedMilliseconds;
  if (failures.isNotEmpty) {
    _reportFailed(test.fullName, failures, took);
  } else {
    _passed++;
    print('ok    ${test.fullName} ($took ms)');
  }
}

/// Tears down whether or not the set-up and the test succeeded.
Future<List<_Failure>> _runWithSetUps(Case test, Duration? limit) async {
  final groups = <Group>[];
  for (Group? g = test.parent; g != null; g = g.parent) {
    groups.add(g);
  }
  final failures = await _guarded(() async {
    for (final group in groups.reversed) {
      for (final setUp in group.setUps) {
        await setUp();
      }
    }
    await test.body();
  }, limit);
  final tearDowns = [
    for (final group in groups.reversed) ...group.tearDowns,
    ...runningTearDowns,
  ];
  runningTearDowns.clear();
  for (final tearDown in tearDowns.reversed) {
    failures.addAll(await _guarded(tearDown, limit));
  }
  return failures;
}

/// Runs [body] to its end or to the [limit], and returns every error that
/// reached the zone, thrown or not awaited.
Future<List<_Failure>> _guarded(Body body, Duration? limit) async {
  final failures = <_Failure>[];
  final done = Completer<void>();
  void finish() {
    if (!done.isCompleted) done.complete();
  }

  runZonedGuarded(() async {
    try {
      await body();
    } catch (error, trace) {
      failures.add(_Failure(error, trace));
    }
    finish();
  }, (error, trace) {
    failures.add(_Failure(error, trace));
    finish();
  });
  if (limit == null) {
    await done.future;
  } else {
    await done.future.timeout(limit, onTimeout: () {
      failures.add(_Failure('timed out after $limit', StackTrace.empty));
    });
  }
  return failures;
}

void _reportFailed(String name, List<_Failure> failures, int took) {
  _failed++;
  print('FAIL  $name ($took ms)');
  for (final failure in failures) {
    print(_indented('${failure.error}'));
    print(_indented('${failure.trace}'.trimRight()));
  }
}

String _indented(String text) =>
    text.split('\n').map((l) => '      $l').join('\n');

bool _skips(Object? skip) => skip != null && skip != false;

/// The time allowed by [timeout] where [inherited] is (null: for ever).
Duration? _limit(Timeout? timeout, Duration? inherited) {
  if (timeout == null) return inherited;
  if (timeout.duration != null) return timeout.duration;
  final factor = timeout.scaleFactor!;
  return factor.isInfinite || inherited == null ? null : inherited * factor;
}
