/// Tables for people, figures for files, and what was aimed at.
library;

import 'isolates.dart';
import 'measure.dart';

/// How many isolates work at once.
const List<int> isolateCounts = [1, 2, 4, 8];

/// The name under which [count] isolates doing [kind] are noted.
String isolateCase(String kind, int count) => '$kind, $count isolates';

/// The same for the processor time.
String processorCase(String kind, int count) =>
    '${isolateCase(kind, count)}, processor';

/// Prints every case with its spread and its ratio to [reference].
void printTable(String title, Measurements measured, String reference) {
  print('\n$title: median [quartiles], and times "$reference"');
  for (final name in measured.samples.keys) {
    final spread = measured[name];
    print('  ${name.padRight(34)} ${_number(spread.median).padLeft(8)} '
        '${'[${_number(spread.lower)}-${_number(spread.upper)}]'.padLeft(17)} '
        '${measured.ratio(name, reference).median.toStringAsFixed(2).padLeft(7)}');
  }
}

/// Prints the cost of each kind of work by the number of isolates.
void printIsolates(Measurements measured) {
  _printByCount('isolates at once: millions of pairs a second, all together',
      (kind, count) => 1000 / measured[isolateCase(kind, count)].median);
  _printByCount(
      'isolates at once: nanoseconds of an isolate\'s processor time a pair',
      (kind, count) => measured[processorCase(kind, count)].median);
}

void _printByCount(
    String title, double Function(String kind, int count) figure) {
  print('\n$title; median');
  print('  ${''.padRight(16)}'
      '${[for (final n in isolateCounts) '$n'.padLeft(8)].join()}');
  for (final kind in isolateKinds) {
    final figures = [
      for (final n in isolateCounts) _number(figure(kind, n)).padLeft(8),
    ];
    print('  ${kind.padRight(16)}${figures.join()}');
  }
}

/// A ratio that was aimed at.
final class Target {
  /// [name] is to be at most [most] times [reference].
  Target(this.what, Measurements measured, String name, String reference,
      this.most)
      : ratio = measured.ratio(name, reference);

  /// For people.
  final String what;

  /// The greatest ratio that meets it.
  final double most;

  /// What was measured.
  final Spread ratio;

  /// Whether the median meets it.
  bool get isMet => ratio.median <= most;

  /// For a file.
  Map<String, Object> toJson() =>
      {'what': what, 'most': most, 'met': isMet, 'ratio': ratio.toJson()};
}

/// What issue 5 of the project aims at.
List<Target> targetsOf(Measurements pairs, Measurements handover) => [
      Target('pair, of two empty leaf calls', pairs, 'pool',
          'two empty leaf calls', 1.2),
      Target('pair, of malloc and free by leaf calls', pairs, 'pool',
          'malloc, leaf', 0.5),
      Target('batch of 64, for each object, of a pair', pairs, 'batch of 64',
          'pool', 0.5),
      Target('message, of one over calloc', pairs, 'message: pool',
          'message: calloc', 0.6),
      Target('lease, of a pair', pairs, 'lease', 'pool', 1.5),
      Target('message in a lease, of one over calloc', pairs, 'message: lease',
          'message: typed pointer to calloc', 0.6),
      Target('handing a message over, of sending an int', handover,
          'address of a small message', 'an int', 1.1),
    ];

/// Prints which targets are met.
void printTargets(List<Target> targets) {
  print('\ntargets: median ratio [quartiles]');
  for (final target in targets) {
    final ratio = target.ratio;
    print('  ${target.isMet ? 'met   ' : 'missed'} '
        '${target.what.padRight(42)} ${ratio.median.toStringAsFixed(2)} '
        '[${ratio.lower.toStringAsFixed(2)}-${ratio.upper.toStringAsFixed(2)}]'
        ', at most ${target.most}');
  }
}

/// Every case with its spread.
Map<String, Object> jsonOf(Measurements measured) => {
      for (final name in measured.samples.keys) name: measured[name].toJson(),
    };

String _number(double value) =>
    value < 1000 ? value.toStringAsFixed(1) : value.toStringAsFixed(0);
