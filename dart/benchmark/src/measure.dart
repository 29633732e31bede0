/// Rounds in which every case is measured once, one after the other: what
/// disturbs the machine for a while disturbs all of them.
library;

/// Something that is measured: [body] does [operations] of it.
final class Case {
  /// Names a case.
  const Case(this.name, this.operations, this.body);

  /// What the table calls it.
  final String name;

  /// How many operations one call of [body] does.
  final int operations;

  /// Does them.
  final void Function() body;
}

/// Nanoseconds of one operation of each case, by round.
final class Measurements {
  /// Measures [cases] in [rounds] rounds, after some that do not count.
  factory Measurements.of(List<Case> cases, int rounds) {
    for (var i = 0; i < 5; i++) {
      cases.forEach(_nanoseconds);
    }
    final samples = {for (final one in cases) one.name: <double>[]};
    for (var round = 0; round < rounds; round++) {
      // Another one begins each time, so that none always follows the same.
      for (var i = 0; i < cases.length; i++) {
        final one = cases[(i + round) % cases.length];
        samples[one.name]!.add(_nanoseconds(one));
      }
    }
    return Measurements(samples);
  }

  /// Takes [samples] measured elsewhere, in the same rounds for every name.
  const Measurements(this.samples);

  /// By case, in the order of the rounds.
  final Map<String, List<double>> samples;

  /// The distribution of a case.
  Spread operator [](String name) => Spread(samples[name]!);

  /// How many times as long [name] took as [reference], round by round.
  Spread ratio(String name, String reference) {
    final times = samples[name]!, references = samples[reference]!;
    return Spread([
      for (var i = 0; i < times.length; i++) times[i] / references[i],
    ]);
  }

  static double _nanoseconds(Case one) {
    final watch = Stopwatch()..start();
    one.body();
    return watch.elapsedTicks * 1e9 / watch.frequency / one.operations;
  }
}

/// A median with the quartiles beside it.
final class Spread {
  /// Of [values], at least one.
  Spread(List<double> values) : _sorted = [...values]..sort();

  final List<double> _sorted;

  /// Half of the values are below.
  double get median => _at(0.5);

  /// A quarter of the values is below.
  double get lower => _at(0.25);

  /// A quarter of the values is above.
  double get upper => _at(0.75);

  /// The least value.
  double get least => _sorted.first;

  double _at(double part) => _sorted[((_sorted.length - 1) * part).round()];

  /// For a file.
  Map<String, double> toJson() =>
      {'median': median, 'lower': lower, 'upper': upper, 'least': least};
}
