/// `test`, `group` and their kin: they build a tree, which runs once `main`
/// has returned.
library;

import 'dart:async';

import 'run.dart';

/// Something a test file asks to be run.
typedef Body = dynamic Function();

/// How long a test may take.
class Timeout {
  /// At most [duration].
  const Timeout(this.duration) : scaleFactor = null;

  /// [scaleFactor] times the usual.
  const Timeout.factor(this.scaleFactor) : duration = null;

  /// For ever.
  static const none = Timeout.factor(double.infinity);

  final Duration? duration;
  final num? scaleFactor;
}

/// Tags of a whole file; only the genuine runner selects by them.
class Tags {
  const Tags(this.tags);

  final Iterable<String> tags;
}

/// A group of tests, with what runs around them.
class Group {
  Group(this.name, this.parent, {this.timeout, this.skip});

  final String name;
  final Group? parent;
  final Timeout? timeout;
  final Object? skip;
  final List<Object> children = [];
  final List<Body> setUps = [];
  final List<Body> tearDowns = [];
  final List<Body> setUpAlls = [];
  final List<Body> tearDownAlls = [];

  String get prefix => parent == null ? '' : '${parent!.prefix}$name ';
}

/// One test.
class Case {
  Case(this.name, this.parent, this.body, {this.timeout, this.skip});

  final String name;
  final Group parent;
  final Body body;
  final Timeout? timeout;
  final Object? skip;

  String get fullName => '${parent.prefix}$name';
}

Group? _root;
Group? _current;

Group get _group {
  if (_current == null) {
    _current = _root = Group('', null);
    // A timer, so that all of main has declared its tests by then.
    Timer.run(() => runAll(_root!));
  }
  return _current!;
}

void test(Object? description, Body body,
    {Timeout? timeout, Object? skip, Object? tags}) {
  final parent = _group;
  parent.children
      .add(Case('$description', parent, body, timeout: timeout, skip: skip));
}

void group(Object? description, Body body,
    {Timeout? timeout, Object? skip, Object? tags}) {
  final parent = _group;
  final child = Group('$description', parent, timeout: timeout, skip: skip);
  parent.children.add(child);
  _current = child;
  body();
  _current = parent;
}

void setUp(Body body) => _group.setUps.add(body);
void tearDown(Body body) => _group.tearDowns.add(body);
void setUpAll(Body body) => _group.setUpAlls.add(body);
void tearDownAll(Body body) => _group.tearDownAlls.add(body);

/// Registers [body] to run after the test that is running, last one first.
void addTearDown(Body body) => runningTearDowns.add(body);
