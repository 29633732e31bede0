/// What pools cost from Dart, beside the C library's functions, the floor of
/// any call and the garbage collector.
///
/// `ci/bench_dart.sh [--quick] [--out FILE]` compiles what this needs and runs
/// it. Every round measures every case once; a figure is the median over the
/// rounds, with the quartiles beside it; a ratio is the median of the rounds'.
library;

import 'dart:convert';
import 'dart:ffi';
import 'dart:io';

import 'package:magpool/magpool.dart';

import 'src/handover.dart';
import 'src/isolates.dart';
import 'src/measure.dart';
import 'src/message.dart';
import 'src/pairs.dart';
import 'src/report.dart';
import 'src/typed.dart';

Future<void> main(List<String> arguments) async {
  final quick = arguments.contains('--quick');
  final out = _valueOf(arguments, '--out');
  final small = Pool.create(objectSize: sizeOf<SmallNative>(), capacity: 4096);
  final large = Pool.create(objectSize: largeNativeBytes, capacity: 64);

  final pairs = Measurements.of([
    ...pairCases(small),
    ...messageCases(small),
    ...typedCases(),
  ], quick ? 15 : 101);
  printTable('one pair, nanoseconds', pairs, 'two empty leaf calls');

  final handover = await _handover(small, large, quick ? 11 : 101);
  printTable('to another isolate and back, nanoseconds', handover, 'an int');

  final isolates = await _isolates(small, quick ? 5 : 15);
  printIsolates(isolates);

  final targets = targetsOf(pairs, handover);
  printTargets(targets);
  small.destroy();
  large.destroy();
  if (out == null) return;
  File(out).writeAsStringSync(const JsonEncoder.withIndent('  ').convert({
    'pairs': jsonOf(pairs),
    'handover': jsonOf(handover),
    'isolates': jsonOf(isolates),
    'targets': [for (final target in targets) target.toJson()],
    'dart': Platform.version,
    'processors': Platform.numberOfProcessors,
  }));
}

Future<Measurements> _handover(Pool small, Pool large, int rounds) async {
  final peer = await Peer.start(small, large);
  final samples = {for (final kind in handovers) kind: <double>[]};
  for (var round = -2; round < rounds; round++) {
    for (final kind in handovers) {
      final time = await peer.run(kind);
      if (round >= 0) samples[kind]!.add(time);
    }
  }
  peer.stop();
  return Measurements(samples);
}

Future<Measurements> _isolates(Pool pool, int rounds) async {
  final crew = await Crew.start(isolateCounts.last, pool);
  final samples = <String, List<double>>{};
  for (var round = -2; round < rounds; round++) {
    for (final count in isolateCounts) {
      for (final kind in isolateKinds) {
        final (time, processor) = await crew.run(kind, count);
        if (round < 0) continue;
        (samples[isolateCase(kind, count)] ??= []).add(time);
        (samples[processorCase(kind, count)] ??= []).add(processor);
      }
    }
  }
  crew.stop();
  return Measurements(samples);
}

String? _valueOf(List<String> arguments, String option) {
  final at = arguments.indexOf(option);
  return at < 0 || at + 1 == arguments.length ? null : arguments[at + 1];
}
