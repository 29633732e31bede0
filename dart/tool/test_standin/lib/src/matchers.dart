/// The matchers the tests use. A matcher answers null, or why it does not fit.
library;

/// Judges a value.
abstract class Matcher {
  const Matcher();

  /// Null if [item] fits, else what was expected and what was there.
  String? failure(dynamic item);
}

class _Predicate extends Matcher {
  const _Predicate(this.description, this.fits);

  final String description;
  final bool Function(dynamic) fits;

  @override
  String? failure(dynamic item) =>
      fits(item) ? null : 'Expected: $description\n  Actual: ${_show(item)}';
}

String _show(dynamic item) => item is String ? "'$item'" : '$item';

/// [matcher] itself, or equality with it.
Matcher wrapMatcher(dynamic matcher) =>
    matcher is Matcher ? matcher : equals(matcher);

Matcher equals(dynamic expected) =>
    _Predicate(_show(expected), (item) => _equal(item, expected));

/// Equality that looks into lists, sets and maps.
bool _equal(dynamic a, dynamic b) {
  if (a is Map && b is Map) {
    return a.length == b.length &&
        a.keys.every((k) => b.containsKey(k) && _equal(a[k], b[k]));
  }
  if (a is Set && b is Set) return a.length == b.length && a.containsAll(b);
  if (a is Iterable && b is Iterable) {
    final left = a.toList(), right = b.toList();
    return left.length == right.length &&
        Iterable<int>.generate(left.length)
            .every((i) => _equal(left[i], right[i]));
  }
  return a == b;
}

const Matcher isTrue = _Predicate('true', _isTrue);
const Matcher isFalse = _Predicate('false', _isFalse);
const Matcher isNull = _Predicate('null', _isNull);
const Matcher isNotNull = _Predicate('not null', _isNotNull);
const Matcher isEmpty = _Predicate('empty', _isEmpty);
const Matcher isNotEmpty = _Predicate('not empty', _isNotEmpty);

bool _isTrue(dynamic item) => item == true;
bool _isFalse(dynamic item) => item == false;
bool _isNull(dynamic item) => item == null;
bool _isNotNull(dynamic item) => item != null;
bool _isEmpty(dynamic item) => (item as dynamic).isEmpty as bool;
bool _isNotEmpty(dynamic item) => (item as dynamic).isNotEmpty as bool;

Matcher isNot(dynamic matcher) {
  final wrapped = wrapMatcher(matcher);
  return _Predicate('not ($matcher)', (item) => wrapped.failure(item) != null);
}

Matcher greaterThan(num bound) =>
    _Predicate('greater than $bound', (item) => item is num && item > bound);
Matcher greaterThanOrEqualTo(num bound) =>
    _Predicate('at least $bound', (item) => item is num && item >= bound);
Matcher lessThan(num bound) =>
    _Predicate('less than $bound', (item) => item is num && item < bound);
Matcher lessThanOrEqualTo(num bound) =>
    _Predicate('at most $bound', (item) => item is num && item <= bound);
Matcher closeTo(num value, num delta) => _Predicate('within $delta of $value',
    (item) => item is num && (item - value).abs() <= delta);

Matcher hasLength(int length) => _Predicate(
    'of length $length', (item) => (item as dynamic).length == length);

/// That a string, iterable or map contains [expected].
Matcher contains(dynamic expected) => _Predicate(
    'contains ${_show(expected)}',
    (item) => switch (item) {
          String() => item.contains(expected as Pattern),
          Map() => item.containsKey(expected),
          Iterable() => expected is Matcher
              ? item.any((e) => expected.failure(e) == null)
              : item.contains(expected),
          _ => false,
        });

Matcher allOf(dynamic first, dynamic second, [dynamic third]) {
  final all = [first, second, if (third != null) third].map(wrapMatcher);
  return _Predicate('all of several',
      (item) => all.every((matcher) => matcher.failure(item) == null));
}

/// A type, and what is known of its features.
class TypeMatcher<T> extends Matcher {
  const TypeMatcher([this._features = const []]);

  final List<String? Function(T)> _features;

  TypeMatcher<T> having(
      Object? Function(T) feature, String description, dynamic matcher) {
    final wrapped = wrapMatcher(matcher);
    return TypeMatcher<T>([
      ..._features,
      (item) {
        final failure = wrapped.failure(feature(item));
        return failure == null ? null : 'of `$description`: $failure';
      },
    ]);
  }

  @override
  String? failure(dynamic item) {
    if (item is! T) return 'Expected: a $T\n  Actual: ${_show(item)}';
    for (final feature in _features) {
      final failure = feature(item);
      if (failure != null) return failure;
    }
    return null;
  }
}

TypeMatcher<T> isA<T>() => TypeMatcher<T>();

/// That a function throws, or a Future fails with, what fits.
class Throws extends Matcher {
  const Throws(this._matcher);

  final Matcher _matcher;

  @override
  String? failure(dynamic item) {
    if (item is! Function) return 'Expected: a function\n  Actual: $item';
    try {
      final result = (item as dynamic)();
      return 'Expected: throws\n  Actual: returned ${_show(result)}';
    } catch (error) {
      return _matcher.failure(error);
    }
  }

  Future<String?> failureOfFuture(Future<dynamic> future) async {
    try {
      return 'Expected: throws\n  Actual: completed with '
          '${_show(await future)}';
    } catch (error) {
      return _matcher.failure(error);
    }
  }
}

Matcher throwsA(dynamic matcher) => Throws(wrapMatcher(matcher));

const Matcher throwsArgumentError = Throws(TypeMatcher<ArgumentError>());
const Matcher throwsRangeError = Throws(TypeMatcher<RangeError>());
const Matcher throwsStateError = Throws(TypeMatcher<StateError>());
